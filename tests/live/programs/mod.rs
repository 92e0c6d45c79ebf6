//! The programs, as an administrator runs them.

use testbed::harness::Test;

mod balance;
mod balance_rescue;
mod balance_verdict;
mod balance_watchdog;
mod daily_snapshots;
mod demo;
mod snapshot_latency;
mod subvolumes;
mod trials;
mod usage;

pub(crate) const MODULES: &[(&str, &[Test])] = &[
    ("balance_program", balance::TESTS),
    ("balance_rescue", balance_rescue::TESTS),
    ("balance_verdict", balance_verdict::TESTS),
    ("balance_watchdog", balance_watchdog::TESTS),
    ("daily_snapshots", daily_snapshots::TESTS),
    ("daily_snapshots_keep", daily_snapshots::keep::TESTS),
    ("demo", demo::TESTS),
    ("snapshot_latency", snapshot_latency::TESTS),
    ("subvolumes_program", subvolumes::TESTS),
    ("trials", trials::TESTS),
    ("usage_program", usage::TESTS),
];
