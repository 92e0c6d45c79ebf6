//! Whether a state can be one of a filesystem.

use std::collections::{BTreeMap, HashSet};

use thiserror::Error;

use super::{BlockGroup, FsState};
use crate::id::{DevId, Logical};

/// Why a state can't be that of a filesystem.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub enum Unsound {
    /// Sizes of tree blocks and of sectors are powers of two.
    #[error("nodesize and sectorsize have to be powers of two between 512 and 65536")]
    BlockSize,
    /// Two devices have the same id.
    #[error("device {0} stands there twice")]
    TwoDevices(DevId),
    /// No address is greater than the kernel can have.
    #[error("a size or an address is beyond 2^60")]
    TooLarge,
    /// A block group begins before the one ahead of it ends.
    #[error("block group {0} begins before the one ahead of it ends, or has no length")]
    Order(Logical),
    /// More is in use than there is.
    #[error("more of block group {0} is in use than it has")]
    Overfull(Logical),
    /// A block group has too few stripes for its profile.
    #[error("block group {0} has too few stripes for its profile")]
    Stripes(Logical),
    /// A block group of another type than the filesystem can have.
    #[error("block group {0} is mixed and the filesystem is not, or the other way round")]
    Type(Logical),
    /// A stripe lies on a device that is not there.
    #[error("block group {0} lies on device {1}, which is not there")]
    NoDevice(Logical, DevId),
    /// Two stripes lie over each other, or one goes beyond its device.
    #[error("block group {0} overlaps another on device {1}, or ends behind the device")]
    Overlap(Logical, DevId),
    /// The extents are not in order, not within their block group, or not as many bytes as are in use.
    #[error("the extents of block group {0} overlap, lie outside of it, or are not what is in use of it")]
    Extents(Logical),
}

/// No device and no address space is larger; sums of some of them can't overflow.
const GREATEST: u64 = 1 << 60;

impl FsState {
    /// Whether this can be the state of a filesystem: block groups in order, no piece of a device used twice, extents
    /// within their block groups.
    ///
    /// # Errors
    ///
    /// The first rule that is broken, and where.
    pub fn check(&self) -> Result<(), Unsound> {
        use crate::block_group::BlockGroupType::{Data, Metadata, Mixed};
        let sizes = [self.nodesize, self.sectorsize];
        if !sizes.iter().all(|size| size.is_power_of_two() && (512..=65536).contains(size)) {
            return Err(Unsound::BlockSize);
        }
        let mut ids = HashSet::new();
        if let Some(twice) = self.devices.iter().find(|device| !ids.insert(device.id)) {
            return Err(Unsound::TwoDevices(twice.id));
        }
        let tunables = [self.chunk_sizes.data, self.chunk_sizes.metadata, self.chunk_sizes.system];
        let sizes = tunables.into_iter().flatten().chain([self.global_reserve]);
        let total = self.devices.iter().try_fold(0_u64, |sum, device| sum.checked_add(device.total));
        if total.is_none_or(|total| total > GREATEST) || sizes.max() > Some(GREATEST) {
            return Err(Unsound::TooLarge);
        }
        let mut end = 0;
        for group in &self.block_groups {
            let next = group.start.0.checked_add(group.length).filter(|next| *next <= GREATEST);
            let next = next.ok_or(Unsound::TooLarge)?;
            if group.start.0 < end || group.length == 0 {
                return Err(Unsound::Order(group.start));
            }
            end = next;
            if group.used > group.length {
                return Err(Unsound::Overfull(group.start));
            }
            if (self.mixed && matches!(group.holds, Data | Metadata)) || (!self.mixed && group.holds == Mixed) {
                return Err(Unsound::Type(group.start));
            }
            if !group.extents_are_sound() {
                return Err(Unsound::Extents(group.start));
            }
        }
        self.check_stripes()
    }

    fn check_stripes(&self) -> Result<(), Unsound> {
        let mut pieces: BTreeMap<DevId, Vec<(u64, u64, Logical)>> =
            self.devices.iter().map(|device| (device.id, Vec::new())).collect();
        for group in &self.block_groups {
            let bytes = group.stripe_bytes().filter(|bytes| *bytes > 0).ok_or(Unsound::Stripes(group.start))?;
            for stripe in &group.stripes {
                let missing = Unsound::NoDevice(group.start, stripe.device);
                pieces.get_mut(&stripe.device).ok_or(missing)?.push((stripe.offset.0, bytes, group.start));
            }
        }
        for device in &self.devices {
            let Some(pieces) = pieces.get_mut(&device.id) else { continue };
            pieces.sort_unstable();
            let mut end = 0;
            for (offset, bytes, group) in pieces {
                let next = offset.checked_add(*bytes).filter(|next| *next <= device.total && *offset >= end);
                end = next.ok_or(Unsound::Overlap(*group, device.id))?;
            }
        }
        Ok(())
    }
}

impl BlockGroup {
    fn extents_are_sound(&self) -> bool {
        let Some(extents) = &self.extents else { return true };
        let (mut at, mut used) = (self.start.0, 0);
        let end = self.start.0 + self.length;
        for extent in extents {
            let next = extent.start.0.checked_add(extent.length).filter(|next| *next <= end);
            let Some(next) = next.filter(|_| extent.start.0 >= at && extent.length > 0) else { return false };
            at = next;
            used += extent.length;
        }
        used == self.used
    }
}
