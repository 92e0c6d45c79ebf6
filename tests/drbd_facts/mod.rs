//! DRBD's state as facts: for each object, key and value in the words of `drbdsetup events2`.
//!
//! Every source is brought to this one form, so that any two can be compared, fact by fact.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use drbd::events2::Event;
use drbd::{Bytes, Connection, Device, PeerDevice, Resource, Status};

/// By object, such as `device a/0`.
pub(crate) type Facts = BTreeMap<String, BTreeMap<String, String>>;

/// What `drbdsetup` works out by itself; the kernel doesn't say it.
const DERIVED: &[&str] = &["may_promote", "promotion_score", "done", "dbdt1", "eta"];

/// The facts of a model, as far as `drbdsetup events2 --statistics` has words for them.
pub(crate) fn of_status(status: &Status) -> Facts {
    let mut facts = Facts::new();
    for resource in &status.resources {
        let name = resource.name.as_ref().expect("netlink names every resource");
        facts.insert(format!("resource {name}"), of_resource(resource));
        for device in &resource.devices {
            let volume = device.volume.expect("netlink numbers every volume");
            facts.insert(format!("device {name}/{volume}"), of_device(device));
        }
        for connection in &resource.connections {
            // What drbdsetup makes up for 8.4, which has no numbers.
            let node = connection.peer_node_id.unwrap_or(0);
            facts.insert(format!("connection {name}:{node}"), of_connection(connection));
            for path in connection.paths.iter().filter(|path| path.established.is_some()) {
                let object = format!("path {name}:{node} {} {}", path.local, path.peer);
                facts.insert(object, set([("established", path.established.map(yes))]));
            }
            for peer in &connection.peer_devices {
                let volume = peer.volume.expect("netlink numbers every volume");
                facts.insert(format!("peer-device {name}:{node}/{volume}"), of_peer_device(peer));
            }
        }
    }
    facts
}

fn of_resource(resource: &Resource) -> BTreeMap<String, String> {
    set([
        ("role", text(&resource.role)),
        ("suspended", text(&resource.suspended)),
        ("force-io-failures", resource.fail_io.map(yes)),
        ("write-ordering", resource.write_ordering.as_ref().map(ToString::to_string)),
    ])
}

fn of_device(device: &Device) -> BTreeMap<String, String> {
    let blocked = match (device.upper_blocked, device.lower_blocked) {
        (Some(false), Some(false)) => "no",
        (Some(true), Some(false)) => "upper",
        (Some(false), Some(true)) => "lower",
        _ => "upper,lower",
    };
    let backing_dev = device.backing_dev.as_ref().map_or("none".to_owned(), |path| path.display().to_string());
    // On 8.4 the backing device is configuration, not state.
    let is_9 = device.client.is_some();
    set([
        ("minor", text(&device.minor)),
        ("disk", text(&device.disk)),
        ("client", device.client.map(yes)),
        ("quorum", device.quorum.map(yes)),
        ("open", device.open.map(yes)),
        ("backing_dev", is_9.then_some(backing_dev)),
        ("size", kib(device.size)),
        ("read", kib(device.read)),
        ("written", kib(device.written)),
        ("al-writes", number(device.al_writes)),
        ("bm-writes", number(device.bm_writes)),
        ("upper-pending", number(device.upper_pending)),
        ("lower-pending", number(device.lower_pending)),
        ("al-suspended", device.al_suspended.map(yes)),
        ("blocked", text(&blocked)),
    ])
}

fn of_connection(connection: &Connection) -> BTreeMap<String, String> {
    let sectors = |amount: Option<Bytes>| amount.map(|amount| (amount.0 / 512).to_string());
    set([
        ("connection", text(&connection.state)),
        ("role", text(&connection.role)),
        ("congested", connection.congested.map(yes)),
        // drbdsetup prints these two in sectors.
        ("ap-in-flight", sectors(connection.ap_in_flight)),
        ("rs-in-flight", sectors(connection.rs_in_flight)),
        ("conn-name", connection.name.as_ref().map(ToString::to_string)),
    ])
}

fn of_peer_device(peer: &PeerDevice) -> BTreeMap<String, String> {
    set([
        ("replication", text(&peer.replication)),
        ("peer-disk", text(&peer.disk)),
        ("peer-client", peer.client.map(yes)),
        ("resync-suspended", text(&peer.resync_suspended)),
        ("received", kib(peer.received)),
        ("sent", kib(peer.sent)),
        ("out-of-sync", kib(peer.out_of_sync)),
        ("pending", number(peer.pending)),
        ("unacked", number(peer.unacked)),
    ])
}

/// The facts of `drbdsetup events2 --now --statistics`.
pub(crate) fn of_events2(events: &[Event]) -> Facts {
    let mut facts = Facts::new();
    let is_9 = events.iter().any(|event| event.facts.contains_key("backing_dev") || event.object == "path");
    for event in events.iter().filter(|event| event.object != "-") {
        let mut own = event.facts.clone();
        let mut key = |name: &str| own.remove(name).unwrap_or_default();
        let (name, node) = (key("name"), key("peer-node-id"));
        let object = match event.object.as_str() {
            "resource" => name,
            "connection" => format!("{name}:{node}"),
            "device" => format!("{name}/{}", key("volume")),
            "peer-device" => format!("{name}:{node}/{}", key("volume")),
            "path" => format!("{name}:{node} {} {}", key("local"), key("peer")),
            other => panic!("events2 lists an object of a new kind, {other}"),
        };
        if !is_9 || event.object != "connection" {
            own.remove("conn-name");
        }
        own.retain(|key, _| !DERIVED.contains(&key.as_str()));
        facts.insert(format!("{} {object}", event.object), own);
    }
    facts
}

/// The facts `/proc/drbd` has, by minor. Only for models of one peer, as all of 8.4's.
pub(crate) fn by_minor(status: &Status) -> Facts {
    let mut facts = Facts::new();
    for resource in &status.resources {
        for device in &resource.devices {
            let mut own = of_device(device);
            own.extend(of_resource(resource));
            for (connection, peer) in resource.peers_of(device) {
                own.extend(of_peer_device(peer));
                own.insert("connection".to_owned(), connection.state.to_string());
                own.insert("peer-role".to_owned(), connection.role.to_string());
                own.extend(set([("protocol", connection.protocol.as_ref().map(ToString::to_string))]));
                own.extend(set([("rs-total", kib(peer.resync.as_ref().and_then(|resync| resync.total)))]));
            }
            own.retain(|key, _| !["blocked", "size"].contains(&key.as_str()));
            // One letter for every reason.
            own.insert("suspended".to_owned(), yes(resource.suspended.any()));
            facts.insert(format!("minor {}", device.minor), own);
        }
    }
    facts
}

/// What differs: object, key, and the two values, `-` for none.
pub(crate) fn differences(left: &Facts, right: &Facts) -> Vec<(String, String, String, String)> {
    let objects: BTreeSet<&String> = left.keys().chain(right.keys()).collect();
    let empty = BTreeMap::new();
    let mut differences = Vec::new();
    for object in objects {
        let (left, right) = (left.get(object).unwrap_or(&empty), right.get(object).unwrap_or(&empty));
        let keys: BTreeSet<&String> = left.keys().chain(right.keys()).collect();
        for key in keys.into_iter().filter(|key| left.get(*key) != right.get(*key)) {
            let value = |facts: &BTreeMap<String, String>| facts.get(key).cloned().unwrap_or_else(|| "-".to_owned());
            differences.push((object.clone(), key.clone(), value(left), value(right)));
        }
    }
    differences
}

pub(crate) fn set<const N: usize>(facts: [(&str, Option<String>); N]) -> BTreeMap<String, String> {
    facts.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
}

fn text(value: &impl Display) -> Option<String> {
    Some(value.to_string())
}

fn kib(amount: Option<Bytes>) -> Option<String> {
    amount.map(|amount| amount.kib().to_string())
}

fn number<T: Display>(number: Option<T>) -> Option<String> {
    number.map(|number| number.to_string())
}

fn yes(flag: bool) -> String {
    if flag { "yes" } else { "no" }.to_owned()
}
