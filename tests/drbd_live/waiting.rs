//! Waiting until a resource is as it should be, while a real DRBD gets there.

use std::process::{Command, Stdio};
use std::thread::{JoinHandle, spawn};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use drbd::monitor::Condition;
use drbd::{Error, Monitor, Name, Status};
use testbed::harness::Test;

use crate::pair::{A, B, Pair, drbdsetup};
use crate::program;

pub(crate) const TESTS: &[Test] = testbed::tests![
    a_wait_ends_when_it_is_so,
    a_wait_for_what_is_so_ends_at_once,
    the_program_waits_for_what_is_not_there_yet,
];

/// More than any of it takes, on an emulated machine.
const LONG: Duration = Duration::from_secs(120);

fn waiting(condition: Condition, name: &'static str) -> JoinHandle<Result<bool, Error>> {
    spawn(move || Monitor::open()?.wait_until(condition, &[Name::new(name)], Some(LONG)))
}

fn came(wait: JoinHandle<Result<bool, Error>>) -> Result<()> {
    ensure!(wait.join().expect("the thread doesn't panic")?, "it did not come");
    Ok(())
}

fn a_wait_ends_when_it_is_so() -> Result<()> {
    let pair = Pair::attached()?;
    let [connected, synced, promotable] =
        [Condition::Connected, Condition::InSync, Condition::MayPromote].map(|condition| waiting(condition, "b"));
    pair.connect(&[], &[])?;
    came(connected)?;
    ensure!(!synced.is_finished() && !promotable.is_finished(), "no copy is good yet");
    drbdsetup(&["primary", "0", "--force"])?;
    came(synced)?;
    A.wait("ds:UpToDate/UpToDate")?;
    ensure!(!promotable.is_finished(), "the other is Primary");
    let disconnected = waiting(Condition::Disconnected, "b");
    drbdsetup(&["secondary", "0"])?;
    came(promotable)?;
    ensure!(!disconnected.is_finished());
    pair.disconnect()?;
    came(disconnected)
}

fn a_wait_for_what_is_so_ends_at_once() -> Result<()> {
    let _pair = Pair::up_to_date()?;
    let all = [Name::new("a"), Name::new("b")];
    for condition in [Condition::Connected, Condition::InSync, Condition::UpToDate] {
        ensure!(condition.holds_for(&Status::read()?, &all), "{condition}");
        ensure!(Monitor::open()?.wait_until(condition, &[], Some(Duration::ZERO))?, "{condition}");
    }
    for condition in [Condition::Disconnected, Condition::MayPromote] {
        ensure!(!Monitor::open()?.wait_until(condition, &all, Some(Duration::from_millis(200)))?, "{condition}");
    }
    Ok(())
}

fn the_program_waits_for_what_is_not_there_yet() -> Result<()> {
    let pair = Pair::nothing()?;
    let waits = |condition: &str, timeout: &str| {
        let mut command = Command::new(program::path()?);
        command.args(["--wait", condition, "--timeout", timeout, "a"]).stdout(Stdio::piped());
        command.spawn().context("starting drbd_status")
    };
    let late = waits("connected", "120")?;
    for end in [A, B] {
        end.create()?;
        end.new_minor()?;
        end.attach(&[])?;
    }
    let output = waits("connected", "1")?.wait_with_output()?;
    let said = String::from_utf8(output.stdout)?;
    ensure!(output.status.code() == Some(5) && said.contains("StandAlone"), "{said}");
    pair.connect(&[], &[])?;
    let output = late.wait_with_output()?;
    let said = String::from_utf8(output.stdout)?;
    // Neither copy is good: it is the verdict that the exit code tells.
    ensure!(output.status.code() == Some(2) && said.contains("no good copy"), "{said}");
    drop(pair);
    let (said, code) = program::run(0, &["--wait", "connected", "--timeout", "1", "none"])?;
    ensure!(code == 3 && said.starts_with("UNKNOWN: no resource is called none"), "{said}");
    Ok(())
}
