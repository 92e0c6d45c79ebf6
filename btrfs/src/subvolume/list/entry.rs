//! A subvolume with the place where it is.

use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use crate::error::{Error, ErrorKind, Result};
use crate::filesystem::Filesystem;
use crate::id::SubvolumeId;
use crate::subvolume::SubvolumeInfo;
use crate::subvolume::list::roots::{Root, is_orphan};
use crate::subvolume::list::twice::Links;

/// A subvolume of a listing: what it is and where.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct SubvolumeEntry {
    /// What it is. From the tree of trees, so as of the last commit; its place as of a moment of the reading.
    pub info: SubvolumeInfo,
    /// Where it is.
    pub place: Place,
}

/// Where a subvolume is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "lowercase"))]
pub enum Place {
    /// At this path, which has neither a slash at its beginning nor two in a row. It is empty for the subvolume itself
    /// that paths begin at, such as the top level.
    At(#[cfg_attr(feature = "serde", serde(serialize_with = "crate::bytes::serialize_path"))] PathBuf),
    /// Nowhere: it was deleted, and the cleaner has not finished with it.
    Deleted,
}

impl SubvolumeEntry {
    /// Its path; none for one that was deleted.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match &self.place {
            Place::At(path) => Some(path),
            Place::Deleted => None,
        }
    }

    /// Whether it was deleted, and the cleaner has not finished with it.
    #[must_use]
    pub fn is_deleted(&self) -> bool {
        self.place == Place::Deleted
    }

    /// Reads one subvolume, as often as it takes to see it at rest; none if there is none of this id.
    pub(in crate::subvolume) fn read(fs: &Filesystem, id: SubvolumeId) -> Result<Option<Self>> {
        // About a second in all. A rename is in between for microseconds.
        const ATTEMPTS: u32 = 100;
        for attempt in 0..ATTEMPTS {
            thread::sleep(Duration::from_micros(200) * attempt);
            let Some(root) = Root::read(fs, id)? else { return Ok(None) };
            let Some(link) = root.link.as_ref().map(|link| link.value.clone()) else {
                if id == SubvolumeId::TOP_LEVEL {
                    return Ok(Some(root.settled(Some(PathBuf::new()))));
                }
                if root.is_dead || is_orphan(fs, id)? {
                    return Ok(Some(root.settled(None)));
                }
                continue;
            };
            let mut links = Links::default();
            let parent = link.parent;
            links.insert(id, link);
            links.load(fs, parent)?;
            links.verify(fs, None)?;
            if let Some(path) = links.path(id) {
                return Ok(Some(root.settled(Some(path))));
            }
        }
        Err(Error::new(
            ErrorKind::Raced,
            "BTRFS_IOC_TREE_SEARCH_V2",
            format!("{} (subvolume {id})", fs.path().display()),
        )
        .advise(format!(
            "no path held still in {ATTEMPTS} attempts: it, or a directory above it, is renamed all the time, or the \
                 filesystem is damaged (btrfs check)"
        )))
    }
}
