//! `cargo xtask soak`: what takes too long for the test suite, its result kept in docs/soaks.

use std::os::unix::process::CommandExt;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Result, ensure};

use crate::suite::{self, Suite};
use crate::{cargo, page, process, setup};

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
    let kernel = process::running_kernel()?;
    let processors = std::thread::available_parallelism()?;
    let head = format!(
        "# Groups of one moment\n\nWritten by `cargo xtask soak moments --groups {groups} --seed {seed}` on {}: Linux {kernel}, \
         {processors} processors,\nbtrfs on a loop device over memory. The writers write at full speed, buffered, into two of \
         the eight sources.\n\n",
        jiff::Zoned::now().date(),
    );
    page::write("soak", "soaks/moments.md", &(head + &report))
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
    page::write("soak", "soaks/drbd-lost.md", &(head + &report))
}
