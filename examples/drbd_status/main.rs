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
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;
use drbd::Status;
use drbd::generations::{Compared, Relation, relations};
use drbd::health::{Finding, Severity, Verdict};
use drbd::monitor::Condition;
use serde::Serialize;

mod look;
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
    /// Wait until the resources are so, whether or not they are there yet
    #[arg(long, value_name = "CONDITION", long_help = WAIT, conflicts_with_all = ["read", "record"])]
    wait: Option<Condition>,
    /// How many seconds to wait; without it, for ever
    #[arg(long, value_name = "SECONDS", requires = "wait")]
    timeout: Option<u64>,
    /// Say what to do about it, too
    #[arg(long)]
    advice: bool,
    /// Say who has the newer data, from this state and that of the other node, which was recorded there
    #[arg(long, value_name = "FILE", conflicts_with_all = ["json", "prometheus"])]
    compare: Option<PathBuf>,
}

const WAIT: &str = "\
Wait until the resources are so, whether or not they are there yet, and show the
state then: connected (every peer is), disconnected (none is), uptodate (each
copy on this node is good), in-sync (every peer is connected and each copy good),
may-promote (this node may become Primary). Exit code 5 if not within --timeout";

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
  5            what --wait waits for did not come within --timeout

JSON: an object with \"severity\", \"findings\" (each with its own severity, the
resource, minor and peer it is about, a typed reason, the text and an advice), \"source\",
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
    advice: &'static str,
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
    let looked = look::look(&cli).map_err(|error| format!("{error:#}"));
    let severity = looked.as_ref().map_or(Severity::Unknown, |(_, verdict, _)| verdict.severity);
    let code = match &looked {
        Ok((_, _, false)) => ExitCode::from(TIMED_OUT),
        _ => exit(severity),
    };
    if let (Some(file), Ok((status, ..))) = (&cli.compare, &looked) {
        return compare(status, file);
    }
    if let Some(file) = &cli.prometheus {
        if let Err(error) = &looked {
            eprintln!("drbd_status: {error}");
        }
        let status = looked.as_ref().ok().map(|(status, ..)| status);
        return match prometheus::text(status, severity).and_then(|text| prometheus::write(file, &text)) {
            Ok(()) => code,
            Err(error) => {
                eprintln!("drbd_status: writing {}: {error:#}", file.display());
                exit(Severity::Unknown)
            }
        };
    }
    let text = match &looked {
        Ok((status, verdict, _)) if cli.json => json(status, verdict),
        Ok((status, verdict, _)) => Ok(screen::text(status, verdict, cli.advice)),
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
        _ => code,
    }
}

/// Who has the newer data, volume by volume; the exit code tells whether any is in a split brain.
fn compare(status: &Status, file: &Path) -> ExitCode {
    let theirs = match look::recorded(file) {
        Ok(theirs) => theirs,
        Err(error) => {
            eprintln!("drbd_status: {error:#}");
            return exit(Severity::Unknown);
        }
    };
    let volumes = relations(status, &theirs);
    if volumes.is_empty() {
        eprintln!("drbd_status: the two have no volume in common");
        return exit(Severity::Unknown);
    }
    for Compared { resource, volume, relation, .. } in &volumes {
        let volume = volume.map(|volume| format!("/{volume}")).unwrap_or_default();
        println!("{resource}{volume}: {relation}");
    }
    let is = |relation| volumes.iter().any(|volume| volume.relation == relation);
    exit(match () {
        () if is(Relation::SplitBrain) || is(Relation::Unrelated) => Severity::Critical,
        () if is(Relation::Unknown) => Severity::Unknown,
        () if is(Relation::OursIsNewer) || is(Relation::TheirsIsNewer) => Severity::Warning,
        () => Severity::Ok,
    })
}

/// The exit code where what was waited for did not come.
const TIMED_OUT: u8 = 5;

fn exit(severity: Severity) -> ExitCode {
    ExitCode::from(severity.exit_code())
}

fn json(status: &Status, verdict: &Verdict) -> serde_json::Result<String> {
    let findings = verdict
        .findings
        .iter()
        .map(|finding| Reason { finding, text: finding.to_string(), advice: finding.reason.advice() })
        .collect();
    serde_json::to_string_pretty(&Report { severity: verdict.severity, findings, status })
}
