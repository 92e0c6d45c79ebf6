//! The most memory that a process ever had.

use std::fs;

use anyhow::{Context, Result};
use nix::sys::resource::{UsageWho, getrusage};

/// Of this process, in KiB: `VmHWM`.
pub(crate) fn peak() -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("no VmHWM")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}

/// Has it measured anew, from what this process has now.
pub(crate) fn forget_the_peak() -> Result<()> {
    const FILE: &str = "/proc/self/clear_refs";
    fs::write(FILE, "5").with_context(|| format!("writing {FILE}"))
}

/// Of the largest child that has ended, in KiB.
pub(crate) fn children() -> Result<u64> {
    Ok(getrusage(UsageWho::RUSAGE_CHILDREN)?.max_rss().try_into()?)
}
