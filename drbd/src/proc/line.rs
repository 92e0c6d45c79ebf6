//! The small change of parsing a line.

use std::fmt::Display;
use std::str::FromStr;

/// A number, or why it isn't one.
pub(super) fn number<T: FromStr<Err: Display>>(word: &str) -> Result<T, String> {
    word.parse().map_err(|error| format!("\"{word}\": {error}"))
}

/// A number the kernel wrote with commas between the thousands.
pub(super) fn grouped(word: &str) -> Result<u64, String> {
    number(&word.replace(',', ""))
}
