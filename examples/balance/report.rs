//! What the program says.

use std::fmt::Arguments;
use std::io::{self, Write, stderr, stdout};
use std::path::PathBuf;
use std::time::Duration;

use btrfs::{BalanceOutcome, BalanceStatus, DevId};
use serde_json::{Value, json};

use crate::verdict::Foreseen;

/// Where the answers go.
pub(crate) struct Report {
    pub(crate) path: PathBuf,
    pub(crate) json: bool,
}

/// Prints a line.
pub(crate) fn say(line: Arguments<'_>) -> io::Result<()> {
    writeln!(stdout(), "{line}")
}

/// Prints a line on the standard error, if there still is one: the terminal may be gone (SIGHUP), and a panic now would
/// end the balance.
pub(crate) fn complain(line: Arguments<'_>) {
    let _ = writeln!(stderr(), "balance: {line}");
}

impl Report {
    /// How a balance would end.
    pub(crate) fn verdict(&self, foreseen: &Foreseen) -> io::Result<()> {
        if self.json {
            return self.print(&foreseen.json(&self.path));
        }
        let lines = foreseen.lines().into_iter().chain(foreseen.plan(&self.path));
        lines.into_iter().try_for_each(|line| say(format_args!("{line}")))
    }

    /// A balance that is not started, as it would fail: for people on the standard error.
    pub(crate) fn not_started(&self, foreseen: &Foreseen) -> io::Result<()> {
        if self.json {
            self.verdict(foreseen)?;
        }
        complain(format_args!("not started: {}", foreseen.headline()));
        let lines = foreseen.reasons().into_iter().chain(foreseen.plan(&self.path));
        lines.for_each(|line| complain(format_args!("{line}")));
        complain(format_args!("--dry-run says what this relies on, --force starts it all the same"));
        Ok(())
    }

    /// How a balance ended that this program started, and what to do about it.
    pub(crate) fn outcome(&self, outcome: BalanceOutcome, took: Duration) -> io::Result<()> {
        if self.json {
            let mut object = json!(outcome);
            object["path"] = json!(self.path.display().to_string());
            object["seconds"] = json!(took.as_secs_f64());
            return self.print(&object);
        }
        say(format_args!("{outcome} in {:.1} s", took.as_secs_f64()))?;
        match outcome {
            BalanceOutcome::Paused(_) => self.go_on(),
            _ => Ok(()),
        }
    }

    /// A balance that is started though it is not safe, to people. All reasons only where it is certain to fail: what to
    /// do then can't be asked of a dry run later, for the filesystem may be read-only by then.
    pub(crate) fn warn(foreseen: &Foreseen) {
        if foreseen.is_fail() {
            complain(format_args!("started all the same: {}", foreseen.headline()));
            foreseen.reasons().iter().for_each(|line| complain(format_args!("{line}")));
        } else {
            complain(format_args!("{} (--dry-run says why)", foreseen.headline()));
        }
    }

    /// What came of following a plan, to scripts.
    pub(crate) fn followed(&self, reached: bool, stay: &[DevId]) -> io::Result<()> {
        self.print(&json!({ "path": self.path.display().to_string(), "reached": reached, "devices_that_stay": stay }))
    }

    /// The balance that is running or paused.
    pub(crate) fn status(&self, status: Option<&BalanceStatus>) -> io::Result<()> {
        let path = self.path.display();
        if self.json {
            return self.print(&json!({ "path": path.to_string(), "balance": status }));
        }
        let Some(status) = status else {
            return say(format_args!("no balance on {path}"));
        };
        say(format_args!("balance on {path} is {}: {}", status.state, status.request))?;
        match status.counters.fraction() {
            Some(done) => say(format_args!("{}, {:.0}% left", status.counters, 100.0 * (1.0 - done)))?,
            None => say(format_args!("{}", status.counters))?,
        }
        if status.state.is_paused() { self.go_on() } else { Ok(()) }
    }

    /// After a pause: the balance that is paused, or none where it was done before that.
    pub(crate) fn paused(&self, status: Option<&BalanceStatus>) -> io::Result<()> {
        if self.json || status.is_some() {
            return self.status(status);
        }
        say(format_args!("the balance on {} came to its end before it could be paused", self.path.display()))
    }

    /// After a cancellation.
    pub(crate) fn cancelled(&self) -> io::Result<()> {
        if self.json {
            return self.status(None);
        }
        say(format_args!("the balance on {} is cancelled; what was relocated stays relocated", self.path.display()))
    }

    fn go_on(&self) -> io::Result<()> {
        let path = self.path.display();
        say(format_args!("go on with `balance resume {path}`, or give it up with `balance cancel {path}`"))
    }

    fn print(&self, object: &Value) -> io::Result<()> {
        say(format_args!("{object:#}"))
    }
}
