//! Paths by reading once: of what nobody has changed since the listing began.
//!
//! A leaf of a tree is written anew by the first transaction that changes anything in it, and says which that was.
//! So take a generation that every change from this moment on will reach. What is then read from a leaf of an older one
//! was the same at that moment already, however late it is read, and links that all come from such leaves were there
//! together. On a quiet filesystem those are all. What else there is [reading twice](super::twice) finds out.
//!
//! Old leaves also get into a tree as it is made, when a snapshot is taken. But what is in the new subvolume came there
//! later still, so at least one link of its path is from a new leaf.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use btrfs_sys as sys;

use crate::error::Result;
use crate::filesystem::Filesystem;
use crate::id::Generation;
use crate::item::RootItem;
use crate::key::{ItemType, Key};
use crate::subvolume::list::link::{Directory, Link, Written};
use crate::subvolume::list::roots::Root;
use crate::tree_search::TreeId;

/// How many directories are remembered. Where there are more, some are looked up more than once.
const DIRECTORIES: usize = 16 * 1024;

/// Directories whose paths have not changed since a moment.
#[derive(Debug)]
pub(in crate::subvolume) struct Unchanged<'fs> {
    filesystem: &'fs Filesystem,
    /// Every change since that moment is of this generation or a later one.
    since: Generation,
    known: Known,
}

/// Directories, each with its path below the top level; none where it may have changed.
#[derive(Debug, Default)]
struct Known {
    places: BTreeMap<Directory, usize>,
    paths: Vec<Option<PathBuf>>,
}

impl Known {
    fn insert(&mut self, directory: Directory, path: Option<PathBuf>) {
        match self.places.entry(directory) {
            Entry::Occupied(place) => self.paths[*place.get()] = path,
            Entry::Vacant(place) => {
                place.insert(self.paths.len());
                self.paths.push(path);
            }
        }
    }

    fn path(&self, directory: Directory) -> Option<&Path> {
        self.places.get(&directory).and_then(|&place| self.paths[place].as_deref())
    }
}

impl<'fs> Unchanged<'fs> {
    /// From now on.
    pub(in crate::subvolume) fn new(filesystem: &'fs Filesystem) -> Result<Self> {
        let since = changes_from(filesystem)?;
        Ok(Self { filesystem, since, known: Known::default() })
    }

    /// Begins anew, if there has been a commit: what had changed by then is again found unchanged.
    pub(in crate::subvolume) fn renew(&mut self) -> Result<()> {
        let since = changes_from(self.filesystem)?;
        if since > self.since {
            self.since = since;
            self.known = Known::default();
        }
        Ok(())
    }

    /// The subvolume's path below the top level; none where anything of it may have changed.
    pub(in crate::subvolume) fn path(&mut self, root: &Root) -> Result<Option<PathBuf>> {
        let Some(link) = root.link.as_ref().filter(|link| link.generation < self.since) else { return Ok(None) };
        let path = self.directory(link.value.parent)?.map(|parent| join(parent, &link.value));
        if root.has_others {
            self.known.insert(Directory::root_of(root.id), path.clone());
        }
        Ok(path)
    }

    fn directory(&mut self, directory: Directory) -> Result<Option<&Path>> {
        let place = match self.known.places.get(&directory) {
            Some(&place) => place,
            None => {
                self.find(directory)?;
                self.known.places[&directory]
            }
        };
        Ok(self.known.paths[place].as_deref())
    }

    /// Looks up a directory, and those above it that are not known.
    fn find(&mut self, directory: Directory) -> Result<()> {
        if self.known.paths.len() >= DIRECTORIES || self.known.paths.is_empty() {
            self.known = Known::default();
            self.known.insert(Directory::TOP, Some(PathBuf::new()));
        }
        let mut below = Vec::new();
        let mut above = directory;
        while !self.known.places.contains_key(&above) {
            // What is found again further up was a ring, on a damaged filesystem.
            self.known.insert(above, None);
            let link = Link::read(self.filesystem, above)?;
            let Some(Written { value, .. }) = link.filter(|link| link.generation < self.since) else { break };
            let parent = value.parent;
            below.push((above, value));
            above = parent;
        }
        for (directory, link) in below.into_iter().rev() {
            let path = self.known.path(link.parent).map(|parent| join(parent, &link));
            self.known.insert(directory, path);
        }
        Ok(())
    }
}

/// A name in a directory. `Path::join` would allocate twice.
fn join(parent: &Path, link: &Link) -> PathBuf {
    let parent = parent.as_os_str();
    let mut path = OsString::with_capacity(parent.len() + 1 + link.name.len());
    if !parent.is_empty() {
        path.push(parent);
        path.push("/");
    }
    path.push(OsStr::from_bytes(&link.name));
    path.into()
}

/// A generation that every change of a link from now on will reach.
fn changes_from(fs: &Filesystem) -> Result<Generation> {
    // Before Linux 5.10 there is none to be had, and nothing is known to be unchanged.
    let Some(Generation(running)) = fs.info()?.generation else { return Ok(Generation(0)) };
    // Every commit changes the extent tree, and its root item is written behind all that a commit does to subvolumes: when
    // it is there, the rest is over.
    let key = Key::new(sys::BTRFS_EXTENT_TREE_OBJECTID, ItemType::ROOT_ITEM, 0);
    let mut search = fs.search_few(TreeId::ROOT, key, key).at_a_time(1);
    let over = match search.next_item()?.map(|item| RootItem::parse(item.data)) {
        Some(Ok(item)) => item.generation.0.saturating_add(1),
        Some(Err(short)) => return Err(search.malformed(short)),
        None => 0,
    };
    Ok(Generation(running.max(over)))
}
