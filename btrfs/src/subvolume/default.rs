//! The default subvolume: the one that a mount without `subvol=` and `subvolid=` shows.

use std::os::fd::AsFd;

use btrfs_sys as sys;
use btrfs_sys::ioctl as c;

use crate::bytes::{Reader, Short};
use crate::error::{Error, ErrorKind, Result};
use crate::filesystem::Filesystem;
use crate::id::SubvolumeId;
use crate::ioctl::call;
use crate::key::{ItemType, Key};
use crate::tree_search::TreeId;

impl Filesystem {
    /// The subvolume that a mount without `subvol=` and `subvolid=` shows.
    ///
    /// From the directory in the tree of trees, by `BTRFS_IOC_TREE_SEARCH_V2`, like `btrfs subvolume get-default`. Needs
    /// CAP_SYS_ADMIN in the initial user namespace. Since Linux 3.16.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::PermissionDenied`].
    pub fn default_subvolume(&self) -> Result<SubvolumeId> {
        let key = |offset| Key::new(sys::BTRFS_ROOT_TREE_DIR_OBJECTID, ItemType::DIR_ITEM, offset);
        let mut search = self.search(TreeId::ROOT, key(0), key(u64::MAX));
        while let Some(item) = search.next_item()? {
            let found = location(item.data, b"default").map_err(|short| {
                Error::new(ErrorKind::Malformed, "BTRFS_IOC_TREE_SEARCH_V2", self.path().display())
                    .advise(short.to_string())
            })?;
            if let Some(id) = found {
                return Ok(SubvolumeId(id));
            }
        }
        // As the kernel has it when it mounts.
        Ok(SubvolumeId::TOP_LEVEL)
    }

    /// Sets the subvolume that a mount without `subvol=` and `subvolid=` shows; mounts that are there stay as they are.
    ///
    /// `BTRFS_IOC_DEFAULT_SUBVOL`, like `btrfs subvolume set-default`. Needs CAP_SYS_ADMIN. Since Linux 2.6.34. Back to
    /// where it was at first: [`SubvolumeId::TOP_LEVEL`].
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`] for an id that no subvolume can have, [`ErrorKind::NotFound`] where there is none of
    /// that id, [`ErrorKind::ReadOnly`], [`ErrorKind::PermissionDenied`].
    #[doc(alias = "BTRFS_IOC_DEFAULT_SUBVOL")]
    pub fn set_default_subvolume(&self, id: SubvolumeId) -> Result<()> {
        const CALL: &str = "BTRFS_IOC_DEFAULT_SUBVOL";
        let object = format!("{} (subvolume {id})", self.path().display());
        if !id.is_subvolume() {
            // The kernel would take 0 for the top level.
            return Err(Error::new(ErrorKind::InvalidArgument, CALL, object)
                .advise("no subvolume has this id: they have 5, the top level, or 256 and more"));
        }
        let mut raw = id.0;
        call::<c::BTRFS_IOC_DEFAULT_SUBVOL>(self.as_fd(), &mut raw).map(drop).map_err(|failure| {
            let error = failure.on(object);
            match failure.errno() {
                Some(libc::ENOENT) => error.advise("there is no subvolume of this id, or it was deleted"),
                Some(libc::EPERM) => error.advise("setting the default subvolume needs CAP_SYS_ADMIN"),
                Some(libc::EROFS) => error.advise("the filesystem is mounted read-only"),
                _ => error,
            }
        })
    }
}

/// What a name in a directory leads to. Names of one hash stand in one item, one after the other:
/// `struct btrfs_dir_item`, each followed by its name and its data.
fn location(item: &[u8], wanted: &[u8]) -> std::result::Result<Option<u64>, Short> {
    let mut reader = Reader::new(item);
    let mut left = item.len();
    while left > 0 {
        let objectid = reader.u64()?;
        reader.skip(1 + 8 + 8)?;
        let (data, name) = (usize::from(reader.u16()?), usize::from(reader.u16()?));
        reader.skip(1)?;
        if reader.take(name)? == wanted {
            return Ok(Some(objectid));
        }
        reader.skip(data)?;
        left -= size_of::<sys::btrfs_dir_item>() + name + data;
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entry(objectid: u64, name: &[u8], data: &[u8]) -> Vec<u8> {
        let length = |bytes: &[u8]| u16::try_from(bytes.len()).unwrap().to_le_bytes();
        let mut bytes = objectid.to_le_bytes().to_vec();
        bytes.extend([0; 17]);
        bytes.extend(length(data));
        bytes.extend(length(name));
        bytes.push(2);
        bytes.extend(name);
        bytes.extend(data);
        bytes
    }

    #[test]
    fn names_of_one_hash_are_told_apart() {
        let item = [entry(256, b"other", b"data"), entry(257, b"default", b"")].concat();
        assert_eq!(location(&item, b"default"), Ok(Some(257)));
        assert_eq!(location(&item, b"other"), Ok(Some(256)));
        assert_eq!(location(&item, b"third"), Ok(None));
        assert!(location(&item[..item.len() - 1], b"default").is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
            let _ = location(&bytes, b"default");
        }

        #[test]
        fn every_name_is_found(id: u64, before in proptest::collection::vec(1u8.., 1..255), data: Vec<u8>) {
            let item = [entry(1, &before, &data[..data.len().min(99)]), entry(id, b"default", b"")].concat();
            let expected = if before == b"default" { 1 } else { id };
            prop_assert_eq!(location(&item, b"default"), Ok(Some(expected)));
        }
    }
}
