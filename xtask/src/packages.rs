//! Debian packages whose programs a guest gets: unpacked once under `target/`, not installed.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use nix::fcntl::FlockArg;

use crate::apt::Apt;
use crate::scratch;
use crate::setup;

/// A package, and those of its programs that a guest gets, by path without a leading `usr/`.
#[derive(Clone, Copy)]
pub(crate) struct Programs {
    pub(crate) package: &'static str,
    pub(crate) paths: &'static [&'static str],
}

/// Where packages are unpacked.
pub(crate) struct Packages {
    directory: PathBuf,
    apt: Apt,
}

impl Packages {
    /// Keeps the packages in `directory`, fetched with `apt`.
    pub(crate) fn new(directory: PathBuf, apt: Apt) -> Self {
        Self { directory, apt }
    }

    /// The tree of a package, fetched where it is not there yet, with those libraries that it depends on and that are
    /// not installed on this machine.
    pub(crate) fn get(&self, package: &str) -> Result<PathBuf> {
        self.alone(|apt| {
            let tree = self.directory.join(package);
            if !tree.is_dir() {
                let libraries = missing_libraries(package, apt)?;
                let names: Vec<&str> = [package].into_iter().chain(libraries.iter().map(String::as_str)).collect();
                apt.unpack(&names, &tree)?;
            }
            Ok(tree)
        })
    }

    /// Does something with apt while no other run does: it would not wait for another one.
    pub(crate) fn alone<T>(&self, work: impl FnOnce(&Apt) -> Result<T>) -> Result<T> {
        fs::create_dir_all(&self.directory).with_context(|| format!("making {}", self.directory.display()))?;
        let _lock = scratch::lock(&self.directory, FlockArg::LockExclusive)?;
        work(&self.apt)
    }
}

fn missing_libraries(package: &str, apt: &Apt) -> Result<BTreeSet<String>> {
    let mut missing = BTreeSet::new();
    let mut look_at = vec![package.to_owned()];
    while let Some(package) = look_at.pop() {
        for needed in apt.dependencies(&package)? {
            if needed.starts_with("lib") && !setup::is_installed(&needed) && missing.insert(needed.clone()) {
                look_at.push(needed);
            }
        }
    }
    Ok(missing)
}

/// A file of an unpacked package, which has it under `/usr` or, from before the directories were merged, under `/`.
pub(crate) fn file(package: &Path, path: &str) -> Result<PathBuf> {
    [package.join("usr").join(path), package.join(path)]
        .into_iter()
        .find(|file| file.is_file())
        .with_context(|| format!("{} holds no {path}", package.display()))
}
