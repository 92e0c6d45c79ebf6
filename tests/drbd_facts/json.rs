//! `drbdsetup status --json`, as facts.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::facts::Facts;

/// Facts of events2 that `drbdsetup status --json` of drbd-utils 9.22 doesn't have.
pub(crate) const UNSAID: &[&str] = &["open", "backing_dev", "al-suspended", "blocked"];

/// By `drbdsetup events2`'s names: name there, name in the JSON.
type Names = &'static [(&'static str, &'static str)];
const RESOURCE: Names =
    &[("role", "role"), ("force-io-failures", "force-io-failures"), ("write-ordering", "write-ordering")];
const DEVICE: Names = &[
    ("minor", "minor"),
    ("disk", "disk-state"),
    ("client", "client"),
    ("quorum", "quorum"),
    ("size", "size"),
    ("read", "read"),
    ("written", "written"),
    ("al-writes", "al-writes"),
    ("bm-writes", "bm-writes"),
    ("upper-pending", "upper-pending"),
    ("lower-pending", "lower-pending"),
];
const CONNECTION: Names = &[
    ("conn-name", "name"),
    ("connection", "connection-state"),
    ("role", "peer-role"),
    ("congested", "congested"),
    ("ap-in-flight", "ap-in-flight"),
    ("rs-in-flight", "rs-in-flight"),
];
const PEER_DEVICE: Names = &[
    ("replication", "replication-state"),
    ("peer-disk", "peer-disk-state"),
    ("peer-client", "peer-client"),
    ("resync-suspended", "resync-suspended"),
    ("received", "received"),
    ("sent", "sent"),
    ("out-of-sync", "out-of-sync"),
    ("pending", "pending"),
    ("unacked", "unacked"),
];

/// The facts of the JSON.
pub(crate) fn facts(json: &str) -> Facts {
    let json: Value = serde_json::from_str(json).unwrap();
    let mut facts = Facts::new();
    for resource in json.as_array().unwrap() {
        let name = resource["name"].as_str().unwrap();
        let mut own = translated(resource, RESOURCE);
        let reasons = ["user", "no-data", "fencing", "quorum"];
        let why: Vec<&str> =
            reasons.into_iter().filter(|reason| resource[format!("suspended-{reason}")] == true).collect();
        let suspended = if why.is_empty() { "no".to_owned() } else { why.join(",") };
        own.insert("suspended".to_owned(), suspended);
        facts.insert(format!("resource {name}"), own);
        for device in resource["devices"].as_array().unwrap() {
            facts.insert(format!("device {name}/{}", device["volume"]), translated(device, DEVICE));
        }
        for connection in resource["connections"].as_array().unwrap() {
            let node = &connection["peer-node-id"];
            facts.insert(format!("connection {name}:{node}"), translated(connection, CONNECTION));
            for peer in connection["peer_devices"].as_array().unwrap() {
                facts.insert(format!("peer-device {name}:{node}/{}", peer["volume"]), translated(peer, PEER_DEVICE));
            }
        }
    }
    facts
}

fn translated(object: &Value, names: Names) -> BTreeMap<String, String> {
    let words = names.iter().map(|(name, json)| {
        let word = match &object[*json] {
            Value::Bool(true) => "yes".to_owned(),
            Value::Bool(false) => "no".to_owned(),
            Value::String(word) => word.clone(),
            other => other.to_string(),
        };
        ((*name).to_owned(), word)
    });
    words.collect()
}
