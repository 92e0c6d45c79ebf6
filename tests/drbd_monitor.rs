//! The monitor's tracker, fed with recorded events of real kernels: what `drbdsetup events2` told of the same events is
//! the witness.

#[expect(dead_code, reason = "other tests use the rest")]
#[path = "drbd_facts/captures.rs"]
mod captures;
#[expect(dead_code, reason = "other tests use the rest")]
#[path = "drbd_facts/mod.rs"]
mod facts;
#[expect(dead_code, reason = "other tests use the rest")]
#[path = "drbd_facts/message.rs"]
mod message;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use drbd::Status;
use drbd::monitor::{Cause, Change, Monitor, MonitorOptions, Tracker, Update, Why, difference};
use drbd::netlink::Decoder;
use message::{attributes, command, nest, rewritten};
use proptest::prelude::*;
use proptest::sample::Index;

/// Recorded from before anything was configured.
const STREAMS: [&str; 3] = ["8.4/streams/2", "9/streams/1", "9/streams/3"];

fn directory(stream: &str) -> PathBuf {
    captures::root().join(stream)
}

/// The datagrams of a stream; with each the time it was received, which is of no interest here.
fn datagrams(stream: &str) -> Vec<Vec<u8>> {
    let bytes = std::fs::read(directory(stream).join("netlink-events-stream.bin")).unwrap();
    let mut rest = bytes.as_slice();
    let mut datagrams = Vec::new();
    while let Some((length, after)) = rest.split_first_chunk() {
        let (datagram, after) = after[8..].split_at(usize::try_from(u32::from_le_bytes(*length)).unwrap());
        datagrams.push(datagram.to_vec());
        rest = after;
    }
    datagrams
}

/// The state of a kernel without resources, of that stream's version.
fn nothing(stream: &str) -> Status {
    let (version, capture) =
        if stream.starts_with("8.4") { (1, "8.4/01-unconfigured") } else { (2, "9/24-all-down/a") };
    let status = captures::named(capture).decode().unwrap();
    assert!(status.resources.is_empty() && Decoder::new(version).is_ok());
    status
}

/// All updates of the datagrams, with a model that is kept by them alone.
fn follow(tracker: &mut Tracker, own: &mut Status, datagrams: &[Vec<u8>]) -> Vec<Update> {
    let mut updates = Vec::new();
    for datagram in datagrams {
        tracker.datagram(datagram);
        while let Some(update) = tracker.next_update() {
            update.apply(own);
            assert_eq!(own, tracker.status(), "an update leads from state to state");
            updates.push(update);
        }
    }
    updates
}

fn sequence(datagram: &[u8]) -> u32 {
    u32::from_ne_bytes(datagram[8..12].try_into().unwrap())
}

fn set_sequence(datagram: &mut [u8], sequence: u32) {
    datagram[8..12].copy_from_slice(&sequence.to_ne_bytes());
}

/// Whether its number is of the one count that all but 8.4's older events share.
fn counted(datagram: &[u8]) -> bool {
    command(datagram) != 1
}

/// Every value each state had, in order.
type History = BTreeMap<(String, String), Vec<String>>;
const STATES: [&str; 8] =
    ["role", "suspended", "disk", "connection", "replication", "peer-disk", "resync-suspended", "quorum"];

fn note(history: &mut History, object: &str, facts: &BTreeMap<String, String>) {
    for (key, value) in facts.iter().filter(|(key, _)| STATES.contains(&key.as_str())) {
        let values = history.entry((object.to_owned(), key.clone())).or_default();
        if values.last() != Some(value) {
            values.push(value.clone());
        }
    }
}

#[test]
fn states_change_as_drbdsetup_tells_it() {
    for stream in STREAMS {
        let mut told = History::new();
        let text = std::fs::read_to_string(directory(stream).join("events2-stream.txt")).unwrap();
        let events = drbd::events2::parse(&text).unwrap();
        let mut helpers_told = Vec::new();
        for event in events {
            if event.object == "helper" {
                helpers_told.push((event.action, event.facts["helper"].clone()));
            } else {
                for (object, facts) in facts::of_events2(std::slice::from_ref(&event)) {
                    note(&mut told, &object, &facts);
                }
            }
        }
        let mut own = nothing(stream);
        let mut tracker = Tracker::new(own.clone()).unwrap();
        let (mut history, mut helpers) = (History::new(), Vec::new());
        for datagram in datagrams(stream) {
            for update in follow(&mut tracker, &mut own, &[datagram]) {
                assert_eq!(update.cause, Cause::Event);
                for change in update.changes {
                    if let Change::Helper { name, status, .. } = change {
                        let action = if status.is_some() { "response" } else { "call" };
                        helpers.push((action.to_owned(), name.to_string()));
                    }
                }
            }
            for (object, facts) in facts::of_status(tracker.status()) {
                note(&mut history, &object, &facts);
            }
        }
        assert_eq!(tracker.lost(), None);
        assert!(!tracker.is_waiting());
        // One of the recordings ends before the text does.
        assert!(helpers_told.starts_with(&helpers), "{stream}: {helpers:?} {helpers_told:?}");
        assert!(history.len() >= 10, "{stream}: {history:?}");
        for (of, values) in &history {
            let told = told.get(of).unwrap_or_else(|| panic!("{stream}: drbdsetup doesn't tell of {of:?}"));
            assert!(told.starts_with(values), "{stream}, {of:?}: {values:?}, drbdsetup: {told:?}");
            if !stream.ends_with("9/streams/1") {
                assert_eq!(values, told, "{stream}, {of:?}");
            }
        }
    }
}

#[test]
fn a_change_the_kernel_marks_as_one_is_one_update() {
    for stream in STREAMS {
        let mut own = nothing(stream);
        let mut tracker = Tracker::new(own.clone()).unwrap();
        let mut several = 0;
        let mut open = false;
        for datagram in datagrams(stream).iter().filter(|own| counted(own)) {
            let action = attributes(&datagram[28..]).into_iter().find(|(own, _)| own & 0x3fff == 23).unwrap().1;
            let continues = u32::from_ne_bytes(attributes(&action)[0].1[..4].try_into().unwrap()) & 0x8000 != 0;
            let updates = follow(&mut tracker, &mut own, std::slice::from_ref(datagram));
            if continues {
                assert!(updates.is_empty() && tracker.is_waiting());
                several += 1;
            } else {
                assert!(updates.len() <= 1);
                assert!(!open || updates.len() == 1 || own == *tracker.status());
            }
            open = continues;
        }
        assert!(several >= 10, "{stream}: {several}");
    }
}

#[test]
fn a_split_brain_is_told() {
    let mut own = nothing(STREAMS[0]);
    let mut tracker = Tracker::new(own.clone()).unwrap();
    let updates = follow(&mut tracker, &mut own, &datagrams(STREAMS[0]));
    let told = updates.iter().flat_map(|update| &update.changes).filter(|change| change.is_split_brain()).count();
    let text = std::fs::read_to_string(directory(STREAMS[0]).join("events2-stream.txt")).unwrap();
    let calls = text.lines().filter(|line| line.contains("call helper") && line.ends_with("split-brain")).count();
    assert!(calls > 0);
    assert_eq!(told, calls);
    let json = serde_json::to_string(&updates).unwrap();
    assert!(json.contains(r#""object":"helper""#) && json.contains("split-brain"));
}

#[test]
fn between_any_two_states_the_difference_leads() {
    for folder in [
        &[
            "8.4/06-connected-inconsistent",
            "8.4/07-sync",
            "8.4/12-mounted-btrfs",
            "8.4/17-disconnected",
            "8.4/23-split-brain",
            "8.4/01-unconfigured",
            "8.4/32-two-volumes-sync-dependency",
        ][..],
        &["9/03-sync/a", "9/07-verify/b", "9/18-split-brain/a", "9/24-all-down/a", "9/25-resync-after-dependency/a"],
    ] {
        let states: Vec<Status> = folder.iter().map(|name| captures::named(name).decode().unwrap()).collect();
        for old in &states {
            for new in &states {
                let mut tracker = Tracker::new(old.clone()).unwrap();
                let update = tracker.heal(new.clone());
                assert_eq!(update.changes, difference(old, new));
                assert_eq!(update.changes.is_empty(), old == new);
                let mut own = old.clone();
                update.apply(&mut own);
                assert_eq!(&own, new);
            }
        }
    }
}

#[test]
fn a_message_that_never_comes_is_a_loss_and_counted() {
    let mut own = nothing(STREAMS[2]);
    let all = datagrams(STREAMS[2]);
    let mut tracker = Tracker::new(own.clone()).unwrap();
    follow(&mut tracker, &mut own, &all[..10]);
    follow(&mut tracker, &mut own, &all[13..20]);
    assert_eq!((tracker.lost(), tracker.is_waiting()), (None, true), "it may still come");
    tracker.give_up();
    let lost = tracker.lost().unwrap().clone();
    assert_eq!((&lost.why, lost.messages), (&Why::Gap, Some(3)));
    let fresh = captures::named("9/03-sync/a").decode().unwrap();
    let update = tracker.heal(fresh.clone());
    assert_eq!(update.cause, Cause::Lost(lost));
    update.apply(&mut own);
    assert_eq!(own, fresh);
    assert_eq!((tracker.lost(), tracker.is_waiting()), (None, false));
}

#[test]
fn the_group_is_found() {
    for (name, group) in [("8.4/07-sync", 9), ("9/03-sync/a", 11)] {
        let family = drbd::netlink::Family::parse(&captures::named(name).dump("family")[0]).unwrap();
        // The numbers that the recorder of these captures joined.
        assert_eq!(family.events, Some(group), "{name}: {family:?}");
    }
}

#[test]
fn a_change_that_does_not_go_on_is_a_loss() {
    for stream in STREAMS {
        let own = nothing(stream);
        let mut tracker = Tracker::new(own.clone()).unwrap();
        let mut before = own.clone();
        for datagram in datagrams(stream).iter().filter(|own| counted(own)) {
            follow(&mut tracker, &mut before, std::slice::from_ref(datagram));
            if tracker.is_waiting() {
                break;
            }
        }
        assert_eq!(tracker.lost(), None);
        assert_eq!(tracker.status(), &before, "nothing of it is done before it is whole");
        tracker.give_up();
        assert_eq!(tracker.lost().map(|lost| &lost.why), Some(&Why::Unfinished));
        assert!(tracker.next_update().is_none(), "first it has to be healed");
        assert_eq!(tracker.heal(own.clone()).changes, difference(&before, &own));
    }
}

#[test]
fn what_no_snapshot_has_survives_a_loss() {
    let all: Vec<_> = datagrams(STREAMS[0]).into_iter().filter(|own| counted(own)).collect();
    let helper = all.iter().position(|own| command(own) == 40).unwrap();
    let mut own = nothing(STREAMS[0]);
    let mut tracker = Tracker::new(own.clone()).unwrap();
    follow(&mut tracker, &mut own, &all[..helper - 1]);
    // One message is missing; a call of a helper and states come after it.
    follow(&mut tracker, &mut own, &all[helper..helper + 5]);
    tracker.give_up();
    let update = tracker.heal(own.clone());
    assert!(matches!(update.cause, Cause::Lost(_)));
    let helpers = all[helper..helper + 5].iter().filter(|own| command(own) == 40).count();
    assert_eq!(update.changes.len(), helpers);
    assert!(update.changes.iter().all(|change| matches!(change, Change::Helper { .. })));
    // What comes next is next.
    follow(&mut tracker, &mut own, &all[helper + 5..helper + 6]);
    assert!(tracker.lost().is_none());
}

#[test]
fn where_drbd_is_not_loaded_it_says_so_or_waits() {
    if std::path::Path::new("/sys/module/drbd").exists() {
        return;
    }
    assert!(matches!(Monitor::open(), Err(drbd::Error::NotLoaded)));
    let mut monitor = MonitorOptions::new().wait_for_module().open().unwrap();
    assert!(!monitor.is_loaded() && monitor.status().resources.is_empty());
    assert!(monitor.try_next().unwrap().is_none());
    assert!(monitor.next(Some(Duration::from_millis(30))).unwrap().is_none());
    monitor.refresh();
    let update = monitor.next(None).unwrap().unwrap();
    assert!(update.cause == Cause::Refreshed && update.changes.is_empty());
}

fn stream() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&STREAMS[..])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn messages_out_of_order_are_put_in_order(stream in stream(), swaps in prop::collection::vec((any::<Index>(), 1..20_usize), 1..30)) {
        let mut own = nothing(stream);
        let mut in_order: Vec<_> = datagrams(stream).into_iter().filter(|own| counted(own)).collect();
        let mut tracker = Tracker::new(own.clone()).unwrap();
        let expected = follow(&mut tracker, &mut own, &in_order);
        for (at, by) in swaps {
            // The first sets where counting begins.
            let at = 1 + at.index(in_order.len() - 1);
            let to = (at + by).min(in_order.len() - 1);
            let late = in_order.remove(at);
            in_order.insert(to, late);
        }
        let mut own = nothing(stream);
        let mut tracker = Tracker::new(own.clone()).unwrap();
        let updates = follow(&mut tracker, &mut own, &in_order);
        prop_assert_eq!(tracker.lost(), None);
        prop_assert_eq!(updates, expected);
    }

    #[test]
    fn what_is_dropped_is_told_and_healed(stream in stream(), dropped in prop::collection::vec(any::<Index>(), 1..20)) {
        let mut all: Vec<_> = datagrams(stream).into_iter().filter(|own| counted(own)).collect();
        let last = all.len() - 1;
        let mut missing: Vec<usize> = dropped.iter().map(|index| 1 + index.index(last - 1)).collect();
        missing.sort_unstable();
        missing.dedup();
        for index in missing.iter().rev() {
            all.remove(*index);
        }
        let mut own = nothing(stream);
        let mut tracker = Tracker::new(own.clone()).unwrap();
        let mut told = 0;
        let fresh = nothing(stream);
        for datagram in &all {
            follow(&mut tracker, &mut own, std::slice::from_ref(datagram));
            if let Some(lost) = tracker.lost() {
                told += u64::from(lost.messages.unwrap_or_default());
                tracker.heal(fresh.clone()).apply(&mut own);
                prop_assert_eq!(&own, tracker.status());
            }
        }
        tracker.give_up();
        if let Some(lost) = tracker.lost() {
            told += u64::from(lost.messages.unwrap_or_default());
        }
        prop_assert_eq!(told, u64::try_from(missing.len()).unwrap(), "each is missed, none twice");
        tracker.heal(fresh.clone()).apply(&mut own);
        prop_assert_eq!(&own.resources, &fresh.resources);
        prop_assert!(!tracker.is_waiting());
    }

    #[test]
    fn a_newer_kernels_messages_are_never_lost(stream in stream(), number in 100..0x3fff_u16, at in any::<Index>(), new in 150..=255_u8) {
        let plain = datagrams(stream);
        let mut own = nothing(stream);
        let mut tracker = Tracker::new(own.clone()).unwrap();
        let before = follow(&mut tracker, &mut own, &plain);
        let mut richer: Vec<Vec<u8>> = plain.iter().map(|datagram| rewritten(datagram, |list| {
            for (_, content) in list.iter_mut() {
                let mut own = attributes(content);
                own.push((number, vec![1, 2, 3]));
                *content = nest(&own);
            }
            list.push((number, vec![4, 5]));
        })).collect();
        // And a message of a kind that isn't known, with its place in the count; not within a change.
        let counted: Vec<usize> = (0..richer.len()).filter(|index| counted(&richer[*index])).collect();
        let at = counted[at.index(counted.len())];
        let mut unknown = rewritten(&richer[at], |list| list.retain(|(own, _)| own & 0x3fff != 23));
        unknown[16] = new;
        let place = sequence(&unknown);
        for datagram in richer.iter_mut().skip(at).filter(|own| self::counted(own)) {
            let next = sequence(datagram) + 1;
            set_sequence(datagram, next);
        }
        set_sequence(&mut unknown, place);
        richer.insert(at, unknown);
        let mut own = nothing(stream);
        let mut tracker = Tracker::new(own.clone()).unwrap();
        let after = follow(&mut tracker, &mut own, &richer);
        prop_assert_eq!(tracker.lost(), None);
        let is_unknown = |change: &&Change| matches!(change, Change::Unknown(message) if message.command == new);
        prop_assert_eq!(after.iter().flat_map(|own| &own.changes).filter(is_unknown).count(), 1);
        let helpers = |updates: &[Update]| {
            updates.iter().flat_map(|own| &own.changes).filter(|own| matches!(own, Change::Helper { .. })).count()
        };
        prop_assert_eq!(helpers(&after), helpers(&before));
    }

    #[test]
    fn values_of_a_newer_kernel_are_kept(stream in stream(), number in 0x1000..u32::MAX) {
        // Role; disk; connection and role; replication and peer disk.
        for (nest_number, attribute) in [(15, 1), (16, 1), (17, 1), (17, 2), (18, 1), (18, 2)] {
            let mut own = nothing(stream);
            let mut tracker = Tracker::new(own.clone()).unwrap();
            let datagrams: Vec<_> = datagrams(stream).iter().map(|datagram| rewritten(datagram, |list| {
                for (_, content) in list.iter_mut().filter(|(own, _)| own & 0x3fff == nest_number) {
                    let mut own = attributes(content);
                    for (_, old) in own.iter_mut().filter(|(own, _)| own & 0x3fff == attribute) {
                        *old = number.to_ne_bytes().to_vec();
                    }
                    *content = nest(&own);
                }
            })).collect();
            let updates = follow(&mut tracker, &mut own, &datagrams);
            prop_assert_eq!(tracker.lost(), None);
            let word = format!("unknown({number})");
            prop_assert!(serde_json::to_string(&updates).unwrap().contains(&word));
        }
    }

    #[test]
    fn damaged_events_never_panic_and_heal(stream in stream(), damage in prop::collection::vec((any::<Index>(), any::<Index>(), any::<u8>()), 1..20)) {
        let mut all = datagrams(stream);
        for (which, at, byte) in damage {
            let count = all.len();
            let datagram = &mut all[which.index(count)];
            let at = at.index(datagram.len());
            datagram[at] = byte;
        }
        let mut own = nothing(stream);
        let mut tracker = Tracker::new(own.clone()).unwrap();
        let fresh = nothing(stream);
        for datagram in &all {
            follow(&mut tracker, &mut own, std::slice::from_ref(datagram));
            if tracker.lost().is_some() {
                tracker.heal(fresh.clone()).apply(&mut own);
                prop_assert_eq!(&own, tracker.status());
            }
        }
        tracker.give_up();
        tracker.heal(fresh.clone()).apply(&mut own);
        prop_assert_eq!(&own.resources, &fresh.resources);
    }
}
