//! A bar on the terminal: how far the run is.

use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};

const BAR: &str = "[{elapsed_precise}] [{bar:30}] {pos} of {len} ({eta} left) {msg}";

/// A bar on the standard error, hidden where that is no terminal.
pub(crate) fn bar(steps: u64) -> Result<ProgressBar> {
    Ok(ProgressBar::new(steps).with_style(ProgressStyle::with_template(BAR)?))
}
