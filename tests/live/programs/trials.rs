//! A short form of `cargo xtask trials`: few and small random filesystems, with the kernel as judge.

use anyhow::{Context, Result, ensure};
use testbed::harness::Test;
use trials::{How, Kind, trial};

pub(crate) const TESTS: &[Test] = testbed::tests![
    what_is_said_of_a_balance_comes_true,
    what_is_said_of_a_device_that_leaves_comes_true,
    a_plan_reaches_what_would_fail,
    what_is_said_to_fit_does,
];

fn how() -> How {
    How { small: true, ..How::default() }
}

fn comes_true(kind: Kind, seeds: std::ops::Range<u64>) -> Result<()> {
    for seed in seeds {
        let record = trial(kind, seed, &how())?.context("a record")?;
        ensure!(record.came_true(), "{record:?}");
    }
    Ok(())
}

fn what_is_said_of_a_balance_comes_true() -> Result<()> {
    comes_true(Kind::Balance, 21..24)
}

fn what_is_said_of_a_device_that_leaves_comes_true() -> Result<()> {
    comes_true(Kind::Leave, 21..24)
}

fn a_plan_reaches_what_would_fail() -> Result<()> {
    // The first that would fail.
    for seed in 21..40 {
        let Some(record) = trial(Kind::Plan, seed, &how())? else { continue };
        ensure!(record.plan.is_some() && record.came_true(), "{record:?}");
        return Ok(());
    }
    anyhow::bail!("nothing would fail")
}

fn what_is_said_to_fit_does() -> Result<()> {
    for seed in 21..23 {
        let record = trial(Kind::Usage, seed, &how())?.context("a record")?;
        ensure!(record.usage.is_some() && record.came_true(), "{record:?}");
    }
    Ok(())
}
