//! What a trial came to.

use btrfs::preflight::{Report, Verdict};
use serde::{Deserialize, Serialize};

/// The verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Said {
    /// It ends well.
    Safe,
    /// It can't be told.
    Tight,
    /// It runs out of space.
    Fail,
    /// It does not begin.
    Refused,
}

/// What the kernel did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Did {
    /// All of it.
    Well,
    /// It ran out of space, and went on with what it could.
    OutOfSpace,
    /// It made the filesystem read-only.
    ReadOnly,
    /// It did not begin.
    Refused,
}

/// What was foreseen.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Foreseen {
    /// The verdict.
    pub said: Said,
    /// How many chunks would be relocated.
    pub chunks: u64,
    /// How many would find no room.
    pub errors: u64,
    /// Whether a filesystem that is read-only was warned of.
    pub abort_risk: bool,
    /// Why it is not safe.
    pub why: String,
}

/// One trial.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Record {
    /// What it was made from.
    pub seed: u64,
    /// The operation.
    pub what: String,
    /// What was foreseen of it.
    pub foreseen: Foreseen,
    /// What came of it.
    pub did: Did,
    /// How many chunks were relocated, where the kernel told.
    pub chunks: Option<u64>,
    /// How many found no room, where it told.
    pub errors: Option<u64>,
    /// Where it became read-only, in the kernel's words.
    pub aborted_in: Option<String>,
    /// Of a plan that was followed.
    pub plan: Option<Followed>,
    /// Of figures that were compared.
    pub usage: Option<Filled>,
}

impl Record {
    /// Whether what was said came true; what was said to be open is not false.
    #[must_use]
    pub fn came_true(&self) -> bool {
        if let Some(plan) = &self.plan {
            return plan.promised && plan.reached && plan.writable && plan.data_intact;
        }
        if let Some(usage) = &self.usage {
            return usage.differing.is_empty() && usage.is_within_a_chunk();
        }
        match self.foreseen.said {
            Said::Safe => self.did == Did::Well,
            Said::Fail => matches!(self.did, Did::OutOfSpace | Did::ReadOnly),
            Said::Refused => self.did == Did::Refused,
            Said::Tight => true,
        }
    }
}

/// How following a plan ended.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Followed {
    /// Whether there was a plan.
    pub promised: bool,
    /// Whether it came to its goal.
    pub reached: bool,
    /// Whether the filesystem was writable at the end.
    pub writable: bool,
    /// Whether all files were as before.
    pub data_intact: bool,
    /// How many devices were added for the time being.
    pub lent: usize,
    /// How many of these were taken away again.
    pub given_back: usize,
    /// What was done.
    pub steps: Vec<String>,
    /// Why it ended before its goal.
    pub end: String,
}

/// How usage, and what can still be allocated, compare.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Filled {
    /// The figures that differ from btrfs-progs'.
    pub differing: Vec<String>,
    /// How many were compared.
    pub figures: usize,
    /// Bytes of data chunks that were foreseen when it is full.
    pub foreseen: u64,
    /// Bytes that it then had.
    pub filled: u64,
    /// Bytes of data that were said to fit.
    pub fits: u64,
    /// Bytes that did.
    pub written: u64,
    /// Whether it was said that metadata is too short for that.
    pub short_of_metadata: bool,
    /// Whether data was of two profiles, as after a conversion that did not end.
    pub two_profiles: bool,
    /// The largest chunk that there was, of whatever, or was foreseen: as much data as it has room for.
    pub chunk: u64,
}

impl Filled {
    /// Whether what was said to fit did.
    #[must_use]
    pub fn is_within_a_chunk(&self) -> bool {
        self.distance() <= self.chunk
    }

    /// Bytes between what was said and what was, of chunks or of data.
    #[must_use]
    pub fn distance(&self) -> u64 {
        let data = if self.short_of_metadata { 0 } else { self.fits.abs_diff(self.written) };
        self.foreseen.abs_diff(self.filled).max(data)
    }
}

impl From<&Report> for Foreseen {
    fn from(report: &Report) -> Self {
        let (said, errors, why) = match &report.verdict {
            Verdict::Safe(_) => (Said::Safe, 0, String::new()),
            Verdict::WontFit { first, errors, .. } => (Said::Fail, *errors, first.to_string()),
            Verdict::Refused(refused) => (Said::Refused, 0, refused.to_string()),
            Verdict::Tight { reasons, .. } => {
                (Said::Tight, 0, reasons.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
            }
            other => (Said::Tight, 0, format!("{other:?}")),
        };
        let chunks = u64::try_from(report.moves.len()).unwrap_or(u64::MAX);
        Self { said, chunks, errors, abort_risk: report.abort_risk, why }
    }
}
