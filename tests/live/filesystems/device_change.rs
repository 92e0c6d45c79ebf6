//! Devices that are added, removed, made smaller and larger, held against `btrfs filesystem show`.

use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use btrfs::device::{AddDevice, DeviceRemoval, RemovalOutcome};
use btrfs::{DevId, ErrorKind, Filesystem, Refusal};
use testbed::harness::{Test, skip};
use testbed::{GIB, MIB, World};

use crate::filesystems::device::shown;
use crate::witness::refused;

pub(crate) const TESTS: &[Test] = testbed::tests![
    a_blank_device_is_added,
    what_is_not_blank_or_in_use_is_left_alone,
    a_device_is_removed_and_its_data_is_elsewhere,
    what_can_t_be_removed_is_told,
    a_removal_is_cancelled,
    a_device_is_made_smaller_and_larger,
];

const LONG: Duration = Duration::from_secs(300);

fn ids(world: &World) -> Result<Vec<u64>> {
    Ok(shown(world)?.into_iter().map(|(id, ..)| id).collect())
}

fn remove(filesystem: &Filesystem, device: DevId) -> Result<RemovalOutcome> {
    let removal = DeviceRemoval::start(filesystem, device)?;
    let outcome = removal.wait(LONG)?;
    outcome.ok_or_else(|| anyhow::anyhow!("the removal of {device} does not end"))
}

fn a_blank_device_is_added() -> Result<()> {
    let mut world = World::new(&[GIB], &["-dsingle", "-msingle"])?;
    let spare = world.spare(GIB / 2)?;
    let filesystem = Filesystem::open(world.path())?;
    let device = AddDevice::new().add(&filesystem, &spare)?;
    assert_eq!((device.id, device.total, device.used), (DevId(2), GIB / 2, 0));
    let witness = shown(&world)?;
    assert_eq!(witness[1], (2, GIB / 2, 0, spare.clone()), "{witness:?}");
    // It holds data, more than the first has room for, at the next mount too.
    drop(filesystem);
    world.fill("file", GIB)?;
    world.umount()?;
    world.mount("")?;
    assert_eq!(ids(&world)?, [1, 2]);
    refused(AddDevice::new().add(&Filesystem::open(world.path())?, &spare), &ErrorKind::Busy, "in use");
    Ok(())
}

fn what_is_not_blank_or_in_use_is_left_alone() -> Result<()> {
    let mut world = World::small()?;
    let other = World::new(&[GIB, GIB], &[])?;
    let filesystem = Filesystem::open(world.path())?;
    let add = |path: &Path| AddDevice::new().overwrite().add(&filesystem, path);
    refused(add(world.path()), &ErrorKind::InvalidArgument, "not a block device");
    refused(add(&world.join("none")), &ErrorKind::NotFound, "none");
    // Also the second device, which no list of mounts shows.
    refused(add(other.device(0)), &ErrorKind::Busy, "in use");
    refused(add(other.device(1)), &ErrorKind::Busy, "in use");
    other.fill("still", MIB)?;
    other.btrfs(&["scrub", "start", "-B"], "")?;

    let spare = world.spare(GIB)?;
    for offset in [1024, GIB - 512] {
        File::options().write(true).open(&spare)?.write_all_at(b"somebody's", offset)?;
        refused(AddDevice::new().add(&filesystem, &spare), &ErrorKind::NeedsConsent, "something is on the device");
        let mut found = [0; 10];
        File::open(&spare)?.read_exact_at(&mut found, offset)?;
        assert_eq!(&found, b"somebody's");
        let device = AddDevice::new().overwrite().add(&filesystem, &spare)?;
        assert_eq!(remove(&filesystem, device.id)?, RemovalOutcome::Removed);
        File::open(&spare)?.read_exact_at(&mut found, offset)?;
        assert_eq!(found, [0; 10]);
    }
    assert_eq!(ids(&world)?, [1]);
    Ok(())
}

fn a_device_is_removed_and_its_data_is_elsewhere() -> Result<()> {
    let world = World::new(&[GIB, GIB, GIB], &["-draid1", "-mraid1"])?;
    world.fill("file", 300 * MIB)?;
    let filesystem = Filesystem::open(world.path())?;
    filesystem.sync()?;
    let removal = DeviceRemoval::start(&filesystem, DevId(2))?;
    let mut before = u64::MAX;
    let outcome = loop {
        let left = removal.left()?;
        ensure!(left <= before, "{left} of {before} are left");
        before = left;
        if let Some(outcome) = removal.wait(Duration::from_millis(10))? {
            break outcome;
        }
    };
    assert_eq!((outcome, removal.left()?), (RemovalOutcome::Removed, 0));
    assert_eq!(ids(&world)?, [1, 3]);
    refused(removal.cancel(), &ErrorKind::NotInProgress, "");
    let mut superblock = [0; 4096];
    File::open(world.device(1))?.read_exact_at(&mut superblock, 64 << 10)?;
    assert!(!superblock.windows(8).any(|bytes| bytes == b"_BHRfS_M"), "its superblock is wiped");
    world.btrfs(&["scrub", "start", "-B"], "")?;
    let mut bytes = Vec::new();
    File::open(world.join("file"))?.read_to_end(&mut bytes)?;
    assert_eq!(u64::try_from(bytes.len())?, 300 * MIB);
    Ok(())
}

fn what_can_t_be_removed_is_told() -> Result<()> {
    let world = World::new(&[GIB, GIB], &["-draid1", "-mraid1"])?;
    let filesystem = Filesystem::open(world.path())?;
    let start = |id| DeviceRemoval::start(&filesystem, DevId(id));
    refused(start(7), &ErrorKind::NotFound, "device 7");
    refused(start(2)?.wait(LONG), &ErrorKind::Refused(Refusal::Raid1MinNotMet), "raid1 needs at least 2");
    let alone = World::small()?;
    let error = DeviceRemoval::start(&Filesystem::open(alone.path())?, DevId(1))?.wait(LONG).unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::Refused(Refusal::OnlyWritable), "{error}");

    // A device that holds nothing but data, which has no room elsewhere.
    let mut full = World::new(&[GIB / 2], &["-dsingle", "-msingle"])?;
    let filesystem = Filesystem::open(full.path())?;
    let spare = full.spare(2 * GIB)?;
    let device = AddDevice::new().add(&filesystem, &spare)?;
    for nth in 0..12 {
        full.reserve(format!("file{nth}"), 128 * MIB)?;
    }
    filesystem.sync()?;
    assert_eq!(remove(&filesystem, device.id)?, RemovalOutcome::OutOfSpace);
    assert_eq!(ids(&full)?, [1, 2]);
    // The filesystem is as writable as before.
    fs::write(full.join("more"), "more")?;
    filesystem.sync()?;
    Ok(())
}

fn a_removal_is_cancelled() -> Result<()> {
    let world = World::new(&[GIB, 2 * GIB, 2 * GIB], &["-dsingle", "-mraid1"])?;
    let filesystem = Filesystem::open(world.path())?;
    // Many small extents take long to move.
    for nth in 0..40 {
        world.fill(format!("file{nth}"), 8 * MIB)?;
        filesystem.sync()?;
    }
    let on_it = filesystem.devices()?.into_iter().max_by_key(|device| device.used).map(|device| device.id);
    let device = on_it.unwrap_or(DevId(2));
    let begun = Instant::now();
    loop {
        let removal = DeviceRemoval::start(&filesystem, device)?;
        // The kernel says only once it is at work that there is something to cancel.
        let asked = loop {
            match removal.cancel() {
                Ok(()) => break true,
                Err(error) if *error.kind() == ErrorKind::Unsupported => return skip(error.to_string()),
                Err(error) => ensure!(*error.kind() == ErrorKind::NotInProgress, "{error}"),
            }
            if removal.wait(Duration::ZERO)?.is_some() {
                break false;
            }
        };
        let outcome = removal.wait(LONG)?;
        if asked && outcome == Some(RemovalOutcome::Cancelled) {
            break;
        }
        // It was over before it could be cancelled.
        ensure!(begun.elapsed() < LONG, "no removal was cancelled in time");
        if outcome == Some(RemovalOutcome::Removed) {
            let path = world.device(usize::try_from(device.0 - 1)?);
            AddDevice::new().overwrite().add(&filesystem, path)?;
            return skip("the removal is over before it can be cancelled on this machine");
        }
    }
    assert_eq!(ids(&world)?, [1, 2, 3]);
    world.btrfs(&["scrub", "start", "-B"], "")?;
    // A cancellation that came late is kept for the next removal: it may take another.
    let outcome = (0..3).map(|_| remove(&filesystem, device)).find(|end| !matches!(end, Ok(RemovalOutcome::Cancelled)));
    assert_eq!(outcome.transpose()?, Some(RemovalOutcome::Removed));
    Ok(())
}

fn a_device_is_made_smaller_and_larger() -> Result<()> {
    let world = World::new(&[2 * GIB, GIB], &["-dsingle", "-mraid1"])?;
    let filesystem = Filesystem::open(world.path())?;
    let sizes = || -> Result<Vec<u64>> { Ok(shown(&world)?.into_iter().map(|(_, total, ..)| total).collect()) };
    filesystem.resize_device(DevId(1), GIB + 4096)?;
    assert_eq!(sizes()?, [GIB + 4096, GIB]);
    filesystem.resize_device(DevId(1), 3 * GIB / 2)?;
    assert_eq!(sizes()?, [3 * GIB / 2, GIB]);
    filesystem.grow_device(DevId(1))?;
    assert_eq!(sizes()?, [2 * GIB, GIB]);
    let to = |id, bytes| filesystem.resize_device(DevId(id), bytes);
    refused(to(1, 3 * GIB), &ErrorKind::InvalidArgument, "not that large");
    refused(to(1, 100 * MIB), &ErrorKind::InvalidArgument, "256 MiB");
    refused(to(9, GIB), &ErrorKind::NotFound, "device 9");
    // Full: what lies behind the new end finds no room.
    world.reserve("file", GIB)?;
    world.reserve("more", 5 * GIB / 4)?;
    filesystem.sync()?;
    let error = to(1, 3 * GIB / 2).unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::NoSpace, "{error}");
    assert_eq!(sizes()?, [2 * GIB, GIB]);
    fs::write(world.join("after"), "after")?;
    Ok(())
}
