//! What the program says: a table for people, an object for programs, a chart.

use std::io::{Write, stdout};

use anyhow::{Context, Result};
use charts::{PercentileChart, Unit};
use hdrhistogram::Histogram;
use serde_json::{Value, json};

use crate::arguments::Arguments;
use crate::load::Operation;
use crate::machine;
use crate::phase::{Beside, Kind, Phase, What, percentile};
use crate::place::Place;

/// Changes when a program that reads the object would have to.
const SCHEMA: u32 = 1;

/// What is known before anything is measured.
pub(crate) fn facts(arguments: &Arguments, place: &Place) -> Result<Value> {
    Ok(json!({
        "schema": SCHEMA,
        "program": { "name": env!("CARGO_BIN_NAME"), "version": env!("CARGO_PKG_VERSION") },
        "kernel": machine::kernel()?,
        "date": jiff::Timestamp::now().to_string(),
        "filesystem": { "fsid": place.filesystem.fsid(), "path": arguments.path.display().to_string() },
        "parameters": {
            "existing": arguments.existing,
            "count": arguments.count,
            "group": arguments.group,
            "load_writers": arguments.load,
            "load_mib_per_second": arguments.rate,
            "dirty_mib": arguments.dirty,
            "dirty_count": arguments.dirty_count(),
            "flush": arguments.flush,
            "one_moment": arguments.one_moment,
            "seed": arguments.seed,
        },
    }))
}

/// The table, and below it how writers were held up.
pub(crate) fn text(arguments: &Arguments, phases: &[Phase]) -> Result<String> {
    let mut out = format!(
        "{:<31}{:>9}{:>10}{:>10}{:>10}{:>10}{:>10}{:>10}\n",
        "taking a snapshot", "existing", "p50", "p90", "p99", "p99.9", "max", "commits"
    );
    for phase in phases.iter().filter(|phase| phase.kind.what != What::Nothing) {
        let at = |wanted| percentile(&phase.took, wanted).map_or_else(|| "-".to_owned(), time);
        let commits = phase.commits_per_snapshot().map_or_else(|| "-".to_owned(), |commits| format!("{commits:.2}"));
        out += &format!(
            "{:<31}{:>9}{:>10}{:>10}{:>10}{:>10}{:>10}{commits:>10}\n",
            label(arguments, phase.kind),
            phase.kind.existing,
            at(50.0),
            at(90.0),
            at(99.0),
            at(99.9),
            time(phase.took.max()),
        );
    }
    if arguments.one_moment {
        out += "\ngroups that are in one transaction\n";
        for phase in phases.iter().filter(|phase| phase.kind.what == What::Group) {
            let (label, kind) = (label(arguments, phase.kind), phase.kind);
            let (one, samples, attempts) = (phase.in_one_transaction, phase.took.len(), phase.attempts);
            out += &format!("{label:<31}{:>9}   {one} of {samples}, by {attempts} attempts\n", kind.existing);
        }
    }
    let dirty: Vec<&Phase> = phases.iter().filter(|phase| phase.kind.beside == Beside::Dirty).collect();
    if !dirty.is_empty() {
        out += &format!(
            "\nwriters held up with {} MiB written right before: the longest operation in flight during each of {}\n",
            arguments.dirty,
            arguments.dirty_count()
        );
        out += &format!("{:<24}", "");
        for phase in &dirty {
            out += &format!("{:>24}", condition(phase.kind));
        }
        out += &format!("\n{:<24}", "");
        for _ in &dirty {
            out += &format!("{:>12}{:>12}", "p50", "max");
        }
        out += "\n";
        for operation in [Operation::Write, Operation::CreateRename, Operation::Fsync] {
            out += &format!("{:<24}", name(operation));
            for phase in &dirty {
                let longest = phase.held_up.get(&operation).map(|held_up| &held_up.longest);
                let middle = longest.and_then(|longest| percentile(longest, 50.0));
                let most = longest.map(Histogram::max);
                let text = |value: Option<u64>| value.map_or_else(|| "-".to_owned(), time);
                out += &format!("{:>12}{:>12}", text(middle), text(most));
            }
            out += "\n";
        }
    }
    Ok(out)
}

/// The object.
pub(crate) fn object(facts: &Value, phases: &[Phase]) -> Value {
    let mut object = facts.clone();
    object["phases"] = phases.iter().map(Phase::json).collect();
    object
}

/// The percentiles of the last round, with the most snapshots existing.
pub(crate) fn chart(arguments: &Arguments, kernel: &str, phases: &[Phase]) -> Result<String> {
    let existing = phases.last().context("nothing was measured")?.kind.existing;
    let round: Vec<&Phase> =
        phases.iter().filter(|phase| phase.kind.existing == existing && phase.kind.beside != Beside::Dirty).collect();
    let middle = |beside| {
        let phase = round.iter().find(|phase| (phase.kind.what, phase.kind.beside) == (What::Single, beside));
        phase.map(|phase| time(phase.took.value_at_percentile(50.0))).context("a phase is missing")
    };
    let title = format!(
        "{existing} snapshots exist, one more takes {}, under load {} (p50)",
        middle(Beside::Idle)?,
        middle(Beside::Load)?
    );
    let subtitle = format!(
        "btrfs on Linux {kernel}, {} samples of each; load: {} MiB/s by {} writers",
        arguments.count, arguments.rate, arguments.load
    );
    let chart = PercentileChart::new(title).subtitle(subtitle).axis(
        "time of taking it",
        Unit::Seconds,
        charts::Scale::Log,
        charts::Better::Lower,
    );
    let chart = round.iter().fold(chart, |chart, phase| chart.histogram(label(arguments, phase.kind), &phase.took));
    Ok(chart.render()?)
}

/// Prints a text that ends with a newline.
pub(crate) fn print(text: &str) -> Result<()> {
    stdout().write_all(text.as_bytes()).context("printing")
}

/// `group of 8, load, flushed`.
pub(crate) fn label(arguments: &Arguments, kind: Kind) -> String {
    let what = match kind.what {
        What::Nothing => "nothing".to_owned(),
        What::Single => "single".to_owned(),
        What::Group => format!("group of {}", arguments.group),
    };
    let beside = match kind.beside {
        Beside::Idle => "idle".to_owned(),
        Beside::Load => "load".to_owned(),
        Beside::Dirty => format!("{} MiB dirty", arguments.dirty),
    };
    format!("{what}, {beside}{}", if kind.flushed { ", flushed" } else { "" })
}

fn condition(kind: Kind) -> &'static str {
    match (kind.what, kind.flushed) {
        (What::Nothing, _) => "no snapshot",
        (_, false) => "snapshot",
        (_, true) => "flush and snapshot",
    }
}

fn name(operation: Operation) -> &'static str {
    match operation {
        Operation::Write => "write 128 KiB",
        Operation::CreateRename => "create and rename",
        Operation::Fsync => "write 4 KiB and fsync",
    }
}

/// Nanoseconds, for people.
fn time(nanoseconds: u64) -> String {
    Unit::Seconds.write(std::time::Duration::from_nanos(nanoseconds).as_secs_f64())
}
