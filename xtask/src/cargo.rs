//! What cargo builds and where it puts it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::process;

/// Test binaries, example programs and other programs, by name.
#[derive(Default)]
pub(crate) struct Built {
    pub(crate) tests: BTreeMap<String, PathBuf>,
    pub(crate) examples: BTreeMap<String, PathBuf>,
    pub(crate) programs: BTreeMap<String, PathBuf>,
}

impl Built {
    /// The binary of an integration test.
    pub(crate) fn test(&self, name: &str) -> Result<&Path> {
        self.tests.get(name).map(PathBuf::as_path).with_context(|| format!("cargo built no test named {name}"))
    }

    /// A program that is no example.
    pub(crate) fn program(&self, name: &str) -> Result<&Path> {
        self.programs.get(name).map(PathBuf::as_path).with_context(|| format!("cargo built no program named {name}"))
    }
}

/// The cargo that started this program, run at the workspace's root.
pub(crate) fn command() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(workspace());
    command
}

/// The workspace's root.
pub(crate) fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// The target directory in force.
pub(crate) fn target_directory() -> Result<PathBuf> {
    let text = process::output(command().args(["metadata", "--no-deps", "--format-version", "1"]))?;
    let metadata: Value = serde_json::from_str(&text).context("cargo metadata printed no JSON")?;
    let directory = metadata["target_directory"].as_str().context("cargo metadata names no target_directory")?;
    Ok(directory.into())
}

/// Builds with `cargo <arguments>` and says which programs came of it.
pub(crate) fn build(arguments: &[&str]) -> Result<Built> {
    let output = command()
        .args(arguments)
        .arg("--message-format=json-render-diagnostics")
        .stderr(Stdio::inherit())
        .output()
        .context("starting cargo")?;
    ensure!(output.status.success(), "cargo {}: {}", arguments.join(" "), output.status);
    parse(&String::from_utf8_lossy(&output.stdout))
}

fn parse(messages: &str) -> Result<Built> {
    let mut built = Built::default();
    for line in messages.lines() {
        let message: Value = serde_json::from_str(line).context("cargo printed a line that is no JSON")?;
        let (Some(executable), Some(name)) = (message["executable"].as_str(), message["target"]["name"].as_str())
        else {
            continue;
        };
        match message["target"]["kind"][0].as_str() {
            Some("test") => built.tests.insert(name.to_owned(), executable.into()),
            Some("bin") => built.programs.insert(name.to_owned(), executable.into()),
            Some("example") => built.examples.insert(name.to_owned(), executable.into()),
            _ => None,
        };
    }
    Ok(built)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_told_apart_by_kind() {
        let built = parse(
            r#"{"reason":"compiler-artifact","target":{"kind":["lib"],"name":"btrfs"},"executable":null}
{"reason":"compiler-artifact","target":{"kind":["test"],"name":"live"},"executable":"/t/debug/deps/live-1a"}
{"reason":"compiler-artifact","target":{"kind":["example"],"name":"balance"},"executable":"/t/debug/examples/balance"}
{"reason":"compiler-artifact","target":{"kind":["bin"],"name":"bench-vm"},"executable":"/t/release/bench-vm"}
{"reason":"build-finished","success":true}"#,
        )
        .unwrap();
        assert_eq!(built.test("live").unwrap(), Path::new("/t/debug/deps/live-1a"));
        assert_eq!(built.examples["balance"], Path::new("/t/debug/examples/balance"));
        assert_eq!(built.program("bench-vm").unwrap(), Path::new("/t/release/bench-vm"));
        assert!(built.test("btrfs").is_err());
        assert!(built.program("live").is_err());
    }
}
