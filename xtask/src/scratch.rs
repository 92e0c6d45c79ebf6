//! Directories for the time of one run, gone afterwards even when the run was killed.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use nix::fcntl::{Flock, FlockArg};

/// A directory under `target/`, removed on drop.
///
/// It is locked for as long as its owner lives; whoever comes next removes the unlocked ones, which owners that were
/// killed left behind.
pub(crate) struct Scratch {
    path: PathBuf,
    _lock: Flock<File>,
}

impl Scratch {
    /// Makes a new directory in `parent`, and removes there what killed runs left.
    pub(crate) fn new(parent: &Path) -> Result<Self> {
        fs::create_dir_all(parent).with_context(|| format!("making {}", parent.display()))?;
        // Held for a moment only: between making a directory and locking it nobody may sweep.
        let parent_lock = lock(parent, FlockArg::LockExclusive)?;
        sweep(parent)?;
        let path = tempfile::Builder::new()
            .prefix("run-")
            .tempdir_in(parent)
            .with_context(|| format!("making a directory in {}", parent.display()))?
            .keep();
        let lock = lock(&path, FlockArg::LockExclusiveNonblock)?;
        drop(parent_lock);
        Ok(Self { path, _lock: lock })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.path) {
            eprintln!("cargo xtask: {} stays behind: {error}", self.path.display());
        }
    }
}

/// Locks a directory until the value is dropped or the process ends, however it ends.
pub(crate) fn lock(directory: &Path, how: FlockArg) -> Result<Flock<File>> {
    let file = File::open(directory).with_context(|| format!("opening {}", directory.display()))?;
    Flock::lock(file, how).map_err(|(_, errno)| errno).with_context(|| format!("locking {}", directory.display()))
}

fn sweep(parent: &Path) -> Result<()> {
    for entry in fs::read_dir(parent).with_context(|| format!("reading {}", parent.display()))? {
        let path = entry.with_context(|| format!("reading {}", parent.display()))?.path();
        if let Ok(abandoned) = lock(&path, FlockArg::LockExclusiveNonblock) {
            fs::remove_dir_all(&path).with_context(|| format!("removing {}", path.display()))?;
            drop(abandoned);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_killed_run_is_swept_and_a_living_one_is_left_alone() {
        let parent = tempfile::tempdir().unwrap();
        let killed = parent.path().join("run-killed");
        fs::create_dir(&killed).unwrap();
        fs::write(killed.join("file"), "left behind").unwrap();

        let first = Scratch::new(parent.path()).unwrap();
        assert!(!killed.exists());
        let second = Scratch::new(parent.path()).unwrap();
        assert!(first.path().exists() && second.path().exists());

        let path = first.path().to_owned();
        drop(first);
        assert!(!path.exists());
    }
}
