//! The kernel thread that removes what was deleted, one for each mounted filesystem.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

/// Those that came with a mount: one, where nobody else mounts anything at that time.
#[derive(Debug)]
pub(crate) struct Cleaners(BTreeMap<u32, Duration>);

/// The cleaners of all filesystems, by process id.
pub(crate) fn all() -> Result<BTreeSet<u32>> {
    let mut all = BTreeSet::new();
    for entry in fs::read_dir("/proc")? {
        let Some(pid) = entry?.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        // It may have ended meanwhile.
        if fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name.trim() == "btrfs-cleaner") {
            all.insert(pid);
        }
    }
    Ok(all)
}

impl Cleaners {
    /// Those that came since, with the time that they have had so far.
    pub(crate) fn newer_than(before: &BTreeSet<u32>) -> Result<Self> {
        let new = all()?.difference(before).map(|&pid| Ok((pid, cpu(pid)?))).collect::<Result<BTreeMap<_, _>>>()?;
        ensure!(!new.is_empty(), "the mount brought no cleaner");
        Ok(Self(new))
    }

    /// The time on a processor since, of the busiest: nothing tells which filesystem one belongs to.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        let since = self.0.iter().filter_map(|(&pid, before)| Some(cpu(pid).ok()?.saturating_sub(*before)));
        since.max().context("the cleaner has ended")
    }
}

fn cpu(pid: u32) -> Result<Duration> {
    let path = format!("/proc/{pid}/schedstat");
    let text = fs::read_to_string(&path).with_context(|| format!("reading {path}"))?;
    let nanoseconds = text.split(' ').next().context("an empty schedstat")?;
    Ok(Duration::from_nanos(nanoseconds.parse()?))
}
