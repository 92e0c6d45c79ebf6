//! btrfs-progs' syntax of filters, read and written.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use super::filter::{FilterError, Filters};
use crate::id::{DevId, Logical, Physical};
use crate::profile::{Profile, Profiles, UnknownProfile};

/// All filters there are, for who mistypes one.
const KNOWN: &str = "profiles=, usage=, devid=, drange=, vrange=, limit=, stripes=, convert= and soft";

/// As `btrfs balance start -d` takes them: `usage=50,limit=2`. Words are separated by commas, ranges are `a..b`, `a..` or
/// `..b`, profiles are joined by `|`. Of a filter that is given twice the last one counts, but profiles add up.
///
/// More than btrfs-progs, the bounds of `drange` and `vrange` may have a suffix K, M, G, T, P or E.
impl FromStr for Filters {
    type Err = FilterError;

    fn from_str(text: &str) -> Result<Self, FilterError> {
        let mut words = text.split(',').filter(|word| !word.is_empty());
        let filters = words.try_fold(Self::new(), |filters, word| {
            filters.and(word).map_err(|rule| FilterError { word: word.to_owned(), rule: rule.into() })
        })?;
        filters.check()?;
        Ok(filters)
    }
}

impl Filters {
    /// Adds the filter that a word says; the error is the rule it breaks.
    fn and(mut self, word: &str) -> Result<Self, String> {
        let (name, value) = match word.split_once('=') {
            None if word == "soft" => return Ok(self.soft()),
            Some(("soft", _)) => return Err("it takes no value".to_owned()),
            None => (word, ""),
            Some(split) => split,
        };
        let example = match name {
            "profiles" => "raid1|dup",
            "usage" => "50 or 10..50",
            "devid" => "1",
            "drange" | "vrange" => "0..1G",
            "limit" => "2 or 3..5",
            "stripes" => "1..2",
            "convert" => "raid1",
            _ => return Err(format!("there is no filter of this name; there are {KNOWN}")),
        };
        if value.is_empty() {
            return Err(format!("it needs a value, such as {name}={}", example.split(' ').next().unwrap_or(example)));
        }
        let mistyped = || format!("what follows the = has to be like {example}");
        let unknown = |error: UnknownProfile| error.to_string();
        match name {
            "profiles" => {
                let more: Profiles = value.parse().map_err(unknown)?;
                self.profiles = Some(self.profiles.unwrap_or(Profiles::empty()) | more);
            }
            "usage" => {
                let percent = number_or_range(value).ok_or_else(mistyped)?;
                let bound = |bound| u8::try_from(bound).map_err(|_| "percentages are 0 to 100".to_owned());
                self.usage = Some(bound(percent.start)?..bound(percent.end.unwrap_or(100))?);
            }
            "devid" => self.devid = Some(DevId(value.parse().map_err(|_| mistyped())?)),
            "drange" => {
                let Range { start, end } = bytes(value).ok_or_else(mistyped)?;
                self.drange = Some(Physical(start)..Physical(end));
            }
            "vrange" => {
                let Range { start, end } = bytes(value).ok_or_else(mistyped)?;
                self.vrange = Some(Logical(start)..Logical(end));
            }
            "limit" => self.limit = Some(number_or_range(value).ok_or_else(mistyped)?.count()?),
            "stripes" => self.stripes = Some(Bounds::parse(value, number).ok_or_else(mistyped)?.count()?),
            _ => self = self.convert(value.parse::<Profile>().map_err(unknown)?),
        }
        Ok(self)
    }
}

/// `a..b`, `a..` or `..b`.
struct Bounds {
    start: u64,
    end: Option<u64>,
}

impl Bounds {
    fn parse(text: &str, number: fn(&str) -> Option<u64>) -> Option<Self> {
        match text.split_once("..")? {
            ("", "") => None,
            ("", end) => Some(Self { start: 0, end: Some(number(end)?) }),
            (start, "") => Some(Self { start: number(start)?, end: None }),
            (start, end) => Some(Self { start: number(start)?, end: Some(number(end)?) }),
        }
    }

    /// As a count, both bounds included.
    fn count(self) -> Result<std::ops::RangeInclusive<u32>, String> {
        let bound = |bound| u32::try_from(bound).map_err(|_| format!("numbers are 0 to {}", u32::MAX));
        Ok(bound(self.start)?..=self.end.map_or(Ok(u32::MAX), bound)?)
    }
}

/// `n`, which is `..n`, or a range.
fn number_or_range(text: &str) -> Option<Bounds> {
    match number(text) {
        Some(end) => Some(Bounds { start: 0, end: Some(end) }),
        None => Bounds::parse(text, number),
    }
}

fn number(text: &str) -> Option<u64> {
    text.parse().ok()
}

/// A range of bytes, which may have suffixes.
fn bytes(text: &str) -> Option<Range<u64>> {
    let bounds = Bounds::parse(text, |text| {
        let suffixed = text.char_indices().last().filter(|(_, last)| last.is_ascii_alphabetic());
        let Some((digits, suffix)) = suffixed else { return number(text) };
        let power = "kmgtpe".find(suffix.to_ascii_lowercase())?;
        let unit = 1024_u64.checked_pow(u32::try_from(power + 1).ok()?)?;
        number(&text[..digits])?.checked_mul(unit)
    })?;
    Some(bounds.start..bounds.end.unwrap_or(u64::MAX))
}

/// In btrfs-progs' syntax; parsing gives the same filters again. What this library does not know stands as `flags=` at
/// the end.
impl fmt::Display for Filters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let range = |start: u64, end: u64, open: u64| {
            if end == open { format!("{start}..") } else { format!("{start}..{end}") }
        };
        let single = |start: u64, end: u64, open: u64| {
            if start == 0 && end != open { end.to_string() } else { range(start, end, open) }
        };
        let count = u32::MAX.into();
        let words = [
            self.convert.map(|target| format!("convert={target}")),
            self.soft.then(|| "soft".to_owned()),
            self.profiles.map(|profiles| format!("profiles={profiles}")),
            // A usage has no open end: the kernel takes 100 and more to be the same.
            self.usage.as_ref().map(|u| format!("usage={}", single(u.start.into(), u.end.into(), u64::MAX))),
            self.devid.map(|device| format!("devid={device}")),
            self.drange.as_ref().map(|r| format!("drange={}", range(r.start.0, r.end.0, u64::MAX))),
            self.vrange.as_ref().map(|r| format!("vrange={}", range(r.start.0, r.end.0, u64::MAX))),
            self.limit.as_ref().map(|l| format!("limit={}", single((*l.start()).into(), (*l.end()).into(), count))),
            self.stripes.as_ref().map(|s| format!("stripes={}", range((*s.start()).into(), (*s.end()).into(), count))),
            (self.unknown != 0).then(|| format!("flags={:#x}", self.unknown)),
        ];
        f.write_str(&words.into_iter().flatten().collect::<Vec<_>>().join(","))
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Filters {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests;
