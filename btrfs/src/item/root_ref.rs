//! `ROOT_REF` and `ROOT_BACKREF`: where a subvolume is.

use crate::bytes::{Reader, Short};

/// Where a subvolume is: a directory and a name in it. `struct btrfs_root_ref`; the subvolume that holds the directory
/// is in the item's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct RootRef<'a> {
    /// The directory's inode in the subvolume that holds it.
    pub directory: u64,
    /// The entry's index in that directory. Each rename gives a new one.
    pub index: u64,
    /// The name in that directory, as bytes.
    pub name: &'a [u8],
}

impl<'a> RootRef<'a> {
    /// From the bytes of an item.
    ///
    /// # Errors
    ///
    /// Where they end before the name does.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Short> {
        let mut reader = Reader::new(bytes);
        let (directory, index, length) = (reader.u64()?, reader.u64()?, reader.u16()?);
        Ok(Self { directory, index, name: reader.take(length.into())? })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_field_comes_back_and_every_cut_is_noticed(
            directory: u64, index: u64, name in proptest::collection::vec(any::<u8>(), 0..256), cut: usize,
        ) {
            let length = u16::try_from(name.len()).expect("short");
            let bytes = [&directory.to_le_bytes()[..], &index.to_le_bytes(), &length.to_le_bytes(), &name].concat();
            prop_assert_eq!(RootRef::parse(&bytes), Ok(RootRef { directory, index, name: &name }));
            prop_assert!(RootRef::parse(&bytes[..cut % bytes.len()]).is_err());
        }

        #[test]
        fn any_bytes_are_an_answer_or_an_error(bytes: Vec<u8>) {
            if let Ok(parsed) = RootRef::parse(&bytes) {
                prop_assert!(parsed.name.len() + 18 <= bytes.len());
            }
        }
    }
}
