//! Running the programs that are our witnesses.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::{Command, Output};

use anyhow::{Context, Result, bail};

/// Runs a program to its end and returns its standard output.
///
/// # Errors
///
/// Where it can't be started, or fails: then with all it said.
pub fn run<S: AsRef<OsStr>>(program: &str, arguments: impl IntoIterator<Item = S>) -> Result<String> {
    let output = output(program, arguments)?;
    if !output.status.success() {
        bail!(
            "{program} failed ({}): {}{}",
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs a program to its end, whatever that is.
///
/// # Errors
///
/// Where it can't be started.
pub fn output<S: AsRef<OsStr>>(program: &str, arguments: impl IntoIterator<Item = S>) -> Result<Output> {
    Command::new(program)
        .args(arguments)
        .env("LC_ALL", "C")
        .env("TZ", "UTC")
        .output()
        .with_context(|| format!("starting {program}"))
}

/// Where cargo built one of the workspace's programs (`examples/`), beside the running test or benchmark.
///
/// # Errors
///
/// Where it is not built: `cargo build --examples` does.
pub fn example(name: &str) -> Result<PathBuf> {
    let this = std::env::current_exe().context("finding the running test")?;
    let built =
        this.ancestors().skip(1).map(|directory| directory.join("examples").join(name)).find(|path| path.exists());
    built.with_context(|| format!("the program {name} is not built beside {}: cargo build --examples", this.display()))
}
