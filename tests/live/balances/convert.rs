//! Conversions between all profiles, and those that are refused.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;

use anyhow::{Context, Result, ensure};
use btrfs::balance::Filters;
use btrfs::{Balance, BalanceOutcome, BalanceRequest, ErrorKind, Filesystem, Profile};
use nix::mount::{MsFlags, mount};
use testbed::harness::Test;
use testbed::{GIB, MIB, World, command};

use crate::balances::balance::zeros;
use crate::witness::refused;

pub(crate) const TESTS: &[Test] = testbed::tests![
    every_profile_converts_to_every_other,
    reduced_redundancy_is_refused_unless_asked_for,
    too_few_devices_are_named_as_the_kernel_counts_them,
    a_missing_device_does_not_count,
    mixed_block_groups_are_converted_together,
    a_cancelled_conversion_goes_on_softly,
];

/// Type and profile of all block groups, as the witness has them.
fn profiles(world: &World) -> Result<BTreeSet<(String, String)>> {
    let text = world.btrfs(&["filesystem", "df", "-b"], "")?;
    let kinds = text.lines().filter_map(|line| line.split_once(": ")?.0.split_once(", "));
    let kinds = kinds.map(|(holds, profile)| (holds.to_owned(), profile.to_lowercase()));
    Ok(kinds.filter(|(holds, _)| holds != "GlobalReserve").collect())
}

fn all(profile: Profile) -> BTreeSet<(String, String)> {
    ["Data", "Metadata", "System"].map(|holds| (holds.to_owned(), profile.to_string())).into()
}

fn to(profile: Profile) -> BalanceRequest {
    BalanceRequest::new().data(Filters::new().convert(profile)).metadata(Filters::new().convert(profile))
}

fn convert(filesystem: &Filesystem, request: &BalanceRequest) -> Result<()> {
    let outcome = Balance::start(filesystem, request)?.join()?;
    ensure!(matches!(outcome, BalanceOutcome::Completed(_)), "{request}: {outcome}");
    Ok(())
}

/// A walk that goes from every profile to every other exactly once, and ends where it began.
fn walk() -> Vec<Profile> {
    let mut left: BTreeSet<_> =
        Profile::ALL.iter().flat_map(|&from| Profile::ALL.iter().map(move |&to| (from, to))).collect();
    left.retain(|(from, to)| from != to);
    // Hierholzer: go on until stuck; what the way back finds still open is put in between.
    let (mut stack, mut walk) = (vec![Profile::Single], Vec::new());
    while let Some(&here) = stack.last() {
        match left.iter().find(|(from, _)| *from == here).copied() {
            Some(step) => {
                left.remove(&step);
                stack.push(step.1);
            }
            None => walk.extend(stack.pop()),
        }
    }
    walk.reverse();
    walk
}

fn every_profile_converts_to_every_other() -> Result<()> {
    // Far more than the file needs: the space of chunks that scrub and balance leave empty comes back only later.
    let world = World::new(&[16 * GIB; 4], &["-dsingle", "-msingle"])?;
    world.fill("file", 8 * MIB)?;
    let content = fs::read(world.join("file"))?;
    let filesystem = Filesystem::open(world.path())?;
    let walk = walk();
    assert_eq!(walk.len(), Profile::ALL.len() * (Profile::ALL.len() - 1) + 1);
    for step in walk.windows(2) {
        let [from, profile] = *step else { unreachable!("windows of two") };
        convert(&filesystem, &to(profile).force()).with_context(|| format!("from {from} to {profile}"))?;
        assert_eq!(profiles(&world)?, all(profile), "from {from}");
        // The witness reads every copy and checks its sum.
        let scrub = world.btrfs(&["scrub", "start", "-B"], "")?;
        ensure!(scrub.contains("no errors found"), "from {from} to {profile}: {scrub}");
    }
    drop(filesystem);
    world.umount()?;
    world.mount("")?;
    ensure!(fs::read(world.join("file"))? == content, "the file is another one");
    Ok(())
}

fn reduced_redundancy_is_refused_unless_asked_for() -> Result<()> {
    let world = World::new(&[512 * MIB; 4], &["-draid1", "-mraid1"])?;
    world.fill("file", 8 * MIB)?;
    let filesystem = Filesystem::open(world.path())?;
    let before = profiles(&world)?;
    for profile in [Profile::Single, Profile::Dup, Profile::Raid0] {
        for request in [
            BalanceRequest::new().data(Filters::new().convert(profile)),
            BalanceRequest::new().metadata(Filters::new().convert(profile)),
        ] {
            let says = format!("from raid1 to {profile} reduces redundancy");
            refused(Balance::start(&filesystem, &request), &ErrorKind::NeedsConsent, &says);
            assert_eq!(profiles(&world)?, before);
        }
    }
    // The kernel's own rule is about metadata, and knows two grades.
    world.btrfs(&["balance", "start", "-mconvert=raid0"], "").expect_err("the kernel refuses");
    convert(&filesystem, &to(Profile::Raid1c3))?;
    refused(Balance::start(&filesystem, &to(Profile::Raid1)), &ErrorKind::NeedsConsent, "one device may fail instead");
    convert(&filesystem, &to(Profile::Raid0).force())?;
    assert_eq!(profiles(&world)?, all(Profile::Raid0));
    Ok(())
}

/// With raid1 on both sides it is the only thing that can be refused, so the kernel's answer is about the number.
fn too_few_devices_are_named_as_the_kernel_counts_them() -> Result<()> {
    for count in 1..=4 {
        let world = World::new(&vec![4 * GIB; count], &["-dsingle", "-msingle"])?;
        let filesystem = Filesystem::open(world.path())?;
        for &profile in Profile::ALL {
            let argument = format!("-dconvert={profile}");
            let theirs = world.btrfs(&["balance", "start", "-f", &argument], "");
            let ours =
                Balance::start(&filesystem, &BalanceRequest::new().data(Filters::new().convert(profile)).force());
            assert_eq!(ours.is_ok(), theirs.is_ok(), "{profile} on {count} devices: {ours:?}, {theirs:?}");
            match ours {
                Ok(balance) => drop(balance.join()?),
                Err(error) => {
                    let (needed, writable) = (profile.min_devices().into(), count.try_into()?);
                    assert_eq!(error.kind(), &ErrorKind::TooFewDevices { needed, writable }, "{error}");
                    let says = format!("to {profile} needs {needed} writable devices, and the filesystem has {count}");
                    ensure!(error.to_string().contains(&says), "{error}");
                }
            }
        }
    }
    Ok(())
}

fn a_missing_device_does_not_count() -> Result<()> {
    let world = World::new(&[512 * MIB; 3], &["-draid1", "-mraid1"])?;
    world.umount()?;
    command::run(
        "btrfs",
        ["device", "scan", "--forget"].map(OsStr::new).into_iter().chain([world.device(2).as_os_str()]),
    )?;
    let options = format!("degraded,device={}", world.device(1).display());
    mount(Some(world.device(0)), world.path(), Some("btrfs"), MsFlags::empty(), Some(options.as_str()))?;
    let filesystem = Filesystem::open(world.path())?;
    assert_eq!(filesystem.devices()?.len(), 3);
    let few = ErrorKind::TooFewDevices { needed: 3, writable: 2 };
    refused(Balance::start(&filesystem, &to(Profile::Raid1c3)), &few, "the filesystem has 2: add 1");
    world.btrfs(&["balance", "start", "-f", "-dconvert=raid1c3"], "").expect_err("the kernel counts two as well");
    Ok(())
}

fn mixed_block_groups_are_converted_together() -> Result<()> {
    let world = World::new(&[512 * MIB; 2], &["--mixed", "-dsingle", "-msingle"])?;
    world.fill("file", 8 * MIB)?;
    let filesystem = Filesystem::open(world.path())?;
    let apart = BalanceRequest::new().data(Filters::new().convert(Profile::Raid1));
    refused(Balance::start(&filesystem, &apart), &ErrorKind::InvalidArgument, "give both the same filters");
    world.btrfs(&["balance", "start", "-dconvert=raid1"], "").expect_err("the kernel refuses it too");
    convert(&filesystem, &to(Profile::Raid1))?;
    let expected = [("Data+Metadata".to_owned(), "raid1".to_owned()), ("System".to_owned(), "raid1".to_owned())];
    assert_eq!(profiles(&world)?, expected.into());
    Ok(())
}

fn a_cancelled_conversion_goes_on_softly() -> Result<()> {
    let world = World::new(&[1024 * MIB; 2], &["-dsingle", "-mraid1"])?;
    zeros(&world, "file", 300 * MIB)?;
    world.btrfs(&["filesystem", "sync"], "")?;
    let filesystem = Filesystem::open(world.path())?;
    convert(&filesystem, &BalanceRequest::new().data("convert=raid1,limit=1".parse()?))?;
    let data = |profile: &str| ("Data".to_owned(), profile.to_owned());
    ensure!(profiles(&world)?.is_superset(&[data("single"), data("raid1")].into()), "half converted");
    convert(&filesystem, &BalanceRequest::new().data("convert=raid1,soft".parse()?))?;
    ensure!(!profiles(&world)?.contains(&data("single")), "all converted");
    let outcome = Balance::start(&filesystem, &BalanceRequest::new().data("convert=raid1,soft".parse()?))?.join()?;
    assert_eq!(outcome.counters().completed, 0, "nothing is left to do");
    Ok(())
}
