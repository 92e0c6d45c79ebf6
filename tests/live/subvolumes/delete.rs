//! Deleting subvolumes.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{chown, symlink};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use btrfs::subvolume::{CreateOptions, DeleteStep, Nested};
use btrfs::{ErrorKind, Filesystem, Subvolume, SubvolumeId};
use nix::mount::{MsFlags, mount, umount};
use testbed::harness::Test;
use testbed::{NOBODY, World, unprivileged};

use crate::witness::refused;

pub(crate) const TESTS: &[Test] = testbed::tests![
    a_subvolume_is_deleted_by_name_and_by_id,
    whatever_its_name_is_it_can_be_deleted,
    what_is_no_subvolume_s_name_is_refused,
    a_symlink_in_its_place_is_not_followed,
    what_holds_others_is_refused,
    the_top_level_and_the_default_are_refused,
    what_is_mounted_is_refused,
    a_mount_over_it_is_refused,
    only_its_owner_may_and_only_if_the_mount_says_so,
    a_read_only_filesystem_is_refused,
    a_plan_is_shown_and_then_done_deepest_first,
    a_plan_for_one_refuses_those_in_it,
    what_was_replaced_since_the_plan_is_left_alone,
    what_was_renamed_since_the_plan_is_left_alone,
    what_came_since_the_plan_stops_it,
    what_comes_while_it_is_done_stops_it,
];

/// A filesystem with these subvolumes, and a file in each.
fn world(paths: &[&str]) -> Result<World> {
    let world = World::small()?;
    for path in paths {
        fs::create_dir_all(world.join(path).parent().context("a parent")?)?;
        world.btrfs(&["subvolume", "create"], path)?;
        fs::write(world.join(path).join("file"), *path)?;
    }
    Ok(world)
}

/// The paths that `btrfs subvolume list` has.
fn witness(world: &World) -> Result<Vec<String>> {
    let listed = world.btrfs(&["subvolume", "list"], "")?;
    Ok(listed.lines().filter_map(|line| Some(line.split_once(" path ")?.1.to_owned())).collect())
}

fn id(world: &World, path: &str) -> Result<SubvolumeId> {
    Ok(Subvolume::open(world.join(path))?.id()?)
}

fn paths<'a>(steps: impl IntoIterator<Item = &'a DeleteStep>) -> Vec<PathBuf> {
    steps.into_iter().map(|step| step.path.clone()).collect()
}

fn a_subvolume_is_deleted_by_name_and_by_id() -> Result<()> {
    let world = world(&["kept", "by-name", "by-id", "d/e/deep"])?;
    world.btrfs(&["subvolume", "snapshot", "-r", &world.join("kept").to_string_lossy()], "read-only")?;
    let expected = id(&world, "by-name")?;
    assert_eq!(Subvolume::delete_in(File::open(world.path())?, "by-name")?, expected);
    assert_eq!(witness(&world)?, ["kept", "by-id", "d/e/deep", "read-only"]);
    let filesystem = Filesystem::open(world.path())?;
    for (path, left) in [("by-id", 3), ("d/e/deep", 2), ("read-only", 1)] {
        let id = id(&world, path)?;
        filesystem.delete_subvolume(id)?;
        assert_eq!(witness(&world)?.len(), left);
        assert!(!world.join(path).exists());
        refused(filesystem.delete_subvolume(id), &ErrorKind::NotFound, "deleted already");
    }
    assert_eq!(fs::read_to_string(world.join("kept/file"))?, "kept");
    refused(filesystem.delete_subvolume(SubvolumeId(100_000)), &ErrorKind::NotFound, "no subvolume of this id");
    refused(filesystem.delete_subvolume(SubvolumeId(9)), &ErrorKind::InvalidArgument, "no subvolume has this id");
    // Any file on the filesystem will do to reach it.
    Filesystem::open(world.join("kept/file"))?.delete_subvolume(id(&world, "kept")?)?;
    assert!(witness(&world)?.is_empty());
    Ok(())
}

fn whatever_its_name_is_it_can_be_deleted() -> Result<()> {
    let world = World::small()?;
    let parent = File::open(world.path())?;
    let filesystem = Filesystem::open(world.path())?;
    for name in [&[b'x'; 255][..], b"caf\xe9 \xff", b"two\nlines", b"...", b"..x", b" ", b"-"] {
        let name = OsStr::from_bytes(name);
        CreateOptions::new().create(&parent, name)?;
        Subvolume::delete_in(&parent, name)?;
        CreateOptions::new().create(&parent, name)?;
        let plan = filesystem.plan_deletion(Subvolume::open_in(&parent, name)?.id()?, Nested::Refuse)?;
        assert_eq!(paths(&plan.execute().collect::<btrfs::Result<Vec<_>>>()?), [Path::new(name)]);
        assert_eq!(fs::read_dir(world.path())?.count(), 0, "{name:?}");
    }
    Ok(())
}

fn what_is_no_subvolume_s_name_is_refused() -> Result<()> {
    let world = world(&["a"])?;
    fs::create_dir(world.join("directory"))?;
    let parent = File::open(world.path())?;
    refused(Subvolume::delete_in(&parent, "directory"), &ErrorKind::NotSubvolume, "not the root");
    refused(Subvolume::delete_in(&parent, "missing"), &ErrorKind::NotFound, "missing");
    refused(Subvolume::delete_in(File::open(world.join("a"))?, "file"), &ErrorKind::NotDirectory, "file");
    for name in ["", ".", "..", "a/", "./a", "a\0"] {
        let error = Subvolume::delete_in(&parent, name).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::InvalidName(_)), "{name:?}: {error}");
    }
    assert!(world.join("directory").exists());
    assert_eq!(witness(&world)?, ["a"]);
    Ok(())
}

fn a_symlink_in_its_place_is_not_followed() -> Result<()> {
    let world = world(&["a", "d/b"])?;
    let parent = File::open(world.path())?;
    symlink("a", world.join("link"))?;
    let error = Subvolume::delete_in(&parent, "link").unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::NotDirectory, "{error}");
    // A directory is swapped for a symlink to another: the plan is about the subvolume, wherever a path leads.
    fs::create_dir(world.join("other"))?;
    world.btrfs(&["subvolume", "create"], "other/b")?;
    let filesystem = Filesystem::open(world.path())?;
    let plan = filesystem.plan_deletion(id(&world, "d/b")?, Nested::Delete)?;
    fs::rename(world.join("d"), world.join("moved"))?;
    symlink("other", world.join("d"))?;
    refused(plan.execute().collect::<btrfs::Result<Vec<_>>>(), &ErrorKind::Raced, "moved/b");
    assert_eq!(witness(&world)?, ["a", "moved/b", "other/b"]);
    Ok(())
}

fn what_holds_others_is_refused() -> Result<()> {
    let world = world(&["a", "a/d/b"])?;
    let filesystem = Filesystem::open(world.path())?;
    let a = id(&world, "a")?;
    refused(filesystem.delete_subvolume(a), &ErrorKind::NotEmpty, "subvolumes in it");
    refused(Subvolume::delete_in(File::open(world.path())?, "a"), &ErrorKind::NotEmpty, "subvolumes in it");
    assert_eq!(witness(&world)?.len(), 2);
    Ok(())
}

fn the_top_level_and_the_default_are_refused() -> Result<()> {
    let world = world(&["a", "a/default"])?;
    let filesystem = Filesystem::open(world.path())?;
    refused(filesystem.delete_subvolume(SubvolumeId::TOP_LEVEL), &ErrorKind::InvalidArgument, "top level");
    refused(filesystem.plan_deletion(SubvolumeId::TOP_LEVEL, Nested::Delete), &ErrorKind::InvalidArgument, "top level");
    let default = id(&world, "a/default")?;
    let plan = filesystem.plan_deletion(id(&world, "a")?, Nested::Delete)?;
    world.btrfs(&["subvolume", "set-default"], "a/default")?;
    refused(filesystem.delete_subvolume(default), &ErrorKind::Busy, "default subvolume");
    refused(Subvolume::delete_in(File::open(world.join("a"))?, "default"), &ErrorKind::Busy, "default subvolume");
    refused(filesystem.plan_deletion(default, Nested::Refuse), &ErrorKind::Busy, "default subvolume");
    refused(filesystem.plan_deletion(id(&world, "a")?, Nested::Delete), &ErrorKind::Busy, "default subvolume");
    // Made the default after the plan was made.
    refused(plan.execute().collect::<btrfs::Result<Vec<_>>>(), &ErrorKind::Busy, "default subvolume");
    assert_eq!(witness(&world)?.len(), 2);
    Ok(())
}

fn what_is_mounted_is_refused() -> Result<()> {
    let world = world(&["a", "a/mounted", "bound", "over-itself"])?;
    let filesystem = Filesystem::open(world.path())?;
    let nothing = None::<&str>;
    fs::create_dir_all(world.join("bound/d"))?;
    for place in ["by-option", "by-bind"] {
        fs::create_dir(world.join(place))?;
    }
    mount(Some(world.device(0)), &world.join("by-option"), Some("btrfs"), MsFlags::empty(), Some("subvol=a/mounted"))?;
    mount(Some(&world.join("bound/d")), &world.join("by-bind"), nothing, MsFlags::MS_BIND, nothing)?;
    let itself = world.join("over-itself");
    mount(Some(&itself), &itself, nothing, MsFlags::MS_BIND, nothing)?;
    for (parent, name, place) in
        [("a", "mounted", "by-option"), ("", "bound", "by-bind"), ("", "over-itself", "mounted")]
    {
        let id = Subvolume::open_in(File::open(world.join(parent))?, name)?.id()?;
        let by_name = Subvolume::delete_in(File::open(world.join(parent))?, name);
        refused(by_name, &ErrorKind::Busy, place);
        refused(filesystem.delete_subvolume(id), &ErrorKind::Busy, "mounted on");
        refused(filesystem.plan_deletion(id, Nested::Delete), &ErrorKind::Busy, "mounted on");
    }
    refused(filesystem.plan_deletion(id(&world, "a")?, Nested::Delete), &ErrorKind::Busy, "by-option");
    assert_eq!(witness(&world)?.len(), 4);
    for place in ["by-option", "by-bind", "over-itself"] {
        umount(&world.join(place))?;
    }
    assert_eq!(filesystem.plan_deletion(id(&world, "a")?, Nested::Delete)?.execute().count(), 2);
    Ok(())
}

fn a_mount_over_it_is_refused() -> Result<()> {
    let world = world(&["a", "b"])?;
    let other = self::world(&["x"])?;
    let (nothing, covered) = (None::<&str>, world.join("a"));
    // Of another filesystem, whose subvolume has the id of one of ours.
    assert_eq!(id(&other, "x")?, id(&world, "a")?);
    mount(Some(&other.join("x")), &covered, nothing, MsFlags::MS_BIND, nothing)?;
    refused(Subvolume::delete_in(File::open(world.path())?, "a"), &ErrorKind::Busy, "something is mounted there");
    umount(&covered)?;
    mount(Some(&world.join("b")), &covered, nothing, MsFlags::MS_BIND, nothing)?;
    refused(Subvolume::delete_in(File::open(world.path())?, "a"), &ErrorKind::Busy, "something is mounted there");
    umount(&covered)?;
    assert_eq!((witness(&world)?.len(), witness(&other)?.len()), (2, 1));
    Ok(())
}

fn only_its_owner_may_and_only_if_the_mount_says_so() -> Result<()> {
    let world = world(&["home/own", "home/root-s"])?;
    for path in ["home", "home/own"] {
        chown(world.join(path), Some(NOBODY), Some(NOBODY))?;
    }
    let try_all = || {
        let parent = File::open(world.join("home")).expect("readable");
        let filesystem = Filesystem::open(world.path()).expect("readable");
        let id = Subvolume::open_in(&parent, "own").and_then(|own| own.id()).expect("readable");
        refused(filesystem.plan_deletion(id, Nested::Delete), &ErrorKind::PermissionDenied, "CAP_SYS_ADMIN");
        refused(Subvolume::delete_in(&parent, "root-s"), &ErrorKind::PermissionDenied, "user_subvol_rm_allowed");
        Ok(Subvolume::delete_in(&parent, "own"))
    };
    refused(unprivileged(try_all)?, &ErrorKind::PermissionDenied, "user_subvol_rm_allowed");
    assert_eq!(witness(&world)?, ["home/own", "home/root-s"]);
    world.umount()?;
    world.mount("user_subvol_rm_allowed")?;
    unprivileged(try_all)??;
    assert_eq!(witness(&world)?, ["home/root-s"]);
    Ok(())
}

fn a_read_only_filesystem_is_refused() -> Result<()> {
    let world = world(&["a"])?;
    world.umount()?;
    world.mount("ro")?;
    let filesystem = Filesystem::open(world.path())?;
    refused(filesystem.delete_subvolume(id(&world, "a")?), &ErrorKind::ReadOnly, "mounted read-only");
    Ok(())
}

fn a_plan_is_shown_and_then_done_deepest_first() -> Result<()> {
    let world = world(&["a", "a/b", "a/d/c", "a/d/c/e/f", "kept", "kept/a"])?;
    world.btrfs(&["subvolume", "snapshot", "-r", &world.join("kept").to_string_lossy()], "a/b/snapshot")?;
    // Made before `a`, moved into it.
    world.btrfs(&["subvolume", "create"], "moved")?;
    fs::rename(world.join("moved"), world.join("a/b/moved"))?;
    let filesystem = Filesystem::open(world.join("kept"))?;
    let target = id(&world, "a")?;
    let plan = filesystem.plan_deletion(target, Nested::Delete)?;
    let planned = plan.steps().to_vec();
    assert_eq!(planned.len(), 6);
    for (index, step) in planned.iter().enumerate() {
        assert!(planned[index..].iter().all(|later| later == step || !later.path.starts_with(&step.path)));
        let open = Subvolume::open(world.join(&step.path))?.info()?;
        assert_eq!((open.id, open.uuid), (step.id, step.uuid));
        assert_eq!(step.read_only, step.path.ends_with("snapshot"));
        assert!(step.to_string().contains(&step.id.to_string()));
    }
    assert_eq!(planned.last().map(|step| step.id), Some(target));
    // Planning has changed nothing, and neither does making it ready.
    let before = witness(&world)?;
    assert_eq!(before.len(), 8);
    let mut deletion = plan.execute();
    assert_eq!(witness(&world)?, before);
    assert_eq!(paths(deletion.remaining()), paths(&planned));
    for (index, step) in planned.iter().enumerate() {
        assert_eq!(deletion.next().context("ended")??, *step);
        assert_eq!(witness(&world)?.len(), before.len() - index - 1);
        assert_eq!(deletion.remaining().len(), planned.len() - index - 1);
    }
    assert!(deletion.next().is_none());
    assert_eq!(witness(&world)?, ["kept", "kept/a"]);
    refused(filesystem.plan_deletion(target, Nested::Delete), &ErrorKind::NotFound, "subvolume");
    Ok(())
}

fn a_plan_for_one_refuses_those_in_it() -> Result<()> {
    let world = world(&["a", "a/b", "single"])?;
    let filesystem = Filesystem::open(world.path())?;
    refused(filesystem.plan_deletion(id(&world, "a")?, Nested::Refuse), &ErrorKind::NotEmpty, "\"a/b\"");
    let plan = filesystem.plan_deletion(id(&world, "single")?, Nested::Refuse)?;
    assert_eq!(paths(plan.steps()), [Path::new("single")]);
    assert_eq!(plan.execute().collect::<btrfs::Result<Vec<_>>>()?.len(), 1);
    assert_eq!(witness(&world)?, ["a", "a/b"]);
    Ok(())
}

fn what_was_replaced_since_the_plan_is_left_alone() -> Result<()> {
    let world = world(&["a", "a/b", "a/c"])?;
    let filesystem = Filesystem::open(world.path())?;
    for replaced in ["a/c", "a/b"] {
        let plan = filesystem.plan_deletion(id(&world, "a")?, Nested::Delete)?;
        world.btrfs(&["subvolume", "delete"], replaced)?;
        world.btrfs(&["subvolume", "create"], replaced)?;
        let mut deletion = plan.execute();
        refused(deletion.next().context("ended")?, &ErrorKind::Raced, replaced);
        assert_eq!(deletion.remaining().len(), 3);
        assert!(deletion.next().is_none());
        assert_eq!(witness(&world)?.len(), 3);
    }
    let plan = filesystem.plan_deletion(id(&world, "a/b")?, Nested::Delete)?;
    world.btrfs(&["subvolume", "delete"], "a/b")?;
    refused(plan.execute().next().context("ended")?, &ErrorKind::Raced, "not there any more");
    Ok(())
}

fn what_was_renamed_since_the_plan_is_left_alone() -> Result<()> {
    let world = world(&["a", "a/b", "a/d/c"])?;
    let filesystem = Filesystem::open(world.path())?;
    for (from, to) in [("a/d", "a/e"), ("a/b", "outside"), ("a", "z")] {
        let plan = filesystem.plan_deletion(id(&world, "a")?, Nested::Delete)?;
        fs::rename(world.join(from), world.join(to))?;
        refused(plan.execute().next().context("ended")?, &ErrorKind::Raced, "new plan");
        assert_eq!(witness(&world)?.len(), 3);
    }
    Ok(())
}

fn what_came_since_the_plan_stops_it() -> Result<()> {
    let world = world(&["a", "a/b"])?;
    let filesystem = Filesystem::open(world.path())?;
    let plan = filesystem.plan_deletion(id(&world, "a")?, Nested::Delete)?;
    world.btrfs(&["subvolume", "create"], "a/b/new")?;
    refused(plan.execute().next().context("ended")?, &ErrorKind::Raced, "a/b/new");
    assert_eq!(witness(&world)?.len(), 3);
    Ok(())
}

fn what_comes_while_it_is_done_stops_it() -> Result<()> {
    let world = world(&["a", "a/b", "a/c"])?;
    let filesystem = Filesystem::open(world.path())?;
    let mut deletion = filesystem.plan_deletion(id(&world, "a")?, Nested::Delete)?.execute();
    let first = deletion.next().context("ended")??;
    // The one that is next is renamed; another takes its name.
    let next = deletion.remaining().next().context("ended")?.path.clone();
    fs::rename(world.join(&next), world.join("saved"))?;
    world.btrfs(&["subvolume", "create"], &next)?;
    refused(deletion.next().context("ended")?, &ErrorKind::Raced, "\"saved\"");
    assert!(deletion.next().is_none());
    assert_eq!(deletion.remaining().len(), 2);
    assert_eq!(witness(&world)?.len(), 3);
    assert_ne!(first.path, next);

    // Something new in the last one: the kernel itself refuses.
    let mut deletion = filesystem.plan_deletion(id(&world, "a")?, Nested::Delete)?.execute();
    deletion.next().context("ended")??;
    world.btrfs(&["subvolume", "create"], "a/new")?;
    refused(deletion.next().context("ended")?, &ErrorKind::NotEmpty, "subvolumes in it");
    assert!(world.join("a/file").exists());
    Ok(())
}
