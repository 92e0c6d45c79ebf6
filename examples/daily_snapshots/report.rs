//! What was done, told to a person or to a program, and the exit code.

use std::fmt::Display;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use btrfs::SubvolumeId;
use btrfs::subvolume::SubvolumeInfo;
use serde::Serialize;

use crate::moment::{self, Stamp};

/// Collects what was done. As JSON it is the object that `--json` prints.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    /// Nothing was changed: the lists say what would be.
    dry_run: bool,
    /// Snapshots taken, or there already.
    snapshots: Vec<Taken>,
    deleted: Vec<Deleted>,
    left_alone: Vec<LeftAlone>,
    /// Snapshots of a run that was interrupted, finished now.
    repaired: Vec<String>,
    groups: Vec<Group>,
    /// Sources of which nothing was deleted for that.
    clock_went_backwards: Vec<String>,
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
struct Deleted {
    path: String,
    id: SubvolumeId,
    age_seconds: u64,
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
    pub(crate) fn new(dry_run: bool) -> Self {
        Self {
            dry_run,
            snapshots: Vec::new(),
            deleted: Vec::new(),
            left_alone: Vec::new(),
            repaired: Vec::new(),
            groups: Vec::new(),
            clock_went_backwards: Vec::new(),
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

    pub(crate) fn deleted(&mut self, path: &Path, id: SubvolumeId, age: Duration) {
        self.line("deleted", "would delete", format!("{}  id {id}, {} old", path.display(), moment::age(age)));
        self.deleted.push(Deleted { path: text(path), id, age_seconds: age.as_secs() });
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

    pub(crate) fn failed(&mut self, error: String) {
        eprintln!("daily_snapshots: {error}");
        self.errors.push(error);
    }

    fn line(&mut self, done: &str, would: &str, what: impl Display) {
        self.lines.push(format!("{:12}{what}", if self.dry_run { would } else { done }));
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
