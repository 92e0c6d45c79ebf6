//! What the plan promises, by random snapshots and policies; the calendar's odd days; years of daily runs; clocks that
//! jump.

mod calendar;
mod clock;
mod ladder;
mod properties;

use std::time::{Duration, SystemTime};

use proptest::prelude::*;

use super::*;

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;
const YEAR: u64 = 365 * DAY;

/// The rules of Europe/Berlin, whether or not this machine has a database of time zones.
const BERLIN: &str = "CET-1CEST,M3.5.0,M10.5.0/3";
/// Here the clocks went back at a minute past midnight, so that a day is left and entered again.
const ST_JOHNS: &str = "NST3:30NDT,M4.1.0/0:01,M10.5.0/0:01";

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

/// A moment written as `2026-10-25T02:30:00+02:00`.
fn moment(text: &str) -> SystemTime {
    text.parse::<jiff::Timestamp>().unwrap().into()
}

fn time(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn deleted<T: Copy + Ord>(snapshots: &[Snapshot<T>], policy: &Policy, now: SystemTime) -> Vec<T> {
    let plan = plan(snapshots, policy, now);
    let mut ids: Vec<_> = snapshots.iter().zip(plan).filter(|(_, it)| it.is_delete()).map(|(it, _)| it.id).collect();
    ids.sort_unstable();
    ids
}

/// What is left once the plan was followed.
fn followed<T: Copy>(snapshots: &[Snapshot<T>], policy: &Policy, now: SystemTime) -> Vec<Snapshot<T>> {
    let plan = plan(snapshots, policy, now);
    snapshots.iter().zip(plan).filter(|(_, it)| !it.is_delete()).map(|(it, _)| *it).collect()
}

/// Seconds in four years around a change of the clocks, of which some are equal and many share their periods.
fn seconds() -> impl Strategy<Value = u64> {
    let start = 1_790_000_000;
    prop_oneof![
        (0..4 * YEAR).prop_map(move |seconds| start + seconds),
        (0..40 * DAY).prop_map(move |seconds| start + seconds),
        (0..100_u64).prop_map(move |halves| start + halves * HOUR / 2),
        (0..40_u64).prop_map(move |days| start + days * DAY),
    ]
}

/// Few enough to shrink well, many enough that each rule has something to delete. Some are pinned.
fn snapshots() -> impl Strategy<Value = Vec<Snapshot<usize>>> {
    proptest::collection::vec((seconds(), proptest::bool::weighted(0.1)), 0..40).prop_map(|all| {
        let snapshot = |(id, (seconds, pinned))| Snapshot { id, at: at(seconds), pinned };
        all.into_iter().enumerate().map(snapshot).collect()
    })
}

/// Before, among and after the snapshots.
fn now() -> impl Strategy<Value = SystemTime> {
    (1_780_000_000_u64..1_790_000_000 + 8 * YEAR).prop_map(at)
}

/// After all snapshots.
fn later() -> impl Strategy<Value = SystemTime> {
    (1_790_000_000 + 4 * YEAR..1_790_000_000 + 8 * YEAR).prop_map(at)
}

fn zone() -> impl Strategy<Value = Zone> {
    prop_oneof![
        Just(Zone::utc()),
        (-50_000..50_000).prop_map(|seconds| Zone::fixed(seconds).unwrap()),
        Just(Zone::posix(BERLIN)),
        Just(Zone::posix(ST_JOHNS)),
    ]
}

/// The numbers of a policy, so that tests can raise each.
#[derive(Debug, Clone)]
struct Numbers {
    counts: [u32; 6],
    keep_for: Option<u64>,
    max_age: Option<u64>,
    max_gap: Option<u64>,
    zone: Zone,
}

impl Numbers {
    fn policy(&self) -> Policy {
        let [last, hourly, daily, weekly, monthly, yearly] = self.counts;
        let mut policy = Policy::new().keep_last(last).hourly(hourly).daily(daily).weekly(weekly);
        policy = policy.monthly(monthly).yearly(yearly).zone(self.zone.clone());
        policy = self.keep_for.map_or(policy.clone(), |seconds| policy.keep_for(time(seconds)));
        policy = self.max_age.map_or(policy.clone(), |seconds| policy.max_age(time(seconds)));
        self.max_gap.map_or(policy.clone(), |seconds| policy.max_gap(time(seconds)))
    }
}

fn numbers() -> impl Strategy<Value = Numbers> {
    let count = || prop_oneof![Just(0_u32), 0..6_u32];
    let age = |longest: u64| proptest::option::of(prop_oneof![0..40 * DAY, 0..longest]);
    let counts = [count(), count(), count(), count(), count(), count()];
    (counts, age(3 * YEAR), age(4 * YEAR), age(2 * YEAR), zone())
        .prop_map(|(counts, keep_for, max_age, max_gap, zone)| Numbers { counts, keep_for, max_age, max_gap, zone })
}

fn policy() -> impl Strategy<Value = Policy> {
    numbers().prop_map(|numbers| numbers.policy())
}
