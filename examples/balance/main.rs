//! Balances a btrfs filesystem, with btrfs-progs' filters, a verdict beforehand, a progress bar, and a Ctrl-C that loses
//! nothing.
//!
//! ```text
//! # balance --full-balance /data
//! balance: not started: fail: it runs out of space, and the filesystem becomes read-only
//! balance: first: block group 224985088 (Metadata, to raid1): there is no room for tree blocks, 63995904 bytes are missing;
//! the filesystem becomes read-only
//! balance:   left on /dev/sdb: 377.00 MiB unallocated, at most 364.00 MiB for one chunk
//! balance:   left on /dev/sdc: 1.00 MiB unallocated, at most 0 B for one chunk
//! balance: each mount would go on with the balance and end likewise; `balance rescue` mounts it with skip_balance and gives
//! the balance up
//! balance: the way out, each step simulated and safe:
//! balance:   1. btrfs device add DEVICE /data  (of 256.00 MiB or more, for the time being)
//! balance:   2. balance -d -m /data
//! balance:   3. btrfs device remove 3 /data
//! balance: --follow-plan --add DEVICE does it step by step, and plans again after each
//! balance: --dry-run says what this relies on, --force starts it all the same
//! # balance --full-balance --follow-plan --add /dev/sdd /data
//! step: btrfs device add DEVICE /data  (of 256.00 MiB or more, for the time being)
//! balance: add /dev/sdd (1.00 GiB) to /data? [y/N]
//! y
//! step: balance -d -m /data
//! done: relocated 6 of 6 chunks in 6.0 s
//! step: btrfs device remove 3 /data
//! done: balance -d -m
//! # balance -dconvert=raid0 -mconvert=raid0 /srv
//! balance: BTRFS_IOC_BALANCE_V2 on /srv: converting data from raid1 to raid0 reduces redundancy (nothing may fail instead
//! of one device may fail): consent to it (force, or -f) if that is meant
//! # balance -f -dconvert=raid0 -mconvert=raid0 /srv
//! [00:00:02] [█████████████░░░░░░░░░░░░░░░░░░░░░░░░░░░] 2 of about 6 chunks (3s left)
//! ^C
//! balance: pausing after the chunk it is at; Ctrl-C once more cancels
//! paused: relocated 3 of 3 chunks looked at in 2.6 s
//! go on with `balance resume /srv`, or give it up with `balance cancel /srv`
//! # balance status /srv
//! balance on /srv is paused: -dconvert=raid0 -mconvert=raid0 -f
//! 3 out of about 6 chunks balanced (3 considered), 50% left
//! go on with `balance resume /srv`, or give it up with `balance cancel /srv`
//! # balance resume /srv
//! done: relocated 3 of 8 chunks in 0.6 s
//! ```

mod arguments;
mod interrupt;
mod plan;
mod progress;
mod report;
mod rescue;
mod verdict;
mod watchdog;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result};
use btrfs::{Balance, BalanceOutcome, BalanceRequest, BalanceStatus, ErrorKind, Filesystem};

use crate::arguments::{Action, Caution, Interrupt};
use crate::interrupt::Listener;
use crate::progress::Progress;
use crate::report::{Report, complain};
use crate::verdict::Foreseen;
use crate::watchdog::Guard;

fn main() -> ExitCode {
    let arguments = arguments::parse();
    let report = Report { path: arguments.path, json: arguments.json };
    // `status` has 1 for a balance that is there, as `btrfs balance status` has.
    let failure = if matches!(arguments.action, Action::Status) { 2 } else { 1 };
    let done = match arguments.action {
        Action::Start { request, on_interrupt, means, .. } if means.follow_plan => {
            plan::follow(&report, &request, on_interrupt, means)
        }
        Action::Start { request, on_interrupt, caution, .. } => start(&report, &request, on_interrupt, caution),
        Action::Resume { on_interrupt } => resume(&report, on_interrupt),
        Action::Rescue { device, on_interrupt, means } => {
            rescue::rescue(&report, device.as_deref(), on_interrupt, means)
        }
        Action::Status => status(&report),
        Action::Pause => pause(&report),
        Action::Cancel => cancel(&report),
    };
    done.unwrap_or_else(|error| {
        complain(format_args!("{error:#}"));
        let nothing = |error: &btrfs::Error| *error.kind() == ErrorKind::NotInProgress;
        ExitCode::from(if error.downcast_ref().is_some_and(nothing) { 2 } else { failure })
    })
}

/// Foresees how a balance ends, and starts it unless that is badly.
fn start(report: &Report, request: &BalanceRequest, on_interrupt: Interrupt, caution: Caution) -> Result<ExitCode> {
    let filesystem = open(&report.path)?;
    let foreseen = verdict::foresee(&filesystem, request, caution).context("no verdict");
    if caution.dry_run {
        let foreseen = foreseen?;
        report.verdict(&foreseen)?;
        return Ok(ExitCode::from(foreseen.exit_code()));
    }
    match &foreseen {
        Err(none) => complain(format_args!("{none:#}")),
        Ok(foreseen) if foreseen.is_fail() && !caution.force => {
            report.not_started(foreseen)?;
            return Ok(ExitCode::from(foreseen.exit_code()));
        }
        Ok(foreseen) if foreseen.is_safe() || foreseen.refused().is_some() => {}
        Ok(foreseen) => Report::warn(foreseen),
    }
    // Who forces it wants it done whatever comes.
    let watchdog = foreseen.as_ref().ok().map(Foreseen::watchdog).filter(|_| !caution.force);
    let guard = watchdog.map(|watchdog| Guard::new(&filesystem, watchdog.clone())).transpose()?;
    run(report, on_interrupt, guard, || {
        let balance = Balance::start(&filesystem, request).inspect_err(|error| {
            if caution.force && *error.kind() == ErrorKind::NeedsConsent {
                complain(format_args!("--force consents to running out of space only; -f is for less redundancy"));
            }
        })?;
        // A start that is refused says so itself. What was in the way may be gone by now.
        if let Some(refused) = foreseen.as_ref().ok().and_then(Foreseen::refused) {
            complain(format_args!("started without a verdict: there was none, as {refused}"));
        }
        Ok(balance)
    })
}

fn resume(report: &Report, on_interrupt: Interrupt) -> Result<ExitCode> {
    let filesystem = open(&report.path)?;
    let (guard, danger) = Guard::of_paused(&filesystem)?.unzip();
    if let Some(failure) = danger.flatten() {
        complain(format_args!("not resumed: the filesystem would become read-only: {failure}"));
        complain(format_args!("`balance cancel` gives it up; then --dry-run tells the way out"));
        return Ok(ExitCode::from(11));
    }
    run(report, on_interrupt, guard, || Balance::resume(&filesystem))
}

/// Starts or resumes a balance and stays with it to its end or halt.
fn run(
    report: &Report,
    on_interrupt: Interrupt,
    guard: Option<Guard>,
    begin: impl FnOnce() -> btrfs::Result<Balance>,
) -> Result<ExitCode> {
    Ok(ExitCode::from(match stay_with(report, on_interrupt, guard, begin)? {
        BalanceOutcome::Completed(_) => 0,
        BalanceOutcome::Paused(_) | BalanceOutcome::Cancelled(_) => 3,
        _ => 1,
    }))
}

/// The same, and says how it ended.
fn stay_with(
    report: &Report,
    on_interrupt: Interrupt,
    guard: Option<Guard>,
    begin: impl FnOnce() -> btrfs::Result<Balance>,
) -> Result<BalanceOutcome> {
    // Before there is a balance to lose: the kernel cancels it when its process dies.
    let signals = interrupt::hold_back()?;
    let begun = Instant::now();
    let balance = Arc::new(begin()?);
    let progress = Progress::new(report.json)?;
    let listener = Listener::begin(signals, Arc::clone(&balance), on_interrupt, progress.bar.clone())?;
    let guard = guard.map(|guard| guard.watch(Arc::clone(&balance), progress.bar.clone()));
    progress.show(&balance)?;
    listener.end();
    let outcome = balance.join();
    // What it has to say comes before how it ended.
    if let Some(guard) = guard {
        let _ = guard.join();
    }
    let outcome = outcome?;
    report.outcome(outcome, begun.elapsed())?;
    Ok(outcome)
}

fn status(report: &Report) -> Result<ExitCode> {
    let filesystem = open(&report.path)?;
    let status = filesystem.balance_status()?;
    report.status(status.as_ref())?;
    Ok(ExitCode::from(u8::from(status.is_some())))
}

fn pause(report: &Report) -> Result<ExitCode> {
    let filesystem = open(&report.path)?;
    filesystem.pause_balance()?;
    // The kernel says yes also where the balance came to its end meanwhile.
    let status = filesystem.balance_status()?.filter(|status: &BalanceStatus| status.state.is_paused());
    report.paused(status.as_ref())?;
    Ok(ExitCode::SUCCESS)
}

fn cancel(report: &Report) -> Result<ExitCode> {
    open(&report.path)?.cancel_balance()?;
    report.cancelled()?;
    Ok(ExitCode::SUCCESS)
}

fn open(path: &Path) -> Result<Filesystem> {
    Filesystem::open(path).context("opening the filesystem")
}
