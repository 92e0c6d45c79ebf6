//! One snapshot by its path: how little the library adds to the call.

use std::ffi::{CString, OsStr};
use std::fs::{self, File, OpenOptions};
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use btrfs::Filesystem;
use btrfs::subvolume::{CreateOptions, SnapshotOptions};
use btrfs_uapi::subvolume::snapshot_create;
use testbed::World;

use crate::contestant::{Contestant, interleave};
use crate::peer::{bare, libbtrfsutil::Libbtrfsutil, progs};
use crate::results::{Benchmark, Bound, Role, Row};
use crate::syscalls;

use super::Scale;

/// Snapshots that one filesystem takes before there is a new one: so none grows slow.
const PER_WORLD: usize = 100;
const BARE: &str = "bare ioctl";
const PROGS: &str = "`btrfs subvolume snapshot`";

/// From where to where.
pub(crate) struct Paths {
    pub(crate) source: PathBuf,
    pub(crate) destination: PathBuf,
}

pub(crate) fn contestants(library: &Libbtrfsutil) -> [Contestant<'_, Paths>; 5] {
    [
        Contestant::new("this library: SnapshotOptions::create_at", Role::Ours, |paths: &Paths| {
            Ok(SnapshotOptions::new().read_only().create_at(&paths.source, &paths.destination)?)
        }),
        Contestant::new(BARE, Role::Floor, |paths: &Paths| {
            let (source, parent, name) = open(paths)?;
            Ok(bare::snapshot(source.as_fd(), parent.as_fd(), &name)?)
        }),
        Contestant::new("libbtrfsutil", Role::Peer, |paths: &Paths| {
            library.snapshot_at(&paths.source, &paths.destination)
        }),
        Contestant::new("btrfs-uapi", Role::Peer, |paths: &Paths| {
            let (source, parent, name) = open(paths)?;
            Ok(snapshot_create(parent.as_fd(), source.as_fd(), &name, true, &[])?)
        }),
        Contestant::new(PROGS, Role::Peer, |paths: &Paths| progs::snapshot(&paths.source, &paths.destination)),
    ]
}

/// What a program does before the call where the call wants descriptors.
fn open(paths: &Paths) -> Result<(File, File, CString)> {
    let directory = |path: &Path| OpenOptions::new().read(true).custom_flags(libc::O_DIRECTORY).open(path);
    let parent = paths.destination.parent().context("a parent")?;
    let name = paths.destination.file_name().context("a name")?;
    Ok((directory(&paths.source)?, directory(parent)?, CString::new(name.as_bytes())?))
}

pub(crate) fn run(scale: Scale) -> Result<Benchmark> {
    let library = Libbtrfsutil::load()?;
    let contestants = contestants(&library);
    let mut rows: Vec<Row> = contestants.iter().map(Contestant::row).collect();
    let rounds = scale.of(3000, 4);
    let mut world = new_world()?;
    let mut turns = 0;
    interleave("one snapshot", rounds, contestants.len(), |round, index| {
        if turns == PER_WORLD * contestants.len() {
            (world, turns) = (new_world()?, 0);
        }
        turns += 1;
        let paths = paths(&world, &format!("{round}-{index}"));
        let begin = Instant::now();
        (contestants[index].work)(&paths)?;
        rows[index].took(begin.elapsed());
        Ok(())
    })?;
    for (index, (contestant, row)) in contestants.iter().zip(&mut rows).enumerate() {
        let paths = paths(&world, &format!("traced-{index}"));
        let calls = if contestant.name == PROGS {
            let program = ["btrfs", "subvolume", "snapshot", "-r"].map(OsStr::new);
            syscalls::whole(program.into_iter().chain([paths.source.as_os_str(), paths.destination.as_os_str()]))?
        } else {
            let this = std::env::current_exe()?;
            let words = ["one-snapshot", "--by", contestant.name].map(OsStr::new);
            let places = [paths.source.as_os_str(), paths.destination.as_os_str()];
            syscalls::marked([this.as_os_str()].into_iter().chain(words).chain(places))?
        };
        ensure!(paths.destination.exists(), "{} took no snapshot under strace", row.name);
        row.count("system calls", calls);
    }
    let how = vec![format!(
        "A read-only snapshot of a subvolume without dirty data, both named by paths: what it takes is the kernel's \
         commit, so the library can only add to it. {PER_WORLD} rounds on a filesystem, then a new one. System calls are \
         counted by `strace`, around the one piece of work; those of the command are of its whole process, and its time \
         holds its start."
    )];
    let mut benchmark = Benchmark { name: "single".into(), title: "One snapshot".into(), how, rows, targets: vec![] };
    let times = benchmark.times(BARE)?;
    benchmark.target("times as long as the bare ioctl", Bound::AtMost(1.03), times);
    let calls = |row: &Row| row.counted("system calls").map_or(f64::NAN, |calls| calls.median);
    let peers = benchmark.rows.iter().filter(|row| row.role == Role::Peer);
    let best = peers.map(calls).fold(f64::INFINITY, f64::min);
    let ours = calls(benchmark.ours()?);
    benchmark.target("system calls, where the best peer's are the bound", Bound::AtMost(best), ours);
    Ok(benchmark)
}

fn new_world() -> Result<World> {
    let world = World::small()?;
    CreateOptions::new().create_at(world.join("source"))?;
    world.fill("source/file", 16 * 1024)?;
    fs::create_dir(world.join("snapshots"))?;
    Filesystem::open(world.path())?.sync()?;
    // The first one makes what all later ones find: not part of what is measured.
    SnapshotOptions::new().read_only().create_at(world.join("source"), world.join("snapshots/first"))?;
    Ok(world)
}

fn paths(world: &World, name: &str) -> Paths {
    Paths { source: world.join("source"), destination: world.join("snapshots").join(name) }
}

/// The child under strace: one contestant takes one snapshot.
pub(crate) fn child(name: &str, paths: &Paths) -> Result<()> {
    let library = Libbtrfsutil::load()?;
    let contestants = contestants(&library);
    let contestant = contestants.iter().find(|contestant| contestant.name == name).context("no such contestant")?;
    syscalls::between_marks(|| (contestant.work)(paths))
}
