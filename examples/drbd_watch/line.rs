//! One change as a line: text, or JSON.

use std::io::{self, Write as _};
use std::os::unix::ffi::OsStrExt as _;

use drbd::Name;
use drbd::monitor::{Cause, Change, Lost, Peer};
use serde_json::{Map, Value, json};

use crate::Cli;
use crate::screen::Screen;

/// Fields that count, or that `drbdsetup show` would print, and that text leaves out.
const COUNTERS: [&str; 33] = [
    "read",
    "written",
    "al_writes",
    "bm_writes",
    "upper_pending",
    "lower_pending",
    "upper_blocked",
    "lower_blocked",
    "al_suspended",
    "exposed_uuid",
    "current_uuid",
    "history_uuids",
    "meta_data_flags",
    "received",
    "sent",
    "pending",
    "unacked",
    "out_of_sync",
    "resync_failed",
    "bitmap_uuid",
    "flags",
    "uuid_flags",
    "resync",
    "ap_in_flight",
    "rs_in_flight",
    "congested",
    "write_ordering",
    "options",
    "node_id",
    "backing_dev",
    "meta_dev",
    "paths",
    "protocol",
];
/// Which object it is; told before the fields.
const IDENTITY: [&str; 6] = ["name", "volume", "minor", "peer_node_id", "devices", "connections"];

/// A change, ready to be printed.
pub(crate) struct Line {
    resource: Option<Name>,
    json: Map<String, Value>,
    object: String,
}

impl Line {
    pub(crate) fn new(cause: &str, change: &Change) -> Self {
        match change {
            Change::Resource { resource, old, new } => {
                Self::of(cause, "resource", resource, &json!(old), &json!(new), format!("resource {resource}"))
            }
            Change::Device { resource, old, new } => {
                let volume = old.as_ref().or(new.as_ref()).and_then(|own| own.volume).unwrap_or_default();
                let object = format!("device {resource}/{volume}");
                Self::of(cause, "device", resource, &json!(old), &json!(new), object)
            }
            Change::Connection { resource, old, new } => {
                let peer = new.as_ref().or(old.as_ref()).map(|own| own.peer_label()).unwrap_or_default();
                let object = format!("connection {resource} to {peer}");
                Self::of(cause, "connection", resource, &json!(old), &json!(new), object)
            }
            Change::PeerDevice { resource, peer, old, new } => {
                let volume = old.as_ref().or(new.as_ref()).and_then(|own| own.volume).unwrap_or_default();
                let object = format!("peer-device {resource}/{volume} to {}", label(peer));
                let mut line = Self::of(cause, "peer-device", resource, &json!(old), &json!(new), object);
                line.json.insert("peer".to_owned(), json!(peer));
                line
            }
            Change::Renamed { resource, name } => {
                let object = format!("resource {resource} to {name}");
                Self::plain(cause, "renamed", "resource", Some(resource), object, &json!({ "name": [resource, name] }))
            }
            Change::Helper { resource, minor, peer, name, status } => {
                let what = if status.is_some() { "returned" } else { "called" };
                let brain = if change.is_split_brain() { " (SPLIT BRAIN)" } else { "" };
                let code = match status {
                    None => String::new(),
                    Some(error @ ..0) => {
                        format!(", not started: {}", io::Error::from_raw_os_error(error.saturating_neg()))
                    }
                    Some(status) => format!(", exit code {}", status >> 8),
                };
                let object = format!("helper {name} of {resource}{code}{brain}");
                let fields = json!({ "name": name, "status": status, "minor": minor });
                let mut line = Self::plain(cause, what, "helper", Some(resource), object, &fields);
                line.json.insert("peer".to_owned(), json!(peer));
                line.json.insert("split_brain".to_owned(), json!(change.is_split_brain()));
                line
            }
            other => {
                Self::plain(cause, "told", "unknown", None, "something of a newer kernel".to_owned(), &json!(other))
            }
        }
    }

    /// For what was there already.
    pub(crate) fn existing(mut self) -> Self {
        self.json.insert("change".to_owned(), json!("exists"));
        self
    }

    fn of(cause: &str, kind: &str, resource: &Name, old: &Value, new: &Value, object: String) -> Self {
        let change = match (old, new) {
            (Value::Null, _) => "created",
            (_, Value::Null) => "destroyed",
            _ => "changed",
        };
        let mut fields = Map::new();
        let some = if new.is_null() { old } else { new };
        for key in some.as_object().into_iter().flat_map(Map::keys) {
            let (was, is) = (&old[key], &new[key]);
            if was != is && !is_empty(was, is) {
                fields.insert(key.clone(), json!([was, is]));
            }
        }
        let mut line = Self::plain(cause, change, kind, Some(resource), object, &Value::Object(fields));
        for key in ["volume", "minor", "peer_node_id"] {
            if let Some(value) = some.get(key).filter(|own| !own.is_null()) {
                line.json.insert(key.to_owned(), value.clone());
            }
        }
        line
    }

    fn plain(cause: &str, change: &str, kind: &str, resource: Option<&Name>, object: String, fields: &Value) -> Self {
        let time = jiff::Timestamp::now().to_string();
        let json = json!({ "time": time, "cause": cause, "change": change, "object": kind, "resource": resource, "fields": fields });
        let Value::Object(json) = json else { unreachable!("it is written as an object") };
        Self { resource: resource.cloned(), json, object }
    }

    pub(crate) fn print(&self, cli: &Cli, screen: &Screen) -> io::Result<()> {
        let asked = |own: &Name| cli.resources.iter().any(|name| name.as_bytes() == own.as_bytes());
        if !cli.resources.is_empty() && self.resource.as_ref().is_some_and(|own| !asked(own)) {
            return Ok(());
        }
        if cli.json {
            return writeln!(io::stdout(), "{}", Value::Object(self.json.clone()));
        }
        match self.text(cli.statistics) {
            Some(text) => screen.line(&text),
            None => Ok(()),
        }
    }

    /// `None` if only counters changed.
    fn text(&self, statistics: bool) -> Option<String> {
        let change = self.json["change"].as_str().unwrap_or_default();
        let time = jiff::Zoned::now().strftime("%H:%M:%S");
        let head = format!("{time} {change} {}", self.object);
        if !["exists", "created", "changed"].contains(&change) {
            return Some(head);
        }
        let mut words = Vec::new();
        for (key, both) in self.json["fields"].as_object().into_iter().flatten() {
            let counts = COUNTERS.contains(&key.as_str());
            if IDENTITY.contains(&key.as_str()) || counts && !statistics {
                continue;
            }
            let name = key.replace('_', "-");
            words.push(match change {
                "changed" => format!("{name} {} -> {}", word(key, &both[0]), word(key, &both[1])),
                _ => format!("{name} {}", word(key, &both[1])),
            });
        }
        match (change, words.is_empty()) {
            ("changed", true) => None,
            (_, true) => Some(head),
            (_, false) => Some(format!("{head}: {}", words.join(", "))),
        }
    }
}

/// What led to changes, where that is a thing of its own.
pub(crate) fn of_cause(name: &str, cause: &Cause) -> Line {
    let object = match cause {
        Cause::Lost(Lost { messages: Some(count), why, .. }) => {
            format!("{count} messages ({why:?}): what they changed follows, as one")
        }
        Cause::Lost(lost) => format!("messages ({:?}): what they changed follows, as one", lost.why),
        Cause::Loaded { version, .. } => format!("DRBD {}", version.as_deref().unwrap_or_default()),
        _ => "DRBD: waiting for it".to_owned(),
    };
    Line::plain(name, name, "module", None, object, &json!(cause))
}

fn label(peer: &Peer) -> String {
    match (&peer.name, peer.node_id) {
        (Some(name), _) => name.to_string(),
        (None, Some(node)) => format!("node {node}"),
        (None, None) => "peer".to_owned(),
    }
}

/// Nothing to something that says nothing: `false`, an empty list, all reasons absent.
fn is_empty(was: &Value, is: &Value) -> bool {
    fn nothing(value: &Value) -> bool {
        match value {
            Value::Null | Value::Bool(false) => true,
            Value::Array(list) => list.is_empty(),
            Value::Object(map) => map.values().all(nothing),
            _ => false,
        }
    }
    was.is_null() && nothing(is) || is.is_null() && nothing(was)
}

/// A value as one word: of reasons, those that hold.
fn word(field: &str, value: &Value) -> String {
    match value {
        Value::Number(bytes) if field == "size" => drbd::Bytes(bytes.as_u64().unwrap_or_default()).to_string(),
        Value::Null => "-".to_owned(),
        Value::String(word) => word.clone(),
        Value::Object(reasons) if reasons.values().all(Value::is_boolean) => {
            let holding: Vec<&str> =
                reasons.iter().filter(|(_, is)| **is == Value::Bool(true)).map(|(why, _)| why.as_str()).collect();
            if holding.is_empty() { "no".to_owned() } else { holding.join(",") }
        }
        other => other.to_string(),
    }
}
