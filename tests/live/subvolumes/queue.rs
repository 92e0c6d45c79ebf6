//! Deleting many subvolumes until they are really gone.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use btrfs::subvolume::{CreateOptions, Nested, SnapshotOptions};
use btrfs::{ErrorKind, Filesystem, Subvolume, SubvolumeId};
use nix::mount::{MsFlags, mount, umount};
use testbed::harness::Test;
use testbed::{World, meanwhile};

use crate::witness::refused;

pub(crate) const TESTS: &[Test] = testbed::tests![
    hundreds_are_gone_and_no_more_than_allowed_are_in_flight,
    what_can_t_be_deleted_does_not_keep_the_others,
    what_is_left_is_said_when_the_time_is_over,
    a_plan_that_does_not_hold_any_more_is_not_followed,
    what_is_mounted_meanwhile_is_left_alone,
    one_that_is_dropped_leaves_the_rest_as_it_is,
    an_empty_queue_is_done_at_once,
];

const LONG: Duration = Duration::from_secs(120);

/// What `btrfs subvolume list` lists with this option: ids.
fn witness(world: &World, option: &str) -> Result<BTreeSet<SubvolumeId>> {
    let listed = world.btrfs(&["subvolume", "list", option], "")?;
    let ids = listed.lines().filter_map(|line| line.split_whitespace().nth(1)?.parse().ok());
    Ok(ids.map(SubvolumeId).collect())
}

/// Snapshots of one subvolume, each changed, so that they share some of their extents and metadata.
fn snapshots(world: &World, count: usize) -> Result<Vec<SubvolumeId>> {
    CreateOptions::new().create_at(world.join("source"))?;
    for file in 0..40 {
        fs::write(world.join(format!("source/{file}")), [b'x'; 10_000])?;
    }
    world.btrfs(&["filesystem", "sync"], "")?;
    let (source, parent) = (Subvolume::open(world.join("source"))?, File::open(world.path())?);
    (0..count)
        .map(|number| {
            let name = format!("s{number}");
            SnapshotOptions::new().create(&source, &parent, &name)?;
            for file in 0..5 {
                fs::write(world.join(&name).join(format!("{file}")), [b'y'; 10_000])?;
            }
            Ok(Subvolume::open_in(&parent, &name)?.id()?)
        })
        .collect()
}

fn hundreds_are_gone_and_no_more_than_allowed_are_in_flight() -> Result<()> {
    const BOUND: usize = 20;
    let world = World::small()?;
    let ids = snapshots(&world, 300)?;
    world.btrfs(&["filesystem", "sync"], "")?;
    let filesystem = Filesystem::open(world.path())?;
    let before = world.commits()?;
    let mut queue = filesystem.deletion_queue(ids.iter().copied()).max_in_flight(BOUND);
    let (mut steps, mut longest, mut most) = (Vec::new(), Duration::ZERO, 0);
    let looks = meanwhile(
        || {
            let mut last = Instant::now();
            for progress in queue.run(LONG) {
                steps.push(progress?);
                longest = longest.max(last.elapsed());
                last = Instant::now();
            }
            Ok(())
        },
        || {
            most = most.max(witness(&world, "-d")?.len());
            Ok(())
        },
    )?;
    println!("{} steps, the longest {longest:?}; at most {most} in flight, in {looks} looks", steps.len());
    assert!(most <= BOUND, "{most} in flight");
    assert_eq!((witness(&world, "-d")?.len(), witness(&world, "-o")?.len()), (0, 1));
    assert!(queue.failures().is_empty() && queue.waiting().next().is_none() && queue.in_flight().len() == 0);
    assert!(steps.is_sorted_by_key(|progress| (progress.cleaned, progress.deleted, progress.elapsed)));
    assert!(steps.iter().all(|progress| {
        progress.in_flight <= BOUND
            && progress.deleted == progress.cleaned + progress.in_flight
            && progress.deleted + progress.waiting == ids.len()
    }));
    assert_eq!(steps.last().map(|progress| progress.cleaned), Some(ids.len()));
    // Some for each window, and not some for each subvolume.
    let commits = world.commits()? - before;
    assert!(commits < 150, "{commits} commits for {} deletions", ids.len());
    Ok(())
}

fn what_can_t_be_deleted_does_not_keep_the_others() -> Result<()> {
    let world = World::small()?;
    for path in ["first", "full", "full/inner", "default", "last"] {
        CreateOptions::new().create_at(world.join(path))?;
    }
    let id = |path: &str| Subvolume::open(world.join(path))?.id();
    let filesystem = Filesystem::open(world.path())?;
    filesystem.set_default_subvolume(id("default")?)?;
    let ids = [id("first")?, id("full")?, SubvolumeId(4711), id("default")?, SubvolumeId::TOP_LEVEL, id("last")?];
    let mut queue = filesystem.deletion_queue(ids);
    let last = queue.run(LONG).last().context("no step")??;
    assert_eq!((last.cleaned, last.failed, last.waiting, last.in_flight), (2, 4, 0, 0));
    let failures: Vec<_> = queue.failures().iter().map(|failure| (failure.id, failure.error.kind().clone())).collect();
    let kinds = [ErrorKind::NotEmpty, ErrorKind::NotFound, ErrorKind::Busy, ErrorKind::InvalidArgument];
    assert_eq!(failures, ids[1..5].iter().copied().zip(kinds).collect::<Vec<_>>());
    assert_eq!(witness(&world, "-a")?, BTreeSet::from([ids[1], id("full/inner")?, ids[3]]));
    assert_eq!(witness(&world, "-d")?.len(), 0);
    Ok(())
}

fn what_is_left_is_said_when_the_time_is_over() -> Result<()> {
    let world = World::small()?;
    let ids = snapshots(&world, 3)?;
    // An open file keeps the cleaner away from it, and so, with a bound of one, everybody else.
    let held = File::open(world.join("s0/0"))?;
    let filesystem = Filesystem::open(world.path())?;
    let mut queue = filesystem.deletion_queue(ids.iter().copied()).max_in_flight(1);
    let error = queue.run(Duration::from_millis(300)).find_map(Result::err).context("it can't have ended well")?;
    assert_eq!(*error.kind(), ErrorKind::TimedOut);
    for says in [
        format!("1 deleted subvolumes are still there after 300ms ({})", ids[0]),
        format!("not deleted: {}, {}", ids[1], ids[2]),
    ] {
        assert!(error.to_string().contains(&says), "{error} should say {says:?}");
    }
    assert_eq!(queue.in_flight().collect::<Vec<_>>(), ids[..1]);
    assert_eq!(queue.waiting().collect::<Vec<_>>(), ids[1..]);
    assert!(witness(&world, "-a")?.is_superset(&BTreeSet::from([ids[1], ids[2]])));
    // No time at all: nothing happens.
    refused(queue.run(Duration::ZERO).next().context("no step")?, &ErrorKind::TimedOut, "not deleted");
    // Taken up again when nothing is in the way any more, with one more and the longest time that there is.
    drop(held);
    CreateOptions::new().create_at(world.join("more"))?;
    queue.push(Subvolume::open(world.join("more"))?.id()?);
    let last = queue.run(Duration::MAX).last().context("no step")??;
    assert_eq!((last.deleted, last.cleaned, last.failed), (4, 4, 0));
    assert_eq!((witness(&world, "-d")?.len(), witness(&world, "-o")?.len()), (0, 1));
    Ok(())
}

fn a_plan_that_does_not_hold_any_more_is_not_followed() -> Result<()> {
    let world = World::small()?;
    for path in ["a", "a/b", "a/b/c", "d", "d/e", "f"] {
        CreateOptions::new().create_at(world.join(path))?;
    }
    let id = |path: &str| Subvolume::open(world.join(path))?.id();
    let (d, e) = (id("d")?, id("d/e")?);
    let filesystem = Filesystem::open(world.path())?;
    let mut queue = filesystem.deletion_queue([]);
    queue.push_plan(filesystem.plan_deletion(id("a")?, Nested::Delete)?);
    queue.push_plan(filesystem.plan_deletion(d, Nested::Delete)?);
    queue.push(id("f")?);
    assert_eq!(queue.waiting().collect::<Vec<_>>(), [id("a/b/c")?, id("a/b")?, id("a")?, e, d, id("f")?]);
    // What is in it now was not there when the plan was made.
    CreateOptions::new().create_at(world.join("d/new"))?;
    let last = queue.run(LONG).last().context("no step")??;
    assert_eq!((last.cleaned, last.failed), (4, 2));
    let [failure] = queue.failures() else { panic!("{:?}", queue.failures()) };
    assert_eq!((failure.id, failure.error.kind()), (e, &ErrorKind::Raced));
    assert_eq!(failure.others.iter().map(|step| step.id).collect::<Vec<_>>(), [d]);
    assert_eq!(witness(&world, "-a")?, BTreeSet::from([d, e, id("d/new")?]));
    Ok(())
}

fn what_is_mounted_meanwhile_is_left_alone() -> Result<()> {
    let world = World::small()?;
    let ids = snapshots(&world, 3)?;
    fs::create_dir(world.join("place"))?;
    let filesystem = Filesystem::open(world.path())?;
    let mut queue = filesystem.deletion_queue(ids.iter().copied()).max_in_flight(1);
    let first = queue.run(LONG).next().context("no step")??;
    assert_eq!(first.deleted, 1);
    let nothing = None::<&str>;
    mount(Some(&world.join("s2")), &world.join("place"), nothing, MsFlags::MS_BIND, nothing)?;
    let last = queue.run(LONG).last().context("no step")??;
    umount(&world.join("place"))?;
    assert_eq!((last.cleaned, last.failed), (2, 1));
    let [failure] = queue.failures() else { panic!("{:?}", queue.failures()) };
    assert_eq!((failure.id, failure.error.kind()), (ids[2], &ErrorKind::Busy));
    assert!(world.join("s2/0").exists());
    Ok(())
}

fn one_that_is_dropped_leaves_the_rest_as_it_is() -> Result<()> {
    let world = World::small()?;
    let ids = snapshots(&world, 10)?;
    let filesystem = Filesystem::open(world.path())?;
    let left = testbed::left_open(|| {
        let mut queue = filesystem.deletion_queue(ids.iter().copied()).max_in_flight(4);
        let first = queue.run(LONG).next().context("no step")??;
        assert_eq!(first.deleted, 4);
        Ok(())
    })?;
    assert!(left.is_empty(), "{left:?}");
    let source = Subvolume::open(world.join("source"))?.id()?;
    assert_eq!(witness(&world, "-a")?, ids[4..].iter().copied().chain([source]).collect());
    Ok(())
}

fn an_empty_queue_is_done_at_once() -> Result<()> {
    let world = World::small()?;
    let filesystem = Filesystem::open(world.path())?;
    let steps = filesystem.deletion_queue([]).run(Duration::ZERO).collect::<btrfs::Result<Vec<_>>>()?;
    assert_eq!(steps.len(), 1);
    assert_eq!((steps[0].deleted, steps[0].waiting), (0, 0));
    Ok(())
}
