//! What is to be kept.

use std::time::Duration;

use super::period::Unit;
use super::zone::Zone;

const DAY: Duration = Duration::from_secs(86_400);

/// The longest gap that [`Policy::keep_for`] believes: longer than a summer's holidays.
const GAP_OF_KEEP_FOR: Duration = DAY.saturating_mul(100);

/// The longest gap that [`Policy::max_age`] believes: yearly snapshots may be two years apart.
const GAP_OF_MAX_AGE: Duration = DAY.saturating_mul(800);

/// What is to be kept: a snapshot stays if *any* of the rules keeps it. Without a rule, everything stays.
///
/// Each rule is set by a method of its own; setting it again replaces it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Policy {
    pub(super) last: u32,
    hourly: u32,
    daily: u32,
    weekly: u32,
    monthly: u32,
    yearly: u32,
    pub(super) keep_for: Option<Duration>,
    pub(super) max_age: Option<Duration>,
    max_gap: Option<Duration>,
    pub(super) zone: Zone,
}

impl Policy {
    /// No rule yet, which keeps everything. Periods are those of UTC.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps the newest `count` snapshots. Several of one moment count as one, here and for all rules. 0 is no rule, as
    /// for all counts.
    #[must_use]
    pub fn keep_last(self, count: u32) -> Self {
        Self { last: count, ..self }
    }

    /// Keeps the newest snapshot of each of the newest `count` hours that have one.
    ///
    /// This and the four like it also keep the oldest snapshot while there are fewer periods than `count`: otherwise a
    /// ladder that begins in March would have nothing of March until the year is over.
    #[must_use]
    pub fn hourly(self, count: u32) -> Self {
        Self { hourly: count, ..self }
    }

    /// Keeps the newest snapshot of each of the newest `count` days that have one.
    #[must_use]
    pub fn daily(self, count: u32) -> Self {
        Self { daily: count, ..self }
    }

    /// Keeps the newest snapshot of each of the newest `count` weeks that have one.
    #[must_use]
    pub fn weekly(self, count: u32) -> Self {
        Self { weekly: count, ..self }
    }

    /// Keeps the newest snapshot of each of the newest `count` months that have one.
    #[must_use]
    pub fn monthly(self, count: u32) -> Self {
        Self { monthly: count, ..self }
    }

    /// Keeps the newest snapshot of each of the newest `count` years that have one.
    #[must_use]
    pub fn yearly(self, count: u32) -> Self {
        Self { yearly: count, ..self }
    }

    /// Keeps each snapshot until it is this old.
    #[must_use]
    pub fn keep_for(self, age: Duration) -> Self {
        Self { keep_for: Some(age), ..self }
    }

    /// Deletes what is this old even where a rule keeps it, except what is pinned and the newest.
    #[must_use]
    pub fn max_age(self, age: Duration) -> Self {
        Self { max_age: Some(age), ..self }
    }

    /// How long a time without snapshots is believed. A longer one does not count as time for
    /// [`keep_for`](Self::keep_for) and [`max_age`](Self::max_age), because the clock may have leapt ahead.
    ///
    /// So when a clock leaps from 2026 to 2038, the snapshots of 2026 don't all expire at once: ages go on from what
    /// they were. If the clock is put right, nothing is lost. If the machine was switched off for so long indeed, the
    /// old ones go when enough time has passed since.
    ///
    /// Unless set, `keep_for` believes 100 days and `max_age` 800: yearly snapshots are far apart. Set it longer if
    /// snapshots are taken less often than that; [`Duration::MAX`] believes everything.
    #[must_use]
    pub fn max_gap(self, gap: Duration) -> Self {
        Self { max_gap: Some(gap), ..self }
    }

    /// The time zone of hours, days, weeks, months and years.
    #[must_use]
    pub fn zone(self, zone: Zone) -> Self {
        Self { zone, ..self }
    }

    /// The counts of periods that are rules.
    pub(super) fn counts(&self) -> impl Iterator<Item = (Unit, u32)> {
        let counts = [
            (Unit::Hour, self.hourly),
            (Unit::Day, self.daily),
            (Unit::Week, self.weekly),
            (Unit::Month, self.monthly),
            (Unit::Year, self.yearly),
        ];
        counts.into_iter().filter(|(_, count)| *count > 0)
    }

    /// Whether there is a rule that keeps anything.
    pub(super) fn has_rules(&self) -> bool {
        self.last > 0 || self.keep_for.is_some() || self.counts().next().is_some()
    }

    pub(super) fn gap_of_keep_for(&self) -> Duration {
        self.max_gap.unwrap_or(GAP_OF_KEEP_FOR)
    }

    pub(super) fn gap_of_max_age(&self) -> Duration {
        self.max_gap.unwrap_or(GAP_OF_MAX_AGE)
    }
}
