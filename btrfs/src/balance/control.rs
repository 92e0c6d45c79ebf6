//! Asking after a filesystem's balance, whoever started it, and stopping it.

use std::os::fd::AsFd;
use std::thread::sleep;
use std::time::{Duration, Instant};

use btrfs_sys as sys;
use btrfs_sys::ioctl::BTRFS_IOC_BALANCE_PROGRESS;

use super::progress::{BalanceState, BalanceStatus, Counters};
use super::request::BalanceRequest;
use crate::error::{Error, ErrorKind, Result};
use crate::exclusive::ExclusiveOperation;
use crate::filesystem::Filesystem;
use crate::ioctl::{Failure, balance_control, call};

/// How often somebody else's balance is looked at while waiting for it.
pub(super) const INTERVAL: Duration = Duration::from_millis(100);

impl Filesystem {
    /// The balance that is running or paused, whoever started it; `None` where there is none.
    /// `BTRFS_IOC_BALANCE_PROGRESS`, like `btrfs balance status`. Needs CAP_SYS_ADMIN. Since Linux 3.3.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::PermissionDenied`] without the capability.
    #[doc(alias = "BTRFS_IOC_BALANCE_PROGRESS")]
    pub fn balance_status(&self) -> Result<Option<BalanceStatus>> {
        let mut raw = sys::btrfs_ioctl_balance_args::default();
        match call::<BTRFS_IOC_BALANCE_PROGRESS>(self.as_fd(), &mut raw) {
            Ok(_) => Ok(Some(BalanceStatus {
                state: BalanceState::from_bits_retain(raw.state),
                counters: Counters::from_raw(&raw.stat),
                request: BalanceRequest::from_raw(&raw),
            })),
            Err(failure) if failure.errno() == Some(libc::ENOTCONN) => Ok(None),
            Err(failure) => Err(explain(self, failure)),
        }
    }

    /// Pauses the running balance, whoever started it, and returns when it has stopped: after the block group it is at,
    /// which can take a while. It keeps other exclusive operations out until it is resumed or cancelled.
    /// `BTRFS_IOC_BALANCE_CTL`, like `btrfs balance pause`. Needs CAP_SYS_ADMIN. Since Linux 3.3.
    ///
    /// The kernel says the same where the balance came to its end meanwhile: [`Filesystem::balance_status`] tells.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotInProgress`] where none is running.
    #[doc(alias = "BTRFS_IOC_BALANCE_CTL")]
    pub fn pause_balance(&self) -> Result<()> {
        self.control(sys::BTRFS_BALANCE_CTL_PAUSE)
    }

    /// Cancels the balance that is running or paused, whoever started it, and returns when it has stopped. What was
    /// relocated stays relocated. `BTRFS_IOC_BALANCE_CTL`, like `btrfs balance cancel`. Needs CAP_SYS_ADMIN. Since
    /// Linux 3.3.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotInProgress`] where there is none; [`ErrorKind::ReadOnly`] on a filesystem mounted read-only.
    #[doc(alias = "BTRFS_IOC_BALANCE_CTL")]
    pub fn cancel_balance(&self) -> Result<()> {
        self.control(sys::BTRFS_BALANCE_CTL_CANCEL)?;
        // Where a pause was under way the kernel lets that win, and says that all is well.
        while self.balance_status()?.is_some_and(|status| status.state.is_paused()) {
            match self.control(sys::BTRFS_BALANCE_CTL_CANCEL) {
                Err(error) if *error.kind() != ErrorKind::NotInProgress => return Err(error),
                Err(_) | Ok(()) => {}
            }
        }
        Ok(())
    }

    fn control(&self, command: u64) -> Result<()> {
        balance_control(self.as_fd(), command).map(drop).map_err(|failure| explain(self, failure))
    }

    /// Waits until no balance is running, whoever started it: `None` when there is none any more, and at once the status
    /// of one that is paused, which would wait for ever. One that a mount resumes is paused for a moment still.
    /// `BTRFS_IOC_BALANCE_PROGRESS` every 100 ms. Needs CAP_SYS_ADMIN.
    /// Since Linux 3.3.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::TimedOut`] where it is still running after that time.
    pub fn wait_for_balance(&self, timeout: Duration) -> Result<Option<BalanceStatus>> {
        let begun = Instant::now();
        loop {
            let status = self.balance_status()?.filter(|status| !status.state.is_paused());
            match status {
                // Ask again: between two questions a paused one may have become none.
                None => return self.balance_status(),
                Some(_) if begun.elapsed() >= timeout => return Err(still_running(self)),
                Some(_) => sleep(INTERVAL.min(timeout.saturating_sub(begun.elapsed()))),
            }
        }
    }
}

/// The error of a deadline that passed.
pub(super) fn still_running(filesystem: &Filesystem) -> Error {
    Error::new(ErrorKind::TimedOut, "balance", filesystem.path().display())
        .advise("the balance is still running: wait longer, or pause or cancel it")
}

/// The error that a failed call of this module's is, with what to do.
pub(super) fn explain(filesystem: &Filesystem, failure: Failure) -> Error {
    let error = filesystem.error(failure);
    match failure.errno() {
        Some(libc::EPERM) => error.advise("balance needs CAP_SYS_ADMIN"),
        Some(libc::ENOTCONN) => error.advise("no balance is in progress here"),
        Some(libc::EINPROGRESS) => {
            error.advise("a balance is running or paused already: wait for it (status), or pause, resume or cancel it")
        }
        Some(libc::EAGAIN) => {
            error.with_kind(ErrorKind::Busy).advise("no balance can begin while a send is running: wait for its end")
        }
        Some(libc::EINVAL) => error.advise(
            "the kernel does not take this request: a profile it can't make, filters of data and metadata that differ \
             where these share their block groups, or a filter it does not know; its log says which (dmesg)",
        ),
        Some(libc::EROFS) => error.advise(
            "it is read-only: mounted so, or because a transaction was aborted, and then the kernel's log says why (dmesg)",
        ),
        Some(_) => error,
        // A positive answer: something else than a balance excludes it.
        None => match filesystem.exclusive_operation() {
            _ if *error.kind() != ErrorKind::ExclusiveOperation => error,
            Ok(ExclusiveOperation::None) => error.advise("another exclusive operation was going on: try again"),
            Ok(operation) => {
                error.advise(format!("another exclusive operation is going on ({operation}): wait for its end"))
            }
            Err(_) => error.advise("another exclusive operation was going on: wait for its end"),
        },
    }
}
