//! Space by type and profile: what `btrfs filesystem df` shows.

use std::mem::size_of;
use std::os::fd::AsFd;

use btrfs_sys as sys;
use btrfs_sys::ioctl::{BTRFS_IOC_SPACE_INFO, Command};

use crate::block_group::{BlockGroupFlags, BlockGroupType};
use crate::error::{Error, ErrorKind, Result};
use crate::filesystem::Filesystem;
use crate::ioctl::Buffer;
use crate::profile::{Profile, Profiles};

/// The space of a filesystem, from `BTRFS_IOC_SPACE_INFO`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct SpaceInfo {
    /// One for each type and profile of which there are block groups. Two profiles of one type stand side by side while
    /// a conversion runs, or after one that was cancelled.
    pub spaces: Vec<Space>,
    /// What the kernel keeps back for itself.
    pub global_reserve: GlobalReserve,
}

/// The block groups of one type and profile.
///
/// Bytes are of the logical address space: on the devices a raid1 takes twice as many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Space {
    /// Type and profile.
    pub flags: BlockGroupFlags,
    /// Bytes that the block groups have.
    pub total: u64,
    /// Bytes of them that are in use.
    pub used: u64,
}

/// Space that is kept back in memory, so that the kernel can still write, delete and commit when all else is full.
///
/// It is no block group: its bytes are part of the metadata's (or, where they are mixed, of the data's) free ones, so it
/// must not be added to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct GlobalReserve {
    /// Bytes that the kernel means to keep back.
    pub size: u64,
    /// Bytes of them that it had to use.
    pub used: u64,
}

/// Bytes of one `btrfs_ioctl_space_info`.
const ENTRY: usize = size_of::<sys::btrfs_ioctl_space_info>();
/// Room for every type with every profile and the reserve, 37, and some.
const SLOTS: usize = 64;
/// A call is raced only while the first block group of a type and profile is made, or the last one removed.
const ATTEMPTS: usize = 32;

impl Filesystem {
    /// The space by type and profile. `BTRFS_IOC_SPACE_INFO`, like `btrfs filesystem df`. Needs no capability. Since
    /// Linux 2.6.34; with the global reserve, which this asks for, since 3.15.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Raced`] where types and profiles kept changing while the kernel counted them.
    #[doc(alias = "BTRFS_IOC_SPACE_INFO")]
    pub fn space(&self) -> Result<SpaceInfo> {
        let mut buffer = Buffer::<BTRFS_IOC_SPACE_INFO>::new(SLOTS * ENTRY);
        for _ in 0..ATTEMPTS {
            let header = buffer.call(self.as_fd(), Default::default()).map_err(|failure| self.error(failure))?;
            let filled = usize::try_from(header.total_spaces).unwrap_or(usize::MAX);
            let entries = buffer.tail().chunks_exact(ENTRY).take(filled).map(Space::parse);
            // The kernel, too, counts and then fills, and stops at its count where there have come to be more. The global
            // reserve is always the last, so the answer is whole when it is there.
            let (mut reserve, spaces): (Vec<_>, Vec<_>) = entries.partition(Space::is_global_reserve);
            if let Some(Space { total: size, used, .. }) = reserve.pop() {
                return Ok(SpaceInfo { spaces, global_reserve: GlobalReserve { size, used } });
            }
            if filled >= buffer.capacity() / ENTRY {
                buffer = Buffer::new(2 * buffer.capacity());
            }
        }
        Err(Error::new(ErrorKind::Raced, BTRFS_IOC_SPACE_INFO::ROW.name, self.path().display())
            .advise("the types and profiles of block groups kept changing: ask again"))
    }
}

impl SpaceInfo {
    /// The profiles that block groups of this type have.
    #[must_use]
    pub fn profiles(&self, of: BlockGroupType) -> Profiles {
        let spaces = self.spaces.iter().filter(|space| space.block_group_type() == Some(of));
        spaces.filter_map(Space::profile).collect()
    }
}

impl Space {
    /// What it holds; `None` for a type that this library does not know: see [`Space::flags`].
    #[must_use]
    pub fn block_group_type(&self) -> Option<BlockGroupType> {
        self.flags.block_group_type()
    }

    /// How it is laid out; `None` for a profile that this library does not know: see [`Space::flags`].
    #[must_use]
    pub fn profile(&self) -> Option<Profile> {
        self.flags.profile()
    }

    fn is_global_reserve(&self) -> bool {
        self.flags.bits() == sys::BTRFS_SPACE_INFO_GLOBAL_RSV
    }

    /// One `btrfs_ioctl_space_info`, in the machine's own byte order.
    fn parse(entry: &[u8]) -> Self {
        let word = |at: usize| entry[at..].first_chunk().map_or(0, |field| u64::from_ne_bytes(*field));
        Self { flags: BlockGroupFlags::from_bits_retain(word(0)), total: word(8), used: word(16) }
    }
}
