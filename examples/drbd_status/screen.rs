//! The state as a screen of text: the verdict, then a line for each volume and peer.

use drbd::health::Verdict;
use drbd::{Connection, Device, PeerDevice, Resource, Source, Status};

pub(crate) fn text(status: &Status, verdict: &Verdict, advice: bool) -> String {
    let mut lines = Vec::new();
    match verdict.findings.split_first() {
        None => {
            let names: Vec<String> = status.resources.iter().map(label).collect();
            lines.push(format!("{}: nothing is the matter with {}", verdict.severity, names.join(", ")));
        }
        Some((worst, others)) => {
            lines.push(format!("{}: {worst}", verdict.severity));
            lines.extend(others.iter().map(|finding| format!("  {}: {finding}", finding.severity)));
        }
    }
    if advice && !verdict.findings.is_empty() {
        lines.push("\nwhat to do:".to_owned());
        lines.extend(
            verdict.findings.iter().map(|finding| format!("  {}: {}", finding.about(), finding.reason.advice())),
        );
    }
    let version = status.version.as_deref().unwrap_or("of unknown version");
    let read = match status.source {
        Source::Proc => " (read from /proc/drbd)",
        Source::Events2 => " (as drbdsetup events2 told)",
        Source::StatusJson => " (as drbdsetup status told)",
        _ => "",
    };
    lines.push(String::new());
    lines.push(format!("DRBD {version}{read}"));
    lines.extend(table(status));
    if !status.unknown.is_empty() {
        lines.push(format!("{} messages of a newer kernel: see --json", status.unknown.len()));
    }
    if !status.unknown_words.is_empty() {
        lines.push(format!("{} words not known here: see --json", status.unknown_words.len()));
    }
    lines.join("\n")
}

const COLUMNS: [&str; 9] =
    ["RESOURCE", "ROLE", "DEVICE", "SIZE", "DISK", "PEER", "PEER ROLE", "PEER DISK", "REPLICATION"];
type Row = [String; COLUMNS.len()];

/// A line for each volume and peer; what repeats the line above is left blank.
fn table(status: &Status) -> Vec<String> {
    let mut rows = Vec::new();
    for resource in &status.resources {
        let mut own = Vec::new();
        for device in &resource.devices {
            let peers: Vec<_> = resource.peers_of(device).collect();
            own.extend(
                peers.iter().map(|(connection, peer)| row(resource, Some(device), Some((connection, Some(peer))))),
            );
            if peers.is_empty() {
                own.push(row(resource, Some(device), None));
            }
        }
        if own.is_empty() {
            let connections = resource.connections.iter();
            own.extend(connections.map(|connection| row(resource, None, Some((connection, None)))));
        }
        if own.is_empty() {
            own.push(row(resource, None, None));
        }
        let mut above: Option<Row> = None;
        for row in own {
            // Resource and role repeat with the resource; device, size and disk with the device.
            let blank = above.as_ref().map_or(0, |above| if above[2] == row[2] { 5 } else { 2 });
            above = Some(row.clone());
            rows.push(std::array::from_fn(|column| if column < blank { String::new() } else { row[column].clone() }));
        }
    }
    if !rows.is_empty() {
        rows.insert(0, COLUMNS.map(str::to_owned));
    }
    let widths: [usize; COLUMNS.len()] =
        std::array::from_fn(|column| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0));
    let line = |row: &Row| {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

fn row(resource: &Resource, device: Option<&Device>, peer: Option<(&Connection, Option<&PeerDevice>)>) -> Row {
    let none = || "-".to_owned();
    let (connection, peer) = peer.map_or((None, None), |(connection, peer)| (Some(connection), peer));
    [
        label(resource),
        resource.role.to_string(),
        device.map_or_else(none, |device| format!("/dev/drbd{}", device.minor)),
        device.and_then(|device| device.size).map_or_else(none, |size| size.to_string()),
        device.map_or_else(none, |device| device.disk.to_string()),
        connection.map_or_else(none, Connection::peer_label),
        connection.map_or_else(none, |connection| connection.role.to_string()),
        peer.map_or_else(none, |peer| peer.disk.to_string()),
        connection.map_or_else(none, |connection| replication(connection, peer)),
    ]
}

/// The state of the connection, until there is one; then that of the replication, and how far it is.
fn replication(connection: &Connection, peer: Option<&PeerDevice>) -> String {
    match peer {
        Some(peer) if connection.state == drbd::state::ConnectionState::Connected => match peer.progress() {
            Some(progress) => format!("{}, {progress}", peer.replication),
            None => peer.replication.to_string(),
        },
        _ => connection.state.to_string(),
    }
}

/// A resource's name; from /proc/drbd, which has none, its minor.
pub(crate) fn label(resource: &Resource) -> String {
    match (&resource.name, resource.devices.first()) {
        (Some(name), _) => name.to_string(),
        (None, Some(device)) => format!("minor {}", device.minor),
        (None, None) => "-".to_owned(),
    }
}
