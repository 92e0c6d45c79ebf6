//! Group snapshots: many sources in one call, sharing commits.

use std::collections::HashMap;
use std::ffi::OsString;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;

use crate::error::{Error, ErrorKind, Result};
use crate::filesystem::Filesystem;
use crate::id::QgroupId;
use crate::ioctl::ShortSlice;
use crate::open;
use crate::subvolume::snapshot::moment::{OneMoment, begin_commit};
use crate::subvolume::snapshot::outcome::{GroupOutcome, Member, Taking};
use crate::subvolume::snapshot::together::together;
use crate::subvolume::{SnapshotOptions, Subvolume, SubvolumeInfo};

pub(super) const TAKE: &str = "SnapshotGroup::take";
pub(super) const TAKE_AS_ONE: &str = "SnapshotGroup::take_as_one";

/// Snapshots of many subvolumes of one filesystem, to be taken at the same time.
///
/// A snapshot costs a commit of the filesystem, which is slow. Snapshots that are asked for at the same time, **each into a
/// parent directory of its own**, join the same commit: on Linux 6.18, 256 of them took 2 commits instead of 256. What that
/// saves is time for flushes: with 5 ms for each, they took 92 ms instead of 3 s. In one directory they wait for each other.
/// So give every source its own, `.snapshots/<source>/<stamp>`. Each reserves about 1.5 MiB of metadata space until it is
/// committed: on a filesystem of 4 GiB, 166 got into one transaction, on one of 16 GiB all of them.
///
/// Before Linux 6.6 a transaction takes nobody in once its commit was asked for, even while that waits for the commit
/// before it. There a group is taken all the same, but shares little: on 6.1, 64 snapshots took 61 commits.
///
/// # What sharing a transaction promises
///
/// Snapshots with one [`otransid`](SubvolumeInfo::otransid) were taken in one transaction. The kernel takes them with every
/// other change of the filesystem held up, so they show all its subvolumes' trees at one instant: **what was in a tree before
/// a change of another one began can't be missing where that change is there**. [`SnapshotGroup::take_as_one`] tries for
/// it, and [`GroupOutcome::is_one_moment`] tells whether it came to that; of members in several transactions nothing of
/// this holds, and snapshots taken one after the other are never of one.
///
/// What is in the tree, and so in order, when the call returns:
///
/// - making, removing, renaming and linking of files and directories, attributes and permissions, also without any sync;
/// - data that `fsync`, `fdatasync`, `msync(MS_SYNC)` or a write with `O_DSYNC` or `O_SYNC` has made durable.
///
/// What is not: data that was written but not synced. It gets into the tree when the kernel writes it out, file by file in
/// an order of its own. So of two buffered writes, the second may be there without the first, or half of one; the same
/// goes for stores into a mapped file, and for `O_DIRECT` without `O_DSYNC`, whose extents may be entered into the tree
/// after the call has returned, by a kernel thread. What is promised of such data: each snapshot has all of its source that
/// was written before the group was asked for, as the kernel flushes the source first. Programs that must not be torn have
/// to sync, as for a power failure, and as for that, an application of several files needs a journal, or to be held still.
///
/// Nothing is undone by itself: of a group that is interrupted, by SIGKILL too, some snapshots may be there.
///
/// ```no_run
/// use btrfs::Subvolume;
/// use btrfs::subvolume::SnapshotGroup;
/// use std::fs::File;
///
/// let (home, mail) = (Subvolume::open("/srv/home")?, Subvolume::open("/srv/mail")?);
/// let (homes, mails) = (File::open("/srv/.snapshots/home")?, File::open("/srv/.snapshots/mail")?);
/// let outcome = SnapshotGroup::new()
///     .read_only()
///     .add(&home, &homes, "2026-11-22")
///     .add(&mail, &mails, "2026-11-22")
///     .take()?;
/// for (name, error) in outcome.failed() {
///     eprintln!("{name:?}: {error}");
/// }
/// if !outcome.is_complete() {
///     for removal in outcome.remove_taken() {
///         removal.result?;
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct SnapshotGroup<'fd> {
    pub(super) options: SnapshotOptions,
    flush_first: bool,
    pub(super) asked: Vec<Asked<'fd>>,
}

#[derive(Debug)]
pub(super) struct Asked<'fd> {
    pub(super) source: BorrowedFd<'fd>,
    pub(super) parent: BorrowedFd<'fd>,
    pub(super) name: OsString,
}

impl<'fd> SnapshotGroup<'fd> {
    /// An empty group of writable snapshots.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty group of snapshots as these options say. What is flushed is flushed once.
    pub(super) fn of(options: SnapshotOptions) -> Self {
        let flush_first = options.flush_first;
        Self { options: SnapshotOptions { flush_first: false, ..options }, flush_first, asked: Vec::new() }
    }

    /// Makes the snapshots read-only from the start.
    #[must_use]
    pub fn read_only(mut self) -> Self {
        self.options = self.options.read_only();
        self
    }

    /// Puts each snapshot into a quota group, as [`SnapshotOptions::inherit`].
    #[must_use]
    pub fn inherit(mut self, qgroup: QgroupId) -> Self {
        self.options = self.options.inherit(qgroup);
        self
    }

    /// Writes all dirty data of the filesystem and commits it before the snapshots are asked for, once for the group, as
    /// [`SnapshotOptions::flush_first`].
    #[must_use]
    pub fn flush_first(mut self) -> Self {
        self.flush_first = true;
        self
    }

    /// Adds a snapshot of `source`, called `name`, in the open directory `parent`.
    #[must_use]
    pub fn add(mut self, source: &'fd impl AsFd, parent: &'fd impl AsFd, name: impl Into<OsString>) -> Self {
        self.asked.push(Asked { source: source.as_fd(), parent: parent.as_fd(), name: name.into() });
        self
    }

    /// Takes all the snapshots at once, in up to 256 threads.
    ///
    /// `BTRFS_IOC_SNAP_CREATE_V2` for each; no command of btrfs-progs does this. Needs what [`SnapshotOptions::create`]
    /// needs. Since Linux 4.18, for the description of what was taken.
    ///
    /// # Errors
    ///
    /// Nothing was taken where this returns an error, which names the member: all that
    /// [`SnapshotOptions::preflight`] finds; [`ErrorKind::InvalidArgument`] where two members would have the same path;
    /// [`ErrorKind::DifferentFilesystem`] where not all is on one filesystem. What goes wrong afterwards, with one
    /// member, is in the outcome.
    #[doc(alias = "BTRFS_IOC_SNAP_CREATE_V2")]
    pub fn take(self) -> Result<GroupOutcome<'fd>> {
        let sources = self.preflight()?;
        if self.flush_first {
            self.flush()?;
        }
        Ok(GroupOutcome::new(self.attempt(&sources, || (), || ()), Vec::new(), None))
    }

    /// Takes all the snapshots in one transaction, if need be in several attempts.
    ///
    /// From the moment in which the commit of a transaction begins, it takes nobody in, and the next one can't be committed
    /// before it is on disk. So all that ask for a snapshot while it lasts get into the next transaction together. Each
    /// attempt begins a commit, and lets the members go when the kernel says that it has begun. Where some come later all
    /// the same, because their source has much to be flushed, or the processors are busy, the snapshots of this attempt
    /// are removed, with the same care as by [`GroupOutcome::remove_taken`], and it starts over, as often as `how` allows.
    ///
    /// **Whether it came to one moment is for the caller to look at**, by [`GroupOutcome::is_one_moment`]. If it did not,
    /// what the last attempt took is there. No attempt is repeated in which a member failed. Where more attempts are of no
    /// use, there are none, and [`GroupOutcome::gave_up`] says why: members with the same parent directory, snapshots that
    /// can't be removed, a kernel before Linux 6.6. Of a process that is killed, snapshots may remain, of one attempt and
    /// under the members' names; nothing else is made that would.
    ///
    /// [`flush_first`](Self::flush_first) flushes before each attempt. Under writers that takes fewer attempts, but was slower
    /// on the whole where it was measured: it is for sources that were written and now are not.
    ///
    /// `BTRFS_IOC_START_SYNC`, `BTRFS_IOC_SNAP_CREATE_V2`, `BTRFS_IOC_SNAP_DESTROY_V2`; no command of btrfs-progs does
    /// this. Needs what [`SnapshotGroup::take`] needs, and for more than one attempt what
    /// [`Filesystem::delete_subvolume`] needs. Since Linux 6.6 with success.
    ///
    /// # Errors
    ///
    /// Nothing was taken where this returns an error: as [`SnapshotGroup::take`].
    #[doc(alias = "BTRFS_IOC_START_SYNC")]
    #[doc(alias = "BTRFS_IOC_SNAP_CREATE_V2")]
    pub fn take_as_one(self, how: &OneMoment) -> Result<GroupOutcome<'fd>> {
        let sources = self.preflight()?;
        let Some(first) = self.asked.first() else { return Ok(GroupOutcome::new(Vec::new(), Vec::new(), None)) };
        let filesystem = Filesystem::from_fd(first.parent)?;
        let flush = || if self.flush_first { filesystem.sync() } else { Ok(()) };
        how.retry(self.hopeless()?, flush, || self.attempt(&sources, ShortSlice::new, || begin_commit(&filesystem)))
    }

    /// Takes each of the snapshots once, when `starter` has returned, in threads that have what `holds` gives.
    fn attempt<H>(
        &self,
        sources: &[SubvolumeInfo],
        holds: impl Fn() -> H + Sync,
        starter: impl FnOnce(),
    ) -> Vec<Member<'fd>> {
        let taken = together(self.asked.len(), holds, starter, |index| {
            let Asked { source, parent, name } = &self.asked[index];
            self.options.create(source, parent, name)
        });
        let members = self.asked.iter().zip(sources).zip(taken).map(|((asked, source), taken)| {
            let taking = match taken {
                Some(Ok(())) => match look(asked, source) {
                    Ok(info) => Taking::Taken(info),
                    Err(error) => Taking::Unknown(error),
                },
                Some(Err(error)) => Taking::Failed(error),
                None => Taking::Unknown(
                    Error::new(ErrorKind::Os, TAKE, asked.path()).advise("the thread that was to take it panicked"),
                ),
            };
            Member { source: source.clone(), parent: asked.parent, name: asked.name.clone(), taking }
        });
        members.collect()
    }

    /// Why the members can't be of one transaction, if they can't.
    fn hopeless(&self) -> Result<Option<Error>> {
        let mut places = HashMap::new();
        for (index, asked) in self.asked.iter().enumerate() {
            let parent = open::stat(asked.parent)?;
            if let Some(first) = places.insert((parent.st_dev, parent.st_ino), index) {
                return Ok(Some(Error::new(ErrorKind::InvalidArgument, TAKE_AS_ONE, asked.path()).advise(format!(
                    "members {first} and {index}, counted from 0, have the same parent directory, which the kernel locks \
                     until a snapshot is committed: give each its own"
                ))));
            }
        }
        Ok(None)
    }

    fn flush(&self) -> Result<()> {
        self.asked.first().map_or(Ok(()), |asked| Filesystem::from_fd(asked.parent)?.sync())
    }
}

impl Asked<'_> {
    /// Where the snapshot goes, for errors.
    pub(super) fn path(&self) -> String {
        Path::new(&open::name_of(self.parent)).join(&self.name).display().to_string()
    }
}

/// Describes the snapshot that was just taken, if it is still there under its name.
fn look(asked: &Asked<'_>, source: &SubvolumeInfo) -> Result<SubvolumeInfo> {
    let info = Subvolume::open_in(asked.parent, &asked.name)?.info()?;
    // Between the call and this look, another process may have put something else there.
    if info.parent_uuid == source.uuid {
        return Ok(info);
    }
    Err(Error::new(ErrorKind::Raced, TAKE, asked.path())
        .advise("taken, but something else has taken its name since: it is for you to look after it"))
}
