//! Devices, held against `btrfs filesystem show`, `btrfs device usage` and `btrfs device stats`.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{FileExt, symlink};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use btrfs::{DevId, ErrorKind, Filesystem};
use nix::mount::{MsFlags, mount};
use testbed::harness::Test;
use testbed::{Disk, GIB, MIB, ROOT, World, command, meanwhile};

use crate::filesystems::device_usage::{measured, used};

pub(crate) const TESTS: &[Test] = testbed::tests![
    uneven_disks_are_those_that_the_witness_shows,
    the_second_device_is_in_use_too,
    devices_added_and_removed_are_followed,
    no_half_list_while_devices_come_and_go,
    the_target_of_a_replace_is_device_0,
    a_seed_belongs_to_another_filesystem,
    a_missing_device_is_told,
    errors_are_counted_as_the_witness_counts_them,
    nobody_may_ask_for_devices_but_not_for_their_usage,
];

/// Id, size, used, path.
pub(crate) type Shown = (u64, u64, u64, PathBuf);

/// What the witness says: `devid 1 size 1073741824 used 268435456 path /dev/loop0`.
pub(crate) fn shown(world: &World) -> Result<Vec<Shown>> {
    let text = world.btrfs(&["filesystem", "show", "--raw"], "")?;
    let lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let lines = lines.filter(|words| words.first() == Some(&"devid"));
    lines.map(|words| Ok((words[1].parse()?, words[3].parse()?, words[5].parse()?, words[7].into()))).collect()
}

fn listed(filesystem: &Filesystem) -> Result<Vec<Shown>> {
    let devices = filesystem.devices()?.into_iter();
    devices.map(|d| Ok((d.id.0, d.total, d.used, d.path.context("no path")?))).collect()
}

fn uneven_disks_are_those_that_the_witness_shows() -> Result<()> {
    let world = World::new(&[2 * GIB, GIB, 3 * GIB], &["-draid1", "-mraid1"])?;
    world.reserve("file", 300 * MIB)?;
    let filesystem = Filesystem::open(world.path())?;
    filesystem.sync()?;
    assert_eq!(listed(&filesystem)?, shown(&world)?);
    let sizes: Vec<_> = filesystem.devices()?.iter().map(|device| device.total).collect();
    assert_eq!(sizes, [2 * GIB, GIB, 3 * GIB]);
    for (index, device) in filesystem.devices()?.iter().enumerate() {
        let path = world.device(index).as_os_str();
        let superblock = command::run("btrfs", ["inspect-internal".as_ref(), "dump-super".as_ref(), path])?;
        let uuid = superblock.lines().find_map(|line| line.strip_prefix("dev_item.uuid"));
        assert_eq!(device.uuid.context("no uuid")?.to_string(), uuid.context("no uuid of the witness's")?.trim());
        assert!(device.fsid.is_none_or(|fsid| fsid == filesystem.fsid()), "{device:?}");
        assert_eq!(device.missing, Some(false));
        assert_eq!(filesystem.device(device.id)?, *device);
    }
    let error = filesystem.device(DevId(4)).unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::NotFound);
    assert!(error.to_string().contains("device 4"), "{error}");
    Ok(())
}

fn the_second_device_is_in_use_too() -> Result<()> {
    let world = World::new(&[GIB, GIB], &[])?;
    let filesystem = Filesystem::open(world.path())?;
    let id = |path: &Path| -> Result<_> { Ok(filesystem.find_device(path)?.map(|device| device.id)) };
    assert_eq!(id(world.device(0))?, Some(DevId(1)));
    assert_eq!(id(world.device(1))?, Some(DevId(2)));
    let names = tempfile::tempdir_in(ROOT)?;
    symlink(world.device(1), names.path().join("disk"))?;
    assert_eq!(id(&names.path().join("disk"))?, Some(DevId(2)));
    assert_eq!(id(Disk::new(MIB)?.path())?, None);
    for no_block_device in [world.path(), Path::new("/dev/null")] {
        let error = filesystem.find_device(no_block_device).unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::InvalidArgument, "{error}");
    }
    assert_eq!(filesystem.find_device("/dev/nothing").unwrap_err().kind(), &ErrorKind::NotFound);
    Ok(())
}

fn devices_added_and_removed_are_followed() -> Result<()> {
    let mut world = World::new(&[GIB, GIB], &["-draid1", "-mraid1"])?;
    let filesystem = Filesystem::open(world.path())?;
    let spare = world.spare(2 * GIB)?;
    assert_eq!(filesystem.find_device(&spare)?, None);
    let add = spare.to_string_lossy().into_owned();
    world.btrfs(&["device", "add", "-K", &add], "")?;
    assert_eq!(listed(&filesystem)?, shown(&world)?);
    assert_eq!(filesystem.find_device(&spare)?.context("added")?.id, DevId(3));
    world.btrfs(&["device", "remove", "1"], "")?;
    assert_eq!(listed(&filesystem)?, shown(&world)?);
    let ids: Vec<_> = filesystem.devices()?.iter().map(|device| device.id.0).collect();
    assert_eq!(ids, [2, 3]);
    assert_eq!(filesystem.find_device(world.device(0))?, None);
    assert_eq!(measured(&filesystem)?, used(&world)?);
    Ok(())
}

fn no_half_list_while_devices_come_and_go() -> Result<()> {
    let mut world = World::new(&[GIB, GIB], &["-draid1", "-mraid1"])?;
    let spare = world.spare(GIB)?.to_string_lossy().into_owned();
    let filesystem = Filesystem::open(world.path())?;
    let come_and_go = || {
        (0..15).try_for_each(|_| {
            world.btrfs(&["device", "add", "-f", "-K", &spare], "")?;
            world.btrfs(&["device", "remove", &spare], "").map(drop)
        })
    };
    let mut seen = BTreeSet::new();
    meanwhile(come_and_go, || {
        let devices = filesystem.devices()?;
        let ids: Vec<_> = devices.iter().map(|device| device.id.0).collect();
        ensure!(ids == [1, 2] || ids == [1, 2, 3], "{devices:?}");
        seen.insert(ids);
        Ok(())
    })?;
    ensure!(seen.len() == 2, "only {seen:?} were seen: too few to tell");
    Ok(())
}

fn the_target_of_a_replace_is_device_0() -> Result<()> {
    let mut world = World::new(&[4 * GIB, 4 * GIB], &["-draid1", "-mraid1"])?;
    world.fill("file", 256 * MIB)?;
    let target = world.spare(4 * GIB)?;
    let filesystem = Filesystem::open(world.path())?;
    filesystem.sync()?;
    let mut targets = 0;
    let replace = || {
        let target = target.to_string_lossy();
        world.btrfs(&["replace", "start", "-B", "-f", "1", &target], "").map(drop)
    };
    meanwhile(replace, || {
        let devices = filesystem.devices()?;
        if let [device, others @ ..] = &devices[..]
            && device.id == DevId(0)
        {
            // At the end the two change places: what was replaced is device 0 until it is let go. And for a moment at
            // the beginning sysfs does not have the target yet.
            let path = device.path.as_deref();
            ensure!(path == Some(&target) || path == Some(world.device(0)), "{device:?}");
            ensure!(device.missing != Some(true), "{device:?}");
            targets += usize::from(path == Some(&target));
            let paths: BTreeSet<_> = devices.iter().map(|device| device.path.as_deref()).collect();
            ensure!(others.len() == 2 && paths.len() == 3, "{devices:?}");
            let usage = filesystem.device_usage()?;
            ensure!(usage[0].device.id != DevId(0) || usage[0].allocations.is_empty(), "{usage:?}");
        }
        Ok(())
    })?;
    ensure!(targets > 0, "the replace was over before it was seen");
    assert_eq!(listed(&filesystem)?, shown(&world)?);
    assert_eq!(filesystem.find_device(&target)?.context("replaced")?.id, DevId(1));
    Ok(())
}

fn a_seed_belongs_to_another_filesystem() -> Result<()> {
    let mut world = World::new(&[GIB], &[])?;
    world.umount()?;
    command::run("btrfstune", ["-f".as_ref(), "-S".as_ref(), "1".as_ref(), world.device(0).as_os_str()])?;
    world.mount("ro")?;
    let seed = Filesystem::open(world.path())?;
    let seed_fsid = seed.fsid();
    let sprout = world.spare(GIB)?.to_string_lossy().into_owned();
    world.btrfs(&["device", "add", "-K", &sprout], "")?;
    let filesystem = Filesystem::open(world.path())?;
    let devices = filesystem.devices()?;
    let ids: Vec<_> = devices.iter().map(|device| device.id.0).collect();
    assert_eq!(ids, [1, 2]);
    assert_ne!(filesystem.fsid(), seed_fsid);
    // Before Linux 6.3 the kernel does not say.
    if devices.iter().any(|device| device.fsid.is_some()) {
        let fsids: Vec<_> = devices.iter().map(|device| device.fsid).collect();
        assert_eq!(fsids, [Some(seed_fsid), Some(filesystem.fsid())]);
    }
    assert_eq!(filesystem.find_device(world.device(0))?.context("the seed")?.id, DevId(1));
    Ok(())
}

fn a_missing_device_is_told() -> Result<()> {
    let world = World::new(&[GIB, GIB], &["-draid1", "-mraid1"])?;
    world.fill("file", 10 * MIB)?;
    world.umount()?;
    // The second disk comes back empty.
    let gone = world.device(1);
    for superblock in [64 * 1024, 64 * MIB] {
        world.disks()[1].image().write_all_at(&[0; 4096], superblock)?;
    }
    command::run("blockdev", ["--flushbufs".as_ref(), gone.as_os_str()])?;
    mount(Some(world.device(0)), world.path(), Some("btrfs"), MsFlags::empty(), Some("degraded"))?;
    let filesystem = Filesystem::open(world.path())?;
    let overall = world.btrfs(&["filesystem", "show", "--raw"], "")?;
    assert!(overall.contains("MISSING") || overall.contains("missing"), "{overall}");
    let devices = filesystem.devices()?;
    let missing: Vec<_> = devices.iter().map(|device| (device.id.0, device.missing)).collect();
    assert_eq!(missing, [(1, Some(false)), (2, Some(true))], "{devices:?}");
    assert_eq!(filesystem.info()?.num_devices, 2);
    assert_eq!(filesystem.find_device(gone)?, None);
    assert_eq!(filesystem.find_device(world.device(0))?.context("the first")?.id, DevId(1));
    let usage = filesystem.device_usage()?;
    assert_eq!(usage[1].device.id, DevId(2));
    assert_eq!(usage[1].allocations.iter().map(|part| part.bytes).sum::<u64>(), usage[1].device.used);
    Ok(())
}

fn errors_are_counted_as_the_witness_counts_them() -> Result<()> {
    let world = World::new(&[512 * MIB, 512 * MIB], &["-draid1", "-mraid1"])?;
    let filesystem = Filesystem::open(world.path())?;
    world.fill("file", 8 * MIB)?;
    filesystem.sync()?;
    let none = filesystem.device_stats(DevId(2))?;
    assert_eq!((none.corruption_errors, none.read_errors, none.write_errors), (0, 0, 0));
    // What the file holds is spoilt on the second disk, behind the filesystem's back.
    let start = fs::read(world.join("file"))?[..4096].to_vec();
    drop(filesystem);
    world.umount()?;
    let image = world.disks()[1].image();
    let mut block = vec![0; start.len()];
    let place =
        (0..512 * MIB).step_by(4096).find(|&place| image.read_exact_at(&mut block, place).is_ok() && block == start);
    image.write_all_at(&[0xff; 4096], place.context("the file is not on the second disk")?)?;
    command::run("blockdev", ["--flushbufs".as_ref(), world.device(1).as_os_str()])?;
    world.mount("")?;
    // It finds the error and heals it, and says so by its exit code.
    command::output("btrfs", ["scrub".as_ref(), "start".as_ref(), "-B".as_ref(), world.path().as_os_str()])?;
    let filesystem = Filesystem::open(world.path())?;
    let text = world.btrfs(&["device", "stats"], "")?;
    for (index, id) in [(0, DevId(1)), (1, DevId(2))] {
        let stats = filesystem.device_stats(id)?;
        let device = world.device(index).display().to_string();
        let ours = [
            ("write_io_errs", stats.write_errors),
            ("read_io_errs", stats.read_errors),
            ("flush_io_errs", stats.flush_errors),
            ("corruption_errs", stats.corruption_errors),
            ("generation_errs", stats.generation_errors),
        ];
        let theirs = text.lines().filter_map(|line| line.strip_prefix(&format!("[{device}].")));
        let theirs: Vec<_> = theirs.map(|line| line.split_whitespace().collect::<Vec<_>>()).collect();
        assert_eq!(ours.map(|(name, count)| vec![name.to_owned(), count.to_string()]).to_vec(), theirs, "{text}");
    }
    assert!(filesystem.device_stats(DevId(2))?.corruption_errors > 0, "{text}");
    assert_eq!(filesystem.device_stats(DevId(1))?.corruption_errors, 0, "{text}");
    // Asking resets nothing.
    assert!(filesystem.device_stats(DevId(2))?.corruption_errors > 0);
    let error = filesystem.device_stats(DevId(3)).unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::NotFound);
    assert!(error.to_string().contains("device 3"), "{error}");
    Ok(())
}

fn nobody_may_ask_for_devices_but_not_for_their_usage() -> Result<()> {
    let world = World::new(&[GIB, GIB], &[])?;
    let shown = shown(&world)?;
    testbed::unprivileged(|| {
        let filesystem = Filesystem::open(world.path())?;
        assert_eq!(listed(&filesystem)?, shown);
        assert_eq!(filesystem.devices()?[1].missing, Some(false));
        assert_eq!(filesystem.find_device(world.device(1))?.context("in use")?.id, DevId(2));
        filesystem.device_stats(DevId(2))?;
        assert_eq!(filesystem.device_usage().unwrap_err().kind(), &ErrorKind::PermissionDenied);
        Ok(())
    })
}
