//! A btrfs filesystem of the test's own.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use nix::errno::Errno;
use nix::fcntl::{FallocateFlags, fallocate};
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sys::statvfs::{FsFlags, statvfs};

use crate::command::run;
use crate::loop_device::Disk;

/// A mounted btrfs on disks of its own. Dropping it unmounts it and gives the disks back.
#[derive(Debug)]
pub struct World {
    path: PathBuf,
    disks: Vec<Disk>,
}

impl World {
    /// A filesystem over disks of these sizes in bytes, made by `mkfs.btrfs` with these options and mounted:
    /// `World::new(&[2 * GIB, GIB], &["-draid1", "-mraid1"])?`.
    ///
    /// # Errors
    ///
    /// Where a program or the kernel refuses.
    pub fn new(sizes: &[u64], mkfs: &[&str]) -> Result<Self> {
        Self::at(&new_path(), sizes, mkfs)
    }

    /// As [`World::new`], on a disk that is there.
    ///
    /// # Errors
    ///
    /// Where a program or the kernel refuses.
    pub fn on(disk: Disk, mkfs: &[&str]) -> Result<Self> {
        Self::over(&new_path(), vec![disk], mkfs)
    }

    /// A filesystem that is on the disk already.
    ///
    /// # Errors
    ///
    /// Where the kernel refuses.
    pub fn found_on(disk: Disk) -> Result<Self> {
        Self::mounted(&new_path(), vec![disk])
    }

    /// As [`World::new`], mounted at a path that is made for it, below [`crate::ROOT`].
    ///
    /// # Errors
    ///
    /// Where a program or the kernel refuses.
    pub fn at(path: &Path, sizes: &[u64], mkfs: &[&str]) -> Result<Self> {
        Self::over(path, sizes.iter().map(|&size| Disk::new(size)).collect::<Result<_>>()?, mkfs)
    }

    fn over(path: &Path, disks: Vec<Disk>, mkfs: &[&str]) -> Result<Self> {
        let devices = disks.iter().map(|disk| disk.path().as_os_str());
        run(
            "mkfs.btrfs",
            [OsStr::new("-q"), OsStr::new("-f")].into_iter().chain(mkfs.iter().map(OsStr::new)).chain(devices),
        )?;
        Self::mounted(path, disks)
    }

    fn mounted(path: &Path, disks: Vec<Disk>) -> Result<Self> {
        fs::create_dir(path).with_context(|| format!("making the mount point {}", path.display()))?;
        let world = Self { path: path.to_owned(), disks };
        world.mount("")?;
        Ok(world)
    }

    /// One disk of a gibibyte, default options.
    ///
    /// # Errors
    ///
    /// Where a program or the kernel refuses.
    pub fn small() -> Result<Self> {
        Self::new(&[crate::GIB], &[])
    }

    /// Mounts the filesystem on its mount point, with options such as `ro` or `subvolid=5`.
    ///
    /// # Errors
    ///
    /// What the kernel says.
    pub fn mount(&self, options: &str) -> Result<()> {
        let flag = |word| match word {
            "ro" => MsFlags::MS_RDONLY,
            "noatime" => MsFlags::MS_NOATIME,
            _ => MsFlags::empty(),
        };
        let (flags, words): (Vec<_>, Vec<_>) =
            options.split(',').filter(|word| !word.is_empty()).partition(|word| !flag(word).is_empty());
        let flags = flags.into_iter().map(flag).collect::<MsFlags>();
        // Naming every device spares a scan, which would tell the whole machine of them. One that was removed is none.
        let devices = self.disks.iter().filter(|disk| has_btrfs(disk));
        let devices = devices.map(|disk| format!("device={}", disk.path().display()));
        let data = words.into_iter().map(str::to_owned).chain(devices).collect::<Vec<_>>().join(",");
        mount(Some(self.device(0)), &self.path, Some("btrfs"), flags, Some(data.as_str()))
            .with_context(|| format!("mounting {} on {} ({data})", self.device(0).display(), self.path.display()))
    }

    /// Unmounts it. What another thread's child holds between `fork` and `exec` is waited for.
    ///
    /// # Errors
    ///
    /// Such as EBUSY while a file on it stays open.
    pub fn umount(&self) -> Result<()> {
        let end = Instant::now() + Duration::from_secs(3);
        loop {
            match umount2(&self.path, MntFlags::empty()) {
                Err(Errno::EBUSY) if Instant::now() < end => sleep(Duration::from_millis(10)),
                result => return result.with_context(|| format!("unmounting {}", self.path.display())),
            }
        }
    }

    /// Whether it is mounted read-only, or has become so.
    ///
    /// # Errors
    ///
    /// Where it is not mounted.
    pub fn is_read_only(&self) -> Result<bool> {
        let flags = statvfs(&self.path).with_context(|| format!("statvfs of {}", self.path.display()))?.flags();
        Ok(flags.contains(FsFlags::ST_RDONLY))
    }

    /// The mount point.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A path below the mount point.
    #[must_use]
    pub fn join(&self, name: impl AsRef<Path>) -> PathBuf {
        self.path.join(name)
    }

    /// The block device of the `index`th disk.
    #[must_use]
    pub fn device(&self, index: usize) -> &Path {
        self.disks[index].path()
    }

    /// Its disks.
    #[must_use]
    pub fn disks(&self) -> &[Disk] {
        &self.disks
    }

    /// Adds a disk to the world, not to the filesystem.
    ///
    /// # Errors
    ///
    /// Where no loop device is to be had.
    pub fn spare(&mut self, size: u64) -> Result<PathBuf> {
        self.disks.push(Disk::new(size)?);
        Ok(self.device(self.disks.len() - 1).to_owned())
    }

    /// Runs the witness, btrfs-progs: `world.btrfs(&["subvolume", "create"], "a")` with a path below the mount point as
    /// the last argument.
    ///
    /// # Errors
    ///
    /// Where it fails, with what it said.
    pub fn btrfs(&self, arguments: &[&str], path: impl AsRef<Path>) -> Result<String> {
        let path = self.join(path);
        run("btrfs", arguments.iter().map(OsStr::new).chain([path.as_os_str()]))
    }

    /// The filesystem's UUID, by which the kernel lists the devices it is on.
    ///
    /// (btrfs-progs would look at all block devices of the machine for it, others' that come and go among them.)
    ///
    /// # Errors
    ///
    /// Where it is not mounted.
    pub fn fsid(&self) -> Result<String> {
        let devices: Vec<_> = self.disks.iter().filter_map(|disk| disk.path().file_name()).collect();
        for entry in fs::read_dir("/sys/fs/btrfs").context("reading /sys/fs/btrfs")? {
            let entry = entry?;
            if devices.iter().any(|device| entry.path().join("devices").join(device).exists()) {
                return Ok(entry.file_name().to_string_lossy().into_owned());
            }
        }
        anyhow::bail!("no mounted btrfs is on {devices:?}")
    }

    /// A file of the filesystem under `/sys/fs/btrfs/<fsid>`.
    ///
    /// # Errors
    ///
    /// Where it can't be read.
    pub fn sysfs(&self, file: &str) -> Result<String> {
        let path = format!("/sys/fs/btrfs/{}/{file}", self.fsid()?);
        fs::read_to_string(&path).with_context(|| format!("reading {path}"))
    }

    /// How many transactions the kernel has committed on this filesystem since it was mounted.
    ///
    /// # Errors
    ///
    /// Where the kernel does not count them (before Linux 6.0).
    pub fn commits(&self) -> Result<u64> {
        commits(&self.fsid()?)
    }

    /// Writes `size` bytes that do not compress into a file.
    ///
    /// # Errors
    ///
    /// What the filesystem says.
    pub fn fill(&self, name: impl AsRef<Path>, size: u64) -> Result<()> {
        let path = self.join(name);
        let mut file = File::create(&path).with_context(|| format!("creating {}", path.display()))?;
        let mut random = std::io::Read::take(File::open("/dev/urandom")?, size);
        std::io::copy(&mut random, &mut file).with_context(|| format!("writing {}", path.display()))?;
        Ok(())
    }

    /// Makes a file of `size` bytes that are allocated, but not written: fast, where only the space counts.
    ///
    /// # Errors
    ///
    /// What the filesystem says.
    pub fn reserve(&self, name: impl AsRef<Path>, size: u64) -> Result<()> {
        let path = self.join(name);
        let file = File::create(&path).with_context(|| format!("creating {}", path.display()))?;
        fallocate(&file, FallocateFlags::empty(), 0, size.try_into()?)
            .with_context(|| format!("allocating {}", path.display()))
    }
}

/// Whether a superblock is on the disk.
fn has_btrfs(disk: &Disk) -> bool {
    const MAGIC: &[u8; 8] = b"_BHRfS_M";
    let mut found = [0; MAGIC.len()];
    let read = File::open(disk.path()).and_then(|device| device.read_exact_at(&mut found, (64 << 10) + 64));
    read.is_ok() && found == *MAGIC
}

fn new_path() -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let name = format!("btrfs-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    Path::new(crate::ROOT).join(name)
}

/// How many transactions the kernel has committed on the mounted filesystem of this UUID since it was mounted.
///
/// # Errors
///
/// Where the kernel does not count them (before Linux 6.0).
pub fn commits(fsid: &str) -> Result<u64> {
    let path = format!("/sys/fs/btrfs/{fsid}/commit_stats");
    let stats = fs::read_to_string(&path).with_context(|| format!("reading {path}"))?;
    let commits = stats.lines().find_map(|line| line.strip_prefix("commits "));
    Ok(commits.with_context(|| format!("{path} has no line `commits`"))?.parse()?)
}

impl Drop for World {
    fn drop(&mut self) {
        // What still holds the filesystem open, a failed test's leftovers say, must not keep the mount.
        let _ = umount2(&self.path, MntFlags::MNT_DETACH);
        let _ = fs::remove_dir(&self.path);
    }
}
