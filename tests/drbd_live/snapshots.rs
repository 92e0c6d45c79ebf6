//! `daily_snapshots --require-primary` on a btrfs on DRBD.

use std::path::Path;
use std::process::{Command, Output};

use anyhow::{Result, ensure};
use testbed::command::{self, example};
use testbed::harness::Test;

use crate::pair::{A, MOUNT, Pair, drbdsetup};

pub(crate) const TESTS: &[Test] = testbed::tests![only_the_primary_with_good_data_takes_snapshots];

fn daily_snapshots(resource: &str, stamp: &str) -> Result<Output> {
    let mut program = Command::new(example("daily_snapshots")?);
    program.args(["--require-primary", resource, "--stamp", stamp]).arg(format!("{MOUNT}/home"));
    Ok(program.output()?)
}

/// Refused, with the reason, and nothing taken.
fn refused(resource: &str, stamp: &str, why: &str) -> Result<()> {
    let output = daily_snapshots(resource, stamp)?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.code() == Some(3) && said.contains(why), "{resource}, {why}: {output:?}");
    let snapshot = Path::new(MOUNT).join(".snapshots/home").join(stamp);
    ensure!(!snapshot.exists(), "{} was taken", snapshot.display());
    Ok(())
}

fn only_the_primary_with_good_data_takes_snapshots() -> Result<()> {
    let _pair = Pair::up_to_date()?;
    command::run("mkfs.btrfs", ["-q", "-f", "/dev/drbd0"])?;
    std::fs::create_dir_all(MOUNT)?;
    command::run("mount", ["-t", "btrfs", "/dev/drbd0", MOUNT])?;
    command::run("btrfs", ["subvolume", "create", &format!("{MOUNT}/home")])?;

    let output = daily_snapshots("a", "2026-03-01")?;
    ensure!(output.status.success(), "{output:?}");
    let shown = command::run("btrfs", ["subvolume", "show", &format!("{MOUNT}/.snapshots/home/2026-03-01")])?;
    ensure!(shown.contains("readonly"), "{shown}");

    refused("b", "2026-03-02", "Secondary")?;
    refused("c", "2026-03-02", "no resource c")?;
    drbdsetup(&["suspend-io", "0"])?;
    let suspended = refused("a", "2026-03-02", "suspended");
    drbdsetup(&["resume-io", "0"])?;
    suspended?;
    drbdsetup(&["detach", "0"])?;
    A.wait("ds:Diskless/UpToDate")?;
    refused("a", "2026-03-02", "Diskless")?;

    A.attach(&[])?;
    A.wait("ds:UpToDate/UpToDate")?;
    let output = daily_snapshots("a", "2026-03-02")?;
    ensure!(output.status.success(), "{output:?}");
    Ok(())
}
