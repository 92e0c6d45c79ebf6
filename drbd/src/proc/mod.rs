//! The text of `/proc/drbd`: DRBD 8.0 to 8.4, and 9 with 8.4's compatibility.
//!
//! Any user may read it, in any network namespace. It knows minors, not resources. [`parse`] takes bytes, [`read`] does
//! the reading.

mod line;
mod minor;
mod syncing;

use std::io;

pub use minor::{Flags, Minor};
pub use syncing::Syncing;

use crate::error::Error;
use crate::resource::{Connection, Device, PeerDevice, Resource};
use crate::state::{ConnectionState, ReplicationState};
use crate::status::{Source, Status};
use crate::suspension::Suspended;

/// Where the text is.
pub const PATH: &str = "/proc/drbd";

/// What `/proc/drbd` says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Report {
    /// Version of the module: `8.4.11`.
    pub version: String,
    /// Version of the interface to drbd-utils.
    pub api: Option<u32>,
    /// Versions of the protocol between nodes, oldest and newest.
    pub protocol: Option<(u32, u32)>,
    /// The module is DRBD 9, and writes this text as 8.4 did (`CONFIG_DRBD_COMPAT_84`).
    pub compat_84: bool,
    /// What the module was built from: `srcversion: …` or `GIT-hash: …`.
    pub build: Option<String>,
    /// The transports DRBD 9 has loaded: `Transports (api:22): tcp (9.3.3)`.
    pub transports: Option<String>,
    /// The minors.
    pub minors: Vec<Minor>,
    /// Lines and words without a meaning here.
    pub unknown: Vec<String>,
}

/// Reads and parses `/proc/drbd`.
///
/// Needs no capability. Every DRBD has the file; 9 without 8.4's compatibility lists no minors in it.
///
/// # Errors
///
/// [`Error::NotLoaded`] if there is no such file; [`Error::Io`] if it can't be read; [`Error::Text`] as [`parse`].
pub fn read() -> Result<Report, Error> {
    match std::fs::read(PATH) {
        Ok(text) => parse(&text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(Error::NotLoaded),
        Err(source) => Err(Error::Io { call: "read /proc/drbd", source }),
    }
}

/// Parses the text of `/proc/drbd`. Words and lines it doesn't know are kept.
///
/// # Errors
///
/// [`Error::Text`] if it doesn't start with a version, or a number isn't one.
pub fn parse(text: &[u8]) -> Result<Report, Error> {
    let text = String::from_utf8_lossy(text);
    let mut report = Report::default();
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        let at_line = |rule: String| Error::text(format!("/proc/drbd, line {number}"), rule);
        if index == 0 {
            version(line, &mut report).map_err(at_line)?;
        } else if let Some(minor) = Minor::starts(line) {
            report.minors.push(Minor::parse(minor, line).map_err(at_line)?);
        } else if let Some(minor) = report.minors.last_mut() {
            minor.add(line).map_err(at_line)?;
        } else if line.starts_with("srcversion: ") || line.starts_with("GIT-hash: ") {
            report.build = Some(line.trim_end().to_owned());
        } else if line.starts_with("Transports ") {
            report.transports = Some(line.trim_end().to_owned());
        } else if !line.trim().is_empty() {
            report.unknown.push(line.to_owned());
        }
    }
    if report.version.is_empty() {
        return Err(Error::text("/proc/drbd, line 1", "does not start with \"version: \""));
    }
    Ok(report)
}

/// `version: 8.4.11 (api:1/proto:86-101)`, and for 9 perhaps ` (compat 8.4)`.
fn version(line: &str, report: &mut Report) -> Result<(), String> {
    let rest = line.strip_prefix("version: ").ok_or("does not start with \"version: \"")?;
    for (index, word) in rest.split_whitespace().enumerate() {
        if index == 0 {
            report.version = word.to_owned();
        } else if let Some((api, protocol)) =
            word.strip_prefix("(api:").and_then(|word| word.strip_suffix(')')?.split_once("/proto:"))
        {
            report.api = Some(line::number(api)?);
            let (oldest, newest) = protocol.split_once('-').unwrap_or((protocol, protocol));
            report.protocol = Some((line::number(oldest)?, line::number(newest)?));
        } else if word == "8.4)" {
            report.compat_84 = true;
        } else if word != "(compat" {
            report.unknown.push(word.to_owned());
        }
    }
    Ok(())
}

impl Report {
    /// The model of what the text says; `None` if the text doesn't list minors at all, as with DRBD 9 as it is now.
    ///
    /// Each configured minor becomes a resource of its own, without name; those that are `Unconfigured` (on 8.3 also
    /// after `down`) hold nothing and are left out. Configuration and generations are not in the text.
    pub fn status(&self) -> Option<Status> {
        let major: u32 = self.version.split('.').next()?.parse().ok()?;
        if major >= 9 && !self.compat_84 && self.minors.is_empty() {
            return None;
        }
        let configured = self.minors.iter().filter(|minor| !minor.unconfigured);
        Some(Status {
            source: Source::Proc,
            version: Some(self.version.clone()),
            resources: configured.map(resource).collect(),
            unknown: Vec::new(),
            unknown_words: self.unknown_words(),
        })
    }

    fn unknown_words(&self) -> Vec<String> {
        let of_minors = self.minors.iter().flat_map(|minor| {
            let syncing = minor.sync.iter().flat_map(|sync| &sync.unknown);
            minor.unknown.iter().chain(syncing).map(move |words| format!("minor {}: {words}", minor.minor))
        });
        self.unknown.iter().cloned().chain(of_minors).collect()
    }
}

fn resource(minor: &Minor) -> Resource {
    let flags = minor.flags.clone().unwrap_or_default();
    let device = Device {
        read: minor.read,
        written: minor.written,
        al_writes: minor.al_writes,
        bm_writes: minor.bm_writes,
        upper_pending: minor.upper_pending,
        lower_pending: minor.lower_pending,
        al_suspended: flags.al_suspended,
        ..Device::of(minor.minor, minor.disk.clone())
    };
    let peer_device = PeerDevice {
        resync_suspended: flags.resync_suspended,
        received: minor.received,
        sent: minor.sent,
        out_of_sync: minor.out_of_sync,
        pending: minor.pending,
        unacked: minor.unacked,
        resync: minor.sync.as_ref().map(Syncing::resync),
        ..PeerDevice::of(minor.replication.clone(), minor.peer_disk.clone())
    };
    let connection = Connection {
        protocol: minor.protocol.clone(),
        peer_devices: vec![peer_device],
        ..Connection::of(minor.connection.clone(), minor.peer_role.clone())
    };
    Resource {
        suspended: Suspended { untold: flags.suspended, ..Suspended::default() },
        write_ordering: minor.write_ordering.clone(),
        devices: vec![device],
        connections: vec![connection],
        ..Resource::of(minor.role.clone())
    }
}

/// `cs:` is one word for the state of the connection and, once there is one, of the replication.
fn connection(word: &str) -> (ConnectionState, ReplicationState) {
    match word {
        "WFConnection" => (ConnectionState::Connecting, ReplicationState::Off),
        "WFReportParams" => (ConnectionState::Connected, ReplicationState::Off),
        "Connected" => (ConnectionState::Connected, ReplicationState::Established),
        word => match ConnectionState::from_word(word) {
            ConnectionState::Other(raw) => match ReplicationState::from_word(word) {
                // Neither is known: then the word must not be lost for either.
                ReplicationState::Other(_) => (ConnectionState::Other(raw.clone()), ReplicationState::Other(raw)),
                replication => (ConnectionState::Connected, replication),
            },
            state => (state, ReplicationState::Off),
        },
    }
}
