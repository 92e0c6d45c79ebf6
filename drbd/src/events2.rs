//! The text of `drbdsetup events2`, and of `drbdsetup status --verbose --statistics` one word at a time.
//!
//! The vocabulary of DRBD's own tools: for programs that have such text, and for comparing it with what the kernel
//! says. Reading DRBD's state needs none of it; see [`Status::read`](crate::Status::read).

use std::collections::BTreeMap;

use crate::error::Error;

/// One line: `exists device name:a volume:0 minor:0 disk:UpToDate …`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Event {
    /// What happened: `exists`, `create`, `change`, `destroy`, `call`, `response`, `rename`, or something newer.
    pub action: String,
    /// To what kind of object: `resource`, `connection`, `device`, `peer-device`, `path`, `helper`, or something
    /// newer. `-` ends the list of what exists.
    pub object: String,
    /// What is said of it, known or not: the word before the first colon, and all after it.
    pub facts: BTreeMap<String, String>,
}

/// Parses the output of `drbdsetup events2`, with or without `--now`, `--statistics` and `--timestamps`.
///
/// # Errors
///
/// [`Error::Text`] for a line without object, or a word without a colon.
pub fn parse(text: &str) -> Result<Vec<Event>, Error> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines.map(|(index, line)| event(line).map_err(|rule| Error::Text { line: index + 1, rule })).collect()
}

fn event(line: &str) -> Result<Event, String> {
    let mut words = line.split_whitespace().peekable();
    // With --timestamps: 2026-11-22T08:25:17.123456+00:00
    words.next_if(|word| word.starts_with(|char: char| char.is_ascii_digit()));
    let action = words.next().ok_or("an event without action")?.to_owned();
    let object = words.next().ok_or("an event without object")?.to_owned();
    let facts = words.map(|word| {
        let (key, value) = word.split_once(':').ok_or_else(|| format!("\"{word}\" has no colon"))?;
        Ok((key.to_owned(), value.to_owned()))
    });
    Ok(Event { action, object, facts: facts.collect::<Result<_, String>>()? })
}
