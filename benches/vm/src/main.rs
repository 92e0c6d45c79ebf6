//! The benchmarks that run in the VM of `cargo xtask vm`. Progress goes to stdout, the result is its last line, JSON.

mod bare;
mod disk;
mod drbd;
mod lvm;
mod mounted;
mod side_by_side;
mod slow_flush;
mod workload;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use bench_vm::{CHARTS, Report};
use clap::{Args, Parser, Subcommand};

use disk::Disk;

#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// The same writing on ext4 with LVM's snapshots and on btrfs with its own.
    Lvm {
        #[command(flatten)]
        measuring: Measuring,
        /// What the disk is limited to, for the result.
        #[arg(long)]
        requests_per_second: u32,
    },
    /// A group of snapshots on a disk with slow flushes, and as many one after the other.
    SlowFlush {
        #[command(flatten)]
        measuring: Measuring,
    },
    /// DRBD's state read by the library and by drbdsetup.
    Drbd {
        /// How often to measure everything.
        #[arg(long)]
        rounds: u32,
    },
    /// Writes a result's section of docs/benchmarks.md beside the result, and its charts into charts/ there.
    Tell {
        /// The result, a JSON file.
        result: PathBuf,
    },
}

#[derive(Args)]
struct Measuring {
    /// Serial number of the disk to use. All that is on it is lost.
    #[arg(long)]
    disk: String,
    /// How often to measure everything.
    #[arg(long)]
    rounds: u32,
}

impl Measuring {
    /// What all measuring starts with.
    fn start(&self) -> Result<(Disk, String)> {
        testbed::isolate()?;
        Ok((Disk::find(&self.disk)?, kernel()?))
    }
}

fn kernel() -> Result<String> {
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").context("reading the kernel's release")?;
    Ok(kernel.trim().to_owned())
}

fn main() -> Result<()> {
    let report = match Arguments::parse().what {
        What::Lvm { measuring, requests_per_second } => {
            let (disk, kernel) = measuring.start()?;
            Report::Lvm(side_by_side::run(&disk, kernel, requests_per_second, measuring.rounds)?)
        }
        What::SlowFlush { measuring } => {
            let (disk, kernel) = measuring.start()?;
            Report::SlowFlush(slow_flush::run(&disk, kernel, measuring.rounds)?)
        }
        What::Drbd { rounds } => Report::Drbd(drbd::run(kernel()?, rounds)?),
        What::Tell { result } => return tell(&result),
    };
    println!("{}", serde_json::to_string(&report).context("writing the result")?);
    Ok(())
}

fn tell(result: &Path) -> Result<()> {
    let section = Report::load(result)?.section()?;
    let charts = result.with_file_name(CHARTS);
    fs::create_dir_all(&charts).with_context(|| format!("making {}", charts.display()))?;
    let files = section.charts.iter().map(|chart| (charts.join(chart.file), &chart.svg));
    for (file, text) in files.chain([(result.with_extension("md"), &section.markdown)]) {
        fs::write(&file, text).with_context(|| format!("writing {}", file.display()))?;
    }
    Ok(())
}
