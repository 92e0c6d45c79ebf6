//! Finding subvolumes by id and by UUID.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use btrfs::{ErrorKind, Filesystem, Subvolume, SubvolumeId};
use testbed::World;
use testbed::harness::Test;
use uuid::Uuid;

use crate::subvolumes::list::entries;
use crate::witness::{refused, same_as_shown, show};

pub(crate) const TESTS: &[Test] = testbed::tests![
    each_id_answers_for_its_own_subvolume,
    the_top_level_has_an_empty_path,
    an_id_that_is_none_is_not_found,
    a_deleted_subvolume_is_found_but_has_no_path,
    a_uuid_leads_to_its_subvolume,
    a_received_uuid_leads_to_all_that_came_of_it,
];

fn each_id_answers_for_its_own_subvolume() -> Result<()> {
    let world = World::small()?;
    let paths = ["a", "a/d/e/b", "late", "snapshot"];
    world.btrfs(&["subvolume", "create"], "a")?;
    fs::create_dir_all(world.join("a/d/e"))?;
    world.btrfs(&["subvolume", "create"], "a/d/e/b")?;
    world.btrfs(&["subvolume", "create"], "late")?;
    world.btrfs(&["subvolume", "snapshot", "-r", &world.join("a").to_string_lossy()], "snapshot")?;
    world.btrfs(&["filesystem", "sync"], "")?;
    // The filesystem is open by one subvolume, and asked for all of them.
    for opened_by in paths {
        let filesystem = Filesystem::open(world.join(opened_by))?;
        for path in paths {
            let id = Subvolume::open(world.join(path))?.id()?;
            let entry = filesystem.subvolume(id)?;
            assert_eq!(entry.info.id, id);
            assert_eq!(entry.path(), Some(Path::new(path)));
            same_as_shown(&entry.info, &world, path)?;
            let resolved = world.btrfs(&["inspect-internal", "subvolid-resolve", &id.to_string()], "")?;
            assert_eq!(filesystem.subvolume_path(id)?.as_os_str(), resolved.trim_end());
            // After a commit the tree of trees says what the open subvolume says.
            assert_eq!(entry.info, Subvolume::open(world.join(path))?.info()?);
        }
    }
    Ok(())
}

fn the_top_level_has_an_empty_path() -> Result<()> {
    let world = World::small()?;
    let filesystem = Filesystem::open(world.path())?;
    let top = filesystem.subvolume(SubvolumeId::TOP_LEVEL)?;
    assert_eq!((top.path(), top.is_deleted()), (Some(Path::new("")), false));
    same_as_shown(&top.info, &world, "")
}

fn an_id_that_is_none_is_not_found() -> Result<()> {
    let world = World::small()?;
    let filesystem = Filesystem::open(world.path())?;
    // The second is a tree of the filesystem's own; the last is where the kernel notes down orphans.
    for id in [0, 9, 256, 1 << 40, u64::MAX - 255, u64::MAX - 4] {
        refused(filesystem.subvolume(SubvolumeId(id)), &ErrorKind::NotFound, "no subvolume of this id");
        refused(filesystem.subvolume_path(SubvolumeId(id)), &ErrorKind::NotFound, "no subvolume of this id");
    }
    Ok(())
}

fn a_deleted_subvolume_is_found_but_has_no_path() -> Result<()> {
    let world = World::small()?;
    world.btrfs(&["subvolume", "create"], "a")?;
    let filesystem = Filesystem::open(world.path())?;
    let open = Subvolume::open(world.join("a"))?;
    let (id, uuid) = (open.id()?, open.info()?.uuid.context("no UUID")?);
    world.btrfs(&["subvolume", "delete"], "a")?;
    assert!(filesystem.subvolume(id)?.is_deleted());
    refused(filesystem.subvolume_path(id), &ErrorKind::NotFound, "was deleted");
    refused(filesystem.subvolume_by_uuid(uuid), &ErrorKind::NotFound, "no subvolume has this UUID");
    drop(open);
    filesystem.cleaning([id])?.wait(std::time::Duration::from_secs(20))?;
    refused(filesystem.subvolume(id), &ErrorKind::NotFound, "no subvolume of this id");
    Ok(())
}

fn a_uuid_leads_to_its_subvolume() -> Result<()> {
    let world = World::small()?;
    let filesystem = Filesystem::open(world.path())?;
    for name in ["a", "b", "c"] {
        world.btrfs(&["subvolume", "create"], name)?;
    }
    for name in ["a", "b", "c"] {
        let uuid: Uuid = show(&world, name)?["UUID"].parse()?;
        assert_eq!(filesystem.subvolume_by_uuid(uuid)?.path(), Some(Path::new(name)));
        // No half of it will do.
        let (first, second) = uuid.as_u64_pair();
        let turned = Uuid::from_u64_pair(second, first);
        refused(filesystem.subvolume_by_uuid(turned), &ErrorKind::NotFound, "no subvolume has this UUID");
    }
    Ok(())
}

fn a_received_uuid_leads_to_all_that_came_of_it() -> Result<()> {
    let world = World::small()?;
    let filesystem = Filesystem::open(world.path())?;
    let path = |name: &str| world.join(name).to_string_lossy().into_owned();
    world.btrfs(&["subvolume", "create"], "a")?;
    world.btrfs(&["subvolume", "snapshot", "-r", &path("a")], "sent")?;
    world.btrfs(&["send", "-q", "-f", &path("stream")], "sent")?;
    let sent = Subvolume::open(world.join("sent"))?.info()?.uuid.context("no UUID")?;
    assert_eq!(filesystem.subvolumes_by_received_uuid(sent)?, []);
    for place in ["1", "2", "3"] {
        fs::create_dir(world.join(place))?;
        world.btrfs(&["receive", "-q", "-f", &path("stream")], place)?;
    }
    world.btrfs(&["subvolume", "snapshot", "-r", &path("1/sent")], "of-1")?;
    // A writable snapshot does not count as received, nor does what was made writable.
    world.btrfs(&["subvolume", "snapshot", &path("1/sent")], "writable")?;
    testbed::command::run("btrfs", ["property", "set", "-f", "-ts", &path("3/sent"), "ro", "false"])?;
    let found = filesystem.subvolumes_by_received_uuid(sent)?;
    let found: BTreeSet<_> = found.iter().filter_map(|entry| Some(entry.path()?.to_owned())).collect();
    let expected: BTreeSet<_> = entries(&world)?
        .iter()
        .filter(|entry| entry.info.received_uuid == Some(sent))
        .filter_map(|entry| Some(entry.path()?.to_owned()))
        .collect();
    assert_eq!(found, expected);
    let listed = world.btrfs(&["subvolume", "list", "-R"], "")?;
    let witness = listed.lines().filter(|line| line.contains(&format!("received_uuid {sent}")));
    let witness: BTreeSet<_> = witness.filter_map(|line| Some(line.split_once(" path ")?.1.into())).collect();
    assert_eq!(found, witness);
    assert_eq!(found, ["1/sent", "2/sent", "of-1"].map(Into::into).into());
    Ok(())
}
