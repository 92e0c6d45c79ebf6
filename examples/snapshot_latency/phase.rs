//! What is measured in one phase, and what came of it.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::time::Duration;

use anyhow::Result;
use hdrhistogram::Histogram;
use serde::Serialize;
use serde_json::{Value, json};

use crate::load::{Operation, Ran};

/// What is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum What {
    /// Nothing, for as long as a snapshot takes: what to compare with.
    Nothing,
    Single,
    Group,
}

/// What else is going on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Beside {
    Idle,
    Load,
    /// The load, and much written right before.
    Dirty,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Kind {
    pub(crate) what: What,
    pub(crate) beside: Beside,
    /// Whether it is flushed before, as a part of what is timed.
    pub(crate) flushed: bool,
    /// How many snapshots exist, beside those of a few samples.
    pub(crate) existing: u32,
}

/// What came of a phase. Times are in nanoseconds.
pub(crate) struct Phase {
    pub(crate) kind: Kind,
    pub(crate) took: Histogram<u64>,
    pub(crate) snapshots: u64,
    /// None where the kernel does not count them.
    pub(crate) commits: Option<u64>,
    /// Of so many samples all snapshots were of one transaction.
    pub(crate) in_one_transaction: u64,
    /// How often a sample was begun: more than once only where one transaction is asked for.
    pub(crate) attempts: u64,
    /// Of the whole machine, when the samples began; the sum.
    dirty_bytes: u64,
    pub(crate) held_up: BTreeMap<Operation, HeldUp>,
}

/// How long operations of one kind took that were in flight during samples.
pub(crate) struct HeldUp {
    /// Each of them.
    pub(crate) each: Histogram<u64>,
    /// The longest one of each sample.
    pub(crate) longest: Histogram<u64>,
}

/// One sample.
pub(crate) struct Sample {
    pub(crate) took: Duration,
    pub(crate) snapshots: u64,
    pub(crate) commits: Option<u64>,
    pub(crate) in_one_transaction: bool,
    pub(crate) attempts: u64,
    pub(crate) dirty_bytes: u64,
    pub(crate) in_flight: Vec<(Operation, Vec<Ran>)>,
}

impl Phase {
    pub(crate) fn new(kind: Kind) -> Result<Self> {
        Ok(Self {
            kind,
            took: Histogram::new(3)?,
            snapshots: 0,
            commits: Some(0),
            in_one_transaction: 0,
            attempts: 0,
            dirty_bytes: 0,
            held_up: BTreeMap::new(),
        })
    }

    pub(crate) fn add(&mut self, sample: &Sample) -> Result<()> {
        self.took.record(nanoseconds(sample.took))?;
        self.snapshots += sample.snapshots;
        self.commits = self.commits.zip(sample.commits).map(|(all, more)| all + more);
        self.in_one_transaction += u64::from(sample.in_one_transaction);
        self.attempts += sample.attempts;
        self.dirty_bytes += sample.dirty_bytes;
        let mut longest: BTreeMap<Operation, u64> = BTreeMap::new();
        for (operation, all) in &sample.in_flight {
            for ran in all {
                let took = nanoseconds(ran.end - ran.begin);
                let held_up = match self.held_up.entry(*operation) {
                    Entry::Occupied(entry) => entry.into_mut(),
                    Entry::Vacant(entry) => {
                        entry.insert(HeldUp { each: Histogram::new(3)?, longest: Histogram::new(3)? })
                    }
                };
                held_up.each.record(took)?;
                let most = longest.entry(*operation).or_default();
                *most = took.max(*most);
            }
        }
        for (operation, took) in longest {
            if let Some(held_up) = self.held_up.get_mut(&operation) {
                held_up.longest.record(took)?;
            }
        }
        Ok(())
    }

    /// Commits for each snapshot, where the kernel counts them and there are any.
    pub(crate) fn commits_per_snapshot(&self) -> Option<f64> {
        let number = |value: u64| u32::try_from(value).ok().map(f64::from);
        Some(number(self.commits?)? / number(self.snapshots).filter(|snapshots| *snapshots > 0.0)?)
    }

    pub(crate) fn json(&self) -> Value {
        let held_up: Vec<Value> = self
            .held_up
            .iter()
            .map(|(operation, held_up)| {
                json!({ "operation": operation, "each": distribution(&held_up.each), "longest_of_each_sample": distribution(&held_up.longest) })
            })
            .collect();
        let mut value = json!(self.kind);
        value["samples"] = json!(self.took.len());
        value["snapshots"] = json!(self.snapshots);
        value["commits"] = json!(self.commits);
        value["in_one_transaction"] = json!(self.in_one_transaction);
        value["attempts"] = json!(self.attempts);
        value["mean_dirty_bytes"] = json!(self.dirty_bytes.checked_div(self.took.len()));
        value["nanoseconds"] = distribution(&self.took);
        value["held_up_nanoseconds"] = json!(held_up);
        value
    }
}

/// A percentile, if there are values enough to tell it: one at least has to be beyond.
pub(crate) fn percentile(histogram: &Histogram<u64>, percentile: f64) -> Option<u64> {
    let beyond = 1.0 - percentile / 100.0;
    let values = u32::try_from(histogram.len()).map_or(f64::MAX, f64::from);
    (values * beyond >= 0.999).then(|| histogram.value_at_percentile(percentile))
}

fn distribution(histogram: &Histogram<u64>) -> Value {
    let at = |wanted| percentile(histogram, wanted);
    let curve: Vec<Value> = histogram
        .iter_quantiles(8)
        .map(|point| {
            json!([100.0 * point.quantile_iterated_to(), point.value_iterated_to(), point.count_since_last_iteration()])
        })
        .collect();
    let some = |value: u64| (!histogram.is_empty()).then_some(value);
    json!({
        "samples": histogram.len(),
        "min": some(histogram.min()),
        "p50": at(50.0),
        "p90": at(90.0),
        "p99": at(99.0),
        "p99.9": at(99.9),
        "max": some(histogram.max()),
        // Percentile, value, samples since the last line.
        "histogram": curve,
    })
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX).max(1)
}
