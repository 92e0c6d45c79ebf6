//! A disk: a sparse file behind a loop device.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::{AsRawFd, RawFd};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context, Result};
use linux_raw_sys::loop_device::{LOOP_CONFIGURE, LOOP_CTL_GET_FREE, loop_config, loop_info64};

/// From `linux/loop.h`: the device lets go of its file when its last user closes it.
const LO_FLAGS_AUTOCLEAR: u32 = 4;

/// A sparse file behind a loop device, gone when this is dropped and the device is in no more use.
#[derive(Debug)]
pub struct Disk {
    path: PathBuf,
    image: File,
    // Held open: a loop device that clears itself does so as soon as nobody has it open.
    _device: File,
}

impl Disk {
    /// Makes a disk of `size` bytes.
    ///
    /// # Errors
    ///
    /// Where no loop device is to be had.
    pub fn new(size: u64) -> Result<Self> {
        Self::over(image(size)?)
    }

    /// Makes a disk of a file that is there.
    ///
    /// # Errors
    ///
    /// Where no loop device is to be had.
    pub fn over(image: File) -> Result<Self> {
        let control = open(Path::new("/dev/loop-control"))?;
        // Between "number 7 is free" and taking it, another process may have taken it.
        for _ in 0..100 {
            let number = free_number(&control).context("LOOP_CTL_GET_FREE")?;
            let path = PathBuf::from(format!("/dev/loop{number}"));
            let device = open(&path)?;
            match configure(&device, image.as_raw_fd()) {
                Ok(()) => return Ok(Self { path, image, _device: device }),
                Err(error) if error.raw_os_error() == Some(libc::EBUSY) => {}
                Err(error) => return Err(error).with_context(|| format!("LOOP_CONFIGURE on {}", path.display())),
            }
        }
        anyhow::bail!("no loop device stayed free in 100 attempts")
    }

    /// The block device, `/dev/loop7`.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file behind the device.
    #[must_use]
    pub fn image(&self) -> &File {
        &self.image
    }
}

fn image(size: u64) -> Result<File> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let path = format!("{}/disk-{}-{}", crate::ROOT, std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let image = OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .open(&path)
        .with_context(|| format!("making a disk's image {path}"))?;
    image.set_len(size).with_context(|| format!("making {path} {size} bytes long"))?;
    // The loop device holds the file: without a name there is nothing to clean up.
    std::fs::remove_file(&path)?;
    Ok(image)
}

fn open(path: &Path) -> Result<File> {
    OpenOptions::new().read(true).write(true).open(path).with_context(|| format!("opening {}", path.display()))
}

fn free_number(control: &File) -> io::Result<i32> {
    // SAFETY: LOOP_CTL_GET_FREE takes no argument and touches no memory of ours.
    let number = unsafe { libc::ioctl(control.as_raw_fd(), libc::Ioctl::from(LOOP_CTL_GET_FREE)) };
    if number < 0 { Err(io::Error::last_os_error()) } else { Ok(number) }
}

fn configure(device: &File, image: RawFd) -> io::Result<()> {
    // SAFETY: loop_config is plain C data, for which all zeros is a value.
    let mut info: loop_info64 = unsafe { std::mem::zeroed() };
    info.lo_flags = LO_FLAGS_AUTOCLEAR;
    let fd = u32::try_from(image).map_err(io::Error::other)?;
    let config = loop_config { fd, block_size: 4096, info, __reserved: [0; 8] };
    // SAFETY: LOOP_CONFIGURE reads one loop_config, which outlives the call, and writes nothing.
    let result = unsafe { libc::ioctl(device.as_raw_fd(), libc::Ioctl::from(LOOP_CONFIGURE), &raw const config) };
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
