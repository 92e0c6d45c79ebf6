//! The devices of a filesystem: which they are, how large, and how often they failed.

mod add;
mod removal;
mod resize;
mod usage;

use std::ffi::{OsStr, c_char};
use std::fs;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use btrfs_sys as sys;
use btrfs_sys::ioctl::{BTRFS_IOC_DEV_INFO, BTRFS_IOC_GET_DEV_STATS, Command};
use uuid::Uuid;

use crate::bytes;
use crate::error::{Error, ErrorKind, Result};
use crate::filesystem::Filesystem;
use crate::id::DevId;
use crate::ioctl::call;

pub use add::AddDevice;
pub use removal::{DeviceRemoval, RemovalOutcome};
pub use usage::{Allocation, DeviceUsage};

/// A device of a filesystem, from `BTRFS_IOC_DEV_INFO`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Device {
    /// Its id within the filesystem; 0 for the target of a running replace, and, for a moment when it ends and the two
    /// change places, for the device that was replaced.
    pub id: DevId,
    /// Its UUID.
    pub uuid: Option<Uuid>,
    /// The UUID of the filesystem that it belongs to: another than this one's for a seed device. `None` before
    /// Linux 6.3.
    pub fsid: Option<Uuid>,
    /// Bytes of it that the filesystem has at its disposal. The block device may be larger.
    pub total: u64,
    /// Bytes of it that are allocated to chunks, whether these are full or not.
    pub used: u64,
    /// Where the kernel last saw it, as bytes; `None` where it never did. The path of a missing device may by now be
    /// that of another.
    pub path: Option<PathBuf>,
    /// Whether the filesystem has to do without it, which takes the mount option `degraded`. From sysfs, since
    /// Linux 5.6; `None` where sysfs can't be read and there is a path.
    pub missing: Option<bool>,
}

impl Device {
    /// Bytes that are not allocated to any chunk.
    #[must_use]
    pub fn unallocated(&self) -> u64 {
        self.total.saturating_sub(self.used)
    }

    fn identity(&self) -> (DevId, Option<Uuid>, Option<&Path>) {
        (self.id, self.uuid, self.path.as_deref())
    }
}

/// How often a device failed, since the filesystem was made or the counters were reset. They outlive a mount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct DeviceStats {
    /// Writes that the device failed; `write_io_errs` in btrfs-progs.
    pub write_errors: u64,
    /// Reads that it failed; `read_io_errs`.
    pub read_errors: u64,
    /// Flushes that it failed; `flush_io_errs`.
    pub flush_errors: u64,
    /// Blocks that it returned with a wrong checksum; `corruption_errs`.
    pub corruption_errors: u64,
    /// Blocks that it returned in an older state, as after a lost write; `generation_errs`.
    pub generation_errors: u64,
}

/// Listing is raced only while a device is added, removed or replaced.
const ATTEMPTS: usize = 32;

impl Filesystem {
    /// Its devices by id, with missing ones, seeds, and the target of a running replace. `BTRFS_IOC_FS_INFO` and a
    /// `BTRFS_IOC_DEV_INFO` for each id, until two lists agree; like `btrfs filesystem show`. Needs no capability. Since
    /// Linux 3.0.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Raced`] where devices kept being added or removed.
    #[doc(alias = "BTRFS_IOC_DEV_INFO")]
    pub fn devices(&self) -> Result<Vec<Device>> {
        let mut before = Vec::new();
        for _ in 0..ATTEMPTS {
            let info = self.info()?;
            let ids = (0..=info.max_id).map(DevId);
            let devices = ids.filter_map(|id| self.find(id).transpose()).collect::<Result<Vec<_>>>()?;
            // The kernel does not count seeds. Before Linux 6.3 it does not say which devices are.
            let own = devices.iter().filter(|device| device.fsid == Some(self.fsid())).count();
            let unsaid = devices.iter().filter(|device| device.fsid.is_none()).count();
            let counted = (own..=own + unsaid).contains(&usize::try_from(info.num_devices).unwrap_or(usize::MAX));
            // The count alone does not show that two devices changed places, as they do when a replace ends.
            if counted && devices.iter().map(Device::identity).eq(before.iter().map(Device::identity)) {
                return Ok(devices);
            }
            before = devices;
        }
        Err(Error::new(ErrorKind::Raced, BTRFS_IOC_DEV_INFO::ROW.name, self.path().display())
            .advise("devices kept being added or removed: ask again"))
    }

    /// The device of this id. `BTRFS_IOC_DEV_INFO`. Needs no capability. Since Linux 3.0.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] where the filesystem has no such device.
    pub fn device(&self, id: DevId) -> Result<Device> {
        self.find(id)?.ok_or_else(|| self.no_device(BTRFS_IOC_DEV_INFO::ROW.name, id))
    }

    /// Which of the filesystem's devices a block device is; `None` where it is none of them.
    ///
    /// It asks the filesystem ([`Filesystem::devices`]) and compares device numbers, so it knows the second device too,
    /// which /proc/mounts does not, and any name of a device. Needs no capability. Since Linux 3.0.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`] where the path is no block device. [`ErrorKind::NotFound`] where it does not
    /// exist, or where one of the filesystem's devices can't be found by its path, so that the answer is not known.
    pub fn find_device(&self, block_device: impl AsRef<Path>) -> Result<Option<Device>> {
        let path = block_device.as_ref();
        let asked = block_device_at("find_device", path)?;
        let mut unknown = None;
        // A missing device's path may be another's by now.
        for device in self.devices()?.into_iter().filter(|device| device.missing != Some(true)) {
            match device.path.as_deref().map(stat) {
                Some(Ok(metadata)) if metadata.rdev() == asked.rdev() => return Ok(Some(device)),
                Some(Err(error)) => unknown = Some(error),
                Some(Ok(_)) | None => {}
            }
        }
        unknown.map_or(Ok(None), Err)
    }

    /// How often a device failed. `BTRFS_IOC_GET_DEV_STATS`, like `btrfs device stats`; the counters are left as they
    /// are. Needs no capability. Since Linux 3.5.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] where the filesystem has no such device, or has no counters of it.
    #[doc(alias = "BTRFS_IOC_GET_DEV_STATS")]
    pub fn device_stats(&self, id: DevId) -> Result<DeviceStats> {
        let call_name = BTRFS_IOC_GET_DEV_STATS::ROW.name;
        let values = sys::btrfs_ioctl_get_dev_stats::default().values;
        let asked = u64::try_from(values.len()).unwrap_or(u64::MAX);
        let mut stats = sys::btrfs_ioctl_get_dev_stats { devid: id.0, nr_items: asked, ..Default::default() };
        call::<BTRFS_IOC_GET_DEV_STATS>(self.as_fd(), &mut stats).map_err(|failure| match failure.errno() {
            Some(libc::ENODEV) => self.no_device(call_name, id),
            _ => failure.on(self.device_name(id)),
        })?;
        if stats.nr_items != asked {
            return Err(Error::new(ErrorKind::Malformed, call_name, self.device_name(id))
                .advise(format!("{} counters where {asked} were asked for", stats.nr_items)));
        }
        // In the order of enum btrfs_dev_stat_values.
        let [write_errors, read_errors, flush_errors, corruption_errors, generation_errors] = stats.values;
        Ok(DeviceStats { write_errors, read_errors, flush_errors, corruption_errors, generation_errors })
    }

    fn find(&self, id: DevId) -> Result<Option<Device>> {
        let mut args = sys::btrfs_ioctl_dev_info_args { devid: id.0, ..Default::default() };
        match call::<BTRFS_IOC_DEV_INFO>(self.as_fd(), &mut args) {
            Ok(_) => {}
            Err(failure) if failure.errno() == Some(libc::ENODEV) => return Ok(None),
            Err(failure) => return Err(failure.on(self.device_name(id))),
        }
        let path = bytes::until_nul(&args.path);
        let path = (!path.is_empty()).then(|| PathBuf::from(OsStr::from_bytes(path)));
        Ok(Some(Device {
            id: DevId(args.devid),
            uuid: bytes::uuid(args.uuid),
            fsid: bytes::uuid(args.fsid),
            total: args.total_bytes,
            used: args.bytes_used,
            missing: self.missing(id).or(path.is_none().then_some(true)),
            path,
        }))
    }

    /// What sysfs says of the device. The kernel keeps a device's path when it is gone.
    fn missing(&self, id: DevId) -> Option<bool> {
        let file = self.sysfs().join("devinfo").join(id.to_string()).join("missing");
        fs::read_to_string(file).ok().map(|word| word.trim() == "1")
    }

    fn device_name(&self, id: DevId) -> String {
        format!("device {id} of {}", self.path().display())
    }

    fn no_device(&self, call: &'static str, id: DevId) -> Error {
        Error::os(call, self.device_name(id), io::Error::from_raw_os_error(libc::ENODEV))
            .advise("the filesystem has no such device: `btrfs filesystem show` lists those it has")
    }
}

/// Writes what a call is to name into its argument, which ends with a NUL.
fn name_argument(call: &'static str, name: &Path, into: &mut [c_char]) -> Result<()> {
    let bytes = name.as_os_str().as_bytes();
    if bytes.is_empty() || bytes.contains(&0) || bytes.len() >= into.len() {
        return Err(Error::new(ErrorKind::InvalidArgument, call, name.display())
            .advise(format!("a name has 1 to {} bytes, none of them NUL", into.len() - 1)));
    }
    for (to, byte) in into.iter_mut().zip(bytes) {
        *to = c_char::from_ne_bytes([*byte]);
    }
    Ok(())
}

/// What is there, which has to be a block device.
fn block_device_at(call: &'static str, path: &Path) -> Result<fs::Metadata> {
    let metadata = stat(path)?;
    if !metadata.file_type().is_block_device() {
        return Err(Error::new(ErrorKind::InvalidArgument, call, path.display())
            .advise("not a block device: name one, such as /dev/sdb1"));
    }
    Ok(metadata)
}

fn stat(path: &Path) -> Result<fs::Metadata> {
    fs::metadata(path).map_err(|error| Error::os("stat", path.display(), error))
}
