//! Waiting until deleted subvolumes are really gone.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::time::{Duration, Instant};

use anyhow::Result;
use btrfs::{ErrorKind, Filesystem, Subvolume, SubvolumeId};
use testbed::harness::Test;
use testbed::{MIB, World};

use crate::witness::refused;

pub(crate) const TESTS: &[Test] = testbed::tests![
    forty_deletions_are_waited_for_without_a_stall,
    what_is_held_open_is_reported_when_the_time_is_over,
    what_was_not_deleted_is_refused,
    what_never_was_is_not_said_to_be_cleaned,
    space_is_back_when_the_wait_is_over,
];

/// What `btrfs subvolume list -d` says is left.
fn witness(world: &World) -> Result<BTreeSet<SubvolumeId>> {
    let listed = world.btrfs(&["subvolume", "list", "-d"], "")?;
    let ids = listed.lines().filter_map(|line| line.split_whitespace().nth(1)?.parse().ok());
    Ok(ids.map(SubvolumeId).collect())
}

/// Subvolumes with something in them, deleted.
fn deleted(world: &World, count: usize) -> Result<Vec<SubvolumeId>> {
    let parent = File::open(world.path())?;
    let names: Vec<_> = (0..count).map(|number| format!("s{number}")).collect();
    for name in &names {
        world.btrfs(&["subvolume", "create"], name)?;
        for file in 0..20 {
            fs::write(world.join(name).join(format!("{file}")), [b'x'; 10_000])?;
        }
    }
    world.btrfs(&["filesystem", "sync"], "")?;
    Ok(names.iter().map(|name| Subvolume::delete_in(&parent, name)).collect::<btrfs::Result<_>>()?)
}

fn forty_deletions_are_waited_for_without_a_stall() -> Result<()> {
    let world = World::small()?;
    let filesystem = Filesystem::open(world.path())?;
    // So that the cleaner, should it wake by itself, does not end before we begin.
    world.btrfs(&["subvolume", "create"], "held")?;
    let held = File::create(world.join("held/file"))?;
    let mut ids = deleted(&world, 40)?;
    ids.push(Subvolume::delete_in(File::open(world.path())?, "held")?);
    assert_eq!(filesystem.deleted_subvolumes()?, witness(&world)?);
    let mut cleaning = filesystem.cleaning(ids.iter().copied())?;
    let there = cleaning.remaining().len();
    assert_eq!(there + cleaning.absent().len(), 41);
    drop(held);
    let start = Instant::now();
    let progress = cleaning.watch(Duration::from_secs(60)).collect::<btrfs::Result<Vec<_>>>()?;
    // `btrfs subvolume sync` took 31 to 58 seconds.
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}: {progress:?}", start.elapsed());
    assert_eq!(witness(&world)?, BTreeSet::new());
    assert_eq!(filesystem.deleted_subvolumes()?, BTreeSet::new());
    assert!(progress.is_sorted_by_key(|progress| progress.cleaned), "{progress:?}");
    assert!(progress.iter().all(|progress| progress.cleaned + progress.remaining == there), "{progress:?}");
    assert_eq!(progress.last().map(|progress| progress.remaining), Some(0));
    assert_eq!(cleaning.remaining().len(), 0);
    Ok(())
}

fn what_is_held_open_is_reported_when_the_time_is_over() -> Result<()> {
    let world = World::small()?;
    let filesystem = Filesystem::open(world.path())?;
    world.btrfs(&["subvolume", "create"], "held")?;
    let held = File::create(world.join("held/file"))?;
    let id = Subvolume::delete_in(File::open(world.path())?, "held")?;
    let mut cleaning = filesystem.cleaning([id])?;
    let start = Instant::now();
    refused(cleaning.wait(Duration::from_millis(300)), &ErrorKind::TimedOut, &format!("({id})"));
    assert!((300..20_000).contains(&start.elapsed().as_millis()), "{:?}", start.elapsed());
    assert_eq!(cleaning.remaining().collect::<Vec<_>>(), [id]);
    assert_eq!(witness(&world)?, BTreeSet::from([id]));
    // Taken up again when nothing is in the way any more, with the longest time that there is.
    drop(held);
    cleaning.wait(Duration::MAX)?;
    assert_eq!(witness(&world)?, BTreeSet::new());
    Ok(())
}

fn what_was_not_deleted_is_refused() -> Result<()> {
    let world = World::small()?;
    let filesystem = Filesystem::open(world.path())?;
    world.btrfs(&["subvolume", "create"], "a")?;
    let id = Subvolume::open(world.join("a"))?.id()?;
    refused(filesystem.cleaning([id]), &ErrorKind::InvalidArgument, "was not deleted: it is \"a\"");
    refused(filesystem.cleaning([SubvolumeId::TOP_LEVEL]), &ErrorKind::InvalidArgument, "was not deleted");
    Ok(())
}

fn what_never_was_is_not_said_to_be_cleaned() -> Result<()> {
    let world = World::small()?;
    let filesystem = Filesystem::open(world.path())?;
    let mut cleaning = filesystem.cleaning([SubvolumeId(256), SubvolumeId(9)])?;
    assert_eq!(cleaning.absent(), [SubvolumeId(256), SubvolumeId(9)]);
    assert_eq!(cleaning.poll()?.cleaned, 0);
    cleaning.wait(Duration::ZERO)?;
    Ok(())
}

fn space_is_back_when_the_wait_is_over() -> Result<()> {
    let world = World::small()?;
    let filesystem = Filesystem::open(world.path())?;
    world.btrfs(&["subvolume", "create"], "a")?;
    let free = || -> Result<u64> {
        let shown = nix::sys::statvfs::statvfs(world.path())?;
        Ok(shown.blocks_free() * shown.fragment_size())
    };
    let empty = free()?;
    world.fill("a/file", 200 * MIB)?;
    filesystem.sync()?;
    assert!(free()? + 190 * MIB < empty, "the file takes its space");
    let id = Subvolume::delete_in(File::open(world.path())?, "a")?;
    filesystem.cleaning([id])?.wait(Duration::from_secs(20))?;
    assert!(free()? + 10 * MIB > empty, "{} of {empty}", free()?);
    Ok(())
}
