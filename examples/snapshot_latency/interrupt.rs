//! Signals that ask to end: a run hears of them between its steps, and then removes what it made.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::thread;

use anyhow::{Context, Result};
use nix::sys::signal::{SigSet, Signal};

/// Whether a signal has come.
#[derive(Clone)]
pub(crate) struct Interrupt(Arc<OnceLock<Signal>>);

/// The error of a run that was asked to end.
#[derive(Debug)]
pub(crate) struct Interrupted(Signal);

impl Interrupted {
    /// As a shell has it for a program that the signal ended.
    pub(crate) fn exit_code(&self) -> u8 {
        match self.0 {
            Signal::SIGHUP => 129,
            Signal::SIGTERM => 143,
            _ => 130,
        }
    }
}

impl fmt::Display for Interrupted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ended by {}", self.0)
    }
}

impl std::error::Error for Interrupted {}

impl Interrupt {
    /// Keeps the signals from ending the program; all threads that begin after this inherit it.
    pub(crate) fn hold_back() -> Result<Self> {
        let signals: SigSet = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP].into_iter().collect();
        signals.thread_block().context("holding back signals")?;
        let interrupt = Self(Arc::default());
        let come = interrupt.clone();
        thread::spawn(move || {
            while let Ok(signal) = signals.wait() {
                // The first one counts.
                let _ = come.0.set(signal);
            }
        });
        Ok(interrupt)
    }

    /// An error once a signal has come.
    pub(crate) fn check(&self) -> Result<()> {
        match self.0.get() {
            Some(&signal) => Err(Interrupted(signal).into()),
            None => Ok(()),
        }
    }
}
