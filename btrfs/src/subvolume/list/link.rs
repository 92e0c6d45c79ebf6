//! How paths are found, so that they are right although others rename what is in them.
//!
//! A path is a chain of links, each from a directory to the one it is in. All of them are read, and then all of them
//! are read again: those that are the same both times were there together at the moment between. That a link was
//! taken away and put back meanwhile shows too, for a rename gives it a new index.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::ops::RangeInclusive;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use crate::error::{ErrorKind, Result};
use crate::filesystem::Filesystem;
use crate::id::SubvolumeId;
use crate::item::InodeRef;
use crate::key::{ItemType, Key};
use crate::open::ROOT_INODE;
use crate::subvolume::list::roots::{Root, Roots};
use crate::tree_search::TreeId;

/// A directory: a subvolume and an inode in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::subvolume) struct Directory {
    pub(in crate::subvolume) tree: SubvolumeId,
    pub(in crate::subvolume) inode: u64,
}

impl Directory {
    const TOP: Self = Self::root_of(SubvolumeId::TOP_LEVEL);

    /// The directory that a subvolume is.
    pub(in crate::subvolume) const fn root_of(tree: SubvolumeId) -> Self {
        Self { tree, inode: ROOT_INODE }
    }
}

/// Where a directory is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::subvolume) struct Link {
    pub(in crate::subvolume) parent: Directory,
    /// Which entry of the parent it is. Each rename gives it a new one.
    pub(in crate::subvolume) index: u64,
    pub(in crate::subvolume) name: Vec<u8>,
}

impl Link {
    /// None where there is no such directory (any more), or while it is being renamed.
    fn read(fs: &Filesystem, directory: Directory) -> Result<Option<Self>> {
        if directory.inode == ROOT_INODE {
            return Ok(Root::read(fs, directory.tree)?.and_then(|root| root.link));
        }
        let key = |offset| Key::new(directory.inode, ItemType::INODE_REF, offset);
        let mut search = fs.search_few(TreeId(directory.tree.0), key(0), key(u64::MAX));
        let item = match search.next_item() {
            Ok(Some(item)) => item,
            Ok(None) => return Ok(None),
            // The subvolume was deleted.
            Err(error) if *error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let parent = Directory { tree: directory.tree, inode: item.key.offset };
        match InodeRef::parse(item.data) {
            Ok(found) => Ok(Some(Self { parent, index: found.index, name: found.name.to_vec() })),
            Err(short) => Err(search.malformed(short)),
        }
    }
}

/// Links that were read.
#[derive(Debug, Default)]
pub(in crate::subvolume) struct Links(HashMap<Directory, Link>);

impl Links {
    /// Takes in a link that was read with its subvolume.
    pub(in crate::subvolume) fn insert(&mut self, id: SubvolumeId, link: Link) {
        self.0.insert(Directory::root_of(id), link);
    }

    /// Reads all that is missing between this directory and the top level.
    pub(in crate::subvolume) fn load(&mut self, fs: &Filesystem, mut directory: Directory) -> Result<()> {
        while directory != Directory::TOP && !self.0.contains_key(&directory) {
            let Some(link) = Link::read(fs, directory)? else { break };
            let parent = link.parent;
            self.0.insert(directory, link);
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
                again.insert(root.id, root.link);
            }
        }
        let in_bulk = |directory: &Directory| {
            directory.inode == ROOT_INODE && bulk.is_some_and(|ids| ids.contains(&directory.tree))
        };
        let mut changed = Vec::new();
        for (directory, link) in &self.0 {
            let now =
                if in_bulk(directory) { again.remove(&directory.tree).flatten() } else { Link::read(fs, *directory)? };
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

    /// The directories that the known links are in.
    pub(in crate::subvolume) fn parents(&self) -> Vec<Directory> {
        self.0.values().map(|link| link.parent).collect()
    }
}
