//! How often a group is of one moment, and what that costs.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Seek, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, ensure};
use btrfs::Filesystem;
use btrfs::subvolume::GroupOutcome;

use super::Sources;

/// A writer goes round in so many bytes, so that snapshots can't fill the disk.
const ROUND: u64 = 16 << 20;
const BLOCK: usize = 64 << 10;
/// After so many groups under writers, the deleted snapshots' space is waited for.
const CLEAN: usize = 8;

/// What came of many groups.
#[derive(Debug, Default)]
pub(super) struct Rates {
    /// How many groups were of one moment, by the number of attempts (0 where nothing was attempted).
    pub(super) one: BTreeMap<usize, usize>,
    /// How many were not.
    pub(super) not: usize,
    /// What taking each took, removals of failed attempts included.
    pub(super) took: Vec<Duration>,
    /// The commits meanwhile, of everything.
    pub(super) commits: u64,
    /// What the writers wrote a second, in bytes.
    pub(super) written: f64,
}

impl Rates {
    /// Takes groups of all sources, each just written, under so many writers; removes each.
    pub(super) fn of<'all>(
        all: &'all Sources,
        groups: usize,
        writers: usize,
        take: impl Fn(&'all Sources) -> Result<GroupOutcome<'all>>,
    ) -> Result<Self> {
        let stop = AtomicBool::new(false);
        thread::scope(|scope| {
            let start = Instant::now();
            let writing: Vec<_> = (0..writers)
                .map(|n| {
                    let (path, stop) = (all.world.join(format!("s{}/written", 3 * n)), &stop);
                    scope.spawn(move || write(&path, stop))
                })
                .collect();
            let rates = Self::take(all, groups, writers > 0, take);
            stop.store(true, Ordering::Relaxed);
            let mut rates = rates?;
            let took = start.elapsed().as_secs_f64();
            for writer in writing {
                let bytes = writer.join().map_err(|_| anyhow!("a writer panicked"))??;
                rates.written += f64::from(u32::try_from(bytes >> 10)?) * 1024.0 / took;
            }
            Ok(rates)
        })
    }

    fn take<'all>(
        all: &'all Sources,
        groups: usize,
        written: bool,
        take: impl Fn(&'all Sources) -> Result<GroupOutcome<'all>>,
    ) -> Result<Self> {
        let filesystem = Filesystem::open(all.world.path())?;
        let mut rates = Self::default();
        for group in 1..=groups {
            if !written {
                all.dirty()?;
            }
            let (before, start) = (all.world.commits()?, Instant::now());
            let outcome = take(all)?;
            rates.took.push(start.elapsed());
            rates.commits += all.world.commits()? - before;
            ensure!(outcome.is_complete(), "{:?}", outcome.failed().collect::<Vec<_>>());
            if outcome.is_one_moment() {
                *rates.one.entry(outcome.attempts().len()).or_default() += 1;
            } else {
                rates.not += 1;
            }
            let removed = outcome.remove_taken();
            ensure!(removed.iter().all(|removal| removal.result.is_ok()), "{removed:?}");
            if group % CLEAN == 0 {
                let deleted = filesystem.deleted_subvolumes();
                filesystem.cleaning(deleted?)?.wait(Duration::from_secs(60))?;
            }
        }
        Ok(rates)
    }

    pub(super) fn reached(&self) -> usize {
        self.one.values().sum()
    }

    pub(super) fn groups(&self) -> usize {
        self.reached() + self.not
    }

    pub(super) fn commits_a_group(&self) -> Result<f64> {
        Ok(f64::from(u32::try_from(self.commits)?) / f64::from(u32::try_from(self.groups())?))
    }

    pub(super) fn mean(&self) -> Duration {
        self.took.iter().sum::<Duration>() / u32::try_from(self.took.len().max(1)).unwrap_or(u32::MAX)
    }
}

/// Writes at full speed, buffered, until told to stop; returns how much.
fn write(path: &Path, stop: &AtomicBool) -> Result<u64> {
    let mut file = File::create(path)?;
    let block: Vec<u8> = (0..BLOCK).map(|n| n.wrapping_mul(0x9e37_79b1).to_le_bytes()[2]).collect();
    let (mut at, mut written) = (0, 0);
    while !stop.load(Ordering::Relaxed) {
        file.write_all(&block)?;
        let length = u64::try_from(BLOCK)?;
        at += length;
        written += length;
        if at >= ROUND {
            file.rewind()?;
            at = 0;
        }
    }
    Ok(written)
}
