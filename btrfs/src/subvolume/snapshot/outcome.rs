//! What came of a group of snapshots, and taking it back.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::os::fd::BorrowedFd;
use std::time::Duration;

use crate::error::{Error, ErrorKind, Result};
use crate::filesystem::Filesystem;
use crate::id::{Generation, SubvolumeId};
use crate::subvolume::{Subvolume, SubvolumeInfo};

/// What came of a group of snapshots, member by member in the order in which they were added.
#[derive(Debug)]
#[must_use = "members may have failed"]
pub struct GroupOutcome<'fd> {
    members: Vec<Member<'fd>>,
    attempts: Vec<Attempt>,
    gave_up: Option<Error>,
}

/// One attempt at taking a group in one transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attempt {
    /// How many transactions its snapshots were in.
    pub transactions: usize,
    /// How many of its snapshots were removed afterwards, to make room for the next attempt.
    pub removed: usize,
    /// How long taking them took, without the removal.
    pub took: Duration,
}

/// One snapshot of a group.
#[derive(Debug)]
#[non_exhaustive]
pub struct Member<'fd> {
    /// What the source was before.
    pub source: SubvolumeInfo,
    /// The directory of the snapshot.
    pub parent: BorrowedFd<'fd>,
    /// The name of the snapshot.
    pub name: OsString,
    /// What came of it.
    pub taking: Taking,
}

/// What came of one snapshot of a group.
#[derive(Debug)]
#[non_exhaustive]
pub enum Taking {
    /// It was taken, and this is it.
    Taken(SubvolumeInfo),
    /// It was not taken.
    Failed(Error),
    /// It may have been taken, but could not be looked at: it was removed or replaced at once, say. It is not removed by
    /// [`GroupOutcome::remove_taken`].
    Unknown(Error),
}

/// What came of removing one snapshot of a group.
#[derive(Debug)]
#[non_exhaustive]
pub struct Removal {
    /// The name it had.
    pub name: OsString,
    /// Its id.
    pub id: SubvolumeId,
    /// Whether it is gone.
    pub result: Result<()>,
}

impl<'fd> GroupOutcome<'fd> {
    pub(super) fn new(members: Vec<Member<'fd>>, attempts: Vec<Attempt>, gave_up: Option<Error>) -> Self {
        Self { members, attempts, gave_up }
    }

    /// The members themselves.
    pub(in crate::subvolume) fn into_members(self) -> Vec<Member<'fd>> {
        self.members
    }

    /// Every member, in the order in which they were added.
    #[must_use]
    pub fn members(&self) -> &[Member<'fd>] {
        &self.members
    }

    /// The snapshots that were taken.
    pub fn taken(&self) -> impl Iterator<Item = &SubvolumeInfo> {
        taken(&self.members)
    }

    /// The names of those that were not taken, or of which that is not known, and why.
    pub fn failed(&self) -> impl Iterator<Item = (&OsStr, &Error)> {
        self.members.iter().filter_map(|member| match &member.taking {
            Taking::Taken(_) => None,
            Taking::Failed(error) | Taking::Unknown(error) => Some((member.name.as_os_str(), error)),
        })
    }

    /// Whether every member was taken.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.failed().next().is_none()
    }

    /// The transactions in which the snapshots were taken.
    #[must_use]
    pub fn transactions(&self) -> BTreeSet<Generation> {
        transactions(&self.members)
    }

    /// Whether every member was taken, and all in one transaction: then they are of one moment, as
    /// [`SnapshotGroup`](crate::subvolume::SnapshotGroup) says.
    #[must_use]
    pub fn is_one_moment(&self) -> bool {
        self.is_complete() && self.transactions().len() <= 1
    }

    /// The attempts of [`SnapshotGroup::take_as_one`](crate::subvolume::SnapshotGroup::take_as_one), the last of which took
    /// what is there now. Empty after [`SnapshotGroup::take`](crate::subvolume::SnapshotGroup::take), which tries nothing.
    #[must_use]
    pub fn attempts(&self) -> &[Attempt] {
        &self.attempts
    }

    /// Why there were no more attempts, where more were allowed but of no use, or the snapshots of the last could not be
    /// removed to make room.
    #[must_use]
    pub fn gave_up(&self) -> Option<&Error> {
        self.gave_up.as_ref()
    }

    /// Removes the snapshots that were taken, and nothing else: each is looked up by its name, compared by its UUID and
    /// its source's, and then deleted by its id.
    ///
    /// `BTRFS_IOC_SNAP_DESTROY_V2`; for what it needs, and when it is certain, see [`Filesystem::delete_subvolume`].
    ///
    /// What could not be removed says why: [`ErrorKind::Raced`] where something else has its name now,
    /// [`ErrorKind::NotFound`] where it is gone already, and what [`Filesystem::delete_subvolume`] says.
    #[doc(alias = "BTRFS_IOC_SNAP_DESTROY_V2")]
    #[must_use = "some may have stayed"]
    pub fn remove_taken(self) -> Vec<Removal> {
        self.members
            .into_iter()
            .filter_map(|Member { parent, name, taking, .. }| match taking {
                Taking::Taken(info) => Some(Removal { id: info.id, result: remove(parent, &name, &info), name }),
                Taking::Failed(_) | Taking::Unknown(_) => None,
            })
            .collect()
    }
}

/// The members that were taken.
fn taken<'a>(members: &'a [Member<'_>]) -> impl Iterator<Item = &'a SubvolumeInfo> {
    members.iter().filter_map(|member| match &member.taking {
        Taking::Taken(info) => Some(info),
        Taking::Failed(_) | Taking::Unknown(_) => None,
    })
}

/// The transactions in which the members that were taken were.
pub(super) fn transactions(members: &[Member<'_>]) -> BTreeSet<Generation> {
    taken(members).map(|info| info.otransid).collect()
}

/// Removes one snapshot, if what has its name is it.
pub(super) fn remove(parent: BorrowedFd<'_>, name: &OsStr, taken: &SubvolumeInfo) -> Result<()> {
    let there = Subvolume::open_in(parent, name)?;
    let info = there.info()?;
    if (info.id, info.uuid, info.parent_uuid) != (taken.id, taken.uuid, taken.parent_uuid) {
        return Err(Error::new(ErrorKind::Raced, "GroupOutcome::remove_taken", there.path().display()).advise(
            format!("subvolume {} has that name now, not the snapshot {} that was taken: it stays", info.id, taken.id),
        ));
    }
    Filesystem::from_fd(parent)?.delete_subvolume(info.id)
}
