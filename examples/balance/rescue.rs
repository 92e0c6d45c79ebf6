//! The rescue of a filesystem that a balance made read-only, and would make read-only again at each mount.

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use btrfs::{BalanceRequest, Filesystem};
use nix::errno::Errno;
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sys::statvfs::{FsFlags, statvfs};

use crate::arguments::{Caution, Interrupt};
use crate::plan::{self, Means};
use crate::report::{Report, complain};
use crate::verdict;

/// A btrfs that is mounted.
struct Mounted {
    place: PathBuf,
    /// What all mounts of the filesystem have in common: major and minor number.
    number: String,
    source: PathBuf,
    options: Vec<String>,
    /// What only this mount of it has.
    flags: MsFlags,
}

/// Mounts it without going on with the balance, gives that up, and says, or goes, the way to what it was to reach.
pub(crate) fn rescue(
    report: &Report,
    device: Option<&Path>,
    on_interrupt: Interrupt,
    means: Means,
) -> Result<ExitCode> {
    let path = report.path.canonicalize().with_context(|| format!("looking for {}", report.path.display()))?;
    match device {
        Some(device) => mount_skipping(&path, device, &[], MsFlags::empty())?,
        None => remount_skipping(&path)?,
    }
    let Some(request) = cancel(&path)? else {
        complain(format_args!(
            "no balance is paused on {}: what made it read-only, if it was, the kernel's log says",
            path.display()
        ));
        return Ok(ExitCode::from(2));
    };
    complain(format_args!("the balance {request} is cancelled, and {} is writable; nothing is lost", path.display()));
    if means.follow_plan {
        return plan::follow(report, &request, on_interrupt, means);
    }
    let filesystem = crate::open(&path)?;
    report.verdict(
        &verdict::foresee(&filesystem, &request, Caution { dry_run: true, force: false, fast: false })
            .context("no verdict")?,
    )?;
    Ok(ExitCode::SUCCESS)
}

/// Cancels what is paused, and says what it was.
fn cancel(path: &Path) -> Result<Option<BalanceRequest>> {
    let filesystem = crate::open(path)?;
    let Some(status) = filesystem.balance_status()? else { return Ok(None) };
    if !status.state.is_paused() {
        bail!("the balance on {} is running, and the filesystem writable: `balance cancel` ends it", path.display());
    }
    filesystem.cancel_balance()?;
    if is_read_only(path)? {
        bail!("{} is read-only still: the kernel's log says why", path.display());
    }
    Ok(Some(status.request))
}

fn is_read_only(path: &Path) -> Result<bool> {
    Ok(statvfs(path).context("statvfs")?.flags().contains(FsFlags::ST_RDONLY))
}

/// Mounts it anew where it has become read-only. What is writable stays mounted.
fn remount_skipping(path: &Path) -> Result<()> {
    let mounts = mounts()?;
    let is_here = |mounted: &&Mounted| mounted.place == path;
    let Some(here) = mounts.iter().rev().find(is_here) else {
        bail!("no btrfs is mounted on {}: name the mount point; --device mounts one there", path.display());
    };
    if !is_read_only(path)? {
        return Ok(());
    }
    let others = mounts.iter().filter(|other| other.number == here.number && other.place != here.place);
    let others: Vec<_> = others.map(|other| other.place.display().to_string()).collect();
    if !others.is_empty() {
        bail!("the filesystem is mounted on {} too: unmount that first", others.join(", "));
    }
    // Every device by name: none of them has to be scanned for.
    let devices = Filesystem::open(path)?.devices()?.into_iter().filter_map(|device| device.path);
    let mut options: Vec<_> = devices.map(|device| format!("device={}", device.display())).collect();
    let has_subvol = here.options.iter().any(|option| option.starts_with("subvol="));
    let dropped = |option: &str| matches!(option, "ro" | "rw") || has_subvol && option.starts_with("subvolid=");
    let kept = here.options.iter().filter(|option| !dropped(option));
    options.extend(kept.cloned());
    unmount(path)?;
    mount_skipping(path, &here.source, &options, here.flags)
}

fn unmount(path: &Path) -> Result<()> {
    for _ in 0..50 {
        match umount2(path, MntFlags::empty()) {
            Err(Errno::EBUSY) => sleep(Duration::from_millis(100)),
            done => return done.with_context(|| format!("unmounting {}", path.display())),
        }
    }
    bail!("{} is in use: `fuser -vm {0}` says by whom; let go of it and try again", path.display())
}

fn mount_skipping(path: &Path, source: &Path, options: &[String], flags: MsFlags) -> Result<()> {
    let mut all = vec!["skip_balance".to_owned()];
    all.extend_from_slice(options);
    let all = all.join(",");
    mount(Some(source), path, Some("btrfs"), flags, Some(all.as_str()))
        .with_context(|| format!("mount -t btrfs -o {all} {} {}", source.display(), path.display()))
}

/// The btrfs filesystems of /proc/self/mountinfo.
fn mounts() -> Result<Vec<Mounted>> {
    let text = fs::read("/proc/self/mountinfo").context("reading /proc/self/mountinfo")?;
    let lines = text.split(|byte| *byte == b'\n').map(|line| line.split(|byte| *byte == b' ').collect::<Vec<_>>());
    Ok(lines.filter_map(|words| mounted(&words)).collect())
}

/// See proc_pid_mountinfo(5): what is behind a lone dash are the type, the source and the filesystem's options.
fn mounted(words: &[&[u8]]) -> Option<Mounted> {
    let dash = words.iter().position(|word| *word == b"-")?;
    let [kind, source, options] = words.get(dash + 1..)?.first_chunk::<3>()?;
    (*kind == b"btrfs").then(|| Mounted {
        place: OsString::from_vec(unescaped(words[4])).into(),
        number: String::from_utf8_lossy(words[2]).into_owned(),
        source: OsString::from_vec(unescaped(source)).into(),
        options: String::from_utf8_lossy(options).split(',').map(str::to_owned).collect(),
        flags: words[5].split(|byte| *byte == b',').map(flag).collect(),
    })
}

fn flag(word: &[u8]) -> MsFlags {
    match word {
        b"noatime" => MsFlags::MS_NOATIME,
        b"nodiratime" => MsFlags::MS_NODIRATIME,
        b"relatime" => MsFlags::MS_RELATIME,
        b"nodev" => MsFlags::MS_NODEV,
        b"nosuid" => MsFlags::MS_NOSUID,
        b"noexec" => MsFlags::MS_NOEXEC,
        _ => MsFlags::empty(),
    }
}

/// Blanks and backslashes stand there as three octal digits.
fn unescaped(word: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    let mut rest = word;
    while let Some((first, behind)) = rest.split_first() {
        let digits = behind.get(..3).filter(|_| *first == b'\\').and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            Some(byte) => (plain.push(byte), rest = &behind[3..]),
            None => (plain.push(*first), rest = behind),
        };
    }
    plain
}
