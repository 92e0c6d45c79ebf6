//! What shall become of a snapshot, and why.

use std::fmt;
use std::time::Duration;

use super::period::{Period, Unit};

/// What shall become of a snapshot, with all the reasons. Shown as its reasons, separated by semicolons.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(tag = "decision", rename_all = "snake_case"))]
pub enum Decision {
    /// It stays.
    Keep {
        /// Each rule that keeps it: at least one.
        reasons: Vec<KeepReason>,
    },
    /// It is to be deleted.
    Delete {
        /// Its age, by the clock.
        #[cfg_attr(feature = "serde", serde(rename = "age_seconds", serialize_with = "seconds"))]
        age: Duration,
        /// Why each rule of the policy does not keep it, or the limit that overrules them: at least one.
        reasons: Vec<DeleteReason>,
    },
}

/// Why a snapshot stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(tag = "rule", rename_all = "snake_case"))]
#[non_exhaustive]
pub enum KeepReason {
    /// It is pinned.
    Pinned,
    /// Nothing is newer. Of several of that moment, all are the newest.
    Newest,
    /// It is among the last so many.
    Last {
        /// Its place: 1 is the newest.
        rank: u32,
        /// How many the policy keeps.
        of: u32,
    },
    /// It is the newest of a period.
    NewestOf {
        /// The period.
        period: Period,
        /// The period's place among those of its kind that have snapshots: 1 is the newest.
        rank: u32,
        /// How many the policy keeps.
        of: u32,
    },
    /// It is the oldest, and there are not yet as many periods as the policy keeps.
    Oldest {
        /// The kind of period.
        unit: Unit,
        /// How many there are.
        have: u32,
        /// How many the policy keeps.
        of: u32,
    },
    /// It is younger than [`Policy::keep_for`](super::Policy::keep_for).
    Young {
        /// Its age.
        #[cfg_attr(feature = "serde", serde(rename = "age_seconds", serialize_with = "seconds"))]
        age: Duration,
        /// The policy's limit.
        #[cfg_attr(feature = "serde", serde(rename = "limit_seconds", serialize_with = "seconds"))]
        limit: Duration,
    },
    /// By the clock it is past a limit, and it stays only because part of its age is a gap that is not believed: the
    /// clock may have leapt ahead. See [`Policy::max_gap`](super::Policy::max_gap).
    ClockMayHaveLeapt {
        /// Its age by the clock.
        #[cfg_attr(feature = "serde", serde(rename = "age_seconds", serialize_with = "seconds"))]
        age: Duration,
        /// What of it is believed.
        #[cfg_attr(feature = "serde", serde(rename = "believed_seconds", serialize_with = "seconds"))]
        believed: Duration,
        /// The policy's limit.
        #[cfg_attr(feature = "serde", serde(rename = "limit_seconds", serialize_with = "seconds"))]
        limit: Duration,
    },
    /// A snapshot is of a later moment than now, so no age can be trusted, and all stay.
    ClockWentBackwards,
    /// The policy has no rule.
    NoRule,
}

/// Why a rule does not keep a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(tag = "rule", rename_all = "snake_case"))]
#[non_exhaustive]
pub enum DeleteReason {
    /// It is not among the last so many.
    NotLast {
        /// How many the policy keeps.
        of: u32,
    },
    /// Its period has a newer one.
    NotNewestOf {
        /// The period.
        period: Period,
    },
    /// Its period is not among the newest so many of its kind.
    PeriodPast {
        /// The period.
        period: Period,
        /// How many the policy keeps.
        of: u32,
    },
    /// It is no younger than [`Policy::keep_for`](super::Policy::keep_for).
    NotYoung {
        /// The policy's limit.
        #[cfg_attr(feature = "serde", serde(rename = "limit_seconds", serialize_with = "seconds"))]
        limit: Duration,
    },
    /// It reached [`Policy::max_age`](super::Policy::max_age), which overrules what keeps it.
    TooOld {
        /// The policy's limit.
        #[cfg_attr(feature = "serde", serde(rename = "limit_seconds", serialize_with = "seconds"))]
        limit: Duration,
    },
}

impl Decision {
    /// Whether the snapshot is to be deleted.
    #[must_use]
    pub fn is_delete(&self) -> bool {
        matches!(self, Self::Delete { .. })
    }

    /// Why it stays; nothing if it is to be deleted.
    #[must_use]
    pub fn keep_reasons(&self) -> &[KeepReason] {
        match self {
            Self::Keep { reasons } => reasons,
            Self::Delete { .. } => &[],
        }
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keep { reasons } => listed(f, reasons),
            Self::Delete { reasons, .. } => listed(f, reasons),
        }
    }
}

impl fmt::Display for KeepReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Pinned => f.write_str("pinned"),
            Self::Newest => f.write_str("the newest"),
            Self::Last { rank, of } => write!(f, "number {rank} of the last {of}"),
            Self::NewestOf { period, rank, of } => {
                write!(f, "the newest of the {} {period}, {rank} of {of}", period.unit())
            }
            Self::Oldest { unit, have, of } => write!(f, "the oldest while there are {have} of {of} {unit}s"),
            Self::Young { limit, .. } => write!(f, "younger than {}", Words(limit)),
            Self::ClockMayHaveLeapt { age, believed, limit } => write!(
                f,
                "{} old by the clock, of which {} are believed and {} are the limit: the clock may have leapt ahead",
                Words(age),
                Words(believed),
                Words(limit)
            ),
            Self::ClockWentBackwards => f.write_str("the clock went backwards"),
            Self::NoRule => f.write_str("the policy has no rule"),
        }
    }
}

impl fmt::Display for DeleteReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::NotLast { of } => write!(f, "not among the last {of}"),
            Self::NotNewestOf { period } => write!(f, "the {} {period} has a newer one", period.unit()),
            Self::PeriodPast { period, of } => {
                write!(f, "the {unit} {period} is not among the newest {of} {unit}s", unit = period.unit())
            }
            Self::NotYoung { limit } => write!(f, "not younger than {}", Words(limit)),
            Self::TooOld { limit } => write!(f, "past the maximum age of {}", Words(limit)),
        }
    }
}

fn listed(f: &mut fmt::Formatter<'_>, reasons: &[impl fmt::Display]) -> fmt::Result {
    for (index, reason) in reasons.iter().enumerate() {
        let separator = if index == 0 { "" } else { "; " };
        write!(f, "{separator}{reason}")?;
    }
    Ok(())
}

/// A length of time as a person says it, cut to its two largest units.
struct Words(Duration);

impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
        match (days, hours, minutes) {
            (0, 0, 0) => write!(f, "{seconds} s"),
            (0, 0, minutes) => write!(f, "{minutes} min"),
            (0, hours, 0) => write!(f, "{hours} h"),
            (0, hours, minutes) => write!(f, "{hours} h {minutes} min"),
            (1, 0, _) => f.write_str("1 day"),
            (days, 0, _) => write!(f, "{days} days"),
            (days, hours, _) => write!(f, "{days} d {hours} h"),
        }
    }
}

#[cfg(feature = "serde")]
fn seconds<S: serde::Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(time.as_secs())
}
