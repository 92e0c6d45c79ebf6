//! Periods of civil time: the hour, the day, the week, the month, the year that a moment is in.

use std::fmt;
use std::time::SystemTime;

use jiff::civil::DateTime;

use super::zone::Zone;

/// A kind of [`Period`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "lowercase"))]
pub enum Unit {
    /// An hour.
    Hour,
    /// A day, from midnight to midnight.
    Day,
    /// A week of ISO 8601, from Monday to Sunday.
    Week,
    /// A month.
    Month,
    /// A year.
    Year,
}

/// A certain period of civil time, in the zone of a policy. Shown as `2026-10-25T02+02:00`, `2026-10-25`, `2026-W43`,
/// `2026-10` or `2026`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Period {
    /// An hour. Where the clocks are put back, the hour that comes twice is two periods.
    Hour {
        /// The year.
        year: i16,
        /// The month, from 1.
        month: u8,
        /// The day of the month, from 1.
        day: u8,
        /// The hour, from 0.
        hour: u8,
        /// Seconds east of UTC.
        offset: i32,
    },
    /// A day.
    Day {
        /// The year.
        year: i16,
        /// The month, from 1.
        month: u8,
        /// The day of the month, from 1.
        day: u8,
    },
    /// A week.
    Week {
        /// The year that the week belongs to, which is the one its Thursday is in.
        year: i16,
        /// The week, from 1 to 52 or 53.
        week: u8,
    },
    /// A month.
    Month {
        /// The year.
        year: i16,
        /// The month, from 1.
        month: u8,
    },
    /// A year.
    Year {
        /// The year.
        year: i16,
    },
}

impl Period {
    /// The period that a moment is in.
    #[must_use]
    pub fn of(unit: Unit, at: SystemTime, zone: &Zone) -> Self {
        Self::at(unit, zone.civil(at))
    }

    pub(super) fn at(unit: Unit, (civil, offset): (DateTime, i32)) -> Self {
        let (year, month, day) = (civil.year(), civil.month().unsigned_abs(), civil.day().unsigned_abs());
        match unit {
            Unit::Hour => Self::Hour { year, month, day, hour: civil.hour().unsigned_abs(), offset },
            Unit::Day => Self::Day { year, month, day },
            Unit::Week => {
                let week = civil.date().iso_week_date();
                Self::Week { year: week.year(), week: week.week().unsigned_abs() }
            }
            Unit::Month => Self::Month { year, month },
            Unit::Year => Self::Year { year },
        }
    }

    /// What kind of period it is.
    #[must_use]
    pub fn unit(self) -> Unit {
        match self {
            Self::Hour { .. } => Unit::Hour,
            Self::Day { .. } => Unit::Day,
            Self::Week { .. } => Unit::Week,
            Self::Month { .. } => Unit::Month,
            Self::Year { .. } => Unit::Year,
        }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
        })
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Hour { year, month, day, hour, offset } => {
                let (sign, minutes) = (if offset < 0 { '-' } else { '+' }, offset.unsigned_abs() / 60);
                write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}{sign}{:02}:{:02}", minutes / 60, minutes % 60)
            }
            Self::Day { year, month, day } => write!(f, "{year:04}-{month:02}-{day:02}"),
            Self::Week { year, week } => write!(f, "{year:04}-W{week:02}"),
            Self::Month { year, month } => write!(f, "{year:04}-{month:02}"),
            Self::Year { year } => write!(f, "{year:04}"),
        }
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Period {
    /// As `{"unit": "week", "name": "2026-W43"}`.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;

        let mut period = serializer.serialize_struct("Period", 2)?;
        period.serialize_field("unit", &self.unit())?;
        period.serialize_field("name", &self.to_string())?;
        period.end()
    }
}
