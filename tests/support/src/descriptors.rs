//! Which descriptors some work leaves open.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::thread;

use anyhow::{Context, Result, anyhow};
use nix::sched::{CloneFlags, unshare};

/// Does the work on a thread with a descriptor table of its own, and says which descriptors it left open, and to what
/// they lead. Other threads that open files meanwhile don't count.
///
/// # Errors
///
/// The work's own.
pub fn left_open(work: impl FnOnce() -> Result<()> + Send) -> Result<BTreeMap<PathBuf, PathBuf>> {
    let measure = || {
        unshare(CloneFlags::CLONE_FILES).context("a descriptor table of one's own")?;
        let before = open_files()?;
        work()?;
        let mut left = open_files()?;
        left.retain(|number, _| !before.contains_key(number));
        Ok(left)
    };
    thread::scope(|scope| scope.spawn(measure).join().map_err(|_| anyhow!("the work panicked"))?)
}

fn open_files() -> Result<BTreeMap<PathBuf, PathBuf>> {
    // An entry keeps the listing's own descriptor open: take the paths, and only then see which still lead somewhere.
    let entries = fs::read_dir("/proc/thread-self/fd")?.map(|entry| Ok(entry?.path()));
    let paths = entries.collect::<Result<Vec<_>>>()?;
    Ok(paths.into_iter().filter_map(|path| fs::read_link(&path).ok().map(|target| (path, target))).collect())
}
