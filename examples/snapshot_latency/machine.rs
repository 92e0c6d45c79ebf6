//! What the machine and the kernel say of themselves.

use std::fs;

use anyhow::{Context, Result};
use btrfs::Filesystem;
use nix::sys::statvfs::fstatvfs;
use uuid::Uuid;

/// How many transactions were committed since the filesystem was mounted. None before Linux 6.0.
pub(crate) fn commits(fsid: Uuid) -> Option<u64> {
    let stats = fs::read_to_string(format!("/sys/fs/btrfs/{fsid}/commit_stats")).ok()?;
    stats.lines().find_map(|line| line.strip_prefix("commits "))?.trim().parse().ok()
}

/// Data of the whole machine that is in memory and not on disk.
pub(crate) fn dirty_bytes() -> Result<u64> {
    let text = fs::read_to_string("/proc/meminfo").context("reading /proc/meminfo")?;
    let kibibytes = text.lines().find_map(|line| line.strip_prefix("Dirty:")?.trim().strip_suffix(" kB")?.parse().ok());
    kibibytes.map(|number: u64| number * 1024).context("/proc/meminfo has no line `Dirty`")
}

/// What can still be written, as `df` says it. It counts what is not allocated yet, which `BTRFS_IOC_SPACE_INFO` does not,
/// and is 0 where there is no room for metadata.
pub(crate) fn free_bytes(filesystem: &Filesystem) -> Result<u64> {
    let stat = fstatvfs(filesystem).context("asking for the free space")?;
    Ok(stat.blocks_available() * stat.fragment_size())
}

/// Such as `6.18.0`.
pub(crate) fn kernel() -> Result<String> {
    let name = nix::sys::utsname::uname().context("asking for the kernel's version")?;
    Ok(name.release().to_string_lossy().into_owned())
}
