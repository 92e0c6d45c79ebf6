//! What was done, told to a person or to a program, and the exit code.

use std::fmt::Display;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use btrfs::SubvolumeId;
use btrfs::retention::{Decision, DeleteReason, KeepReason};
use btrfs::subvolume::SubvolumeInfo;
use serde::Serialize;

use crate::moment::{self, Stamp};

/// Collects what was done. As JSON it is the object that `--json` prints.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    /// Nothing was changed: the lists say what would be.
    dry_run: bool,
    #[serde(skip)]
    verbose: bool,
    /// Snapshots taken, or there already.
    snapshots: Vec<Taken>,
    kept: Vec<Kept>,
    deleted: Vec<Deleted>,
    pinned: Vec<String>,
    unpinned: Vec<String>,
    left_alone: Vec<LeftAlone>,
    /// Snapshots of a run that was interrupted, finished now.
    repaired: Vec<String>,
    groups: Vec<Group>,
    /// Sources of which nothing was deleted for that.
    clock_went_backwards: Vec<String>,
    /// Sources of which some stay only because the clock may have leapt ahead.
    clock_may_have_leapt: Vec<String>,
    errors: Vec<String>,
    #[serde(skip)]
    lines: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Taken {
    path: String,
    /// False for one that was there already.
    new: bool,
    id: Option<SubvolumeId>,
    /// The transaction it was made in; equal ones were made in one commit.
    generation: Option<u64>,
}

#[derive(Debug, Serialize)]
struct Kept {
    path: String,
    id: SubvolumeId,
    reasons: Vec<KeepReason>,
}

#[derive(Debug, Serialize)]
struct Deleted {
    path: String,
    id: SubvolumeId,
    age_seconds: u64,
    reasons: Vec<DeleteReason>,
}

#[derive(Debug, Serialize)]
struct LeftAlone {
    path: String,
    why: &'static str,
}

/// The snapshots of one filesystem.
#[derive(Debug, Serialize)]
struct Group {
    transactions: usize,
    milliseconds: u128,
}

impl Report {
    /// Of a dry run, everything is told.
    pub(crate) fn new(dry_run: bool, verbose: bool) -> Self {
        Self {
            dry_run,
            verbose: verbose || dry_run,
            snapshots: Vec::new(),
            kept: Vec::new(),
            deleted: Vec::new(),
            pinned: Vec::new(),
            unpinned: Vec::new(),
            left_alone: Vec::new(),
            repaired: Vec::new(),
            groups: Vec::new(),
            clock_went_backwards: Vec::new(),
            clock_may_have_leapt: Vec::new(),
            errors: Vec::new(),
            lines: Vec::new(),
        }
    }

    pub(crate) fn taken(&mut self, path: &Path, info: Option<&SubvolumeInfo>) {
        let id = info.map_or(String::new(), |info| format!("  id {}", info.id));
        self.line("taken", "would take", format!("{}{id}", path.display()));
        self.snapshots.push(Taken {
            path: text(path),
            new: true,
            id: info.map(|info| info.id),
            generation: info.map(|info| info.otransid.0),
        });
    }

    pub(crate) fn present(&mut self, path: &Path) {
        self.line("present", "present", format!("{}", path.display()));
        self.snapshots.push(Taken { path: text(path), new: false, id: None, generation: None });
    }

    pub(crate) fn group(&mut self, transactions: usize, time: Duration) {
        self.groups.push(Group { transactions, milliseconds: time.as_millis() });
    }

    /// A snapshot that stays, or that was or would be deleted.
    pub(crate) fn decided(&mut self, path: &Path, id: SubvolumeId, decision: Decision) {
        let why = if self.verbose { format!(": {decision}") } else { String::new() };
        match decision {
            Decision::Keep { reasons } => {
                if self.verbose {
                    self.line("kept", "would keep", format!("{}  id {id}{why}", path.display()));
                }
                self.kept.push(Kept { path: text(path), id, reasons });
            }
            Decision::Delete { age, reasons } => {
                let old = moment::age(age);
                self.line("deleted", "would delete", format!("{}  id {id}, {old} old{why}", path.display()));
                self.deleted.push(Deleted { path: text(path), id, age_seconds: age.as_secs(), reasons });
            }
        }
    }

    pub(crate) fn pinned(&mut self, path: &Path, pinned: bool) {
        if pinned {
            self.line("pinned", "would pin", path.display());
            self.pinned.push(text(path));
        } else {
            self.line("unpinned", "would unpin", path.display());
            self.unpinned.push(text(path));
        }
    }

    pub(crate) fn left_alone(&mut self, path: &Path, why: &'static str) {
        self.line("left alone", "left alone", format!("{}: {why}", path.display()));
        self.left_alone.push(LeftAlone { path: text(path), why });
    }

    pub(crate) fn repaired(&mut self, path: &Path) {
        self.line("finished", "would finish", format!("{}  of a run that was interrupted", path.display()));
        self.repaired.push(text(path));
    }

    pub(crate) fn clock_went_backwards(&mut self, source: &Path, stamp: &Stamp) {
        eprintln!(
            "daily_snapshots: {}: a snapshot is of a later moment than {stamp}: the clock went backwards, nothing is deleted",
            source.display()
        );
        self.clock_went_backwards.push(text(source));
    }

    pub(crate) fn clock_may_have_leapt(&mut self, source: &Path) {
        eprintln!(
            "daily_snapshots: {}: some snapshots are past their time and stay for now, because the clock may have leapt \
             ahead: there was none for longer than is believed (--max-gap)",
            source.display()
        );
        self.clock_may_have_leapt.push(text(source));
    }

    pub(crate) fn failed(&mut self, error: String) {
        eprintln!("daily_snapshots: {error}");
        self.errors.push(error);
    }

    fn line(&mut self, done: &str, would: &str, what: impl Display) {
        self.lines.push(if self.dry_run { format!("{would:14}{what}") } else { format!("{done:12}{what}") });
    }

    /// Prints it all and says the exit code.
    pub(crate) fn print(self, json: bool) -> ExitCode {
        if json {
            match serde_json::to_string_pretty(&self) {
                Ok(text) => println!("{text}"),
                Err(error) => {
                    eprintln!("daily_snapshots: writing JSON: {error}");
                    return ExitCode::FAILURE;
                }
            }
        } else {
            self.lines.iter().for_each(|line| println!("{line}"));
            for Group { transactions, milliseconds } in &self.groups {
                let commits = if *transactions == 1 {
                    "1 transaction".to_owned()
                } else {
                    format!("{transactions} transactions")
                };
                println!("{:12}{commits}, {milliseconds} ms", "as a group");
            }
        }
        match (self.errors.is_empty(), self.clock_went_backwards.is_empty()) {
            (false, _) => ExitCode::FAILURE,
            (true, false) => ExitCode::from(4),
            (true, true) => ExitCode::SUCCESS,
        }
    }
}

/// A path as text; bytes that are no UTF-8 are shown as such.
fn text(path: &Path) -> String {
    path.display().to_string()
}
