//! The most memory that a process ever had.

use std::ffi::OsStr;
use std::fs;

use anyhow::{Context, Result};
use nix::sys::resource::{UsageWho, getrusage};
use testbed::command::run;

/// Of this process, in KiB: `VmHWM`.
pub(crate) fn peak() -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("no VmHWM")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}

/// By how many KiB something done in this process makes it larger, at its peak.
pub(crate) fn grown_by<T>(work: impl FnOnce() -> Result<T>) -> Result<(u64, T)> {
    const FILE: &str = "/proc/self/clear_refs";
    // Measures the peak anew, from what this process has now.
    fs::write(FILE, "5").with_context(|| format!("writing {FILE}"))?;
    let before = peak()?;
    let done = work()?;
    Ok((peak()? - before, done))
}

/// What a process of its own, of this program with these words, prints of itself.
pub(crate) fn of_another<'a>(words: impl IntoIterator<Item = &'a OsStr>) -> Result<u64> {
    let this = std::env::current_exe()?;
    Ok(run(&this.to_string_lossy(), words)?.trim().parse()?)
}

/// Of the largest child that has ended, in KiB.
pub(crate) fn children() -> Result<u64> {
    Ok(getrusage(UsageWho::RUSAGE_CHILDREN)?.max_rss().try_into()?)
}
