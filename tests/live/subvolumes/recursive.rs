//! Snapshots of a subvolume with those in it.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use btrfs::subvolume::{CreateOptions, Nested, RecursiveOutcome, SnapshotOptions};
use btrfs::{Error, ErrorKind, Filesystem, Subvolume};
use nix::fcntl::{AT_FDCWD, RenameFlags, renameat2};
use nix::mount::{MsFlags, mount, umount};
use testbed::command::run;
use testbed::harness::{Test, skip};
use testbed::{GIB, NOBODY, World, kernel_version, meanwhile, unprivileged};

use crate::subvolumes::preflight::Swap;
use crate::witness::{refused, same_as_shown, show};

pub(crate) const TESTS: &[Test] = testbed::tests![
    a_tree_is_like_its_source,
    a_read_only_tree_is_read_only_in_all_its_parts,
    a_subvolume_with_none_in_it_costs_one_commit,
    members_21_share_commits,
    a_read_only_source_gives_what_was_asked_for,
    what_is_in_the_way_of_a_nested_one_is_known_before,
    a_directory_in_the_source_is_refused,
    a_nested_one_that_can_t_be_entered_is_not_left_out,
    what_was_made_is_taken_back_when_one_can_t_get_to_its_place,
    what_was_made_is_taken_back_when_the_name_is_taken_meanwhile,
    a_user_s_own_tree,
    what_a_user_can_t_take_back_is_named,
    others_that_move_and_make_subvolumes_do_not_confuse_it,
    killed_at_any_moment_there_is_no_half_tree,
];

/// What is in `source`, three deep and with names that are hard to handle.
const TREE: [&[u8]; 8] = [
    b"mail",
    b"mail/old",
    b"mail/old/2019",
    b"mail/old/2020",
    b"plain/directories/inside",
    b"plain/two words",
    b"plain/line\nbreak",
    b"caf\xe9",
];

fn path(bytes: &[u8]) -> &Path {
    Path::new(OsStr::from_bytes(bytes))
}

/// A filesystem with a subvolume `source` and those of [`TREE`] in it, files in each, and a directory `snapshots`.
fn world() -> Result<World> {
    let world = World::small()?;
    fs::create_dir(world.join("snapshots"))?;
    for (number, name) in std::iter::once(&b""[..]).chain(TREE).enumerate() {
        let subvolume = world.join("source").join(path(name));
        fs::create_dir_all(subvolume.parent().context("a parent")?)?;
        world.btrfs(&["subvolume", "create"], &subvolume)?;
        fs::create_dir(subvolume.join("some"))?;
        fs::write(subvolume.join("some/file"), format!("of number {number}"))?;
    }
    Ok(world)
}

fn names(directory: impl AsRef<Path>) -> io::Result<BTreeSet<OsString>> {
    fs::read_dir(directory)?.map(|entry| Ok(entry?.file_name())).collect()
}

fn take(world: &World, options: &SnapshotOptions, name: &str) -> btrfs::Result<RecursiveOutcome> {
    let source = Subvolume::open(world.join("source"))?;
    let parent = File::open(world.join("snapshots")).expect("the directory for snapshots");
    options.create_recursive(&source, &parent, name)
}

/// Holds a tree against its source: file by file, and subvolume by subvolume as btrfs-progs shows them.
fn same_as_source(world: &World, tree: &str, flags: &str) -> Result<()> {
    let (source, tree) = (world.join("source"), world.join("snapshots").join(tree));
    run("diff", ["-r".as_ref(), source.as_os_str(), tree.as_os_str()])?;
    for name in std::iter::once(&b""[..]).chain(TREE) {
        let (source, snapshot) = (show(world, source.join(path(name)))?, show(world, tree.join(path(name)))?);
        assert_eq!(
            (&snapshot["Parent UUID"], &*snapshot["Flags"]),
            (&source["UUID"], flags),
            "{}",
            path(name).display()
        );
        assert_ne!(snapshot["UUID"], source["UUID"]);
    }
    Ok(())
}

/// Checks that nothing is there that was not before.
fn nothing_was_made(world: &World, subvolumes: usize) -> Result<()> {
    assert_eq!(names(world.join("snapshots"))?, BTreeSet::new());
    assert_eq!(count(world)?, subvolumes);
    Ok(())
}

fn count(world: &World) -> Result<usize> {
    Ok(Filesystem::open(world.path())?
        .subvolumes()?
        .filter(|entry| entry.as_ref().is_ok_and(|e| !e.is_deleted()))
        .count())
}

fn a_tree_is_like_its_source() -> Result<()> {
    let world = world()?;
    let tree = take(&world, &SnapshotOptions::new(), "day")?;
    assert_eq!(names(world.join("snapshots"))?, BTreeSet::from(["day".into()]));
    assert_eq!(count(&world)?, 2 * (1 + TREE.len()));
    let found: BTreeSet<_> = tree.members().map(|member| member.path.as_os_str().as_bytes()).collect();
    assert_eq!(found, std::iter::once(&b""[..]).chain(TREE).collect());
    for member in tree.members() {
        let (source, snapshot) =
            (world.join("source").join(&member.path), world.join("snapshots/day").join(&member.path));
        assert_eq!(member.source.uuid, Subvolume::open(source)?.info()?.uuid);
        assert_eq!(member.snapshot, Subvolume::open(&snapshot)?.info()?);
        // What btrfs-progs prints of other names can't be told from its fields.
        if member.path.to_str().is_some_and(|path| !path.contains('\n')) {
            same_as_shown(&member.snapshot, &world, snapshot)?;
        }
    }
    same_as_source(&world, "day", "-")?;
    // Each can be written, and is a subvolume of its own.
    for name in TREE {
        fs::write(world.join("snapshots/day").join(path(name)).join("new"), "")?;
        assert!(!world.join("source").join(path(name)).join("new").exists());
    }
    world.umount()?;
    world.mount("")?;
    run("btrfs", ["check".as_ref(), "--force".as_ref(), world.device(0).as_os_str()])?;
    Ok(())
}

fn a_read_only_tree_is_read_only_in_all_its_parts() -> Result<()> {
    let world = world()?;
    take(&world, &SnapshotOptions::new().read_only(), "day")?;
    same_as_source(&world, "day", "readonly")?;
    for name in TREE {
        let new = world.join("snapshots/day").join(path(name)).join("new");
        assert_eq!(fs::write(new, "").unwrap_err().raw_os_error(), Some(libc::EROFS));
    }
    assert_eq!(names(world.join("snapshots"))?, BTreeSet::from(["day".into()]));
    refused(take(&world, &SnapshotOptions::new(), "day"), &ErrorKind::AlreadyExists, "there already");
    same_as_source(&world, "day", "readonly")
}

fn a_subvolume_with_none_in_it_costs_one_commit() -> Result<()> {
    let world = World::small()?;
    fs::create_dir(world.join("snapshots"))?;
    CreateOptions::new().create_at(world.join("source"))?;
    fs::write(world.join("source/file"), "content")?;
    Filesystem::open(world.path())?.sync()?;
    let before = world.commits()?;
    let tree = take(&world, &SnapshotOptions::new().read_only(), "day")?;
    let took = world.commits()? - before;
    assert!(tree.nested.is_empty());
    same_as_shown(&tree.top.snapshot, &world, "snapshots/day")?;
    assert_eq!(show(&world, "snapshots/day")?["Flags"], "readonly");
    // The other one makes the name last.
    assert!(took <= 2, "{took}");
    Ok(())
}

fn members_21_share_commits() -> Result<()> {
    if kernel_version()? < (6, 6) {
        return skip("needs Linux 6.6: before it, a transaction takes nobody in once its commit was asked for");
    }
    let world = World::new(&[4 * GIB], &[])?;
    fs::create_dir(world.join("snapshots"))?;
    CreateOptions::new().create_at(world.join("source"))?;
    for number in 0..20 {
        CreateOptions::new().create_at(world.join(format!("source/{number}")))?;
    }
    let mut commits = Vec::new();
    // The best of a few counts, as in the test of groups.
    for attempt in 0.. {
        Filesystem::open(world.path())?.sync()?;
        (0..20).try_for_each(|number| world.fill(format!("source/{number}/file"), 16 * 1024))?;
        let before = world.commits()?;
        let tree = take(&world, &SnapshotOptions::new(), &attempt.to_string())?;
        commits.push(world.commits()? - before);
        assert!(tree.nested.len() == 20 && tree.transactions().len() <= 20, "{tree:?}");
        if commits[attempt] <= 5 {
            break;
        }
        assert!(commits.len() < 8 && commits[attempt] < 21, "{commits:?}");
    }
    // Making them read-only can't be shared.
    let before = world.commits()?;
    take(&world, &SnapshotOptions::new().read_only(), "read-only")?;
    let took = world.commits()? - before;
    eprintln!("writable {commits:?}, read-only {took}");
    assert!(took < 2 * 21, "{took}");
    Ok(())
}

fn a_read_only_source_gives_what_was_asked_for() -> Result<()> {
    let world = world()?;
    for name in ["source/mail/old", "source"] {
        Subvolume::open(world.join(name))?.set_read_only()?;
    }
    take(&world, &SnapshotOptions::new(), "writable")?;
    same_as_source(&world, "writable", "-")?;
    take(&world, &SnapshotOptions::new().read_only(), "read-only")?;
    same_as_source(&world, "read-only", "readonly")
}

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

fn a_directory_in_the_source_is_refused() -> Result<()> {
    let world = world()?;
    let source = Subvolume::open(world.join("source"))?;
    let before = count(&world)?;
    for inside in ["source", "source/some", "source/mail/old/some"] {
        let parent = File::open(world.join(inside))?;
        let result = SnapshotOptions::new().create_recursive(&source, &parent, "day");
        refused(result, &ErrorKind::InvalidArgument, "the tree would hold itself");
    }
    let parent = File::open(world.path())?;
    let top = Filesystem::open(world.path())?;
    refused(SnapshotOptions::new().create_recursive(&top, &parent, "day"), &ErrorKind::InvalidArgument, "hold itself");
    let directory = File::open(world.join("source/some"))?;
    let result = SnapshotOptions::new().create_recursive(&directory, &parent, "day");
    refused(result, &ErrorKind::NotSubvolume, "not the root directory");
    nothing_was_made(&world, before)
}

fn a_nested_one_that_can_t_be_entered_is_not_left_out() -> Result<()> {
    let world = world()?;
    let before = count(&world)?;
    let (nothing, covered) = (None::<&str>, world.join("source/mail"));
    mount(Some(&world.join("snapshots")), &covered, nothing, MsFlags::MS_BIND, nothing)?;
    let result = take(&world, &SnapshotOptions::new(), "day");
    umount(&covered)?;
    refused(result, &ErrorKind::DifferentFilesystem, "mounted over it");
    for subvolume in fs::read_dir(world.path())? {
        chown(subvolume?.path(), Some(NOBODY), Some(NOBODY))?;
    }
    chown(world.join("source/mail/old/2019"), Some(0), Some(0))?;
    fs::set_permissions(world.join("source/mail/old/2019"), std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
    let result = unprivileged(|| Ok(take(&world, &SnapshotOptions::new(), "day")))?;
    refused(result, &ErrorKind::PermissionDenied, "can't be entered");
    nothing_was_made(&world, before)
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
        refused(result.context("a result")?, &ErrorKind::AlreadyExists, "meanwhile");
        assert_eq!(names(world.join("snapshots"))?, BTreeSet::from(["day".into()]));
        fs::remove_dir(world.join("snapshots/day"))?;
        nothing_was_made(&world, before)?;
    }
    Ok(())
}

/// Gives everything to [`NOBODY`].
fn give_away(world: &World) -> Result<()> {
    let owner = format!("{NOBODY}:{NOBODY}");
    let paths = [world.join("source"), world.join("snapshots")];
    run("chown", ["-R".as_ref(), OsStr::new(&owner)].into_iter().chain(paths.iter().map(|path| path.as_os_str())))?;
    Ok(())
}

fn a_user_s_own_tree() -> Result<()> {
    let world = world()?;
    give_away(&world)?;
    unprivileged(|| {
        take(&world, &SnapshotOptions::new(), "writable")?;
        take(&world, &SnapshotOptions::new().read_only(), "read-only")?;
        Ok(())
    })?;
    same_as_source(&world, "writable", "-")?;
    same_as_source(&world, "read-only", "readonly")?;
    assert_eq!(names(world.join("snapshots"))?, BTreeSet::from(["writable".into(), "read-only".into()]));
    // One that is another's is refused before anything is made.
    chown(world.join("source/mail/old"), Some(0), Some(0))?;
    let result = unprivileged(|| Ok(take(&world, &SnapshotOptions::new(), "day")))?;
    let error = result.expect_err("it is another's");
    assert!(error.object().contains("mail/old"), "{error}");
    refused(Err::<(), _>(error), &ErrorKind::PermissionDenied, "only the owner");
    assert_eq!(names(world.join("snapshots"))?.len(), 2);
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
        let mut trees: Vec<PathBuf> = vec![path.clone()];
        if name.as_bytes().ends_with(b".nested") {
            trees = fs::read_dir(&path)?.map(|home| Ok(home?.path().join("snapshot"))).collect::<io::Result<_>>()?;
        }
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
        if path.exists() {
            run("find", [path.as_os_str(), "-type".as_ref(), "d".as_ref(), "-empty".as_ref(), "-delete".as_ref()])?;
        }
    }
    Ok(())
}

fn others_that_move_and_make_subvolumes_do_not_confuse_it() -> Result<()> {
    let world = World::small()?;
    fs::create_dir(world.join("snapshots"))?;
    CreateOptions::new().create_at(world.join("source"))?;
    // Each subvolume is in the directory that has its name.
    for side in ["left", "right"] {
        let directory = world.join("source").join(side);
        fs::create_dir(&directory)?;
        fs::write(directory.join("which"), side)?;
        CreateOptions::new().create_at(directory.join("nested"))?;
        fs::write(directory.join("nested/which"), side)?;
    }
    let source = Subvolume::open(world.join("source"))?;
    let parent = File::open(world.join("snapshots"))?;
    let (mut whole, mut raced) = (0, 0);
    let work = || {
        let until = Instant::now() + Duration::from_secs(5);
        while whole < 40 && Instant::now() < until || whole == 0 {
            let name = format!("{whole}");
            match SnapshotOptions::new().create_recursive(&source, &parent, &name) {
                Ok(tree) => {
                    whole += 1;
                    assert!(tree.nested.len() >= 2, "{tree:?}");
                    let tree = world.join("snapshots").join(name);
                    for side in ["left", "right"] {
                        let which = |path: &str| fs::read_to_string(tree.join(side).join(path));
                        assert_eq!(which("which")?, which("nested/which")?);
                    }
                }
                Err(error) => {
                    ensure!(*error.kind() == ErrorKind::Raced, "{error}");
                    ensure!(!error.to_string().contains("behind"), "{error}");
                    raced += 1;
                }
            }
        }
        Ok(())
    };
    let mut round = 0;
    meanwhile(work, || {
        round += 1;
        let (left, right) = (world.join("source/left"), world.join("source/right"));
        renameat2(AT_FDCWD, &left, AT_FDCWD, &right, RenameFlags::RENAME_EXCHANGE)?;
        let passing = world.join(format!("source/{round}"));
        CreateOptions::new().create_at(&passing)?;
        thread::sleep(Duration::from_millis(round % 23));
        Subvolume::delete_in(&source, passing.file_name().context("a name")?)?;
        thread::sleep(Duration::from_millis(round % 29));
        Ok(())
    })?;
    eprintln!("{whole} whole, {raced} raced, {round} rounds");
    let left = names(world.join("snapshots"))?;
    assert_eq!(left.len(), whole, "{left:?}");
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
    let delete = || -> Result<()> {
        fs::rename(world.join("snapshots/day"), world.join("snapshots/.day.partial-0-0"))?;
        remove_left_behind(&world)
    };
    same_as_source(&world, "day", "readonly")?;
    delete()?;
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
            delete()?;
        }
        partial += u32::from(left.iter().any(|name| name != "day"));
        remove_left_behind(&world)?;
        nothing_was_made(&world, before)?;
    }
    assert!(partial > 0, "none of {killed} was killed at work");
    Ok(())
}
