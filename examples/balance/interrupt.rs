//! Ctrl-C: the first one pauses (or cancels, if that was asked for), the second one cancels.

use std::sync::Arc;
use std::thread;

use anyhow::{Context, Result};
use btrfs::Balance;
use indicatif::ProgressBar;
use nix::sys::signal::{SigSet, Signal};

use crate::arguments::Interrupt;
use crate::report::complain;

/// Keeps the signals that ask to end from ending the program; all threads that begin after this inherit it.
pub(crate) fn hold_back() -> Result<SigSet> {
    let signals: SigSet = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP].into_iter().collect();
    signals.thread_block().context("holding back signals")?;
    Ok(signals)
}

/// Stops the balance when a signal comes, and says so above the bar.
pub(crate) fn stop_on(signals: SigSet, balance: Arc<Balance>, first: Interrupt, bar: ProgressBar) {
    thread::spawn(move || {
        let mut action = first;
        while signals.wait().is_ok() {
            let says = match action {
                Interrupt::Pause => "pausing after the chunk it is at; Ctrl-C once more cancels",
                Interrupt::Cancel => "cancelling",
            };
            bar.suspend(|| complain(format_args!("{says}")));
            let balance = Arc::clone(&balance);
            // Either lasts until the balance has stopped, and the next signal has to be heard meanwhile.
            thread::spawn(move || {
                let stopped = match action {
                    Interrupt::Pause => balance.pause(),
                    Interrupt::Cancel => balance.cancel(),
                };
                if let Err(error) = stopped {
                    complain(format_args!("{error}"));
                }
            });
            action = Interrupt::Cancel;
        }
    });
}
