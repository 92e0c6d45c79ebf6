//! Listing while others create, delete, rename and snapshot.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};
use btrfs::subvolume::{CreateOptions, SnapshotOptions};
use btrfs::{ErrorKind, Filesystem, Subvolume, SubvolumeEntry, SubvolumeId};
use testbed::World;
use testbed::harness::Test;

pub(crate) const TESTS: &[Test] =
    testbed::tests![every_path_was_there_and_none_is_missed, a_walk_without_privileges_has_only_paths_that_were_there];

/// More than a batch, so that the walk is not done in one.
const STABLE: usize = 2000;

/// What all others do, round by round, until it is enough. Each does what the last two renames undo.
struct Others<'a> {
    world: &'a World,
    stop: AtomicBool,
    rounds: AtomicU64,
}

impl Others<'_> {
    fn rename(&self, from: &str, to: &str) -> Result<()> {
        fs::rename(self.world.join(from), self.world.join(to)).with_context(|| format!("renaming {from} to {to}"))?;
        // Time for a look, which at full speed would only wait for locks.
        thread::sleep(Duration::from_micros(200));
        Ok(())
    }

    fn each_round(&self, mut work: impl FnMut(u64) -> Result<()>) -> Result<()> {
        for round in 0.. {
            if self.stop.load(Ordering::Relaxed) {
                break;
            }
            work(round)?;
            self.rounds.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }

    fn create_snapshot_and_delete(&self) -> Result<()> {
        let parent = File::open(self.world.join("temporary"))?;
        self.each_round(|round| {
            let (name, snapshot) = (format!("t{round}"), format!("snapshot{round}"));
            CreateOptions::new().create(&parent, &name)?;
            if round % 8 == 0 {
                let source = Subvolume::open_in(&parent, &name)?;
                SnapshotOptions::new().read_only().create(&source, &parent, &snapshot)?;
                Subvolume::delete_in(&parent, &snapshot)?;
            }
            Subvolume::delete_in(&parent, &name)?;
            // Commits hold up everybody, and this is not to be about those.
            thread::sleep(Duration::from_millis(2));
            Ok(())
        })
    }

    /// From one subvolume into another, and back.
    fn move_between_subvolumes(&self) -> Result<()> {
        self.each_round(|_| {
            self.rename("left/wanderer", "right/wanderer")?;
            self.rename("right/wanderer", "left/wanderer")
        })
    }

    /// `x/p/d/s` is never at `x/p/e/s`.
    fn rename_around(&self) -> Result<()> {
        self.each_round(|_| {
            self.rename("x", "y")?;
            self.rename("y/p/d", "y/p/e")?;
            self.rename("y/p/e", "y/p/d")?;
            self.rename("y", "x")
        })
    }

    /// Changes what stands beside the names of directories, so that these too may have changed for all that a look can tell.
    fn write_beside(&self) -> Result<()> {
        self.each_round(|_| {
            for number in (0..STABLE).step_by(4) {
                let path = self.world.join(format!("stable/d{number}/beside"));
                File::create(&path)?;
                fs::remove_file(&path)?;
            }
            thread::sleep(Duration::from_millis(2));
            Ok(())
        })
    }
}

/// Looks again and again while the others are at work; says how often.
fn while_others_work(world: &World, mut look: impl FnMut() -> Result<()>) -> Result<usize> {
    fs::create_dir(world.join("temporary"))?;
    for path in ["left", "right", "left/wanderer", "x/p"] {
        world.btrfs(&["subvolume", "create"], path)?;
    }
    fs::create_dir(world.join("x/p/d"))?;
    world.btrfs(&["subvolume", "create"], "x/p/d/s")?;
    let others = Others { world, stop: AtomicBool::new(false), rounds: AtomicU64::new(0) };
    let (looks, rounds) = thread::scope(|scope| -> Result<_> {
        let workers = [
            scope.spawn(|| others.create_snapshot_and_delete()),
            scope.spawn(|| others.move_between_subvolumes()),
            scope.spawn(|| others.rename_around()),
            scope.spawn(|| others.write_beside()),
        ];
        let start = Instant::now();
        let mut looks = 0;
        let mut result = Ok(());
        while result.is_ok() && (start.elapsed() < Duration::from_secs(4) || looks < 20) {
            result = look();
            looks += 1;
        }
        let rounds = others.rounds.load(Ordering::Relaxed);
        others.stop.store(true, Ordering::Relaxed);
        for worker in workers {
            worker.join().map_err(|_| anyhow!("one of the others panicked"))??;
        }
        result.map(|()| (looks, rounds))
    })?;
    ensure!(rounds > 100, "{looks} looks during {rounds} rounds prove little");
    Ok(looks)
}

/// Subvolumes that nobody touches, and their paths: most of them together, some each in a directory of its own,
/// so that it takes a while to look up all directories. Before and among them are some in a directory that is going to be
/// renamed, so that a walk knows it by its old name for a while.
fn stable(world: &World) -> Result<BTreeMap<SubvolumeId, PathBuf>> {
    fs::create_dir(world.join("x"))?;
    CreateOptions::new().create_at(world.join("stable"))?;
    let mut stable = BTreeMap::from([(Subvolume::open(world.join("stable"))?.id()?, "stable".into())]);
    for number in 0..STABLE {
        if number % 100 == 0 {
            CreateOptions::new().create_at(world.join(format!("x/{number}")))?;
        }
        let path = Path::new("stable").join(if number % 4 != 0 { format!("{number}") } else { format!("d{number}/s") });
        fs::create_dir_all(world.join(&path).parent().context("a parent")?)?;
        CreateOptions::new().create_at(world.join(&path))?;
        stable.insert(Subvolume::open(world.join(&path))?.id()?, path);
    }
    Ok(stable)
}

/// Whether the subvolume has ever been where the listing says.
fn was_there(entry: &SubvolumeEntry, stable: &BTreeMap<SubvolumeId, PathBuf>) -> bool {
    let Some(path) = entry.path() else { return entry.info.name.is_empty() };
    if let Some(stable) = stable.get(&entry.info.id) {
        return path.as_os_str() == stable.as_os_str();
    }
    let text = path.to_string_lossy();
    match &*text {
        "left" | "right" | "left/wanderer" | "right/wanderer" | "x/p" | "y/p" => true,
        "x/p/d/s" | "y/p/d/s" | "y/p/e/s" => true,
        _ => {
            if let Some(number) = text.strip_prefix("x/").or(text.strip_prefix("y/")) {
                return number.parse::<u64>().is_ok();
            }
            let rest = text.strip_prefix("temporary/").unwrap_or_default();
            let number = rest.strip_prefix("snapshot").or(rest.strip_prefix('t')).unwrap_or_default();
            number.parse::<u64>().is_ok() && entry.info.name.to_string_lossy() == rest
        }
    }
}

fn every_path_was_there_and_none_is_missed() -> Result<()> {
    let world = World::small()?;
    let stable = stable(&world)?;
    let filesystem = Filesystem::open(world.path())?;
    let (mut raced, mut deleted) = (0, 0);
    let mut seen = BTreeMap::<String, usize>::new();
    let looks = while_others_work(&world, || {
        let mut ids = BTreeSet::new();
        for result in filesystem.subvolumes()? {
            let entry = match result {
                Err(error) if *error.kind() == ErrorKind::Raced => {
                    raced += 1;
                    continue;
                }
                result => result?,
            };
            ensure!(ids.insert(entry.info.id), "twice: {entry:?}");
            ensure!(was_there(&entry, &stable), "it was never there: {entry:?}");
            deleted += usize::from(entry.is_deleted());
            if let Some(path) = entry.path().filter(|_| !stable.contains_key(&entry.info.id)) {
                *seen.entry(path.to_string_lossy().into_owned()).or_default() += 1;
            }
        }
        ensure!(stable.keys().all(|id| ids.contains(id)), "one that is there all the while is missing");
        Ok(())
    })?;
    let count = |paths: &[&str]| paths.iter().map(|path| seen.get(*path).copied().unwrap_or(0)).sum::<usize>();
    assert_eq!(count(&["left"]), looks);
    assert_eq!(
        count(&["x/p", "y/p"])
            + count(&["left/wanderer", "right/wanderer"])
            + raced
            + count(&["x/p/d/s", "y/p/d/s", "y/p/e/s"]),
        3 * looks,
        "once in each listing, or a race that is admitted"
    );
    // The renames were seen at work, and giving up is rare.
    assert!(count(&["right/wanderer"]) > 0 && count(&["y/p"]) > 0 && deleted > 0, "{seen:?}");
    assert!(raced * 10 <= looks, "{raced} of {looks}");
    Ok(())
}

fn a_walk_without_privileges_has_only_paths_that_were_there() -> Result<()> {
    let world = World::small()?;
    let stable = stable(&world)?;
    let filesystem = Filesystem::open(world.path())?;
    while_others_work(&world, || {
        let mut ids = BTreeSet::new();
        for result in filesystem.reachable_subvolumes()? {
            let entry = match result {
                Err(error) if *error.kind() == ErrorKind::Raced => continue,
                result => result?,
            };
            ensure!(ids.insert(entry.info.id), "twice: {entry:?}");
            ensure!(was_there(&entry, &stable), "it was never there: {entry:?}");
        }
        ensure!(stable.keys().all(|id| ids.contains(id)), "one that is there all the while is missing");
        Ok(())
    })?;
    Ok(())
}
