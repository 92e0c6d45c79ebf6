//! Time zones: what civil time it is at a moment.

use std::fmt;
use std::time::SystemTime;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};

/// A time zone, with all its rules read when it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone(TimeZone);

/// A time zone that can't be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ZoneError {
    /// The database of time zones does not have it, or there is no database.
    #[error("no time zone {name:?}: {reason}; it takes a name like Europe/Berlin and the files of the package tzdata")]
    Unknown {
        /// The name that was asked for.
        name: String,
        /// What went wrong.
        reason: String,
    },
    /// The system's own can't be told.
    #[error("the time zone of this system can't be told: {0}; set TZ or /etc/localtime")]
    System(String),
    /// An offset of more than 25:59:59 hours.
    #[error("a time zone can't be {0} seconds from UTC: at most 93599, which is 25:59:59 hours")]
    Offset(i32),
}

impl Zone {
    /// UTC.
    #[must_use]
    pub fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    /// Always this many seconds east of UTC; negative is west.
    ///
    /// # Errors
    ///
    /// [`ZoneError::Offset`] for more than 25:59:59 hours.
    pub fn fixed(seconds: i32) -> Result<Self, ZoneError> {
        let offset = Offset::from_seconds(seconds).map_err(|_| ZoneError::Offset(seconds))?;
        Ok(Self(TimeZone::fixed(offset)))
    }

    /// A zone of the system's database (`/usr/share/zoneinfo`) by its name: `Europe/Berlin`. Reads files.
    ///
    /// # Errors
    ///
    /// [`ZoneError::Unknown`] if there is none of that name.
    pub fn named(name: &str) -> Result<Self, ZoneError> {
        TimeZone::get(name)
            .map(Self)
            .map_err(|error| ZoneError::Unknown { name: name.to_owned(), reason: error.to_string() })
    }

    /// The system's own, by `TZ` and `/etc/localtime`. Reads files.
    ///
    /// # Errors
    ///
    /// [`ZoneError::System`] if neither tells.
    pub fn system() -> Result<Self, ZoneError> {
        TimeZone::try_system().map(Self).map_err(|error| ZoneError::System(error.to_string()))
    }

    /// By the rule of a POSIX `TZ`: needs no database.
    #[cfg(test)]
    pub(super) fn posix(rule: &str) -> Self {
        Self(TimeZone::posix(rule).unwrap())
    }

    /// The civil time at a moment, and how many seconds it is east of UTC then.
    pub(super) fn civil(&self, at: SystemTime) -> (DateTime, i32) {
        let end = if at < SystemTime::UNIX_EPOCH { Timestamp::MIN } else { Timestamp::MAX };
        let timestamp = Timestamp::try_from(at).unwrap_or(end);
        let offset = self.0.to_offset(timestamp);
        (offset.to_datetime(timestamp), offset.seconds())
    }
}

impl Default for Zone {
    fn default() -> Self {
        Self::utc()
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0.iana_name(), self.0.to_fixed_offset()) {
            (Some(name), _) => f.write_str(name),
            (None, Ok(offset)) => write!(f, "{offset}"),
            (None, Err(_)) => f.write_str("the system's"),
        }
    }
}
