//! Listing all subvolumes.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use btrfs::subvolume::CreateOptions;
use btrfs::{ErrorKind, Filesystem, Subvolume, SubvolumeEntry};
use testbed::harness::Test;
use testbed::{World, command, unprivileged};

use crate::witness::refused;

pub(crate) const TESTS: &[Test] = testbed::tests![
    the_listing_says_what_btrfs_progs_says,
    a_deleted_subvolume_is_told_apart,
    names_are_bytes_and_no_slash_is_doubled,
    a_path_may_be_longer_than_a_system_call_takes,
    thousands_are_listed_each_once,
    an_empty_filesystem_has_none,
    who_may_not_list_all_is_told_what_else_there_is,
    no_descriptor_is_left_open,
];

/// What the library lists.
pub(crate) fn entries(world: &World) -> Result<Vec<SubvolumeEntry>> {
    Ok(Filesystem::open(world.path())?.subvolumes()?.collect::<btrfs::Result<_>>()?)
}

/// What `btrfs subvolume list` says, field by field: `ID 257 gen 7 cgen 7 parent 5 top level 5 … path a/b`.
fn witness(world: &World) -> Result<Vec<BTreeMap<String, String>>> {
    let listed = world.btrfs(&["subvolume", "list", "-p", "-c", "-u", "-q", "-R"], "")?;
    listed
        .lines()
        .map(|line| {
            let (line, path) = line.split_once(" path ").with_context(|| line.to_owned())?;
            let line = line.replace("top level", "top_level");
            let words: Vec<&str> = line.split_whitespace().collect();
            let fields = words.chunks(2).map(|pair| (pair[0].to_owned(), pair[1].to_owned()));
            Ok(fields.chain([("path".to_owned(), path.to_owned())]).collect())
        })
        .collect()
}

fn the_listing_says_what_btrfs_progs_says() -> Result<()> {
    let world = World::small()?;
    for directory in ["d/e", "received"] {
        fs::create_dir_all(world.join(directory))?;
    }
    world.btrfs(&["subvolume", "create"], "a")?;
    fs::create_dir_all(world.join("a/d/e"))?;
    world.btrfs(&["subvolume", "create"], "a/d/e/b")?;
    world.btrfs(&["subvolume", "create"], "d/e/c")?;
    let path = |name: &str| world.join(name).display().to_string();
    world.btrfs(&["subvolume", "snapshot", "-r", &path("a")], "snapshot")?;
    world.btrfs(&["send", "-q", "-f", &path("stream")], "snapshot")?;
    world.btrfs(&["receive", "-q", "-f", &path("stream")], "received")?;
    // A subvolume in one that was made after it.
    world.btrfs(&["subvolume", "create"], "late")?;
    fs::rename(world.join("a"), world.join("late/a"))?;
    world.btrfs(&["filesystem", "sync"], "")?;

    let (entries, witness) = (entries(&world)?, witness(&world)?);
    assert_eq!(entries.len(), 6);
    assert_eq!(entries.len(), witness.len());
    for (entry, witness) in entries.iter().zip(witness) {
        let info = &entry.info;
        let uuid = |uuid: Option<uuid::Uuid>| uuid.map_or_else(|| "-".to_owned(), |uuid| uuid.to_string());
        let parent = info.parent_id.context("no parent")?.to_string();
        for (field, ours) in [
            ("ID", info.id.to_string()),
            ("gen", info.generation.to_string()),
            ("cgen", info.otransid.to_string()),
            ("parent", parent.clone()),
            ("top_level", parent),
            ("parent_uuid", uuid(info.parent_uuid)),
            ("received_uuid", uuid(info.received_uuid)),
            ("uuid", uuid(info.uuid)),
            ("path", entry.path().context("deleted")?.display().to_string()),
        ] {
            assert_eq!(witness[field], ours, "{field} of {entry:?}");
        }
    }
    Ok(())
}

fn a_deleted_subvolume_is_told_apart() -> Result<()> {
    let world = World::small()?;
    world.btrfs(&["subvolume", "create"], "kept")?;
    world.btrfs(&["subvolume", "create"], "gone")?;
    // An open file keeps the cleaner away from it.
    let held = fs::File::create(world.join("gone/file"))?;
    world.btrfs(&["subvolume", "delete"], "gone")?;
    // Before the commit only the missing name tells; after it, the root item does too.
    for committed in [false, true] {
        if committed {
            world.btrfs(&["filesystem", "sync"], "")?;
        }
        let entries = entries(&world)?;
        let paths: Vec<_> = entries.iter().map(SubvolumeEntry::path).collect();
        assert_eq!(paths, [Some("kept".as_ref()), None], "committed: {committed}");
        assert!(entries[1].is_deleted());
        let deleted = world.btrfs(&["subvolume", "list", "-d"], "")?;
        assert!(deleted.starts_with(&format!("ID {} ", entries[1].info.id)), "{deleted}");
    }
    drop(held);
    Ok(())
}

fn names_are_bytes_and_no_slash_is_doubled() -> Result<()> {
    let world = World::small()?;
    let every_byte: Vec<u8> = (1..=255).filter(|byte| *byte != b'/').collect();
    let mut paths = Vec::new();
    for name in [&[b'x'; 255][..], b"caf\xe9 \xff", b"two\nlines", b"...", b" ", b"-", &every_byte] {
        let name = OsStr::from_bytes(name);
        // In the top level, in a directory of it, in a subvolume, and in a directory of that.
        let directory = Path::new("in").join(name);
        fs::create_dir_all(world.join(&directory))?;
        for parent in [Path::new(""), &directory, Path::new(name), &Path::new(name).join("d").join(name)] {
            fs::create_dir_all(world.join(parent))?;
            let path = parent.join(if parent == Path::new(name) { OsStr::new("inner") } else { name });
            CreateOptions::new().create_at(world.join(&path))?;
            paths.push(path);
        }
    }
    let entries = entries(&world)?;
    assert_eq!(entries.len(), paths.len());
    for (entry, path) in entries.iter().zip(&paths) {
        let found = entry.path().context("deleted")?;
        let serialized = serde_json::to_value(entry)?;
        assert_eq!(serialized["place"]["at"]["Unix"], serde_json::json!(found.as_os_str().as_bytes()));
        // As bytes: a comparison of paths would forgive a doubled slash.
        assert_eq!(found.as_os_str(), path.as_os_str());
        let id = entry.info.id.to_string();
        let resolve = ["inspect-internal".as_ref(), "subvolid-resolve".as_ref(), OsStr::new(&id)];
        let witness = command::output("btrfs", resolve.into_iter().chain([world.path().as_os_str()]))?;
        assert_eq!(witness.stdout, [found.as_os_str().as_bytes(), b"\n"].concat());
    }
    Ok(())
}

fn a_path_may_be_longer_than_a_system_call_takes() -> Result<()> {
    let world = World::small()?;
    let mut path = PathBuf::new();
    let mut parent = Subvolume::open(world.path())?;
    for depth in 0..30 {
        let name = format!("{depth:0>250}");
        CreateOptions::new().create(&parent, &name)?;
        parent = Subvolume::open_in(&parent, &name)?;
        path.push(name);
    }
    let entries = entries(&world)?;
    assert!(path.as_os_str().len() > 7000);
    assert_eq!(entries.last().and_then(SubvolumeEntry::path), Some(&*path));
    assert_eq!(entries.last().map(|entry| entry.info.id), Some(parent.id()?));
    Ok(())
}

fn thousands_are_listed_each_once() -> Result<()> {
    let world = World::small()?;
    let mut expected = BTreeMap::new();
    for (parent, count) in [("", 900), ("directory", 900), ("subvolume", 300), ("subvolume/deep/er", 300)] {
        if parent == "subvolume" {
            let id = CreateOptions::new()
                .create_at(world.join(parent))
                .and_then(|()| Subvolume::open(world.join(parent)))?
                .id()?;
            expected.insert(id, PathBuf::from(parent));
        }
        fs::create_dir_all(world.join(parent))?;
        let directory = fs::File::open(world.join(parent))?;
        for number in 0..count {
            let name = format!("s{number}");
            CreateOptions::new().create(&directory, &name)?;
            expected.insert(Subvolume::open_in(&directory, &name)?.id()?, Path::new(parent).join(name));
        }
    }
    let listed = entries(&world)?;
    let found: Vec<_> = listed.iter().filter_map(|entry| Some((entry.info.id, entry.path()?.to_owned()))).collect();
    assert_eq!(found, expected.into_iter().collect::<Vec<_>>());
    assert_eq!(witness(&world)?.len(), 2401);
    // What is read ahead is let go of with the walk, whose end nobody waits for.
    let filesystem = Filesystem::open(world.path())?;
    let begun = filesystem.subvolumes()?.next().transpose()?.map(|entry| entry.info.id);
    assert_eq!(begun, listed.first().map(|entry| entry.info.id));
    drop(filesystem);
    world.umount()
}

fn an_empty_filesystem_has_none() -> Result<()> {
    let world = World::small()?;
    assert_eq!(entries(&world)?, []);
    let filesystem = Filesystem::open(world.path())?;
    let mut subvolumes = filesystem.subvolumes()?;
    assert!(subvolumes.next().is_none() && subvolumes.next().is_none());
    Ok(())
}

fn who_may_not_list_all_is_told_what_else_there_is() -> Result<()> {
    let world = World::small()?;
    unprivileged(|| {
        let filesystem = Filesystem::open(world.path())?;
        refused(filesystem.subvolumes(), &ErrorKind::PermissionDenied, "CAP_SYS_ADMIN");
        refused(filesystem.subvolumes(), &ErrorKind::PermissionDenied, "can reach");
        Ok(())
    })
}

fn no_descriptor_is_left_open() -> Result<()> {
    let world = World::small()?;
    for path in ["a", "a/b", "a/b/c"] {
        world.btrfs(&["subvolume", "create"], path)?;
    }
    let left = testbed::left_open(|| {
        let filesystem = Filesystem::open(world.path())?;
        assert_eq!(filesystem.subvolumes()?.count(), 3);
        let ids: Vec<_> = filesystem.subvolumes()?.map(|entry| Ok(entry?.info.id)).collect::<btrfs::Result<_>>()?;
        // Left in the middle, too.
        assert!(filesystem.subvolumes()?.next().is_some());
        let mut reachable = filesystem.reachable_subvolumes()?;
        assert_eq!(reachable.by_ref().take(2).count(), 2);
        drop(reachable);
        for id in ids.iter().rev() {
            filesystem.subvolume(*id)?;
            filesystem.delete_subvolume(*id)?;
        }
        filesystem.cleaning(ids)?.poll()?;
        Ok(())
    })?;
    assert!(left.is_empty(), "{left:?}");
    Ok(())
}
