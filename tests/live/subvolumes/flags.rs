//! Making subvolumes read-only and writable, and the default subvolume.

use std::fs::{self, File};
use std::io::Read;
use std::os::fd::{AsFd, AsRawFd};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use btrfs::subvolume::{SettableFlags, WritableOptions};
use btrfs::{ErrorKind, Filesystem, Subvolume, SubvolumeFlags, SubvolumeId};
use testbed::harness::Test;
use testbed::{MIB, World, unprivileged};

use crate::witness::{refused, show};

pub(crate) const TESTS: &[Test] = testbed::tests![
    read_only_and_back,
    flags_that_nobody_knows_reach_the_kernel,
    a_received_subvolume_stays_as_it_is,
    a_received_subvolume_is_made_writable_by_consent,
    a_subvolume_that_is_being_sent_stays_read_only,
    who_does_not_own_it_can_t_set_flags,
    a_read_only_mount_keeps_the_flags,
    the_default_subvolume_is_what_btrfs_progs_says,
    a_default_that_does_not_exist_is_refused,
];

fn property(world: &World, path: &str) -> Result<String> {
    let got = testbed::command::run("btrfs", ["property", "get", &world.join(path).to_string_lossy(), "ro"])?;
    Ok(got.trim().to_owned())
}

fn read_only_and_back() -> Result<()> {
    let world = World::small()?;
    world.btrfs(&["subvolume", "create"], "a")?;
    let subvolume = Subvolume::open(world.join("a"))?;
    assert_eq!(subvolume.flags()?, SettableFlags::empty());
    for _ in 0..2 {
        subvolume.set_read_only()?;
        assert_eq!(subvolume.flags()?, SettableFlags::READ_ONLY);
        assert_eq!(subvolume.info()?.flags, SubvolumeFlags::READ_ONLY);
        assert_eq!(property(&world, "a")?, "ro=true");
        File::create(world.join("a/file")).unwrap_err();
    }
    for _ in 0..2 {
        subvolume.set_writable()?;
        assert_eq!(subvolume.flags()?, SettableFlags::empty());
        assert_eq!(property(&world, "a")?, "ro=false");
        File::create(world.join("a/file"))?;
    }
    Ok(())
}

fn flags_that_nobody_knows_reach_the_kernel() -> Result<()> {
    let world = World::small()?;
    world.btrfs(&["subvolume", "create"], "a")?;
    let subvolume = Subvolume::open(world.join("a"))?;
    let unknown = SettableFlags::from_bits_retain(1 << 40);
    // The kernel refuses them, so it has seen them: a library that cuts them off would succeed.
    refused(subvolume.set_flags(SettableFlags::READ_ONLY | unknown), &ErrorKind::Unsupported, "0x10000000000");
    assert_eq!(property(&world, "a")?, "ro=false");
    assert_eq!((SettableFlags::READ_ONLY | unknown) - SettableFlags::READ_ONLY, unknown);
    Ok(())
}

/// A subvolume that was sent and received on the same filesystem: `inbox/a`.
fn received(world: &World) -> Result<Subvolume> {
    world.btrfs(&["subvolume", "create"], "a")?;
    world.fill("a/file", MIB)?;
    Subvolume::open(world.join("a"))?.set_read_only()?;
    let stream = world.join("stream").to_string_lossy().into_owned();
    world.btrfs(&["send", "-q", "-f", &stream], "a")?;
    fs::create_dir(world.join("inbox"))?;
    world.btrfs(&["receive", "-q", "-f", &stream], "inbox")?;
    Ok(Subvolume::open(world.join("inbox/a"))?)
}

fn a_received_subvolume_stays_as_it_is() -> Result<()> {
    let world = World::small()?;
    let received = received(&world)?;
    let info = received.info()?;
    crate::witness::same_as_shown(&info, &world, "inbox/a")?;
    assert_eq!(info.received_uuid, Subvolume::open(world.join("a"))?.info()?.uuid);
    refused(received.set_writable(), &ErrorKind::Received, "snapshot it writable");
    refused(received.set_flags(SettableFlags::empty()), &ErrorKind::Received, "even_if_received");
    assert_eq!(property(&world, "inbox/a")?, "ro=true");
    assert_eq!(received.info()?, info);
    Ok(())
}

fn a_received_subvolume_is_made_writable_by_consent() -> Result<()> {
    let world = World::small()?;
    let received = received(&world)?;
    WritableOptions::new().even_if_received().set(&received)?;
    assert_eq!(property(&world, "inbox/a")?, "ro=false");
    // As `btrfs property set -f` does it: nothing may take it for what was sent any more.
    assert_eq!(received.info()?.received_uuid, None);
    assert_eq!(show(&world, "inbox/a")?["Received UUID"], "-");

    // As a process leaves it that was killed between making it writable and clearing the UUID.
    let mut args = btrfs_sys::btrfs_ioctl_received_subvol_args { uuid: [7; 16], ..Default::default() };
    let number = <btrfs_sys::ioctl::BTRFS_IOC_SET_RECEIVED_SUBVOL as btrfs_sys::ioctl::Command>::ROW.number;
    // SAFETY: the kernel reads and writes one structure of this type, which outlives the call.
    let returned = unsafe { libc::ioctl(received.as_fd().as_raw_fd(), libc::Ioctl::from(number), &raw mut args) };
    assert_eq!(returned, 0, "{}", std::io::Error::last_os_error());
    assert!(received.info()?.received_uuid.is_some());
    received.set_writable()?;
    assert!(received.info()?.received_uuid.is_some());
    WritableOptions::new().even_if_received().set(&received)?;
    assert_eq!(show(&world, "inbox/a")?["Received UUID"], "-");
    Ok(())
}

fn a_subvolume_that_is_being_sent_stays_read_only() -> Result<()> {
    let world = World::small()?;
    world.btrfs(&["subvolume", "create"], "a")?;
    world.fill("a/file", 8 * MIB)?;
    let subvolume = Subvolume::open(world.join("a"))?;
    subvolume.set_read_only()?;
    // More than a pipe holds: the send can't end while nobody reads.
    let mut send = Command::new("btrfs")
        .args([Path::new("send"), Path::new("-q"), &world.join("a")])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let mut stream = send.stdout.take().context("a pipe")?;
    stream.read_exact(&mut [0])?;
    let result = subvolume.set_writable();
    drop(stream);
    send.wait()?;
    refused(result, &ErrorKind::Busy, "btrfs send");
    subvolume.set_writable()?;
    Ok(())
}

fn who_does_not_own_it_can_t_set_flags() -> Result<()> {
    let world = World::small()?;
    world.btrfs(&["subvolume", "create"], "a")?;
    let subvolume = Subvolume::open(world.join("a"))?;
    unprivileged(|| {
        refused(subvolume.set_read_only(), &ErrorKind::PermissionDenied, "CAP_FOWNER");
        Ok(())
    })?;
    subvolume.set_read_only()?;
    unprivileged(|| {
        refused(subvolume.set_writable(), &ErrorKind::PermissionDenied, "CAP_FOWNER");
        Ok(())
    })?;
    assert_eq!(property(&world, "a")?, "ro=true");
    Ok(())
}

fn a_read_only_mount_keeps_the_flags() -> Result<()> {
    let world = World::small()?;
    world.btrfs(&["subvolume", "create"], "a")?;
    world.umount()?;
    world.mount("ro")?;
    refused(Subvolume::open(world.join("a"))?.set_read_only(), &ErrorKind::ReadOnly, "remount");
    Ok(())
}

fn the_default_subvolume_is_what_btrfs_progs_says() -> Result<()> {
    let world = World::small()?;
    world.btrfs(&["subvolume", "create"], "a")?;
    File::create(world.join("a/inside"))?;
    let filesystem = Filesystem::open(world.path())?;
    let witness = || world.btrfs(&["subvolume", "get-default"], "");
    assert_eq!(filesystem.default_subvolume()?, SubvolumeId::TOP_LEVEL);
    assert!(witness()?.starts_with("ID 5 "));
    let id = Subvolume::open(world.join("a"))?.id()?;
    filesystem.set_default_subvolume(id)?;
    assert_eq!(filesystem.default_subvolume()?, id);
    assert!(witness()?.starts_with(&format!("ID {id} ")), "{}", witness()?);
    drop(filesystem);
    world.umount()?;
    world.mount("")?;
    assert!(world.join("inside").exists());
    let filesystem = Filesystem::open(world.path())?;
    filesystem.set_default_subvolume(SubvolumeId::TOP_LEVEL)?;
    assert_eq!(filesystem.default_subvolume()?, SubvolumeId::TOP_LEVEL);
    assert!(witness()?.starts_with("ID 5 "));
    // The other way round: set by the witness.
    world.btrfs(&["subvolume", "set-default", &id.to_string()], "")?;
    assert_eq!(filesystem.default_subvolume()?, id);
    Ok(())
}

fn a_default_that_does_not_exist_is_refused() -> Result<()> {
    let world = World::small()?;
    let filesystem = Filesystem::open(world.path())?;
    refused(filesystem.set_default_subvolume(SubvolumeId(4711)), &ErrorKind::NotFound, "4711");
    for id in [0, 1, 6] {
        refused(filesystem.set_default_subvolume(SubvolumeId(id)), &ErrorKind::InvalidArgument, "256 and more");
    }
    assert_eq!(filesystem.default_subvolume()?, SubvolumeId::TOP_LEVEL);
    drop(filesystem);
    world.umount()?;
    world.mount("ro")?;
    let filesystem = Filesystem::open(world.path())?;
    refused(filesystem.set_default_subvolume(SubvolumeId::TOP_LEVEL), &ErrorKind::ReadOnly, "read-only");
    Ok(())
}
