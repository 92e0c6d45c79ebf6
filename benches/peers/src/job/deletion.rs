//! Deletions, until the subvolumes are really gone and their space is back.

use std::collections::BTreeMap;
use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use btrfs::{Filesystem, SubvolumeId};

use crate::cleaner::{self, Cleaners};
use crate::contestant::{Contestant, interleave};
use crate::peer::{bare, libbtrfsutil::Libbtrfsutil, progs};
use crate::results::{Benchmark, Bound, Role, Row};
use crate::world::{Sources, all_snapshots, snapshots};

use super::Scale;

/// The library's wait ends by then.
const PATIENCE: Duration = Duration::from_secs(180);
const CLEANER: &str = "kernel's cleaner, CPU ms";
const GAP: &str = "longest gap, ms";
const BARE: &str = "bare ioctls";

/// What is to be deleted.
struct Doomed {
    sources: Sources,
    ids: BTreeMap<u64, PathBuf>,
    mount: File,
}

impl Doomed {
    fn new(count: usize) -> Result<Self> {
        let sources = snapshots(20, count / 20)?;
        let ids = all_snapshots(&sources.world)?;
        ensure!(ids.len() == count, "{} snapshots instead of {count}", ids.len());
        let mount = File::open(sources.world.path())?;
        Ok(Self { sources, ids, mount })
    }

    fn fd(&self) -> BorrowedFd<'_> {
        self.mount.as_fd()
    }
}

/// How many deleted subvolumes the cleaner has not finished with; asking does not commit anything.
fn left(fd: BorrowedFd<'_>) -> Result<u64> {
    let key = (btrfs_sys::BTRFS_ORPHAN_OBJECTID, u32::try_from(btrfs_sys::BTRFS_ORPHAN_ITEM_KEY)?);
    Ok(bare::step_over(fd, btrfs_sys::BTRFS_ROOT_TREE_OBJECTID, key, key)?)
}

fn contestants(library: &Libbtrfsutil) -> [Contestant<'_, Doomed>; 3] {
    [
        Contestant::new("this library: DeletionQueue", Role::Ours, |doomed: &Doomed| {
            let filesystem = Filesystem::from_fd(doomed.fd())?;
            let mut queue = filesystem.deletion_queue(doomed.ids.keys().map(|&id| SubvolumeId(id)));
            queue.run(PATIENCE).try_for_each(|progress| progress.map(drop))?;
            ensure!(queue.failures().is_empty(), "{:?}", queue.failures());
            Ok(())
        }),
        Contestant::new(BARE, Role::Floor, |doomed: &Doomed| {
            doomed.ids.keys().try_for_each(|&id| bare::delete(doomed.fd(), id))?;
            bare::sync(doomed.fd())?;
            while left(doomed.fd())? > 0 {
                thread::sleep(Duration::from_millis(5));
            }
            Ok(bare::sync(doomed.fd())?)
        }),
        Contestant::new("libbtrfsutil, asking every 100 ms", Role::Peer, |doomed: &Doomed| {
            doomed.ids.keys().try_for_each(|&id| library.delete(doomed.fd(), id))?;
            library.sync(doomed.fd())?;
            while library.deleted(doomed.fd())? > 0 {
                thread::sleep(Duration::from_millis(100));
            }
            library.sync(doomed.fd())
        }),
    ]
}

/// As the manual has it, and nothing else; given up after a while.
fn by_command(doomed: &Doomed, patience: Duration) -> Result<()> {
    let paths: Vec<PathBuf> = doomed.ids.values().map(|path| doomed.sources.world.join(path)).collect();
    progs::delete(&paths)?;
    let mut sync = progs::sync(doomed.sources.world.path()).spawn().context("starting btrfs")?;
    let end = Instant::now() + patience;
    while Instant::now() < end {
        if let Some(status) = sync.try_wait()? {
            ensure!(status.success(), "btrfs subvolume sync: {status}");
            return Ok(());
        }
        thread::sleep(Duration::from_millis(5));
    }
    sync.kill()?;
    sync.wait()?;
    Ok(())
}

/// Says whether all are gone.
fn turn(contestant: &Contestant<'_, Doomed>, count: usize, row: &mut Row) -> Result<bool> {
    let before = cleaner::all()?;
    let doomed = Doomed::new(count)?;
    let cleaner = Cleaners::newer_than(&before)?;
    let committed = doomed.sources.world.commits()?;
    let over = AtomicBool::new(false);
    let (took, gap) = thread::scope(|scope| {
        let watch = scope.spawn(|| longest_gap(&doomed, &over));
        let begin = Instant::now();
        let done = (contestant.work)(&doomed);
        let took = begin.elapsed();
        over.store(true, Ordering::SeqCst);
        let gap = watch.join().unwrap_or_else(|_| bail!("the watch panicked"));
        done.and_then(|()| Ok((took, gap?)))
    })?;
    row.took(took);
    row.count(CLEANER, cleaner.cpu()?.as_millis().try_into()?);
    row.count("commits", doomed.sources.world.commits()? - committed);
    row.count(GAP, gap.as_millis().try_into()?);
    Ok(left(doomed.fd())? == 0)
}

/// The longest time without a subvolume deleted or gone, seen from outside, every 10 ms.
fn longest_gap(doomed: &Doomed, over: &AtomicBool) -> Result<Duration> {
    let (mut last, mut since, mut longest) = (0, Instant::now(), Duration::ZERO);
    while !over.load(Ordering::SeqCst) {
        thread::sleep(Duration::from_millis(10));
        let now = left(doomed.fd())?;
        longest = longest.max(since.elapsed());
        if now != last {
            (last, since) = (now, Instant::now());
        }
    }
    Ok(longest)
}

pub(crate) fn run(scale: Scale) -> Result<Benchmark> {
    let library = Libbtrfsutil::load()?;
    let contestants = contestants(&library);
    let count = scale.of(1000, 40);
    let mut rows: Vec<Row> = contestants.iter().map(Contestant::row).collect();
    interleave("deletions until really gone", scale.of(5, 1), contestants.len(), |_, index| {
        let contestant = &contestants[index];
        let gone = turn(contestant, count, &mut rows[index])?;
        ensure!(gone, "{} says that all are gone, and they are not", contestant.name);
        Ok(())
    })?;
    let patience = Duration::from_secs(scale.of(180, 2).try_into()?);
    let command = Contestant::new("`btrfs subvolume delete`, then `sync`", Role::Peer, move |doomed: &Doomed| {
        by_command(doomed, patience)
    });
    eprintln!("{}: once, {} s at most", command.name, patience.as_secs());
    let mut row = command.row();
    let cut = if turn(&command, count, &mut row)? { "" } else { ", and given up: it takes longer" };
    row.remark = Some(format!("run once, not interleaved{cut}"));
    rows.push(row);
    let how = vec![format!(
        "{count} read-only snapshots of 20 subvolumes, each with 16 KiB of data of its own, are deleted, and their end is \
         waited for: the kernel's cleaner has dropped the last tree, and that is committed. Beside it stands what the cleaner \
         itself took on a processor; the rest of the kernel's work is in the calls and in the commits. The longest gap is the \
         longest time in which nothing was seen to go, looked at every 10 ms."
    )];
    let title = format!("{count} deletions until really gone");
    let mut benchmark = Benchmark { name: "deletion".into(), title, how, rows, targets: Vec::new() };
    let times = benchmark.times(BARE)?;
    benchmark.target("times the bare ioctls' time", Bound::AtMost(2.0), times);
    let gap = benchmark.ours()?.counted(GAP).map_or(f64::NAN, |gap| gap.most);
    benchmark.target("longest gap in ms, the worst round", Bound::AtMost(1000.0), gap);
    Ok(benchmark)
}
