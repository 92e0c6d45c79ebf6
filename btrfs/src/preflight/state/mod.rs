//! The state of a filesystem, as far as a balance depends on it: a value, to be read, made by hand or saved.

mod check;

use crate::block_group::BlockGroupType;
use crate::exclusive::ExclusiveOperation;
use crate::id::{DevId, Logical, Physical};
use crate::profile::Profile;

pub use check::Unsound;

/// What decides how a balance ends, at one instant.
///
/// Fields that are not given keep what a new, idle filesystem has:
///
/// ```
/// use btrfs::preflight::{BlockGroup, DeviceState, FsState};
/// use btrfs::{BlockGroupType, DevId, Profile};
///
/// let mut state = FsState::new(16384, 4096);
/// state.devices = vec![DeviceState::new(DevId(1), 8 << 30)];
/// state.block_groups = vec![
///     BlockGroup::new(BlockGroupType::System, Profile::Single, 1 << 20, 4 << 20).stripe(DevId(1), 1 << 20),
///     BlockGroup::new(BlockGroupType::Metadata, Profile::Single, 5 << 20, 256 << 20).stripe(DevId(1), 5 << 20),
/// ];
/// assert!(state.check().is_ok());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct FsState {
    /// Its devices.
    pub devices: Vec<DeviceState>,
    /// Its block groups by ascending address.
    pub block_groups: Vec<BlockGroup>,
    /// Bytes of a tree block.
    pub nodesize: u32,
    /// Bytes of a block of data.
    pub sectorsize: u32,
    /// Bytes of metadata that the kernel keeps back; `global_rsv_size` in sysfs.
    pub global_reserve: u64,
    /// The greatest size of new chunks.
    pub chunk_sizes: ChunkSizes,
    /// Whether data and metadata share their block groups (`mkfs.btrfs --mixed`).
    pub mixed: bool,
    /// Whether the devices are zoned.
    pub zoned: bool,
    /// Whether quotas are on.
    pub quota: bool,
    /// Whether the kernel relocates block groups in the background, which a balance can meet: `bg_reclaim_threshold`,
    /// `dynamic_reclaim`, `periodic_reclaim` in sysfs.
    pub background_reclaim: bool,
    /// Whether the filesystem changed while its state was read.
    pub changing: bool,
    /// The operation that excludes a balance.
    #[cfg_attr(feature = "serde", serde(default = "idle"))]
    pub exclusive: ExclusiveOperation,
}

/// A device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct DeviceState {
    /// Its id.
    pub id: DevId,
    /// Bytes that the filesystem has of it.
    pub total: u64,
    /// Whether new chunks may be laid on it: neither missing nor a seed.
    pub writable: bool,
}

/// The greatest size of a new chunk by what it holds, in bytes; `allocation/*/chunk_size` in sysfs since Linux 6.0, where
/// an administrator may change them. `None` for the kernel's own choice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct ChunkSizes {
    /// Of data, also where it shares its block groups with metadata.
    pub data: Option<u64>,
    /// Of metadata.
    pub metadata: Option<u64>,
    /// Of the chunk tree.
    pub system: Option<u64>,
}

/// A block group, and the chunk that it lies in.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct BlockGroup {
    /// Where it begins.
    pub start: Logical,
    /// Bytes of the logical address space.
    pub length: u64,
    /// What it holds.
    pub holds: BlockGroupType,
    /// How it is laid out.
    pub profile: Profile,
    /// Bytes of it that are in use.
    pub used: u64,
    /// The pieces of devices that it takes.
    pub stripes: Vec<StripeState>,
    /// What lies in it, by ascending address: of data, or, where they are mixed, of both. `None` where that was not read,
    /// and for block groups that hold trees only, of which [`used`](Self::used) says enough.
    pub extents: Option<Vec<Extent>>,
}

/// A piece of a device that belongs to a chunk; [`BlockGroup::stripe_bytes`] is its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct StripeState {
    /// The device.
    pub device: DevId,
    /// Where on it.
    pub offset: Physical,
}

/// Bytes that lie together, and that a balance moves in one piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Extent {
    /// Where it begins.
    pub start: Logical,
    /// How many bytes it has.
    pub length: u64,
}

impl FsState {
    /// An idle filesystem without devices.
    #[must_use]
    pub fn new(nodesize: u32, sectorsize: u32) -> Self {
        Self {
            devices: Vec::new(),
            block_groups: Vec::new(),
            nodesize,
            sectorsize,
            global_reserve: 0,
            chunk_sizes: ChunkSizes::default(),
            mixed: false,
            zoned: false,
            quota: false,
            background_reclaim: false,
            changing: false,
            exclusive: ExclusiveOperation::None,
        }
    }

    /// Whether it is known of all data where it lies. Without that, how large its extents are has to be assumed.
    #[must_use]
    pub fn has_extents(&self) -> bool {
        self.block_groups.iter().all(|group| group.extents.is_some() || !group.holds_data())
    }

    /// All of it but devices and block groups.
    pub(super) fn without_groups(&self) -> Self {
        Self {
            devices: Vec::new(),
            block_groups: Vec::new(),
            exclusive: self.exclusive.clone(),
            nodesize: self.nodesize,
            sectorsize: self.sectorsize,
            global_reserve: self.global_reserve,
            chunk_sizes: self.chunk_sizes,
            mixed: self.mixed,
            zoned: self.zoned,
            quota: self.quota,
            background_reclaim: self.background_reclaim,
            changing: self.changing,
        }
    }

    /// The same without the extents: what a quick reading finds.
    #[must_use]
    pub fn without_extents(mut self) -> Self {
        for group in &mut self.block_groups {
            group.extents = None;
        }
        self
    }
}

impl DeviceState {
    /// A writable device.
    #[must_use]
    pub fn new(id: DevId, total: u64) -> Self {
        Self { id, total, writable: true }
    }
}

impl BlockGroup {
    /// An empty block group that lies nowhere yet.
    #[must_use]
    pub fn new(holds: BlockGroupType, profile: Profile, start: u64, length: u64) -> Self {
        let extents = matches!(holds, BlockGroupType::Data | BlockGroupType::Mixed).then(Vec::new);
        Self { start: Logical(start), length, holds, profile, used: 0, stripes: Vec::new(), extents }
    }

    /// Lays it over a piece of a device too.
    #[must_use]
    pub fn stripe(mut self, device: DevId, offset: u64) -> Self {
        self.stripes.push(StripeState { device, offset: Physical(offset) });
        self
    }

    /// Puts an extent behind those it has.
    #[must_use]
    pub fn extent(mut self, start: u64, length: u64) -> Self {
        self.extents.get_or_insert_default().push(Extent { start: Logical(start), length });
        self.used = self.used.saturating_add(length);
        self
    }

    /// Says how much of it is in use, where it is not known by which extents.
    #[must_use]
    pub fn used(mut self, bytes: u64) -> Self {
        self.used = bytes;
        self.extents = None;
        self
    }

    /// Bytes that each of its stripes takes on its device; `None` where it has too few stripes for its profile.
    #[must_use]
    pub fn stripe_bytes(&self) -> Option<u64> {
        self.profile.stripe_bytes(self.length, u16::try_from(self.stripes.len()).ok()?)
    }

    pub(super) fn holds_data(&self) -> bool {
        matches!(self.holds, BlockGroupType::Data | BlockGroupType::Mixed)
    }
}

#[cfg(feature = "serde")]
fn idle() -> ExclusiveOperation {
    ExclusiveOperation::None
}
