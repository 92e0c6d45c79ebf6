//! Links: from a directory to the one it is in. A path is a chain of them.

use crate::error::{ErrorKind, Result};
use crate::filesystem::Filesystem;
use crate::id::{Generation, SubvolumeId};
use crate::item::InodeRef;
use crate::key::{ItemType, Key};
use crate::open::ROOT_INODE;
use crate::subvolume::list::roots::Root;
use crate::tree_search::{Item, TreeId};

/// A directory: a subvolume and an inode in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::subvolume) struct Directory {
    pub(in crate::subvolume) tree: SubvolumeId,
    pub(in crate::subvolume) inode: u64,
}

impl Directory {
    pub(in crate::subvolume) const TOP: Self = Self::root_of(SubvolumeId::TOP_LEVEL);

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

/// What was read from a leaf, and when that leaf was written.
#[derive(Debug, Clone, Copy)]
pub(in crate::subvolume) struct Written<T> {
    pub(in crate::subvolume) value: T,
    pub(in crate::subvolume) generation: Generation,
}

impl Link {
    /// None where there is no such directory (any more), or while it is being renamed.
    pub(in crate::subvolume) fn read(fs: &Filesystem, directory: Directory) -> Result<Option<Written<Self>>> {
        if directory.inode == ROOT_INODE {
            return Ok(Root::read(fs, directory.tree)?.and_then(|root| root.link));
        }
        let key = |offset| Key::new(directory.inode, ItemType::INODE_REF, offset);
        let mut search = fs.search_few(TreeId(directory.tree.0), key(0), key(u64::MAX)).at_a_time(1);
        let Item { key, generation, data } = match search.next_item() {
            Ok(Some(item)) => item,
            Ok(None) => return Ok(None),
            // The subvolume was deleted.
            Err(error) if *error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let parent = Directory { tree: directory.tree, inode: key.offset };
        let link = InodeRef::parse(data).map(|found| Self { parent, index: found.index, name: found.name.to_vec() });
        let value = link.map_err(|short| search.malformed(short))?;
        Ok(Some(Written { value, generation }))
    }
}
