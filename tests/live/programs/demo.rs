//! `cargo xtask demo`: its story to the end, and what is left when it is interrupted.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use testbed::command::example;
use testbed::harness::{Test, skip};

pub(crate) const TESTS: &[Test] =
    testbed::tests![the_story_ends_well_and_leaves_nothing, interrupted_at_any_moment_it_leaves_nothing];

/// What `cargo xtask` runs, built beside the tests; in the VM it is not at hand.
fn xtask() -> Result<Option<PathBuf>> {
    let programs = example("daily_snapshots")?;
    let built = programs.ancestors().nth(2).context("programs are in a directory")?.join("xtask");
    Ok(built.exists().then_some(built))
}

fn demo(xtask: &PathBuf) -> Result<Child> {
    let programs = example("daily_snapshots")?;
    let mut demo = Command::new(xtask);
    demo.arg("demo").arg("--programs").arg(programs.parent().context("programs are in a directory")?);
    demo.process_group(0).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    Ok(demo.spawn()?)
}

/// The loop devices of a process that is gone. The kernel takes them back a moment after the last user.
fn wait_for_no_disks_of(process: u32) -> Result<()> {
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        let mut disks = Vec::new();
        for device in fs::read_dir("/sys/block")? {
            let file = fs::read_to_string(device?.path().join("loop/backing_file")).unwrap_or_default();
            disks.extend(file.contains(&format!("/disk-{process}-")).then_some(file));
        }
        if disks.is_empty() {
            return Ok(());
        }
        assert!(Instant::now() < end, "left behind: {disks:?}");
        sleep(Duration::from_millis(20));
    }
}

fn the_story_ends_well_and_leaves_nothing() -> Result<()> {
    let Some(xtask) = xtask()? else { return skip("xtask is not built here: `cargo xtask test` runs this") };
    let demo = demo(&xtask)?;
    let process = demo.id();
    let output = demo.wait_with_output()?;
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}{}", String::from_utf8_lossy(&output.stderr));
    for chapter in ["two disks", "Ten days", "rm -rf", "byte for byte", "RAID0", "DRBD"] {
        assert!(told.contains(chapter), "{chapter}: {told}");
    }
    assert_eq!(told.matches("3 snapshots in").count(), 10, "{told}");
    assert_eq!(told.matches("; 3 deleted").count(), 3, "{told}");
    assert!(told.lines().count() < 90, "longer than a person would read: {told}");
    wait_for_no_disks_of(process)
}

fn interrupted_at_any_moment_it_leaves_nothing() -> Result<()> {
    let Some(xtask) = xtask()? else { return skip("xtask is not built here: `cargo xtask test` runs this") };
    let mut interrupted = 0;
    for round in 0..6 {
        let mut demo = demo(&xtask)?;
        sleep(Duration::from_millis(150 + 400 * round));
        let process = demo.id();
        // As a terminal does: to all of them.
        killpg(Pid::from_raw(i32::try_from(process)?), Signal::SIGINT)?;
        let over = demo.wait()?.success();
        wait_for_no_disks_of(process)?;
        // A fast machine has told its story by now.
        if over {
            break;
        }
        interrupted += 1;
    }
    assert!(interrupted >= 2, "the demo was over before it was interrupted for the {}th time", interrupted + 1);
    Ok(())
}
