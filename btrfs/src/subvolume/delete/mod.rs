//! Deleting one subvolume.

mod clean;
mod plan;
mod queue;

use std::ffi::OsStr;
use std::os::fd::{AsFd, BorrowedFd};

use btrfs_sys as sys;
use btrfs_sys::ioctl as c;
use btrfs_sys::ioctl::Command;

use crate::error::{Error, ErrorKind, Result};
use crate::filesystem::Filesystem;
use crate::id::SubvolumeId;
use crate::ioctl::{Failure, call};
use crate::subvolume::Subvolume;
use crate::subvolume::mounts::{self, MountTable};

pub use clean::{Cleaning, CleaningProgress, Watch};
pub use plan::{DeletePlan, DeleteStep, Deletion, Nested};
pub use queue::{DeletionQueue, NotDeleted, QueueProgress, QueueRun};

pub(in crate::subvolume) const CALL: &str = c::BTRFS_IOC_SNAP_DESTROY_V2::ROW.name;

impl Subvolume {
    /// Deletes the subvolume of this name in an open directory, with all files in it, and returns the id that it had.
    ///
    /// `BTRFS_IOC_SNAP_DESTROY_V2`, like `btrfs subvolume delete`; the name is looked up first, and what is deleted is what
    /// had it then. A symlink of that name is not followed, but refused. Needs CAP_SYS_ADMIN; with the mount option
    /// `user_subvol_rm_allowed` its owner may, if it is writable. Since Linux 5.7.
    ///
    /// It is gone from sight at once; its space comes back later: see [`Filesystem::cleaning`]. A crash before the next
    /// commit may bring it back: [`Filesystem::sync`] makes it certain.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotEmpty`] where there are subvolumes in it: [`Filesystem::plan_deletion`] deletes those with it.
    /// [`ErrorKind::Busy`] where it is mounted, or is the default subvolume. [`ErrorKind::NotSubvolume`],
    /// [`ErrorKind::NotDirectory`], [`ErrorKind::NotFound`], [`ErrorKind::InvalidName`], [`ErrorKind::ReadOnly`],
    /// [`ErrorKind::PermissionDenied`].
    #[doc(alias = "BTRFS_IOC_SNAP_DESTROY_V2")]
    pub fn delete_in(parent: impl AsFd, name: impl AsRef<OsStr>) -> Result<SubvolumeId> {
        let parent = parent.as_fd();
        let filesystem = Filesystem::from_fd(parent)?;
        let subvolume = Self::open_in(parent, name)?;
        if mounts::mount_of(&subvolume)? != mounts::mount_of(parent)? {
            return Err(Error::new(ErrorKind::Busy, CALL, subvolume.path().display())
                .advise("something is mounted there: unmount it first"));
        }
        let id = subvolume.id()?;
        filesystem.delete_subvolume(id)?;
        Ok(id)
    }
}

impl Filesystem {
    /// Deletes the subvolume of this id, with all files in it. An id is never given to another subvolume while the
    /// filesystem is mounted, so this deletes that one or none.
    ///
    /// `BTRFS_IOC_SNAP_DESTROY_V2`, like `btrfs subvolume delete --subvolid`. For the rest see [`Subvolume::delete_in`].
    ///
    /// # Errors
    ///
    /// As [`Subvolume::delete_in`]; [`ErrorKind::NotFound`] where there is none or it was deleted,
    /// [`ErrorKind::InvalidArgument`] for the top level.
    #[doc(alias = "BTRFS_IOC_SNAP_DESTROY_V2")]
    pub fn delete_subvolume(&self, id: SubvolumeId) -> Result<()> {
        self.delete_unmounted(id, &mut MountTable::open(self)?)
    }

    /// Deletes it if it is not in this table.
    fn delete_unmounted(&self, id: SubvolumeId, mounts: &mut MountTable) -> Result<()> {
        require_deletable(id)?;
        mounts.require_unmounted(CALL, id)?;
        destroy(self.as_fd(), id).map_err(|failure| self.not_deleted(failure, id))
    }

    /// Why a subvolume was not deleted.
    fn not_deleted(&self, failure: Failure, id: SubvolumeId) -> Error {
        let error = failure.on(format!("{} (subvolume {id})", self.path().display()));
        match failure.errno() {
            Some(libc::ENOENT) => error.advise("there is no subvolume of this id, or it was deleted already"),
            Some(libc::ENOTEMPTY) => error.advise("there are subvolumes in it: delete those first, or all in one plan"),
            Some(libc::EROFS) => error.advise(
                "the filesystem is mounted read-only, or the subvolume is not, but the one that it is in: make that writable \
                 first",
            ),
            Some(libc::EPERM) if self.default_subvolume().is_ok_and(|default| default == id) => {
                default_subvolume(error)
            }
            Some(libc::EPERM | libc::EACCES) => error.advise(
                "deleting needs CAP_SYS_ADMIN, or the mount option user_subvol_rm_allowed and to own it, writable, and its \
                 directory; the kernel also refuses while it is sent or holds an active swapfile",
            ),
            _ => error,
        }
    }
}

/// Refuses what is no subvolume below the top level.
pub(in crate::subvolume) fn require_deletable(id: SubvolumeId) -> Result<()> {
    let advice = match id {
        SubvolumeId::TOP_LEVEL => "the top level can't be deleted",
        id if id.is_subvolume() => return Ok(()),
        _ => "no subvolume has this id: they have 256 and more",
    };
    Err(Error::new(ErrorKind::InvalidArgument, CALL, format!("subvolume {id}")).advise(advice))
}

/// Says of an error that it is about the default subvolume.
pub(in crate::subvolume) fn default_subvolume(error: Error) -> Error {
    error
        .with_kind(ErrorKind::Busy)
        .advise("it is the default subvolume, which a mount without subvol= shows: make another one the default first")
}

/// Deletes by id. The descriptor is any on the filesystem, but on an idmapped mount the directory that it is in.
pub(in crate::subvolume) fn destroy(directory: BorrowedFd<'_>, id: SubvolumeId) -> std::result::Result<(), Failure> {
    let mut args = sys::btrfs_ioctl_vol_args_v2 { flags: sys::BTRFS_SUBVOL_SPEC_BY_ID, ..Default::default() };
    args.__bindgen_anon_2.subvolid = id.0;
    call::<c::BTRFS_IOC_SNAP_DESTROY_V2>(directory, &mut args).map(drop)
}
