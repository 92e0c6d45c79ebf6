//! What a trial came to.

use btrfs::preflight::{Report, Verdict};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Said {
    Safe,
    Tight,
    Fail,
    Refused,
}

/// What the kernel did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Did {
    Well,
    OutOfSpace,
    /// It made the filesystem read-only.
    ReadOnly,
    /// It did not begin.
    Refused,
}

/// What was foreseen.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Foreseen {
    pub(crate) said: Said,
    pub(crate) chunks: u64,
    pub(crate) errors: u64,
    pub(crate) abort_risk: bool,
    pub(crate) why: String,
}

/// One trial.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) seed: u64,
    pub(crate) what: String,
    pub(crate) foreseen: Foreseen,
    pub(crate) did: Did,
    /// Where the kernel told.
    pub(crate) chunks: Option<u64>,
    pub(crate) errors: Option<u64>,
    /// Of a plan that was followed.
    pub(crate) plan: Option<Followed>,
    /// Of figures that were compared.
    pub(crate) usage: Option<Filled>,
}

/// How following a plan ended.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Followed {
    pub(crate) promised: bool,
    pub(crate) reached: bool,
    pub(crate) writable: bool,
    pub(crate) data_intact: bool,
    pub(crate) lent: usize,
    pub(crate) given_back: usize,
    pub(crate) steps: Vec<String>,
    pub(crate) end: String,
}

/// How usage, and what can still be allocated, compare.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Filled {
    /// The figures that differ from btrfs-progs'.
    pub(crate) differing: Vec<String>,
    pub(crate) figures: usize,
    /// Bytes of data chunks: as foreseen, and as they came to be.
    pub(crate) foreseen: u64,
    pub(crate) filled: u64,
    /// The largest chunk there can be.
    pub(crate) chunk: u64,
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
