//! A mounted btrfs: opening it, and what it is.

use std::ffi::OsString;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use btrfs_sys as sys;
use btrfs_sys::ioctl as c;
use nix::sys::statvfs::{FsFlags, fstatvfs};
use uuid::Uuid;

use crate::bytes;
use crate::error::{Error, ErrorKind, Result};
use crate::id::Generation;
use crate::ioctl::{Failure, call};
use crate::open;

/// A mounted btrfs filesystem, reached through any file or directory on it.
///
/// It holds a descriptor: while it lives, the filesystem can't be unmounted.
#[derive(Debug)]
pub struct Filesystem {
    fd: OwnedFd,
    path: PathBuf,
    fsid: Uuid,
}

/// What a filesystem is. `BTRFS_IOC_FS_INFO`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct FilesystemInfo {
    /// The filesystem's UUID, as `blkid` and `/sys/fs/btrfs` have it.
    pub fsid: Uuid,
    /// The UUID in the metadata, where `btrfstune -m` made it another than the fsid. Since Linux 5.11.
    pub metadata_uuid: Option<Uuid>,
    /// How many devices it has, missing ones included.
    pub num_devices: u64,
    /// The greatest device id.
    pub max_id: u64,
    /// Bytes of a node of the metadata trees.
    pub nodesize: u32,
    /// Bytes of a block of data.
    pub sectorsize: u32,
    /// Bytes to which clones have to be aligned.
    pub clone_alignment: u32,
    /// The checksum algorithm. Since Linux 5.10.
    pub checksum: Option<Checksum>,
    /// The generation of the running transaction, or, where none is running, of the last commit. Since Linux 5.10.
    pub generation: Option<Generation>,
}

/// A checksum algorithm, `csum_type` of the superblock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "lowercase"))]
#[non_exhaustive]
pub enum Checksum {
    /// CRC-32C, 4 bytes.
    Crc32c,
    /// xxHash, 8 bytes.
    Xxhash,
    /// SHA-256, 32 bytes.
    Sha256,
    /// BLAKE2b-256, 32 bytes.
    Blake2b,
    /// One of a newer kernel.
    Unknown(u16),
}

impl Filesystem {
    /// Opens the filesystem that a path is on. Any file or directory will do; symlinks are followed.
    ///
    /// Needs permission to read the path, and no capability.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotBtrfs`] where the path is on another filesystem.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        Self::new(open::any(path)?, path.to_owned())
    }

    /// The filesystem that an open file or directory is on. The descriptor is copied; one opened with `O_PATH` won't do.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotBtrfs`] where it is on another filesystem, [`ErrorKind::InvalidArgument`] for `O_PATH`.
    pub fn from_fd(fd: impl AsFd) -> Result<Self> {
        let path = PathBuf::from(open::name_of(&fd));
        Self::new(open::duplicate(fd)?, path)
    }

    fn new(fd: OwnedFd, path: PathBuf) -> Result<Self> {
        let info = fs_info(fd.as_fd()).map_err(|failure| {
            let error = failure.on(path.display());
            match failure.errno() {
                Some(libc::ENOTTY) => error.advise(
                    "not on a btrfs filesystem: name a file or directory on a mounted one (not a FIFO, socket or device)",
                ),
                Some(libc::EBADF) => error
                    .with_kind(ErrorKind::InvalidArgument)
                    .advise("the descriptor was opened with O_PATH: open it for reading"),
                _ => error,
            }
        })?;
        Ok(Self { fd, path, fsid: info.fsid })
    }

    /// Another handle on it, with a descriptor of its own: for another thread, say.
    ///
    /// # Errors
    ///
    /// Where the process has too many descriptors open.
    pub fn try_clone(&self) -> Result<Self> {
        Ok(Self { fd: open::duplicate(self)?, path: self.path.clone(), fsid: self.fsid })
    }

    /// The path it was opened by.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The filesystem's UUID.
    #[must_use]
    pub fn fsid(&self) -> Uuid {
        self.fsid
    }

    /// What the filesystem is. `BTRFS_IOC_FS_INFO`, like `btrfs filesystem show`. Needs no capability.
    ///
    /// # Errors
    ///
    /// Only what the kernel says of a filesystem that was shut down.
    #[doc(alias = "BTRFS_IOC_FS_INFO")]
    pub fn info(&self) -> Result<FilesystemInfo> {
        fs_info(self.as_fd()).map_err(|failure| self.error(failure))
    }

    /// The generation of the running transaction, or, where none is running, of the last commit. So right after
    /// [`Filesystem::sync`], while nobody writes, it is that of the commit. `BTRFS_IOC_FS_INFO`. Needs no capability.
    /// Since Linux 5.10.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unsupported`] on older kernels.
    pub fn generation(&self) -> Result<Generation> {
        self.info()?.generation.ok_or_else(|| {
            Error::new(ErrorKind::Unsupported, "BTRFS_IOC_FS_INFO", self.path.display())
                .advise("this kernel does not tell the generation; Linux 5.10 and later do")
        })
    }

    /// The label; empty where there is none. It is bytes. `BTRFS_IOC_GET_FSLABEL`, like `btrfs filesystem label`.
    /// Needs no capability. Since Linux 3.9.
    ///
    /// # Errors
    ///
    /// Only what the kernel says.
    #[doc(alias = "BTRFS_IOC_GET_FSLABEL")]
    pub fn label(&self) -> Result<OsString> {
        let mut label = [0; 256];
        call::<c::BTRFS_IOC_GET_FSLABEL>(self.as_fd(), &mut label).map_err(|failure| self.error(failure))?;
        Ok(OsString::from_vec(bytes::get_name(&label)))
    }

    /// Writes all dirty data and commits the transaction. `BTRFS_IOC_SYNC`, like `btrfs filesystem sync`.
    /// Needs no capability.
    ///
    /// It also wakes the cleaner, which removes deleted subvolumes.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::ReadOnly`] where the filesystem aborted a transaction; I/O errors.
    #[doc(alias = "BTRFS_IOC_SYNC")]
    pub fn sync(&self) -> Result<()> {
        call::<c::BTRFS_IOC_SYNC>(self.as_fd(), &mut ()).map_err(|failure| self.error(failure)).map(drop)
    }

    /// Fails where a transaction was aborted, of which the call that did the work does not always tell. (Who mounts it
    /// read-only is no failure: then there is nothing to write.)
    pub(crate) fn not_aborted(&self) -> std::result::Result<(), Failure> {
        let is_read_only = fstatvfs(self).is_ok_and(|filesystem| filesystem.flags().contains(FsFlags::ST_RDONLY));
        if is_read_only { call::<c::BTRFS_IOC_SYNC>(self.as_fd(), &mut ()).map(drop) } else { Ok(()) }
    }

    /// The error about this filesystem.
    pub(crate) fn error(&self, failure: Failure) -> Error {
        failure.on(self.path.display())
    }

    /// The filesystem's folder in sysfs.
    pub(crate) fn sysfs(&self) -> PathBuf {
        Path::new("/sys/fs/btrfs").join(self.fsid.to_string())
    }
}

impl AsFd for Filesystem {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

fn fs_info(fd: BorrowedFd<'_>) -> std::result::Result<FilesystemInfo, Failure> {
    let mut args = sys::btrfs_ioctl_fs_info_args {
        // Which of the later fields we ask for; the kernel answers with those that it filled.
        flags: sys::BTRFS_FS_INFO_FLAG_CSUM_INFO
            | sys::BTRFS_FS_INFO_FLAG_GENERATION
            | sys::BTRFS_FS_INFO_FLAG_METADATA_UUID,
        ..Default::default()
    };
    call::<c::BTRFS_IOC_FS_INFO>(fd, &mut args)?;
    let filled = |flag| args.flags & flag != 0;
    let fsid = Uuid::from_bytes(args.fsid);
    Ok(FilesystemInfo {
        fsid,
        metadata_uuid: filled(sys::BTRFS_FS_INFO_FLAG_METADATA_UUID)
            .then(|| Uuid::from_bytes(args.metadata_uuid))
            .filter(|uuid| !uuid.is_nil() && *uuid != fsid),
        num_devices: args.num_devices,
        max_id: args.max_id,
        nodesize: args.nodesize,
        sectorsize: args.sectorsize,
        clone_alignment: args.clone_alignment,
        checksum: filled(sys::BTRFS_FS_INFO_FLAG_CSUM_INFO).then(|| Checksum::from_raw(args.csum_type)),
        generation: filled(sys::BTRFS_FS_INFO_FLAG_GENERATION).then_some(Generation(args.generation)),
    })
}

impl Checksum {
    fn from_raw(raw: u16) -> Self {
        match raw {
            0 => Self::Crc32c,
            1 => Self::Xxhash,
            2 => Self::Sha256,
            3 => Self::Blake2b,
            other => Self::Unknown(other),
        }
    }
}
