//! Making subvolumes read-only and writable.

use std::os::fd::{AsFd, BorrowedFd};

use bitflags::bitflags;
use btrfs_sys as sys;
use btrfs_sys::ioctl as c;

use crate::error::{Error, ErrorKind, Result};
use crate::ioctl::{Failure, call};
use crate::subvolume::Subvolume;

bitflags! {
    /// The flags of a subvolume that can be set. Their bits are others than those of
    /// [`SubvolumeFlags`](crate::subvolume::SubvolumeFlags). Bits that this library does not know are kept, and go back
    /// to the kernel as they came.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub struct SettableFlags: u64 {
        /// Nothing in it can be changed.
        const READ_ONLY = sys::BTRFS_SUBVOL_RDONLY;
        const _ = !0;
    }
}

/// How to make a subvolume writable.
///
/// ```no_run
/// use btrfs::Subvolume;
/// use btrfs::subvolume::WritableOptions;
///
/// let received = Subvolume::open("/backup/home.2026-11-21")?;
/// // No later incremental receive can build on it.
/// WritableOptions::new().even_if_received().set(&received)?;
/// # Ok::<(), btrfs::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct WritableOptions {
    even_if_received: bool,
}

impl WritableOptions {
    /// Refuses a received subvolume.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes a received subvolume writable too, and takes its received UUID from it: a later incremental receive would
    /// take it for what was sent, and silently build wrong files on what has changed. A writable snapshot of it is
    /// almost always the better choice.
    #[must_use]
    pub fn even_if_received(mut self) -> Self {
        self.even_if_received = true;
        self
    }

    /// Makes the subvolume writable. One that is writable already stays so.
    ///
    /// `BTRFS_IOC_SUBVOL_SETFLAGS`, like `btrfs property set PATH ro false`, where
    /// [`even_if_received`](Self::even_if_received) is `-f`. Needs the owner or CAP_FOWNER. Since Linux 2.6.38. The
    /// received UUID is cleared by a second call, `BTRFS_IOC_SET_RECEIVED_SUBVOL`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Received`] for a received subvolume without consent, [`ErrorKind::Busy`] while it is being sent,
    /// [`ErrorKind::PermissionDenied`], [`ErrorKind::ReadOnly`] on a read-only mount.
    #[doc(alias = "BTRFS_IOC_SUBVOL_SETFLAGS")]
    pub fn set(&self, subvolume: &Subvolume) -> Result<()> {
        let flags = subvolume.flags()? - SettableFlags::READ_ONLY;
        self.apply(subvolume, flags)
    }

    fn apply(&self, subvolume: &Subvolume, flags: SettableFlags) -> Result<()> {
        let before = subvolume.flags()?;
        let opened = (before - flags).contains(SettableFlags::READ_ONLY);
        let writable = !flags.contains(SettableFlags::READ_ONLY);
        let received = writable && subvolume.info()?.received_uuid.is_some();
        if opened && received && !self.even_if_received {
            return Err(Error::new(ErrorKind::Received, "BTRFS_IOC_SUBVOL_SETFLAGS", subvolume.path().display())
                .advise(
                    "a received subvolume: changing it would break later incremental receives; \
                     snapshot it writable instead, or ask for it with `even_if_received`",
                ));
        }
        set(subvolume, before, flags)?;
        // Also where it was writable before: a process that was killed between the two calls leaves it so.
        if received && self.even_if_received { forget_received(subvolume) } else { Ok(()) }
    }
}

impl Subvolume {
    /// Makes it read-only. Data that is being written is flushed first; files that are open for writing can't be
    /// written any more.
    ///
    /// `BTRFS_IOC_SUBVOL_SETFLAGS`, like `btrfs property set PATH ro true`. Needs the owner or CAP_FOWNER. Since
    /// Linux 2.6.38.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::PermissionDenied`], [`ErrorKind::ReadOnly`] on a read-only mount.
    #[doc(alias = "BTRFS_IOC_SUBVOL_SETFLAGS")]
    pub fn set_read_only(&self) -> Result<()> {
        self.set_flags(self.flags()? | SettableFlags::READ_ONLY)
    }

    /// Makes it writable; refuses a received subvolume. As [`WritableOptions::set`] with no options.
    ///
    /// # Errors
    ///
    /// As [`WritableOptions::set`].
    pub fn set_writable(&self) -> Result<()> {
        WritableOptions::new().set(self)
    }

    /// Sets all flags, those that this library does not know too. Refuses to make a received subvolume writable.
    ///
    /// # Errors
    ///
    /// As [`WritableOptions::set`], and [`ErrorKind::Unsupported`] for a flag that this kernel does not have.
    pub fn set_flags(&self, flags: SettableFlags) -> Result<()> {
        WritableOptions::new().apply(self, flags)
    }
}

/// Only a subvolume's root answers this: EINVAL comes of any other file.
pub(in crate::subvolume) fn get(fd: BorrowedFd<'_>) -> std::result::Result<SettableFlags, Failure> {
    let mut bits = 0;
    call::<c::BTRFS_IOC_SUBVOL_GETFLAGS>(fd, &mut bits)?;
    Ok(SettableFlags::from_bits_retain(bits))
}

fn set(subvolume: &Subvolume, before: SettableFlags, flags: SettableFlags) -> Result<()> {
    let set = |flags: SettableFlags| call::<c::BTRFS_IOC_SUBVOL_SETFLAGS>(subvolume.as_fd(), &mut flags.bits());
    set(flags).map(drop).map_err(|failure| {
        let error = subvolume.error(failure);
        match failure.errno() {
            // Only the owner may set the flags, even to what they are: where we may, a running send is the reason.
            Some(libc::EPERM) if set(before).is_ok() => error
                .with_kind(ErrorKind::Busy)
                .advise("it is being sent, and has to stay read-only until `btrfs send` has ended"),
            Some(libc::EPERM) => error.advise("only its owner, or a process with CAP_FOWNER, may set its flags"),
            Some(libc::EROFS) => error.advise("the filesystem is mounted read-only: remount it with `-o remount,rw`"),
            Some(libc::EOPNOTSUPP) => error.advise(format!("this kernel does not have all of the flags {flags:?}")),
            _ => error,
        }
    })
}

fn forget_received(subvolume: &Subvolume) -> Result<()> {
    let mut none = sys::btrfs_ioctl_received_subvol_args::default();
    call::<c::BTRFS_IOC_SET_RECEIVED_SUBVOL>(subvolume.as_fd(), &mut none).map(drop).map_err(|failure| {
        subvolume
            .error(failure)
            .advise("it is writable now, but its received UUID could not be cleared: do not receive on it")
    })
}
