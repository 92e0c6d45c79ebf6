//! Deleting many subvolumes until they are really gone.

use std::collections::VecDeque;
use std::iter::FusedIterator;
use std::thread;
use std::time::{Duration, Instant};

use crate::error::{Error, ErrorKind, Result};
use crate::filesystem::Filesystem;
use crate::id::SubvolumeId;
use crate::subvolume::delete::clean::some;
use crate::subvolume::delete::{Cleaning, DeletePlan, DeleteStep, Deletion};
use crate::subvolume::mounts::MountTable;

/// Subvolumes to be deleted, some at a time. See [`Filesystem::deletion_queue`].
///
/// Nothing happens but in the steps of [`DeletionQueue::run`]. Dropping it, or no longer asking for steps, leaves nothing
/// half-done: each subvolume was deleted, and the kernel cleans it up in its own time, or is as it was.
#[derive(Debug)]
#[must_use = "nothing is deleted until it is run"]
pub struct DeletionQueue<'fs> {
    filesystem: &'fs Filesystem,
    /// None before the first deletion.
    mounts: Option<MountTable>,
    waiting: VecDeque<Job<'fs>>,
    cleaning: Cleaning<'fs>,
    bound: usize,
    deleted: usize,
    /// How many are gone whose space only the next commit gives back.
    uncommitted: usize,
    failures: Vec<NotDeleted>,
}

#[derive(Debug)]
enum Job<'fs> {
    One(SubvolumeId),
    Plan(Deletion<'fs>),
}

/// A subvolume of a [`DeletionQueue`] that could not be deleted, and why.
#[derive(Debug)]
#[non_exhaustive]
pub struct NotDeleted {
    /// Its id.
    pub id: SubvolumeId,
    /// Why.
    pub error: Error,
    /// Those of its plan that were not deleted because of it.
    pub others: Vec<DeleteStep>,
}

/// How far a [`DeletionQueue`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct QueueProgress {
    /// Subvolumes that were deleted, those that are gone included.
    pub deleted: usize,
    /// Subvolumes that are really gone.
    pub cleaned: usize,
    /// Subvolumes that were deleted and are not gone yet.
    pub in_flight: usize,
    /// Subvolumes that are still to be deleted.
    pub waiting: usize,
    /// Subvolumes that could not be deleted: see [`DeletionQueue::failures`].
    pub failed: usize,
    /// Time since this run began.
    pub elapsed: Duration,
}

impl Filesystem {
    /// A queue of subvolumes to be deleted, by id, until they are really gone.
    ///
    /// Like `btrfs subvolume delete` and `btrfs subvolume sync`, but so that the filesystem stays usable meanwhile: only so
    /// many subvolumes are deleted as the kernel has cleaned up before. What the cleaner leaves to a commit is
    /// therefore little, and nobody waits long for it.
    ///
    /// `BTRFS_IOC_SNAP_DESTROY_V2` for each, `BTRFS_IOC_SYNC` to wake the cleaner and `BTRFS_IOC_TREE_SEARCH_V2` to see
    /// what it has left. Needs CAP_SYS_ADMIN in the initial user namespace. Since Linux 5.7.
    ///
    /// ```no_run
    /// # use std::time::Duration;
    /// # use btrfs::{Filesystem, SubvolumeId};
    /// # let old: Vec<SubvolumeId> = Vec::new();
    /// let filesystem = Filesystem::open("/srv")?;
    /// let mut queue = filesystem.deletion_queue(old);
    /// for progress in queue.run(Duration::from_secs(600)) {
    ///     let progress = progress?;
    ///     println!("{} of {} gone", progress.cleaned, progress.deleted + progress.waiting);
    /// }
    /// for failure in queue.failures() {
    ///     eprintln!("{}", failure.error);
    /// }
    /// # Ok::<(), btrfs::Error>(())
    /// ```
    pub fn deletion_queue(&self, ids: impl IntoIterator<Item = SubvolumeId>) -> DeletionQueue<'_> {
        DeletionQueue {
            filesystem: self,
            mounts: None,
            waiting: ids.into_iter().map(Job::One).collect(),
            cleaning: Cleaning::of_none(self),
            bound: DeletionQueue::IN_FLIGHT,
            deleted: 0,
            uncommitted: 0,
            failures: Vec::new(),
        }
    }
}

impl<'fs> DeletionQueue<'fs> {
    /// How many may be in flight if nothing else is said. With fewer, the commits that wake the cleaner cost more than what
    /// it does; with more, single commits become long.
    pub const IN_FLIGHT: usize = 64;

    /// Lets so many subvolumes, and at least one, be deleted and not cleaned up at any time.
    pub fn max_in_flight(self, bound: usize) -> Self {
        Self { bound: bound.max(1), ..self }
    }

    /// Adds a subvolume at the end.
    pub fn push(&mut self, id: SubvolumeId) {
        self.waiting.push_back(Job::One(id));
    }

    /// Adds a plan at the end. It is compared with what is there when its turn comes, as by [`DeletePlan::execute`].
    pub fn push_plan(&mut self, plan: DeletePlan<'fs>) {
        self.waiting.push_back(Job::Plan(plan.execute()));
    }

    /// Those that are still to be deleted, in this order.
    pub fn waiting(&self) -> impl Iterator<Item = SubvolumeId> {
        self.waiting.iter().flat_map(|job| {
            let (one, plan) = match job {
                Job::One(id) => (Some(*id), None),
                Job::Plan(deletion) => (None, Some(deletion.remaining().map(|step| step.id))),
            };
            one.into_iter().chain(plan.into_iter().flatten())
        })
    }

    /// Those that were deleted and are not gone yet, as of the last look, by id.
    pub fn in_flight(&self) -> impl ExactSizeIterator<Item = SubvolumeId> {
        self.cleaning.remaining()
    }

    /// Those that could not be deleted, in the order in which they were tried.
    #[must_use]
    pub fn failures(&self) -> &[NotDeleted] {
        &self.failures
    }

    /// Deletes and looks, until nothing is left to do or the time is over. What can't be deleted does not keep the others
    /// from it: see [`DeletionQueue::failures`].
    ///
    /// Each step tells how far it is, and takes a quarter of a second at most, apart from what the kernel takes for one call.
    /// With the last step the space is back.
    ///
    /// # Errors
    ///
    /// Each step: [`ErrorKind::TimedOut`], with what is left; what looking at the filesystem says. Then the run ends; another
    /// one goes on where it ended.
    pub fn run(&mut self, timeout: Duration) -> QueueRun<'_, 'fs> {
        let start = Instant::now();
        QueueRun {
            queue: self,
            start,
            deadline: start.checked_add(timeout),
            timeout,
            pause: QueueRun::SHORTEST,
            ended: false,
        }
    }

    fn is_done(&self) -> bool {
        self.waiting.is_empty() && self.in_flight().len() == 0
    }

    fn look(&mut self) -> Result<usize> {
        let finished = self.cleaning.look()?;
        self.uncommitted += finished;
        Ok(finished)
    }

    /// Gives back the space of what is gone, and wakes the cleaner.
    fn commit(&mut self) -> Result<()> {
        self.filesystem.sync()?;
        self.uncommitted = 0;
        Ok(())
    }

    /// Deletes the next one, if any.
    fn delete_next(&mut self) -> Result<()> {
        let mounts = match &mut self.mounts {
            Some(mounts) => mounts,
            none => none.insert(MountTable::open(self.filesystem)?),
        };
        let deleted = match self.waiting.pop_front() {
            None => return Ok(()),
            Some(Job::One(id)) => {
                let result = self.filesystem.delete_unmounted(id, mounts).map(|()| id);
                result.map_err(|error| NotDeleted { id, error, others: Vec::new() })
            }
            Some(Job::Plan(mut deletion)) => match deletion.next() {
                None => return Ok(()),
                Some(Ok(step)) => {
                    self.waiting.push_front(Job::Plan(deletion));
                    Ok(step.id)
                }
                Some(Err(error)) => {
                    let mut left = deletion.remaining().cloned();
                    let Some(first) = left.next() else { return Err(error) };
                    Err(NotDeleted { id: first.id, error, others: left.collect() })
                }
            },
        };
        match deleted {
            Ok(id) => {
                self.deleted += 1;
                self.cleaning.add(id);
            }
            Err(failure) => self.failures.push(failure),
        }
        Ok(())
    }
}

impl Extend<SubvolumeId> for DeletionQueue<'_> {
    fn extend<I: IntoIterator<Item = SubvolumeId>>(&mut self, ids: I) {
        self.waiting.extend(ids.into_iter().map(Job::One));
    }
}

/// A [`DeletionQueue`] at work. See [`DeletionQueue::run`].
#[derive(Debug)]
#[must_use = "each step happens when it is asked for"]
pub struct QueueRun<'a, 'fs> {
    queue: &'a mut DeletionQueue<'fs>,
    start: Instant,
    /// None where it is further away than time goes.
    deadline: Option<Instant>,
    timeout: Duration,
    pause: Duration,
    ended: bool,
}

impl QueueRun<'_, '_> {
    const SLICE: Duration = Duration::from_millis(250);
    const SHORTEST: Duration = Duration::from_millis(1);
    const LONGEST: Duration = Duration::from_millis(160);

    fn step(&mut self) -> Result<QueueProgress> {
        if self.left().is_zero() && !self.queue.is_done() {
            return Err(self.timed_out());
        }
        let slice = Instant::now();
        while self.queue.in_flight().len() < self.queue.bound
            && !self.queue.waiting.is_empty()
            && slice.elapsed() < Self::SLICE
            && !self.left().is_zero()
        {
            self.queue.delete_next()?;
        }
        if self.queue.in_flight().len() > 0 {
            let mut finished = self.queue.look()?;
            // The cleaner may be asleep, for it goes on by itself only as long as there is more to do. And what it has done
            // makes the next commit longer.
            if finished == 0 || self.queue.uncommitted >= self.queue.bound {
                self.queue.commit()?;
                finished += self.queue.look()?;
            }
            self.pause = if finished > 0 { Self::SHORTEST } else { (2 * self.pause).min(Self::LONGEST) };
            if self.queue.in_flight().len() > 0 {
                thread::sleep(self.pause.min(self.left()));
            }
        }
        if self.queue.is_done() {
            self.ended = true;
            if self.queue.uncommitted > 0 {
                self.queue.commit()?;
            }
        }
        Ok(self.progress())
    }

    fn left(&self) -> Duration {
        self.deadline.map_or(Duration::MAX, |deadline| deadline.saturating_duration_since(Instant::now()))
    }

    fn progress(&self) -> QueueProgress {
        let queue = &*self.queue;
        let in_flight = queue.cleaning.remaining().len();
        QueueProgress {
            deleted: queue.deleted,
            cleaned: queue.deleted - in_flight,
            in_flight,
            waiting: queue.waiting().count(),
            failed: queue.failures.iter().map(|failure| 1 + failure.others.len()).sum(),
            elapsed: self.start.elapsed(),
        }
    }

    fn timed_out(&self) -> Error {
        let DeletionQueue { filesystem, cleaning, .. } = &*self.queue;
        let left = cleaning.left(self.timeout);
        let waiting = some(self.queue.waiting());
        Error::new(ErrorKind::TimedOut, "DeletionQueue::run", filesystem.path().display())
            .advise(if waiting.is_empty() { left } else { format!("{left}; not deleted: {waiting}") })
    }
}

impl Iterator for QueueRun<'_, '_> {
    type Item = Result<QueueProgress>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let result = self.step();
        self.ended |= result.is_err();
        Some(result)
    }
}

impl FusedIterator for QueueRun<'_, '_> {}
