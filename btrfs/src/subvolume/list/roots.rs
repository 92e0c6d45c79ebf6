//! Subvolumes as the tree of trees has them.

use std::ffi::OsString;
use std::ops::RangeInclusive;
use std::os::unix::ffi::OsStringExt;

use btrfs_sys as sys;

use crate::error::Result;
use crate::filesystem::Filesystem;
use crate::id::SubvolumeId;
use crate::item::{RootItem, RootRef};
use crate::key::{ItemType, Key};
use crate::subvolume::SubvolumeInfo;
use crate::subvolume::list::link::{Directory, Link};
use crate::tree_search::{Item, TreeId, TreeSearch};

/// One subvolume as the tree of trees had it when it was read.
#[derive(Debug)]
pub(in crate::subvolume) struct Root {
    pub(in crate::subvolume) id: SubvolumeId,
    pub(in crate::subvolume) item: RootItem,
    /// Where it is. None for the top level, for one that was deleted, and for a moment while one is renamed.
    pub(in crate::subvolume) link: Option<Link>,
}

impl Root {
    /// Reads one, if there is one of this id.
    pub(in crate::subvolume) fn read(fs: &Filesystem, id: SubvolumeId) -> Result<Option<Self>> {
        let mut search = fs.search_few(TreeId::ROOT, first_key(id), last_key(id));
        let mut root = None;
        // A subvolume has one back reference: behind it nothing is left to ask for.
        while !matches!(root, Some(Self { link: Some(_), .. })) && absorb(&mut search, &mut root)?.is_some() {}
        Ok(root)
    }

    /// The subvolume's description; of its place it says what `link` says.
    pub(in crate::subvolume) fn into_info(self) -> SubvolumeInfo {
        let Self { id, item, link } = self;
        let parent_id = link.as_ref().map(|link| link.parent.tree);
        let directory = link.as_ref().map(|link| link.parent.inode);
        let name = link.map_or_else(OsString::new, |link| OsString::from_vec(link.name));
        SubvolumeInfo::from_root_item(id, item, parent_id, directory, name)
    }
}

/// A walk over the subvolumes of a range of ids.
#[derive(Debug)]
pub(in crate::subvolume) struct Roots<'fs> {
    search: TreeSearch<'fs>,
    /// The subvolume whose items are being read.
    current: Option<Root>,
}

impl<'fs> Roots<'fs> {
    pub(in crate::subvolume) fn new(fs: &'fs Filesystem, ids: &RangeInclusive<SubvolumeId>) -> Self {
        Self { search: fs.search(TreeId::ROOT, first_key(*ids.start()), last_key(*ids.end())), current: None }
    }

    pub(in crate::subvolume) fn next(&mut self) -> Result<Option<Root>> {
        loop {
            match absorb(&mut self.search, &mut self.current)? {
                Some(Some(complete)) => return Ok(Some(complete)),
                Some(None) => {}
                None => return Ok(self.current.take()),
            }
        }
    }
}

fn first_key(id: SubvolumeId) -> Key {
    Key::new(id.0, ItemType::ROOT_ITEM, 0)
}

fn last_key(id: SubvolumeId) -> Key {
    Key::new(id.0, ItemType::ROOT_BACKREF, u64::MAX)
}

/// Reads the next item into the subvolume that it belongs to, and gives out the one before if another begins. `None` at
/// the end.
fn absorb(search: &mut TreeSearch<'_>, current: &mut Option<Root>) -> Result<Option<Option<Root>>> {
    let Some(Item { key, data, .. }) = search.next_item()? else { return Ok(None) };
    let id = SubvolumeId(key.objectid);
    let parsed = match key.item_type {
        ItemType::ROOT_ITEM => RootItem::parse(data).map(|item| current.replace(Root { id, item, link: None })),
        ItemType::ROOT_BACKREF => RootRef::parse(data).map(|found| {
            // A second one was written after a rename took the first one away: the later is the newer.
            if let Some(root) = current.as_mut().filter(|root| root.id == id) {
                let parent = Directory { tree: SubvolumeId(key.offset), inode: found.directory };
                root.link = Some(Link { parent, index: found.index, name: found.name.to_vec() });
            }
            None
        }),
        _ => Ok(None),
    };
    parsed.map(Some).map_err(|short| search.malformed(short))
}

/// Whether the kernel has noted down that the subvolume is to be removed. It does so when it is deleted, at once.
pub(in crate::subvolume) fn is_orphan(fs: &Filesystem, id: SubvolumeId) -> Result<bool> {
    let key = Key::new(sys::BTRFS_ORPHAN_OBJECTID, ItemType::ORPHAN_ITEM, id.0);
    Ok(fs.search_few(TreeId::ROOT, key, key).next_item()?.is_some())
}
