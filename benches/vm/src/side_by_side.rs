//! The same writing on ext4 with LVM's snapshots and on btrfs with its own.

use std::fs::File;
use std::time::Instant;

use anyhow::{Context, Result};
use bench_vm::{Lvm, Sample, Store, Workload};
use btrfs::Subvolume;
use btrfs::subvolume::{CreateOptions, SnapshotOptions};

use crate::disk::Disk;
use crate::lvm::{Kind, VolumeGroup};
use crate::mounted::Mounted;
use crate::workload::Files;

const SNAPSHOTS: [u32; 3] = [0, 1, 7];

/// Measures everything `rounds` times, each round going through all of it, so that what slows the machine down for a
/// while slows down all.
pub(crate) fn run(disk: &Disk, kernel: String, requests_per_second: u32, rounds: u32) -> Result<Lvm> {
    let mut result = Lvm { kernel, requests_per_second, thick_chunk: 0, thin_chunk: 0, samples: Vec::new() };
    for round in 0..rounds {
        for store in Store::ALL {
            for snapshots in SNAPSHOTS {
                Case { disk, store, snapshots, round }
                    .measure(&mut result)
                    .with_context(|| format!("{store:?} with {snapshots} snapshots, round {round}"))?;
            }
        }
    }
    Ok(result)
}

struct Case<'a> {
    disk: &'a Disk,
    store: Store,
    snapshots: u32,
    round: u32,
}

impl Case<'_> {
    fn measure(&self, result: &mut Lvm) -> Result<()> {
        let kind = match self.store {
            Store::Btrfs => return self.on_btrfs(result),
            Store::LvmThick => Kind::Thick,
            Store::LvmThin => Kind::Thin,
        };
        let group = VolumeGroup::new(self.disk, kind)?;
        let filesystem = Mounted::ext4(&group.device())?;
        let mut files = Files::new(filesystem.path(), self.seed())?;
        for number in 0..self.snapshots {
            group.snapshot(number)?;
        }
        if self.snapshots > 0 {
            let chunk = if kind == Kind::Thick { &mut result.thick_chunk } else { &mut result.thin_chunk };
            *chunk = group.chunk()?;
        }
        self.work(&filesystem, &mut files, &mut result.samples)?;
        group.check(self.snapshots)?;
        drop(filesystem);
        group.remove()
    }

    fn on_btrfs(&self, result: &mut Lvm) -> Result<()> {
        let filesystem = Mounted::btrfs(&self.disk.path)?;
        let data = filesystem.path().join("data");
        CreateOptions::new().create_at(&data)?;
        let source = Subvolume::open(&data)?;
        let mut files = Files::new(&data, self.seed())?;
        let parent = File::open(filesystem.path())?;
        for number in 0..self.snapshots {
            SnapshotOptions::new().read_only().create(&source, &parent, format!("snapshot-{number}"))?;
        }
        self.work(&filesystem, &mut files, &mut result.samples)
    }

    fn work(&self, filesystem: &Mounted, files: &mut Files, samples: &mut Vec<Sample>) -> Result<()> {
        for workload in [Workload::Overwrite, Workload::SchoolDay] {
            filesystem.cool_down()?;
            let before = self.disk.counters()?;
            let start = Instant::now();
            let application_bytes = files.work(workload)?;
            filesystem.sync()?;
            let seconds = start.elapsed().as_secs_f64();
            let device = self.disk.counters()?.since(before);
            let Self { store, snapshots, round, .. } = *self;
            println!(
                "round {round}, {store:?}, {snapshots} snapshots, {workload:?}: {application_bytes} bytes, \
                 {} written, {seconds:.1} s",
                device.bytes_written
            );
            samples.push(Sample { store, snapshots, workload, round, application_bytes, device, seconds });
        }
        Ok(())
    }

    /// The same work for all stores in a round, other work in the next.
    fn seed(&self) -> u64 {
        self.round.into()
    }
}
