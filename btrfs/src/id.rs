//! Numbers with a meaning.

use std::fmt;

macro_rules! number {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
    };
}

number! {
    /// A subvolume's id: the id of its tree. `subvolid=` of mount, `ID` of `btrfs subvolume list`.
    SubvolumeId
}
number! {
    /// A device's id within its filesystem, from 1. 0 is the target of a running replace.
    DevId
}
number! {
    /// A transaction's number. Each commit makes the filesystem's one greater.
    Generation
}
number! {
    /// An address in the filesystem's logical address space, in bytes.
    Logical
}
number! {
    /// An address on one device, in bytes.
    Physical
}

impl SubvolumeId {
    /// The top-level subvolume, `FS_TREE`, in which all others are.
    pub const TOP_LEVEL: Self = Self(5);

    /// The least id that a subvolume below the top level can have.
    pub(crate) const FIRST: Self = Self(btrfs_sys::BTRFS_FIRST_FREE_OBJECTID);
    /// The greatest.
    pub(crate) const LAST: Self = Self(btrfs_sys::BTRFS_LAST_FREE_OBJECTID);

    /// Whether a tree of this id is a subvolume, and not one of the filesystem's own trees.
    #[must_use]
    pub fn is_subvolume(self) -> bool {
        self == Self::TOP_LEVEL || (Self::FIRST..=Self::LAST).contains(&self)
    }
}

/// A quota group, `level/id`. Level 0 is a subvolume's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct QgroupId {
    /// 0 for subvolumes; higher ones hold lower ones.
    pub level: u16,
    /// The lower 48 bits; on level 0 the subvolume's id.
    pub id: u64,
}

impl QgroupId {
    const SHIFT: u32 = 48;

    /// From the kernel's one number.
    #[must_use]
    pub fn from_raw(raw: u64) -> Self {
        let [high, low, ..] = raw.to_be_bytes();
        Self { level: u16::from_be_bytes([high, low]), id: raw & ((1 << Self::SHIFT) - 1) }
    }

    /// The kernel's one number.
    #[must_use]
    pub fn to_raw(self) -> u64 {
        (u64::from(self.level) << Self::SHIFT) | (self.id & ((1 << Self::SHIFT) - 1))
    }
}

impl fmt::Display for QgroupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.level, self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn qgroup_ids_are_level_and_id() {
        let id = QgroupId { level: 1, id: 100 };
        assert_eq!(id.to_string(), "1/100");
        assert_eq!(QgroupId::from_raw(id.to_raw()), id);
        assert_eq!(QgroupId::from_raw(257), QgroupId { level: 0, id: 257 });
    }

    #[test]
    fn the_filesystem_s_own_trees_are_no_subvolumes() {
        for (id, is) in [(1, false), (5, true), (9, false), (255, false), (256, true), (u64::MAX - 8, false)] {
            assert_eq!(SubvolumeId(id).is_subvolume(), is, "{id}");
        }
    }
}
