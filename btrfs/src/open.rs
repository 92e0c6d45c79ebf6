//! Opening what the caller names. Every descriptor is close-on-exec.

use std::ffi::OsStr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use nix::fcntl::{OFlag, openat};
use nix::sys::stat::{FileStat, Mode, fstat};
use nix::sys::statfs::{BTRFS_SUPER_MAGIC, fstatfs};

use crate::error::{Error, Result};

/// The inode number of every subvolume's root directory.
pub(crate) const ROOT_INODE: u64 = btrfs_sys::BTRFS_FIRST_FREE_OBJECTID;

/// Opens any file or directory for calls on its filesystem. The path is the caller's: symlinks in it are followed.
pub(crate) fn any(path: &Path) -> Result<OwnedFd> {
    // Not to wait for the other end of a FIFO, or to take over a terminal.
    open(nix::fcntl::AT_FDCWD, path, OFlag::O_NONBLOCK | OFlag::O_NOCTTY, path)
}

/// Opens a directory.
pub(crate) fn directory(path: &Path) -> Result<OwnedFd> {
    open(nix::fcntl::AT_FDCWD, path, OFlag::O_DIRECTORY, path)
}

/// Opens a directory by its name in another one. A symlink of that name is not followed, but refused.
pub(crate) fn child(parent: BorrowedFd<'_>, name: &OsStr) -> Result<OwnedFd> {
    open(parent, Path::new(name), OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW, Path::new(name))
}

fn open(at: BorrowedFd<'_>, path: &Path, flags: OFlag, object: &Path) -> Result<OwnedFd> {
    openat(at, path, flags | OFlag::O_RDONLY | OFlag::O_CLOEXEC, Mode::empty())
        .map_err(|errno| Error::os("openat", object.display(), errno))
}

/// `fstat`, to know what an inode is.
pub(crate) fn stat(fd: impl AsFd) -> Result<FileStat> {
    fstat(fd).map_err(|errno| Error::os("fstat", "an open file", errno))
}

/// Whether what is open is on a btrfs. FIFOs and devices on it answer no ioctl of btrfs, and neither does the empty
/// directory that stands in a snapshot where its source has a subvolume.
pub(crate) fn is_on_btrfs(fd: impl AsFd) -> bool {
    fstatfs(fd).is_ok_and(|filesystem| filesystem.filesystem_type() == BTRFS_SUPER_MAGIC)
}

/// Copies a caller's descriptor, close-on-exec.
pub(crate) fn duplicate(fd: impl AsFd) -> Result<OwnedFd> {
    fd.as_fd().try_clone_to_owned().map_err(|error| Error::os("fcntl(F_DUPFD_CLOEXEC)", "a descriptor", error))
}

/// Says how to name a descriptor in an error: the path it was opened by, as far as the kernel knows it.
pub(crate) fn name_of(fd: impl AsFd) -> String {
    use std::os::fd::AsRawFd;
    let link = format!("/proc/self/fd/{}", fd.as_fd().as_raw_fd());
    std::fs::read_link(&link).map_or(link, |path| path.display().to_string())
}
