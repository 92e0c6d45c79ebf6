//! The pages under docs/ that keep what took long.

use std::fs;
use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::cargo;

/// Writes a page, `soaks/moments.md`, and says so in the name of the command that it is of.
pub(crate) fn write(command: &str, page: &str, text: &str) -> Result<ExitCode> {
    let path = cargo::workspace().join("docs").join(page);
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory).with_context(|| format!("making {}", directory.display()))?;
    }
    fs::write(&path, text).with_context(|| format!("writing {}", path.display()))?;
    println!("{command}: written to {}", path.display());
    Ok(ExitCode::SUCCESS)
}
