//! `INODE_REF`: the name of a file or directory.

use crate::bytes::{Reader, Short};

/// A name of an inode. `struct btrfs_inode_ref`; the directory it stands in is in the item's key.
///
/// An item holds all names that an inode has in one directory. A directory has but one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct InodeRef<'a> {
    /// The entry's index in the directory. Each rename gives a new one.
    pub index: u64,
    /// The name, as bytes.
    pub name: &'a [u8],
}

impl<'a> InodeRef<'a> {
    /// The first name in the bytes of an item.
    ///
    /// # Errors
    ///
    /// Where they end before the name does.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Short> {
        let mut reader = Reader::new(bytes);
        let (index, length) = (reader.u64()?, reader.u16()?);
        Ok(Self { index, name: reader.take(length.into())? })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_first_name_comes_back_and_every_cut_is_noticed(
            index: u64, name in proptest::collection::vec(any::<u8>(), 0..256), more: Vec<u8>, cut: usize,
        ) {
            let length = u16::try_from(name.len()).expect("short");
            let first = [&index.to_le_bytes()[..], &length.to_le_bytes(), &name].concat();
            let bytes = [&first[..], &more].concat();
            prop_assert_eq!(InodeRef::parse(&bytes), Ok(InodeRef { index, name: &name }));
            prop_assert!(InodeRef::parse(&first[..cut % first.len()]).is_err());
        }
    }
}
