//! Debian's kernel for the VM: unpacked once under `target/`, used again.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::apt::Apt;

/// The series whose DRBD and btrfs the VM tests were written against: Debian 12's.
const EXPECTED: &str = "6.1";
const PACKAGE: &str = "linux-image-";
/// Remembers, as a symbolic link, which release a call without a version got.
const DEFAULT: &str = "default";

/// An unpacked kernel package.
pub(crate) struct Kernel {
    /// As `uname -r` prints it.
    pub(crate) release: String,
    root: PathBuf,
}

impl Kernel {
    /// Finds the kernel in `directory` or fetches it: the newest of a series such as `6.12`, or, without one, what
    /// Debian's `linux-image-amd64` installs.
    pub(crate) fn get(directory: &Path, series: Option<&str>, apt: &Apt) -> Result<Self> {
        ensure!(cfg!(target_arch = "x86_64"), "the VM is an amd64 machine: this needs to be one as well");
        fs::create_dir_all(directory).with_context(|| format!("making {}", directory.display()))?;
        let release = match find(directory, series)? {
            Some(release) => release,
            None => fetch(directory, series, apt)?,
        };
        if series.is_none() && !in_series(&release, EXPECTED) {
            println!("vm: this Debian's kernel is {release}, where the tests were written for {EXPECTED}");
        }
        Ok(Self { root: directory.join(&release), release })
    }

    pub(crate) fn image(&self) -> PathBuf {
        self.root.join(format!("boot/vmlinuz-{}", self.release))
    }

    pub(crate) fn modules(&self) -> PathBuf {
        self.root.join("lib/modules").join(&self.release)
    }
}

fn find(directory: &Path, series: Option<&str>) -> Result<Option<String>> {
    let Some(series) = series else {
        let release = fs::read_link(directory.join(DEFAULT)).ok();
        return Ok(release
            .filter(|release| directory.join(release).is_dir())
            .map(|release| release.to_string_lossy().into_owned()));
    };
    let releases = fs::read_dir(directory)
        .with_context(|| format!("reading {}", directory.display()))?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    Ok(newest(releases, series))
}

fn fetch(directory: &Path, series: Option<&str>, apt: &Apt) -> Result<String> {
    let release = match series {
        None => apt
            .dependencies("linux-image-amd64")?
            .iter()
            .find_map(|package| package.strip_prefix(PACKAGE).map(str::to_owned))
            .context("linux-image-amd64 depends on no linux-image package")?,
        Some(series) => {
            let names = apt.names(&format!("{PACKAGE}{series}"))?;
            newest(names.iter().filter_map(|name| name.strip_prefix(PACKAGE)).map(str::to_owned), series).with_context(
                || format!("Debian's package lists here have no {PACKAGE}{series}…-amd64; `apt-cache pkgnames {PACKAGE}` shows those there are"),
            )?
        }
    };
    let tree = directory.join(&release);
    if !tree.is_dir() {
        apt.unpack(&[&format!("{PACKAGE}{release}")], &tree)?;
    }
    if series.is_none() {
        let link = directory.join(DEFAULT);
        let _ = fs::remove_file(&link);
        symlink(&release, &link).with_context(|| format!("making {}", link.display()))?;
    }
    Ok(release)
}

/// The newest plain amd64 release of a series: no cloud, no real-time, no unsigned and no debug kernel.
fn newest(releases: impl Iterator<Item = String>, series: &str) -> Option<String> {
    releases
        .filter(|release| in_series(release, series))
        .filter(|release| {
            let flavour = release.split('-').skip(1).filter(|word| !word.starts_with(|c: char| c.is_ascii_digit()));
            flavour.eq(["amd64"])
        })
        .max_by_key(|release| numbers(release))
}

fn in_series(release: &str, series: &str) -> bool {
    release.strip_prefix(series).is_some_and(|rest| rest.starts_with(['.', '-', '+']))
}

fn numbers(release: &str) -> Vec<u64> {
    release.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_plain_kernel_of_a_series_is_taken() {
        let names = [
            "6.1.0-9-amd64",
            "6.1.0-56-amd64",
            "6.1.0-56-amd64-dbg",
            "6.1.0-56-cloud-amd64",
            "6.1.0-57-rt-amd64",
            "6.1.0-58-amd64-unsigned",
            "6.12.30+deb12-amd64",
        ];
        let newest = |series| newest(names.iter().map(ToString::to_string), series);
        assert_eq!(newest("6.1").as_deref(), Some("6.1.0-56-amd64"));
        assert_eq!(newest("6.12").as_deref(), Some("6.12.30+deb12-amd64"));
        assert_eq!(newest("6.9"), None);
    }
}
