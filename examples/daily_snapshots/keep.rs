//! What stays: the policy of the command line, and deleting what is past it.

use std::time::{Duration, SystemTime};

use anyhow::Result;
use btrfs::Filesystem;
use btrfs::retention::{self, Decision, KeepReason, Policy, Snapshot};
use clap::Args;

use crate::moment::{self, Stamp};
use crate::report::Report;
use crate::store::{Doubtful, Store};

const WEEK: Duration = Duration::from_secs(7 * 86_400);

/// A snapshot stays if any of these keeps it.
#[derive(Debug, Args)]
#[command(next_help_heading = "What stays (whatever any of these keeps)")]
pub(crate) struct Keep {
    /// What is younger than this: 7d, 2w, 36h. Default: 7d, unless there is a --keep-...
    #[arg(long, value_name = "TIME", value_parser = moment::duration)]
    keep: Option<Duration>,
    /// The last N.
    #[arg(long, value_name = "N", value_parser = count())]
    keep_last: Option<u32>,
    /// The newest of each of the newest N hours that have one.
    #[arg(long, value_name = "N", value_parser = count())]
    keep_hourly: Option<u32>,
    /// The same for days.
    #[arg(long, value_name = "N", value_parser = count())]
    keep_daily: Option<u32>,
    /// The same for weeks, from Monday to Sunday.
    #[arg(long, value_name = "N", value_parser = count())]
    keep_weekly: Option<u32>,
    /// The same for months.
    #[arg(long, value_name = "N", value_parser = count())]
    keep_monthly: Option<u32>,
    /// The same for years.
    #[arg(long, value_name = "N", value_parser = count())]
    keep_yearly: Option<u32>,
    /// Nothing of this age or older, whatever keeps it, except the pinned and the newest.
    #[arg(long, value_name = "TIME", value_parser = moment::duration)]
    max_age: Option<Duration>,
    /// A longer time without snapshots does not count for ages: the clock may have leapt ahead. Default: 100d for
    /// --keep, 800d for --max-age.
    #[arg(long, value_name = "TIME", value_parser = moment::duration)]
    max_gap: Option<Duration>,
}

fn count() -> clap::builder::RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(1..)
}

impl Keep {
    /// Stamps are civil time already, so the policy's zone is UTC.
    pub(crate) fn policy(&self) -> Policy {
        let counts =
            [self.keep_last, self.keep_hourly, self.keep_daily, self.keep_weekly, self.keep_monthly, self.keep_yearly];
        let by_default = counts.iter().all(Option::is_none).then_some(WEEK);
        let [last, hourly, daily, weekly, monthly, yearly] = counts.map(Option::unwrap_or_default);
        let mut policy = Policy::new().keep_last(last).hourly(hourly).daily(daily).weekly(weekly);
        policy = policy.monthly(monthly).yearly(yearly);
        if let Some(age) = self.keep.or(by_default) {
            policy = policy.keep_for(age);
        }
        if let Some(age) = self.max_age {
            policy = policy.max_age(age);
        }
        if let Some(gap) = self.max_gap {
            policy = policy.max_gap(gap);
        }
        policy
    }
}

/// Deletes what is past the policy of one source, and only what is proven to be ours.
pub(crate) fn expire(
    store: &Store,
    filesystem: &Filesystem,
    policy: &Policy,
    stamp: &Stamp,
    change: bool,
    report: &mut Report,
) -> Result<()> {
    let contents = store.contents()?;
    for Doubtful { path, why } in contents.doubtful {
        report.left_alone(&path, why);
    }
    let mut snapshots = Vec::new();
    for own in &contents.own {
        let snapshot = Snapshot::new(Some(own), own.stamp.moment()?);
        snapshots.push(if own.pinned { snapshot.pinned() } else { snapshot });
    }
    // The one this run takes, or in a dry run would take, counts in any case.
    snapshots.push(Snapshot::new(None, stamp.moment()?));
    let mut decisions = retention::plan(&snapshots, policy, stamp.moment()?);
    let now = SystemTime::now();
    if contents.own.iter().any(|own| own.made.is_some_and(|made| made > now)) {
        decisions.fill(Decision::Keep { reasons: vec![KeepReason::ClockWentBackwards] });
    }
    let reasons = || decisions.iter().flat_map(Decision::keep_reasons);
    if reasons().any(|reason| matches!(reason, KeepReason::ClockWentBackwards)) {
        report.clock_went_backwards(&store.path, stamp);
    } else if reasons().any(|reason| matches!(reason, KeepReason::ClockMayHaveLeapt { .. })) {
        report.clock_may_have_leapt(&store.path);
    }
    for (snapshot, decision) in snapshots.iter().zip(decisions) {
        let Some(own) = snapshot.id else { continue };
        let path = store.path_of(&own.stamp);
        if change && decision.is_delete() {
            if let Err(error) = store.delete(filesystem, own) {
                report.failed(format!("{}: {error:#}", path.display()));
                continue;
            }
        }
        report.decided(&path, own.id, decision);
    }
    Ok(())
}
