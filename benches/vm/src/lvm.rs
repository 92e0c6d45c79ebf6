//! A volume group on a disk, driven with lvm2's own program, without udev and dmeventd, which the VM does not have.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use testbed::MIB;

use crate::disk::Disk;

const GROUP: &str = "bench";
const ORIGIN: &str = "data";
const POOL: &str = "pool";
const ORIGIN_MIB: u64 = 256;
/// More than all of the origin and what a snapshot needs to remember where it is: none can overflow.
const SNAPSHOT_MIB: u64 = 272;

/// The two kinds of LVM's snapshots.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    /// dm-snapshot: each has room of its own, into which the origin's blocks are copied before they are overwritten.
    Thick,
    /// dm-thin: all share the blocks of a pool.
    Thin,
}

/// A volume group with one volume. Removed by [`VolumeGroup::remove`]; what an error leaves goes with the VM.
pub(crate) struct VolumeGroup {
    kind: Kind,
    disk: PathBuf,
}

impl VolumeGroup {
    pub(crate) fn new(disk: &Disk, kind: Kind) -> Result<Self> {
        let group = Self { kind, disk: disk.path.clone() };
        let path = group.disk.to_string_lossy();
        group.lvm(&["pvcreate", "-ff", "--yes", &path])?;
        group.lvm(&["vgcreate", GROUP, &path])?;
        let size = format!("{ORIGIN_MIB}m");
        match kind {
            Kind::Thick => group.create(&["--size", &size, "--name", ORIGIN, GROUP])?,
            Kind::Thin => {
                let room = disk.size()? / MIB * 3 / 4;
                group.create(&["--type", "thin-pool", "--size", &format!("{room}m"), "--name", POOL, GROUP])?;
                let pool = format!("{GROUP}/{POOL}");
                group.create(&["--type", "thin", "--virtualsize", &size, "--thinpool", &pool, "--name", ORIGIN])?;
            }
        }
        Ok(group)
    }

    /// The device of the volume.
    pub(crate) fn device(&self) -> PathBuf {
        Path::new("/dev").join(GROUP).join(ORIGIN)
    }

    /// Takes a snapshot of the volume; a filesystem on it is held still meanwhile.
    pub(crate) fn snapshot(&self, number: u32) -> Result<()> {
        let (name, origin) = (format!("snap-{number}"), format!("{GROUP}/{ORIGIN}"));
        match self.kind {
            Kind::Thick => {
                let size = format!("{SNAPSHOT_MIB}m");
                self.create(&["--snapshot", "--size", &size, "--name", &name, &origin])
            }
            Kind::Thin => self.create(&["--snapshot", "--name", &name, &origin]),
        }
    }

    /// Size of the chunks that are copied, where there are snapshots.
    pub(crate) fn chunk(&self) -> Result<u64> {
        let size = match self.kind {
            Kind::Thick => self.report("snap-0", "chunk_size")?,
            Kind::Thin => self.report(POOL, "chunk_size")?,
        };
        size.parse().with_context(|| format!("lvs gives a chunk size of {size:?}"))
    }

    /// Makes sure that the snapshots are there, whole, and have had something to keep.
    pub(crate) fn check(&self, snapshots: u32) -> Result<()> {
        for number in 0..snapshots {
            let name = format!("snap-{number}");
            match self.kind {
                Kind::Thick => {
                    // An overflowed snapshot is invalid; one with nothing in it has not been measured.
                    let invalid = self.report(&name, "lv_snapshot_invalid")?;
                    let used: f64 = self.report(&name, "snap_percent")?.parse()?;
                    ensure!(invalid.is_empty(), "{name} is invalid: {invalid}");
                    ensure!(used > 0.0 && used < 100.0, "{name} is {used} % full");
                }
                Kind::Thin => {
                    let origin = self.report(&name, "origin")?;
                    ensure!(origin == ORIGIN, "{name} is a snapshot of {origin:?}");
                }
            }
        }
        if self.kind == Kind::Thin {
            let used: f64 = self.report(POOL, "data_percent")?.parse()?;
            ensure!(used > 0.0 && used < 100.0, "the pool is {used} % full");
        }
        Ok(())
    }

    /// Takes everything off the disk again.
    pub(crate) fn remove(&self) -> Result<()> {
        self.lvm(&["vgremove", "-ff", "--yes", GROUP])?;
        self.lvm(&["pvremove", "-ff", "--yes", &self.disk.to_string_lossy()]).map(drop)
    }

    fn create(&self, arguments: &[&str]) -> Result<()> {
        self.lvm(&[&["lvcreate", "--yes"], arguments].concat()).map(drop)
    }

    /// One field of a volume, as `lvs` prints it in bytes.
    fn report(&self, volume: &str, field: &str) -> Result<String> {
        let volume = format!("{GROUP}/{volume}");
        let words =
            ["lvs", "--all", "--reportformat", "json", "--units", "b", "--nosuffix", "--options", field, &volume];
        let text = self.lvm(&words)?;
        let report: Value = serde_json::from_str(&text).with_context(|| format!("lvs printed {text}"))?;
        let value = report.pointer(&format!("/report/0/lv/0/{field}")).and_then(Value::as_str);
        Ok(value.with_context(|| format!("lvs gives no {field} of {volume}: {text}"))?.to_owned())
    }

    fn lvm(&self, arguments: &[&str]) -> Result<String> {
        let [command, rest @ ..] = arguments else { bail!("no command for lvm") };
        // Only the disk of the benchmark is ever looked at.
        let config = format!(
            r#"devices {{ obtain_device_list_from_udev=0 external_device_info_source="none" use_devicesfile=0
                          filter=["a|^{}$|","r|.*|"] }}
               activation {{ udev_sync=0 udev_rules=0 monitoring=0 }}
               global {{ use_lvmpolld=0 event_activation=0 thin_check_executable="" }}
               backup {{ backup=0 archive=0 }}"#,
            self.disk.display()
        );
        let output = Command::new("lvm")
            .arg(command)
            .args(["--config", &config])
            .args(rest)
            .envs([("LC_ALL", "C"), ("DM_DISABLE_UDEV", "1"), ("LVM_SUPPRESS_FD_WARNINGS", "1")])
            .output()
            .context("starting lvm")?;
        ensure!(
            output.status.success(),
            "lvm {}: {}\n{}",
            arguments.join(" "),
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}
