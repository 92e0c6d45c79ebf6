//! Snapshots of a subvolume with those in it.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::Path;

use anyhow::{Context, Result};
use btrfs::subvolume::{CreateOptions, Nested, RecursiveOutcome, SnapshotOptions};
use btrfs::{ErrorKind, Filesystem, Subvolume};
use nix::mount::{MsFlags, mount, umount};
use testbed::command::run;
use testbed::harness::{Test, skip};
use testbed::{GIB, NOBODY, World, kernel_version, unprivileged};

use crate::witness::{refused, same_as_shown, show};

pub(crate) const TESTS: &[Test] = testbed::tests![
    a_tree_is_like_its_source,
    a_read_only_tree_is_read_only_in_all_its_parts,
    a_subvolume_with_none_in_it_costs_one_commit,
    members_21_share_commits,
    a_read_only_source_gives_what_was_asked_for,
    a_directory_in_the_source_is_refused,
    a_nested_one_that_can_t_be_entered_is_not_left_out,
    a_user_s_own_tree,
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
pub(crate) fn world() -> Result<World> {
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

pub(crate) fn names(directory: impl AsRef<Path>) -> io::Result<BTreeSet<OsString>> {
    fs::read_dir(directory)?.map(|entry| Ok(entry?.file_name())).collect()
}

pub(crate) fn take(world: &World, options: &SnapshotOptions, name: &str) -> btrfs::Result<RecursiveOutcome> {
    let source = Subvolume::open(world.join("source"))?;
    let parent = File::open(world.join("snapshots")).expect("the directory for snapshots");
    options.create_recursive(&source, &parent, name)
}

/// Holds a tree against its source: file by file, and subvolume by subvolume as btrfs-progs shows them.
pub(crate) fn same_as_source(world: &World, tree: &str, flags: &str) -> Result<()> {
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
pub(crate) fn nothing_was_made(world: &World, subvolumes: usize) -> Result<()> {
    assert_eq!(names(world.join("snapshots"))?, BTreeSet::new());
    assert_eq!(count(world)?, subvolumes);
    Ok(())
}

pub(crate) fn count(world: &World) -> Result<usize> {
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
    same_as_source(&world, "day", "readonly")?;
    // To be deleted, those that have others in them have to be made writable.
    let filesystem = Filesystem::open(world.path())?;
    let delete = || {
        let plan = filesystem.plan_deletion(Subvolume::open(world.join("snapshots/day"))?.id()?, Nested::Delete)?;
        plan.execute().try_for_each(|step| step.map(drop))
    };
    refused(delete(), &ErrorKind::ReadOnly, "the one that it is in");
    for outer in ["", "mail", "mail/old"] {
        Subvolume::open(world.join("snapshots/day").join(outer))?.set_writable()?;
    }
    delete()?;
    nothing_was_made(&world, 1 + TREE.len())
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
    fs::set_permissions(world.join("source/mail/old/2019"), Permissions::from_mode(0o700))?;
    let result = unprivileged(|| Ok(take(&world, &SnapshotOptions::new(), "day")))?;
    refused(result, &ErrorKind::PermissionDenied, "can't be entered");
    nothing_was_made(&world, before)
}

/// Gives everything to [`NOBODY`].
pub(crate) fn give_away(world: &World) -> Result<()> {
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
