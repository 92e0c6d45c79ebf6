//! Is my data safe? DRBD's state on one screen, or as JSON, with a monitoring plugin's exit code.
//!
//! Needs neither drbd-utils nor root: it asks the kernel itself. DRBD 8.3, 8.4 and 9.
//!
//! ```text
//! $ drbd_status home mail; echo "exit code $?"
//! WARNING: home /dev/drbd0 to 10.0.0.2:7788: SyncSource, 25.63 % done
//!   WARNING: mail to 10.0.0.2:7789: not connected (Connecting)
//!
//! DRBD 8.4.11
//! RESOURCE  ROLE     DEVICE      SIZE       DISK      PEER           PEER ROLE  PEER DISK     REPLICATION
//! home      Primary  /dev/drbd0  127.9 MiB  UpToDate  10.0.0.2:7788  Secondary  Inconsistent  SyncSource, 25.63 % done
//! mail      Primary  /dev/drbd2  127.9 MiB  UpToDate  10.0.0.2:7789  Unknown    DUnknown      Connecting
//! exit code 1
//! ```

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;
use drbd::health::{self, Finding, Severity, Verdict};
use drbd::{Connection, Device, PeerDevice, Resource, Source, Status};
use serde::Serialize;

/// Shows DRBD's state and says whether the data are safe.
///
/// The first line is the verdict and its worst reason; further reasons follow, then a line for each volume and peer.
#[derive(Parser)]
#[command(version, after_help = AFTER_HELP)]
struct Cli {
    /// Resources to look at; all of them if none is named
    #[arg(value_name = "RESOURCE")]
    resources: Vec<OsString>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

const AFTER_HELP: &str = "\
Exit codes, as of a monitoring plugin:
  0  OK        every copy is good and every peer connected
  1  WARNING   the data are there, but less safe than they should be: a peer is
               missing, a copy is out of date, a resync is running
  2  CRITICAL  no good copy, a lost disk, suspended I/O, lost quorum, or a peer
               that was given up (StandAlone, as after a split brain)
  3  UNKNOWN   it can't be told: DRBD is not loaded, nothing is configured, or
               the command line is wrong

JSON: an object with \"severity\", \"findings\" (each with its own severity, the
resource, minor and peer it is about, a typed reason and the text), \"source\",
\"version\", \"resources\" and \"unknown\"; or with \"severity\" and \"error\". Names
and states are those of drbdsetup, amounts are bytes, times seconds, and what
the kernel doesn't tell is null. Options are raw; drbdsetup show names them.";

/// What `--json` prints.
#[derive(Serialize)]
struct Report<'a> {
    severity: Severity,
    findings: Vec<Reason<'a>>,
    #[serde(flatten)]
    status: &'a Status,
}

#[derive(Serialize)]
struct Reason<'a> {
    #[serde(flatten)]
    finding: &'a Finding,
    text: String,
}

/// What `--json` prints where there is no state to print.
#[derive(Serialize)]
struct Failure<'a> {
    severity: Severity,
    error: &'a str,
}

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let help = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
            // clap's own code for a wrong command line would mean CRITICAL.
            let severity = if help { Severity::Ok } else { Severity::Unknown };
            return if error.print().is_ok() { exit(severity) } else { exit(Severity::Unknown) };
        }
    };
    let (text, severity) = match look(&cli.resources) {
        Ok((status, verdict)) => {
            let text = if cli.json { json(&status, &verdict) } else { Ok(screen(&status, &verdict)) };
            (text, verdict.severity)
        }
        Err(error) => {
            let severity = Severity::Unknown;
            let failure = Failure { severity, error: &error };
            let text =
                if cli.json { serde_json::to_string_pretty(&failure) } else { Ok(format!("{severity}: {error}")) };
            (text, severity)
        }
    };
    let printed = text.map_err(io::Error::from).and_then(|text| writeln!(io::stdout(), "{text}"));
    match printed {
        // Whoever reads may have read enough.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            eprintln!("drbd_status: writing the answer: {error}");
            exit(Severity::Unknown)
        }
        _ => exit(severity),
    }
}

fn exit(severity: Severity) -> ExitCode {
    ExitCode::from(severity.exit_code())
}

/// The state of the resources asked for, with the verdict on it.
fn look(names: &[OsString]) -> Result<(Status, Verdict), String> {
    let mut status = Status::read().map_err(|error| error.to_string())?;
    if let Some(missing) = names.iter().find(|name| status.resource(name.as_bytes()).is_none()) {
        let missing = drbd::Name::new(missing.as_bytes());
        return Err(match status.source {
            Source::Proc => format!("{missing}: /proc/drbd doesn't tell the names of resources; leave it out"),
            _ => format!("no resource is called {missing}; there {}", there_are(&status)),
        });
    }
    if !names.is_empty() {
        let asked = |own: &drbd::Name| names.iter().any(|name| name == own.as_os_str());
        status.resources.retain(|resource| resource.name.as_ref().is_some_and(asked));
    }
    let verdict = health::assess_all(&status);
    Ok((status, verdict))
}

fn there_are(status: &Status) -> String {
    let names: Vec<String> = status.resources.iter().map(label).collect();
    if names.is_empty() { "are none".to_owned() } else { format!("are {}", names.join(", ")) }
}

fn json(status: &Status, verdict: &Verdict) -> serde_json::Result<String> {
    let findings = verdict.findings.iter().map(|finding| Reason { finding, text: finding.to_string() }).collect();
    serde_json::to_string_pretty(&Report { severity: verdict.severity, findings, status })
}

fn screen(status: &Status, verdict: &Verdict) -> String {
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
    let version = status.version.as_deref().unwrap_or("of unknown version");
    let read = if status.source == Source::Proc { " (read from /proc/drbd)" } else { "" };
    lines.push(String::new());
    lines.push(format!("DRBD {version}{read}"));
    lines.extend(table(status));
    if !status.unknown.is_empty() {
        lines.push(format!("{} messages of a newer kernel: see --json", status.unknown.len()));
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
fn label(resource: &Resource) -> String {
    match (&resource.name, resource.devices.first()) {
        (Some(name), _) => name.to_string(),
        (None, Some(device)) => format!("minor {}", device.minor),
        (None, None) => "-".to_owned(),
    }
}
