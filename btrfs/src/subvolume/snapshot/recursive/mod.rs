//! Snapshots of a subvolume with those in it.

mod assemble;
mod plan;
mod stage;

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use crate::error::{Error, ErrorKind, Result};
use crate::id::Generation;
use crate::open;
use crate::subvolume::snapshot::recursive::plan::Plan;
use crate::subvolume::snapshot::recursive::stage::{Failed, Stage};
use crate::subvolume::{SnapshotOptions, SubvolumeInfo, handle};

const CALL: &str = "SnapshotOptions::create_recursive";

/// A tree of snapshots that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct RecursiveOutcome {
    /// The snapshot of the subvolume itself. Its path is empty.
    pub top: RecursiveMember,
    /// The snapshots in it, each before those in it.
    pub nested: Vec<RecursiveMember>,
}

/// One snapshot of a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct RecursiveMember {
    /// Where it is below the top, and where its source is below the source's top.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::bytes::serialize_path"))]
    pub path: PathBuf,
    /// What the source was before.
    pub source: SubvolumeInfo,
    /// What the snapshot is.
    pub snapshot: SubvolumeInfo,
}

impl RecursiveOutcome {
    /// All snapshots, the top first.
    pub fn members(&self) -> impl Iterator<Item = &RecursiveMember> {
        std::iter::once(&self.top).chain(&self.nested)
    }

    /// The transactions in which the snapshots were taken. One: they are of one moment, as
    /// [`SnapshotGroup`](crate::subvolume::SnapshotGroup) says.
    #[must_use]
    pub fn transactions(&self) -> BTreeSet<Generation> {
        self.members().map(|member| member.snapshot.otransid).collect()
    }
}

impl SnapshotOptions {
    /// Takes snapshots of a subvolume and of all subvolumes in it, all at the same time, and puts them together to a tree
    /// like the source, called `name`, in an open directory.
    ///
    /// They are taken as a [`SnapshotGroup`](crate::subvolume::SnapshotGroup), so what that says about sharing a
    /// transaction holds. (`btrfs subvolume snapshot` leaves an empty directory where a subvolume is; libbtrfsutil's
    /// recursive snapshots are taken one after the other, each of its own moment and with a commit of its own.) The tree
    /// gets its name when it is whole. When the call returns, it is on disk.
    ///
    /// Every snapshot is writable, or with [`SnapshotOptions::read_only`] every one is read-only, whatever its source is.
    /// Because it has to be writable until all are in their places, a read-only one has no received UUID, and costs a
    /// commit of its own to be made read-only; a writable tree costs a few commits in all.
    ///
    /// `BTRFS_IOC_SNAP_CREATE_V2` for each, `renameat2`, and for read-only ones `BTRFS_IOC_SUBVOL_SETFLAGS`. Needs what
    /// [`SnapshotOptions::create`] needs for each of them, to read every subvolume, and to write in the directories that
    /// nested ones are in; and two or three descriptors for each. Since Linux 5.6 (`openat2`).
    ///
    /// # What is in it
    ///
    /// All subvolumes that are in the source when its snapshot is taken. That they were found is checked afterwards, and
    /// where one was made, moved or deleted meanwhile, the call starts again, a few times. Only one that was made after
    /// the search and is deleted again before the check is left out. Nothing that is mounted is followed.
    ///
    /// # When it fails
    ///
    /// Whatever was made is removed again, and nothing else; the error names the subvolume that it is about. Removing takes
    /// more than making (see [`Subvolume::delete_in`](crate::Subvolume::delete_in)): what could not be removed is named
    /// too. A process that is killed leaves at most the subvolume `.NAME.partial-PID-N`, with some of the others in it,
    /// and the directory `.NAME.partial-PID-N.nested` with the rest of them; never a part of a tree under the name itself.
    /// [`Filesystem::plan_deletion`](crate::Filesystem::plan_deletion) deletes such a subvolume with those in it, once
    /// those that are read-only and have others in them are made writable: the kernel deletes nothing in what is read-only.
    /// So it is with a read-only tree that is whole.
    ///
    /// ```no_run
    /// use btrfs::Subvolume;
    /// use btrfs::subvolume::SnapshotOptions;
    ///
    /// let machines = Subvolume::open("/var/lib/machines")?;
    /// let snapshots = std::fs::File::open("/srv/snapshots")?;
    /// let tree = SnapshotOptions::new().read_only().create_recursive(&machines, &snapshots, "2026-11-25")?;
    /// for member in tree.members() {
    ///     println!("{:?} is subvolume {}", member.path, member.snapshot.id);
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`SnapshotOptions::create`], for each of the subvolumes. [`ErrorKind::InvalidArgument`] where the directory is
    /// itself in the source, so that the tree would hold itself. [`ErrorKind::PermissionDenied`] where a nested
    /// subvolume can't be entered, [`ErrorKind::DifferentFilesystem`] where something is mounted over one: never is one
    /// left out for that. [`ErrorKind::Raced`] where subvolumes come and go all the time.
    #[doc(alias = "BTRFS_IOC_SNAP_CREATE_V2")]
    pub fn create_recursive(
        &self,
        source: impl AsFd,
        parent: impl AsFd,
        name: impl AsRef<OsStr>,
    ) -> Result<RecursiveOutcome> {
        const ATTEMPTS: u32 = 10;
        let (source, parent, name) = (source.as_fd(), parent.as_fd(), name.as_ref());
        let mut attempt = 0;
        loop {
            self.preflight(source, parent, name)?;
            attempt += 1;
            match self.attempt(source, parent, name) {
                Err(Failed { error, clean: true }) if *error.kind() == ErrorKind::Raced && attempt < ATTEMPTS => {
                    thread::sleep(Duration::from_millis(5) * attempt);
                }
                result => return result.map_err(|failed| failed.error),
            }
        }
    }

    fn attempt(
        &self,
        source: BorrowedFd<'_>,
        parent: BorrowedFd<'_>,
        name: &OsStr,
    ) -> std::result::Result<RecursiveOutcome, Failed> {
        let plan = Plan::of(source)?;
        let around = handle::info(parent).map_err(|failure| failure.on(open::name_of(parent)))?.id;
        if let Some(member) = plan.members.iter().find(|member| member.info.id == around) {
            return Err(Error::new(ErrorKind::InvalidArgument, CALL, open::name_of(parent))
                .advise(format!(
                    "the directory is in {} (subvolume {around}), so the tree would hold itself: choose one outside of the \
                     source",
                    member.source.path().display()
                ))
                .into());
        }
        for (index, member) in plan.members.iter().enumerate().skip(1) {
            self.preflight(&member.source, parent, name).map_err(|error| error.of(plan.name_of(index)))?;
        }
        let mut stage = Stage::new(parent, name, plan.members.len() - 1)?;
        if let Err(error) = self.build(&mut stage, &plan, name) {
            return Err(stage.undo(error));
        }
        stage.make_durable()?;
        let mut members = plan.members.into_iter().zip(stage.taken).map(|(planned, taken)| {
            Ok(RecursiveMember { path: planned.path, source: taken.source, snapshot: taken.snapshot.info()? })
        });
        let missing = || Err(Error::new(ErrorKind::Malformed, CALL, open::name_of(parent)));
        let top = members.next().unwrap_or_else(missing)?;
        Ok(RecursiveOutcome { top, nested: members.collect::<Result<_>>()? })
    }

    fn build(&self, stage: &mut Stage<'_>, plan: &Plan, name: &OsStr) -> Result<()> {
        let alone = plan.members.len() == 1;
        // What has to be moved, or has something moved into it, has to be writable until then.
        let options = Self { read_only: self.read_only && alone, ..self.clone() };
        // If the plan is not right any more, that is the reason for whatever went wrong.
        stage.take(plan, options).map_err(|error| plan.require_unchanged().err().unwrap_or(error))?;
        stage.put_together(plan)?;
        if self.read_only && !alone {
            stage.make_read_only()?;
        }
        stage.clear()?;
        stage.give_name(name)
    }
}
