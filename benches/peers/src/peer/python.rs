//! python-btrfs, in an interpreter of its own that measures itself: what it takes to start is not counted.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

/// Debian's interpreter, which is the one that sees Debian's python3-btrfs.
pub(crate) const PYTHON: &str = "/usr/bin/python3";
const LIST: &str = include_str!("list.py");

/// What came of a listing.
pub(crate) struct Listed {
    pub(crate) took: Duration,
    pub(crate) peak_kib: u64,
    pub(crate) list: Vec<(u64, PathBuf)>,
}

/// Lists all subvolumes.
pub(crate) fn list(mount: &Path) -> Result<Listed> {
    let output = Command::new(PYTHON).args(["-c", LIST]).arg(mount).env("LC_ALL", "C.UTF-8").output();
    let output = output.with_context(|| format!("starting {PYTHON}"))?;
    ensure!(output.status.success(), "python-btrfs: {}", String::from_utf8_lossy(&output.stderr));
    parse(&String::from_utf8(output.stdout)?).context("reading what list.py printed")
}

fn parse(text: &str) -> Result<Listed> {
    let mut lines = text.lines();
    let (took, peak) = lines.next().and_then(|line| line.split_once(' ')).context("two numbers")?;
    let list = lines
        .map(|line| {
            let (id, path) = line.split_once(' ').context("an id and a path")?;
            Ok((id.parse()?, path.into()))
        })
        .collect::<Result<_>>()?;
    Ok(Listed { took: Duration::from_nanos(took.parse()?), peak_kib: peak.parse()?, list })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_come_first_and_then_the_list() {
        let listed = parse("1500 9000\n256 a b\n").unwrap();
        assert_eq!((listed.took, listed.peak_kib), (Duration::from_nanos(1500), 9000));
        assert_eq!(listed.list, [(256, "a b".into())]);
        assert!(parse("").is_err());
    }
}
