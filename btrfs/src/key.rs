//! Keys: where an item stands in a tree.

use std::fmt;

/// The type of an item, the second part of its [`Key`]. Types that this library does not know are numbers too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
pub struct ItemType(pub u8);

macro_rules! item_types {
    ($($(#[$doc:meta])* $name:ident = $value:literal;)*) => {
        impl ItemType {
            $($(#[$doc])* pub const $name: Self = Self($value);)*

            /// The kernel's name of it, without `BTRFS_` and `_KEY`.
            #[must_use]
            pub fn name(self) -> Option<&'static str> {
                match self {
                    $(Self::$name => Some(stringify!($name)),)*
                    _ => None,
                }
            }
        }
    };
}

item_types! {
    /// A file or directory.
    INODE_ITEM = 1;
    /// A name of an inode in a directory.
    INODE_REF = 12;
    /// What is to be removed: the offset says what.
    ORPHAN_ITEM = 48;
    /// Names in a directory, by their hash.
    DIR_ITEM = 84;
    /// A part of a file's data.
    EXTENT_DATA = 108;
    /// A tree: a subvolume, or one of the filesystem's own.
    ROOT_ITEM = 132;
    /// From a subvolume to the one it is in.
    ROOT_BACKREF = 144;
    /// From a subvolume to one in it.
    ROOT_REF = 156;
    /// An extent, of data or metadata.
    EXTENT_ITEM = 168;
    /// An extent of metadata, in the newer form.
    METADATA_ITEM = 169;
    /// How full a block group is.
    BLOCK_GROUP_ITEM = 192;
    /// A part of a device that belongs to a chunk.
    DEV_EXTENT = 204;
    /// A device.
    DEV_ITEM = 216;
    /// A chunk: a piece of logical address space on devices.
    CHUNK_ITEM = 228;
    /// A subvolume by its UUID.
    UUID_KEY_SUBVOL = 251;
    /// Subvolumes by the UUID they were received from.
    UUID_KEY_RECEIVED_SUBVOL = 252;
}

impl fmt::Display for ItemType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "type {}", self.0),
        }
    }
}

/// Where an item stands: trees are sorted by object id, then type, then offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Key {
    /// What the item is about: an inode, a tree, an address.
    pub objectid: u64,
    /// What sort of item it is.
    pub item_type: ItemType,
    /// Depends on the type: an address, an id, a hash.
    pub offset: u64,
}

impl Key {
    /// The least of all keys.
    pub const MIN: Self = Self { objectid: 0, item_type: ItemType(0), offset: 0 };
    /// The greatest of all keys.
    pub const MAX: Self = Self { objectid: u64::MAX, item_type: ItemType(u8::MAX), offset: u64::MAX };

    /// A key of these parts.
    #[must_use]
    pub const fn new(objectid: u64, item_type: ItemType, offset: u64) -> Self {
        Self { objectid, item_type, offset }
    }

    /// The key right behind this one; `None` behind the greatest.
    #[must_use]
    pub fn next(self) -> Option<Self> {
        if let Some(offset) = self.offset.checked_add(1) {
            return Some(Self { offset, ..self });
        }
        if let Some(item_type) = self.item_type.0.checked_add(1) {
            return Some(Self { item_type: ItemType(item_type), offset: 0, ..self });
        }
        let objectid = self.objectid.checked_add(1)?;
        Some(Self { objectid, ..Self::MIN })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn keys() -> impl Strategy<Value = Key> {
        let edge = prop_oneof![Just(0), Just(u64::MAX), any::<u64>()];
        (edge.clone(), prop_oneof![Just(0), Just(u8::MAX), any::<u8>()], edge)
            .prop_map(|(objectid, item_type, offset)| Key::new(objectid, ItemType(item_type), offset))
    }

    proptest! {
        #[test]
        fn next_is_greater_and_nothing_stands_between(key in keys(), other in keys()) {
            match key.next() {
                Some(next) => {
                    prop_assert!(next > key);
                    prop_assert!(!(key < other && other < next));
                }
                None => prop_assert_eq!(key, Key::MAX),
            }
        }
    }

    #[test]
    fn types_have_the_header_s_numbers() {
        assert_eq!(u64::from(ItemType::ORPHAN_ITEM.0), btrfs_sys::BTRFS_ORPHAN_ITEM_KEY);
        assert_eq!(u64::from(ItemType::DIR_ITEM.0), btrfs_sys::BTRFS_DIR_ITEM_KEY);
        assert_eq!(u64::from(ItemType::ROOT_ITEM.0), btrfs_sys::BTRFS_ROOT_ITEM_KEY);
        assert_eq!(u64::from(ItemType::ROOT_BACKREF.0), btrfs_sys::BTRFS_ROOT_BACKREF_KEY);
        assert_eq!(u64::from(ItemType::ROOT_REF.0), btrfs_sys::BTRFS_ROOT_REF_KEY);
        assert_eq!(u64::from(ItemType::BLOCK_GROUP_ITEM.0), btrfs_sys::BTRFS_BLOCK_GROUP_ITEM_KEY);
        assert_eq!(u64::from(ItemType::DEV_EXTENT.0), btrfs_sys::BTRFS_DEV_EXTENT_KEY);
        assert_eq!(u64::from(ItemType::DEV_ITEM.0), btrfs_sys::BTRFS_DEV_ITEM_KEY);
        assert_eq!(u64::from(ItemType::CHUNK_ITEM.0), btrfs_sys::BTRFS_CHUNK_ITEM_KEY);
        assert_eq!(u64::from(ItemType::UUID_KEY_SUBVOL.0), btrfs_sys::BTRFS_UUID_KEY_SUBVOL);
        assert_eq!(u64::from(ItemType::UUID_KEY_RECEIVED_SUBVOL.0), btrfs_sys::BTRFS_UUID_KEY_RECEIVED_SUBVOL);
        assert_eq!(u64::from(ItemType::EXTENT_ITEM.0), btrfs_sys::BTRFS_EXTENT_ITEM_KEY);
        assert_eq!(u64::from(ItemType::METADATA_ITEM.0), btrfs_sys::BTRFS_METADATA_ITEM_KEY);
    }
}
