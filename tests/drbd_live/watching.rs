//! The programs `drbd_watch` and `drbd_tokio`, run while things change.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Lines, Read as _};
use std::process::{Child, ChildStdout, Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};
use nix::pty::{Winsize, openpty};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use testbed::command::example;
use testbed::harness::Test;

use crate::pair::{A, B, Pair, drbdsetup, write};

pub(crate) const TESTS: &[Test] = testbed::tests![
    each_change_is_a_line_of_json,
    each_change_is_a_line_of_text,
    a_terminal_shows_how_far_a_resync_is,
    tokio_hears_of_changes
];

/// A program that goes on; ended when dropped.
struct Running {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Running {
    fn new(name: &str, arguments: &[&str]) -> Result<Self> {
        let mut program = Command::new(example(name)?);
        let mut child = program.args(arguments).stdout(Stdio::piped()).spawn()?;
        let lines = BufReader::new(child.stdout.take().context("it has an output")?).lines();
        Ok(Self { child, lines })
    }

    /// Reads until such a line comes.
    fn until(&mut self, wanted: impl Fn(&str) -> bool) -> Result<String> {
        let mut seen = Vec::new();
        for line in self.lines.by_ref() {
            let line = line?;
            if wanted(&line) {
                return Ok(line);
            }
            seen.push(line);
        }
        bail!("it ended after {seen:#?}")
    }

    /// Presses Ctrl-C; its exit code.
    fn interrupt(mut self) -> Result<Option<i32>> {
        kill(Pid::from_raw(self.child.id().try_into()?), Signal::SIGINT)?;
        Ok(self.child.wait()?.code())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn each_change_is_a_line_of_json() -> Result<()> {
    let pair = Pair::up_to_date()?;
    let mut watch = Running::new("drbd_watch", &["--json", "a"])?;
    let is = |line: &str, change: &str, object: &str, field: &str, values: &Value| {
        let line: Value = serde_json::from_str(line).unwrap_or_default();
        line["change"] == change && line["object"] == object && line["fields"][field] == *values
    };
    watch.until(|line| is(line, "exists", "peer-device", "replication", &json!([null, "Established"])))?;
    drbdsetup(&["detach", "0"])?;
    watch.until(|line| is(line, "changed", "device", "disk", &json!(["Failed", "Diskless"])))?;
    A.attach(&[])?;
    A.wait("ds:UpToDate/UpToDate")?;
    pair.disconnect()?;
    write("/dev/drbd0", 1)?;
    drbdsetup(&["primary", "1", "--force"])?;
    write("/dev/drbd1", 1)?;
    A.connect(&[])?;
    B.connect(&[])?;
    let line = watch.until(|line| line.contains(r#""split_brain":true"#))?;
    let line: Value = serde_json::from_str(&line)?;
    ensure!(line["resource"] == "a" && line["change"] == "called", "{line}");
    ensure!(watch.interrupt()? == Some(0));
    Ok(())
}

fn each_change_is_a_line_of_text() -> Result<()> {
    let _pair = Pair::up_to_date()?;
    let mut watch = Running::new("drbd_watch", &[])?;
    watch.until(|line| line.contains("exists peer-device b/0 to peer") && line.contains("replication Established"))?;
    drbdsetup(&["suspend-io", "0"])?;
    watch.until(|line| line.ends_with("changed resource a: suspended no -> user"))?;
    drbdsetup(&["resume-io", "0"])?;
    watch.until(|line| line.ends_with("changed resource a: suspended user -> no"))?;
    ensure!(watch.interrupt()? == Some(0));
    Ok(())
}

fn a_terminal_shows_how_far_a_resync_is() -> Result<()> {
    let _pair = Pair::connected()?;
    for minor in ["0", "1"] {
        drbdsetup(&["disk-options", minor, "--c-plan-ahead=0", "--resync-rate=4M"])?;
    }
    let size = Winsize { ws_row: 24, ws_col: 160, ws_xpixel: 0, ws_ypixel: 0 };
    let terminal = openpty(&size, None)?;
    let mut program = Command::new(example("drbd_watch")?);
    let mut child = program.env("TERM", "xterm").stdout(terminal.slave).spawn()?;
    // Holds the terminal's other end open.
    drop(program);
    let mut screen = File::from(terminal.master);
    let mut shown = String::new();
    let mut until = |wanted: &dyn Fn(&str) -> bool| -> Result<()> {
        let mut bytes = [0; 4096];
        while !wanted(&shown) {
            let count = screen.read(&mut bytes).with_context(|| format!("the screen showed: {shown}"))?;
            shown.push_str(&String::from_utf8_lossy(&bytes[..count]));
        }
        Ok(())
    };
    until(&|shown| shown.contains("a /dev/drbd0 to 127.0.0.1:7002") && shown.contains("Inconsistent/Inconsistent"))?;
    drbdsetup(&["primary", "0", "--force"])?;
    // It moves: two states of the bar.
    let percents = |shown: &str| {
        let words = shown.split("SyncTarget, ").skip(1).filter_map(|after| after.split_once(" % done"));
        words.map(|(percent, _)| percent.to_owned()).collect::<BTreeSet<_>>().len()
    };
    until(&|shown| percents(shown) >= 2)?;
    kill(Pid::from_raw(child.id().try_into()?), Signal::SIGINT)?;
    ensure!(child.wait()?.code() == Some(0));
    Ok(())
}

fn tokio_hears_of_changes() -> Result<()> {
    let _pair = Pair::up_to_date()?;
    let mut tokio = Running::new("drbd_tokio", &["600"])?;
    tokio.until(|line| line == "2 resources; waiting for changes")?;
    // Twice: waiting begins anew in between.
    for command in ["suspend-io", "resume-io"] {
        drbdsetup(&[command, "0"])?;
        tokio.until(|line| line.starts_with("Event: "))?;
    }
    Ok(())
}
