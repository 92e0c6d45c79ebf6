//! A balance at work.

use std::fmt;
use std::os::fd::AsFd;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use btrfs_sys as sys;
use btrfs_sys::ioctl::BTRFS_IOC_BALANCE_V2;

use super::consent;
use super::control::{INTERVAL, explain, still_running};
use super::progress::{BalanceOutcome, BalanceStatus, Counters};
use super::request::{BalanceRequest, CALL};
use crate::ending::{Ending, lock};
use crate::error::{Error, ErrorKind, Result};
use crate::filesystem::Filesystem;
use crate::ioctl::{Failure, balance_control, call};

/// A balance that this process started or resumed.
///
/// The kernel does the work in a call that lasts as long as the balance; a thread of this process makes it. So, on what
/// becomes of the balance:
///
/// - Dropping this value leaves it running; [`Filesystem::balance_status`] goes on to tell of it.
/// - The end of the process, by a return from `main` as by a signal, cancels it: the kernel drops the block group it is
///   at, and the process is gone only then. Measured on Linux 6.18 and
///   6.1. What shall live on has to be paused first ([`Balance::pause`]) or to be handed to a process of its own.
/// - A signal that the process handles or ignores changes nothing.
/// - While it runs, the filesystem can't be unmounted. A paused one lets go of it; the next mount goes on with that by
///   itself, but for the mount option `skip_balance`.
pub struct Balance {
    filesystem: Filesystem,
    shared: Arc<Shared>,
}

/// What the thread that makes the call and the balance's owner share.
#[derive(Default)]
struct Shared {
    end: Ending<End>,
    /// What was seen last while it ran.
    seen: Mutex<Counters>,
}

type End = std::result::Result<BalanceOutcome, Failure>;

impl Balance {
    /// Starts a balance, and returns when it is at work (or over). `BTRFS_IOC_BALANCE_V2`, like `btrfs balance start`.
    /// Needs CAP_SYS_ADMIN. Since Linux 3.3; the filters `usage`, `limit` and `stripes` since 4.4.
    ///
    /// # Errors
    ///
    /// Before the kernel is asked: [`ErrorKind::NeedsConsent`] where the request selects nothing, or reduces
    /// redundancy, or has filters of its own for system chunks, without [`BalanceRequest::force`];
    /// [`ErrorKind::TooFewDevices`] where a conversion needs more devices; [`ErrorKind::InvalidArgument`] where filters
    /// contradict one another. By the kernel: [`ErrorKind::ExclusiveOperation`] where a balance is running or paused, or
    /// a device is being added, removed, replaced or resized; [`ErrorKind::Busy`] while a send is running;
    /// [`ErrorKind::PermissionDenied`], [`ErrorKind::ReadOnly`]. Being out of space, paused or cancelled is no error but
    /// an [outcome](BalanceOutcome).
    #[doc(alias = "BTRFS_IOC_BALANCE_V2")]
    pub fn start(filesystem: &Filesystem, request: &BalanceRequest) -> Result<Self> {
        consent::check(filesystem, request)?;
        Self::run(filesystem, request.to_raw())
    }

    /// Resumes the balance that is paused, and returns when it is at work (or over). `BTRFS_IOC_BALANCE_V2`, like
    /// `btrfs balance resume`. Needs CAP_SYS_ADMIN. Since Linux 3.3.
    ///
    /// It begins anew with the filters it had, but leaves alone what was converted already; where it had neither a
    /// conversion nor a filter of usage it takes block groups used to less than 90 % only.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotInProgress`] where none is paused; [`ErrorKind::ExclusiveOperation`] where it is running.
    pub fn resume(filesystem: &Filesystem) -> Result<Self> {
        Self::run(filesystem, sys::btrfs_ioctl_balance_args { flags: sys::BTRFS_BALANCE_RESUME, ..Default::default() })
    }

    fn run(filesystem: &Filesystem, raw: sys::btrfs_ioctl_balance_args) -> Result<Self> {
        // The kernel would start what is paused, with the old filters, or leave it as it is, depending on the flag; and
        // a running one must not be taken for ours below.
        let resume = raw.flags & sys::BTRFS_BALANCE_RESUME != 0;
        if let Some(status) = filesystem.balance_status()?.filter(|status| !(resume && status.state.is_paused())) {
            return Err(Error::new(ErrorKind::ExclusiveOperation, CALL, filesystem.path().display()).advise(format!(
                "a balance is {} already ({}): {}",
                status.state,
                status.request,
                if status.state.is_paused() { "resume it or cancel it" } else { "wait for it, pause it or cancel it" }
            )));
        }
        let balance = Self { filesystem: filesystem.try_clone()?, shared: Arc::default() };
        let (worker, shared) = (filesystem.try_clone()?, Arc::clone(&balance.shared));
        thread::Builder::new()
            .name("btrfs-balance".to_owned())
            .spawn(move || {
                let end = work(&worker, raw, &shared.seen).and_then(|end| worker.not_aborted().map(|()| end));
                // Whoever hears of the end may unmount at once.
                drop(worker);
                shared.end.tell(end);
            })
            .map_err(|error| Error::os("clone", "a thread for the balance", error))?;
        while !balance.is_over() && balance.status()?.is_none_or(|status| status.state.is_paused()) {
            thread::sleep(Duration::from_millis(1));
        }
        // What the kernel refuses, it refuses at once.
        match balance.shared.end.get() {
            Some(Err(failure)) => Err(explain(filesystem, failure)),
            Some(Ok(_)) | None => Ok(balance),
        }
    }

    /// How far it is; `None` when it is over or paused. `BTRFS_IOC_BALANCE_PROGRESS`. Needs CAP_SYS_ADMIN.
    ///
    /// # Errors
    ///
    /// Only what the kernel says.
    pub fn progress(&self) -> Result<Option<BalanceStatus>> {
        if self.is_over() { Ok(None) } else { self.status() }
    }

    fn status(&self) -> Result<Option<BalanceStatus>> {
        let status = self.filesystem.balance_status()?;
        // What a pause left behind, or what somebody else began since, is not ours.
        let status = status.filter(|_| !self.is_over());
        if let Some(status) = &status {
            *lock(&self.shared.seen) = status.counters;
        }
        Ok(status)
    }

    /// Whether it has come to an end or a halt: then [`Balance::join`] does not wait.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.shared.end.get().is_some()
    }

    /// Looks at the balance time and again: an iterator over its states that ends with it. The first comes at once, each
    /// further one after `interval`.
    #[must_use]
    pub fn watch(&self, interval: Duration) -> Watch<'_> {
        Watch { balance: self, interval, next: Some(Instant::now()) }
    }

    /// Pauses it, and returns when it has stopped, after the block group it is at. How it ended, for it may have been
    /// done meanwhile, [`Balance::join`] tells. `BTRFS_IOC_BALANCE_CTL`, like `btrfs balance pause`. Needs CAP_SYS_ADMIN.
    ///
    /// # Errors
    ///
    /// Only what the kernel says. That it is over already is no error.
    pub fn pause(&self) -> Result<()> {
        self.stop(Filesystem::pause_balance)
    }

    /// Cancels it, also when it is paused, and returns when it has stopped. [`Balance::join`] has the final counters.
    /// `BTRFS_IOC_BALANCE_CTL`, like `btrfs balance cancel`. Needs CAP_SYS_ADMIN.
    ///
    /// # Errors
    ///
    /// Only what the kernel says. That it is over already is no error.
    pub fn cancel(&self) -> Result<()> {
        self.stop(Filesystem::cancel_balance)?;
        // It was paused, or was about to be: now it is cancelled.
        self.shared.end.amend(|end| {
            if let Ok(end @ BalanceOutcome::Paused(_)) = end {
                *end = BalanceOutcome::Cancelled(end.counters());
            }
        });
        Ok(())
    }

    fn stop(&self, how: fn(&Filesystem) -> Result<()>) -> Result<()> {
        if self.shared.end.get().is_some_and(|end| !matches!(end, Ok(BalanceOutcome::Paused(_)))) {
            return Ok(());
        }
        match how(&self.filesystem) {
            Err(error) if *error.kind() != ErrorKind::NotInProgress => return Err(error),
            Err(_) | Ok(()) => {}
        }
        // The kernel has stopped; its call is returning.
        while self.shared.end.within(INTERVAL).is_none() {}
        Ok(())
    }

    /// Waits for its end, or its halt, however long it takes: also a balance that somebody else pauses or cancels comes
    /// back.
    ///
    /// # Errors
    ///
    /// What made the kernel give up, such as an I/O error or a filesystem that became read-only.
    pub fn join(&self) -> Result<BalanceOutcome> {
        loop {
            match self.wait(Duration::from_secs(3600)) {
                Err(error) if *error.kind() == ErrorKind::TimedOut => {}
                result => return result,
            }
        }
    }

    /// Waits for its end, or its halt, for so long at most.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::TimedOut`] where it is still running then: it goes on. Else as [`Balance::join`].
    pub fn wait(&self, timeout: Duration) -> Result<BalanceOutcome> {
        let begun = Instant::now();
        loop {
            let left = timeout.saturating_sub(begun.elapsed());
            match self.shared.end.within(left.min(INTERVAL)) {
                Some(end) => return end.map_err(|failure| explain(&self.filesystem, failure)),
                None if left.is_zero() => return Err(still_running(&self.filesystem)),
                None => {
                    // For the counters, which the kernel does not give at every end.
                    self.status()?;
                }
            }
        }
    }
}

/// The call that lasts as long as the balance.
fn work(filesystem: &Filesystem, mut raw: sys::btrfs_ioctl_balance_args, seen: &Mutex<Counters>) -> End {
    let answer = call::<BTRFS_IOC_BALANCE_V2>(filesystem.as_fd(), &mut raw);
    // The kernel fills the argument also when it was told to stop.
    let counters = Counters::from_raw(&raw.stat);
    let Err(failure) = answer else { return Ok(BalanceOutcome::Completed(counters)) };
    let asked = |flag| raw.state & flag != 0;
    match failure.errno() {
        Some(libc::ECANCELED) if !asked(sys::BTRFS_BALANCE_STATE_PAUSE_REQ) => Ok(BalanceOutcome::Cancelled(counters)),
        Some(libc::ECANCELED) if asked(sys::BTRFS_BALANCE_STATE_CANCEL_REQ) => {
            // Somebody cancelled it while it was about to pause. The kernel lets the pause win and tells them that it was
            // cancelled: so that is what it shall be. That it is by now is no failure.
            let _ = balance_control(filesystem.as_fd(), sys::BTRFS_BALANCE_CTL_CANCEL);
            Ok(BalanceOutcome::Cancelled(counters))
        }
        Some(libc::ECANCELED) => Ok(BalanceOutcome::Paused(counters)),
        Some(libc::ENOSPC) => Ok(BalanceOutcome::OutOfSpace(*lock(seen))),
        _ => Err(failure),
    }
}

impl fmt::Debug for Balance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = self.shared.end.get();
        f.debug_struct("Balance").field("filesystem", &self.filesystem).field("end", &end).finish()
    }
}

/// An iterator over the states of a balance, from [`Balance::watch`].
#[derive(Debug)]
pub struct Watch<'a> {
    balance: &'a Balance,
    interval: Duration,
    /// When to look next; `None` after an error or the end.
    next: Option<Instant>,
}

impl Iterator for Watch<'_> {
    type Item = Result<BalanceStatus>;

    fn next(&mut self) -> Option<Self::Item> {
        let due = self.next.take()?;
        if self.balance.shared.end.within(due.saturating_duration_since(Instant::now())).is_some() {
            return None;
        }
        let status = self.balance.progress().transpose()?;
        self.next = status.is_ok().then(|| due + self.interval);
        Some(status)
    }
}
