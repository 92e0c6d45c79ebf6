//! What a text says of one object: values by the names of `drbdsetup events2`.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

use crate::error::Error;
use crate::value::Bytes;

/// What a text says of one object; what is taken is gone, so that the rest is what wasn't understood.
#[derive(Debug, Clone, Default)]
pub(super) struct Words {
    /// The text, and the object in it, for errors.
    place: String,
    words: BTreeMap<String, String>,
}

impl Words {
    pub(super) fn new(place: impl Into<String>, words: BTreeMap<String, String>) -> Self {
        Self { place: place.into(), words }
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.words.contains_key(key)
    }

    /// Takes over what is said later.
    pub(super) fn update(&mut self, later: &BTreeMap<String, String>) {
        self.words.extend(later.iter().map(|(key, value)| (key.clone(), value.clone())));
    }

    pub(super) fn take(&mut self, key: &str) -> Option<String> {
        self.words.remove(key)
    }

    /// A value that an object can't be without.
    pub(super) fn required(&mut self, key: &str) -> Result<String, Error> {
        self.take(key).ok_or_else(|| self.wrong(key, "is missing"))
    }

    pub(super) fn state<T>(&mut self, key: &str, from_word: fn(&str) -> T) -> Result<T, Error> {
        self.required(key).map(|word| from_word(&word))
    }

    pub(super) fn number<T: FromStr>(&mut self, key: &str) -> Result<Option<T>, Error> {
        let parsed = self.take(key).map(|word| word.parse().map_err(|_| word));
        parsed.transpose().map_err(|word| self.wrong(key, format!("\"{word}\" is no number that fits")))
    }

    pub(super) fn yes(&mut self, key: &str) -> Result<Option<bool>, Error> {
        let flag = self.take(key).map(|word| match word.as_str() {
            "yes" => Ok(true),
            "no" => Ok(false),
            _ => Err(word),
        });
        flag.transpose().map_err(|word| self.wrong(key, format!("\"{word}\" is neither yes nor no")))
    }

    pub(super) fn kib(&mut self, key: &str) -> Result<Option<Bytes>, Error> {
        let kib = self.number(key)?;
        kib.map(|kib| Bytes::from_kib(kib).ok_or_else(|| self.wrong(key, "is above 2^64 bytes"))).transpose()
    }

    pub(super) fn sectors(&mut self, key: &str) -> Result<Option<Bytes>, Error> {
        let sectors = self.number(key)?;
        sectors.map(|own| Bytes::from_sectors(own).ok_or_else(|| self.wrong(key, "is above 2^64 bytes"))).transpose()
    }

    /// `12.3` in hundredths: 1230. None for `nan` and `inf`, which drbdsetup prints where it would divide by nothing.
    pub(super) fn hundredths(&mut self, key: &str) -> Result<Option<u64>, Error> {
        let Some(word) = self.take(key).filter(|word| !["nan", "-nan", "inf"].contains(&word.as_str())) else {
            return Ok(None);
        };
        let (whole, part) = word.split_once('.').unwrap_or((&word, ""));
        let digits: String = part.chars().chain("00".chars()).take(2).collect();
        let parsed = whole.parse::<u64>().ok().zip(digits.parse::<u64>().ok());
        let hundredths = parsed.and_then(|(whole, part)| whole.checked_mul(100)?.checked_add(part));
        hundredths.map(Some).ok_or_else(|| self.wrong(key, format!("\"{word}\" is no decimal number that fits")))
    }

    /// MiB with two digits after the point, in bytes.
    pub(super) fn mib(&mut self, key: &str) -> Result<Option<Bytes>, Error> {
        let Some(hundredths) = self.hundredths(key)? else { return Ok(None) };
        let bytes = hundredths.checked_mul(1 << 20).map(|bytes| Bytes(bytes / 100));
        bytes.map(Some).ok_or_else(|| self.wrong(key, "is above 2^64 bytes"))
    }

    /// The reasons of a list such as `user,peer`; `no` is none. Those that aren't `known` stay.
    pub(super) fn reasons<const N: usize>(&mut self, key: &str, known: [&str; N]) -> Result<[bool; N], Error> {
        let list = self.required(key)?;
        let reasons: Vec<&str> = list.split(',').filter(|reason| *reason != "no").collect();
        let unknown: Vec<&str> = reasons.iter().copied().filter(|reason| !known.contains(reason)).collect();
        if !unknown.is_empty() {
            self.words.insert(key.to_owned(), unknown.join(","));
        }
        Ok(known.map(|own| reasons.contains(&own)))
    }

    pub(super) fn wrong(&self, key: &str, rule: impl Display) -> Error {
        Error::text(self.place.clone(), format!("{key} {rule}"))
    }

    /// What wasn't understood, each with the object.
    pub(super) fn rest(self) -> impl Iterator<Item = String> {
        self.words.into_iter().map(move |(key, value)| format!("{}: {key}:{value}", self.place))
    }
}
