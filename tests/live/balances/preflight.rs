//! The verdict before a balance: the state it is made from, held against `btrfs filesystem usage`, and the verdict against
//! what the kernel then does.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use anyhow::{Result, ensure};
use btrfs::balance::Filters;
use btrfs::preflight::{FsState, KernelRules, Verdict, preflight};
use btrfs::{Balance, BalanceOutcome, BalanceRequest, BlockGroupType, Filesystem, Profile};
use testbed::harness::Test;
use testbed::{Disk, GIB, MIB, World, command};
use trials::figures::{Figures, measured, shown};

pub(crate) const TESTS: &[Test] = testbed::tests![
    the_state_agrees_with_the_witness,
    a_tree_of_block_groups_is_read,
    a_balance_that_is_called_safe_ends_well_with_as_many_chunks,
    a_conversion_that_is_called_hopeless_finds_no_room,
    a_state_without_extents_is_the_same_but_for_these,
];

/// A state, and what the witness said before and after it was read.
fn read(world: &World) -> Result<(FsState, Figures)> {
    let filesystem = Filesystem::open(world.path())?;
    for _ in 0..20 {
        filesystem.sync()?;
        let before = shown(world)?;
        let state = FsState::read(&filesystem)?;
        if shown(world)? == before && !state.changing {
            return Ok((state, before));
        }
    }
    anyhow::bail!("the filesystem does not come to rest")
}

fn the_state_agrees_with_the_witness() -> Result<()> {
    for options in [vec!["-draid1", "-mraid1"], vec!["-draid5", "-mraid1c3"], vec!["-draid0", "-mdup"], vec!["--mixed"]]
    {
        let world = World::new(&[GIB, 512 * MIB, 768 * MIB], &options)?;
        world.fill("file", 50 * MIB)?;
        world.reserve("reserved", 100 * MIB)?;
        let (state, theirs) = read(&world)?;
        assert_eq!(measured(&state)?, theirs, "{options:?}");
        ensure!(state.has_extents(), "{options:?}");
        let used: u64 = state.block_groups.iter().map(|group| group.used).sum();
        ensure!(used > 150 * MIB, "{options:?}: {used}");
        assert_eq!(state.mixed, options == ["--mixed"]);
    }
    Ok(())
}

/// Made by btrfs-progs 6.14: `mkfs.btrfs -O block-group-tree -d single -m single`, twelve files of 96 KiB to 1152 KiB
/// reserved, every third of them removed. Older ones can't make it.
const WITH_A_TREE: &[u8] = include_bytes!("fixtures/block-group-tree.tar.gz");

fn a_tree_of_block_groups_is_read() -> Result<()> {
    let directory = tempfile::tempdir_in(testbed::ROOT)?;
    let (archive, image) = (directory.path().join("archive"), directory.path().join("block-group-tree.img"));
    std::fs::write(&archive, WITH_A_TREE)?;
    command::run("tar", ["-xzf".as_ref(), archive.as_os_str(), "-C".as_ref(), directory.path().as_os_str()])?;
    // The kernel knows filesystems by their UUID, and another run may have this image mounted.
    command::run("btrfstune", ["-m".as_ref(), "-f".as_ref(), image.as_os_str()])?;
    let world = World::found_on(Disk::over(File::options().read(true).write(true).open(&image)?)?)?;
    let filesystem = Filesystem::open(world.path())?;
    let feature = format!("/sys/fs/btrfs/{}/features/block_group_tree", filesystem.fsid());
    ensure!(Path::new(&feature).exists(), "{feature}");
    world.reserve("more", 100 * MIB)?;
    let (state, theirs) = read(&world)?;
    assert_eq!(measured(&state)?, theirs);
    ensure!(state.has_extents() && state.block_groups.iter().map(|group| group.used).sum::<u64>() > 104 * MIB);
    Ok(())
}

fn a_state_without_extents_is_the_same_but_for_these() -> Result<()> {
    let world = World::new(&[GIB; 2], &["-draid1", "-mraid1"])?;
    world.fill("file", 20 * MIB)?;
    let (state, _) = read(&world)?;
    let quick = FsState::read_without_extents(&Filesystem::open(world.path())?)?;
    ensure!(!quick.has_extents());
    assert_eq!(quick, state.without_extents());
    Ok(())
}

fn a_balance_that_is_called_safe_ends_well_with_as_many_chunks() -> Result<()> {
    for (options, request) in [
        (["-draid1", "-mraid1"], BalanceRequest::everything()),
        (["-dsingle", "-mraid1"], BalanceRequest::new().data(Filters::new().convert(Profile::Raid1))),
    ] {
        let world = World::new(&[2 * GIB, 2 * GIB, GIB], &options)?;
        world.fill("file", 300 * MIB)?;
        let (state, _) = read(&world)?;
        let report = preflight(&state, &request, &KernelRules::running()?);
        let Verdict::Safe(_) = report.verdict else { anyhow::bail!("{options:?}: {:?}", report.verdict) };
        let filesystem = Filesystem::open(world.path())?;
        let outcome = Balance::start(&filesystem, &request)?.join()?;
        let counters = outcome.counters();
        assert_eq!(counters.completed, u64::try_from(report.moves.len())?, "{options:?}: {:?}", report.moves);
        let (after, _) = read(&world)?;
        let profiles = |state: &FsState| -> BTreeMap<BlockGroupType, Vec<Profile>> {
            let mut profiles: BTreeMap<_, Vec<_>> = BTreeMap::new();
            for group in &state.block_groups {
                profiles.entry(group.holds).or_default().push(group.profile);
            }
            profiles.values_mut().for_each(Vec::dedup);
            profiles
        };
        assert_eq!(profiles(&after), profiles(&report.end), "{options:?}");
    }
    Ok(())
}

fn a_conversion_that_is_called_hopeless_finds_no_room() -> Result<()> {
    let world = World::new(&[GIB], &["-dsingle", "-msingle"])?;
    world.reserve("file", 700 * MIB)?;
    let (state, _) = read(&world)?;
    let request = BalanceRequest::new().data(Filters::new().convert(Profile::Dup));
    let report = preflight(&state, &request, &KernelRules::running()?);
    let Verdict::WontFit { errors, aborts: false, .. } = report.verdict else {
        anyhow::bail!("{:?}", report.verdict);
    };
    ensure!(errors > 0);
    let filesystem = Filesystem::open(world.path())?;
    let outcome = Balance::start(&filesystem, &request)?.join()?;
    ensure!(matches!(outcome, BalanceOutcome::OutOfSpace(_)), "{outcome}");
    Ok(())
}
