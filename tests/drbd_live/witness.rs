//! The model against its witnesses: what `drbdsetup`, `/proc/drbd` and the program say at the same moment.
//!
//! A witness is asked between two native reads. A word it says must be that of one of the two; a number must lie between
//! them. Where nothing moves the two are equal, and so the witness has to agree to the letter.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};
use drbd::{Status, health, proc};
use testbed::command;

use crate::facts::{self, Facts};
use crate::program;

/// What goes up and down by itself while something moves.
const GAUGES: &[&str] = &["pending", "unacked", "upper-pending", "lower-pending"];

/// Every witness agrees with the model; returns the model.
pub(crate) fn agree(step: &str) -> Result<Status> {
    let before = Status::read()?;
    let events = command::run("drbdsetup", ["events2", "--now", "--statistics"])?;
    let events = facts::of_events2(&drbd::events2::parse(&events)?);
    compare(step, "drbdsetup events2", &before, &events, facts::of_status)?;

    let before = Status::read()?;
    let text = command::run("drbdsetup", ["status", "--verbose", "--statistics"])?;
    compare(step, "drbdsetup status", &before, &status_text(&text), |status| drawn(facts::of_status(status)))?;

    let before = Status::read()?;
    let report = proc::read()?;
    let told = report.status().map(|status| facts::by_minor(&status)).unwrap_or_default();
    let of_proc = |status: &Status| {
        let mut own = facts::by_minor(status);
        // What has neither disk nor network is `Unconfigured` there, and nothing else is told.
        own.retain(|object, _| told.contains_key(object));
        for (object, own) in &mut own {
            own.retain(|key, _| key != "rs-total" || told[object].contains_key(key));
        }
        own
    };
    compare(step, "/proc/drbd", &before, &told, of_proc)?;
    let minors: BTreeSet<u32> = report.minors.iter().map(|minor| minor.minor).collect();
    let devices = before.resources.iter().flat_map(|resource| &resource.devices);
    if minors != devices.map(|device| device.minor).collect() {
        bail!("{step}: /proc/drbd lists the minors {minors:?}");
    }

    // The same two witnesses for the program, as any user.
    for uid in [0, 65534] {
        let before = Status::read()?;
        let (json, code) = program::run(uid, &["--json"])?;
        compare(step, "drbd_status --json", &before, &program::facts(&json)?, facts::of_status)?;
        expect_code(step, &before, code)?;
        let text = command::run("drbdsetup", ["status", "--verbose", "--statistics"])?;
        program_and_drbdsetup(step, &program::facts(&json)?, &status_text(&text))?;
    }
    let (screen, code) = program::run(65534, &[])?;
    expect_code(step, &before, code)?;
    let after = Status::read()?;
    for resource in &after.resources {
        let name = resource.name.as_ref().map(ToString::to_string).unwrap_or_default();
        if !screen.lines().any(|line| line.starts_with(&name) && line.contains(&resource.role.to_string())) {
            bail!("{step}: the screen doesn't show {name} as {}:\n{screen}", resource.role);
        }
    }
    Ok(after)
}

/// The words of states, which is what an administrator compares, are the same in the program's JSON and in drbdsetup's
/// text, with nothing of this library between them.
fn program_and_drbdsetup(step: &str, json: &Facts, text: &Facts) -> Result<()> {
    const WORDS: &[&str] = &["role", "suspended", "disk", "connection", "replication", "peer-disk", "resync-suspended"];
    let words = |facts: &Facts| -> Facts {
        let words = |own: &BTreeMap<String, String>| {
            let words = own.iter().filter(|(key, _)| WORDS.contains(&key.as_str()));
            words.map(|(key, word)| (key.clone(), word.clone())).collect()
        };
        facts.iter().map(|(object, own)| (object.clone(), words(own))).collect()
    };
    let differences = facts::differences(&words(&drawn(json.clone())), &words(text));
    // A resync may end between the two.
    if differences.is_empty() || text.values().flat_map(BTreeMap::values).any(|word| word == "SyncSource") {
        return Ok(());
    }
    bail!("{step}: drbd_status --json against drbdsetup status: {differences:?}")
}

fn expect_code(step: &str, before: &Status, code: u8) -> Result<()> {
    let codes = [before, &Status::read()?].map(|status| health::assess_all(status).severity.exit_code());
    if !codes.contains(&code) {
        bail!("{step}: drbd_status exits with {code}, the verdicts are {codes:?}");
    }
    Ok(())
}

fn compare(step: &str, witness: &str, before: &Status, told: &Facts, of: impl Fn(&Status) -> Facts) -> Result<()> {
    let (before, after) = (of(before), of(&Status::read()?));
    let moving = !facts::differences(&before, &after).is_empty();
    let mut wrong = Vec::new();
    for (object, key, own, other) in facts::differences(&before, told) {
        let later = after.get(&object).and_then(|own| own.get(&key)).map_or("-", String::as_str);
        let numbers: Option<Vec<u64>> =
            [own.as_str(), &other, later].map(|word| word.parse().ok()).into_iter().collect();
        let between = match numbers.as_deref() {
            Some(&[own, other, later]) => (own.min(later)..=own.max(later)).contains(&other),
            _ => other == later,
        };
        if !(between || moving && GAUGES.contains(&key.as_str())) {
            wrong.push(format!("{object} {key}: {own} before, {other} there, {later} after"));
        }
    }
    if !wrong.is_empty() {
        bail!("{step}: {witness} tells another story:\n{}", wrong.join("\n"));
    }
    Ok(())
}

/// Without the peers that `drbdsetup status` leaves out on 8.4: those without connection.
pub(crate) fn drawn(mut facts: Facts) -> Facts {
    let standalone = |own: &BTreeMap<String, String>| own.get("connection").is_some_and(|state| state == "StandAlone");
    let gone: Vec<String> = facts
        .iter()
        .filter(|(_, own)| standalone(own))
        .filter_map(|(object, _)| object.strip_prefix("connection ").map(str::to_owned))
        .collect();
    facts.retain(|object, _| {
        !gone
            .iter()
            .any(|name| *object == format!("connection {name}") || object.starts_with(&format!("peer-device {name}/")))
    });
    facts
}

/// The facts of `drbdsetup status --verbose --statistics`. Indentation tells objects apart; deeper lines go on.
pub(crate) fn status_text(text: &str) -> Facts {
    let mut facts = Facts::new();
    let (mut resource, mut object) = (String::new(), String::new());
    for line in text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
        let indent = line.len() - line.trim_start().len();
        let mut words = line.split_whitespace().peekable();
        let volume = |word: Option<&str>| word.and_then(|word| word.strip_prefix("volume:")).map(str::to_owned);
        match (indent, volume(words.peek().copied())) {
            (0, _) => {
                resource = words.next().unwrap_or_default().to_owned();
                object = format!("resource {resource}");
            }
            (2, Some(volume)) => object = format!("device {resource}/{volume}"),
            (2, None) => {
                words.next();
                object = format!("connection {resource}:0");
            }
            (4, Some(volume)) => object = format!("peer-device {resource}:0/{volume}"),
            _ => {}
        }
        let own = facts.entry(object.clone()).or_default();
        let told = words.filter_map(|word| word.split_once(':'));
        own.extend(
            told.filter(|(key, _)| !["volume", "done"].contains(key))
                .map(|(key, word)| (key.to_owned(), word.to_owned())),
        );
    }
    facts
}
