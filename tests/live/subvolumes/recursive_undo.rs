//! Snapshots of a subvolume with those in it, when something comes in between.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};
use btrfs::subvolume::{CreateOptions, Nested, SnapshotOptions};
use btrfs::{Error, ErrorKind, Filesystem, Subvolume};
use nix::fcntl::{AT_FDCWD, RenameFlags, renameat2};
use testbed::command::run;
use testbed::harness::{Test, skip};
use testbed::{World, meanwhile, unprivileged};

use crate::subvolumes::preflight::Swap;
use crate::subvolumes::recursive::{count, give_away, names, nothing_was_made, same_as_source, take, world};
use crate::witness::refused;

pub(crate) const TESTS: &[Test] = testbed::tests![
    what_is_in_the_way_of_a_nested_one_is_known_before,
    what_was_made_is_taken_back_when_one_can_t_get_to_its_place,
    what_was_made_is_taken_back_when_the_name_is_taken_meanwhile,
    what_a_user_can_t_take_back_is_named,
    others_that_move_and_make_subvolumes_do_not_confuse_it,
    with_too_few_descriptors_nothing_is_made,
    killed_at_any_moment_there_is_no_half_tree,
];

fn what_is_in_the_way_of_a_nested_one_is_known_before() -> Result<()> {
    let world = world()?;
    let swap = match Swap::on(&world.join("source/mail/old/2019/swapfile"))? {
        Ok(swap) => swap,
        Err(reason) => return skip(reason),
    };
    let before = count(&world)?;
    let result = take(&world, &SnapshotOptions::new(), "day");
    let checked = nothing_was_made(&world, before);
    swap.off()?;
    checked?;
    let error = result.expect_err("it is busy");
    assert!(error.object().contains("mail/old/2019"), "{error}");
    refused(Err::<(), _>(error), &ErrorKind::Busy, "active swapfile");
    take(&world, &SnapshotOptions::new(), "day")?;
    same_as_source(&world, "day", "-")
}

/// Lets nothing be changed in a directory.
fn immutable(directory: &Path, flag: &str) -> Result<()> {
    run("chattr", [flag.as_ref(), directory.as_os_str()]).map(drop)
}

fn what_was_made_is_taken_back_when_one_can_t_get_to_its_place() -> Result<()> {
    let world = world()?;
    let before = count(&world)?;
    for options in [SnapshotOptions::new(), SnapshotOptions::new().read_only()] {
        // Its snapshot is immutable too: what is in it can't be put there.
        immutable(&world.join("source/plain/directories"), "+i")?;
        let result = take(&world, &options, "day");
        immutable(&world.join("source/plain/directories"), "-i")?;
        let error = result.expect_err("it can't be put there");
        assert!(error.object().contains("plain/directories/inside"), "{error}");
        refused(Err::<(), _>(error), &ErrorKind::PermissionDenied, "");
        nothing_was_made(&world, before)?;
    }
    take(&world, &SnapshotOptions::new(), "day")?;
    same_as_source(&world, "day", "-")
}

fn what_was_made_is_taken_back_when_the_name_is_taken_meanwhile() -> Result<()> {
    let world = world()?;
    let before = count(&world)?;
    for options in [SnapshotOptions::new(), SnapshotOptions::new().read_only()] {
        // On a busy machine it may be done before it was looked at.
        for attempt in 0.. {
            let mut result = None;
            let work = || {
                result = Some(take(&world, &options, "day"));
                Ok(())
            };
            meanwhile(work, || {
                // As soon as anything is there, it has begun.
                if !names(world.join("snapshots"))?.is_empty() {
                    fs::create_dir_all(world.join("snapshots/day"))?;
                }
                Ok(())
            })?;
            let Some(Err(error)) = result else {
                assert!(attempt < 50, "it was never seen at work");
                delete(&world)?;
                continue;
            };
            refused(Err::<(), _>(error), &ErrorKind::AlreadyExists, "meanwhile");
            break;
        }
        assert_eq!(names(world.join("snapshots"))?, BTreeSet::from(["day".into()]));
        fs::remove_dir(world.join("snapshots/day"))?;
        nothing_was_made(&world, before)?;
    }
    Ok(())
}

fn what_a_user_can_t_take_back_is_named() -> Result<()> {
    let world = world()?;
    give_away(&world)?;
    let before = count(&world)?;
    // What is in this directory belongs to the user, but not the directory.
    chown(world.join("source/plain/directories"), Some(0), Some(0))?;
    let result = unprivileged(|| Ok(take(&world, &SnapshotOptions::new(), "day")))?;
    let error = result.expect_err("it can't be put there");
    let left = names(world.join("snapshots"))?;
    assert_eq!(left.len(), 2, "{left:?}");
    for name in &left {
        let name = name.to_string_lossy();
        assert!(name.starts_with(".day.partial-") && error.to_string().contains(&*name), "{name}: {error}");
    }
    refused(Err::<(), _>(error), &ErrorKind::PermissionDenied, "stays behind");
    remove_left_behind(&world)?;
    nothing_was_made(&world, before)?;
    // Where users may delete what is theirs, nothing stays.
    world.umount()?;
    world.mount("user_subvol_rm_allowed")?;
    let result = unprivileged(|| Ok(take(&world, &SnapshotOptions::new(), "day")))?;
    let error = result.expect_err("it can't be put there");
    assert!(!error.to_string().contains("behind"), "{error}");
    nothing_was_made(&world, before)
}

/// Does what the documentation says about what is left behind.
fn remove_left_behind(world: &World) -> Result<()> {
    let filesystem = Filesystem::open(world.path())?;
    for name in names(world.join("snapshots"))? {
        let path = world.join("snapshots").join(&name);
        ensure!(name.as_bytes().starts_with(b".day.partial-"), "{name:?}");
        let nested = name.as_bytes().ends_with(b".nested");
        let homes = if nested { names(&path)? } else { BTreeSet::new() };
        let trees: Vec<PathBuf> = if nested {
            homes.iter().map(|home| path.join(home).join("snapshot")).collect()
        } else {
            vec![path.clone()]
        };
        for tree in trees.iter().filter(|tree| tree.exists()) {
            let top = Subvolume::open(tree)?;
            top.set_writable()?;
            for entry in Filesystem::from_fd(&top)?.reachable_subvolumes()? {
                Subvolume::open(tree.join(entry?.path().context("a path")?))?.set_writable()?;
            }
            for step in filesystem.plan_deletion(top.id()?, Nested::Delete)?.execute() {
                step?;
            }
        }
        if nested {
            homes.iter().try_for_each(|home| fs::remove_dir(path.join(home)))?;
            fs::remove_dir(&path)?;
        }
    }
    Ok(())
}

/// Removes a tree that is whole.
fn delete(world: &World) -> Result<()> {
    fs::rename(world.join("snapshots/day"), world.join("snapshots/.day.partial-0-0"))?;
    remove_left_behind(world)
}

/// What somebody else does to the source until it is enough.
#[derive(Default)]
struct Other {
    rounds: AtomicU32,
}

impl Other {
    fn disturb(&self, done: &AtomicBool, mut work: impl FnMut(u32) -> Result<()>) -> Result<()> {
        while !done.load(Ordering::Relaxed) {
            work(self.rounds.fetch_add(1, Ordering::Relaxed))?;
        }
        Ok(())
    }

    fn rounds(&self) -> u32 {
        self.rounds.load(Ordering::Relaxed)
    }
}

fn others_that_move_and_make_subvolumes_do_not_confuse_it() -> Result<()> {
    let world = World::small()?;
    fs::create_dir(world.join("snapshots"))?;
    CreateOptions::new().create_at(world.join("source"))?;
    // Each subvolume is in the directory that has its name.
    let sides = [world.join("source/left"), world.join("source/right")];
    for (directory, side) in sides.iter().zip(["left", "right"]) {
        fs::create_dir(directory)?;
        fs::write(directory.join("which"), side)?;
        CreateOptions::new().create_at(directory.join("nested"))?;
        fs::write(directory.join("nested/which"), side)?;
    }
    let (source, parent) = (Subvolume::open(world.join("source"))?, File::open(world.join("snapshots"))?);
    let started = Instant::now();
    SnapshotOptions::new().create_recursive(&source, &parent, "undisturbed")?;
    let takes = started.elapsed();
    // Whenever the others were too much, they become fewer.
    let raced = AtomicU32::new(0);
    let pause = |length| thread::sleep(takes * length * 2_u32.pow(raced.load(Ordering::Relaxed).min(5)));
    let (exchanging, making) = (Other::default(), Other::default());
    let take_many = || -> Result<()> {
        let mut whole = 0;
        let end = Instant::now() + Duration::from_secs(300);
        while whole < 10 || exchanging.rounds() < 10 || making.rounds() < 5 {
            ensure!(Instant::now() < end, "{whole} whole, {raced:?} raced");
            match SnapshotOptions::new().create_recursive(&source, &parent, whole.to_string()) {
                Ok(tree) => {
                    // Each subvolume that its snapshot knows of is there: no empty directory stands for one.
                    for entry in fs::read_dir(world.join(format!("snapshots/{whole}")))? {
                        ensure!(entry?.metadata()?.ino() != btrfs_sys::BTRFS_EMPTY_SUBVOL_DIR_OBJECTID, "{tree:?}");
                    }
                    for side in ["left", "right"] {
                        let directory = world.join(format!("snapshots/{whole}/{side}"));
                        let which = |path: &str| fs::read_to_string(directory.join(path));
                        ensure!(which("which")? == which("nested/which")?, "{tree:?}");
                    }
                    whole += 1;
                }
                Err(error) => {
                    ensure!(*error.kind() == ErrorKind::Raced, "{error}");
                    ensure!(!error.to_string().contains("behind"), "{error}");
                    raced.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
        Ok(())
    };
    let done = AtomicBool::new(false);
    thread::scope(|scope| -> Result<()> {
        let exchange = scope.spawn(|| {
            exchanging.disturb(&done, |round| {
                renameat2(AT_FDCWD, &sides[0], AT_FDCWD, &sides[1], RenameFlags::RENAME_EXCHANGE)?;
                pause(1 + round % 4);
                Ok(())
            })
        });
        let make = scope.spawn(|| {
            making.disturb(&done, |round| {
                if round < 6 {
                    CreateOptions::new().create(&source, format!("new {round}"))?;
                }
                pause(1 + round % 3);
                Ok(())
            })
        });
        let taken = take_many();
        done.store(true, Ordering::Relaxed);
        for thread in [exchange, make] {
            thread.join().map_err(|_| anyhow!("one of the others panicked"))??;
        }
        taken
    })?;
    let left = names(world.join("snapshots"))?;
    ensure!(left.iter().all(|name| !name.as_bytes().starts_with(b".")), "{left:?}");
    Ok(())
}

/// The argument by which this program takes the snapshots of a tree and ends.
const CHILD: &str = "--take-a-tree";

/// Does that, if this program was started for it.
pub(crate) fn child() -> Option<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next()? != CHILD {
        return None;
    }
    let result = (|| {
        let source = Subvolume::open(arguments.next().unwrap_or_default())?;
        let parent = Filesystem::open(arguments.next().unwrap_or_default())?;
        let options = SnapshotOptions::new().read_only();
        options.create_recursive(&source, &parent, arguments.next().unwrap_or_default())
    })();
    let failed = |error: &Error| eprintln!("{error}");
    Some(if result.inspect_err(failed).is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn with_too_few_descriptors_nothing_is_made() -> Result<()> {
    let world = world()?;
    let before = count(&world)?;
    let (mut refused, mut limit) = (0, 8);
    loop {
        let output = Command::new("sh")
            .args(["-c", r#"ulimit -n "$0" && exec "$@""#, &limit.to_string()])
            .arg(std::env::current_exe()?)
            .args([CHILD.as_ref(), world.join("source").as_os_str(), world.join("snapshots").as_os_str()])
            .arg("day")
            .output()?;
        if output.status.success() {
            break;
        }
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(said.contains("Too many open files") && !said.contains("behind"), "{limit}: {said}");
        nothing_was_made(&world, before)?;
        refused += 1;
        limit += 1;
    }
    // With each of the nine, the first to be missing is another.
    assert!((20..60).contains(&refused), "{refused}");
    same_as_source(&world, "day", "readonly")
}

fn killed_at_any_moment_there_is_no_half_tree() -> Result<()> {
    const KILLS: u32 = 30;
    let world = world()?;
    let before = count(&world)?;
    let start = || {
        let mut child = Command::new(std::env::current_exe()?);
        child.arg(CHILD).arg(world.join("source")).arg(world.join("snapshots")).arg("day").stdin(Stdio::null()).spawn()
    };
    let started = Instant::now();
    ensure!(start()?.wait()?.success());
    let takes = started.elapsed();
    same_as_source(&world, "day", "readonly")?;
    delete(&world)?;
    let (mut killed, mut partial, mut round) = (0, 0, 0);
    while killed < KILLS {
        assert!(round < 10 * KILLS, "only {killed} of {round} were killed before they were done");
        let mut child = start()?;
        thread::sleep(takes * (round % KILLS) / KILLS);
        child.kill()?;
        killed += u32::from(child.wait()?.code().is_none());
        round += 1;
        let left = names(world.join("snapshots"))?;
        if left.contains(OsStr::new("day")) {
            same_as_source(&world, "day", "readonly")?;
            delete(&world)?;
        }
        partial += u32::from(left.iter().any(|name| name != "day"));
        remove_left_behind(&world)?;
        nothing_was_made(&world, before)?;
    }
    assert!(partial > 0, "none of {killed} was killed at work");
    Ok(())
}
