//! Making subvolumes, and what every call has in common that puts one into a directory.

use std::ffi::OsStr;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;

use btrfs_sys as sys;
use btrfs_sys::ioctl as c;

use crate::bytes;
use crate::error::{Error, ErrorKind, Result};
use crate::id::QgroupId;
use crate::ioctl::{self, Failure};
use crate::{name, open};

/// How to make a subvolume.
///
/// ```no_run
/// use btrfs::QgroupId;
/// use btrfs::subvolume::CreateOptions;
///
/// let homes = std::fs::File::open("/srv/homes")?;
/// CreateOptions::new().inherit(QgroupId { level: 1, id: 100 }).create(&homes, "alice")?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct CreateOptions {
    qgroups: Vec<QgroupId>,
}

impl CreateOptions {
    /// Without quota groups.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts the new subvolume into a quota group, which must exist and be of level 1 or more. Can be given several
    /// times.
    ///
    /// While quotas are off the kernel does not look at it; kernels before 6.9 may ignore groups that do not exist.
    #[must_use]
    pub fn inherit(mut self, qgroup: QgroupId) -> Self {
        self.qgroups.push(qgroup);
        self
    }

    /// Makes a subvolume of this name in an open directory. Nothing is followed: a symlink of that name counts as
    /// existing.
    ///
    /// `BTRFS_IOC_SUBVOL_CREATE_V2`, like `btrfs subvolume create -i`. Needs permission to write in the directory, and no
    /// capability. Since Linux 3.6.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidName`]; [`ErrorKind::AlreadyExists`]; [`ErrorKind::ReadOnly`] on a read-only mount or in a
    /// read-only subvolume; [`ErrorKind::PermissionDenied`]; [`ErrorKind::NoSpace`]; [`ErrorKind::NotFound`] for a
    /// quota group that does not exist, or a directory that was deleted; [`ErrorKind::NotDirectory`];
    /// [`ErrorKind::NotBtrfs`]; [`ErrorKind::InvalidArgument`] for quota groups that can't be.
    #[doc(alias = "BTRFS_IOC_SUBVOL_CREATE_V2")]
    pub fn create(&self, parent: impl AsFd, name: impl AsRef<OsStr>) -> Result<()> {
        let (parent, name) = (parent.as_fd(), name.as_ref());
        let new = New { call: "BTRFS_IOC_SUBVOL_CREATE_V2", parent, name, qgroups: &self.qgroups };
        let (mut args, qgroups) = new.arguments()?;
        ioctl::create::<c::BTRFS_IOC_SUBVOL_CREATE_V2>(parent, &mut args, &qgroups)
            .map(drop)
            .map_err(|failure| new.error(failure, new.path()))
    }

    /// Makes a subvolume at a path whose last part does not exist yet. Symlinks before it are followed.
    ///
    /// # Errors
    ///
    /// As [`CreateOptions::create`].
    pub fn create_at(&self, path: impl AsRef<Path>) -> Result<()> {
        let (parent, name) = name::split(path.as_ref());
        self.create(open::directory(parent)?, name)
    }
}

/// More group ids make the structure longer than a page, which the kernel refuses.
const MAX_QGROUPS: usize = (4096 - size_of::<sys::btrfs_qgroup_inherit>()) / size_of::<u64>();

/// A subvolume that is to be made, by either of the calls.
#[derive(Clone, Copy)]
pub(in crate::subvolume) struct New<'a> {
    pub(in crate::subvolume) call: &'static str,
    pub(in crate::subvolume) parent: BorrowedFd<'a>,
    pub(in crate::subvolume) name: &'a OsStr,
    pub(in crate::subvolume) qgroups: &'a [QgroupId],
}

impl New<'_> {
    /// The argument of the call, and the groups as the kernel numbers them.
    pub(in crate::subvolume) fn arguments(&self) -> Result<(sys::btrfs_ioctl_vol_args_v2, Vec<u64>)> {
        let checked = name::checked(self.call, self.name)?;
        let invalid = |rule: String| Err(Error::new(ErrorKind::InvalidArgument, self.call, self.path()).advise(rule));
        if let Some(qgroup) = self.qgroups.iter().find(|qgroup| qgroup.level == 0) {
            return invalid(format!(
                "quota group {qgroup} is a subvolume's own: only groups of level 1 or more hold others"
            ));
        }
        if self.qgroups.len() > MAX_QGROUPS {
            return invalid(format!("{} quota groups, and the kernel takes {MAX_QGROUPS} at most", self.qgroups.len()));
        }
        let mut name = [0; size_of::<sys::btrfs_ioctl_vol_args_v2__bindgen_ty_2>()];
        bytes::put_name(&mut name, checked);
        let args = sys::btrfs_ioctl_vol_args_v2 {
            __bindgen_anon_2: sys::btrfs_ioctl_vol_args_v2__bindgen_ty_2 { name },
            ..Default::default()
        };
        Ok((args, self.qgroups.iter().map(|qgroup| qgroup.to_raw()).collect()))
    }

    /// Where it was to be, for errors.
    pub(in crate::subvolume) fn path(&self) -> String {
        Path::new(&open::name_of(self.parent)).join(self.name).display().to_string()
    }

    /// The error about a call that failed, as far as it is about the directory, the name and the groups.
    pub(in crate::subvolume) fn error(&self, failure: Failure, object: String) -> Error {
        let error = failure.on(object);
        match failure.errno() {
            Some(libc::EEXIST) => error.advise("something of that name is there already: choose another, or remove it"),
            Some(libc::EROFS) => error.advise(
                "the mount is read-only, or the directory is in a read-only subvolume: choose a directory that can be written",
            ),
            Some(libc::EACCES) => error.advise("the caller may not write in that directory"),
            Some(libc::ENOTDIR) => error.advise("the parent is not a directory"),
            Some(libc::ENOTTY) if open::is_on_btrfs(self.parent) => error.with_kind(ErrorKind::InvalidArgument).advise(
                "nothing can be put there: it is the empty directory that a snapshot has where its source has a subvolume",
            ),
            Some(libc::ENOTTY) => error.advise("the parent directory is not on a btrfs filesystem"),
            Some(libc::EBADF) => error
                .with_kind(ErrorKind::InvalidArgument)
                .advise("the parent directory was opened with O_PATH: open it for reading"),
            Some(libc::ENOSPC) => error.advise(
                "no space left for metadata: delete what is not needed, or `btrfs balance start -dusage=10` to free chunks",
            ),
            Some(libc::EDQUOT) => error.advise("a quota limit is reached: `btrfs qgroup show -re` tells which"),
            Some(libc::ENOENT) if !self.qgroups.is_empty() => error.advise(format!(
                "one of the quota groups {} does not exist (`btrfs qgroup create` makes one), or the directory was deleted",
                self.qgroups.iter().map(QgroupId::to_string).collect::<Vec<_>>().join(", ")
            )),
            Some(libc::ENOENT) => error.advise("the parent directory was deleted"),
            _ => error,
        }
    }
}
