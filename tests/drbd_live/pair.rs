//! Two resources of one kernel that are each other's peer: `a` on minor 0 and `b` on minor 1.

use std::fs;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use testbed::command;

/// The kernel has one DRBD: one test at a time.
static KERNEL: Mutex<()> = Mutex::new(());

/// How long a state may take to come about; emulated machines are slow.
const DEADLINE: Duration = Duration::from_secs(120);

/// One end.
#[derive(Clone, Copy)]
pub(crate) struct End {
    pub(crate) name: &'static str,
    pub(crate) minor: u32,
    disk: &'static str,
    own: &'static str,
    peer: &'static str,
}

pub(crate) const A: End =
    End { name: "a", minor: 0, disk: "/dev/ram0", own: "ipv4:127.0.0.1:7001", peer: "ipv4:127.0.0.1:7002" };
pub(crate) const B: End = End { name: "b", minor: 1, disk: "/dev/ram1", own: A.peer, peer: A.own };
/// Where tests mount /dev/drbd0.
pub(crate) const MOUNT: &str = "/tmp/drbd-live";

/// The pair; taken down when dropped.
pub(crate) struct Pair {
    _turn: MutexGuard<'static, ()>,
}

impl Pair {
    /// Nothing but the turn: no resource is configured.
    pub(crate) fn nothing() -> Result<Self> {
        let pair = Self { _turn: KERNEL.lock().unwrap_or_else(PoisonError::into_inner) };
        let text = fs::read_to_string("/proc/drbd")?;
        if text.contains("cs:") {
            bail!("DRBD is not as the test before should have left it:\n{text}");
        }
        Ok(pair)
    }

    /// Both ends attached, with fresh meta data.
    pub(crate) fn attached() -> Result<Self> {
        let pair = Self::nothing()?;
        for end in [A, B] {
            end.create()?;
            end.new_minor()?;
            end.attach(&[])?;
        }
        Ok(pair)
    }

    /// Both ends connected, neither with good data.
    pub(crate) fn connected() -> Result<Self> {
        let pair = Self::attached()?;
        pair.connect(&[], &[])?;
        Ok(pair)
    }

    /// Both ends connected and up to date, as if there had been a resync; `a` is Primary.
    pub(crate) fn up_to_date() -> Result<Self> {
        let pair = Self::connected()?;
        drbdsetup(&["new-current-uuid", "0", "--clear-bitmap"])?;
        A.wait("ds:UpToDate/UpToDate")?;
        drbdsetup(&["primary", "0"])?;
        B.wait("ro:Secondary/Primary")?;
        Ok(pair)
    }

    /// Connects both ends, each with options of its own, and waits for it.
    pub(crate) fn connect(&self, a: &[&str], b: &[&str]) -> Result<()> {
        A.connect(a)?;
        B.connect(b)?;
        A.wait_until(|line| !line.contains("WFConnection") && !line.contains("WFReportParams"))
    }

    /// Disconnects both ends.
    pub(crate) fn disconnect(&self) -> Result<()> {
        A.disconnect()?;
        B.disconnect()?;
        A.wait("cs:StandAlone")?;
        B.wait("cs:StandAlone")
    }
}

impl Drop for Pair {
    fn drop(&mut self) {
        // Whatever state it is in, each of these may have nothing to do.
        let _ = command::output("umount", [MOUNT]);
        for end in [A, B] {
            let minor = end.minor.to_string();
            let _ = command::output("drbdsetup", ["resume-io", &minor]);
            let _ = command::output("drbdsetup", ["secondary", &minor]);
            let _ = end.disconnect();
        }
        for end in [A, B] {
            let _ = command::output("drbdsetup", ["down", end.name]);
        }
    }
}

impl End {
    /// Fresh meta data, and the resource.
    pub(crate) fn create(self) -> Result<()> {
        self.drbdmeta("create-md")?;
        drbdsetup(&["new-resource", self.name])
    }

    pub(crate) fn new_minor(self) -> Result<()> {
        drbdsetup(&["new-minor", self.name, &self.minor.to_string(), "0"])
    }

    /// After a detach as well: what the activity log covers is applied first.
    pub(crate) fn attach(self, options: &[&str]) -> Result<()> {
        self.drbdmeta("apply-al")?;
        drbdsetup(&[&["attach", &self.minor.to_string(), self.disk, self.disk, "internal"], options].concat())
    }

    pub(crate) fn connect(self, options: &[&str]) -> Result<()> {
        drbdsetup(
            &[&["connect", self.name, self.own, self.peer, "--protocol=C", "--verify-alg=crc32c"], options].concat(),
        )
    }

    pub(crate) fn disconnect(self) -> Result<()> {
        drbdsetup(&["disconnect", self.own, self.peer])
    }

    fn drbdmeta(self, what: &str) -> Result<()> {
        let minor = self.minor.to_string();
        command::run("drbdmeta", ["--force", &minor, "v08", self.disk, "internal", what]).map(drop)
    }

    /// Waits until the device's line in /proc/drbd has that word.
    pub(crate) fn wait(self, word: &str) -> Result<()> {
        self.wait_until(|line| line.split_whitespace().any(|own| own == word))
    }

    pub(crate) fn wait_until(self, reached: impl Fn(&str) -> bool) -> Result<()> {
        let start = Instant::now();
        let prefix = format!("{}: cs:", self.minor);
        loop {
            let text = fs::read_to_string("/proc/drbd")?;
            if text.lines().any(|line| line.trim_start().starts_with(&prefix) && reached(line)) {
                return Ok(());
            }
            if start.elapsed() > DEADLINE {
                bail!("/dev/drbd{} doesn't get there within {} s:\n{text}", self.minor, DEADLINE.as_secs());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

pub(crate) fn drbdsetup(words: &[&str]) -> Result<()> {
    command::run("drbdsetup", words).map(drop)
}

/// Writes that many MiB to a block device or a file, through to it.
pub(crate) fn write(path: impl AsRef<Path>, mebibytes: usize) -> Result<()> {
    let of = format!("of={}", path.as_ref().display());
    let count = format!("count={mebibytes}");
    command::run("dd", ["if=/dev/urandom", &of, "bs=1M", &count, "conv=fsync"]).map(drop)
}
