//! Group snapshots: many sources in one call, sharing commits.

use std::ffi::OsString;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;

use crate::error::{Error, ErrorKind, Result};
use crate::id::QgroupId;
use crate::open;
use crate::subvolume::snapshot::outcome::{GroupOutcome, Member, Taking};
use crate::subvolume::snapshot::together::together;
use crate::subvolume::{SnapshotOptions, Subvolume, SubvolumeInfo};

pub(super) const TAKE: &str = "SnapshotGroup::take";

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
    pub(super) options: SnapshotOptions,
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
        let taken = together(self.asked.len(), |index| {
            let Asked { source, parent, name } = &self.asked[index];
            self.options.create(source, parent, name)
        });
        let members = self.asked.into_iter().zip(sources).zip(taken).map(|((asked, source), taken)| {
            let taking = match taken {
                Some(Ok(())) => match look(&asked, &source) {
                    Ok(info) => Taking::Taken(info),
                    Err(error) => Taking::Unknown(error),
                },
                Some(Err(error)) => Taking::Failed(error),
                None => Taking::Unknown(
                    Error::new(ErrorKind::Os, TAKE, asked.path()).advise("the thread that was to take it panicked"),
                ),
            };
            Member { source, parent: asked.parent, name: asked.name, taking }
        });
        Ok(GroupOutcome::new(members.collect()))
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
