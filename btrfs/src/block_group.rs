//! Block groups: what they hold and how they are laid out.

use std::fmt;

use bitflags::bitflags;
use btrfs_sys as sys;

use crate::profile::{Profile, Profiles};

bitflags! {
    /// The flags of a block group, its type and its profile. Bits that this library does not know are kept.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub struct BlockGroupFlags: u64 {
        /// File contents.
        const DATA = sys::BTRFS_BLOCK_GROUP_DATA;
        /// The chunk tree.
        const SYSTEM = sys::BTRFS_BLOCK_GROUP_SYSTEM;
        /// All other trees.
        const METADATA = sys::BTRFS_BLOCK_GROUP_METADATA;
        /// [`Profile::Dup`].
        const DUP = sys::BTRFS_BLOCK_GROUP_DUP;
        /// [`Profile::Raid0`].
        const RAID0 = sys::BTRFS_BLOCK_GROUP_RAID0;
        /// [`Profile::Raid1`].
        const RAID1 = sys::BTRFS_BLOCK_GROUP_RAID1;
        /// [`Profile::Raid1c3`].
        const RAID1C3 = sys::BTRFS_BLOCK_GROUP_RAID1C3;
        /// [`Profile::Raid1c4`].
        const RAID1C4 = sys::BTRFS_BLOCK_GROUP_RAID1C4;
        /// [`Profile::Raid10`].
        const RAID10 = sys::BTRFS_BLOCK_GROUP_RAID10;
        /// [`Profile::Raid5`].
        const RAID5 = sys::BTRFS_BLOCK_GROUP_RAID5;
        /// [`Profile::Raid6`].
        const RAID6 = sys::BTRFS_BLOCK_GROUP_RAID6;
        /// The remap tree. Since Linux 7.2.
        const METADATA_REMAP = sys::BTRFS_BLOCK_GROUP_METADATA_REMAP;
        /// Its contents were moved elsewhere; the remap tree says where. Since Linux 7.2.
        const REMAPPED = sys::BTRFS_BLOCK_GROUP_REMAPPED;
        const _ = !0;
    }
}

/// What a block group holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "lowercase"))]
pub enum BlockGroupType {
    /// File contents; balance's `-d`.
    Data,
    /// The chunk tree; balance's `-s`.
    System,
    /// All other trees; balance's `-m`.
    Metadata,
    /// Data and metadata together, `mkfs.btrfs --mixed`.
    Mixed,
}

impl BlockGroupFlags {
    /// The bits that say what it holds.
    const TYPES: Self = Self::DATA.union(Self::SYSTEM).union(Self::METADATA).union(Self::METADATA_REMAP);

    /// The flags of a block group of this type and profile.
    #[must_use]
    pub fn new(holds: BlockGroupType, profile: Profile) -> Self {
        holds.flags() | Self::from_bits_retain(profile.raid().flag)
    }

    /// What it holds; `None` for a type that this library does not know.
    #[must_use]
    pub fn block_group_type(self) -> Option<BlockGroupType> {
        [BlockGroupType::Data, BlockGroupType::System, BlockGroupType::Metadata, BlockGroupType::Mixed]
            .into_iter()
            .find(|holds| holds.flags() == self.intersection(Self::TYPES))
    }

    /// How it is laid out; `None` for a profile that this library does not know.
    #[must_use]
    pub fn profile(self) -> Option<Profile> {
        match self.difference(Self::TYPES | Self::REMAPPED).bits() {
            0 => Some(Profile::Single),
            bits => Profiles::from_bits_retain(bits).only().filter(|profile| *profile != Profile::Single),
        }
    }
}

impl BlockGroupType {
    fn flags(self) -> BlockGroupFlags {
        match self {
            Self::Data => BlockGroupFlags::DATA,
            Self::System => BlockGroupFlags::SYSTEM,
            Self::Metadata => BlockGroupFlags::METADATA,
            Self::Mixed => BlockGroupFlags::DATA | BlockGroupFlags::METADATA,
        }
    }

    /// The name that `btrfs filesystem df` has for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Data => "Data",
            Self::System => "System",
            Self::Metadata => "Metadata",
            Self::Mixed => "Data+Metadata",
        }
    }
}

impl fmt::Display for BlockGroupType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// As `Metadata, raid1`; as a number where it is not known.
impl fmt::Display for BlockGroupFlags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.block_group_type(), self.profile()) {
            (Some(holds), Some(profile)) => write!(f, "{holds}, {profile}"),
            _ => write!(f, "{:#x}", self.bits()),
        }
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for BlockGroupFlags {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut flags = serializer.serialize_struct("BlockGroupFlags", 3)?;
        flags.serialize_field("type", &self.block_group_type())?;
        flags.serialize_field("profile", &self.profile())?;
        flags.serialize_field("bits", &self.bits())?;
        flags.end()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_known_comes_back_and_what_is_not_is_not_guessed(bits in prop_oneof![0u64..4096, any::<u64>()]) {
            let flags = BlockGroupFlags::from_bits_retain(bits);
            if let (Some(holds), Some(profile)) = (flags.block_group_type(), flags.profile()) {
                prop_assert_eq!(BlockGroupFlags::new(holds, profile), flags - BlockGroupFlags::REMAPPED);
            } else {
                prop_assert_eq!(flags.to_string(), format!("{bits:#x}"));
            }
        }

        #[test]
        fn type_and_profile_come_back(
            holds in prop::sample::select(&[BlockGroupType::Data, BlockGroupType::System, BlockGroupType::Metadata, BlockGroupType::Mixed][..]),
            profile in prop::sample::select(Profile::ALL),
        ) {
            let flags = BlockGroupFlags::new(holds, profile);
            prop_assert_eq!((flags.block_group_type(), flags.profile()), (Some(holds), Some(profile)));
        }
    }

    #[test]
    fn flags_are_the_kernel_s() {
        let flags = BlockGroupFlags::from_bits_retain(sys::BTRFS_BLOCK_GROUP_METADATA | sys::BTRFS_BLOCK_GROUP_RAID1C3);
        assert_eq!(flags.to_string(), "Metadata, raid1c3");
        let remapped = flags | BlockGroupFlags::REMAPPED;
        assert_eq!(
            (remapped.block_group_type(), remapped.profile()),
            (Some(BlockGroupType::Metadata), Some(Profile::Raid1c3))
        );
        let unknown = BlockGroupFlags::DATA | BlockGroupFlags::from_bits_retain(1 << 40);
        assert_eq!((unknown.block_group_type(), unknown.profile()), (Some(BlockGroupType::Data), None));
        assert_eq!(BlockGroupFlags::METADATA_REMAP.block_group_type(), None);
        assert_eq!(BlockGroupFlags::from_bits_retain(sys::BTRFS_AVAIL_ALLOC_BIT_SINGLE).profile(), None);
    }
}
