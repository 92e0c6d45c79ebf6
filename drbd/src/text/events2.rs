//! The text of `drbdsetup events2`: of `--now` one state, without it what happened since.
//!
//! For programs that have such text, and for comparing it with what the kernel says. Reading DRBD's state needs none of
//! it; see [`Status::read`].

use std::collections::BTreeMap;

use super::objects;
use super::words::Words;
use crate::error::Error;
use crate::resource::Resource;
use crate::status::{Source, Status};
use crate::value::Name;

/// One line: `exists device name:a volume:0 minor:0 disk:UpToDate …`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Event {
    /// What happened: `exists`, `create`, `change`, `destroy`, `call`, `response`, `rename`, or something newer.
    pub action: String,
    /// To what kind of object: `resource`, `connection`, `device`, `peer-device`, `path`, `helper`, or something
    /// newer. `-` ends the list of what exists.
    pub object: String,
    /// What is said of it, known or not: the word before the first colon, and all after it.
    pub facts: BTreeMap<String, String>,
}

/// Parses the output of `drbdsetup events2`, with or without `--now`, `--statistics` and `--timestamps`.
///
/// # Errors
///
/// [`Error::Text`] for a line without object, or a word without a colon.
pub fn parse(text: &str) -> Result<Vec<Event>, Error> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines.map(|(index, line)| event(line).map_err(|rule| Error::text(at_line(index + 1), rule))).collect()
}

fn at_line(number: usize) -> String {
    format!("events2, line {number}")
}

fn event(line: &str) -> Result<Event, String> {
    let mut words = line.split_whitespace().peekable();
    // With --timestamps: 2026-11-22T08:25:17.123456+00:00
    words.next_if(|word| word.starts_with(|char: char| char.is_ascii_digit()));
    let action = words.next().ok_or("an event without action")?.to_owned();
    let object = words.next().ok_or("an event without object")?.to_owned();
    let facts = words.map(|word| {
        let (key, value) = word.split_once(':').ok_or_else(|| format!("\"{word}\" has no colon"))?;
        Ok((key.to_owned(), value.to_owned()))
    });
    Ok(Event { action, object, facts: facts.collect::<Result<_, String>>()? })
}

/// The state after the last line of `drbdsetup events2`, with or without `--now`, `--statistics` and `--timestamps`.
///
/// Without `--statistics` the counters are `None`. Identifiers of generations, configuration, and on 8.4 the addresses
/// are not in the text.
///
/// # Errors
///
/// [`Error::Text`] as [`parse`]; for a text that is cut: without the line `exists -`, or ending within a line; and
/// where an object lacks its state, or the object that holds it.
pub fn status(text: &str) -> Result<Status, Error> {
    let cut = |rule: &str| Error::text(at_line(text.lines().count().max(1)), rule);
    if !text.is_empty() && !text.ends_with('\n') {
        return Err(cut("the text ends within a line"));
    }
    let events = parse(text)?;
    if !events.iter().any(|event| (event.action.as_str(), event.object.as_str()) == ("exists", "-")) {
        return Err(cut("the text ends before the line \"exists -\": what exists is not complete"));
    }
    let mut state = State::default();
    for event in &events {
        state.apply(event)?;
    }
    state.status()
}

/// The objects, by kind and by what identifies them.
#[derive(Default)]
struct State {
    objects: BTreeMap<(Kind, Vec<String>), Words>,
    unknown: Vec<String>,
}

/// In the order in which one holds the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Resource,
    Connection,
    Device,
    PeerDevice,
    Path,
}

impl Kind {
    fn of(object: &str) -> Option<(Self, &'static [&'static str])> {
        Some(match object {
            "resource" => (Self::Resource, &["name"]),
            "connection" => (Self::Connection, &["name", "peer-node-id"]),
            "device" => (Self::Device, &["name", "volume"]),
            "peer-device" => (Self::PeerDevice, &["name", "peer-node-id", "volume"]),
            "path" => (Self::Path, &["name", "peer-node-id", "local", "peer"]),
            _ => return None,
        })
    }
}

impl State {
    fn apply(&mut self, event: &Event) -> Result<(), Error> {
        let known = ["exists", "create", "change", "destroy", "rename"].contains(&event.action.as_str());
        let (kind, keys) = match Kind::of(&event.object) {
            Some(kind) if known => kind,
            // What a handler is called for is no state, and the end of the list no object.
            _ if event.object == "helper" || event.object == "-" => return Ok(()),
            _ => {
                let facts: Vec<String> = event.facts.iter().map(|(key, value)| format!("{key}:{value}")).collect();
                self.unknown.push(format!("{} {} {}", event.action, event.object, facts.join(" ")));
                return Ok(());
            }
        };
        let id = keys.iter().map(|key| {
            let value = event.facts.get(*key).cloned();
            value.ok_or_else(|| Error::text(format!("events2, {}", event.object), format!("{key} is missing")))
        });
        let id: Vec<String> = id.collect::<Result<_, _>>()?;
        match event.action.as_str() {
            "destroy" => self.destroy(kind, &id),
            "rename" => self.rename(&id[0], event.facts.get("new_name").or_else(|| event.facts.get("new-name")))?,
            _ => {
                let place = format!("events2, {} {}", event.object, id.join(" "));
                let words = self.objects.entry((kind, id)).or_insert_with(|| Words::new(place, BTreeMap::new()));
                words.update(&event.facts);
            }
        }
        Ok(())
    }

    /// With all that it holds, of which not each has a line of its own.
    fn destroy(&mut self, kind: Kind, id: &[String]) {
        self.objects.retain(|(own, place), _| {
            let within = match (kind, own) {
                (Kind::Device, Kind::PeerDevice) => place[0] == id[0] && place[2] == id[1],
                (Kind::Resource, _) | (Kind::Connection, Kind::PeerDevice | Kind::Path) => place.starts_with(id),
                _ => kind == *own && place == id,
            };
            !within
        });
    }

    /// All that is known by the resource's name.
    fn rename(&mut self, old: &str, new: Option<&String>) -> Result<(), Error> {
        let new = new.ok_or_else(|| Error::text(format!("events2, resource {old}"), "renamed to nothing"))?;
        let all = std::mem::take(&mut self.objects).into_iter();
        self.objects = all
            .map(|((kind, mut id), mut words)| {
                if id[0] == old {
                    id[0].clone_from(new);
                    words.update(&BTreeMap::from([("name".to_owned(), new.clone())]));
                }
                ((kind, id), words)
            })
            .collect();
        Ok(())
    }

    fn status(self) -> Result<Status, Error> {
        let mut status = Status::empty(Source::Events2);
        status.unknown_words = self.unknown;
        let mut legacy = Vec::new();
        for ((kind, id), mut words) in self.objects {
            let orphan = |missing: &str| Error::text(format!("events2, {}", id.join(" ")), format!("has no {missing}"));
            if kind == Kind::Resource {
                // 8.4 has no such thing.
                if !words.has("force-io-failures") && !words.has("may_promote") {
                    legacy.push(Name::new(id[0].as_bytes()));
                }
                status.resources.push(objects::resource(&mut words)?);
                status.unknown_words.extend(words.rest());
                continue;
            }
            let name = Name::new(id[0].as_bytes());
            let resource = status.resources.iter_mut().find(|own| own.name.as_ref() == Some(&name));
            let resource = resource.ok_or_else(|| orphan("resource"))?;
            words.take("name");
            if kind == Kind::Device {
                resource.devices.push(objects::device(&mut words)?);
            } else if kind == Kind::Connection {
                resource.connections.push(objects::connection(&mut words)?);
            } else {
                words.take("conn-name");
                let node: Option<u32> = words.number("peer-node-id")?;
                let connection = resource.connections.iter_mut().find(|own| own.peer_node_id == node);
                let connection = connection.ok_or_else(|| orphan("connection"))?;
                if kind == Kind::PeerDevice {
                    connection.peer_devices.push(objects::peer_device(&mut words)?);
                } else {
                    connection.paths.push(objects::path(&mut words)?);
                }
            }
            status.unknown_words.extend(words.rest());
        }
        let without_numbers = |resource: &&mut Resource| {
            let ninth = resource.devices.iter().any(|own| own.client.is_some());
            !ninth && resource.name.as_ref().is_some_and(|name| legacy.contains(name))
        };
        for resource in status.resources.iter_mut().filter(without_numbers) {
            // drbdsetup makes them up, as 8.4 has neither.
            for connection in &mut resource.connections {
                (connection.peer_node_id, connection.name) = (None, None);
            }
        }
        status.sort();
        Ok(status)
    }
}
