//! The machine and the versions of everything that is compared. Nothing here names a person or a host.

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::peer::python::PYTHON;

/// What the figures depend on.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Machine {
    /// Whether this was only to see that everything works.
    pub(crate) quick: bool,
    pub(crate) date: String,
    pub(crate) processor: String,
    pub(crate) processors: usize,
    pub(crate) memory_gib: u64,
    pub(crate) kernel: String,
    /// Names and versions.
    pub(crate) versions: Vec<(String, String)>,
}

const FILE: &str = "machine.json";
const LOCK: &str = include_str!("../../../Cargo.lock");

impl Machine {
    pub(crate) fn look(quick: bool) -> Result<Self> {
        let first = |file: &str, name: &str| -> Result<String> {
            let text = fs::read_to_string(file).with_context(|| format!("reading {file}"))?;
            let line =
                text.lines().find(|line| line.starts_with(name)).with_context(|| format!("{file}: no {name}"))?;
            Ok(line.split_once(':').map_or("", |(_, value)| value).trim().to_owned())
        };
        let memory: u64 = first("/proc/meminfo", "MemTotal")?.trim_end_matches(" kB").parse()?;
        Ok(Self {
            quick,
            date: jiff::Zoned::now().date().to_string(),
            processor: first("/proc/cpuinfo", "model name").unwrap_or_else(|_| "unknown".into()),
            processors: std::thread::available_parallelism()?.get(),
            memory_gib: memory.div_ceil(1 << 20),
            kernel: fs::read_to_string("/proc/sys/kernel/osrelease")?.trim().to_owned(),
            versions: vec![
                ("this library".into(), env!("CARGO_PKG_VERSION").into()),
                ("libbtrfsutil".into(), package("libbtrfsutil1")?),
                ("btrfs-uapi".into(), locked("btrfs-uapi").context("btrfs-uapi is not in Cargo.lock")?.into()),
                ("btrfs-progs".into(), package("btrfs-progs")?),
                ("python-btrfs".into(), python("import btrfs; print(btrfs.__version__)")?),
                ("Python".into(), python("import platform; print(platform.python_version())")?),
            ],
        })
    }

    pub(crate) fn save(&self, directory: &Path) -> Result<()> {
        fs::create_dir_all(directory).with_context(|| format!("making {}", directory.display()))?;
        let path = directory.join(FILE);
        serde_json::to_writer_pretty(File::create(&path)?, self).with_context(|| format!("writing {}", path.display()))
    }

    pub(crate) fn load(directory: &Path) -> Result<Self> {
        let path = directory.join(FILE);
        let file = File::open(&path).with_context(|| format!("opening {}", path.display()))?;
        serde_json::from_reader(file).with_context(|| format!("reading {}", path.display()))
    }
}

/// The version of a Debian package.
fn package(name: &str) -> Result<String> {
    printed(Command::new("dpkg-query").args(["-W", "-f", "${Version}", name]))
}

fn python(script: &str) -> Result<String> {
    printed(Command::new(PYTHON).args(["-c", script]))
}

fn printed(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("starting {command:?}"))?;
    anyhow::ensure!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The version that this was built with.
fn locked(package: &str) -> Option<&'static str> {
    let entry = LOCK.split("[[package]]").find(|entry| entry.contains(&format!("\nname = \"{package}\"\n")))?;
    entry.lines().find_map(|line| line.strip_prefix("version = \""))?.strip_suffix('"')
}
