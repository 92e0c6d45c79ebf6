//! What the monitor tells: updates, each a set of changes.

use crate::resource::{Connection, Device, PeerDevice, Resource};
use crate::status::{Source, Status, UnknownMessage};
use crate::value::Name;

/// Changes that belong together. [`Self::apply`] takes a model of one's own to the monitor's.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Update {
    /// What led to it.
    pub cause: Cause,
    /// What changed, in this order. None for a loss, or a reading anew, that changed nothing.
    pub changes: Vec<Change>,
}

/// What led to an [`Update`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Cause {
    /// The kernel told of it, as of one change.
    Event,
    /// Events don't tell of configuration: it was read anew after a change that can go with another one.
    Configuration,
    /// Messages were lost, or couldn't be trusted. The changes are the difference to a fresh snapshot: between them,
    /// things may have changed and changed back.
    Lost(Lost),
    /// [`Monitor::refresh`](super::Monitor::refresh): the difference to a fresh snapshot, counters too.
    Refreshed,
    /// DRBD's module was unloaded. Everything is gone.
    Unloaded,
    /// DRBD's module was loaded.
    Loaded {
        /// The dialect it speaks.
        source: Source,
        /// Its version, such as `8.4.11`.
        version: Option<String>,
    },
}

/// What was lost.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Lost {
    /// How it was noticed.
    pub why: Why,
    /// How many messages, by the kernel's own numbers; `None` where they don't tell.
    pub messages: Option<u32>,
}

/// How a loss was noticed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Why {
    /// `ENOBUFS`: the receive buffer was full. The reader was slow, or the buffer is small.
    Overrun,
    /// A number was left out, or came too late.
    Gap,
    /// A change announced to go on (`NOTIFY_CONTINUES`) did not.
    Unfinished,
    /// A message about something whose resource or connection isn't known.
    Orphan,
    /// A message that can't be understood; in words.
    Malformed(String),
}

/// One thing that changed, as it was and as it is: without `old` it is new, without `new` it is gone.
///
/// The `devices`, `connections` and `peer_devices` of what is told here are empty: they have changes of their own.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case", tag = "object"))]
#[non_exhaustive]
pub enum Change {
    /// A resource.
    Resource {
        /// Its name.
        resource: Name,
        /// As it was.
        old: Option<Box<Resource>>,
        /// As it is.
        new: Option<Box<Resource>>,
    },
    /// A resource got another name. DRBD 9.
    Renamed {
        /// The old one.
        resource: Name,
        /// The new one.
        name: Name,
    },
    /// A volume.
    Device {
        /// Its resource.
        resource: Name,
        /// As it was.
        old: Option<Box<Device>>,
        /// As it is.
        new: Option<Box<Device>>,
    },
    /// A peer.
    Connection {
        /// Its resource.
        resource: Name,
        /// As it was.
        old: Option<Box<Connection>>,
        /// As it is.
        new: Option<Box<Connection>>,
    },
    /// What a volume has with a peer.
    PeerDevice {
        /// Its resource.
        resource: Name,
        /// Its connection.
        peer: Peer,
        /// As it was.
        old: Option<Box<PeerDevice>>,
        /// As it is.
        new: Option<Box<PeerDevice>>,
    },
    /// The kernel calls a helper program (handler), or it has come back.
    Helper {
        /// The resource it is about.
        resource: Name,
        /// The minor it is about, if it is about one.
        minor: Option<u32>,
        /// The connection it is about. Without name and number on 8.4.
        peer: Peer,
        /// What it is called for, such as `split-brain`.
        name: Name,
        /// How it ended, as wait(2) has it: 256 times the exit code; negative, an error number: it could not be
        /// started. `None` when it is called.
        status: Option<i32>,
    },
    /// A message of a kind this version of the library doesn't know.
    Unknown(UnknownMessage),
}

/// Which of a resource's connections. On 8.4 there is one, without number and name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Peer {
    /// [`Connection::peer_node_id`].
    pub node_id: Option<u32>,
    /// [`Connection::name`].
    pub name: Option<Name>,
}

impl Peer {
    pub(crate) fn of(connection: &Connection) -> Self {
        Self { node_id: connection.peer_node_id, name: connection.name.clone() }
    }

    pub(crate) fn is(&self, connection: &Connection) -> bool {
        self.node_id == connection.peer_node_id && (self.node_id.is_some() || self.name == connection.name)
    }
}

impl Change {
    /// A split brain was found: both sides have changed on their own. The connection is given up, or data are thrown
    /// away, as `after-sb-*pri` says.
    pub fn is_split_brain(&self) -> bool {
        matches!(self, Self::Helper { name, status: None, .. } if *name == "split-brain" || *name == "initial-split-brain")
    }
}

impl Update {
    /// Does to `status` what happened. A `status` that was the monitor's before this update is the monitor's after it.
    pub fn apply(&self, status: &mut Status) {
        if let Cause::Loaded { source, version } = &self.cause {
            status.source = *source;
            status.version.clone_from(version);
        }
        for change in &self.changes {
            change.apply(status);
        }
        status.sort();
    }
}

impl Change {
    pub(crate) fn apply(&self, status: &mut Status) {
        let named = |own: &Resource, name: &Name| own.name.as_ref() == Some(name);
        if let Self::Resource { resource, new, .. } = self {
            let at = status.resources.iter().position(|own| named(own, resource));
            put(&mut status.resources, at, new.as_deref(), |new, old| {
                new.devices = std::mem::take(&mut old.devices);
                new.connections = std::mem::take(&mut old.connections);
            });
            return;
        }
        let (Self::Renamed { resource, .. }
        | Self::Device { resource, .. }
        | Self::Connection { resource, .. }
        | Self::PeerDevice { resource, .. }) = self
        else {
            return;
        };
        let Some(resource) = status.resources.iter_mut().find(|own| named(own, resource)) else { return };
        match self {
            Self::Renamed { name, .. } => resource.name = Some(name.clone()),
            Self::Device { old, new, .. } => {
                let volume = old.as_ref().or(new.as_ref()).and_then(|own| own.volume);
                let at = resource.devices.iter().position(|own| own.volume == volume);
                put(&mut resource.devices, at, new.as_deref(), |_, _| {});
            }
            Self::Connection { old, new, .. } => {
                let Some(peer) = old.as_ref().or(new.as_ref()).map(|own| Peer::of(own)) else { return };
                let at = resource.connections.iter().position(|own| peer.is(own));
                put(&mut resource.connections, at, new.as_deref(), |new, old| {
                    new.peer_devices = std::mem::take(&mut old.peer_devices);
                });
            }
            Self::PeerDevice { peer, old, new, .. } => {
                let Some(connection) = resource.connections.iter_mut().find(|own| peer.is(own)) else { return };
                let volume = old.as_ref().or(new.as_ref()).and_then(|own| own.volume);
                let at = connection.peer_devices.iter().position(|own| own.volume == volume);
                put(&mut connection.peer_devices, at, new.as_deref(), |_, _| {});
            }
            Self::Resource { .. } | Self::Helper { .. } | Self::Unknown(_) => {}
        }
    }
}

/// Replaces, adds or removes one of a list; `keep` hands the old one's children to the new one.
fn put<T: Clone>(list: &mut Vec<T>, at: Option<usize>, new: Option<&T>, keep: impl Fn(&mut T, &mut T)) {
    match (at, new.cloned()) {
        (Some(at), Some(mut new)) => {
            keep(&mut new, &mut list[at]);
            list[at] = new;
        }
        (Some(at), None) => drop(list.remove(at)),
        (None, Some(new)) => list.push(new),
        (None, None) => {}
    }
}
