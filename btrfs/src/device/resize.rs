//! Making a device of a mounted filesystem smaller or larger.

use std::os::fd::AsFd;

use btrfs_sys as sys;
use btrfs_sys::ioctl::{BTRFS_IOC_RESIZE, Command};

use super::name_argument;
use crate::error::{ErrorKind, Result};
use crate::filesystem::Filesystem;
use crate::id::DevId;
use crate::ioctl::call;

impl Filesystem {
    /// Gives the filesystem so many bytes of a device, rounded down to its blocks, and returns when that is done. What lies
    /// behind the new end is put elsewhere first, which can take long; whether it fits says
    /// [`Preflight::shrink`](crate::preflight::Preflight::shrink). `BTRFS_IOC_RESIZE`, like `btrfs filesystem resize`.
    /// Needs CAP_SYS_ADMIN. Since Linux 3.0.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NoSpace`] where what lies behind the end finds no room elsewhere: the device stays as it was.
    /// [`ErrorKind::InvalidArgument`] for less than 256 MiB, or more than the block device has.
    /// [`ErrorKind::ExclusiveOperation`] where a balance is running or paused, or another device is worked at.
    #[doc(alias = "BTRFS_IOC_RESIZE")]
    pub fn resize_device(&self, device: DevId, bytes: u64) -> Result<()> {
        self.resize(device, &bytes.to_string())
    }

    /// Gives the filesystem all of a device, which may have become larger. `BTRFS_IOC_RESIZE`, like
    /// `btrfs filesystem resize ID:max`. Needs CAP_SYS_ADMIN. Since Linux 3.0.
    ///
    /// # Errors
    ///
    /// As [`Filesystem::resize_device`].
    pub fn grow_device(&self, device: DevId) -> Result<()> {
        self.resize(device, "max")
    }

    fn resize(&self, device: DevId, to: &str) -> Result<()> {
        self.device(device)?;
        let mut arguments = sys::btrfs_ioctl_vol_args::default();
        name_argument(BTRFS_IOC_RESIZE::ROW.name, format!("{device}:{to}").as_ref(), &mut arguments.name)?;
        let object = || format!("device {device} of {} to {to} bytes", self.path().display());
        call::<BTRFS_IOC_RESIZE>(self.as_fd(), &mut arguments).map(drop).map_err(|failure| match failure.errno() {
            Some(libc::EFBIG) => {
                failure.on(object()).with_kind(ErrorKind::InvalidArgument).advise("the block device is not that large")
            }
            Some(libc::EINVAL) => failure.on(object()).advise("a device has 256 MiB at least"),
            Some(libc::ENOSPC) => failure
                .on(object())
                .advise("what lies behind the new end finds no room elsewhere; the device stays as it was"),
            _ => failure.on(object()),
        })
    }
}
