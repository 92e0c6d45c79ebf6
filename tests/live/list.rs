//! Listing subvolumes.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result};
use btrfs::{Filesystem, SubvolumeEntry};
use testbed::World;
use testbed::harness::Test;

pub(crate) const TESTS: &[Test] =
    testbed::tests![the_listing_says_what_btrfs_progs_says, a_deleted_subvolume_is_told_apart];

/// What the library lists.
fn entries(world: &World) -> Result<Vec<SubvolumeEntry>> {
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
