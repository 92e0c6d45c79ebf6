//! What each device is used for.

use std::collections::BTreeMap;
use std::thread::sleep;
use std::time::Duration;

use btrfs_sys as sys;
use btrfs_sys::ioctl::{BTRFS_IOC_TREE_SEARCH_V2, Command};

use super::Device;
use crate::block_group::BlockGroupFlags;
use crate::error::{Error, ErrorKind, Result};
use crate::filesystem::Filesystem;
use crate::id::DevId;
use crate::item::Chunk;
use crate::key::{ItemType, Key};
use crate::tree_search::TreeId;

/// A device and what is allocated on it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct DeviceUsage {
    /// The device; [`Device::unallocated`] is what the allocations leave.
    pub device: Device,
    /// What is allocated on it, by type and profile. Empty for the target of a running replace: it is getting what the
    /// device has that it replaces.
    pub allocations: Vec<Allocation>,
}

/// Bytes of a device that chunks of one type and profile take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Allocation {
    /// Type and profile.
    pub flags: BlockGroupFlags,
    /// Bytes on the device, copies and parity included.
    pub bytes: u64,
}

/// The chunk tree and the devices' counters are told apart for moments only, while a chunk is made or removed.
const ATTEMPTS: usize = 200;
const PAUSE: Duration = Duration::from_millis(1);

type Allocated = BTreeMap<DevId, BTreeMap<u64, u64>>;

impl Filesystem {
    /// What each device is used for, by type and profile. From the chunk tree (`BTRFS_IOC_TREE_SEARCH_V2`) and
    /// `BTRFS_IOC_DEV_INFO`, like `btrfs device usage` and the last part of `btrfs filesystem usage`. Needs
    /// CAP_SYS_ADMIN. Since Linux 3.16.
    ///
    /// The sum of what is found on each device is held against the kernel's own counter, before and after, so that chunks
    /// that are made or removed meanwhile are neither missed nor counted twice.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::PermissionDenied`] without CAP_SYS_ADMIN; [`ErrorKind::Raced`] where chunks kept being made and
    /// removed; [`ErrorKind::Unsupported`] where a chunk's profile is not known to this library.
    pub fn device_usage(&self) -> Result<Vec<DeviceUsage>> {
        let mut before = self.devices()?;
        for _ in 0..ATTEMPTS {
            let allocated = self.allocated()?;
            let after = self.devices()?;
            if before == after && agrees(&allocated, &after) {
                return Ok(after.into_iter().map(|device| DeviceUsage::new(device, &allocated)).collect());
            }
            before = after;
            sleep(PAUSE);
        }
        Err(Error::new(ErrorKind::Raced, BTRFS_IOC_TREE_SEARCH_V2::ROW.name, self.path().display())
            .advise("chunks kept being made and removed: ask again when no balance is running"))
    }

    /// Bytes of each device by flags.
    fn allocated(&self) -> Result<Allocated> {
        let key = |logical| Key::new(sys::BTRFS_FIRST_CHUNK_TREE_OBJECTID, ItemType::CHUNK_ITEM, logical);
        let mut chunks = self.search(TreeId::CHUNK, key(0), key(u64::MAX));
        let mut allocated = Allocated::new();
        while let Some(item) = chunks.next_item()? {
            let unsound = |kind, advice| {
                let object = format!("the chunk at {} of {}", item.key.offset, self.path().display());
                Err(Error::new(kind, BTRFS_IOC_TREE_SEARCH_V2::ROW.name, object).advise(advice))
            };
            let chunk = match Chunk::parse(item.data) {
                Ok(chunk) => chunk,
                Err(short) => return unsound(ErrorKind::Malformed, short.to_string()),
            };
            let Some(bytes) = chunk.stripe_bytes() else {
                return match chunk.flags.profile() {
                    Some(profile) => {
                        let count = chunk.stripes.len();
                        unsound(ErrorKind::Malformed, format!("{count} stripes are too few for {profile}"))
                    }
                    None => {
                        let bits = chunk.flags.bits();
                        unsound(ErrorKind::Unsupported, format!("its flags {bits:#x} hold a profile not known here"))
                    }
                };
            };
            for stripe in &chunk.stripes {
                *allocated.entry(stripe.devid).or_default().entry(chunk.flags.bits()).or_default() += bytes;
            }
        }
        Ok(allocated)
    }
}

impl DeviceUsage {
    fn new(device: Device, allocated: &Allocated) -> Self {
        let allocations = allocated.get(&device.id).into_iter().flatten();
        let allocations = allocations
            .map(|(&bits, &bytes)| Allocation { flags: BlockGroupFlags::from_bits_retain(bits), bytes })
            .collect();
        Self { device, allocations }
    }
}

/// Whether what was found is what the kernel has counted on each device.
fn agrees(allocated: &Allocated, devices: &[Device]) -> bool {
    let found = |device: &Device| allocated.get(&device.id).map_or(0, |by_flags| by_flags.values().sum());
    let counted = devices.iter().filter(|device| device.id != REPLACE_TARGET);
    counted.clone().all(|device| found(device) == device.used)
        && allocated.keys().all(|id| devices.iter().any(|device| device.id == *id))
}

/// The chunk tree knows nothing of a replace's target, which has the counters of the device that it replaces.
const REPLACE_TARGET: DevId = DevId(0);
