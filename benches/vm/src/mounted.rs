//! A filesystem made for the time of a measurement.

use std::fs::{self, File};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::unistd::{sync, syncfs};
use testbed::command::run;

/// A mounted filesystem. Dropping it unmounts it.
pub(crate) struct Mounted {
    path: PathBuf,
    root: File,
}

impl Mounted {
    /// Makes an ext4. The tables that ext4 would write later, by and by, are written at once.
    pub(crate) fn ext4(device: &Path) -> Result<Self> {
        let device_word = device.to_string_lossy();
        run("mkfs.ext4", ["-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0", &device_word])?;
        Self::mount(device, "ext4")
    }

    /// Makes a btrfs.
    pub(crate) fn btrfs(device: &Path) -> Result<Self> {
        run("mkfs.btrfs", ["-q", "-f", &device.to_string_lossy()])?;
        Self::mount(device, "btrfs")
    }

    fn mount(device: &Path, filesystem: &str) -> Result<Self> {
        let path = Path::new(testbed::ROOT).join(filesystem);
        fs::create_dir_all(&path).with_context(|| format!("making {}", path.display()))?;
        mount(Some(device), &path, Some(filesystem), MsFlags::empty(), None::<&str>)
            .with_context(|| format!("mounting {} on {}", device.display(), path.display()))?;
        let root = File::open(&path).with_context(|| format!("opening {}", path.display()))?;
        Ok(Self { path, root })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes out all that is in memory only.
    pub(crate) fn sync(&self) -> Result<()> {
        syncfs(self.root.as_fd()).with_context(|| format!("syncfs on {}", self.path.display()))
    }

    /// Writes all out and forgets it, so that what is read next comes from the disk.
    pub(crate) fn cool_down(&self) -> Result<()> {
        self.sync()?;
        sync();
        fs::write("/proc/sys/vm/drop_caches", "3").context("writing /proc/sys/vm/drop_caches")
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        // The open root would keep a mount busy; a detached one goes with it, at once.
        if let Err(error) = umount2(&self.path, MntFlags::MNT_DETACH) {
            eprintln!("{} stays mounted: {error}", self.path.display());
        }
    }
}
