//! Putting the nested snapshots into their places, and giving the whole tree its name.

use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use btrfs_sys as sys;
use nix::fcntl::{AtFlags, RenameFlags, renameat, renameat2};
use nix::sys::stat::fstatat;
use nix::unistd::fsync;

use crate::error::{Error, Result};
use crate::open;
use crate::subvolume::list::reachable::open_below;
use crate::subvolume::snapshot::recursive::plan::{Place, Plan, raced};
use crate::subvolume::snapshot::recursive::stage::{NESTED, Stage};

impl Stage<'_> {
    /// Looks whether the snapshots have nested subvolumes just where the plan has them, and moves those there.
    pub(super) fn put_together(&self, plan: &Plan) -> Result<()> {
        plan.require_unchanged()?;
        let mut moves = Vec::with_capacity(self.homes.len());
        for (index, planned) in plan.members.iter().enumerate() {
            if let Some(place) = &planned.place {
                moves.push((index, place, self.directory_of(place).map_err(|error| error.of(plan.name_of(index)))?));
            }
        }
        for ((index, place, directory), home) in moves.iter().zip(&self.homes) {
            // Takes the place of the empty directory.
            renameat(home, NESTED, directory, place.name.as_os_str()).map_err(|errno| {
                let path = Path::new(&open::name_of(directory)).join(&place.name);
                Error::os("renameat", path.display(), errno).of(plan.name_of(*index))
            })?;
        }
        Ok(())
    }

    /// The directory of a nested subvolume, in the snapshot of the one that it is in: of the same inode, and with the
    /// empty directory of that name in it that stands for the subvolume there.
    fn directory_of(&self, place: &Place) -> Result<OwnedFd> {
        let outer = &self.taken[place.member].snapshot;
        let moved = || raced(outer.path().join(&place.directory).display(), "a subvolume in it was moved or deleted");
        let path = if place.directory.as_os_str().is_empty() { Path::new(".") } else { &place.directory };
        let directory = open_below(outer, path).map_err(|errno| match errno {
            libc::ENOENT | libc::ENOTDIR | libc::ELOOP => moved(),
            _ => Error::os("openat2", outer.path().join(path).display(), std::io::Error::from_raw_os_error(errno)),
        })?;
        let same = open::stat(&directory)?.st_ino == place.inode;
        let placeholder = fstatat(&directory, place.name.as_os_str(), AtFlags::AT_SYMLINK_NOFOLLOW)
            .is_ok_and(|stat| stat.st_ino == sys::BTRFS_EMPTY_SUBVOL_DIR_OBJECTID);
        if same && placeholder { Ok(directory) } else { Err(moved()) }
    }

    /// Makes all snapshots read-only.
    pub(super) fn make_read_only(&self) -> Result<()> {
        // One after the other: the kernel holds a lock for each of them until it is committed.
        self.taken.iter().try_for_each(|taken| taken.snapshot.set_read_only())
    }

    /// Gives the tree its name, unless something has it meanwhile.
    pub(super) fn give_name(&self, name: &std::ffi::OsStr) -> Result<()> {
        renameat2(self.parent, self.tree.as_os_str(), self.parent, name, RenameFlags::RENAME_NOREPLACE).map_err(
            |errno| {
                let path = Path::new(&open::name_of(self.parent)).join(name);
                let error = Error::os("renameat2", path.display(), errno);
                match errno {
                    nix::errno::Errno::EEXIST => error.advise("something has taken that name meanwhile"),
                    _ => error,
                }
            },
        )
    }

    /// Makes the name last over a power failure.
    pub(super) fn make_durable(&self) -> Result<()> {
        fsync(self.parent.as_fd()).map_err(|errno| {
            Error::os("fsync", open::name_of(self.parent), errno)
                .and("the tree is whole and has its name, but may have lost it after a power failure")
        })
    }
}
