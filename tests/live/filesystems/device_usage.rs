//! What is allocated on each device, held against `btrfs device usage`, for every profile there is.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use btrfs::{ErrorKind, Filesystem, Profile};
use testbed::harness::Test;
use testbed::{GIB, MIB, World, meanwhile};

pub(crate) const TESTS: &[Test] =
    testbed::tests![usage_of_every_profile_agrees_with_the_witness, usage_is_right_while_a_conversion_runs,];

/// Bytes by type and profile of each device. What is not allocated goes by the name `Unallocated`.
pub(crate) type Usage = BTreeMap<PathBuf, BTreeMap<String, u64>>;

/// What the witness says, by device and type: `Data,RAID5/4: 268435456`.
pub(crate) fn used(world: &World) -> Result<Usage> {
    let text = world.btrfs(&["device", "usage", "-b"], "")?;
    let (mut usage, mut path) = (Usage::new(), PathBuf::new());
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        if let Some((device, _)) = line.split_once(", ID:") {
            path = device.into();
            continue;
        }
        let (name, bytes) = line.trim().split_once(':').with_context(|| format!("device usage says {line:?}"))?;
        let name = name.split('/').next().unwrap_or_default().to_lowercase();
        if !name.starts_with("device ") {
            *usage.entry(path.clone()).or_default().entry(name).or_default() += bytes.trim().parse::<u64>()?;
        }
    }
    Ok(usage)
}

pub(crate) fn measured(filesystem: &Filesystem) -> Result<Usage> {
    let devices = filesystem.device_usage()?.into_iter();
    devices
        .map(|usage| {
            let rest = ("unallocated".to_owned(), usage.device.unallocated());
            let parts = usage.allocations.iter().map(|part| {
                let kind = part.flags.block_group_type().context("a type not known")?;
                let profile = part.flags.profile().context("a profile not known")?;
                Ok((format!("{kind},{profile}").to_lowercase(), part.bytes))
            });
            Ok((usage.device.path.context("no path")?, parts.chain([Ok(rest)]).collect::<Result<_>>()?))
        })
        .collect()
}

fn usage_of_every_profile_agrees_with_the_witness() -> Result<()> {
    let made = Profile::ALL.iter().map(|profile| vec![format!("-d{profile}"), format!("-m{profile}")]);
    for options in made.chain([vec!["--mixed".to_owned()]]) {
        let options: Vec<_> = options.iter().map(String::as_str).collect();
        let world = World::new(&[GIB, 512 * MIB, 768 * MIB, GIB], &options)?;
        world.reserve("file", 200 * MIB)?;
        let filesystem = Filesystem::open(world.path())?;
        filesystem.sync()?;
        let witness = || anyhow::Ok((used(&world)?, world.btrfs(&["filesystem", "usage", "-b"], "")?));
        // The kernel gives an empty block group back when it finds the time: a witness that changed saw it do so.
        let (ours, (theirs, overall)) = loop {
            let before = witness()?;
            let ours = measured(&filesystem)?;
            if witness()? == before {
                break (ours, before);
            }
        };
        assert_eq!(ours, theirs, "{options:?}");
        let allocated: u64 = ours.values().flatten().filter(|part| part.0 != "unallocated").map(|part| part.1).sum();
        let theirs = overall.lines().find_map(|line| line.trim().strip_prefix("Device allocated:"));
        assert_eq!(Some(allocated.to_string().as_str()), theirs.map(str::trim), "{options:?}");
    }
    Ok(())
}

fn usage_is_right_while_a_conversion_runs() -> Result<()> {
    let world = World::new(&[GIB; 3], &["-draid1", "-mraid1"])?;
    world.fill("file", 200 * MIB)?;
    let filesystem = Filesystem::open(world.path())?;
    let convert = || {
        ["-dconvert=raid0", "-dconvert=raid5", "-dconvert=raid1"]
            .iter()
            .try_for_each(|target| world.btrfs(&["balance", "start", "-f", target], "").map(drop))
    };
    let mut answers = 0;
    let looks = meanwhile(convert, || {
        match filesystem.device_usage() {
            Ok(devices) => {
                for usage in devices {
                    let sum: u64 = usage.allocations.iter().map(|part| part.bytes).sum();
                    ensure!(sum + usage.device.unallocated() == GIB, "{usage:?}");
                }
                answers += 1;
            }
            Err(error) => ensure!(error.kind() == &ErrorKind::Raced, "{error}"),
        }
        Ok(())
    })?;
    ensure!(answers > 10, "{answers} answers, {looks} looks");
    assert_eq!(measured(&filesystem)?, used(&world)?);
    Ok(())
}
