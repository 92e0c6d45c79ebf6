//! What the kernel says of one filesystem meanwhile.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;

use anyhow::{Context, Result};
use testbed::World;

/// The log from a moment on.
pub(crate) struct KernelLog(File);

impl KernelLog {
    pub(crate) fn from_now() -> Result<Self> {
        let mut file =
            OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).open("/dev/kmsg").context("/dev/kmsg")?;
        file.seek(SeekFrom::End(0))?;
        Ok(Self(file))
    }

    /// The lines since that name one of the filesystem's devices.
    pub(crate) fn of(mut self, world: &World) -> Vec<String> {
        let names: Vec<_> = world.disks().iter().filter_map(|disk| disk.path().file_name()?.to_str()).collect();
        let is_ours = |line: &str| {
            names.iter().any(|name| {
                line.split(&format!("(device {name}"))
                    .nth(1)
                    .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
            })
        };
        let (mut lines, mut record) = (Vec::new(), vec![0; 8192]);
        loop {
            match self.0.read(&mut record) {
                Ok(0) => break,
                Ok(length) => {
                    let text = String::from_utf8_lossy(&record[..length]);
                    lines.extend(text.split_once(';').map(|(_, line)| line.trim_end().to_owned()));
                }
                // It was overwritten before it was read: the next one is there.
                Err(error) if error.raw_os_error() == Some(libc::EPIPE) => {}
                Err(_) => break,
            }
        }
        lines.retain(|line| is_ours(line));
        lines
    }
}
