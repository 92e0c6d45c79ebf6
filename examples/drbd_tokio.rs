//! DRBD's changes in a tokio event loop, here with an end in time: a line for each update, for as long as asked.
//!
//! ```text
//! $ drbd_tokio 60
//! 2 resources; waiting for changes
//! event: 3 changes
//! 60 seconds are over
//! ```

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result};
use drbd::monitor::{Monitor, MonitorOptions, Update};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::time::{Instant, timeout_at};

/// A monitor that tokio waits for.
struct Changes(AsyncFd<Monitor>);

impl Changes {
    #[expect(deprecated, reason = "its successor is unsafe; the monitor keeps its descriptor for as long as it lives")]
    fn new(monitor: Monitor) -> std::io::Result<Self> {
        AsyncFd::with_interest(monitor, Interest::READABLE).map(Self)
    }

    /// The next update. May be dropped and called again: nothing is lost between.
    async fn next(&mut self) -> Result<Update> {
        loop {
            // First asked, then waited for: only when there is nothing more does readiness begin anew.
            if let Some(update) = self.0.get_mut().try_next()? {
                return Ok(update);
            }
            self.0.readable_mut().await?.clear_ready();
        }
    }
}

fn main() -> ExitCode {
    match watch() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("drbd_tokio: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn watch() -> Result<()> {
    let seconds = std::env::args().nth(1).unwrap_or_else(|| "10".to_owned());
    let seconds = seconds.parse().with_context(|| format!("{seconds}: how many seconds to watch is a whole number"))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(until_over(Duration::from_secs(seconds)))
}

async fn until_over(time: Duration) -> Result<()> {
    let monitor = MonitorOptions::new().wait_for_module().open()?;
    println!("{} resources; waiting for changes", monitor.status().resources.len());
    let mut changes = Changes::new(monitor)?;
    let over = Instant::now() + time;
    while let Ok(update) = timeout_at(over, changes.next()).await {
        let update = update?;
        println!("{:?}: {} changes", update.cause, update.changes.len());
    }
    println!("{} seconds are over", time.as_secs());
    Ok(())
}
