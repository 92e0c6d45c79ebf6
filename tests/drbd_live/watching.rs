//! The programs `drbd_watch` and `drbd_tokio`, run while things change.

use std::io::{BufRead as _, BufReader, Lines};
use std::process::{Child, ChildStdout, Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use testbed::command::example;
use testbed::harness::Test;

use crate::pair::{A, B, Pair, drbdsetup, write};

pub(crate) const TESTS: &[Test] =
    testbed::tests![each_change_is_a_line_of_json, each_change_is_a_line_of_text, tokio_hears_of_changes];

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
