//! The command `btrfs`, started for each piece of work, as scripts and most backup programs do.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

/// `btrfs subvolume snapshot -r`.
pub(crate) fn snapshot(source: &Path, destination: &Path) -> Result<()> {
    run(command(&["subvolume", "snapshot", "-r"]).arg(source).arg(destination))
}

/// `btrfs subvolume delete` for all of them at once.
pub(crate) fn delete(paths: &[PathBuf]) -> Result<()> {
    run(command(&["subvolume", "delete"]).args(paths))
}

/// `btrfs subvolume list`.
pub(crate) fn list(mount: &Path) -> Result<Vec<(u64, PathBuf)>> {
    let output = listing(mount).output().context("starting btrfs")?;
    ensure!(output.status.success(), "btrfs subvolume list: {}", String::from_utf8_lossy(&output.stderr));
    parse(&String::from_utf8(output.stdout)?)
}

/// The command of [`list`].
pub(crate) fn listing(mount: &Path) -> Command {
    let mut command = command(&["subvolume", "list"]);
    command.arg(mount);
    command
}

/// `btrfs subvolume sync`, to be waited for.
pub(crate) fn sync(mount: &Path) -> Command {
    let mut command = command(&["subvolume", "sync"]);
    command.arg(mount).stdout(Stdio::null());
    command
}

fn command(words: &[&str]) -> Command {
    let mut command = Command::new("btrfs");
    command.args(words).env("LC_ALL", "C");
    command
}

fn run(command: &mut Command) -> Result<()> {
    let output = command.output().context("starting btrfs")?;
    ensure!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

/// Lines such as `ID 256 gen 7 top level 5 path a/b`.
fn parse(text: &str) -> Result<Vec<(u64, PathBuf)>> {
    text.lines()
        .map(|line| {
            let id = line.strip_prefix("ID ").and_then(|rest| rest.split(' ').next()).context("an id")?;
            let path = line.split_once(" path ").context("a path")?.1;
            Ok((id.parse()?, path.into()))
        })
        .collect::<Result<_>>()
        .with_context(|| "reading what `btrfs subvolume list` printed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_may_hold_what_stands_around_them() {
        let list =
            parse("ID 256 gen 7 top level 5 path a path b\nID 300 gen 9 top level 256 path a path b/ID 5\n").unwrap();
        assert_eq!(list, [(256, "a path b".into()), (300, "a path b/ID 5".into())]);
        assert!(parse("what is this").is_err());
    }
}
