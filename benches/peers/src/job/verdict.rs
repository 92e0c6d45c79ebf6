//! A verdict before a balance, against the number of chunks, on filesystems that were never made.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::hint::black_box;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use btrfs::balance::{BalanceRequest, Filters};
use btrfs::preflight::{KernelRules, Operation};
use btrfs::{DevId, Profile};
use trials::synthetic::{DEVICES, filesystem};

use crate::contestant::interleave;
use crate::memory;
use crate::results::{Benchmark, Bound, Role, Row};

use super::Scale;

/// What is foreseen, and of how many chunks.
fn questions() -> [(&'static str, usize, Operation); 6] {
    let everything = Operation::from(BalanceRequest::everything());
    let raid1c3 = Operation::from(BalanceRequest::new().data(Filters::new().convert(Profile::Raid1c3)));
    [
        ("everything balanced, 100 TB", 50_000, everything.clone()),
        ("data converted to raid1c3, 100 TB", 50_000, raid1c3),
        ("a device removed, 100 TB", 50_000, Operation::RemoveDevice(DevId(7))),
        ("everything balanced, 2 TB", 1000, everything.clone()),
        ("everything balanced, 20 TB", 10_000, everything.clone()),
        ("everything balanced, 200 TB", 100_000, everything),
    ]
}

pub(crate) fn run(scale: Scale) -> Result<Benchmark> {
    let questions = questions().map(|(name, full, operation)| (name, scale.of(full, full / 100), operation));
    let mut states = BTreeMap::new();
    for (_, chunks, _) in &questions {
        states.entry(*chunks).or_insert(filesystem(u64::try_from(*chunks)?));
    }
    let rules = KernelRules::default();
    let mut rows: Vec<_> = questions.iter().map(|(name, ..)| Row::new(name, Role::Ours)).collect();
    interleave("verdict", scale.of(11, 2), questions.len(), |_, index| {
        let (_, chunks, operation) = &questions[index];
        let begin = Instant::now();
        black_box(operation.foresee(&states[chunks], &rules));
        rows[index].took(begin.elapsed());
        Ok(())
    })?;
    for (nth, (row, (_, chunks, _))) in rows.iter_mut().zip(&questions).enumerate() {
        row.count("chunks", u64::try_from(*chunks)?);
        row.count("memory, KiB", grown(nth, *chunks)?);
    }
    let slowest = rows.iter().take(3).map(Row::median).fold(0.0, f64::max);
    ensure!(slowest > 0.0, "nothing was measured");
    let how = vec![format!(
        "`Operation::foresee`: the verdict from a state that was read before, of filesystems with {DEVICES} devices and \
         chunks of a gibibyte in raid1, half full. Memory is by how much the peak of a process grows that has the state already."
    )];
    let title = "A verdict before a balance".to_owned();
    let mut benchmark = Benchmark { name: "verdict".into(), title, how, rows, targets: vec![] };
    benchmark.target("seconds, 100 TB on 50 devices", Bound::AtMost(1.0), slowest / 1e9);
    Ok(benchmark)
}

/// The memory of a process of its own that foresees it once.
fn grown(nth: usize, chunks: usize) -> Result<u64> {
    memory::of_another(["one-verdict", &nth.to_string(), &chunks.to_string()].map(OsStr::new))
}

/// That process.
pub(crate) fn child(nth: usize, chunks: usize) -> Result<()> {
    let (.., operation) = questions().into_iter().nth(nth).context("no such question")?;
    let (state, rules) = (filesystem(u64::try_from(chunks)?), KernelRules::default());
    let (grown, _) = memory::grown_by(|| Ok(black_box(operation.foresee(&state, &rules))))?;
    println!("{grown}");
    Ok(())
}
