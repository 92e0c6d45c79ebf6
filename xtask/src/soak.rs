//! `cargo xtask soak`: what takes too long for the test suite, its result kept in docs/soaks.

use std::fs;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::suite::{self, Suite};
use crate::{cargo, process, setup};

const DEADLINE: Duration = Duration::from_secs(4 * 3600);

/// Takes thousands of groups, counts those of one moment, and looks for one that breaks its promise.
pub(crate) fn moments(groups: usize, seed: u64) -> Result<ExitCode> {
    process::catch_signals()?;
    let built = cargo::build(&["test", "--release", "--package", "storage-tools", "--no-run", "--test", "live"])?;
    let program = built.test("live")?.to_string_lossy();
    let arguments = [&program, "soak-moments", &groups.to_string(), &seed.to_string()];
    let mut command = setup::as_root("take snapshots on loop devices", &arguments)?;
    command.current_dir(cargo::workspace()).process_group(0);
    let mut report = String::new();
    let status = process::stream(command, DEADLINE, |line| {
        println!("{line}");
        report.push_str(line);
        report.push('\n');
    })?;
    ensure!(status.success(), "the soak ended with {status}: docs/soaks/moments.md stays as it was");
    let kernel = process::output(Command::new("uname").arg("-r"))?;
    let processors = std::thread::available_parallelism()?;
    let head = format!(
        "# Groups of one moment\n\nWritten by `cargo xtask soak moments --groups {groups} --seed {seed}` on {}: Linux {}, \
         {processors} processors,\nbtrfs on a loop device over memory. The writers write at full speed, buffered, into two of \
         the eight sources.\n\n",
        jiff::Zoned::now().date(),
        kernel.trim(),
    );
    write("moments.md", &(head + &report))
}

/// Rounds of DRBD's changes that a monitor is too late to hear of, in a VM.
pub(crate) fn drbd_lost(rounds: u32, seed: u64) -> Result<ExitCode> {
    process::catch_signals()?;
    let suite = Suite::drbd_soak(&["soak-drbd-lost".to_owned(), rounds.to_string(), seed.to_string()]);
    let mut report = String::new();
    let status = suite::run_heard(&suite, None, |line| {
        println!("{line}");
        // Says how far it is.
        if !line.starts_with("round ") {
            report.push_str(line);
            report.push('\n');
        }
    })?;
    ensure!(status == 0, "the soak ended with {status}: docs/soaks/drbd-lost.md stays as it was");
    let head = format!(
        "# Lost events of DRBD\n\nWritten by `cargo xtask soak drbd-lost --rounds {rounds} --seed {seed}` on {}, in an emulated \
         machine. The monitor's receive\nbuffer is the smallest the kernel allows, and it isn't read while things change.\n\n",
        jiff::Zoned::now().date(),
    );
    write("drbd-lost.md", &(head + &report))
}

fn write(file: &str, text: &str) -> Result<ExitCode> {
    let directory = cargo::workspace().join("docs/soaks");
    fs::create_dir_all(&directory)?;
    let path = directory.join(file);
    fs::write(&path, text).with_context(|| format!("writing {}", path.display()))?;
    println!("soak: written to {}", path.display());
    Ok(ExitCode::SUCCESS)
}
