//! DRBD's state as a whole.

use std::path::Path;

use crate::error::Error;
use crate::resource::{Device, Resource};
use crate::value::Attribute;
use crate::{netlink, proc};

/// The state of every resource of this machine at one moment.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Status {
    /// Where it was read.
    pub source: Source,
    /// The version of the module, such as `8.4.11`. `None` if the source doesn't tell.
    pub version: Option<String>,
    /// The resources, in the order of their names. None: DRBD is loaded, but nothing is configured.
    pub resources: Vec<Resource>,
    /// Messages of kinds this version of the library doesn't know.
    pub unknown: Vec<UnknownMessage>,
    /// Words of a text without a meaning here, each behind the object it stood with.
    pub unknown_words: Vec<String>,
}

/// Where a [`Status`] was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Source {
    /// Generic netlink, family `drbd` version 1: DRBD 8.4.
    NetlinkV1,
    /// Generic netlink, family `drbd` version 2: DRBD 9.
    NetlinkV2,
    /// The text of `/proc/drbd`: DRBD 8.3, 8.4, and 9 with 8.4's compatibility.
    Proc,
    /// The text of `drbdsetup events2`, as somebody recorded it.
    Events2,
    /// The output of `drbdsetup status --json`, as somebody recorded it: DRBD 9.
    StatusJson,
}

/// A netlink message of a kind this version of the library doesn't know, kept as it was received.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct UnknownMessage {
    /// Number of the command.
    pub command: u8,
    /// Number of the minor it is about, if any.
    pub minor: Option<u32>,
    /// Its attributes.
    pub attributes: Vec<Attribute>,
}

impl Status {
    pub(crate) fn empty(source: Source) -> Self {
        Self { source, version: None, resources: Vec::new(), unknown: Vec::new(), unknown_words: Vec::new() }
    }

    /// Reads the state of every resource, from the kernel itself.
    ///
    /// Over netlink where the kernel has it (DRBD 8.4 and 9), from `/proc/drbd` otherwise: DRBD 8.3, and 8.4 in a
    /// network namespace of one's own; [`Self::source`] says which. Like `drbdsetup status --verbose --statistics`,
    /// but a peer without connection is listed on 8.4 as well. Needs no capability and no drbd-utils. DRBD 8.3 or
    /// newer; 9 without 8.4's compatibility needs netlink.
    ///
    /// States and counters are one snapshot, taken by the kernel in one go; configuration (protocol, backing device,
    /// addresses, options) and the totals of a resync on 8.4 are asked for right after it.
    ///
    /// # Errors
    ///
    /// [`Error::NotLoaded`] where there is no DRBD. [`Error::Interrupted`] and [`Error::Lost`] if the kernel could
    /// not give a whole answer in several attempts. [`Error::UnknownVersion`], [`Error::Malformed`] and
    /// [`Error::Text`] for an answer that can't be trusted; [`Error::Refused`] and [`Error::Io`] as the kernel says.
    pub fn read() -> Result<Self, Error> {
        match netlink::read() {
            Err(Error::Hidden) => proc::read()?.status().ok_or(Error::Hidden),
            answer => answer,
        }
    }

    /// The resource called `name`.
    pub fn resource(&self, name: impl AsRef<[u8]>) -> Option<&Resource> {
        let name = name.as_ref();
        self.resources.iter().find(|resource| resource.name.as_ref().is_some_and(|own| own.as_bytes() == name))
    }

    /// The device `/dev/drbdMINOR`, with its resource.
    pub fn device(&self, minor: u32) -> Option<(&Resource, &Device)> {
        self.resources.iter().find_map(|resource| {
            let device = resource.devices.iter().find(|device| device.minor == minor)?;
            Some((resource, device))
        })
    }

    pub(crate) fn sort(&mut self) {
        self.resources.sort_by(|a, b| a.name.cmp(&b.name));
        for resource in &mut self.resources {
            resource.devices.sort_by_key(|device| (device.volume, device.minor));
            resource.connections.sort_by_key(|connection| connection.peer_node_id);
            for connection in &mut resource.connections {
                connection.peer_devices.sort_by_key(|peer| peer.volume);
            }
        }
    }
}

/// Whether the kernel has DRBD, going by what doesn't depend on the network namespace.
pub(crate) fn is_loaded() -> bool {
    Path::new("/sys/module/drbd").exists() || Path::new(proc::PATH).exists()
}

/// The module's own version.
pub(crate) fn module_version() -> Option<String> {
    let text = std::fs::read_to_string("/sys/module/drbd/version").ok()?;
    Some(text.trim_end().to_owned())
}
