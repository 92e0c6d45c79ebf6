//! The place where a tree of snapshots is put together, out of sight, and taking everything back.

use std::ffi::{OsStr, OsString};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;

use nix::errno::Errno;
use nix::fcntl::AtFlags;
use nix::sys::stat::{Mode, fstatat, mkdirat};
use nix::unistd::{UnlinkatFlags, unlinkat};

use crate::error::{Error, ErrorKind, Result};
use crate::filesystem::Filesystem;
use crate::open;
use crate::subvolume::snapshot::recursive::CALL;
use crate::subvolume::snapshot::recursive::plan::Plan;
use crate::subvolume::snapshot::{Member, SnapshotGroup, Taking};
use crate::subvolume::{SnapshotOptions, Subvolume, SubvolumeInfo};

/// What a nested snapshot is called in its directory until it gets to its place.
pub(super) const NESTED: &str = "snapshot";

/// What was made so far.
#[derive(Debug)]
pub(super) struct Stage<'fd> {
    /// Where the tree shall be.
    pub(super) parent: BorrowedFd<'fd>,
    /// What the tree is called there until it is whole.
    pub(super) tree: OsString,
    /// What the directory is called that has a directory for each nested snapshot.
    name: OsString,
    nested: usize,
    /// Those directories. In one directory, the snapshots would not share commits.
    pub(super) homes: Vec<OwnedFd>,
    /// The snapshots that were taken, in the order of the plan.
    pub(super) taken: Vec<Taken>,
}

/// A snapshot of ours.
#[derive(Debug)]
pub(super) struct Taken {
    pub(super) snapshot: Subvolume,
    pub(super) source: SubvolumeInfo,
    info: SubvolumeInfo,
}

/// What went wrong.
#[derive(Debug)]
pub(super) struct Failed {
    pub(super) error: Error,
    /// Nothing of ours is left.
    pub(super) clean: bool,
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self { error, clean: true }
    }
}

impl<'fd> Stage<'fd> {
    /// Makes the directories for so many nested snapshots.
    pub(super) fn new(parent: BorrowedFd<'fd>, name: &OsStr, nested: usize) -> std::result::Result<Self, Failed> {
        let (name, tree) = reserve(parent, name)?;
        let mut stage = Self { parent, tree, name, nested, homes: Vec::with_capacity(nested), taken: Vec::new() };
        match stage.make_homes() {
            Ok(()) => Ok(stage),
            Err(error) => Err(stage.undo(error)),
        }
    }

    fn make_homes(&mut self) -> Result<()> {
        let directory = open::child(self.parent, &self.name)?;
        for index in 0..self.nested {
            let home = index.to_string();
            mkdirat(&directory, home.as_str(), Mode::S_IRWXU)
                .map_err(|errno| Error::os("mkdirat", Path::new(&self.name).join(&home).display(), errno))?;
            self.homes.push(open::child(directory.as_fd(), OsStr::new(&home))?);
        }
        Ok(())
    }

    /// Takes all snapshots of the plan at once.
    pub(super) fn take(&mut self, plan: &Plan, options: SnapshotOptions) -> Result<()> {
        let mut places = vec![(self.parent, self.tree.as_os_str())];
        places.extend(self.homes.iter().map(|home| (home.as_fd(), OsStr::new(NESTED))));
        let group = SnapshotGroup::of(options);
        let asked = plan.members.iter().zip(&places);
        let group = asked.fold(group, |group, (planned, (parent, name))| group.add(&planned.source, parent, name));
        self.require_descriptors(plan.members.len())?;
        let mut failed = None;
        for (index, member) in group.take()?.into_members().into_iter().enumerate() {
            match Taken::of(member) {
                Ok(taken) => self.taken.push(taken),
                Err(error) => _ = failed.get_or_insert(error.of(plan.name_of(index))),
            }
        }
        failed.map_or(Ok(()), Err)
    }

    /// That there are not enough to hold the snapshots has to show before they are taken.
    fn require_descriptors(&self, snapshots: usize) -> Result<()> {
        const BESIDES: usize = 8;
        (0..snapshots + BESIDES).map(|_| open::duplicate(self.parent)).collect::<Result<Vec<_>>>().map(drop).map_err(
            |error| error.and(format_args!("holding {snapshots} snapshots takes about three descriptors for each")),
        )
    }

    /// Removes the directories, which are empty when all snapshots are in their places.
    pub(super) fn clear(&self) -> Result<()> {
        let remove = |directory: BorrowedFd<'_>, name: &OsStr| unlinkat(directory, name, UnlinkatFlags::RemoveDir);
        if let Ok(directory) = open::child(self.parent, &self.name) {
            for index in 0..self.nested {
                // One that is not empty keeps the directory from being removed: that says it.
                let _ = remove(directory.as_fd(), OsStr::new(&index.to_string()));
            }
        }
        remove(self.parent, &self.name).map_err(|errno| {
            let path = Path::new(&open::name_of(self.parent)).join(&self.name);
            Error::os("unlinkat", path.display(), errno)
        })
    }

    /// Takes everything back; the error says also what could not be.
    pub(super) fn undo(mut self, error: Error) -> Failed {
        // Where too few descriptors are the matter, these are needed now.
        self.homes.clear();
        // In what is read-only nothing can be deleted. What can't be made writable shows when it is to be deleted.
        for taken in &self.taken {
            let _ = taken.snapshot.set_writable();
        }
        // What is in one comes behind it.
        let mut left: Vec<Error> =
            self.taken.iter().rev().filter_map(|taken| taken.remove(self.parent).err()).collect();
        left.extend(self.clear().err());
        let clean = left.is_empty();
        let name = |error: Error, left| error.and(format_args!("what was made stays behind: {left}"));
        Failed { error: left.into_iter().fold(error, name), clean }
    }
}

impl Taken {
    fn of(member: Member<'_>) -> Result<Self> {
        match member.taking {
            Taking::Taken(info) => {
                let snapshot = Subvolume::open_in(member.parent, &member.name)
                    .map_err(|error| error.and("it was taken, but stays behind, because it could not be opened"))?;
                let taken = Self { snapshot, source: member.source, info };
                taken.require_ours().map(|()| taken)
            }
            Taking::Failed(error) | Taking::Unknown(error) => Err(error),
        }
    }

    /// An id is never given to another subvolume, so the one that is open is the one that can be deleted by its id.
    fn require_ours(&self) -> Result<()> {
        let now = self.snapshot.info()?;
        if (now.id, now.uuid, now.parent_uuid) == (self.info.id, self.info.uuid, self.info.parent_uuid) {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Raced, CALL, self.snapshot.path().display())
            .advise("something else has taken the name of the snapshot that was taken: it stays"))
    }

    /// Deletes it, wherever it is. The kernel does not take a descriptor in the subvolume itself from a user.
    fn remove(&self, parent: BorrowedFd<'_>) -> Result<()> {
        self.require_ours()?;
        Filesystem::from_fd(parent)?.delete_subvolume(self.info.id)
    }
}

/// Makes a directory of a name that nobody has, and finds a name for the tree.
fn reserve(parent: BorrowedFd<'_>, name: &OsStr) -> Result<(OsString, OsString)> {
    const ATTEMPTS: usize = 1000;
    for attempt in 0..ATTEMPTS {
        let (directory, tree) = partial_names(name, std::process::id(), attempt);
        if fstatat(parent, tree.as_os_str(), AtFlags::AT_SYMLINK_NOFOLLOW) != Err(Errno::ENOENT) {
            continue;
        }
        match mkdirat(parent, directory.as_os_str(), Mode::S_IRWXU) {
            Ok(()) => return Ok((directory, tree)),
            Err(Errno::EEXIST) => {}
            Err(errno) => {
                let path = Path::new(&open::name_of(parent)).join(directory);
                return Err(Error::os("mkdirat", path.display(), errno));
            }
        }
    }
    let path = Path::new(&open::name_of(parent)).join(partial_names(name, std::process::id(), 0).0);
    Err(Error::new(ErrorKind::AlreadyExists, CALL, path.display())
        .advise(format!("{ATTEMPTS} such names are there already: delete what was left behind")))
}

/// `.NAME.partial-PID-N.nested` and `.NAME.partial-PID-N`; a long name is cut.
fn partial_names(name: &OsStr, process: u32, attempt: usize) -> (OsString, OsString) {
    const LONGEST: usize = 200;
    let name = name.as_bytes();
    let name = &name[..name.len().min(LONGEST)];
    let tree = [b".", name, format!(".partial-{process}-{attempt}").as_bytes()].concat();
    let directory = [tree.as_slice(), b".nested"].concat();
    (OsString::from_vec(directory), OsString::from_vec(tree))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name;

    #[test]
    fn partial_names_are_hidden_and_never_too_long() {
        let names = partial_names(OsStr::new("2026-11-25"), 12, 3);
        assert_eq!(names, (".2026-11-25.partial-12-3.nested".into(), ".2026-11-25.partial-12-3".into()));
        let long = OsString::from_vec(vec![0xe9; name::NAME_MAX]);
        let (directory, tree) = partial_names(&long, u32::MAX, 999);
        assert!(name::check(&directory).is_ok() && name::check(&tree).is_ok());
    }
}
