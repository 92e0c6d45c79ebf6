//! Paths by reading twice: right whatever others do.
//!
//! All links of a path are read, and then all of them are read again: those that are the same both times were there
//! together at the moment between. That a link was taken away and put back meanwhile shows too, for a rename gives it a
//! new index.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::ops::RangeInclusive;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use crate::error::Result;
use crate::filesystem::Filesystem;
use crate::id::SubvolumeId;
use crate::open::ROOT_INODE;
use crate::subvolume::list::link::{Directory, Link, Written};
use crate::subvolume::list::roots::{Root, Roots};

/// Links that were read.
#[derive(Debug, Default)]
pub(in crate::subvolume) struct Links(HashMap<Directory, Link>);

impl Links {
    /// Those of these subvolumes, which were read once, up to the top level: what was the same the second time.
    pub(in crate::subvolume) fn read_twice<'a>(fs: &Filesystem, roots: impl Iterator<Item = &'a Root>) -> Result<Self> {
        // So many more calls cost as much as reading a batch.
        const FEW: usize = 256;
        let mut links = Self::default();
        let mut read: Vec<(SubvolumeId, Directory)> = Vec::new();
        for root in roots {
            if let Some(Written { value: link, .. }) = &root.link {
                links.insert(root.id, link.clone());
                read.push((root.id, link.parent));
            }
        }
        for (_, parent) in &read {
            links.load(fs, *parent)?;
        }
        let ids = match &*read {
            [first, .., last] if read.len() > FEW => Some(first.0..=last.0),
            _ => None,
        };
        links.verify(fs, ids.as_ref())?;
        Ok(links)
    }

    /// Takes in a link that was read with its subvolume.
    pub(in crate::subvolume) fn insert(&mut self, id: SubvolumeId, link: Link) {
        self.0.insert(Directory::root_of(id), link);
    }

    /// Reads all that is missing between this directory and the top level.
    pub(in crate::subvolume) fn load(&mut self, fs: &Filesystem, mut directory: Directory) -> Result<()> {
        while directory != Directory::TOP && !self.0.contains_key(&directory) {
            let Some(link) = Link::read(fs, directory)? else { break };
            let parent = link.value.parent;
            self.0.insert(directory, link.value);
            directory = parent;
        }
        Ok(())
    }

    /// Reads all links again and forgets those that changed. Those of subvolumes in `bulk` are read many at a time.
    pub(in crate::subvolume) fn verify(
        &mut self,
        fs: &Filesystem,
        bulk: Option<&RangeInclusive<SubvolumeId>>,
    ) -> Result<()> {
        let mut again = HashMap::new();
        if let Some(ids) = bulk {
            let mut roots = Roots::new(fs, ids);
            while let Some(root) = roots.next()? {
                again.insert(root.id, root.link.map(|link| link.value));
            }
        }
        let in_bulk = |directory: &Directory| {
            directory.inode == ROOT_INODE && bulk.is_some_and(|ids| ids.contains(&directory.tree))
        };
        let mut changed = Vec::new();
        for (directory, link) in &self.0 {
            let now = if in_bulk(directory) {
                again.remove(&directory.tree).flatten()
            } else {
                Link::read(fs, *directory)?.map(|link| link.value)
            };
            if now.as_ref() != Some(link) {
                changed.push(*directory);
            }
        }
        for directory in changed {
            self.0.remove(&directory);
        }
        Ok(())
    }

    /// The subvolume's path below the top level, if all its links are known.
    pub(in crate::subvolume) fn path(&self, id: SubvolumeId) -> Option<PathBuf> {
        let mut names = Vec::new();
        let mut directory = Directory::root_of(id);
        while directory != Directory::TOP {
            let link = self.0.get(&directory)?;
            names.push(OsStr::from_bytes(&link.name));
            directory = link.parent;
            // Links that were not there together can form a ring.
            if names.len() > self.0.len() {
                return None;
            }
        }
        Some(names.into_iter().rev().collect())
    }
}
