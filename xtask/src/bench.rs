//! `cargo xtask bench`: the library beside its peers, measured here, and docs/benchmarks.md written from that.

use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::cargo;
use crate::process;
use crate::setup::{self, Privilege};
use crate::vm_bench::{self, Benchmark};

const PURPOSE: &str = "measure on real filesystems: it makes loop devices, formats and mounts them, and removes them again; \
                       nothing else on this machine is touched";

/// Installs what is missing, builds, measures as root and writes the page; a quick run writes it under `target/`.
pub(crate) fn run(quick: bool) -> Result<ExitCode> {
    if setup::privilege() == Privilege::None {
        // Says what to type; nothing is installed or built for measurements that can't run.
        setup::as_root(PURPOSE, &["cargo", "xtask", "bench"])?;
    }
    setup::install(setup::BENCH)?;
    setup::kernel_support()?;
    setup::require_module("fuse", || Path::new("/dev/fuse").exists())?;
    process::status(cargo::command().args(["build", "--release", "--package", "peers"]))?;
    let target = cargo::target_directory()?;
    let peers = target.join("release/peers");
    let results = target.join(if quick { "bench-quick" } else { "bench" });
    // Made by the one who called, not by root, so that a quick run's page can be written there.
    fs::create_dir_all(&results).with_context(|| format!("making {}", results.display()))?;
    measure(&peers, &results, quick)?;
    if !quick {
        // What takes device-mapper, or DRBD. Last, as it warms the machine up most.
        vm_bench::run(Benchmark::Lvm, None, vm_bench::ROUNDS)?;
        vm_bench::run(Benchmark::SlowFlush, None, vm_bench::ROUNDS)?;
        vm_bench::run(Benchmark::Drbd, None, vm_bench::ROUNDS)?;
    }
    // As the one who called: what is checked in should not belong to root.
    let docs = if quick { results.clone() } else { cargo::workspace().join("docs") };
    process::status(Command::new(&peers).arg("report").arg("--from").arg(&results).arg("--to").arg(&docs))?;
    println!("bench: {} and its charts are written", docs.join("benchmarks.md").display());
    Ok(ExitCode::SUCCESS)
}

fn measure(peers: &Path, results: &Path, quick: bool) -> Result<()> {
    let (peers, results) = (peers.to_str(), results.to_str());
    let (peers, results) = peers.zip(results).context("the target directory has a name that is not UTF-8")?;
    let mut words = vec![peers, "run", "--to", results];
    words.extend(quick.then_some("--quick"));
    process::status(&mut setup::as_root(PURPOSE, &words)?)
}
