//! Mounts of the process's own, which end with it.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sched::{CloneFlags, unshare};

/// Where the process's own tmpfs is mounted, seen by itself and its children only. It holds images and mount points.
pub const ROOT: &str = "/dev/shm";

/// Gives the process a mount namespace and a tmpfs of its own. To be called first thing in `main`: the namespace is
/// the calling thread's and is inherited by those it starts.
///
/// # Errors
///
/// The need that is not met, as a reader of the test's report should see it.
pub fn isolate() -> Result<()> {
    if !fs::read_to_string("/proc/filesystems")?.lines().any(|line| line.trim() == "btrfs") {
        bail!("this kernel has no btrfs (modprobe btrfs)");
    }
    if !Path::new("/dev/loop-control").exists() {
        bail!("this kernel has no loop devices (modprobe loop)");
    }
    unshare(CloneFlags::CLONE_NEWNS).context("needs root: mounting a filesystem takes CAP_SYS_ADMIN")?;
    let nothing = None::<&str>;
    mount(nothing, "/", nothing, MsFlags::MS_REC | MsFlags::MS_PRIVATE, nothing)
        .context("making the mounts private")?;
    forget_others()?;
    fs::create_dir_all(ROOT).with_context(|| format!("making {ROOT}"))?;
    mount(Some("testbed"), ROOT, Some("tmpfs"), MsFlags::empty(), Some("size=75%"))
        .with_context(|| format!("mounting a tmpfs on {ROOT}"))
}

/// Takes what others have mounted below [`ROOT`] out of this process's own view. Hidden under the tmpfs it would be of no
/// use, and btrfs-progs, which looks at every btrfs in the list of mounts, would stumble over it.
fn forget_others() -> Result<()> {
    let below = format!("{ROOT}/");
    let mounts = fs::read_to_string("/proc/self/mounts").context("reading /proc/self/mounts")?;
    for path in mounts.lines().rev().filter_map(|line| line.split(' ').nth(1)).filter(|path| path.starts_with(&below)) {
        // One that stays is in the way of a test at worst, which says so.
        let _ = umount2(path, MntFlags::MNT_DETACH);
    }
    Ok(())
}
