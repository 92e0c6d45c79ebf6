//! The same work done by this library, its peers and bare ioctls, side by side.

mod cleaner;
mod contestant;
mod job;
mod machine;
mod memory;
mod peer;
mod report;
mod results;
mod slow_disk;
mod syscalls;
mod world;

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand, ValueEnum};

use job::single::Paths;
use job::{Job, Scale};
use slow_disk::SlowDisk;
use world::Ground;

/// Measures, and reports.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Measures, as root, and writes one JSON file for each benchmark.
    Run {
        /// Only sees whether everything works.
        #[arg(long)]
        quick: bool,
        /// Only these; all, if none is given.
        #[arg(long, value_enum)]
        only: Vec<Job>,
        /// The directory of the JSON files.
        #[arg(long)]
        to: PathBuf,
    },
    /// Makes benchmarks.md and its charts out of the JSON files.
    Report {
        /// The directory of the JSON files.
        #[arg(long)]
        from: PathBuf,
        /// The directory for benchmarks.md and charts/.
        #[arg(long)]
        to: PathBuf,
    },
    /// Takes one snapshot between two marks, to be traced.
    #[command(hide = true)]
    OneSnapshot {
        #[arg(long)]
        by: String,
        source: PathBuf,
        destination: PathBuf,
    },
    /// Lists once and prints by how many KiB that made the process larger.
    #[command(hide = true)]
    OneListing {
        #[arg(long)]
        by: String,
        mount: PathBuf,
    },
    /// Foresees once and prints by how many KiB that made the process larger.
    #[command(hide = true)]
    OneVerdict { nth: usize, chunks: usize },
    /// Decodes once and prints by how many KiB that made the process larger.
    #[command(hide = true)]
    OneDecoding { count: usize },
    /// Serves the slow disk.
    #[command(hide = true)]
    SlowDisk { directory: PathBuf },
}

fn main() -> Result<()> {
    match Arguments::parse().command {
        Command::Run { quick, only, to } => run(Scale { quick }, &only, &to),
        Command::Report { from, to } => report::write(&from, &to),
        Command::OneSnapshot { by, source, destination } => job::single::child(&by, &Paths { source, destination }),
        Command::OneListing { by, mount } => job::listing::child(&by, &mount),
        Command::OneVerdict { nth, chunks } => job::verdict::child(nth, chunks),
        Command::OneDecoding { count } => job::decoding::child(count),
        Command::SlowDisk { directory } => slow_disk::serve(&directory),
    }
}

fn run(scale: Scale, only: &[Job], to: &std::path::Path) -> Result<()> {
    testbed::isolate()?;
    machine::Machine::look(scale.quick)?.save(to)?;
    let jobs = if only.is_empty() { Job::value_variants() } else { only };
    for job in jobs {
        let benchmark = match job {
            Job::Group => job::group::run(scale, Ground::Disk(to)),
            Job::GroupMemory => job::group::run(scale, Ground::Memory),
            Job::GroupSlow => job::group::run(scale, Ground::Slow(&SlowDisk::new()?)),
            Job::Single => job::single::run(scale),
            Job::Listing => job::listing::run(scale),
            Job::Deletion => job::deletion::run(scale),
            Job::Moment => job::moment::run(scale),
            Job::Reading => job::reading::run(scale),
            Job::Verdict => job::verdict::run(scale),
            Job::Decoding => job::decoding::run(scale),
        };
        benchmark.with_context(|| format!("benchmark {job:?}"))?.save(to)?;
    }
    Ok(())
}
