//! A handle on a subvolume.

use std::ffi::OsStr;
use std::fmt::Display;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use btrfs_sys as sys;
use btrfs_sys::ioctl as c;

use crate::error::{Error, ErrorKind, Result};
use crate::id::SubvolumeId;
use crate::ioctl::{Failure, call};
use crate::open;
use crate::subvolume::SubvolumeInfo;
use crate::subvolume::flags::{self, SettableFlags};

/// An open subvolume: a descriptor of its root directory, close-on-exec.
///
/// While it lives, the filesystem can't be unmounted. The subvolume can be renamed or deleted meanwhile: the handle stays
/// on the same one, whatever takes its place.
///
/// ```no_run
/// use btrfs::Subvolume;
///
/// let home = Subvolume::open("/srv/home")?;
/// let info = home.info()?;
/// println!("{} is subvolume {}, made in transaction {}", home.path().display(), info.id, info.otransid);
/// # Ok::<(), btrfs::Error>(())
/// ```
#[derive(Debug)]
pub struct Subvolume {
    fd: OwnedFd,
    path: PathBuf,
}

impl Subvolume {
    /// Opens the subvolume whose root directory this is. Symlinks in the path are followed.
    ///
    /// One `open` and one `BTRFS_IOC_SUBVOL_GETFLAGS`, which the kernel answers for a subvolume's root only. Needs
    /// permission to read the directory, and no capability.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotSubvolume`] for a directory inside a subvolume, [`ErrorKind::NotDirectory`] for a file,
    /// [`ErrorKind::NotBtrfs`] on another filesystem, [`ErrorKind::NotFound`], [`ErrorKind::PermissionDenied`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let fd = open::directory(path).map_err(|error| match error.kind() {
            ErrorKind::NotDirectory => error.advise("a subvolume is a directory, and this is none"),
            _ => error,
        })?;
        Self::new(fd, path.to_owned())
    }

    /// Opens the subvolume of this name in an open directory. A symlink of that name is not followed, but refused.
    ///
    /// # Errors
    ///
    /// As [`Subvolume::open`], and [`ErrorKind::InvalidName`].
    pub fn open_in(parent: impl AsFd, name: impl AsRef<OsStr>) -> Result<Self> {
        let (parent, name) = (parent.as_fd(), name.as_ref());
        crate::name::checked("Subvolume::open_in", name)?;
        Self::new(open::child(parent, name)?, Path::new(&open::name_of(parent)).join(name))
    }

    /// The subvolume whose root directory is open already. The descriptor is copied; one opened with `O_PATH` won't do.
    ///
    /// # Errors
    ///
    /// As [`Subvolume::open`].
    pub fn from_fd(fd: impl AsFd) -> Result<Self> {
        let path = PathBuf::from(open::name_of(&fd));
        Self::new(open::duplicate(fd)?, path)
    }

    fn new(fd: OwnedFd, path: PathBuf) -> Result<Self> {
        flags::get(fd.as_fd()).map_err(|failure| not_a_subvolume(failure, &fd, path.display()))?;
        Ok(Self { fd, path })
    }

    /// The path it was opened by.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its id. `BTRFS_IOC_INO_LOOKUP`, like `btrfs inspect-internal rootid`. Needs no capability.
    ///
    /// Also tells the id of a subvolume that was deleted while it was open.
    ///
    /// # Errors
    ///
    /// Only what the kernel says of a filesystem that was shut down.
    #[doc(alias = "BTRFS_IOC_INO_LOOKUP")]
    pub fn id(&self) -> Result<SubvolumeId> {
        // Tree 0 is the one that the descriptor is in; of its root directory anybody may ask.
        let mut args = sys::btrfs_ioctl_ino_lookup_args { objectid: open::ROOT_INODE, ..Default::default() };
        call::<c::BTRFS_IOC_INO_LOOKUP>(self.as_fd(), &mut args).map_err(|failure| self.error(failure))?;
        Ok(SubvolumeId(args.treeid))
    }

    /// What it is. `BTRFS_IOC_GET_SUBVOL_INFO`, like `btrfs subvolume show`. Needs no capability. Since Linux 4.18.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] where it was deleted.
    #[doc(alias = "BTRFS_IOC_GET_SUBVOL_INFO")]
    pub fn info(&self) -> Result<SubvolumeInfo> {
        info(self.as_fd()).map_err(|failure| {
            let error = self.error(failure);
            match failure.errno() {
                Some(libc::ENOENT) => error.advise("the subvolume was deleted"),
                _ => error,
            }
        })
    }

    /// The flags that can be set. `BTRFS_IOC_SUBVOL_GETFLAGS`, like `btrfs property get PATH ro`. Needs no capability.
    /// Since Linux 2.6.38.
    ///
    /// # Errors
    ///
    /// Only what the kernel says of a filesystem that was shut down.
    #[doc(alias = "BTRFS_IOC_SUBVOL_GETFLAGS")]
    pub fn flags(&self) -> Result<SettableFlags> {
        flags::get(self.as_fd()).map_err(|failure| self.error(failure))
    }

    /// The error about this subvolume.
    pub(crate) fn error(&self, failure: Failure) -> Error {
        failure.on(self.path.display())
    }
}

impl AsFd for Subvolume {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

/// Describes the subvolume that a descriptor is in: the kernel does not look at the `treeid` passed, and 1 is success.
pub(crate) fn info(fd: BorrowedFd<'_>) -> std::result::Result<SubvolumeInfo, Failure> {
    let mut args = sys::btrfs_ioctl_get_subvol_info_args::default();
    call::<c::BTRFS_IOC_GET_SUBVOL_INFO>(fd, &mut args)?;
    Ok(SubvolumeInfo::from(&args))
}

/// The error about what is no subvolume's root, from the errno of a call that only such a root answers.
fn not_a_subvolume(failure: Failure, fd: impl AsFd, object: impl Display) -> Error {
    let error = failure.on(object);
    match failure.errno() {
        Some(libc::EINVAL) => error
            .with_kind(ErrorKind::NotSubvolume)
            .advise("not the root directory of a subvolume: `btrfs subvolume list` tells what there is"),
        Some(libc::ENOTTY) if open::is_on_btrfs(fd) => error
            .with_kind(ErrorKind::NotSubvolume)
            .advise("no subvolume: a snapshot has such an empty directory where its source has a subvolume"),
        Some(libc::ENOTTY) => error.advise("not on a btrfs filesystem"),
        Some(libc::EBADF) => error
            .with_kind(ErrorKind::InvalidArgument)
            .advise("the descriptor was opened with O_PATH: open it for reading"),
        _ => error,
    }
}
