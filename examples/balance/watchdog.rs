//! The watchdog: while a balance runs, what is left of it is predicted again, and it is paused before it makes the
//! filesystem read-only.

use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use btrfs::balance::{Counters, Filters};
use btrfs::preflight::{Failure, FsState, KernelRules, Watchdog};
use btrfs::{Balance, BalanceRequest, Filesystem};
use indicatif::ProgressBar;

use crate::report::complain;

pub(crate) struct Guard {
    filesystem: Filesystem,
    watchdog: Watchdog,
}

/// Looking takes a third of the time at the most, which is mostly waiting for the kernel.
const SHARE: u32 = 2;
const SHORTEST: Duration = Duration::from_millis(20);
const LONGEST: Duration = Duration::from_secs(60);

impl Guard {
    /// For a balance that is about to begin.
    pub(crate) fn new(filesystem: &Filesystem, watchdog: Watchdog) -> btrfs::Result<Self> {
        Ok(Self { filesystem: filesystem.try_clone()?, watchdog })
    }

    /// For the one that is paused, and how that would make the filesystem read-only from the start; `None` where none is.
    pub(crate) fn of_paused(filesystem: &Filesystem) -> Result<Option<(Self, Option<Failure>)>> {
        let status = filesystem.balance_status()?.filter(|status| status.state.is_paused());
        let Some(status) = status else { return Ok(None) };
        let now = FsState::read_without_extents(filesystem).context("reading the state for the watchdog")?;
        let watchdog = Watchdog::new(&now, &resumed(status.request), &KernelRules::running()?);
        let danger = watchdog.look(&now, &Counters::default());
        Ok(Some((Self::new(filesystem, watchdog)?, danger)))
    }

    /// Looks at what is left, time and again, until the balance is over; pauses it where that would end badly.
    pub(crate) fn watch(self, balance: Arc<Balance>, bar: ProgressBar) -> JoinHandle<()> {
        thread::spawn(move || {
            while !balance.is_over() {
                let begun = Instant::now();
                match self.look(&balance) {
                    Ok(None) => thread::sleep(begun.elapsed().saturating_mul(SHARE).clamp(SHORTEST, LONGEST)),
                    Ok(Some(failure)) => {
                        let says = "watchdog: others have taken the room it counted on; paused before it fails";
                        bar.suspend(|| complain(format_args!("{says}: {failure}")));
                        bar.suspend(|| complain(format_args!("make room or add a device and resume it, or cancel it")));
                        break;
                    }
                    Err(error) => {
                        bar.suspend(|| complain(format_args!("watchdog: gives up: {error}")));
                        break;
                    }
                }
            }
        })
    }

    /// Pauses the balance where what is left of it would end badly, and says how.
    fn look(&self, balance: &Balance) -> btrfs::Result<Option<Failure>> {
        let now = FsState::read_uncommitted(&self.filesystem)?;
        let Some(status) = balance.progress()? else { return Ok(None) };
        let danger = self.watchdog.look(&now, &status.counters);
        if danger.is_some() {
            balance.pause()?;
        }
        Ok(danger)
    }
}

/// What the kernel makes of a request that it goes on with: `update_balance_args` in volumes.c, Linux 6.18.
fn resumed(mut request: BalanceRequest) -> BalanceRequest {
    let softer = |filters: Filters| match (filters.convert, &filters.usage) {
        (Some(_), _) => filters.soft(),
        (None, Some(_)) => filters,
        (None, None) => filters.usage(0..90),
    };
    request.data = request.data.map(softer);
    request.metadata = request.metadata.map(softer);
    request.system = request.system.map(softer);
    request
}
