//! Ctrl-C: the first one pauses (or cancels, if that was asked for), the second one cancels.

use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use anyhow::{Context, Result};
use btrfs::Balance;
use indicatif::ProgressBar;
use nix::fcntl::OFlag;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::unistd::pipe2;

use crate::arguments::Interrupt;
use crate::report::complain;

/// Keeps the signals that ask to end from ending the program; all threads that begin after this inherit it.
pub(crate) fn hold_back() -> Result<SignalFd> {
    let signals: SigSet = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP].into_iter().collect();
    signals.thread_block().context("holding back signals")?;
    SignalFd::with_flags(&signals, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK).context("signalfd")
}

/// Listens for signals, and stops the balance when one comes.
pub(crate) struct Listener {
    thread: JoinHandle<()>,
    /// Its other end is told when this one is closed.
    over: OwnedFd,
}

impl Listener {
    /// Says what it does above the bar.
    pub(crate) fn begin(signals: SignalFd, balance: Arc<Balance>, first: Interrupt, bar: ProgressBar) -> Result<Self> {
        let (told, over) = pipe2(OFlag::O_CLOEXEC).context("pipe")?;
        let thread = thread::spawn(move || {
            thread::scope(|stopping| {
                let mut action = first;
                while comes(&signals, &told) {
                    let says = match action {
                        Interrupt::Pause => "pausing after the chunk it is at; Ctrl-C once more cancels",
                        Interrupt::Cancel => "cancelling",
                    };
                    bar.suspend(|| complain(format_args!("{says}")));
                    let balance = &balance;
                    // Either lasts until the balance has stopped, and the next signal has to be heard meanwhile.
                    stopping.spawn(move || {
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
        });
        Ok(Self { thread, over })
    }

    /// Hears no more, and waits for what was begun: a balance that has paused may be about to be cancelled.
    pub(crate) fn end(self) {
        drop(self.over);
        let _ = self.thread.join();
    }
}

/// Waits for a signal; false where it is over.
fn comes(signals: &SignalFd, over: &OwnedFd) -> bool {
    loop {
        let mut both = [PollFd::new(over.as_fd(), PollFlags::empty()), PollFd::new(signals.as_fd(), PollFlags::POLLIN)];
        match poll(&mut both, PollTimeout::NONE) {
            Err(nix::Error::EINTR) => continue,
            Err(_) => return false,
            Ok(_) if both[0].any().unwrap_or(true) => return false,
            Ok(_) => {}
        }
        match signals.read_signal() {
            Ok(Some(_)) => return true,
            Ok(None) => {}
            Err(_) => return false,
        }
    }
}
