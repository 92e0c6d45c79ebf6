//! The promise of one moment, put to the test: something in one subvolume, then in another, and groups meanwhile.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, ensure};
use btrfs::subvolume::{OneMoment, SnapshotGroup, SnapshotOptions};
use btrfs::{Filesystem, Subvolume};
use testbed::{GIB, World};

/// What is put in order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Order {
    /// Numbers in a file that was opened with `O_DSYNC`.
    Durable,
    /// Directories that are made, without any sync.
    Directories,
}

/// Two subvolumes, into which numbers are put, and directories for their snapshots.
pub(super) struct Pair {
    order: Order,
    world: World,
    sources: [Subvolume; 2],
    parents: [File; 2],
    files: [File; 2],
}

/// How many groups were of one moment and how many were not, and in how many of each the second subvolume was ahead.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) one: usize,
    pub(super) one_out_of_order: usize,
    pub(super) other: usize,
    pub(super) other_out_of_order: usize,
    /// The last number that was put.
    pub(super) put: u64,
}

impl Pair {
    pub(super) fn new(order: Order) -> Result<Self> {
        let world = World::new(&[GIB], &[])?;
        let place = |n: usize| -> Result<_> {
            let (source, parent) = (world.join(format!("s{n}")), world.join(format!("p{n}")));
            btrfs::subvolume::CreateOptions::new().create_at(&source)?;
            fs::create_dir(&parent)?;
            let mut options = OpenOptions::new();
            let file = options.write(true).create_new(true).custom_flags(libc::O_DSYNC).open(source.join("number"))?;
            file.write_all_at(&0_u64.to_le_bytes(), 0)?;
            fs::create_dir(source.join("0"))?;
            Ok((Subvolume::open(source)?, File::open(parent)?, file))
        };
        let ((source_a, parent_a, file_a), (source_b, parent_b, file_b)) = (place(0)?, place(1)?);
        Ok(Self { order, world, sources: [source_a, source_b], parents: [parent_a, parent_b], files: [file_a, file_b] })
    }

    /// Puts a number, which is one more than the last, into one of them.
    pub(super) fn put(&self, which: usize, number: u64) -> Result<()> {
        match self.order {
            Order::Durable => self.files[which].write_all_at(&number.to_le_bytes(), 0)?,
            Order::Directories => {
                let source = self.world.join(format!("s{which}"));
                fs::create_dir(source.join(number.to_string()))?;
                fs::remove_dir(source.join((number - 1).to_string()))?;
            }
        }
        Ok(())
    }

    /// A snapshot of one of them.
    pub(super) fn snapshot(&self, which: usize) -> Result<()> {
        Ok(SnapshotOptions::new().read_only().create(&self.sources[which], &self.parents[which], "day")?)
    }

    fn group(&self) -> SnapshotGroup<'_> {
        let [a, b] = &self.sources;
        SnapshotGroup::new().read_only().add(a, &self.parents[0], "day").add(b, &self.parents[1], "day")
    }

    /// The numbers that the snapshots have.
    pub(super) fn seen(&self) -> Result<[u64; 2]> {
        let seen = |which: usize| -> Result<u64> {
            let snapshot = self.world.join(format!("p{which}/day"));
            match self.order {
                Order::Durable => Ok(u64::from_le_bytes(fs::read(snapshot.join("number"))?.as_slice().try_into()?)),
                Order::Directories => {
                    let names = fs::read_dir(snapshot)?.map(|entry| Ok(entry?.file_name().into_string().ok()));
                    let names = names.collect::<Result<Vec<_>>>()?;
                    names.into_iter().flatten().filter_map(|name| name.parse().ok()).max().context("no directory")
                }
            }
        };
        Ok([seen(0)?, seen(1)?])
    }
}

/// Puts numbers into both, always into the first before the second, and takes groups until so many are of one moment.
pub(super) fn check(order: Order, groups: usize, seed: u64) -> Result<Found> {
    let pair = Pair::new(order)?;
    let filesystem = Filesystem::open(pair.world.path())?;
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let putting = scope.spawn(|| {
            let mut number = 0;
            while !stop.load(Ordering::Relaxed) {
                number += 1;
                pair.put(0, number)?;
                pair.put(1, number)?;
            }
            anyhow::Ok(number)
        });
        let found = take(&pair, &filesystem, groups, seed, &|| putting.is_finished());
        stop.store(true, Ordering::Relaxed);
        let put = putting.join().map_err(|_| anyhow!("the writer panicked"))??;
        Ok(Found { put, ..found? })
    })
}

fn take(pair: &Pair, filesystem: &Filesystem, groups: usize, mut seed: u64, ended: &dyn Fn() -> bool) -> Result<Found> {
    let mut found = Found::default();
    while found.one < groups {
        ensure!(!ended(), "the writer ended");
        ensure!(found.other < 10 * groups, "too few of one moment: {found:?}");
        // splitmix64: so that the groups fall everywhere between two numbers.
        seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        thread::sleep(Duration::from_micros((mixed >> 32) % 2000));
        // Every fourth without trying hard: most of those are not of one moment.
        let outcome =
            if (mixed >> 20) % 4 == 0 { pair.group().take()? } else { pair.group().take_as_one(&OneMoment::new())? };
        ensure!(outcome.is_complete(), "{:?}", outcome.failed().collect::<Vec<_>>());
        let [first, second] = pair.seen()?;
        let (count, out_of_order) = if outcome.is_one_moment() {
            (&mut found.one, &mut found.one_out_of_order)
        } else {
            (&mut found.other, &mut found.other_out_of_order)
        };
        *count += 1;
        *out_of_order += usize::from(second > first);
        let removed = outcome.remove_taken();
        ensure!(removed.iter().all(|removal| removal.result.is_ok()), "{removed:?}");
        if (found.one + found.other) % 256 == 0 {
            filesystem.cleaning(filesystem.deleted_subvolumes()?)?.wait(Duration::from_secs(60))?;
        }
    }
    Ok(found)
}
