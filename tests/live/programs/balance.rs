//! The program `balance`: btrfs-progs' words, an honest end, and a Ctrl-C that loses nothing.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use testbed::command::{self, example};
use testbed::harness::Test;
use testbed::{MIB, World};

use crate::balances::balance;

pub(crate) const TESTS: &[Test] = testbed::tests![
    btrfs_progs_words_do_what_they_do_there,
    everything_has_to_be_asked_for,
    reduced_redundancy_has_to_be_asked_for,
    wrong_use_is_told,
    an_interrupt_pauses_and_says_how_to_go_on,
    an_interrupt_cancels_where_that_was_asked_for,
    a_second_interrupt_cancels,
    pause_status_resume_and_cancel_work_on_a_balance_of_others,
    killed_the_kernel_cancels_it,
    a_path_may_be_called_like_a_command,
];

fn program(world: &World, arguments: &[&str]) -> Result<Command> {
    let mut command = Command::new(example("balance")?);
    command.args(arguments).current_dir(world.path());
    Ok(command)
}

pub(super) fn run(world: &World, arguments: &[&str]) -> Result<Output> {
    Ok(program(world, arguments)?.output()?)
}

/// A run that is begun, whose channels are piped.
pub(super) fn spawn(world: &World, arguments: &[&str]) -> Result<Child> {
    Ok(program(world, arguments)?.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?)
}

/// A run that ends with this code; what it printed on both channels.
pub(super) fn ends(world: &World, arguments: &[&str], code: i32) -> Result<String> {
    let output = run(world, arguments)?;
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8(said)?;
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
    Ok(said)
}

/// The JSON that a run prints which ends with this code.
pub(super) fn json(world: &World, arguments: &[&str], code: i32) -> Result<Value> {
    let output = run(world, &[arguments, &["--json"]].concat())?;
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// What the witness says of the balance; its exit code is 1 where there is one.
pub(super) fn shown(world: &World) -> Result<String> {
    let output = command::output("btrfs", [OsStr::new("balance"), OsStr::new("status"), world.path().as_os_str()])?;
    Ok(String::from_utf8(output.stdout)?)
}

/// Type and profile, as `btrfs filesystem df` has them.
fn df(world: &World) -> Result<String> {
    let text = world.btrfs(&["filesystem", "df"], "")?;
    Ok(text.lines().filter_map(|line| line.split_once(':')).map(|(kind, _)| format!("{kind}; ")).collect())
}

fn btrfs_progs_words_do_what_they_do_there() -> Result<()> {
    let world = World::new(&[512 * MIB; 2], &["-dsingle", "-mdup"])?;
    balance::zeros(&world, "file", 60 * MIB)?;
    world.btrfs(&["filesystem", "sync"], "")?;
    let said = ends(&world, &[".", "-d", "-m"], 0)?;
    ensure!(said.contains("done: relocated"), "{said}");
    let said = ends(&world, &["-dconvert=raid1,soft", "-mconvert=raid1,soft", "."], 0)?;
    // Without a terminal a line for each chunk, and the counters at the end.
    ensure!(said.contains("chunks balanced (") && said.contains("done: relocated"), "{said}");
    assert_eq!(df(&world)?, "Data, RAID1; System, RAID1; Metadata, RAID1; GlobalReserve, single; ");
    let outcome = json(&world, &["start", "--data=usage=0..100", "--metadata", "."], 0)?;
    assert_eq!(outcome["outcome"], "completed");
    ensure!(outcome["counters"]["considered"].as_u64() >= outcome["counters"]["completed"].as_u64(), "{outcome}");
    let outcome = json(&world, &["-dconvert=raid1,soft", "."], 0)?;
    assert_eq!(outcome["counters"]["completed"], 0, "all is converted");
    ends(&world, &["-slimit=..1", "-f", "."], 0)?;
    Ok(())
}

fn everything_has_to_be_asked_for() -> Result<()> {
    let world = World::small()?;
    let said = ends(&world, &["."], 2)?;
    ensure!(said.contains("--full-balance") && said.contains("-dusage=50"), "{said}");
    let said = ends(&world, &[".", "--full-balance"], 0)?;
    ensure!(said.contains("done: relocated"), "{said}");
    Ok(())
}

fn reduced_redundancy_has_to_be_asked_for() -> Result<()> {
    let world = World::new(&[512 * MIB; 2], &["-draid1", "-mraid1"])?;
    world.fill("file", 8 * MIB)?;
    let before = df(&world)?;
    let said = ends(&world, &["-dconvert=raid0", "-mconvert=raid0", "."], 1)?;
    ensure!(said.contains("from raid1 to raid0 reduces redundancy") && said.contains("-f"), "{said}");
    let said = ends(&world, &["-mconvert=raid1c3", "."], 1)?;
    ensure!(said.contains("needs 3 writable devices, and the filesystem has 2"), "{said}");
    assert_eq!(df(&world)?, before);
    ends(&world, &["-f", "-dconvert=raid0", "-mconvert=raid0", "."], 0)?;
    assert_eq!(df(&world)?, "Data, RAID0; System, RAID0; Metadata, RAID0; GlobalReserve, single; ");
    Ok(())
}

fn wrong_use_is_told() -> Result<()> {
    let world = World::small()?;
    for (arguments, says) in [
        (&["-dusge=5", "."][..], "\"usge=5\": there is no filter of this name"),
        (&["-dsoft", "."], "together with convert="),
        (&["-s", "."], "-s needs -f"),
        (&[], "required"),
        (&["-d"], "required"),
    ] {
        let said = ends(&world, arguments, 2)?;
        ensure!(said.contains(says), "{arguments:?}: {said}");
    }
    let said = ends(&world, &["-d", "/proc"], 1)?;
    ensure!(said.contains("not on a btrfs filesystem"), "{said}");
    let said = ends(&world, &["status", "/proc"], 2)?;
    ensure!(said.contains("not on a btrfs filesystem"), "{said}");
    for command in ["pause", "resume", "cancel"] {
        let said = ends(&world, &[command, "."], 2)?;
        ensure!(said.contains("no balance is in progress"), "{command}: {said}");
    }
    ensure!(ends(&world, &["status", "."], 0)?.contains("no balance"));
    assert_eq!(json(&world, &["status", "."], 0)?["balance"], Value::Null);
    Ok(())
}

/// Starts the program and waits until it has relocated a chunk.
fn begun(world: &World, arguments: &[&str]) -> Result<(Child, BufReader<std::process::ChildStdout>)> {
    let mut child = spawn(world, arguments)?;
    let mut lines = BufReader::new(child.stdout.take().context("its output")?);
    let mut line = String::new();
    while lines.read_line(&mut line)? > 0 && line.starts_with("0 out of") {
        line.clear();
    }
    Ok((child, lines))
}

fn signal(child: &Child, signal: Signal) -> Result<()> {
    Ok(kill(Pid::from_raw(child.id().try_into()?), signal)?)
}

/// Its exit code, and all it said since.
fn end(mut child: Child, mut lines: impl Read) -> Result<(Option<i32>, String)> {
    let mut said = String::new();
    lines.read_to_string(&mut said)?;
    child.stderr.take().context("its errors")?.read_to_string(&mut said)?;
    Ok((child.wait()?.code(), said))
}

fn an_interrupt_pauses_and_says_how_to_go_on() -> Result<()> {
    let world = balance::world()?;
    for _ in 0..20 {
        let (child, lines) = begun(&world, &["-d", "."])?;
        signal(&child, Signal::SIGINT)?;
        let (code, said) = end(child, lines)?;
        if code == Some(0) {
            // Done before the signal could pause it.
            continue;
        }
        assert_eq!(code, Some(3), "{said}");
        for says in ["pausing after the chunk", "paused: relocated", "balance resume .", "balance cancel ."] {
            ensure!(said.contains(says), "{said}");
        }
        ensure!(shown(&world)?.contains("is paused"), "the witness says {}", shown(&world)?);
        let said = ends(&world, &["resume", "."], 0)?;
        ensure!(said.contains("done: relocated"), "{said}");
        ensure!(shown(&world)?.starts_with("No balance found"));
        return Ok(());
    }
    bail!("no balance could be interrupted")
}

fn an_interrupt_cancels_where_that_was_asked_for() -> Result<()> {
    let world = balance::world()?;
    for _ in 0..20 {
        let (child, lines) = begun(&world, &["-d", "--on-interrupt", "cancel", "."])?;
        signal(&child, Signal::SIGTERM)?;
        let (code, said) = end(child, lines)?;
        ensure!(shown(&world)?.starts_with("No balance found"));
        if code == Some(3) {
            ensure!(said.contains("cancelled: relocated"), "{said}");
            return Ok(());
        }
        assert_eq!(code, Some(0), "{said}");
    }
    bail!("no balance could be interrupted")
}

fn a_second_interrupt_cancels() -> Result<()> {
    let world = balance::world()?;
    for _ in 0..20 {
        let (child, lines) = begun(&world, &["-d", "."])?;
        signal(&child, Signal::SIGINT)?;
        // Two equal signals that wait at once are one.
        while shown(&world)?.contains("is running\n") {}
        let _ = signal(&child, Signal::SIGINT);
        let (code, said) = end(child, lines)?;
        if shown(&world)?.contains("is paused") {
            // It was paused, and had ended, before the second signal.
            ends(&world, &["cancel", "."], 0)?;
        } else if code == Some(3) {
            ensure!(said.contains("cancelling") && said.contains("cancelled: relocated"), "{said}");
            return Ok(());
        }
    }
    bail!("no balance could be interrupted twice")
}

fn pause_status_resume_and_cancel_work_on_a_balance_of_others() -> Result<()> {
    let world = balance::world()?;
    for _ in 0..20 {
        let theirs =
            ["balance", "start", "-dusage=1..100"].map(OsStr::new).into_iter().chain([world.path().as_os_str()]);
        let mut theirs = Command::new("btrfs").args(theirs).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        while theirs.try_wait()?.is_none() && !shown(&world)?.contains("is running") {}
        let pause = run(&world, &["pause", "."])?;
        theirs.wait()?;
        if !shown(&world)?.contains("is paused") {
            continue;
        }
        assert_eq!(pause.status.code(), Some(0));
        let said = String::from_utf8(pause.stdout)?;
        ensure!(said.contains("is paused: -dusage=1..100"), "{said}");
        let status = json(&world, &["status", "."], 1)?;
        assert_eq!(status["balance"]["state"], "paused");
        assert_eq!(status["balance"]["request"]["data"], "usage=1..100");
        let counters = &status["balance"]["counters"];
        let numbers = format!(
            "{} out of about {} chunks balanced ({} considered)",
            counters["completed"], counters["expected"], counters["considered"]
        );
        ensure!(shown(&world)?.contains(&numbers), "{numbers}, but {}", shown(&world)?);
        ensure!(ends(&world, &["status", "."], 1)?.contains(&numbers));
        let said = ends(&world, &["-d", "."], 1)?;
        ensure!(said.contains("a balance is paused already"), "{said}");
        ensure!(ends(&world, &["cancel", "."], 0)?.contains("is cancelled"));
        ensure!(shown(&world)?.starts_with("No balance found"));
        return Ok(());
    }
    bail!("no balance could be paused")
}

/// What `btrfs::Balance` says of the end of its process.
fn killed_the_kernel_cancels_it() -> Result<()> {
    let world = balance::world()?;
    for _ in 0..20 {
        let (mut child, _lines) = begun(&world, &["-d", "."])?;
        let running = shown(&world)?.contains("is running");
        signal(&child, Signal::SIGKILL)?;
        if child.wait()?.signal() != Some(9) || !running {
            continue;
        }
        // The process is gone only when the kernel has stopped.
        ensure!(shown(&world)?.starts_with("No balance found"), "{}", shown(&world)?);
        assert_eq!(world.sysfs("exclusive_operation")?, "none\n");
        thread::sleep(Duration::from_millis(100));
        ensure!(shown(&world)?.starts_with("No balance found"), "it comes back");
        return Ok(());
    }
    bail!("no balance could be killed")
}

fn a_path_may_be_called_like_a_command() -> Result<()> {
    let world = World::small()?;
    std::fs::create_dir(world.join("status"))?;
    ensure!(ends(&world, &["-d", "./status"], 0)?.contains("done: relocated"));
    ensure!(ends(&world, &["status", "status"], 0)?.contains("no balance on status"));
    Ok(())
}
