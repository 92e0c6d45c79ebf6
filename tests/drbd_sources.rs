//! Which source holds which field of the model: that every captured state is the same from each, field by field, and
//! that the table in docs/drbd-sources.md says what they hold.

#[path = "drbd_facts/captures.rs"]
mod captures;
#[path = "drbd_facts/all.rs"]
mod everything;
#[path = "drbd_facts/fields.rs"]
mod fields;
#[path = "drbd_facts/moving.rs"]
mod moving;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use captures::Capture;
use drbd::{Status, events2, json, proc};
use everything::all;
use moving::{MOVING, WENT_ON};
use serde_json::Value;

/// The columns of the table.
const SOURCES: [&str; 6] =
    ["netlink, 8.4", "netlink, 9", "/proc/drbd, 8.4", "events2, 8.4", "events2, 9", "status --json"];

/// The model from every text of a captured state.
fn texts(capture: &Capture) -> Vec<(&'static str, Status)> {
    let mut found = Vec::new();
    let legacy = capture.version == 1;
    if let Some(text) = capture.text("events2.txt") {
        let status = events2::status(&text).unwrap_or_else(|error| panic!("{}: {error}", capture.name));
        found.push((if legacy { SOURCES[3] } else { SOURCES[4] }, status));
    }
    if let Some(text) = capture.text("status.json") {
        let status = json::status(&text).unwrap_or_else(|error| panic!("{}: {error}", capture.name));
        found.push((SOURCES[5], status));
    }
    if let Some(text) = capture.text("proc_drbd.txt") {
        let status = proc::parse(text.as_bytes()).unwrap().status();
        // Plain 9 lists no minors.
        found.extend(status.map(|status| (SOURCES[2], status)));
    }
    for (source, status) in &found {
        assert!(status.unknown_words.is_empty(), "{} {source}: {:?}", capture.name, status.unknown_words);
    }
    found
}

/// The same model with one resource for each minor, as `/proc/drbd` has it. Only of 8.4, whose resources have one peer.
fn by_minor(status: &Status, proc: &Status) -> Status {
    let mut split = proc.clone();
    split.resources.clear();
    for resource in &status.resources {
        for device in &resource.devices {
            // Those without disk and network are not listed.
            if proc.device(device.minor).is_none() {
                continue;
            }
            let mut own = resource.clone();
            own.devices.retain(|other| other.minor == device.minor);
            own.devices[0].volume = None;
            for connection in &mut own.connections {
                connection.peer_devices.retain(|peer| peer.volume == device.volume);
                connection.peer_devices.iter_mut().for_each(|peer| peer.volume = None);
            }
            split.resources.push(own);
        }
    }
    split.resources.sort_by_key(|resource| resource.devices[0].minor);
    for (index, resource) in split.resources.iter_mut().enumerate() {
        resource.name = Some(drbd::Name::new(format!("{index}")));
    }
    split
}

/// Fields that `/proc/drbd` words otherwise: minors have no names, and one flag stands for every reason.
const PROC_OWN: &[&str] = &["resource.name", "resource.suspended", "device.volume", "peer device.volume"];

/// What netlink doesn't tell: rates, shares, and 8.4's verifies.
const ONLY_THERE: &[&str] = &["rate", "done", "finish", "total", "verify.position", "verify.left", "wanted_rate"];

/// Whether netlink and a text can both be right about a field, the text having been read a moment later.
fn agree(capture: &Capture, field: &str, netlink: Option<&Value>, text: Option<&Value>) -> bool {
    let moving = MOVING.iter().any(|(name, _)| *name == capture.name);
    match (netlink, text) {
        (None, Some(_)) => ONLY_THERE.iter().any(|own| field == format!("peer device.resync.{own}")),
        (Some(netlink), Some(text)) => match (netlink.as_f64(), text.as_f64()) {
            (Some(_), Some(_)) if moving => true,
            // Texts round down to a KiB, and this rate to a hundredth of a MiB.
            (Some(netlink), Some(text)) => {
                let most = if field.ends_with("wanted_rate") { 10_486.0 } else { 1023.0 };
                (netlink - text).abs() <= most
            }
            _ => netlink == text || capture.name == WENT_ON[0].0,
        },
        // The JSON tells it while a resync runs.
        (Some(_), None) => moving || field == "peer device.resync_failed",
        (None, None) => true,
    }
}

/// What each source holds, over all captures.
fn held() -> BTreeMap<&'static str, BTreeSet<String>> {
    let mut held = BTreeMap::<&str, BTreeSet<String>>::new();
    for capture in all() {
        let netlink = (SOURCES[usize::from(capture.version == 2)], capture.decode().unwrap());
        for (source, status) in texts(&capture).into_iter().chain([netlink]) {
            let fields = fields::of(&status).into_iter();
            // That no reason is given is told by silence.
            let told = fields.filter(|((_, field), value)| !field.contains("suspended.") || *value == true);
            held.entry(source).or_default().extend(told.map(|((_, field), _)| field));
        }
    }
    held
}

#[test]
fn every_capture_is_the_same_from_every_source() {
    let held = held();
    let mut wrong = Vec::new();
    let mut compared = BTreeMap::<&str, usize>::new();
    for capture in all() {
        let netlink = capture.decode().unwrap();
        for (source, text) in texts(&capture) {
            let proc = source == SOURCES[2];
            let (left, right) = if proc {
                (fields::of(&by_minor(&netlink, &text)), fields::of(&by_minor(&text, &text)))
            } else {
                (fields::of(&netlink), fields::of(&text))
            };
            let objects: BTreeSet<&String> = right.keys().map(|(object, _)| object).collect();
            // What a source holds of some object, it holds of each.
            let told = left
                .keys()
                .filter(|(object, field)| held[source].contains(field) && (objects.contains(object) || !proc));
            for at in right.keys().chain(told) {
                let (object, field) = at;
                if proc && PROC_OWN.iter().any(|own| field.starts_with(own)) {
                    continue;
                }
                *compared.entry(source).or_default() += 1;
                let (left, right) = (left.get(at), right.get(at));
                // A paused resync is drawn nowhere in /proc.
                let undrawn = proc && right.is_none() && field.contains(".resync.");
                if !undrawn && !agree(&capture, field, left, right) {
                    wrong.push(format!(
                        "{} {source}: {object} {field}: netlink {left:?}, there {right:?}",
                        capture.name
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} differences\n{}", wrong.len(), wrong.join("\n"));
    for source in &SOURCES[2..] {
        assert!(compared[source] > 1000, "{compared:?}");
    }
}

#[test]
fn the_table_in_the_docs_is_true() {
    let held = held();
    let all: BTreeSet<&String> = held.values().flatten().collect();
    let mut table = format!("| field | {} |\n|---|{}\n", SOURCES.join(" | "), ":-:|".repeat(SOURCES.len()));
    for field in all {
        let marks = SOURCES.map(|source| if held[source].contains(field) { "yes" } else { "" });
        table += &format!("| `{}` | {} |\n", field.replace("peer device.", "peer_device."), marks.join(" | "));
    }
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/drbd-sources.md");
    let page = fs::read_to_string(page).unwrap();
    assert!(page.contains(&table), "docs/drbd-sources.md should have this table:\n{table}");
}
