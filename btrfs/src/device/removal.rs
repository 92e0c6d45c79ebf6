//! Removing a device from a mounted filesystem: what is on it goes elsewhere first.

use std::os::fd::AsFd;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use btrfs_sys as sys;
use btrfs_sys::ioctl::{BTRFS_IOC_RM_DEV, BTRFS_IOC_RM_DEV_V2, Command};

use super::name_argument;
use crate::ending::Ending;
use crate::error::{Error, ErrorKind, Result};
use crate::filesystem::Filesystem;
use crate::id::DevId;
use crate::ioctl::{Failure, call};

const CALL: &str = BTRFS_IOC_RM_DEV_V2::ROW.name;

/// A device that is being removed.
///
/// The kernel does the work in a call that lasts until all that was on the device is elsewhere; a thread of this process
/// makes it. Dropping this value leaves it running. The end of the process cancels it: the device stays, with less on it.
#[derive(Debug)]
pub struct DeviceRemoval {
    filesystem: Filesystem,
    device: DevId,
    end: Arc<Ending<std::result::Result<(), Failure>>>,
}

/// How a removal ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RemovalOutcome {
    /// The device does not belong to the filesystem any more, and its superblock is wiped.
    Removed,
    /// It was cancelled: the device is there as before, with less on it.
    Cancelled,
    /// What is on it found no room elsewhere: the device is there as before, and the filesystem writable.
    OutOfSpace,
}

impl DeviceRemoval {
    /// Begins to remove a device. `BTRFS_IOC_RM_DEV_V2`, like `btrfs device remove`. Needs CAP_SYS_ADMIN. Since Linux 4.7.
    ///
    /// Whether it fits, and whether it would end with a filesystem that is read-only, says
    /// [`Preflight::remove_device`](crate::preflight::Preflight::remove_device).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] where there is no such device. All else comes by [`DeviceRemoval::wait`], the kernel's
    /// refusals too: [`ErrorKind::Refused`] where a profile needs more devices than would remain, or it is the only
    /// writable one; [`ErrorKind::ExclusiveOperation`] where a balance is running or paused.
    #[doc(alias = "BTRFS_IOC_RM_DEV_V2")]
    pub fn start(filesystem: &Filesystem, device: DevId) -> Result<Self> {
        filesystem.device(device)?;
        let removal = Self { filesystem: filesystem.try_clone()?, device, end: Arc::default() };
        let (worker, end) = (filesystem.try_clone()?, Arc::clone(&removal.end));
        thread::Builder::new()
            .name("btrfs-remove".to_owned())
            .spawn(move || {
                let mut arguments =
                    sys::btrfs_ioctl_vol_args_v2 { flags: sys::BTRFS_DEVICE_SPEC_BY_ID, ..Default::default() };
                arguments.__bindgen_anon_2.devid = device.0;
                let ended = call::<BTRFS_IOC_RM_DEV_V2>(worker.as_fd(), &mut arguments).map(drop);
                let ended = worker.not_aborted().and(ended);
                // Whoever hears of the end may unmount at once.
                drop(worker);
                end.tell(ended);
            })
            .map_err(|error| Error::os("clone", "a thread for the removal", error))?;
        Ok(removal)
    }

    /// Bytes of the device that belong to chunks still; 0 when it is gone. `BTRFS_IOC_DEV_INFO`. Needs no capability.
    ///
    /// # Errors
    ///
    /// Only what the kernel says.
    pub fn left(&self) -> Result<u64> {
        match self.filesystem.device(self.device) {
            Ok(device) => Ok(device.used),
            Err(error) if *error.kind() == ErrorKind::NotFound => Ok(0),
            Err(error) => Err(error),
        }
    }

    /// Asks the kernel to stop after the chunk it is at; how it ended says [`DeviceRemoval::wait`]. `BTRFS_IOC_RM_DEV`
    /// with the name `cancel`, like `btrfs device remove cancel`. Needs CAP_SYS_ADMIN. Since Linux 5.14.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotInProgress`] where no removal is running; [`ErrorKind::Unsupported`] on older kernels, which take
    /// `cancel` for a path.
    pub fn cancel(&self) -> Result<()> {
        let mut arguments = sys::btrfs_ioctl_vol_args::default();
        name_argument(CALL, "cancel".as_ref(), &mut arguments.name)?;
        let object = self.filesystem.path().display();
        match call::<BTRFS_IOC_RM_DEV>(self.filesystem.as_fd(), &mut arguments) {
            Ok(_) => Ok(()),
            Err(failure) => match failure.errno() {
                // So it says that it was asked.
                Some(libc::ECANCELED) => Ok(()),
                Some(libc::ENOTCONN) => Err(failure.on(object).with_kind(ErrorKind::NotInProgress)),
                Some(libc::ENOENT) => {
                    Err(failure.on(object).with_kind(ErrorKind::Unsupported).advise("needs Linux 5.14"))
                }
                _ => Err(failure.on(object)),
            },
        }
    }

    /// Waits for its end, for so long at most; `None` where it is still running then.
    ///
    /// # Errors
    ///
    /// What the kernel refused, and what made it give up, such as an I/O error or a filesystem that became read-only.
    pub fn wait(&self, timeout: Duration) -> Result<Option<RemovalOutcome>> {
        match self.end.within(timeout) {
            None => Ok(None),
            Some(Ok(())) => Ok(Some(RemovalOutcome::Removed)),
            Some(Err(failure)) => match failure.errno() {
                Some(libc::ECANCELED) => Ok(Some(RemovalOutcome::Cancelled)),
                Some(libc::ENOSPC) => Ok(Some(RemovalOutcome::OutOfSpace)),
                _ => Err(failure.on(format!("device {} of {}", self.device, self.filesystem.path().display()))),
            },
        }
    }
}
