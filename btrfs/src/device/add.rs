//! Adding a device to a mounted filesystem.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use btrfs_sys as sys;
use btrfs_sys::ioctl::{BTRFS_IOC_ADD_DEV, Command};

use super::{Device, block_device_at, name_argument};
use crate::error::{Error, ErrorKind, Result};
use crate::filesystem::Filesystem;
use crate::ioctl::call;

const CALL: &str = BTRFS_IOC_ADD_DEV::ROW.name;
/// Where filesystems, partition tables and RAIDs have what they are known by: at the beginning and at the end.
const KNOWN_BY: u64 = 2 << 20;

/// How a device is added.
#[derive(Debug, Clone, Copy, Default)]
pub struct AddDevice {
    overwrite: bool,
}

impl AddDevice {
    /// Only where nothing is on the device.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Also where something is on it, which is lost.
    #[must_use]
    pub fn overwrite(mut self) -> Self {
        self.overwrite = true;
        self
    }

    /// Adds a block device, all of it, to a mounted filesystem, and says what it has become.
    ///
    /// `BTRFS_IOC_ADD_DEV`, like `btrfs device add`, but that nothing is discarded. Needs CAP_SYS_ADMIN. Since Linux 3.0;
    /// while a balance is paused, since 5.17.
    ///
    /// # Errors
    ///
    /// Before the kernel is asked, and with nothing written: [`ErrorKind::InvalidArgument`] where the path is no block
    /// device; [`ErrorKind::Busy`] where it is mounted, swapped to, or part of something else that is in use, this
    /// filesystem included; [`ErrorKind::NeedsConsent`] where the first or the last 2 MiB of it hold anything but zeros,
    /// without [`AddDevice::overwrite`]. By the kernel: [`ErrorKind::ExclusiveOperation`] while a balance runs, or another
    /// device is added, removed or replaced; [`ErrorKind::PermissionDenied`], [`ErrorKind::ReadOnly`].
    #[doc(alias = "BTRFS_IOC_ADD_DEV")]
    pub fn add(self, filesystem: &Filesystem, block_device: impl AsRef<Path>) -> Result<Device> {
        let path = block_device.as_ref();
        let mut arguments = sys::btrfs_ioctl_vol_args::default();
        name_argument(CALL, path, &mut arguments.name)?;
        let mut device = open_alone(path)?;
        if !is_blank(&mut device).map_err(|error| Error::os("read", path.display(), error))? {
            if !self.overwrite {
                return Err(Error::new(ErrorKind::NeedsConsent, CALL, path.display()).advise(
                    "something is on the device: look with `blkid` or `wipefs`; consent to losing it (overwrite), or name \
                     another device",
                ));
            }
            blank(&mut device).map_err(|error| Error::os("write", path.display(), error))?;
        }
        // The kernel wants it alone too.
        drop(device);
        call::<BTRFS_IOC_ADD_DEV>(filesystem.as_fd(), &mut arguments).map_err(|failure| match failure.errno() {
            Some(libc::EEXIST) => failure.on(path.display()).advise("it belongs to this filesystem already"),
            Some(libc::EINVAL) => failure
                .on(path.display())
                .advise("the kernel takes no such device: it may be too small, or zoned where the filesystem is not"),
            _ => failure.on(format!("{} and {}", filesystem.path().display(), path.display())),
        })?;
        filesystem.find_device(path)?.ok_or_else(|| {
            Error::new(ErrorKind::Raced, CALL, path.display())
                .advise("it was added, and removed since by somebody else")
        })
    }
}

/// Opens a block device that nothing else may have in use: the kernel checks that less carefully. (Linux 6.1 adds a device
/// of another mounted btrfs, whose data is lost by it.)
fn open_alone(path: &Path) -> Result<File> {
    let error = |error: io::Error| {
        let busy = error.raw_os_error() == Some(libc::EBUSY);
        let error = Error::os("open", path.display(), error);
        match busy {
            true => error.advise(
                "it is in use: mounted, swapped to, or part of a filesystem, RAID or volume group; `lsblk` shows of which",
            ),
            false => error,
        }
    };
    block_device_at(CALL, path)?;
    OpenOptions::new().read(true).write(true).custom_flags(libc::O_EXCL).open(path).map_err(error)
}

/// Where to look, on a device of so many bytes.
fn ranges(device: &mut File) -> io::Result<[(u64, u64); 2]> {
    let length = device.seek(SeekFrom::End(0))?;
    Ok([(0, KNOWN_BY.min(length)), (length.saturating_sub(KNOWN_BY), KNOWN_BY.min(length))])
}

fn is_blank(device: &mut File) -> io::Result<bool> {
    for (start, length) in ranges(device)? {
        device.seek(SeekFrom::Start(start))?;
        let mut bytes = Vec::new();
        device.take(length).read_to_end(&mut bytes)?;
        if bytes.iter().any(|byte| *byte != 0) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// So that nothing takes it any more for what it was.
fn blank(device: &mut File) -> io::Result<()> {
    for (start, length) in ranges(device)? {
        device.seek(SeekFrom::Start(start))?;
        io::copy(&mut io::repeat(0).take(length), device)?;
    }
    device.flush()?;
    device.sync_all()
}
