//! Listing subvolumes without privileges.

use std::collections::BTreeSet;
use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::Result;
use btrfs::subvolume::CreateOptions;
use btrfs::{Error, ErrorKind, Filesystem, SubvolumeEntry, SubvolumeId};
use nix::mount::{MsFlags, mount, umount};
use testbed::harness::Test;
use testbed::{World, unprivileged};

use crate::subvolumes::list::entries;
use crate::witness::{refused, same_as_shown};

pub(crate) const TESTS: &[Test] = testbed::tests![
    nobody_sees_what_root_sees,
    more_than_a_page_of_subvolumes_is_listed,
    what_can_t_be_entered_is_said,
    the_walk_begins_where_the_caller_stands,
    a_mount_over_a_subvolume_is_not_walked_into,
    a_file_and_a_bound_directory_are_refused,
];

fn walk(path: &Path) -> Result<(Vec<SubvolumeEntry>, Vec<Error>)> {
    let (mut entries, mut errors) = (Vec::new(), Vec::new());
    for result in Filesystem::open(path)?.reachable_subvolumes()? {
        match result {
            Ok(entry) => entries.push(entry),
            Err(error) => errors.push(error),
        }
    }
    Ok((entries, errors))
}

fn places<'a>(entries: impl IntoIterator<Item = &'a SubvolumeEntry>) -> BTreeSet<(SubvolumeId, PathBuf)> {
    entries.into_iter().filter_map(|entry| Some((entry.info.id, entry.path()?.to_owned()))).collect()
}

/// A filesystem with subvolumes in directories and in each other.
fn world() -> Result<World> {
    let world = World::small()?;
    for path in ["a", "a/d/b", "a/d/b/c", "d/e/f", "two words", "a/d/b/é"] {
        if let Some(parent) = Path::new(path).parent() {
            fs::create_dir_all(world.join(parent))?;
        }
        world.btrfs(&["subvolume", "create"], path)?;
    }
    world.btrfs(&["subvolume", "snapshot", "-r", &world.join("a").to_string_lossy()], "snapshot")?;
    Ok(world)
}

fn nobody_sees_what_root_sees() -> Result<()> {
    let world = world()?;
    world.btrfs(&["subvolume", "create"], "gone")?;
    let held = File::create(world.join("gone/file"))?;
    world.btrfs(&["subvolume", "delete"], "gone")?;
    let all = entries(&world)?;
    for (found, errors) in [walk(world.path())?, unprivileged(|| walk(world.path()))?] {
        assert!(errors.is_empty(), "{errors:?}");
        assert_eq!(places(&found), places(&all));
        assert_eq!(found.len(), 7, "none twice");
        for entry in &found {
            same_as_shown(&entry.info, &world, entry.path().expect("a path"))?;
        }
        // Each comes before those in it.
        for (index, entry) in found.iter().enumerate() {
            let earlier: Vec<_> = found[..index].iter().map(|entry| entry.info.id).collect();
            let parent = entry.info.parent_id.expect("a parent");
            assert!(parent == SubvolumeId::TOP_LEVEL || earlier.contains(&parent));
        }
    }
    drop(held);
    Ok(())
}

fn more_than_a_page_of_subvolumes_is_listed() -> Result<()> {
    let world = World::small()?;
    let parent = File::open(world.path())?;
    // The kernel answers with 255 at a time.
    for (count, total) in [(255, 255), (1, 256), (255, 511)] {
        for number in 0..count {
            CreateOptions::new().create(&parent, format!("{total}-{number}"))?;
        }
        let (found, errors) = unprivileged(|| walk(world.path()))?;
        assert!(errors.is_empty(), "{errors:?}");
        assert_eq!(found.len(), total);
        assert_eq!(places(&found), places(&entries(&world)?));
    }
    Ok(())
}

fn what_can_t_be_entered_is_said() -> Result<()> {
    let world = world()?;
    let closed = |path: &str| fs::set_permissions(world.join(path), Permissions::from_mode(0o700));
    closed("d/e")?;
    closed("a/d/b")?;
    let (found, errors) = unprivileged(|| walk(world.path()))?;
    let paths: Vec<_> = found.iter().filter_map(SubvolumeEntry::path).collect();
    assert_eq!(paths, [Path::new("a"), Path::new("two words"), Path::new("snapshot")]);
    // Those in `b` are not known to be there: that `b` can't be entered is all that can be said.
    assert_eq!(errors.len(), 2, "{errors:?}");
    for (error, says) in errors.into_iter().zip(["a/d/b", "subvolume 259"]) {
        assert!(error.to_string().contains(says), "{error}");
        refused(Err::<(), _>(error), &ErrorKind::PermissionDenied, "can't be entered");
    }
    Ok(())
}

fn the_walk_begins_where_the_caller_stands() -> Result<()> {
    let world = world()?;
    fs::create_dir_all(world.join("a/d/x/y"))?;
    for start in ["a", "a/d", "a/d/x/y"] {
        let reachable = Filesystem::open(world.join(start))?.reachable_subvolumes()?;
        assert_eq!(reachable.base().path(), world.join("a"));
        let (found, errors) = unprivileged(|| walk(&world.join(start)))?;
        assert!(errors.is_empty(), "{errors:?}");
        let paths: Vec<_> = found.iter().filter_map(SubvolumeEntry::path).collect();
        assert_eq!(paths, [Path::new("d/b"), Path::new("d/b/c"), Path::new("d/b/é")]);
    }
    Ok(())
}

fn a_mount_over_a_subvolume_is_not_walked_into() -> Result<()> {
    let (world, other) = (world()?, world()?);
    let (nothing, covered) = (None::<&str>, world.join("a"));
    mount(Some(other.path()), &covered, nothing, MsFlags::MS_BIND, nothing)?;
    let (found, errors) = walk(world.path())?;
    umount(&covered)?;
    let paths: Vec<_> = found.iter().filter_map(SubvolumeEntry::path).collect();
    assert_eq!(paths, [Path::new("d/e/f"), Path::new("two words"), Path::new("snapshot")]);
    assert_eq!(errors.len(), 1, "{errors:?}");
    for error in errors {
        refused(Err::<(), _>(error), &ErrorKind::DifferentFilesystem, "mounted over it");
    }
    Ok(())
}

fn a_file_and_a_bound_directory_are_refused() -> Result<()> {
    let world = world()?;
    File::create(world.join("file"))?;
    refused(Filesystem::open(world.join("file"))?.reachable_subvolumes(), &ErrorKind::NotDirectory, "");
    let nothing = None::<&str>;
    fs::create_dir(world.join("bound"))?;
    mount(Some(&world.join("d/e")), &world.join("bound"), nothing, MsFlags::MS_BIND, nothing)?;
    let filesystem = Filesystem::open(world.join("bound"))?;
    refused(filesystem.reachable_subvolumes(), &ErrorKind::NotSubvolume, "not the root of a subvolume");
    drop(filesystem);
    Ok(umount(&world.join("bound"))?)
}
