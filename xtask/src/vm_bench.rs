//! The benchmarks that run in the VM: their guests, their results under `target/bench/`.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::cargo;
use crate::packages::Programs;
use crate::process;
use crate::setup;
use crate::suite::{CHECKSUMS, DRBD, DRBD_PROGRAMS};
use crate::vm::{Disk, Job, Machine};

/// lvm2 and dmsetup, which no machine that only builds this has.
pub(crate) const PROGRAMS: [Programs; 2] =
    [Programs { package: "lvm2", paths: &["sbin/lvm"] }, Programs { package: "dmsetup", paths: &["sbin/dmsetup"] }];
const HOST_PROGRAMS: [&str; 2] = ["mkfs.btrfs", "mkfs.ext4"];
const MODULES: [(&str, &str); 8] = [
    ("virtio_pci", ""),
    ("virtio_blk", ""),
    ("loop", ""),
    ("btrfs", ""),
    ("ext4", ""),
    ("dm_snapshot", ""),
    ("dm_thin_pool", ""),
    ("dm_delay", ""),
];
const DISK: &str = "bench-disk";
const DISK_BYTES: u64 = 4 << 30;
/// Some times what a hard disk does: emulated, more would keep the processor busier than the disk.
const REQUESTS_PER_SECOND: u32 = 500;
const PROGRAM: &str = "bench-vm";
/// How often everything is measured, unless otherwise asked for.
pub(crate) const ROUNDS: u32 = 3;
const DEADLINE: Duration = Duration::from_secs(3600);

/// A benchmark of the crate `bench-vm`.
#[derive(Clone, Copy)]
pub(crate) enum Benchmark {
    Lvm,
    SlowFlush,
    Drbd,
}

impl Benchmark {
    fn command(self) -> String {
        match self {
            Self::Lvm => format!("lvm --disk {DISK} --requests-per-second {REQUESTS_PER_SECOND}"),
            Self::SlowFlush => format!("slow-flush --disk {DISK}"),
            Self::Drbd => "drbd".to_owned(),
        }
    }

    fn modules(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Lvm | Self::SlowFlush => &MODULES,
            Self::Drbd => &DRBD,
        }
    }

    fn requests_per_second(self) -> Option<u32> {
        match self {
            Self::Lvm => Some(REQUESTS_PER_SECOND),
            Self::SlowFlush | Self::Drbd => None,
        }
    }

    /// Only since Linux 6.6 does a transaction take snapshots in while it waits for the commit before it.
    fn kernel(self) -> Option<&'static str> {
        match self {
            Self::Lvm | Self::Drbd => None,
            Self::SlowFlush => Some("6.12"),
        }
    }

    /// What the result is called.
    fn file(self) -> &'static str {
        match self {
            Self::Lvm => "lvm.json",
            Self::SlowFlush => "slow_flush_vm.json",
            Self::Drbd => "drbd_vm.json",
        }
    }
}

/// Measures in a VM with the newest kernel of a series, or that which the benchmark wants, and gives the JSON file with
/// the result, beside which lie its section of docs/benchmarks.md and the section's charts.
pub(crate) fn run(benchmark: Benchmark, series: Option<&str>, rounds: u32) -> Result<PathBuf> {
    setup::install(setup::VM)?;
    let machine = Machine::prepare(series.or(benchmark.kernel()))?;
    let built = cargo::build(&["build", "--release", "--package", PROGRAM])?;
    let program = built.program(PROGRAM)?;
    println!("vm: booting Linux {}", machine.kernel.release);
    let job = Job {
        modules: benchmark.modules(),
        optional_modules: &CHECKSUMS,
        packages: &[&PROGRAMS[..], &[DRBD_PROGRAMS]].concat(),
        host_programs: &HOST_PROGRAMS,
        disks: &[Disk { serial: DISK, bytes: DISK_BYTES, requests_per_second: benchmark.requests_per_second() }],
        programs: vec![(program, format!("/usr/bin/{PROGRAM}"))],
        script: format!("exec {PROGRAM} {} --rounds {rounds}\n", benchmark.command()),
        deadline: DEADLINE,
    };
    let mut last = String::new();
    let status = machine.run(&job, |line| {
        if !line.starts_with('{') {
            println!("{line}");
        }
        last = line.to_owned();
    })?;
    ensure!(status == 0, "{PROGRAM} {} ended with exit status {status}", benchmark.command());
    let file = cargo::target_directory()?.join("bench").join(benchmark.file());
    let directory = file.parent().context("a result without a directory")?;
    fs::create_dir_all(directory).with_context(|| format!("making {}", directory.display()))?;
    fs::write(&file, last).with_context(|| format!("writing {}", file.display()))?;
    process::output(Command::new(program).arg("tell").arg(&file))?;
    Ok(file)
}
