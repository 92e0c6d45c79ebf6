//! Group snapshots: many sources in one call, sharing commits.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;

use crate::error::{Error, ErrorKind, Result};
use crate::filesystem::Filesystem;
use crate::id::QgroupId;
use crate::subvolume::snapshot::moment::{OneMoment, begin_commit};
use crate::subvolume::snapshot::outcome::{GroupOutcome, Member, Taking};
use crate::subvolume::snapshot::together::together;
use crate::subvolume::{SnapshotOptions, Subvolume, SubvolumeInfo};
use crate::{name, open};

const TAKE: &str = "SnapshotGroup::take";

/// Snapshots of many subvolumes of one filesystem, to be taken at the same time.
///
/// A snapshot costs a commit of the filesystem, which is slow. Snapshots that are asked for at the same time, **each into a
/// parent directory of its own**, join the same commit: on Linux 6.18, 256 of them took 3 commits instead of 256, and a
/// tenth of the time. In one directory they wait for each other. So give every source its own,
/// `.snapshots/<source>/<stamp>`.
///
/// Before Linux 6.6 a transaction takes nobody in once its commit was asked for, even while that waits for the commit
/// before it. There a group is taken all the same, but shares little: on 6.1, 64 snapshots took 61 commits.
///
/// # What sharing a transaction promises
///
/// Snapshots with one [`otransid`](SubvolumeInfo::otransid) were taken in one transaction: what was durable (by `fsync`,
/// `O_DSYNC`, `O_DIRECT`) before another write began can't be missing from one of them while that other write is in
/// another. Buffered writes that were not flushed have no such order. Whether all of a group share one is up to the
/// kernel: [`GroupOutcome::transactions`] tells. Snapshots taken one after the other never do.
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
    options: SnapshotOptions,
    flush_first: bool,
    asked: Vec<Asked<'fd>>,
}

#[derive(Debug)]
struct Asked<'fd> {
    source: BorrowedFd<'fd>,
    parent: BorrowedFd<'fd>,
    name: OsString,
}

impl<'fd> SnapshotGroup<'fd> {
    /// An empty group of writable snapshots.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
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
    /// Nothing was taken where this returns an error: [`ErrorKind::InvalidName`] for a name that can't be;
    /// [`ErrorKind::InvalidArgument`] where two members would have the same path; [`ErrorKind::NotSubvolume`] where a
    /// source is none; [`ErrorKind::DifferentFilesystem`] where not all is on one filesystem; [`ErrorKind::NotDirectory`],
    /// [`ErrorKind::NotBtrfs`]. What goes wrong afterwards, with one member, is in the outcome.
    #[doc(alias = "BTRFS_IOC_SNAP_CREATE_V2")]
    pub fn take(self) -> Result<GroupOutcome<'fd>> {
        let sources = self.preflight()?;
        if self.flush_first {
            self.flush()?;
        }
        Ok(GroupOutcome::new(self.attempt(&sources, || ()), Vec::new(), None))
    }

    /// Takes all the snapshots in one transaction, if need be in several attempts.
    ///
    /// A transaction that is being committed takes nobody in, and the next one can't be committed before that is on disk.
    /// So the snapshots are asked for at the moment in which a commit begins: all that come while it lasts are in the next
    /// transaction. Where some come later all the same, because the source of one has much to be flushed, or the
    /// processors are busy, the snapshots of this attempt are removed, as [`GroupOutcome::remove_taken`] does, and it
    /// starts over, as often as `how` allows. **Whether it came to that is for the caller to look at**:
    /// [`GroupOutcome::is_one_moment`]. If not, what the last attempt took is there.
    ///
    /// What it promises, and what not, is said at [`SnapshotGroup`]. No attempt is repeated in which a member failed, or
    /// whose snapshots can't be removed (see [`GroupOutcome::gave_up`]). Each member needs a parent directory of its own,
    /// or there is no hope.
    ///
    /// `BTRFS_IOC_START_SYNC`, `BTRFS_IOC_SNAP_CREATE_V2`, `BTRFS_IOC_SNAP_DESTROY_V2`; no command of btrfs-progs does
    /// this. Needs what [`SnapshotGroup::take`] needs, and for more than one attempt what
    /// [`Filesystem::delete_subvolume`] needs. Before Linux 6.6, members hardly ever share a transaction.
    ///
    /// # Errors
    ///
    /// Nothing was taken where this returns an error: as [`SnapshotGroup::take`].
    #[doc(alias = "BTRFS_IOC_START_SYNC")]
    #[doc(alias = "BTRFS_IOC_SNAP_CREATE_V2")]
    pub fn take_as_one(self, how: &OneMoment) -> Result<GroupOutcome<'fd>> {
        let sources = self.preflight()?;
        if self.flush_first {
            self.flush()?;
        }
        let Some(first) = self.asked.first() else { return Ok(GroupOutcome::new(Vec::new(), Vec::new(), None)) };
        let filesystem = Filesystem::from_fd(first.parent)?;
        Ok(how.retry(|| self.attempt(&sources, || begin_commit(&filesystem))))
    }

    /// Takes each of the snapshots once, when `starter` has returned.
    fn attempt(&self, sources: &[SubvolumeInfo], starter: impl FnOnce()) -> Vec<Member<'fd>> {
        let taken = together(self.asked.len(), starter, |index| {
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

    fn flush(&self) -> Result<()> {
        self.asked.first().map_or(Ok(()), |asked| Filesystem::from_fd(asked.parent)?.sync())
    }

    /// Finds what can be known to be wrong before anything is done. Describes the sources.
    fn preflight(&self) -> Result<Vec<SubvolumeInfo>> {
        let mut places: HashMap<(u64, u64, &OsStr), usize> = HashMap::new();
        let mut group_fsid = None;
        let mut sources = Vec::with_capacity(self.asked.len());
        for (index, asked) in self.asked.iter().enumerate() {
            name::checked(TAKE, &asked.name)?;
            let parent = open::stat(asked.parent)?;
            if parent.st_mode & libc::S_IFMT != libc::S_IFDIR {
                return Err(Error::new(ErrorKind::NotDirectory, TAKE, asked.path())
                    .advise("the parent is not a directory: open the directory that the snapshot shall be in"));
            }
            if let Some(first) = places.insert((parent.st_dev, parent.st_ino, &asked.name), index) {
                return Err(Error::new(ErrorKind::InvalidArgument, TAKE, asked.path()).advise(format!(
                    "members {first} and {index}, counted from 0, would have the same path: give each its own name"
                )));
            }
            for fd in [asked.source, asked.parent] {
                let fsid = Filesystem::from_fd(fd)?.fsid();
                if *group_fsid.get_or_insert(fsid) != fsid {
                    return Err(Error::new(ErrorKind::DifferentFilesystem, TAKE, open::name_of(fd))
                        .advise("on another filesystem than the first member: make a group for each filesystem"));
                }
            }
            sources.push(Subvolume::from_fd(asked.source)?.info()?);
        }
        Ok(sources)
    }
}

impl Asked<'_> {
    /// Where the snapshot goes, for errors.
    fn path(&self) -> String {
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
