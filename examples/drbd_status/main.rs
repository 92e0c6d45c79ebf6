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
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;
use drbd::health::{self, Finding, Severity, Verdict};
use drbd::{Recording, Source, Status};
use serde::Serialize;

mod prometheus;
mod screen;

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
    /// Write metrics into a file for the textfile collector of Prometheus' node exporter; `-` is the standard output
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    prometheus: Option<PathBuf>,
    /// Look at what somebody recorded; `-` is the standard input
    #[arg(long, value_name = "FILE", long_help = READ)]
    read: Option<PathBuf>,
    /// Also write down what the kernel answers, byte by byte, for a report of a bug
    #[arg(long, value_name = "FILE", long_help = RECORD, conflicts_with = "read")]
    record: Option<PathBuf>,
}

const READ: &str = "\
Look at what somebody recorded, whichever it is: a file of --record, /proc/drbd,
the output of drbdsetup events2 or of drbdsetup status --json, or datagrams of
netlink, each behind its length. `-` is the standard input";
const RECORD: &str = "\
Also write down what the kernel answers, byte by byte, for a report of a bug.
Names of resources, hosts and devices, and addresses are in it; the shared
secret is not. --read shows it. The file must not be there yet";

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
\"version\", \"resources\", \"unknown\" and \"unknown_words\"; or with \"severity\" and \"error\". Names
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
    let looked = look(&cli);
    let severity = looked.as_ref().map_or(Severity::Unknown, |(_, verdict)| verdict.severity);
    if let Some(file) = &cli.prometheus {
        if let Err(error) = &looked {
            eprintln!("drbd_status: {error}");
        }
        let looked = looked.as_ref().ok();
        return match prometheus::text(looked).and_then(|text| prometheus::write(file, &text)) {
            Ok(()) => exit(severity),
            Err(error) => {
                eprintln!("drbd_status: writing {}: {error:#}", file.display());
                exit(Severity::Unknown)
            }
        };
    }
    let text = match &looked {
        Ok((status, verdict)) if cli.json => json(status, verdict),
        Ok((status, verdict)) => Ok(screen::text(status, verdict)),
        Err(error) if cli.json => serde_json::to_string_pretty(&Failure { severity, error }),
        Err(error) => Ok(format!("{severity}: {error}")),
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
fn look(cli: &Cli) -> Result<(Status, Verdict), String> {
    let names = &cli.resources;
    let mut status = read(cli)?;
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

/// The state: the kernel's, or one that was recorded.
fn read(cli: &Cli) -> Result<Status, String> {
    let of = |file: &Path, error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
    if let Some(file) = &cli.record {
        let recording = Recording::take().map_err(|error| error.to_string())?;
        // Nothing that is there is overwritten.
        let made = File::create_new(file).and_then(|mut made| made.write_all(&recording.to_bytes()));
        made.map_err(|error| of(file, &error))?;
        return recording.status().map_err(|error| error.to_string());
    }
    let Some(file) = &cli.read else { return Status::read().map_err(|error| error.to_string()) };
    let mut bytes = Vec::new();
    let read = match file.as_os_str() == "-" {
        true => io::stdin().read_to_end(&mut bytes),
        false => File::open(file).and_then(|mut file| file.read_to_end(&mut bytes)),
    };
    read.map_err(|error| of(file, &error))?;
    Status::from_recorded(&bytes).map_err(|error| of(file, &error))
}

fn there_are(status: &Status) -> String {
    let names: Vec<String> = status.resources.iter().map(screen::label).collect();
    if names.is_empty() { "are none".to_owned() } else { format!("are {}", names.join(", ")) }
}

fn json(status: &Status, verdict: &Verdict) -> serde_json::Result<String> {
    let findings = verdict.findings.iter().map(|finding| Reason { finding, text: finding.to_string() }).collect();
    serde_json::to_string_pretty(&Report { severity: verdict.severity, findings, status })
}
