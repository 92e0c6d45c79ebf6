//! Moments: the stamp of a run, and how long a snapshot is kept.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, bail};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Span, SpanRelativeTo, Zoned};

/// The moment a run's snapshots stand for. It is their name: `2026-11-22`, or `2026-11-22T06:00:00`.
///
/// Stamps are civil time: a day is a day, also when the clocks are put forward.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Stamp {
    at: DateTime,
    text: String,
}

impl Stamp {
    /// Today, by this machine's clock and time zone.
    pub(crate) fn today() -> Self {
        let date = Zoned::now().date();
        Self { at: date.into(), text: date.to_string() }
    }

    /// The same moment for ages: civil time as if it were UTC.
    pub(crate) fn moment(&self) -> Result<SystemTime> {
        let zoned = self.at.to_zoned(TimeZone::UTC).with_context(|| format!("the stamp {self}"))?;
        Ok(zoned.timestamp().into())
    }
}

impl FromStr for Stamp {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let at: DateTime = text
            .parse()
            .with_context(|| format!("the stamp {text:?} is no date: write it as 2026-11-22 or 2026-11-22T06:00:00"))?;
        if text.contains('/') {
            bail!("the stamp {text:?} holds a slash and can't be a snapshot's name");
        }
        Ok(Self { at, text: text.to_owned() })
    }
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Parses `7d`, `2w`, `36h`. A day is 24 hours.
pub(crate) fn duration(text: &str) -> Result<Duration> {
    let span: Span = text.parse().with_context(|| format!("{text:?} is no length of time: write 7d, 2w or 36h"))?;
    let signed = span
        .to_duration(SpanRelativeTo::days_are_24_hours())
        .with_context(|| format!("{text:?} has no fixed length: use weeks, days or hours"))?;
    let duration = Duration::try_from(signed).with_context(|| format!("{text:?} is negative"))?;
    if duration.is_zero() {
        bail!("{text:?} would keep nothing but the newest snapshot: write 7d, 2w or 36h");
    }
    Ok(duration)
}

/// An age as a person says it.
pub(crate) fn age(age: Duration) -> String {
    let hours = age.as_secs() / 3600;
    match (hours / 24, hours % 24) {
        (0, hours) => format!("{hours} h"),
        (1, 0) => "1 day".to_owned(),
        (days, 0) => format!("{days} days"),
        (days, hours) => format!("{days} d {hours} h"),
    }
}
