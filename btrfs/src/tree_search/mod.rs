//! Reading the items of any tree, a buffer at a time.

mod ahead;

use std::mem::size_of;
use std::ops::Range;
use std::os::fd::{AsFd, BorrowedFd};

use btrfs_sys as sys;
use btrfs_sys::ioctl::{BTRFS_IOC_TREE_SEARCH_V2, Command};

use crate::bytes::Short;
use crate::error::{Error, ErrorKind, Result};
use crate::filesystem::Filesystem;
use crate::id::Generation;
use crate::ioctl::{Buffer, Failure};
use crate::key::{ItemType, Key};

use ahead::Ahead;

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
    question: Question,
    /// What is still to be asked for; `None` at the end.
    next: Option<Key>,
    buffer: Memory,
    /// Whether to read ahead where there is much, and the thread that does.
    reads_ahead: bool,
    ahead: Option<Ahead>,
    /// Items of the buffer not handed out yet, and where the next of them begins.
    items: u32,
    offset: usize,
}

type Memory = Buffer<BTRFS_IOC_TREE_SEARCH_V2>;

/// What is asked for, but for where it begins.
#[derive(Debug, Clone, Copy)]
struct Question {
    tree: TreeId,
    last: Key,
    /// How many items to ask for at a time.
    limit: u32,
}

impl Question {
    /// Asks the kernel, and says how many items there are in the buffer, which grows until one fits.
    fn ask(&self, fd: BorrowedFd<'_>, first: Key, buffer: &mut Memory) -> std::result::Result<u32, Failure> {
        loop {
            let header = sys::btrfs_ioctl_search_args_v2 { key: self.key(first), ..Default::default() };
            match buffer.call(fd, header) {
                // Not even one item fits.
                Err(failure) if failure.errno() == Some(libc::EOVERFLOW) && buffer.capacity() < LAST_BUFFER => {
                    *buffer = Buffer::new(2 * buffer.capacity());
                }
                answer => return answer.map(|header| header.key.nr_items),
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
            question: Question { tree, last, limit: u32::MAX },
            next: Some(first),
            buffer: Buffer::new(buffer),
            reads_ahead: false,
            ahead: None,
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
        let item = parse(self.buffer.tail(), self.offset).map_err(|short| self.malformed(short))?;
        let (key, generation, data) = item;
        self.items -= 1;
        self.offset = data.end;
        self.next = key.next();
        Ok(Some(Item { key, generation, data: &self.buffer.tail()[data] }))
    }

    /// Asks for so many items at a time. When it has found them, the kernel need not look through the rest of the leaf for
    /// more: half of what a call for one item costs.
    pub(crate) fn at_a_time(mut self, items: u32) -> Self {
        self.question.limit = items;
        self
    }

    /// Where there is more than a buffer holds, has another thread ask for it while this one looks at what came.
    pub(crate) fn reading_ahead(mut self) -> Self {
        self.reads_ahead = true;
        self
    }

    /// Asks the kernel for more; false when there is none.
    fn fill(&mut self) -> Result<bool> {
        let Some(first) = self.next.filter(|first| *first <= self.question.last) else {
            return Ok(false);
        };
        let ahead =
            self.ahead.as_mut().and_then(|ahead| ahead.exchange(std::mem::replace(&mut self.buffer, Buffer::new(0))));
        let asked = match ahead {
            Some((buffer, asked)) => {
                self.buffer = buffer;
                asked
            }
            None => {
                if self.ahead.take().is_some() {
                    self.buffer = Buffer::new(FIRST_BUFFER);
                }
                self.question.ask(self.filesystem.as_fd(), first, &mut self.buffer)
            }
        };
        self.items = asked.map_err(|failure| self.explain(failure))?;
        self.offset = 0;
        if self.reads_ahead && self.ahead.is_none() {
            self.read_ahead();
        }
        Ok(self.items > 0)
    }

    /// Begins to read ahead, if the buffer is so full that there may be more.
    fn read_ahead(&mut self) {
        self.reads_ahead = false;
        let Some((next, used)) = ahead::behind(self.buffer.tail(), self.items) else { return };
        if next <= self.question.last && used > self.buffer.capacity() / 2 {
            self.ahead = Ahead::begin(self.filesystem, self.question, next, self.buffer.capacity());
        }
    }

    fn explain(&self, failure: Failure) -> Error {
        let error = failure.on(self.object());
        match failure.errno() {
            Some(libc::EPERM) => error.advise("searching a tree needs CAP_SYS_ADMIN in the initial user namespace"),
            Some(libc::ENOENT) => error.advise("there is no such tree"),
            _ => error,
        }
    }

    /// The error about an item that is shorter than what it should hold.
    pub(crate) fn malformed(&self, short: Short) -> Error {
        Error::new(ErrorKind::Malformed, BTRFS_IOC_TREE_SEARCH_V2::ROW.name, self.object()).advise(short.to_string())
    }

    fn object(&self) -> String {
        format!("{} (tree {})", self.filesystem.path().display(), self.question.tree.0)
    }
}

/// The item that begins there: its key, the generation of its leaf, and where its bytes are.
#[inline]
fn parse(bytes: &[u8], offset: usize) -> std::result::Result<(Key, Generation, Range<usize>), Short> {
    // struct btrfs_ioctl_search_header, in the machine's own byte order; the items stand packed.
    const HEADER: usize = size_of::<sys::btrfs_ioctl_search_header>();
    let short = Short { length: bytes.len(), offset };
    let header: &[u8; HEADER] = bytes.get(offset..).and_then(<[u8]>::first_chunk).ok_or(short)?;
    let u64_at = |at: usize| header[at..].first_chunk().map_or(0, |field| u64::from_ne_bytes(*field));
    let u32_at = |at: usize| header[at..].first_chunk().map_or(0, |field| u32::from_ne_bytes(*field));
    let item_type = u8::try_from(u32_at(24)).map_err(|_| short)?;
    let start = offset + HEADER;
    let length = usize::try_from(u32_at(28)).map_err(|_| short)?;
    let end = start.checked_add(length).filter(|end| *end <= bytes.len()).ok_or(short)?;
    Ok((Key::new(u64_at(8), ItemType(item_type), u64_at(16)), Generation(u64_at(0)), start..end))
}

impl std::fmt::Debug for TreeSearch<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TreeSearch")
            .field("tree", &self.question.tree)
            .field("next", &self.next)
            .finish_non_exhaustive()
    }
}
