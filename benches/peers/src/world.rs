//! The filesystems that the work is done on.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::CString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use btrfs::subvolume::{CreateOptions, SnapshotGroup};
use btrfs::{Filesystem, Subvolume};
use testbed::{Disk, GIB, World};

use crate::slow_disk::SlowDisk;

/// Large enough that the metadata of 256 snapshots can be reserved in one transaction. Sparse.
pub(crate) const SIZE: u64 = 16 * GIB;

/// What a filesystem is made on.
#[derive(Clone, Copy)]
pub(crate) enum Ground<'a> {
    /// A file in memory.
    Memory,
    /// A file without a name in this directory, on a disk of this machine.
    Disk(&'a Path),
    Slow(&'a SlowDisk),
}

impl Ground<'_> {
    fn disk(self) -> Result<Disk> {
        match self {
            Self::Memory => Disk::new(SIZE),
            Self::Disk(directory) => {
                let image = tempfile::tempfile_in(directory).context("making a disk's image")?;
                image.set_len(SIZE)?;
                Disk::over(image)
            }
            Self::Slow(disk) => disk.device(),
        }
    }
}

/// Bytes of data in a source that are not yet on disk.
const DIRTY: u64 = 16 * 1024;

/// Subvolumes with data that is not yet on disk, and a directory for the snapshots of each.
pub(crate) struct Sources {
    pub(crate) pairs: Vec<Pair>,
    pub(crate) world: World,
}

/// A subvolume and the directory for its snapshots.
pub(crate) struct Pair {
    pub(crate) source: File,
    pub(crate) source_path: PathBuf,
    pub(crate) parent: File,
    pub(crate) parent_path: PathBuf,
}

/// The name of the snapshots that are measured.
pub(crate) const NAME: &str = "2026-11-22";

pub(crate) fn name() -> CString {
    CString::new(NAME).unwrap_or_default()
}

impl Sources {
    /// A new filesystem with so many sources.
    pub(crate) fn new(count: usize, ground: Ground<'_>) -> Result<Self> {
        let world = World::on(ground.disk()?, &["-K"])?;
        fs::create_dir(world.join(".snapshots"))?;
        let mut pairs = Vec::new();
        for number in 0..count {
            let source_path = world.join(format!("s{number}"));
            let parent_path = world.join(format!(".snapshots/s{number}"));
            CreateOptions::new().create_at(&source_path)?;
            fs::create_dir(&parent_path)?;
            pairs.push(Pair {
                source: File::open(&source_path)?,
                source_path,
                parent: File::open(&parent_path)?,
                parent_path,
            });
        }
        Filesystem::open(world.path())?.sync()?;
        let sources = Self { pairs, world };
        sources.dirty()?;
        Ok(sources)
    }

    /// Gives every source data that is not yet on disk.
    pub(crate) fn dirty(&self) -> Result<()> {
        (0..self.pairs.len()).try_for_each(|number| self.world.fill(format!("s{number}/file"), DIRTY))
    }

    /// In how many transactions the snapshots were taken; fails where not every source has its snapshot.
    pub(crate) fn check(&self) -> Result<u64> {
        let mut transactions = BTreeSet::new();
        for pair in &self.pairs {
            let snapshot = pair.parent_path.join(NAME);
            ensure!(fs::metadata(snapshot.join("file"))?.len() == DIRTY, "{} lacks data", snapshot.display());
            transactions.insert(Subvolume::open(&snapshot)?.info()?.otransid);
        }
        Ok(transactions.len().try_into()?)
    }

    /// Unmounts, so that the disk can be used again.
    pub(crate) fn end(self) -> Result<()> {
        drop(self.pairs);
        self.world.umount()
    }
}

/// A filesystem with `days` snapshots of each of `count` sources, each with data of its own: `.snapshots/s3/day17`.
pub(crate) fn snapshots(count: usize, days: usize) -> Result<Sources> {
    let sources = Sources::new(count, Ground::Memory)?;
    for day in 0..days {
        sources.dirty()?;
        let group = sources.pairs.iter().fold(SnapshotGroup::new().read_only(), |group, pair| {
            group.add(&pair.source, &pair.parent, format!("day{day}"))
        });
        let outcome = group.take()?;
        ensure!(outcome.is_complete(), "{:?}", outcome.failed().next());
    }
    Filesystem::open(sources.world.path())?.sync()?;
    Ok(sources)
}

/// The ids and paths of all snapshots, sources left out.
pub(crate) fn all_snapshots(world: &World) -> Result<BTreeMap<u64, PathBuf>> {
    let filesystem = Filesystem::open(world.path())?;
    let mut all = BTreeMap::new();
    for entry in filesystem.subvolumes()? {
        let entry = entry?;
        if let Some(path) = entry.path().filter(|path| path.starts_with(".snapshots")) {
            all.insert(entry.info.id.0, path.to_owned());
        }
    }
    Ok(all)
}
