//! The progress of a balance: a bar on a terminal, else a line for each chunk.

use std::io::{IsTerminal, stderr, stdout};
use std::time::Duration;

use anyhow::Result;
use btrfs::Balance;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::report::say;

const INTERVAL: Duration = Duration::from_millis(200);
const BAR: &str = "[{elapsed_precise}] [{bar:40}] {pos} of about {len} chunks ({eta} left){msg}";

pub(crate) struct Progress {
    /// Hidden where there is no terminal.
    pub(crate) bar: ProgressBar,
    /// Whether to print a line for each chunk.
    lines: bool,
}

impl Progress {
    /// With `quietly` nothing goes to the standard output.
    pub(crate) fn new(quietly: bool) -> Result<Self> {
        let terminal = stderr().is_terminal() && (quietly || stdout().is_terminal());
        let target = if terminal { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(None, target).with_style(ProgressStyle::with_template(BAR)?);
        Ok(Self { bar, lines: !terminal && !quietly })
    }

    /// Shows it until the balance stops.
    pub(crate) fn show(&self, balance: &Balance) -> Result<()> {
        let mut last = None;
        for status in balance.watch(INTERVAL) {
            let status = status?;
            let counters = status.counters;
            self.bar.set_length(counters.expected);
            self.bar.set_position(counters.completed);
            // ", pause requested"
            self.bar.set_message(status.state.to_string().replace("running", ""));
            if self.lines && last.replace(counters.completed) != Some(counters.completed) {
                say(format_args!("{counters}"))?;
            }
        }
        self.bar.finish_and_clear();
        Ok(())
    }
}
