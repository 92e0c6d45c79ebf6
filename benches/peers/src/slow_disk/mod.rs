//! A disk each of whose flushes takes 5 ms and is counted: a loop device over a file of a FUSE filesystem of our own.
//!
//! The filesystem is served by a process of its own. Were it a thread of this one, a SIGKILL would end it before what
//! waits for it in the kernel, and nothing would end that.

mod server;

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use nix::mount::{MntFlags, umount2};
use testbed::Disk;

use crate::world::SIZE;

pub(crate) use server::serve;

/// What a flush of the disk takes.
pub(crate) const FLUSH: Duration = Duration::from_millis(5);

/// The file behind the disk, and who serves it.
pub(crate) struct SlowDisk {
    server: Child,
    directory: PathBuf,
}

impl SlowDisk {
    /// Starts the server and sees to it that a flush takes as long as it should.
    pub(crate) fn new() -> Result<Self> {
        let directory = Path::new(testbed::ROOT).join("slow-disk");
        fs::create_dir(&directory).with_context(|| format!("making {}", directory.display()))?;
        let mut server = Command::new(std::env::current_exe()?)
            .args(["slow-disk".as_ref(), directory.as_os_str()])
            // Ctrl-C ends who uses the disk; the disk goes after that.
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .context("starting the server of the slow disk")?;
        let stdout = server.stdout.take().context("the server has no stdout")?;
        let disk = Self { server, directory };
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        ensure!(line == server::READY, "the server of the slow disk did not start: {line:?}");
        disk.check()?;
        Ok(disk)
    }

    /// A loop device over the file. One at a time.
    pub(crate) fn device(&self) -> Result<Disk> {
        let image = OpenOptions::new().read(true).write(true).open(self.directory.join(server::DISK))?;
        Disk::over(image)
    }

    /// How many flushes there were.
    pub(crate) fn flushes(&self) -> Result<u64> {
        let mut text = String::new();
        File::open(self.directory.join(server::FLUSHES))?.read_to_string(&mut text)?;
        Ok(text.trim().parse()?)
    }

    /// A flush of the device is one of the file, and takes 5 ms.
    fn check(&self) -> Result<()> {
        let device = self.device()?;
        let file = File::open(device.path())?;
        let (before, begin) = (self.flushes()?, Instant::now());
        file.sync_all()?;
        let (took, flushes) = (begin.elapsed(), self.flushes()? - before);
        ensure!(took >= FLUSH && flushes == 1, "a flush took {took:?} and was seen {flushes} times");
        Ok(())
    }
}

impl Drop for SlowDisk {
    fn drop(&mut self) {
        let _ = umount2(&self.directory, MntFlags::MNT_DETACH);
        // Not before the last loop device has let go of the file does the server end by itself.
        let _ = self.server.kill();
        let _ = self.server.wait();
        let _ = fs::remove_dir(&self.directory);
    }
}
