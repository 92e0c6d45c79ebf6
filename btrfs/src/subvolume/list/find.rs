//! Finding subvolumes by id and by UUID.

use std::path::PathBuf;

use btrfs_sys::ioctl::{BTRFS_IOC_TREE_SEARCH_V2, Command};
use uuid::Uuid;

use crate::bytes::{Reader, Short};
use crate::error::{Error, ErrorKind, Result};
use crate::filesystem::Filesystem;
use crate::id::SubvolumeId;
use crate::key::{ItemType, Key};
use crate::subvolume::SubvolumeEntry;
use crate::tree_search::TreeId;

impl Filesystem {
    /// The subvolume of this id: what it is and where. The top level has an empty path.
    ///
    /// `BTRFS_IOC_TREE_SEARCH_V2`, like `btrfs subvolume show --rootid` (`BTRFS_IOC_GET_SUBVOL_INFO` knows only the
    /// subvolume that is open: see [`Subvolume::info`](crate::Subvolume::info)). Needs CAP_SYS_ADMIN in the initial user
    /// namespace. Since Linux 3.16.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] where there is none, or no more; one that was deleted is found until the cleaner has
    /// finished with it. [`ErrorKind::Raced`] where it is renamed all the time, [`ErrorKind::PermissionDenied`].
    pub fn subvolume(&self, id: SubvolumeId) -> Result<SubvolumeEntry> {
        let found = if id.is_subvolume() { SubvolumeEntry::read(self, id)? } else { None };
        found.ok_or_else(|| {
            self.not_found(
                format!("subvolume {id}"),
                "there is no subvolume of this id: it never was, or is cleaned up",
            )
        })
    }

    /// The path of a subvolume below the top level, as bytes, and empty for the top level itself.
    ///
    /// `BTRFS_IOC_TREE_SEARCH_V2`, like `btrfs inspect-internal subvolid-resolve`. Needs CAP_SYS_ADMIN in the initial
    /// user namespace. Since Linux 3.16.
    ///
    /// # Errors
    ///
    /// As [`Filesystem::subvolume`], and [`ErrorKind::NotFound`] for one that was deleted.
    pub fn subvolume_path(&self, id: SubvolumeId) -> Result<PathBuf> {
        let entry = self.subvolume(id)?;
        let path = entry.path().map(PathBuf::from);
        path.ok_or_else(|| self.not_found(format!("subvolume {id}"), "it was deleted and has no path any more"))
    }

    /// The subvolume of this UUID.
    ///
    /// Looks into the tree of UUIDs by `BTRFS_IOC_TREE_SEARCH_V2`, like `btrfs subvolume show --uuid`, and holds what it
    /// finds against the subvolume itself. Needs CAP_SYS_ADMIN in the initial user namespace. Since Linux 3.16.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`], [`ErrorKind::Raced`], [`ErrorKind::PermissionDenied`]; [`ErrorKind::Unsupported`] where
    /// the filesystem has no tree of UUIDs.
    pub fn subvolume_by_uuid(&self, uuid: Uuid) -> Result<SubvolumeEntry> {
        let found = self.by_uuid(ItemType::UUID_KEY_SUBVOL, uuid, |entry| entry.info.uuid)?;
        found.into_iter().next().ok_or_else(|| self.not_found(uuid, "no subvolume has this UUID"))
    }

    /// The subvolumes that were received from the one of this UUID, by id: none, one or many. Read-only snapshots of
    /// received ones count.
    ///
    /// Looks into the tree of UUIDs by `BTRFS_IOC_TREE_SEARCH_V2`, as `btrfs receive` does to find what a stream builds on,
    /// and holds what it finds against the subvolumes themselves. Needs CAP_SYS_ADMIN in the initial user namespace. Since
    /// Linux 3.16.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Raced`], [`ErrorKind::PermissionDenied`]; [`ErrorKind::Unsupported`] where the filesystem has no tree
    /// of UUIDs.
    pub fn subvolumes_by_received_uuid(&self, uuid: Uuid) -> Result<Vec<SubvolumeEntry>> {
        self.by_uuid(ItemType::UUID_KEY_RECEIVED_SUBVOL, uuid, |entry| entry.info.received_uuid)
    }

    /// Follows an item of the tree of UUIDs; `of` says which UUID of a subvolume it is about.
    fn by_uuid(
        &self,
        item_type: ItemType,
        uuid: Uuid,
        of: impl Fn(&SubvolumeEntry) -> Option<Uuid>,
    ) -> Result<Vec<SubvolumeEntry>> {
        let key = key(item_type, uuid);
        let mut search = self.search_few(TreeId::UUID, key, key);
        let ids = match search.next_item() {
            Ok(None) => return Ok(Vec::new()),
            Ok(Some(item)) => ids(item.data).map_err(|short| search.malformed(short))?,
            Err(error) if *error.kind() == ErrorKind::NotFound => {
                return Err(error.with_kind(ErrorKind::Unsupported).advise(
                    "this filesystem has no tree of UUIDs: a kernel since 3.12 makes it when it mounts it writable",
                ));
            }
            Err(error) => return Err(error),
        };
        let mut found = Vec::new();
        for id in ids {
            // The tree may tell of what is not so any more.
            if let Some(entry) = SubvolumeEntry::read(self, id)?.filter(|entry| of(entry) == Some(uuid)) {
                found.push(entry);
            }
        }
        found.sort_by_key(|entry| entry.info.id);
        Ok(found)
    }

    fn not_found(&self, what: impl std::fmt::Display, advice: &str) -> Error {
        let object = format!("{} ({what})", self.path().display());
        Error::new(ErrorKind::NotFound, BTRFS_IOC_TREE_SEARCH_V2::ROW.name, object).advise(advice)
    }
}

/// Where the tree of UUIDs has it: the UUID's halves, little-endian.
fn key(item_type: ItemType, uuid: Uuid) -> Key {
    // The bytes read as two big-endian numbers, turned round.
    let (first, second) = uuid.as_u64_pair();
    Key::new(first.swap_bytes(), item_type, second.swap_bytes())
}

/// The item's content: ids of subvolumes.
fn ids(data: &[u8]) -> std::result::Result<Vec<SubvolumeId>, Short> {
    let mut reader = Reader::new(data);
    (0..data.len().div_ceil(size_of::<u64>())).map(|_| reader.u64().map(SubvolumeId)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn ids_come_back_and_every_cut_is_noticed(numbers: Vec<u64>, cut in 1usize..8) {
            let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
            let expected: Vec<_> = numbers.iter().copied().map(SubvolumeId).collect();
            prop_assert_eq!(ids(&bytes), Ok(expected));
            if !bytes.is_empty() {
                prop_assert!(ids(&bytes[..bytes.len() - cut]).is_err());
            }
        }
    }

    #[test]
    fn a_key_is_the_uuid_in_two_little_endian_halves() {
        let uuid = Uuid::from_bytes([1, 0, 0, 0, 0, 0, 0, 0, 2, 1, 0, 0, 0, 0, 0, 0]);
        assert_eq!(key(ItemType::UUID_KEY_SUBVOL, uuid), Key::new(1, ItemType::UUID_KEY_SUBVOL, 258));
    }
}
