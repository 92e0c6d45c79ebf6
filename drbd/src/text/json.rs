//! The output of `drbdsetup status --json`, which DRBD 9's drbd-utils print.
//!
//! Units are mixed there: KiB, sectors and MiB; here it is bytes throughout.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::objects;
use super::words::Words;
use crate::error::Error;
use crate::status::{Source, Status};

/// The names of `drbdsetup events2`, where the JSON has others. Where it has two of a name, the object decides.
const RENAMED: &[(&str, &str)] = &[
    ("disk-state", "disk"),
    ("connection-state", "connection"),
    ("peer-role", "role"),
    ("replication-state", "replication"),
    ("peer-disk-state", "peer-disk"),
    ("backing-dev", "backing_dev"),
    ("estimated-seconds-to-finish", "eta"),
];
/// What `drbdsetup` works out from the rest.
const DERIVED: &[&str] = &[
    "has-sync-details",
    "has-online-verify-details",
    "percent-in-sync",
    "percent-resync-done",
    "db0/dt0 [MiB/s]",
    "db1/dt1 [MiB/s]",
    "db/dt [MiB/s]",
    "may_promote",
    "promotion_score",
];

/// The state in the output of `drbdsetup status --json`, with or without `--verbose` and `--statistics`.
///
/// Needs the feature `json`.
///
/// # Errors
///
/// [`Error::Text`] for what isn't JSON, isn't a list of resources, or lacks a state.
pub fn status(text: &str) -> Result<Status, Error> {
    let value: Value = serde_json::from_str(text)
        .map_err(|error| Error::text(format!("status JSON, line {}", error.line()), error.to_string()))?;
    let mut status = Status::empty(Source::StatusJson);
    for resource in array(Some(&value), "status JSON")? {
        let (mut words, lists) = words(resource, "status JSON, resource", "name", "name", &["devices", "connections"])?;
        suspended(&mut words)?;
        let mut own = objects::resource(&mut words)?;
        status.unknown_words.extend(words.rest());
        let place = format!("status JSON, {}", own.name.as_ref().map(ToString::to_string).unwrap_or_default());
        for device in array(lists[0], &place)? {
            let (mut words, _) = self::words(device, &format!("{place}, device"), "volume", "", &[])?;
            own.devices.push(objects::device(&mut words)?);
            status.unknown_words.extend(words.rest());
        }
        for connection in array(lists[1], &place)? {
            let object = format!("{place}, connection");
            let (mut words, lists) =
                self::words(connection, &object, "peer-node-id", "conn-name", &["peer_devices", "paths"])?;
            let mut connection = objects::connection(&mut words)?;
            status.unknown_words.extend(words.rest());
            let place = format!("{place}, peer {}", connection.peer_label());
            for peer in array(lists[0], &place)? {
                let (mut words, _) = self::words(peer, &format!("{place}, volume"), "volume", "", &[])?;
                connection.peer_devices.push(objects::peer_device(&mut words)?);
                status.unknown_words.extend(words.rest());
            }
            // Newer than the drbd-utils whose output is known here.
            status.unknown_words.extend(lists[1].map(|paths| format!("{place}: paths:{paths}")));
            own.connections.push(connection);
        }
        if status.resources.iter().any(|other| other.name == own.name) {
            return Err(Error::text(place, "is there twice"));
        }
        status.resources.push(own);
    }
    status.sort();
    Ok(status)
}

/// One flag for each reason, into events2's list.
fn suspended(words: &mut Words) -> Result<(), Error> {
    let mut why = Vec::new();
    for reason in ["user", "no-data", "fencing", "quorum"] {
        if words.yes(&format!("suspended-{reason}"))? == Some(true) {
            why.push(reason);
        }
    }
    let any = words.yes("suspended")?;
    let list = match (why.is_empty(), any) {
        (false, _) => why.join(","),
        (true, Some(true)) => "yes".to_owned(),
        (true, _) => "no".to_owned(),
    };
    words.update(&BTreeMap::from([("suspended".to_owned(), list)]));
    Ok(())
}

fn array<'a>(value: Option<&'a Value>, place: &str) -> Result<&'a [Value], Error> {
    let list = value.and_then(Value::as_array).ok_or_else(|| Error::text(place, "a list is missing"))?;
    Ok(list)
}

/// An object's values by the names of events2, and its lists apart.
fn words<'a>(
    value: &'a Value,
    place: &str,
    id: &str,
    name: &str,
    lists: &[&str],
) -> Result<(Words, Vec<Option<&'a Value>>), Error> {
    let object: &Map<String, Value> = value.as_object().ok_or_else(|| Error::text(place, "is no object"))?;
    let place =
        format!("{place} {}", object.get(id).map(word).ok_or_else(|| Error::text(place, format!("has no {id}")))?);
    let own = object.iter().filter(|(key, _)| !lists.contains(&key.as_str()) && !DERIVED.contains(&key.as_str()));
    let words = own.map(|(key, value)| {
        let renamed = RENAMED.iter().find(|(json, _)| json == key).map(|(_, name)| *name);
        let key = if key == "name" { name } else { renamed.unwrap_or(key) };
        (key.to_owned(), word(value))
    });
    Ok((Words::new(place, words.collect()), lists.iter().map(|list| object.get(*list)).collect()))
}

fn word(value: &Value) -> String {
    match value {
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(word) => word.clone(),
        other => other.to_string(),
    }
}
