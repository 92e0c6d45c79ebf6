//! Snapshots of many subvolumes with dirty data, on a fast disk and on one whose flushes take 5 ms.

use std::os::fd::AsFd;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, ensure};
use btrfs::subvolume::{SnapshotGroup, SnapshotOptions};
use btrfs_uapi::subvolume::snapshot_create;

use crate::contestant::{Contestant, interleave};
use crate::peer::{bare, libbtrfsutil::Libbtrfsutil, progs};
use crate::results::{Benchmark, Bound, Role, Row};
use crate::slow_disk::FLUSH;
use crate::world::{Ground, NAME, Sources, name};

use super::Scale;

pub(crate) const TAKE: &str = "this library: SnapshotGroup::take";
const BARE_TOGETHER: &str = "bare ioctls, a thread each";

/// What one round of a contestant gave.
struct Turn {
    took: Duration,
    commits: u64,
    transactions: u64,
    flushes: Option<u64>,
}

fn turn(contestant: &Contestant<'_, Sources>, count: usize, ground: Ground<'_>) -> Result<Turn> {
    let sources = Sources::new(count, ground)?;
    let flushed = || if let Ground::Slow(disk) = ground { disk.flushes().map(Some) } else { Ok(None) };
    let (committed, flushes) = (sources.world.commits()?, flushed()?);
    let begin = Instant::now();
    (contestant.work)(&sources)?;
    let took = begin.elapsed();
    let flushes = flushed()?.zip(flushes).map(|(after, before)| after - before);
    let commits = sources.world.commits()? - committed;
    let transactions = sources.check()?;
    sources.end()?;
    Ok(Turn { took, commits, transactions, flushes })
}

/// Lets all of them take `count` snapshots, round by round, and gives their rows.
pub(super) fn rows(
    title: &str,
    contestants: &[Contestant<'_, Sources>],
    rounds: usize,
    count: usize,
    ground: Ground<'_>,
) -> Result<Vec<Row>> {
    let mut rows: Vec<Row> = contestants.iter().map(Contestant::row).collect();
    interleave(title, rounds, contestants.len(), |_, index| {
        let Turn { took, commits, transactions, flushes } = turn(&contestants[index], count, ground)?;
        rows[index].took(took);
        rows[index].count("commits", commits);
        rows[index].count("transactions with snapshots", transactions);
        if let Some(flushes) = flushes {
            rows[index].count("flushes", flushes);
        }
        Ok(())
    })?;
    Ok(rows)
}

/// The benchmark on a filesystem on this.
pub(crate) fn run(scale: Scale, ground: Ground<'_>) -> Result<Benchmark> {
    let library = Libbtrfsutil::load()?;
    let contestants = contestants(&library);
    let count = scale.of(256, 16);
    let (name, whose, rounds, times) = match ground {
        Ground::Memory => ("group-memory", "on a disk in memory".to_owned(), scale.of(9, 2), None),
        Ground::Disk(_) => ("group", "on this machine's disk".to_owned(), scale.of(9, 2), Some(8.0)),
        Ground::Slow(_) => {
            ("group-slow", format!("{} ms for each flush", FLUSH.as_millis()), scale.of(5, 1), Some(30.0))
        }
    };
    let title = format!("{count} snapshots at once, {whose}");
    let rows = rows(&title, &contestants, rounds, count, ground)?;
    let mut how = vec![format!(
        "{count} subvolumes, each with 16 KiB of data that is not yet on disk and with a directory of its own for its \
         snapshots; a read-only snapshot of each is taken. Every turn has a new filesystem of 16 GiB. Descriptors are open \
         beforehand, but for the command, which is started for each snapshot. Commits are those that the kernel counts \
         (`commit_stats`). The last row is what can be had by hand: a thread for each bare ioctl."
    )];
    how.extend(match ground {
        Ground::Memory => Some(
            "The disk is a loop device over a file in memory, whose flushes cost nothing: what is left of a commit is the \
             processor's work for it, the same for everybody."
                .to_owned(),
        ),
        Ground::Disk(_) => Some(
            "The disk is a loop device over a file on the disk of this machine, so a flush is one of that disk.".to_owned(),
        ),
        Ground::Slow(_) => Some(format!(
            "The disk is a loop device over a file of a FUSE filesystem, which counts the flushes and takes {} ms for \
             each, as an SSD without a protected cache does; what is read and written goes past it to memory.",
            FLUSH.as_millis()
        )),
    });
    let mut benchmark = Benchmark { name: name.into(), title, how, rows, targets: Vec::new() };
    if let Some(times) = times {
        let commits = benchmark.ours()?.counted("commits").map_or(f64::NAN, |commits| commits.median);
        benchmark.target("commits for the group", Bound::AtMost(3.0), commits);
        let faster = benchmark.fastest_peer()?;
        benchmark.target("times faster than the fastest peer", Bound::AtLeast(times), faster);
    }
    Ok(benchmark)
}

fn contestants(library: &Libbtrfsutil) -> [Contestant<'_, Sources>; 6] {
    [
        Contestant::new(TAKE, Role::Ours, take),
        Contestant::new("libbtrfsutil", Role::Peer, |sources: &Sources| {
            let name = name();
            sources.pairs.iter().try_for_each(|pair| library.snapshot(pair.source.as_fd(), pair.parent.as_fd(), &name))
        }),
        Contestant::new("btrfs-uapi", Role::Peer, |sources: &Sources| {
            let name = name();
            sources
                .pairs
                .iter()
                .try_for_each(|pair| Ok(snapshot_create(pair.parent.as_fd(), pair.source.as_fd(), &name, true, &[])?))
        }),
        Contestant::new("`btrfs subvolume snapshot`", Role::Peer, |sources: &Sources| {
            sources.pairs.iter().try_for_each(|pair| progs::snapshot(&pair.source_path, &pair.parent_path.join(NAME)))
        }),
        Contestant::new("bare ioctls, one after the other", Role::Floor, |sources: &Sources| {
            let name = name();
            sources
                .pairs
                .iter()
                .try_for_each(|pair| Ok(bare::snapshot(pair.source.as_fd(), pair.parent.as_fd(), &name)?))
        }),
        Contestant::new(BARE_TOGETHER, Role::Floor, bare_together),
    ]
}

/// A group of a snapshot of each source.
pub(super) fn asked(sources: &Sources) -> SnapshotGroup<'_> {
    sources
        .pairs
        .iter()
        .fold(SnapshotGroup::new().read_only(), |group, pair| group.add(&pair.source, &pair.parent, NAME))
}

pub(super) fn take(sources: &Sources) -> Result<()> {
    let outcome = asked(sources).take()?;
    ensure!(outcome.is_complete(), "{:?}", outcome.failed().next());
    Ok(())
}

pub(super) fn one_by_one(sources: &Sources) -> Result<()> {
    let options = SnapshotOptions::new().read_only();
    sources.pairs.iter().try_for_each(|pair| Ok(options.create(&pair.source, &pair.parent, NAME)?))
}

fn bare_together(sources: &Sources) -> Result<()> {
    let name = name();
    thread::scope(|scope| {
        let threads: Vec<_> = sources
            .pairs
            .iter()
            .map(|pair| scope.spawn(|| bare::snapshot(pair.source.as_fd(), pair.parent.as_fd(), &name)))
            .collect();
        threads.into_iter().try_for_each(|thread| Ok(thread.join().map_err(|_| anyhow!("a thread panicked"))??))
    })
}
