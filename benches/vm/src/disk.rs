//! The benchmarks' disk: found by serial number, so that no other disk is ever written to.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use bench_vm::Counters;

/// The unit of `/sys/block/<disk>/stat`, whatever the disk's.
const SECTOR: u64 = 512;

/// A disk made for a benchmark.
pub(crate) struct Disk {
    pub(crate) path: PathBuf,
    directory: PathBuf,
}

impl Disk {
    /// Finds the disk with this serial number.
    pub(crate) fn find(serial: &str) -> Result<Self> {
        for entry in fs::read_dir("/sys/block").context("reading /sys/block")? {
            let directory = entry.context("reading /sys/block")?.path();
            if fs::read_to_string(directory.join("serial")).is_ok_and(|text| text.trim() == serial) {
                let name = directory.file_name().context("a disk without a name")?;
                return Ok(Self { path: Path::new("/dev").join(name), directory });
            }
        }
        bail!("no disk here has the serial number {serial}")
    }

    /// Its size in bytes.
    pub(crate) fn size(&self) -> Result<u64> {
        Ok(read(&self.directory.join("size"))?.trim().parse::<u64>()? * SECTOR)
    }

    /// What it has done since it was made.
    pub(crate) fn counters(&self) -> Result<Counters> {
        let file = self.directory.join("stat");
        parse(&read(&file)?).with_context(|| format!("reading {}", file.display()))
    }
}

fn read(file: &Path) -> Result<String> {
    let mut text = String::new();
    File::open(file)
        .and_then(|mut file| file.read_to_string(&mut text))
        .with_context(|| format!("reading {}", file.display()))?;
    Ok(text)
}

/// The fields are documented in the kernel's `Documentation/block/stat.rst`; flushes are counted since Linux 5.5.
fn parse(stat: &str) -> Result<Counters> {
    let fields = stat.split_whitespace().map(str::parse).collect::<Result<Vec<u64>, _>>()?;
    ensure!(fields.len() >= 17, "{} fields, where a kernel that counts flushes has 17", fields.len());
    Ok(Counters {
        reads: fields[0],
        bytes_read: fields[2] * SECTOR,
        writes: fields[4],
        bytes_written: fields[6] * SECTOR,
        flushes: fields[15],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_counters_are_the_documented_fields() {
        let stat = "     101      102   103 104   201   202    203   204   0  301  302  401 402 403 404  501  502\n";
        let counters =
            Counters { reads: 101, bytes_read: 103 * 512, writes: 201, bytes_written: 203 * 512, flushes: 501 };
        assert_eq!(parse(stat).unwrap(), counters);
        assert!(parse("1 2 3 4 5 6 7 8 9 10 11").is_err());
        assert!(parse("").is_err());
    }
}
