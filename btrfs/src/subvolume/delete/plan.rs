//! Deleting a subvolume with those in it: planned, shown, and then done as shown.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::iter::FusedIterator;
use std::path::PathBuf;

use uuid::Uuid;

use crate::error::{Error, ErrorKind, Result};
use crate::filesystem::Filesystem;
use crate::id::SubvolumeId;
use crate::subvolume::delete::{CALL, default_subvolume, require_deletable};
use crate::subvolume::mounts::MountTable;
use crate::subvolume::{Place, SubvolumeEntry, SubvolumeFlags};

/// What to do with the subvolumes in one that is to be deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nested {
    /// Delete nothing if there are any.
    Refuse,
    /// Delete them first, deepest first.
    Delete,
}

/// What is going to be deleted, in this order. Nothing happens until [`DeletePlan::execute`].
#[derive(Debug)]
#[must_use = "a plan does nothing until it is executed"]
pub struct DeletePlan<'fs> {
    filesystem: &'fs Filesystem,
    target: SubvolumeId,
    nested: Nested,
    steps: Vec<DeleteStep>,
}

/// One subvolume of a [`DeletePlan`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct DeleteStep {
    /// Its id.
    pub id: SubvolumeId,
    /// Its UUID; none for those made by kernels before 3.6.
    pub uuid: Option<Uuid>,
    /// Its path below the top level.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::bytes::serialize_path"))]
    pub path: PathBuf,
    /// Whether it is read-only, as snapshots often are. It can be deleted all the same.
    pub read_only: bool,
}

/// A [`DeletePlan`] at work: each [`next`](Iterator::next) deletes one subvolume and tells which.
///
/// After an error it ends: nothing more is deleted. Dropping it stops there too.
#[derive(Debug)]
#[must_use = "each step happens when it is asked for"]
pub struct Deletion<'fs> {
    plan: DeletePlan<'fs>,
    remaining: VecDeque<DeleteStep>,
    state: State,
}

#[derive(Debug, PartialEq, Eq)]
enum State {
    Unchecked,
    Running,
    Ended,
}

impl Filesystem {
    /// Plans to delete a subvolume, and those in it if asked for. Changes nothing.
    ///
    /// Like `btrfs subvolume delete --recursive`, but shown before it is done. Needs CAP_SYS_ADMIN in the initial user
    /// namespace. Since Linux 5.7.
    ///
    /// ```no_run
    /// use btrfs::{Filesystem, Subvolume};
    /// use btrfs::subvolume::Nested;
    ///
    /// let filesystem = Filesystem::open("/srv")?;
    /// let plan = filesystem.plan_deletion(Subvolume::open("/srv/old")?.id()?, Nested::Delete)?;
    /// for step in plan.steps() {
    ///     println!("would delete {step}");
    /// }
    /// for deleted in plan.execute() {
    ///     println!("deleted {}", deleted?);
    /// }
    /// # Ok::<(), btrfs::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`] for the top level. [`ErrorKind::Busy`] where one of them is mounted or is the default
    /// subvolume. [`ErrorKind::NotEmpty`] where there are others in it and they are not to be deleted.
    /// [`ErrorKind::NotFound`]; [`ErrorKind::Raced`] where subvolumes are renamed all the time, so that it is not certain
    /// what is in which; [`ErrorKind::PermissionDenied`].
    pub fn plan_deletion(&self, target: SubvolumeId, nested: Nested) -> Result<DeletePlan<'_>> {
        require_deletable(target)?;
        let mut inside: BTreeMap<SubvolumeId, Vec<SubvolumeEntry>> = BTreeMap::new();
        let mut found = None;
        for entry in self.subvolumes()? {
            let entry = entry?;
            if entry.info.id == target {
                found = Some(entry);
            } else if let Some(parent) = entry.info.parent_id {
                inside.entry(parent).or_default().push(entry);
            }
        }
        let missing = || Error::new(ErrorKind::NotFound, CALL, format!("subvolume {target}"));
        let found = found.ok_or_else(|| missing().advise("there is no subvolume of this id"))?;
        // Outermost first; what is in one comes behind it. Turned round at the end.
        let mut steps = vec![DeleteStep::of(found).ok_or_else(|| missing().advise("it was deleted already"))?];
        let mut next = 0;
        while let Some(step) = steps.get(next) {
            let children = inside.remove(&step.id).unwrap_or_default();
            steps.extend(children.into_iter().filter_map(DeleteStep::of));
            next += 1;
        }
        steps.reverse();
        if nested == Nested::Refuse && steps.len() > 1 {
            return Err(Error::new(ErrorKind::NotEmpty, CALL, format!("subvolume {target}")).advise(format!(
                "there are {} subvolumes in it, such as {}",
                steps.len() - 1,
                steps[0]
            )));
        }
        self.require_free(&steps)?;
        Ok(DeletePlan { filesystem: self, target, nested, steps })
    }

    /// Refuses what is mounted or the default subvolume.
    fn require_free(&self, steps: &[DeleteStep]) -> Result<()> {
        let default = self.default_subvolume()?;
        let mut mounts = MountTable::open(self)?;
        for step in steps {
            mounts.require_unmounted(CALL, step.id)?;
            if step.id == default {
                return Err(default_subvolume(Error::new(ErrorKind::Busy, CALL, step)));
            }
        }
        Ok(())
    }
}

impl<'fs> DeletePlan<'fs> {
    /// What is going to be deleted, in this order: deepest first, the one that was asked for last.
    #[must_use]
    pub fn steps(&self) -> &[DeleteStep] {
        &self.steps
    }

    /// Does it, one subvolume for each step of the iterator.
    ///
    /// First, all of it is looked at again: where anything was deleted, replaced, moved or made in it since the plan was
    /// made, nothing is deleted. Each subvolume is compared once more, by UUID and path, before it is deleted by its id.
    ///
    /// `BTRFS_IOC_SNAP_DESTROY_V2`, like `btrfs subvolume delete --subvolid`. For how long the rest takes see
    /// [`Filesystem::cleaning`].
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Raced`] where it is not any more as it was planned, or else as [`Filesystem::delete_subvolume`].
    pub fn execute(self) -> Deletion<'fs> {
        let remaining = self.steps.iter().cloned().collect();
        Deletion { plan: self, remaining, state: State::Unchecked }
    }
}

impl Deletion<'_> {
    /// What is still to be deleted; after an error, what was not.
    pub fn remaining(&self) -> impl ExactSizeIterator<Item = &DeleteStep> {
        self.remaining.iter()
    }

    fn step(&mut self) -> Result<Option<DeleteStep>> {
        if self.state == State::Unchecked {
            self.check_all()?;
            self.state = State::Running;
        }
        let Some(step) = self.remaining.front() else { return Ok(None) };
        let filesystem = self.plan.filesystem;
        let now = SubvolumeEntry::read(filesystem, step.id)?.and_then(DeleteStep::of);
        if now.as_ref() != Some(step) {
            return Err(changed(step, now.as_ref()));
        }
        filesystem.delete_subvolume(step.id)?;
        Ok(self.remaining.pop_front())
    }

    /// Compares the whole plan with what would be planned now.
    fn check_all(&self) -> Result<()> {
        let DeletePlan { filesystem, target, nested, ref steps } = self.plan;
        let now = match filesystem.plan_deletion(target, nested) {
            Ok(now) => now,
            Err(error) if *error.kind() == ErrorKind::NotFound => return Err(changed(&steps[steps.len() - 1], None)),
            Err(error) => return Err(error),
        };
        let differs = |step: &&DeleteStep| !now.steps.contains(step);
        if let Some(step) = steps.iter().find(differs) {
            return Err(changed(step, now.steps.iter().find(|other| other.id == step.id)));
        }
        match now.steps.iter().find(|step| !steps.contains(step)) {
            Some(new) => Err(raced(new, "it came there after the plan was made")),
            None => Ok(()),
        }
    }
}

impl Iterator for Deletion<'_> {
    type Item = Result<DeleteStep>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.state == State::Ended {
            return None;
        }
        let result = self.step().transpose();
        if !matches!(result, Some(Ok(_))) {
            self.state = State::Ended;
        }
        result
    }
}

impl FusedIterator for Deletion<'_> {}

fn changed(step: &DeleteStep, now: Option<&DeleteStep>) -> Error {
    match now {
        Some(now) => raced(step, &format!("it is {now} now")),
        None => raced(step, "it is not there any more"),
    }
}

fn raced(step: &DeleteStep, what: &str) -> Error {
    Error::new(ErrorKind::Raced, CALL, step)
        .advise(format!("{what}: it was not deleted, and nothing after it; make a new plan"))
}

impl DeleteStep {
    /// None for one that was deleted already.
    fn of(entry: SubvolumeEntry) -> Option<Self> {
        let Place::At(path) = entry.place else { return None };
        let read_only = entry.info.flags.contains(SubvolumeFlags::READ_ONLY);
        Some(Self { id: entry.info.id, uuid: entry.info.uuid, path, read_only })
    }
}

impl fmt::Display for DeleteStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let read_only = if self.read_only { ", read-only" } else { "" };
        write!(f, "{:?} (subvolume {}{read_only})", self.path, self.id)
    }
}
