//! Results as a section of Markdown with charts.

mod drbd;
mod lvm;
mod slow_flush;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::Report;

/// The directory that a section looks for its charts in.
pub const CHARTS: &str = "charts";

/// A section of docs/benchmarks.md.
#[derive(Debug, Clone)]
pub struct Section {
    /// From its heading, of the second level, to its end. The charts are in [`CHARTS`] beside it.
    pub markdown: String,
    /// The charts that it shows.
    pub charts: Vec<Chart>,
}

/// A chart of a section.
#[derive(Debug, Clone)]
pub struct Chart {
    /// Its name in [`CHARTS`].
    pub file: &'static str,
    /// The drawing.
    pub svg: String,
}

impl Report {
    /// Reads a result.
    ///
    /// # Errors
    ///
    /// Where the file can't be read or holds something else.
    pub fn load(file: &Path) -> Result<Self> {
        let text = fs::read(file).with_context(|| format!("reading {}", file.display()))?;
        serde_json::from_slice(&text).with_context(|| format!("{} is no result", file.display()))
    }

    /// Tells the result.
    ///
    /// # Errors
    ///
    /// Where measurements are missing.
    pub fn section(&self) -> Result<Section> {
        match self {
            Self::Lvm(result) => lvm::section(result),
            Self::SlowFlush(result) => slow_flush::section(result),
            Self::Drbd(result) => drbd::section(result),
        }
    }
}

/// The middle one; of an even number, the mean of the middle two.
fn median(values: impl Iterator<Item = f64>) -> Result<f64> {
    let mut values: Vec<f64> = values.collect();
    ensure!(!values.is_empty(), "nothing was measured");
    values.sort_by(f64::total_cmp);
    Ok(f64::midpoint(values[(values.len() - 1) / 2], values[values.len() / 2]))
}

/// A count as a number to calculate with.
fn real(count: u64) -> Result<f64> {
    u32::try_from(count).map(f64::from).with_context(|| format!("{count} is more than a benchmark can come to"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_is_in_the_middle() {
        assert_eq!(median([3.0, 1.0, 2.0].into_iter()).unwrap(), 2.0);
        assert_eq!(median([4.0, 1.0, 2.0, 3.0].into_iter()).unwrap(), 2.5);
        assert!(median([].into_iter()).is_err());
    }
}
