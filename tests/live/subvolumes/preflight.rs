//! What is in a snapshot's way is known before, and the kernel agrees.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader};
use std::os::fd::AsFd;
use std::os::unix::fs::{OpenOptionsExt, chown, symlink};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};
use btrfs::name::NameError;
use btrfs::subvolume::{CreateOptions, SnapshotGroup, SnapshotOptions};
use btrfs::{ErrorKind, Filesystem, QgroupId, Subvolume};
use testbed::command::run;
use testbed::harness::{Test, skip};
use testbed::{NOBODY, World, unprivileged};

use crate::witness::refused;

pub(crate) const TESTS: &[Test] = testbed::tests![
    where_nothing_is_in_the_way_nothing_is_changed,
    names_that_can_t_be,
    names_that_are_taken,
    two_filesystems_and_none,
    what_is_no_subvolume_or_no_directory,
    what_was_deleted,
    what_can_t_be_written,
    an_active_swapfile_of_the_source_and_of_no_other,
    what_others_own,
    a_group_names_the_member,
];

/// A filesystem with a subvolume `a`, and a snapshot of it that has an empty directory where `a/nested` is.
fn world() -> Result<World> {
    let world = World::small()?;
    world.btrfs(&["subvolume", "create"], "a")?;
    fs::create_dir(world.join("a/directory"))?;
    fs::write(world.join("a/file"), "content")?;
    world.btrfs(&["subvolume", "create"], "a/nested")?;
    SnapshotOptions::new().create_at(world.join("a"), world.join("snapshot"))?;
    Ok(world)
}

/// Asks the library and then the kernel, which has to refuse for the same reason and make nothing.
#[track_caller]
fn both_refuse(source: impl AsFd, parent: impl AsFd, name: impl AsRef<OsStr>, kind: &ErrorKind, says: &str) {
    let (options, name) = (SnapshotOptions::new(), name.as_ref());
    let answer = options.create(&source, &parent, name);
    refused(options.preflight(&source, &parent, name), kind, says);
    let error = answer.expect_err("the kernel is to refuse it too");
    assert_eq!(error.kind(), kind, "{error}");
    let group = SnapshotGroup::new().add(&source, &parent, name).take();
    assert_eq!(group.map(drop).expect_err("a group too").kind(), kind);
}

/// How many subvolumes there are, and what is in the top directory.
fn inventory(world: &World) -> Result<(usize, usize)> {
    Ok((world.btrfs(&["subvolume", "list"], "")?.lines().count(), fs::read_dir(world.path())?.count()))
}

fn path_only(path: &Path) -> Result<File> {
    Ok(OpenOptions::new().read(true).custom_flags(libc::O_PATH).open(path)?)
}

fn where_nothing_is_in_the_way_nothing_is_changed() -> Result<()> {
    let world = world()?;
    let (source, parent) = (Subvolume::open(world.join("a"))?, File::open(world.path())?);
    world.btrfs(&["filesystem", "sync"], "")?;
    let filesystem = Filesystem::open(world.path())?;
    let before = (inventory(&world)?, filesystem.generation()?, source.info()?);
    let options = SnapshotOptions::new().read_only();
    options.preflight(&source, &parent, "b")?;
    assert_eq!((inventory(&world)?, filesystem.generation()?, source.info()?), before);
    options.create(&source, &parent, "b")?;
    refused(options.preflight(&source, &parent, "b"), &ErrorKind::AlreadyExists, "there already");
    Ok(())
}

fn names_that_can_t_be() -> Result<()> {
    let world = world()?;
    let (source, parent) = (Subvolume::open(world.join("a"))?, File::open(world.path())?);
    let before = inventory(&world)?;
    let long = "x".repeat(256);
    for (name, rule) in [
        ("", NameError::Empty),
        (".", NameError::Dots),
        ("b/c", NameError::Slash),
        ("b\0", NameError::Nul),
        (&long, NameError::TooLong(256)),
    ] {
        both_refuse(&source, &parent, name, &ErrorKind::InvalidName(rule), &rule.to_string());
    }
    let level_0 = SnapshotOptions::new().inherit(QgroupId { level: 0, id: 300 });
    refused(level_0.preflight(&source, &parent, "b"), &ErrorKind::InvalidArgument, "0/300");
    refused(level_0.create(&source, &parent, "b"), &ErrorKind::InvalidArgument, "0/300");
    assert_eq!(inventory(&world)?, before);
    Ok(())
}

fn names_that_are_taken() -> Result<()> {
    let world = world()?;
    let (source, parent) = (Subvolume::open(world.join("a"))?, File::open(world.path())?);
    fs::write(world.join("file"), "")?;
    symlink("nowhere", world.join("dangling"))?;
    let before = inventory(&world)?;
    for name in ["a", "file", "dangling"] {
        both_refuse(&source, &parent, name, &ErrorKind::AlreadyExists, "there already");
    }
    let snapshot = File::open(world.join("snapshot"))?;
    both_refuse(&source, &snapshot, "nested", &ErrorKind::AlreadyExists, "there already");
    assert_eq!(inventory(&world)?, before);
    Ok(())
}

fn two_filesystems_and_none() -> Result<()> {
    let (world, other) = (world()?, World::small()?);
    let (source, parent) = (Subvolume::open(world.join("a"))?, File::open(world.path())?);
    let (elsewhere, proc) = (File::open(other.path())?, File::open("/proc")?);
    both_refuse(&source, &elsewhere, "b", &ErrorKind::DifferentFilesystem, "another filesystem");
    both_refuse(&source, &proc, "b", &ErrorKind::NotBtrfs, "not on a btrfs");
    both_refuse(&proc, &parent, "b", &ErrorKind::DifferentFilesystem, "another filesystem");
    assert_eq!(inventory(&other)?, (0, 0));
    Ok(())
}

fn what_is_no_subvolume_or_no_directory() -> Result<()> {
    let world = world()?;
    let (source, parent) = (Subvolume::open(world.join("a"))?, File::open(world.path())?);
    let before = inventory(&world)?;
    let open = |path| File::open(world.join(path));
    for path in ["a/directory", "a/file", "snapshot/nested"] {
        both_refuse(open(path)?, &parent, "b", &ErrorKind::NotSubvolume, "not the root directory");
    }
    both_refuse(&source, open("a/file")?, "b", &ErrorKind::NotDirectory, "not a directory");
    both_refuse(&source, open("snapshot/nested")?, "b", &ErrorKind::InvalidArgument, "nothing can be put there");
    both_refuse(path_only(&world.join("a"))?, &parent, "b", &ErrorKind::InvalidArgument, "O_PATH");
    both_refuse(&source, path_only(world.path())?, "b", &ErrorKind::InvalidArgument, "O_PATH");
    assert_eq!(inventory(&world)?, before);
    Ok(())
}

fn what_was_deleted() -> Result<()> {
    let world = world()?;
    let (source, parent) = (Subvolume::open(world.join("a/nested"))?, File::open(world.path())?);
    fs::create_dir(world.join("gone"))?;
    let gone = File::open(world.join("gone"))?;
    fs::remove_dir(world.join("gone"))?;
    both_refuse(&source, &gone, "b", &ErrorKind::NotFound, "directory was deleted");
    let root = File::open(world.join("snapshot"))?;
    let inside = File::open(world.join("snapshot/directory"))?;
    world.btrfs(&["subvolume", "delete"], "snapshot")?;
    both_refuse(&source, &root, "b", &ErrorKind::NotFound, "directory was deleted");
    // The kernel makes nothing there either, but Linux 6.18 says that all went well.
    let before = inventory(&world)?;
    let _ = SnapshotOptions::new().create(&source, &inside, "b");
    assert_eq!(inventory(&world)?, before);
    let preflight = SnapshotOptions::new().preflight(&source, &inside, "b");
    refused(preflight, &ErrorKind::NotFound, "directory was deleted");
    world.btrfs(&["subvolume", "delete"], "a/nested")?;
    both_refuse(&source, &parent, "b", &ErrorKind::NotFound, "source was deleted");
    Ok(())
}

fn what_can_t_be_written() -> Result<()> {
    let world = world()?;
    for name in ["closed", "immutable"] {
        CreateOptions::new().create_at(world.join(name))?;
        fs::create_dir(world.join(name).join("directory"))?;
    }
    Subvolume::open(world.join("closed"))?.set_read_only()?;
    run("chattr", ["+i".as_ref(), world.join("immutable/directory").as_os_str()])?;
    let before = inventory(&world)?;
    let source = Subvolume::open(world.join("a"))?;
    let open = |path| File::open(world.join(path));
    for path in ["closed", "closed/directory"] {
        both_refuse(&source, open(path)?, "b", &ErrorKind::ReadOnly, "read-only subvolume");
    }
    both_refuse(&source, open("immutable/directory")?, "b", &ErrorKind::PermissionDenied, "immutable");
    // A read-only source is no obstacle.
    let closed = Subvolume::open(world.join("closed"))?;
    SnapshotOptions::new().preflight(&closed, open("")?, "b")?;
    drop((source, closed));
    assert_eq!(inventory(&world)?, before);
    run("chattr", ["-i".as_ref(), world.join("immutable/directory").as_os_str()])?;
    world.umount()?;
    world.mount("ro")?;
    let (source, parent) = (Subvolume::open(world.join("a"))?, File::open(world.path())?);
    both_refuse(&source, &parent, "b", &ErrorKind::ReadOnly, "mount is read-only");
    Ok(())
}

/// A file that is swapped to, until this is dropped or the process is killed.
pub(crate) struct Swap(Child);

impl Swap {
    /// None, with the reason, where this kernel does not swap to it.
    pub(crate) fn on(path: &Path) -> Result<std::result::Result<Self, String>> {
        run("btrfs", ["filesystem", "mkswapfile", "--size", "16m"].map(OsStr::new).iter().chain([&path.as_os_str()]))?;
        let mut guard = Command::new("setsid")
            .args(["sh", "-c", r#"swapon "$0" && echo on && read -r _; swapoff "$0""#])
            .arg(path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        BufReader::new(guard.stdout.take().context("a pipe")?).read_line(&mut line)?;
        if line.trim() == "on" {
            return Ok(Ok(Self(guard)));
        }
        let ended = guard.wait_with_output()?;
        Ok(Err(format!("needs swap on btrfs: {}", String::from_utf8_lossy(&ended.stderr).trim())))
    }

    pub(crate) fn off(mut self) -> Result<()> {
        drop(self.0.stdin.take());
        let status = self.0.wait()?;
        ensure!(status.success(), "swapoff: {status}");
        Ok(())
    }
}

fn an_active_swapfile_of_the_source_and_of_no_other() -> Result<()> {
    let world = world()?;
    let parent = File::open(world.path())?;
    let (source, nested) = (Subvolume::open(world.join("a"))?, Subvolume::open(world.join("a/nested"))?);
    // Its path has what /proc/swaps writes in another way.
    fs::create_dir(world.join("a/nested/two words\n"))?;
    let path = world.join("a/nested/two words\n/swap\\file");
    let swap = match Swap::on(&path)? {
        Ok(swap) => swap,
        Err(reason) => return skip(reason),
    };
    let checked = (|| {
        SnapshotOptions::new().preflight(&source, &parent, "b")?;
        both_refuse(&nested, &parent, "b", &ErrorKind::Busy, "active swapfile");
        refused(SnapshotOptions::new().preflight(&nested, &parent, "b"), &ErrorKind::Busy, "swap\\\\file");
        SnapshotOptions::new().create(&source, &parent, "b")
    })();
    swap.off()?;
    checked?;
    SnapshotOptions::new().preflight(&nested, &parent, "c")?;
    Ok(SnapshotOptions::new().create(&nested, &parent, "c")?)
}

fn what_others_own() -> Result<()> {
    let world = world()?;
    fs::create_dir(world.join("own"))?;
    CreateOptions::new().create_at(world.join("own/home"))?;
    for path in ["own", "own/home"] {
        chown(world.join(path), Some(NOBODY), Some(NOBODY))?;
    }
    fs::create_dir(world.join("locked"))?;
    fs::set_permissions(world.join("locked"), std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
    let before = inventory(&world)?;
    let locked = File::open(world.join("locked"))?;
    unprivileged(|| {
        let (foreign, home) = (Subvolume::open(world.join("a"))?, Subvolume::open(world.join("own/home"))?);
        let (top, own) = (File::open(world.path())?, File::open(world.join("own"))?);
        both_refuse(&foreign, &own, "b", &ErrorKind::PermissionDenied, "only the owner of the source");
        both_refuse(&home, &top, "b", &ErrorKind::PermissionDenied, "may not write in that directory");
        both_refuse(&home, &locked, "b", &ErrorKind::PermissionDenied, "may not go into that directory");
        both_refuse(&home, &top, "a", &ErrorKind::AlreadyExists, "there already");
        SnapshotOptions::new().preflight(&home, &own, "b")?;
        Ok(())
    })?;
    assert_eq!(inventory(&world)?, before);
    Ok(())
}

fn a_group_names_the_member() -> Result<()> {
    let world = world()?;
    let (source, nested) = (Subvolume::open(world.join("a"))?, Subvolume::open(world.join("a/nested"))?);
    let parent = File::open(world.path())?;
    let before = inventory(&world)?;
    let group = SnapshotGroup::new().add(&source, &parent, "b").add(&nested, &parent, "a");
    refused(group.take(), &ErrorKind::AlreadyExists, "member 1, counted from 0");
    assert_eq!(inventory(&world)?, before);
    Ok(())
}
