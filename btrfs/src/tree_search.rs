//! Reading the items of any tree, a buffer at a time.

use std::mem::size_of;
use std::ops::Range;
use std::os::fd::AsFd;

use btrfs_sys as sys;
use btrfs_sys::ioctl::{BTRFS_IOC_TREE_SEARCH_V2, Command};

use crate::bytes::Short;
use crate::error::{Error, ErrorKind, Result};
use crate::filesystem::Filesystem;
use crate::id::Generation;
use crate::ioctl::Buffer;
use crate::key::{ItemType, Key};

/// A tree by its id. Subvolumes are trees too: their ids are [`SubvolumeId`](crate::SubvolumeId)s.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TreeId(pub u64);

impl TreeId {
    /// The tree of trees.
    pub const ROOT: Self = Self(1);
    /// Extents and their references.
    pub const EXTENT: Self = Self(2);
    /// Chunks and devices.
    pub const CHUNK: Self = Self(3);
    /// Which part of each device is in use.
    pub const DEV: Self = Self(4);
    /// Subvolumes by UUID.
    pub const UUID: Self = Self(9);
    /// Block groups, where the feature block-group-tree is on.
    pub const BLOCK_GROUP: Self = Self(11);
}

/// An item of a tree, borrowed from the search's buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item<'a> {
    /// Where it stands.
    pub key: Key,
    /// The transaction that last wrote the leaf it is in.
    pub generation: Generation,
    /// Its bytes.
    pub data: &'a [u8],
}

/// Enough for some hundred items. Much larger is slower: the kernel clears and copies it all. A little less than the
/// largest item there can be, in a node of 64 KiB, so that growing is no theory.
const FIRST_BUFFER: usize = 60 * 1024;
/// Enough for a root item with its back reference, or some names.
const SMALL_BUFFER: usize = 2 * 1024;
/// No item is larger than a node, and no node than 64 KiB; so a demand for more makes no sense.
const LAST_BUFFER: usize = 16 * 1024 * 1024;

/// A lazy walk over the items of a tree between two keys, both included.
///
/// `BTRFS_IOC_TREE_SEARCH_V2`, like `btrfs inspect-internal dump-tree` on a mounted filesystem. Needs CAP_SYS_ADMIN in
/// the initial user namespace. Since Linux 3.16.
///
/// Keys are compared as a whole, so items of other types stand between those of one type: see [`Key`]. Each buffer
/// is read from the tree as it is at that moment; between two of them others may change it. No item is seen twice, and
/// none that is there all the while is missed.
pub struct TreeSearch<'fs> {
    filesystem: &'fs Filesystem,
    tree: TreeId,
    /// What is still to be asked for; `None` at the end.
    next: Option<Key>,
    last: Key,
    /// How many items to ask for at a time.
    limit: u32,
    buffer: Buffer<BTRFS_IOC_TREE_SEARCH_V2>,
    /// Items of the buffer not handed out yet, and where the next of them begins.
    items: u32,
    offset: usize,
}

impl Filesystem {
    /// Walks over the items of a tree from `first` to `last`.
    #[doc(alias = "BTRFS_IOC_TREE_SEARCH_V2")]
    #[must_use]
    pub fn search(&self, tree: TreeId, first: Key, last: Key) -> TreeSearch<'_> {
        self.search_with(FIRST_BUFFER, tree, first, last)
    }

    /// [`Filesystem::search`] where a few items are all there is to see: the kernel touches the whole buffer.
    pub(crate) fn search_few(&self, tree: TreeId, first: Key, last: Key) -> TreeSearch<'_> {
        self.search_with(SMALL_BUFFER, tree, first, last)
    }

    fn search_with(&self, buffer: usize, tree: TreeId, first: Key, last: Key) -> TreeSearch<'_> {
        TreeSearch {
            filesystem: self,
            tree,
            next: Some(first),
            last,
            limit: u32::MAX,
            buffer: Buffer::new(buffer),
            items: 0,
            offset: 0,
        }
    }
}

impl TreeSearch<'_> {
    /// The next item, `None` at the end. It is borrowed from the buffer, so this is no [`Iterator`].
    ///
    /// # Errors
    ///
    /// [`ErrorKind::PermissionDenied`] without CAP_SYS_ADMIN, [`ErrorKind::NotFound`] where there is no such tree.
    #[inline]
    pub fn next_item(&mut self) -> Result<Option<Item<'_>>> {
        if self.items == 0 && !self.fill()? {
            return Ok(None);
        }
        let item = self.parse().map_err(|short| self.malformed(short))?;
        let (key, generation, data) = item;
        self.items -= 1;
        self.offset = data.end;
        self.next = key.next();
        Ok(Some(Item { key, generation, data: &self.buffer.tail()[data] }))
    }

    /// Asks for so many items at a time. When it has found them, the kernel need not look through the rest of the leaf for
    /// more: half of what a call for one item costs.
    pub(crate) fn at_a_time(self, items: u32) -> Self {
        Self { limit: items, ..self }
    }

    /// Asks the kernel for more; false when there is none.
    fn fill(&mut self) -> Result<bool> {
        let Some(first) = self.next.filter(|first| *first <= self.last) else {
            return Ok(false);
        };
        loop {
            let header = sys::btrfs_ioctl_search_args_v2 { key: self.key(first), ..Default::default() };
            match self.buffer.call(self.filesystem.as_fd(), header) {
                Ok(header) => {
                    self.items = header.key.nr_items;
                    self.offset = 0;
                    return Ok(self.items > 0);
                }
                // Not even one item fits.
                Err(failure) if failure.errno() == Some(libc::EOVERFLOW) && self.buffer.capacity() < LAST_BUFFER => {
                    self.buffer = Buffer::new(2 * self.buffer.capacity());
                }
                Err(failure) => {
                    let error = failure.on(self.object());
                    return Err(match failure.errno() {
                        Some(libc::EPERM) => {
                            error.advise("searching a tree needs CAP_SYS_ADMIN in the initial user namespace")
                        }
                        Some(libc::ENOENT) => error.advise("there is no such tree"),
                        _ => error,
                    });
                }
            }
        }
    }

    fn key(&self, first: Key) -> sys::btrfs_ioctl_search_key {
        sys::btrfs_ioctl_search_key {
            tree_id: self.tree.0,
            min_objectid: first.objectid,
            max_objectid: self.last.objectid,
            min_type: first.item_type.0.into(),
            max_type: self.last.item_type.0.into(),
            min_offset: first.offset,
            max_offset: self.last.offset,
            min_transid: 0,
            max_transid: u64::MAX,
            nr_items: self.limit,
            ..Default::default()
        }
    }

    #[inline]
    fn parse(&self) -> std::result::Result<(Key, Generation, Range<usize>), Short> {
        // struct btrfs_ioctl_search_header, in the machine's own byte order; the items stand packed.
        const HEADER: usize = size_of::<sys::btrfs_ioctl_search_header>();
        let bytes = self.buffer.tail();
        let short = Short { length: bytes.len(), offset: self.offset };
        let header: &[u8; HEADER] = bytes.get(self.offset..).and_then(<[u8]>::first_chunk).ok_or(short)?;
        let u64_at = |at: usize| header[at..].first_chunk().map_or(0, |field| u64::from_ne_bytes(*field));
        let u32_at = |at: usize| header[at..].first_chunk().map_or(0, |field| u32::from_ne_bytes(*field));
        let item_type = u8::try_from(u32_at(24)).map_err(|_| short)?;
        let start = self.offset + HEADER;
        let length = usize::try_from(u32_at(28)).map_err(|_| short)?;
        let end = start.checked_add(length).filter(|end| *end <= bytes.len()).ok_or(short)?;
        Ok((Key::new(u64_at(8), ItemType(item_type), u64_at(16)), Generation(u64_at(0)), start..end))
    }

    /// The error about an item that is shorter than what it should hold.
    pub(crate) fn malformed(&self, short: Short) -> Error {
        Error::new(ErrorKind::Malformed, BTRFS_IOC_TREE_SEARCH_V2::ROW.name, self.object()).advise(short.to_string())
    }

    fn object(&self) -> String {
        format!("{} (tree {})", self.filesystem.path().display(), self.tree.0)
    }
}

impl std::fmt::Debug for TreeSearch<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TreeSearch").field("tree", &self.tree).field("next", &self.next).finish_non_exhaustive()
    }
}
