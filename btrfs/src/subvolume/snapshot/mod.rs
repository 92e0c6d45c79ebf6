//! Snapshots: one subvolume at a time.

mod group;
mod moment;
mod outcome;
mod together;

use std::ffi::OsStr;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::path::Path;

use btrfs_sys as sys;
use btrfs_sys::ioctl as c;

use crate::error::{Error, ErrorKind, Result};
use crate::id::QgroupId;
use crate::ioctl::{self, Failure};
use crate::subvolume::create::New;
use crate::subvolume::handle;
use crate::{name, open};

pub use group::SnapshotGroup;
pub use moment::OneMoment;
pub use outcome::{Attempt, GroupOutcome, Member, Removal, Taking};

/// How to take a snapshot.
///
/// ```no_run
/// use btrfs::Subvolume;
/// use btrfs::subvolume::SnapshotOptions;
///
/// let home = Subvolume::open("/srv/home")?;
/// let snapshots = std::fs::File::open("/srv/.snapshots/home")?;
/// SnapshotOptions::new().read_only().create(&home, &snapshots, "2026-11-22")?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct SnapshotOptions {
    read_only: bool,
    flush_first: bool,
    qgroups: Vec<QgroupId>,
}

impl SnapshotOptions {
    /// Writable, without quota groups.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes the snapshot read-only from the start, as `btrfs send` wants it.
    #[must_use]
    pub fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }

    /// Puts the snapshot into a quota group, which must exist and be of level 1 or more. Can be given several times.
    ///
    /// While quotas are off the kernel does not look at it; kernels before 6.9 may ignore groups that do not exist.
    #[must_use]
    pub fn inherit(mut self, qgroup: QgroupId) -> Self {
        self.qgroups.push(qgroup);
        self
    }

    /// Writes all dirty data of the filesystem and commits it before the snapshot is asked for.
    ///
    /// `BTRFS_IOC_SYNC` on the filesystem of the directory; it takes as long as there is data to be written, and one commit.
    /// What is in the snapshot does not depend on it: the kernel writes the source's dirty data, everything that was
    /// written before the call, in each snapshot call. What it changes is *when*: with most of that done before, the call
    /// itself is short, and so is the time in which what other processes write is in the snapshot or not. And it is on
    /// disk even where the snapshot then fails.
    #[must_use]
    pub fn flush_first(mut self) -> Self {
        self.flush_first = true;
        self
    }

    /// Takes a snapshot of a subvolume, called `name`, in an open directory.
    ///
    /// The source is a [`Subvolume`](crate::Subvolume), or any descriptor of a subvolume's root directory. What lies in
    /// other subvolumes inside the source is not in the snapshot. When the call returns, the snapshot is on disk: the
    /// kernel has committed a transaction for it. A symlink called `name` is not followed, but counts as existing.
    ///
    /// `BTRFS_IOC_SNAP_CREATE_V2`, like `btrfs subvolume snapshot -r -i`; that one ioctl and nothing else, unless it fails
    /// or [flushing first](Self::flush_first) was asked for.
    /// Needs to own the source, or CAP_FOWNER, and permission to write in the directory. Since Linux 2.6.37.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidName`]; [`ErrorKind::NotSubvolume`] where the source is an ordinary directory;
    /// [`ErrorKind::DifferentFilesystem`]; [`ErrorKind::AlreadyExists`]; [`ErrorKind::ReadOnly`] where the *directory*
    /// can't be written, the source may be read-only; [`ErrorKind::Busy`] where a file of the source is an active
    /// swapfile; [`ErrorKind::PermissionDenied`]; [`ErrorKind::NoSpace`]; [`ErrorKind::NotFound`] for a quota group
    /// that does not exist, a source or a directory that was deleted; [`ErrorKind::NotDirectory`];
    /// [`ErrorKind::NotBtrfs`]; [`ErrorKind::InvalidArgument`] for quota groups that can't be.
    #[doc(alias = "BTRFS_IOC_SNAP_CREATE_V2")]
    pub fn create(&self, source: impl AsFd, parent: impl AsFd, name: impl AsRef<OsStr>) -> Result<()> {
        let (source, parent, name) = (source.as_fd(), parent.as_fd(), name.as_ref());
        let new = New { call: "BTRFS_IOC_SNAP_CREATE_V2", parent, name, qgroups: &self.qgroups };
        let (mut args, qgroups) = new.arguments()?;
        args.fd = source.as_raw_fd().into();
        args.flags = if self.read_only { sys::BTRFS_SUBVOL_RDONLY } else { 0 };
        if self.flush_first {
            ioctl::call::<c::BTRFS_IOC_SYNC>(parent, &mut ()).map_err(|failure| failure.on(new.path()))?;
        }
        ioctl::create::<c::BTRFS_IOC_SNAP_CREATE_V2>(parent, &mut args, &qgroups)
            .map(drop)
            .map_err(|failure| explain(failure, source, new))
    }

    /// Takes a snapshot of the subvolume at a path; the last part of `destination` must not exist yet. Symlinks before it
    /// are followed. Five system calls: open, open, ioctl, close, close.
    ///
    /// # Errors
    ///
    /// As [`SnapshotOptions::create`].
    pub fn create_at(&self, source: impl AsRef<Path>, destination: impl AsRef<Path>) -> Result<()> {
        let (parent, name) = name::split(destination.as_ref());
        let source = open::directory(source.as_ref())?;
        self.create(source, open::directory(parent)?, name)
    }
}

/// Looks, now that there is time, for the reason behind the errno.
fn explain(failure: Failure, source: BorrowedFd<'_>, new: New<'_>) -> Error {
    let error = new.error(failure, format!("{} -> {}", open::name_of(source), new.path()));
    match failure.errno() {
        Some(libc::EXDEV) => {
            error.advise("the source is on another filesystem: a snapshot shares its data, so both have to be on one")
        }
        Some(libc::EINVAL) => match open::stat(source) {
            Ok(stat) if stat.st_ino != open::ROOT_INODE => error
                .with_kind(ErrorKind::NotSubvolume)
                .advise("the source is not the root directory of a subvolume, and nothing else can be snapshotted"),
            _ => error
                .advise("the kernel takes neither a source that was opened with O_PATH nor the tree of a relocation"),
        },
        Some(libc::EPERM) => {
            error.advise("only the owner of the source, or a process with CAP_FOWNER, may snapshot it")
        }
        Some(libc::ETXTBSY) => error.advise(
            "a file in the source is an active swapfile: `swapoff` it first, or keep it in a subvolume of its own",
        ),
        Some(libc::ENOENT) if handle::info(source).is_err_and(|info| info.errno() == Some(libc::ENOENT)) => {
            error.advise("the source was deleted")
        }
        _ => error,
    }
}
