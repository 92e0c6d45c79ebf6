//! Listing all subvolumes of a filesystem.

mod entry;
mod find;
pub(in crate::subvolume) mod link;
pub(in crate::subvolume) mod reachable;
pub(in crate::subvolume) mod roots;
mod twice;
mod unchanged;

use std::iter::{FusedIterator, Zip};
use std::path::PathBuf;
use std::vec;

use crate::error::{ErrorKind, Result};
use crate::filesystem::Filesystem;
use crate::id::SubvolumeId;
use crate::subvolume::list::roots::{Root, Roots};
use crate::subvolume::list::twice::Links;
use crate::subvolume::list::unchanged::Unchanged;

pub use entry::{Place, SubvolumeEntry};
pub use reachable::ReachableSubvolumes;

/// How many subvolumes are read before they are read again, where others are at work: what a listing keeps in memory.
const BATCH: usize = 1024;

/// A lazy walk over all subvolumes of a filesystem, by id. See [`Filesystem::subvolumes`].
#[derive(Debug)]
pub struct Subvolumes<'fs> {
    filesystem: &'fs Filesystem,
    /// None once the end was reached, or an error that leaves no way on.
    roots: Option<Roots<'fs>>,
    unchanged: Unchanged<'fs>,
    /// What was read and not handed out yet, with the path if one was found.
    batch: Zip<vec::IntoIter<Box<Root>>, vec::IntoIter<Option<PathBuf>>>,
    /// What was read to see whether the caller may.
    first: Option<Result<SubvolumeEntry>>,
}

impl Filesystem {
    /// Walks over all subvolumes but the top level, by id, with their paths below the top level.
    ///
    /// One pass over the tree of trees by `BTRFS_IOC_TREE_SEARCH_V2`, and one look at each directory that subvolumes are in,
    /// like `btrfs subvolume list -a` and `-d` together. Only what others change meanwhile is read twice.
    /// Needs CAP_SYS_ADMIN in the initial user namespace; [`Filesystem::reachable_subvolumes`] needs nothing. Since
    /// Linux 3.16.
    ///
    /// It is right while others create, delete, rename and snapshot. A subvolume that is there all the while comes exactly
    /// once. Each path is one at which the subvolume was at one moment of the listing. One that was deleted, and that
    /// the cleaner has not finished with, is marked so. One that others would not let come to rest is an error of the kind
    /// [`ErrorKind::Raced`], and the walk goes on behind it; after any other error it ends.
    ///
    /// The first part is read at once, so that a caller who may not list hears of it here.
    ///
    /// ```no_run
    /// let filesystem = btrfs::Filesystem::open("/srv")?;
    /// for subvolume in filesystem.subvolumes()? {
    ///     let subvolume = subvolume?;
    ///     match subvolume.path() {
    ///         Some(path) => println!("{} {}", subvolume.info.id, path.display()),
    ///         None => println!("{} deleted", subvolume.info.id),
    ///     }
    /// }
    /// # Ok::<(), btrfs::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::PermissionDenied`] without CAP_SYS_ADMIN.
    pub fn subvolumes(&self) -> Result<Subvolumes<'_>> {
        Subvolumes::begin(self).map_err(|error| match error.kind() {
            ErrorKind::PermissionDenied => error.advise(
                "listing all subvolumes needs CAP_SYS_ADMIN in the initial user namespace; those that you can reach can be \
                 listed without",
            ),
            _ => error,
        })
    }
}

impl<'fs> Subvolumes<'fs> {
    fn begin(filesystem: &'fs Filesystem) -> Result<Self> {
        let unchanged = Unchanged::new(filesystem)?;
        let roots = Some(Roots::new(filesystem, &(SubvolumeId::FIRST..=SubvolumeId::LAST)));
        let batch = Vec::new().into_iter().zip(Vec::new());
        let mut subvolumes = Self { filesystem, roots, unchanged, batch, first: None };
        subvolumes.first = match subvolumes.advance() {
            Err(error) if *error.kind() == ErrorKind::Raced => Some(Err(error)),
            first => first?.map(Ok),
        };
        Ok(subvolumes)
    }

    #[inline]
    fn advance(&mut self) -> Result<Option<SubvolumeEntry>> {
        loop {
            if let Some((root, path)) = self.batch.next() {
                match path {
                    None if !root.is_deleted() => match SubvolumeEntry::read(self.filesystem, root.id)? {
                        Some(entry) => return Ok(Some(entry)),
                        // It is gone meanwhile.
                        None => continue,
                    },
                    path => return Ok(Some(root.settled(path))),
                }
            }
            let Some(root) = self.next_root()? else { return Ok(None) };
            match self.unchanged.path(&root)? {
                None if !root.is_deleted() => self.read_batch(root)?,
                path => return Ok(Some(root.settled(path))),
            }
        }
    }

    #[inline]
    fn next_root(&mut self) -> Result<Option<Box<Root>>> {
        let Some(roots) = &mut self.roots else { return Ok(None) };
        let root = roots.next()?;
        if root.is_none() {
            self.roots = None;
        }
        Ok(root)
    }

    /// Reads on behind a subvolume of which something may have changed, and what may have changed once more.
    fn read_batch(&mut self, first: Box<Root>) -> Result<()> {
        let mut batch = vec![first];
        while batch.len() < BATCH {
            let Some(root) = self.next_root()? else { break };
            batch.push(root);
        }
        let mut paths = Vec::with_capacity(batch.len());
        let mut open = Vec::new();
        for root in &batch {
            let path = self.unchanged.path(root)?;
            if root.link.is_some() && path.is_none() {
                open.push((&**root, paths.len()));
            }
            paths.push(path);
        }
        let links = Links::read_twice(self.filesystem, open.iter().map(|(root, _)| *root))?;
        for (root, index) in open {
            paths[index] = links.path(root.id);
        }
        self.unchanged.renew()?;
        // What was read before says nothing of the new moment.
        if let (Some(roots), Some(last)) = (&mut self.roots, batch.last()) {
            *roots = Roots::new(self.filesystem, &(SubvolumeId(last.id.0 + 1)..=SubvolumeId::LAST));
        }
        self.batch = batch.into_iter().zip(paths);
        Ok(())
    }
}

impl Iterator for Subvolumes<'_> {
    type Item = Result<SubvolumeEntry>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(first) = self.first.take() {
            return Some(first);
        }
        match self.advance() {
            Ok(Some(entry)) => Some(Ok(entry)),
            Ok(None) => None,
            Err(error) => {
                if *error.kind() != ErrorKind::Raced {
                    self.roots = None;
                    self.batch = Vec::new().into_iter().zip(Vec::new());
                }
                Some(Err(error))
            }
        }
    }
}

impl FusedIterator for Subvolumes<'_> {}
