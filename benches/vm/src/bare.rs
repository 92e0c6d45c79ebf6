//! The kernel's call and nothing around it: the floor of every program that takes snapshots one after the other.
#![expect(unsafe_code, reason = "calling the kernel as C does")]

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd};

use anyhow::{Context, Result, ensure};
use btrfs_sys::ioctl::{BTRFS_IOC_SNAP_CREATE_V2, Command};
use btrfs_sys::{BTRFS_SUBVOL_RDONLY, btrfs_ioctl_vol_args_v2, btrfs_ioctl_vol_args_v2__bindgen_ty_2};

/// Takes a read-only snapshot of `source`, called `name`, in the directory `parent`.
pub(crate) fn snapshot(source: impl AsFd, parent: &File, name: &str) -> Result<()> {
    let mut chars = [0; size_of::<btrfs_ioctl_vol_args_v2__bindgen_ty_2>()];
    ensure!(name.len() < chars.len(), "the name {name} is too long");
    for (char, byte) in chars.iter_mut().zip(name.bytes()) {
        *char = byte.try_into().with_context(|| format!("the name {name} is not ASCII"))?;
    }
    let mut args = btrfs_ioctl_vol_args_v2 {
        fd: source.as_fd().as_raw_fd().into(),
        flags: BTRFS_SUBVOL_RDONLY,
        __bindgen_anon_2: btrfs_ioctl_vol_args_v2__bindgen_ty_2 { name: chars },
        ..Default::default()
    };
    let number = libc::Ioctl::from(BTRFS_IOC_SNAP_CREATE_V2::ROW.number);
    // SAFETY: the kernel reads and writes one btrfs_ioctl_vol_args_v2, which outlives the call; without the flag for
    // quota groups it follows no pointer in it.
    let result = unsafe { libc::ioctl(parent.as_raw_fd(), number, &raw mut args) };
    if result < 0 {
        return Err(io::Error::last_os_error()).with_context(|| format!("BTRFS_IOC_SNAP_CREATE_V2 for {name}"));
    }
    Ok(())
}
