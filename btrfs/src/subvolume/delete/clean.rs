//! Waiting until deleted subvolumes are really gone, and their space is back.

use std::collections::BTreeSet;
use std::iter::FusedIterator;
use std::thread;
use std::time::{Duration, Instant};

use btrfs_sys as sys;

use crate::error::{Error, ErrorKind, Result};
use crate::filesystem::Filesystem;
use crate::id::SubvolumeId;
use crate::key::{ItemType, Key};
use crate::subvolume::SubvolumeEntry;
use crate::subvolume::list::roots::Root;
use crate::tree_search::TreeId;

/// Deleted subvolumes that the kernel's cleaner has yet to finish with. See [`Filesystem::cleaning`].
#[derive(Debug)]
pub struct Cleaning<'fs> {
    filesystem: &'fs Filesystem,
    remaining: BTreeSet<SubvolumeId>,
    cleaned: usize,
    absent: Vec<SubvolumeId>,
}

/// How far a [`Cleaning`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct CleaningProgress {
    /// Subvolumes that went while we watched.
    pub cleaned: usize,
    /// Subvolumes that are still there.
    pub remaining: usize,
}

impl Filesystem {
    /// The subvolumes that were deleted and that the cleaner has not finished with, by id.
    ///
    /// `BTRFS_IOC_TREE_SEARCH_V2`, like `btrfs subvolume list -d`. Needs CAP_SYS_ADMIN in the initial user namespace.
    /// Since Linux 3.16.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::PermissionDenied`].
    pub fn deleted_subvolumes(&self) -> Result<BTreeSet<SubvolumeId>> {
        let key = |id: SubvolumeId| Key::new(sys::BTRFS_ORPHAN_OBJECTID, ItemType::ORPHAN_ITEM, id.0);
        let mut search = self.search(TreeId::ROOT, key(SubvolumeId::FIRST), key(SubvolumeId::LAST));
        let mut ids = BTreeSet::new();
        while let Some(item) = search.next_item()? {
            ids.insert(SubvolumeId(item.key.offset));
        }
        Ok(ids)
    }

    /// Takes deleted subvolumes under watch until they are really gone.
    ///
    /// Like `btrfs subvolume sync`, but without its half-minute stall, and alike on every kernel since 3.16: the cleaner
    /// is woken by `BTRFS_IOC_SYNC`, and what it has left is read by `BTRFS_IOC_TREE_SEARCH_V2`.
    /// (`BTRFS_IOC_SUBVOL_SYNC_WAIT`, since Linux 6.13, only waits for a cleaner that sleeps, and says `ENOENT` when all went
    /// well.) Needs CAP_SYS_ADMIN in the initial user namespace.
    ///
    /// An id that is not there now was cleaned up before, or never was: the kernel keeps no record. So it is not counted as
    /// cleaned: see [`Cleaning::absent`].
    ///
    /// ```no_run
    /// # use std::time::Duration;
    /// let filesystem = btrfs::Filesystem::open("/srv")?;
    /// let mut cleaning = filesystem.cleaning(filesystem.deleted_subvolumes()?)?;
    /// for progress in cleaning.watch(Duration::from_secs(60)) {
    ///     println!("{} to go", progress?.remaining);
    /// }
    /// # Ok::<(), btrfs::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`] where one of them was not deleted: one would wait for ever.
    /// [`ErrorKind::PermissionDenied`].
    pub fn cleaning(&self, ids: impl IntoIterator<Item = SubvolumeId>) -> Result<Cleaning<'_>> {
        let mut cleaning = Cleaning::of_none(self);
        for id in ids {
            let found = if id.is_subvolume() { SubvolumeEntry::read(self, id)? } else { None };
            match found {
                Some(entry) if entry.is_deleted() => {
                    cleaning.remaining.insert(id);
                }
                Some(entry) => {
                    let path = entry.path().unwrap_or_else(|| "".as_ref());
                    return Err(Error::new(
                        ErrorKind::InvalidArgument,
                        "Filesystem::cleaning",
                        format!("subvolume {id}"),
                    )
                    .advise(format!("it was not deleted: it is {path:?}")));
                }
                None => cleaning.absent.push(id),
            }
        }
        Ok(cleaning)
    }
}

impl<'fs> Cleaning<'fs> {
    pub(super) fn of_none(filesystem: &'fs Filesystem) -> Self {
        Self { filesystem, remaining: BTreeSet::new(), cleaned: 0, absent: Vec::new() }
    }

    /// Takes one under watch that was just deleted.
    pub(super) fn add(&mut self, id: SubvolumeId) {
        self.remaining.insert(id);
    }

    /// Those that are still there, as of the last look.
    pub fn remaining(&self) -> impl ExactSizeIterator<Item = SubvolumeId> {
        self.remaining.iter().copied()
    }

    /// Those that were not there at the beginning: cleaned up before, or never there.
    #[must_use]
    pub fn absent(&self) -> &[SubvolumeId] {
        &self.absent
    }

    /// Wakes the cleaner and looks once. `BTRFS_IOC_SYNC` and `BTRFS_IOC_TREE_SEARCH_V2`.
    ///
    /// # Errors
    ///
    /// What these say.
    pub fn poll(&mut self) -> Result<CleaningProgress> {
        self.filesystem.sync()?;
        if self.look()? > 0 {
            // Only a commit gives the space back.
            self.filesystem.sync()?;
        }
        Ok(CleaningProgress { cleaned: self.cleaned, remaining: self.remaining.len() })
    }

    /// Looks, without waking anybody, and says how many are gone since the last look.
    pub(super) fn look(&mut self) -> Result<usize> {
        // When the cleaner has finished, it takes away the root item and then the note that it had to be done.
        let noted = self.filesystem.deleted_subvolumes()?;
        let mut remaining = BTreeSet::new();
        for &id in &self.remaining {
            if noted.contains(&id) || Root::read(self.filesystem, id)?.is_some() {
                remaining.insert(id);
            }
        }
        let finished = self.remaining.len() - remaining.len();
        self.cleaned += finished;
        self.remaining = remaining;
        Ok(finished)
    }

    /// What is left, and why that may be.
    pub(super) fn left(&self, timeout: Duration) -> String {
        format!(
            "{} deleted subvolumes are still there after {timeout:?} ({}): the cleaner waits for files in them that are \
             still open, and does not work while the filesystem is mounted read-only or balanced",
            self.remaining.len(),
            some(self.remaining()),
        )
    }

    /// Looks again and again, until none is left or the time is over.
    ///
    /// The first look is at once, and there are 20 ms to the next; where nothing moves, the pauses double, up to a third of
    /// a second, because each look makes the filesystem commit.
    ///
    /// # Errors
    ///
    /// Each step: [`ErrorKind::TimedOut`], with what is left, or what [`Cleaning::poll`] says. Then it ends; watching can
    /// be taken up again.
    pub fn watch(&mut self, timeout: Duration) -> Watch<'_, 'fs> {
        Watch { cleaning: self, deadline: Instant::now().checked_add(timeout), timeout, pause: None, ended: false }
    }

    /// [`Cleaning::watch`] to its end.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::TimedOut`], with what is left, or what [`Cleaning::poll`] says.
    pub fn wait(&mut self, timeout: Duration) -> Result<()> {
        self.watch(timeout).try_for_each(|progress| progress.map(drop))
    }
}

/// The looks at a [`Cleaning`], one for each step. See [`Cleaning::watch`].
#[derive(Debug)]
pub struct Watch<'a, 'fs> {
    cleaning: &'a mut Cleaning<'fs>,
    /// None where it is further away than time goes.
    deadline: Option<Instant>,
    timeout: Duration,
    /// None before the first look.
    pause: Option<Duration>,
    ended: bool,
}

impl Watch<'_, '_> {
    const SHORTEST: Duration = Duration::from_millis(20);
    const LONGEST: Duration = Duration::from_millis(320);

    fn step(&mut self) -> Result<CleaningProgress> {
        if let Some(pause) = self.pause {
            let left = self.deadline.map_or(pause, |deadline| deadline.saturating_duration_since(Instant::now()));
            if left.is_zero() {
                return Err(self.timed_out());
            }
            thread::sleep(pause.min(left));
        }
        let before = self.cleaning.remaining.len();
        let progress = self.cleaning.poll()?;
        self.pause = Some(match self.pause {
            Some(pause) if progress.remaining == before => (2 * pause).min(Self::LONGEST),
            _ => Self::SHORTEST,
        });
        Ok(progress)
    }

    fn timed_out(&self) -> Error {
        Error::new(ErrorKind::TimedOut, "Cleaning::watch", self.cleaning.filesystem.path().display())
            .advise(self.cleaning.left(self.timeout))
    }
}

impl Iterator for Watch<'_, '_> {
    type Item = Result<CleaningProgress>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let result = self.step();
        self.ended = !matches!(result, Ok(CleaningProgress { remaining: 1.., .. }));
        Some(result)
    }
}

impl FusedIterator for Watch<'_, '_> {}

/// The first ten of them, for a message.
pub(super) fn some(mut ids: impl Iterator<Item = SubvolumeId>) -> String {
    let some: Vec<String> = ids.by_ref().take(10).map(|id| id.to_string()).collect();
    let more = if ids.next().is_some() { ", ..." } else { "" };
    some.join(", ") + more
}
