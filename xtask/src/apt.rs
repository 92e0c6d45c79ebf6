//! Debian packages fetched and unpacked under `target/`, installed nowhere. Needs no root.

use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::process;
use crate::scratch::Scratch;

/// Apt with package lists and a cache of its own, so that those of the system stay as they are.
pub(crate) struct Apt {
    directory: PathBuf,
    updated: Cell<bool>,
}

impl Apt {
    /// Keeps everything in `directory`.
    pub(crate) fn new(directory: &Path) -> Self {
        Self { directory: directory.to_owned(), updated: Cell::new(false) }
    }

    /// What a package depends on, by name.
    pub(crate) fn dependencies(&self, package: &str) -> Result<Vec<String>> {
        let text = process::output(self.command("apt-cache")?.args(["depends", package]))?;
        Ok(text.lines().filter_map(|line| line.trim().strip_prefix("Depends: ")).map(str::to_owned).collect())
    }

    /// The names of all packages that start so.
    pub(crate) fn names(&self, prefix: &str) -> Result<Vec<String>> {
        let text = process::output(self.command("apt-cache")?.args(["pkgnames", prefix]))?;
        Ok(text.lines().map(str::to_owned).collect())
    }

    /// Fetches packages and unpacks them as the directory `to`, which appears complete or not at all.
    pub(crate) fn unpack(&self, packages: &[&str], to: &Path) -> Result<()> {
        let scratch = Scratch::new(&self.directory.join("unpack"))?;
        let names = packages.join(", ");
        println!("vm: fetching Debian's {names}; unpacked in {} and not installed", to.display());
        process::output(self.command("apt-get")?.args(["-qq", "download"]).args(packages).current_dir(scratch.path()))?;
        let archives: Vec<PathBuf> = fs::read_dir(scratch.path())
            .with_context(|| format!("reading {}", scratch.path().display()))?
            .filter_map(Result::ok)
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "deb"))
            .collect();
        ensure!(archives.len() == packages.len(), "apt-get download {names} left {} .deb files", archives.len());
        let tree = scratch.path().join("tree");
        for archive in archives {
            process::output(Command::new("dpkg-deb").arg("-x").arg(archive).arg(&tree))?;
        }
        fs::rename(&tree, to).with_context(|| format!("moving {} to {}", tree.display(), to.display()))
    }

    fn command(&self, program: &str) -> Result<Command> {
        if !self.updated.replace(true) {
            let partial = self.directory.join("lists/partial");
            fs::create_dir_all(&partial).with_context(|| format!("making {}", partial.display()))?;
            // One unreachable source out of several makes this fail; whether it matters shows in the download.
            if let Err(error) = process::output(self.bare("apt-get").args(["-qq", "update"])) {
                eprintln!("vm: going on without a complete package list: {error:#}");
            }
        }
        Ok(self.bare(program))
    }

    fn bare(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env("LC_ALL", "C");
        for (option, path) in [("Dir::State::Lists", "lists"), ("Dir::Cache", "cache")] {
            command.arg("-o").arg(format!("{option}={}", self.directory.join(path).display()));
        }
        // Root would download as the user _apt, who may not write under target/.
        command.args(["-o", "APT::Sandbox::User=root"]);
        command
    }
}
