//! A model as its fields: every leaf of its JSON, by object and name.

use std::collections::BTreeMap;

use drbd::Status;
use serde_json::{Map, Value};

/// By object, such as `device r0/0`, and field, such as `device.size`.
pub(crate) type Fields = BTreeMap<(String, String), Value>;

/// The fields of a model. Those that are null or empty are not there: the source doesn't tell them.
pub(crate) fn of(status: &Status) -> Fields {
    let mut fields = Fields::new();
    for resource in &status.resources {
        let name = resource.name.as_ref().map(ToString::to_string).unwrap_or_default();
        flatten(&mut fields, &format!("resource {name}"), "resource", &json(resource), &["devices", "connections"]);
        for device in &resource.devices {
            let object = format!("device {name}/{}", device.volume.unwrap_or_default());
            flatten(&mut fields, &object, "device", &json(device), &[]);
        }
        for connection in &resource.connections {
            // 8.4 has one connection, without a number.
            let peer = format!("{name}:{}", connection.peer_node_id.unwrap_or_default());
            let object = format!("connection {peer}");
            flatten(&mut fields, &object, "connection", &json(connection), &["peer_devices", "paths"]);
            for path in &connection.paths {
                let object = format!("path {peer} {} {}", path.local, path.peer);
                flatten(&mut fields, &object, "path", &json(path), &[]);
            }
            for own in &connection.peer_devices {
                let object = format!("peer-device {peer}/{}", own.volume.unwrap_or_default());
                flatten(&mut fields, &object, "peer device", &json(own), &[]);
            }
        }
    }
    fields
}

fn json(value: &impl serde::Serialize) -> Value {
    serde_json::to_value(value).unwrap()
}

fn flatten(fields: &mut Fields, object: &str, prefix: &str, value: &Value, without: &[&str]) {
    let known: &Map<String, Value> = value.as_object().unwrap();
    for (key, value) in known.iter().filter(|(key, _)| !without.contains(&key.as_str())) {
        // What a raw option is called there depends on the configuration.
        let nested = value.is_object() && key != "options";
        let name = format!("{prefix}.{key}");
        match value {
            Value::Null => {}
            Value::Array(list) if list.is_empty() => {}
            Value::Object(map) if map.is_empty() => {}
            value if nested => flatten(fields, object, &name, value, &[]),
            value => drop(fields.insert((object.to_owned(), name), value.clone())),
        }
    }
}
