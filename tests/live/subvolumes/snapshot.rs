//! Snapshots of one subvolume.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{OpenOptionsExt, chown, symlink};
use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};
use btrfs::name::NameError;
use btrfs::subvolume::SnapshotOptions;
use btrfs::{ErrorKind, QgroupId, Subvolume};
use testbed::harness::{Test, skip};
use testbed::{NOBODY, World, kernel_version, unprivileged};

use crate::subvolumes::preflight::Swap;
use crate::witness::{refused, same_as_shown, show};

pub(crate) const TESTS: &[Test] = testbed::tests![
    a_snapshot_is_what_btrfs_progs_shows,
    a_snapshot_keeps_what_was_there,
    a_read_only_subvolume_can_be_snapshotted,
    five_system_calls_and_no_more,
    names_are_bytes_and_break_rules_by_name,
    a_symlink_of_the_name_is_not_followed,
    two_filesystems_are_refused,
    a_source_that_is_no_subvolume_is_refused,
    what_was_deleted_is_refused,
    a_place_that_can_t_be_written_is_refused,
    an_active_swapfile_is_in_the_way,
    only_the_owner_may,
    a_snapshot_joins_its_quota_group,
    a_quota_group_that_does_not_exist_is_refused,
];

/// A filesystem with a subvolume `a` that holds a file.
fn world() -> Result<World> {
    let world = World::small()?;
    world.btrfs(&["subvolume", "create"], "a")?;
    fs::write(world.join("a/file"), "before")?;
    Ok(world)
}

fn a_snapshot_is_what_btrfs_progs_shows() -> Result<()> {
    let world = world()?;
    let source = Subvolume::open(world.join("a"))?;
    let parent = File::open(world.path())?;
    SnapshotOptions::new().create(&source, &parent, "writable")?;
    SnapshotOptions::new().read_only().create(&source, &parent, "read-only")?;
    SnapshotOptions::new().create_at(world.join("a"), world.join("by-path/"))?;
    for (name, flags) in [("writable", "-"), ("read-only", "readonly"), ("by-path", "-")] {
        let snapshot = Subvolume::open_in(&parent, name)?;
        let info = snapshot.info()?;
        same_as_shown(&info, &world, name)?;
        assert_eq!(info.parent_uuid, source.info()?.uuid);
        assert_eq!(show(&world, name)?["Flags"], flags);
        assert!(show(&world, "a").is_ok());
    }
    let shown = world.btrfs(&["subvolume", "show"], "a")?;
    let snapshots = shown.split("Snapshot(s):").nth(1).context("snapshots")?;
    assert_eq!(snapshots.split_whitespace().collect::<Vec<_>>(), ["writable", "read-only", "by-path"]);
    Ok(())
}

fn a_snapshot_keeps_what_was_there() -> Result<()> {
    let world = world()?;
    SnapshotOptions::new().read_only().create_at(world.join("a"), world.join("kept"))?;
    SnapshotOptions::new().create_at(world.join("a"), world.join("changed"))?;
    fs::write(world.join("a/file"), "after")?;
    fs::write(world.join("changed/file"), "otherwise")?;
    let read = |path| fs::read_to_string(world.join(path));
    assert_eq!((read("a/file")?, read("kept/file")?), ("after".into(), "before".into()));
    assert_eq!(read("changed/file")?, "otherwise");
    assert_eq!(fs::write(world.join("kept/file"), "").unwrap_err().raw_os_error(), Some(libc::EROFS));
    Ok(())
}

fn a_read_only_subvolume_can_be_snapshotted() -> Result<()> {
    let world = world()?;
    Subvolume::open(world.join("a"))?.set_read_only()?;
    SnapshotOptions::new().create_at(world.join("a"), world.join("b"))?;
    SnapshotOptions::new().read_only().create_at(world.join("b"), world.join("c"))?;
    fs::write(world.join("b/file"), "writable again")?;
    assert_eq!(show(&world, "b")?["Flags"], "-");
    assert_eq!(show(&world, "c")?["Parent UUID"], show(&world, "b")?["UUID"]);
    Ok(())
}

/// The argument by which this program, run under strace, takes one snapshot and ends.
pub(crate) const CHILD: &str = "--take-one-snapshot";

/// Takes a snapshot between two marks that strace can see.
pub(crate) fn child(source: &OsStr, destination: &OsStr) -> ExitCode {
    let mark = |path: &str| _ = nix::unistd::access(path, nix::unistd::AccessFlags::F_OK);
    mark("/mark/begin");
    let result = SnapshotOptions::new().read_only().create_at(source, destination);
    mark("/mark/end");
    if result.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn five_system_calls_and_no_more() -> Result<()> {
    if Command::new("strace").arg("-V").output().is_err() {
        return skip("needs strace: the independent witness of system calls");
    }
    let world = world()?;
    let trace = world.join("trace");
    let program = std::env::current_exe()?;
    let arguments: [&OsStr; 8] = [
        "-f".as_ref(),
        "-o".as_ref(),
        trace.as_ref(),
        "--".as_ref(),
        program.as_ref(),
        CHILD.as_ref(),
        &world.join("a").into_os_string(),
        &world.join("b").into_os_string(),
    ];
    testbed::command::run("strace", arguments)?;
    let trace = fs::read_to_string(trace)?;
    let between = trace.lines().skip_while(|line| !line.contains("/mark/begin")).skip(1);
    // Before it closes a descriptor, a debug build of std looks whether it is open; a release build does not.
    let checks_of_std = |line: &&str| cfg!(debug_assertions) && line.contains("F_GETFD");
    let calls: Vec<_> =
        between.take_while(|line| !line.contains("/mark/end")).filter(|line| !checks_of_std(line)).collect();
    let names = calls.iter().map(|line| {
        let call = line.split_once(' ').map_or(*line, |(_pid, call)| call).trim();
        call.split('(').next().unwrap_or_default()
    });
    assert_eq!(names.collect::<Vec<_>>(), ["openat", "openat", "ioctl", "close", "close"], "{calls:#?}");
    assert!(calls[..2].iter().all(|open| open.contains("O_DIRECTORY") && open.contains("O_CLOEXEC")), "{calls:#?}");
    assert!(calls[2].contains("BTRFS_IOC_SNAP_CREATE_V2"), "{calls:#?}");
    assert_eq!(show(&world, "b")?["Parent UUID"], show(&world, "a")?["UUID"]);
    Ok(())
}

fn names_are_bytes_and_break_rules_by_name() -> Result<()> {
    let world = world()?;
    let (source, parent) = (Subvolume::open(world.join("a"))?, File::open(world.path())?);
    for name in [&[b'x'; 255][..], b"caf\xe9", b"two\nlines"] {
        let name = OsStr::from_bytes(name);
        SnapshotOptions::new().create(&source, &parent, name)?;
        assert_eq!(Subvolume::open_in(&parent, name)?.info()?.name, name);
        assert_eq!(show(&world, name)?["Parent UUID"], show(&world, "a")?["UUID"]);
    }
    let long = "x".repeat(256);
    for (name, rule) in [
        ("", NameError::Empty),
        ("..", NameError::Dots),
        ("/", NameError::Slash),
        ("a\0", NameError::Nul),
        (&long, NameError::TooLong(256)),
    ] {
        let result = SnapshotOptions::new().create(&source, &parent, name);
        refused(result, &ErrorKind::InvalidName(rule), &rule.to_string());
    }
    refused(SnapshotOptions::new().create(&source, &parent, "a"), &ErrorKind::AlreadyExists, "there already");
    Ok(())
}

fn a_symlink_of_the_name_is_not_followed() -> Result<()> {
    let world = world()?;
    fs::create_dir(world.join("elsewhere"))?;
    symlink("elsewhere", world.join("link"))?;
    symlink("elsewhere/new", world.join("dangling"))?;
    for name in ["link", "dangling"] {
        let result = SnapshotOptions::new().create_at(world.join("a"), world.join(name));
        refused(result, &ErrorKind::AlreadyExists, "there already");
    }
    assert_eq!(fs::read_dir(world.join("elsewhere"))?.count(), 0);
    Ok(())
}

fn two_filesystems_are_refused() -> Result<()> {
    let (world, other) = (world()?, World::small()?);
    let result = SnapshotOptions::new().create_at(world.join("a"), other.join("b"));
    refused(result, &ErrorKind::DifferentFilesystem, "another filesystem");
    let result = SnapshotOptions::new().create_at(world.join("a"), "/proc/b");
    refused(result, &ErrorKind::NotBtrfs, "parent directory is not on a btrfs");
    Ok(())
}

fn a_source_that_is_no_subvolume_is_refused() -> Result<()> {
    let world = world()?;
    fs::create_dir(world.join("a/directory"))?;
    let parent = File::open(world.path())?;
    let result = SnapshotOptions::new().create_at(world.join("a/directory"), world.join("b"));
    refused(result, &ErrorKind::NotSubvolume, "not the root directory");
    let result = SnapshotOptions::new().create(File::open(world.join("a/file"))?, &parent, "b");
    refused(result, &ErrorKind::NotSubvolume, "not the root directory");
    let path_only =
        OpenOptions::new().read(true).custom_flags(libc::O_PATH | libc::O_DIRECTORY).open(world.join("a"))?;
    refused(SnapshotOptions::new().create(&path_only, &parent, "b"), &ErrorKind::InvalidArgument, "O_PATH");
    let result = SnapshotOptions::new().create(&parent, File::open(world.join("a/file"))?, "b");
    refused(result, &ErrorKind::NotDirectory, "parent");
    refused(SnapshotOptions::new().create_at(world.join("missing"), world.join("b")), &ErrorKind::NotFound, "missing");
    Ok(())
}

fn what_was_deleted_is_refused() -> Result<()> {
    let world = world()?;
    let (source, parent) = (Subvolume::open(world.join("a"))?, File::open(world.path())?);
    fs::create_dir(world.join("directory"))?;
    let directory = File::open(world.join("directory"))?;
    fs::remove_dir(world.join("directory"))?;
    let result = SnapshotOptions::new().create(&source, &directory, "b");
    refused(result, &ErrorKind::NotFound, "parent directory was deleted");
    world.btrfs(&["subvolume", "delete"], "a")?;
    refused(SnapshotOptions::new().create(&source, &parent, "b"), &ErrorKind::NotFound, "source was deleted");
    Ok(())
}

fn a_place_that_can_t_be_written_is_refused() -> Result<()> {
    let world = world()?;
    world.btrfs(&["subvolume", "create"], "closed")?;
    Subvolume::open(world.join("closed"))?.set_read_only()?;
    let snapshot = |to| SnapshotOptions::new().create_at(world.join("a"), world.join(to));
    refused(snapshot("closed/b"), &ErrorKind::ReadOnly, "read-only subvolume");
    world.umount()?;
    world.mount("ro")?;
    refused(snapshot("b"), &ErrorKind::ReadOnly, "mount is read-only");
    Ok(())
}

fn an_active_swapfile_is_in_the_way() -> Result<()> {
    let world = world()?;
    let swap = match Swap::on(&world.join("a/swapfile"))? {
        Ok(swap) => swap,
        Err(reason) => return skip(reason),
    };
    let result = SnapshotOptions::new().create_at(world.join("a"), world.join("b"));
    swap.off()?;
    refused(result, &ErrorKind::Busy, "active swapfile");
    SnapshotOptions::new().create_at(world.join("a"), world.join("b"))?;
    Ok(())
}

fn only_the_owner_may() -> Result<()> {
    let world = world()?;
    fs::create_dir(world.join("own"))?;
    chown(world.join("own"), Some(NOBODY), Some(NOBODY))?;
    world.btrfs(&["subvolume", "create"], "own/home")?;
    chown(world.join("own/home"), Some(NOBODY), Some(NOBODY))?;
    unprivileged(|| {
        let snapshot =
            |from: &str, to: &str| SnapshotOptions::new().read_only().create_at(world.join(from), world.join(to));
        refused(snapshot("a", "own/b"), &ErrorKind::PermissionDenied, "only the owner of the source");
        refused(snapshot("own/home", "b"), &ErrorKind::PermissionDenied, "may not write in that directory");
        snapshot("own/home", "own/b")?;
        Ok(())
    })?;
    assert_eq!(show(&world, "own/b")?["Parent UUID"], show(&world, "own/home")?["UUID"]);
    assert!(!world.join("b").exists());
    Ok(())
}

fn a_snapshot_joins_its_quota_group() -> Result<()> {
    let world = world()?;
    world.btrfs(&["quota", "enable"], "")?;
    world.btrfs(&["quota", "rescan", "-w"], "")?;
    world.btrfs(&["qgroup", "create", "1/100"], "")?;
    let options = SnapshotOptions::new().inherit(QgroupId { level: 1, id: 100 });
    options.create_at(world.join("a"), world.join("b"))?;
    let own = format!("0/{}", Subvolume::open(world.join("b"))?.id()?);
    let shown = world.btrfs(&["qgroup", "show", "-p"], "")?;
    assert!(shown.lines().any(|line| line.starts_with(&own) && line.contains("1/100")), "{shown}");
    let level_0 = SnapshotOptions::new().inherit(QgroupId { level: 0, id: 300 });
    refused(level_0.create_at(world.join("a"), world.join("c")), &ErrorKind::InvalidArgument, "0/300");
    Ok(())
}

fn a_quota_group_that_does_not_exist_is_refused() -> Result<()> {
    let world = world()?;
    world.btrfs(&["quota", "enable"], "")?;
    let options = SnapshotOptions::new().inherit(QgroupId { level: 1, id: 7 });
    match options.create_at(world.join("a"), world.join("b")) {
        // Older kernels leave out groups that do not exist, as the documentation says.
        Ok(()) if kernel_version()? < (6, 9) => assert!(!world.btrfs(&["qgroup", "show", "-p"], "")?.contains("1/7")),
        result => refused(result, &ErrorKind::NotFound, "1/7"),
    }
    Ok(())
}

/// The two paths of [`CHILD`], if that is what this program was started for.
pub(crate) fn child_arguments() -> Option<(OsString, OsString)> {
    let mut arguments = std::env::args_os().skip(1);
    let asked = arguments.next().is_some_and(|argument| Path::new(&argument) == Path::new(CHILD));
    if asked { arguments.next().zip(arguments.next()) } else { None }
}
