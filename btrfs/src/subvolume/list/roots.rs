//! Subvolumes as the tree of trees has them.

use std::ffi::OsString;
use std::ops::RangeInclusive;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use btrfs_sys as sys;

use crate::error::Result;
use crate::filesystem::Filesystem;
use crate::id::SubvolumeId;
use crate::item::{RootItem, RootRef};
use crate::key::{ItemType, Key};
use crate::subvolume::SubvolumeInfo;
use crate::subvolume::list::entry::{Place, SubvolumeEntry};
use crate::subvolume::list::link::{Directory, Link, Written};
use crate::tree_search::{Item, TreeId, TreeSearch};

/// One subvolume as the tree of trees had it when it was read.
#[derive(Debug)]
pub(in crate::subvolume) struct Root {
    pub(in crate::subvolume) id: SubvolumeId,
    /// What will be handed out, still without its place.
    entry: SubvolumeEntry,
    /// Whether its item says that it was deleted.
    pub(in crate::subvolume) is_dead: bool,
    /// Where it is. None for the top level, for one that was deleted, and for a moment while one is renamed.
    pub(in crate::subvolume) link: Option<Written<Link>>,
    /// Whether there are subvolumes in it.
    pub(in crate::subvolume) has_others: bool,
}

impl Root {
    /// Reads one, if there is one of this id.
    pub(in crate::subvolume) fn read(fs: &Filesystem, id: SubvolumeId) -> Result<Option<Box<Self>>> {
        let search = fs.search_few(TreeId::ROOT, first_key(id), last_key(id)).at_a_time(2);
        let mut roots = Roots { search, current: None };
        // A subvolume has one back reference: behind it nothing is left to ask for.
        while roots.current.as_ref().is_none_or(|root| root.link.is_none()) && roots.step()?.is_some() {}
        Ok(roots.current)
    }

    /// Whether it was deleted, as far as what was read tells.
    pub(in crate::subvolume) fn is_deleted(&self) -> bool {
        self.link.is_none() && self.is_dead
    }

    /// The subvolume at the path that was found for it; none for one that was deleted.
    // Filled in where it lies, as it is large.
    #[inline]
    pub(in crate::subvolume) fn settled(mut self: Box<Self>, path: Option<PathBuf>) -> SubvolumeEntry {
        if let Some(Written { value: Link { parent, name, .. }, .. }) = self.link.take() {
            let info = &mut self.entry.info;
            (info.parent_id, info.directory) = (Some(parent.tree), Some(parent.inode));
            info.name = OsString::from_vec(name);
        }
        self.entry.place = path.map_or(Place::Deleted, Place::At);
        self.entry
    }
}

/// A walk over the subvolumes of a range of ids.
#[derive(Debug)]
pub(in crate::subvolume) struct Roots<'fs> {
    search: TreeSearch<'fs>,
    /// The subvolume whose items are being read.
    // In a box, because it is large and goes through several hands.
    current: Option<Box<Root>>,
}

impl<'fs> Roots<'fs> {
    pub(in crate::subvolume) fn new(fs: &'fs Filesystem, ids: &RangeInclusive<SubvolumeId>) -> Self {
        let search = fs.search(TreeId::ROOT, first_key(*ids.start()), last_key(*ids.end()));
        Self { search: search.reading_ahead(), current: None }
    }

    #[inline]
    pub(in crate::subvolume) fn next(&mut self) -> Result<Option<Box<Root>>> {
        loop {
            match self.step()? {
                Some(Some(complete)) => return Ok(Some(complete)),
                Some(None) => {}
                None => return Ok(self.current.take()),
            }
        }
    }

    /// Reads the next item into the subvolume that it belongs to, and gives out the one before if another begins. `None` at
    /// the end.
    #[inline]
    fn step(&mut self) -> Result<Option<Option<Box<Root>>>> {
        let Some(Item { key, generation, data }) = self.search.next_item()? else { return Ok(None) };
        let id = SubvolumeId(key.objectid);
        match (key.item_type, self.current.as_mut().filter(|root| root.id == id)) {
            (ItemType::ROOT_ITEM, _) => {
                let item = RootItem::parse(data).map_err(|short| self.search.malformed(short))?;
                let is_dead = item.is_dead();
                let entry = SubvolumeEntry { info: SubvolumeInfo::from_root_item(id, item), place: Place::Deleted };
                let begun = Box::new(Root { id, entry, is_dead, link: None, has_others: false });
                return Ok(Some(self.current.replace(begun)));
            }
            // A second one was written after a rename took the first one away: the later is the newer.
            (ItemType::ROOT_BACKREF, Some(root)) => {
                let link = RootRef::parse(data).map(|found| {
                    let parent = Directory { tree: SubvolumeId(key.offset), inode: found.directory };
                    Link { parent, index: found.index, name: found.name.to_vec() }
                });
                let value = link.map_err(|short| self.search.malformed(short))?;
                root.link = Some(Written { value, generation });
            }
            (ItemType::ROOT_REF, Some(root)) => root.has_others = true,
            _ => {}
        }
        Ok(Some(None))
    }
}

fn first_key(id: SubvolumeId) -> Key {
    Key::new(id.0, ItemType::ROOT_ITEM, 0)
}

fn last_key(id: SubvolumeId) -> Key {
    Key::new(id.0, ItemType::ROOT_BACKREF, u64::MAX)
}

/// Whether the kernel has noted down that the subvolume is to be removed. It does so when it is deleted, at once.
pub(in crate::subvolume) fn is_orphan(fs: &Filesystem, id: SubvolumeId) -> Result<bool> {
    let key = Key::new(sys::BTRFS_ORPHAN_OBJECTID, ItemType::ORPHAN_ITEM, id.0);
    Ok(fs.search_few(TreeId::ROOT, key, key).next_item()?.is_some())
}
