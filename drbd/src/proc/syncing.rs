//! Lines of a running resync or verify in `/proc/drbd`.

use std::time::Duration;

use super::line::{grouped, number};
use crate::progress::{Resync, Verify};
use crate::value::Bytes;

/// A running resync or verify, as `/proc/drbd` draws it. Paused ones are not drawn.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Syncing {
    /// It is a verify: `verified:`, not `sync'ed:`.
    pub verify: bool,
    /// The share done, in tenths of a percent.
    pub tenths: Option<u32>,
    /// What is left. Exact to 1 KiB, above 4 GiB to 1 MiB.
    pub left: Option<Bytes>,
    /// What there was to do. Exact as [`Self::left`].
    pub total: Option<Bytes>,
    /// Time left.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serialize::seconds"))]
    pub finish: Option<Duration>,
    /// Bytes per second, over about 20 s.
    pub rate: Option<Bytes>,
    /// Bytes per second since the last mark, 3 s ago; with `proc_details` only.
    pub rate_now: Option<Bytes>,
    /// Bytes per second since it began.
    pub rate_average: Option<Bytes>,
    /// Bytes per second the resync controller wants. Only on the side in control.
    pub rate_wanted: Option<Bytes>,
    /// Nothing moves.
    pub stalled: bool,
    /// Where on the device it is, and the device's size; with `proc_details` only.
    pub position: Option<(Bytes, Bytes)>,
    /// Words without a meaning here.
    pub unknown: Vec<String>,
}

impl Syncing {
    /// `[====>...............] sync'ed: 28.2% (98264/131032)K`, in 8.3 with the next line run on: `)Mfinish: …`.
    pub(super) fn bar(mut self, text: &str) -> Result<Self, String> {
        let (_, text) = text.split_once(']').ok_or("a bar without end")?;
        let (text, finish) = match text.find("finish:") {
            Some(index) => text.split_at(index),
            None => (text, ""),
        };
        for word in text.split_whitespace() {
            match word {
                "sync'ed:" => {}
                "verified:" => self.verify = true,
                word if word.ends_with('%') => self.tenths = Some(tenths(word)?),
                word if word.starts_with('(') => (self.left, self.total) = amounts(word)?,
                word => self.unknown.push(word.to_owned()),
            }
        }
        if finish.is_empty() { Ok(self) } else { self.finish(finish) }
    }

    /// `finish: 0:00:11 speed: 8,192 (8,192 -- 8,192) want: 8,192 K/sec (stalled)`
    pub(super) fn finish(mut self, text: &str) -> Result<Self, String> {
        let mut words = text.split_whitespace().peekable();
        while let Some(word) = words.next() {
            match word {
                "finish:" => self.finish = Some(duration(words.next().unwrap_or_default())?),
                "speed:" => self.rate = Some(rate(words.next().unwrap_or_default())?),
                "want:" => self.rate_wanted = Some(rate(words.next().unwrap_or_default())?),
                "(stalled)" => self.stalled = true,
                "--" | "K/sec" => {}
                word if word.starts_with('(') && words.peek() == Some(&"--") => {
                    self.rate_now = Some(rate(word.trim_start_matches('('))?);
                }
                word if word.ends_with(')') => {
                    self.rate_average = Some(rate(word.trim_matches(['(', ')']))?);
                }
                word => self.unknown.push(word.to_owned()),
            }
        }
        Ok(self)
    }

    /// ` 18% sector pos: 49144/262064`, perhaps with `stop sector: 1000`.
    pub(super) fn position(mut self, text: &str) -> Result<Self, String> {
        let (_, sectors) = text.split_once("% sector pos: ").unwrap_or_default();
        let (sectors, rest) = sectors.split_once(' ').unwrap_or((sectors, ""));
        let (position, size) = sectors.split_once('/').ok_or("a position without size")?;
        let sectors = |word| Bytes::from_sectors(number(word)?).ok_or_else(|| format!("{word} sectors are too many"));
        self.position = Some((sectors(position)?, sectors(size)?));
        if !rest.is_empty() {
            self.unknown.push(rest.to_owned());
        }
        Ok(self)
    }

    /// The same in the model.
    pub(super) fn resync(&self) -> Resync {
        let verify = self.verify.then(|| Verify {
            position: self.position.map(|(position, _)| position),
            left: self.left,
            ..Verify::default()
        });
        Resync {
            total: self.total,
            wanted_rate: self.rate_wanted,
            rate: self.rate,
            finish: self.finish,
            verify,
            ..Resync::default()
        }
    }
}

/// `28.2%`
fn tenths(word: &str) -> Result<u32, String> {
    let (whole, tenth) = word.trim_end_matches('%').split_once('.').ok_or("a percentage without a point")?;
    let (whole, tenth): (u32, u32) = (number(whole)?, number(tenth)?);
    whole.checked_mul(10).and_then(|tenths| tenths.checked_add(tenth)).ok_or_else(|| format!("{word} is too much"))
}

/// `(98264/131032)K`: left and total.
fn amounts(word: &str) -> Result<(Option<Bytes>, Option<Bytes>), String> {
    let (amounts, unit) = word.trim_start_matches('(').split_once(')').ok_or("an amount without end")?;
    let (left, total) = amounts.split_once('/').ok_or("an amount left without a total")?;
    let unit = match unit {
        "K" => 1,
        "M" => 1024,
        unit => return Err(format!("an amount in \"{unit}\", not in K or M")),
    };
    let amount = |word: &str| -> Result<Option<Bytes>, String> {
        let bytes = number::<u64>(word)?.checked_mul(unit).and_then(Bytes::from_kib);
        bytes.map(Some).ok_or_else(|| format!("{word} is above 2^64 bytes"))
    };
    Ok((amount(left)?, amount(total)?))
}

/// KiB per second.
fn rate(word: &str) -> Result<Bytes, String> {
    Bytes::from_kib(grouped(word)?).ok_or_else(|| format!("{word} KiB are above 2^64 bytes"))
}

/// `H:MM:SS`
fn duration(word: &str) -> Result<Duration, String> {
    let mut seconds = 0_u64;
    for part in word.split(':') {
        let part: u64 = number(part)?;
        let sum = seconds.checked_mul(60).and_then(|seconds| seconds.checked_add(part));
        seconds = sum.ok_or_else(|| format!("{word} is too long a time"))?;
    }
    Ok(Duration::from_secs(seconds))
}
