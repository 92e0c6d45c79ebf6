//! Watches DRBD: a line for each change as it happens, as text or JSON; on a terminal with progress bars below.
//!
//! Needs neither drbd-utils nor root: it listens to the kernel itself. DRBD 8.4 and 9.
//!
//! ```text
//! $ drbd_watch
//! 07:57:11 exists resource home: role Primary
//! 07:57:11 exists device home/0: disk UpToDate, size 127.9 MiB
//! 07:57:11 exists connection home to 10.0.0.2:7788: role Secondary, state Connected
//! 07:57:11 exists peer-device home/0 to peer: disk UpToDate, replication Established
//! 07:57:20 changed connection home to 10.0.0.2:7788: role Secondary -> Unknown, state Connected -> TearDown
//! 07:57:20 changed peer-device home/0 to peer: replication Established -> Off
//! ```

mod line;
mod screen;

use std::ffi::OsString;
use std::io::{self, IsTerminal as _};
use std::os::fd::AsFd as _;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use clap::Parser;
use drbd::monitor::{Cause, Monitor, MonitorOptions, Update, difference};
use drbd::{PeerDevice, Status};
use line::Line;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use screen::Screen;

/// Shows DRBD's state, and every change of it as it happens.
///
/// Goes on until Ctrl-C. Where DRBD isn't loaded, or is unloaded, it says so and waits for it.
#[derive(Parser)]
#[command(version, after_help = AFTER_HELP)]
struct Cli {
    /// Resources to watch; all of them if none is named
    #[arg(value_name = "RESOURCE")]
    resources: Vec<OsString>,
    /// Print a line of JSON for each change
    #[arg(long)]
    json: bool,
    /// Print changes of mere counters as text, too
    #[arg(long)]
    statistics: bool,
}

const AFTER_HELP: &str = "\
JSON: objects with \"time\", \"cause\" (snapshot, event, configuration, lost,
refreshed, unloaded, loaded), \"change\" (exists, created, changed, destroyed,
renamed, called, returned), \"object\", \"resource\", \"volume\", \"peer\" and
\"fields\": of each field what it was and what it is. A loss has a line of its
own; the changes after it bring a model up to date.

Exit codes: 0 after Ctrl-C or when nobody reads any more, 1 if DRBD can't be
watched, 2 for a wrong command line.";

/// How often counters are read while blocks are being brought up to date or compared.
const PROGRESS: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    match watch(&Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads may have read enough.
        Err(error) if error.downcast_ref::<io::Error>().is_some_and(|own| own.kind() == io::ErrorKind::BrokenPipe) => {
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("drbd_watch: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn watch(cli: &Cli) -> Result<()> {
    let signals: SigSet = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP].into_iter().collect();
    signals.thread_block().context("holding back signals")?;
    let signals = SignalFd::with_flags(&signals, SfdFlags::SFD_CLOEXEC).context("signalfd")?;
    let mut monitor = MonitorOptions::new().wait_for_module().open()?;
    let mut screen = Screen::new(!cli.json && io::stdout().is_terminal());
    if !monitor.is_loaded() {
        eprintln!("drbd_watch: DRBD is not loaded on this machine; waiting for it (`modprobe drbd` loads it)");
    }
    let mut nothing = monitor.status().clone();
    nothing.resources.clear();
    for change in &difference(&nothing, monitor.status()) {
        Line::new("snapshot", change).existing().print(cli, &screen)?;
    }
    let mut read = Instant::now();
    loop {
        while let Some(update) = monitor.try_next()? {
            tell(cli, &screen, &update)?;
        }
        screen.show(monitor.status())?;
        let moving = screen.is_shown() && is_moving(monitor.status());
        let left = PROGRESS.saturating_sub(read.elapsed());
        let timeout = if moving { PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX) } else { PollTimeout::NONE };
        if wait(&monitor, &signals, timeout)? {
            screen.clear()?;
            return Ok(());
        }
        if moving && read.elapsed() >= PROGRESS {
            monitor.refresh();
            read = Instant::now();
        }
    }
}

/// Until the monitor has something, or the time is over; true if a signal came.
fn wait(monitor: &Monitor, signals: &SignalFd, timeout: PollTimeout) -> Result<bool> {
    let mut both = [PollFd::new(monitor.as_fd(), PollFlags::POLLIN), PollFd::new(signals.as_fd(), PollFlags::POLLIN)];
    match poll(&mut both, timeout) {
        Ok(_) => Ok(both[1].any().unwrap_or(false)),
        Err(nix::Error::EINTR) => Ok(false),
        Err(error) => Err(error).context("poll"),
    }
}

fn tell(cli: &Cli, screen: &Screen, update: &Update) -> Result<()> {
    let cause = match &update.cause {
        Cause::Event => "event",
        Cause::Configuration => "configuration",
        // What the bars need is nothing to tell.
        Cause::Refreshed => "refreshed",
        Cause::Lost(_) => "lost",
        Cause::Unloaded => "unloaded",
        Cause::Loaded { .. } => "loaded",
        _ => "other",
    };
    if matches!(update.cause, Cause::Lost(_) | Cause::Unloaded | Cause::Loaded { .. }) {
        line::of_cause(cause, &update.cause).print(cli, screen)?;
    }
    update.changes.iter().try_for_each(|change| Line::new(cause, change).print(cli, screen))?;
    Ok(())
}

fn is_moving(status: &Status) -> bool {
    let connections = status.resources.iter().flat_map(|own| &own.connections);
    let moving = |own: &PeerDevice| own.replication.is_resync() || own.replication.is_verify();
    connections.flat_map(|own| &own.peer_devices).any(moving)
}
