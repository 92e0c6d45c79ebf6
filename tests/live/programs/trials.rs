//! A short form of `cargo xtask trials`: few and small random filesystems, with the kernel as judge.

use anyhow::{Context, Result, ensure};
use testbed::harness::Test;
use trials::record::{Did, Said};
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
        let right = match record.foreseen.said {
            Said::Safe => record.did == Did::Well,
            Said::Fail => record.did != Did::Well,
            Said::Tight => true,
            Said::Refused => record.did == Did::Refused,
        };
        ensure!(right, "{record:?}");
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
        let plan = record.plan.as_ref().context("a plan")?;
        ensure!(plan.promised && plan.reached && plan.writable && plan.data_intact, "{record:?}");
        return Ok(());
    }
    anyhow::bail!("nothing would fail")
}

fn what_is_said_to_fit_does() -> Result<()> {
    for seed in 21..23 {
        let record = trial(Kind::Usage, seed, &how())?.context("a record")?;
        let usage = record.usage.as_ref().context("figures")?;
        ensure!(usage.differing.is_empty() && usage.foreseen.abs_diff(usage.filled) <= usage.chunk, "{record:?}");
    }
    Ok(())
}
