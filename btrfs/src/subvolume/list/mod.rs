//! Listing all subvolumes of a filesystem.

mod entry;
mod find;
pub(in crate::subvolume) mod link;
pub(in crate::subvolume) mod reachable;
pub(in crate::subvolume) mod roots;

use std::collections::VecDeque;
use std::iter::FusedIterator;

use crate::error::{ErrorKind, Result};
use crate::filesystem::Filesystem;
use crate::id::SubvolumeId;
use crate::subvolume::list::link::Links;
use crate::subvolume::list::roots::{Root, Roots};

pub use entry::{Place, SubvolumeEntry};
pub use reachable::ReachableSubvolumes;

/// How many subvolumes are read before their paths are looked up: what a listing keeps in memory.
const BATCH: usize = 1024;

/// A lazy walk over all subvolumes of a filesystem, by id. See [`Filesystem::subvolumes`].
#[derive(Debug)]
pub struct Subvolumes<'fs> {
    filesystem: &'fs Filesystem,
    /// None once the end was reached, or an error that leaves no way on.
    roots: Option<Roots<'fs>>,
    ready: VecDeque<Result<SubvolumeEntry>>,
}

impl Filesystem {
    /// Walks over all subvolumes but the top level, by id, with their paths below the top level.
    ///
    /// One pass over the tree of trees by `BTRFS_IOC_TREE_SEARCH_V2`, like `btrfs subvolume list -a` and `-d` together.
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
        let ids = SubvolumeId::FIRST..=SubvolumeId::LAST;
        let roots = Some(Roots::new(self, &ids));
        let mut subvolumes = Subvolumes { filesystem: self, roots, ready: VecDeque::new() };
        subvolumes.fill().map_err(|error| match error.kind() {
            ErrorKind::PermissionDenied => error.advise(
                "listing all subvolumes needs CAP_SYS_ADMIN in the initial user namespace; those that you can reach can be \
                 listed without",
            ),
            _ => error,
        })?;
        Ok(subvolumes)
    }
}

impl Subvolumes<'_> {
    /// Reads the next batch. Nothing is ready afterwards only at the end.
    fn fill(&mut self) -> Result<()> {
        while self.ready.is_empty() {
            let Some(roots) = &mut self.roots else { return Ok(()) };
            let mut batch = Vec::new();
            while batch.len() < BATCH {
                let Some(root) = roots.next()? else {
                    self.roots = None;
                    break;
                };
                batch.push(root);
            }
            self.settle(batch)?;
        }
        Ok(())
    }

    fn settle(&mut self, batch: Vec<Root>) -> Result<()> {
        let (Some(first), Some(last)) = (batch.first(), batch.last()) else { return Ok(()) };
        let ids = first.id..=last.id;
        let mut links = Links::default();
        for root in &batch {
            if let Some(link) = &root.link {
                links.insert(root.id, link.clone());
            }
        }
        for parent in links.parents() {
            links.load(self.filesystem, parent)?;
        }
        links.verify(self.filesystem, Some(&ids))?;
        for root in batch {
            let id = root.id;
            if root.link.is_none() && root.item.is_dead() {
                self.ready.push_back(Ok(SubvolumeEntry::deleted(root)));
            } else if let Some(path) = links.path(id) {
                self.ready.push_back(Ok(SubvolumeEntry::at(root, path)));
            } else if let Some(entry) = SubvolumeEntry::read(self.filesystem, id).transpose() {
                self.ready.push_back(entry);
            }
        }
        Ok(())
    }
}

impl Iterator for Subvolumes<'_> {
    type Item = Result<SubvolumeEntry>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Err(error) = self.fill() {
            self.roots = None;
            return Some(Err(error));
        }
        self.ready.pop_front()
    }
}

impl FusedIterator for Subvolumes<'_> {}
