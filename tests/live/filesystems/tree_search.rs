//! Walking over trees, held against `btrfs inspect-internal dump-tree`.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use anyhow::{Context, Result, ensure};
use btrfs::item::Chunk;
use btrfs::key::{ItemType, Key};
use btrfs::tree_search::TreeId;
use btrfs::{ErrorKind, Filesystem};
use testbed::harness::Test;
use testbed::{GIB, World, command};

pub(crate) const TESTS: &[Test] = testbed::tests![
    items_are_those_that_the_witness_dumps,
    chunks_are_those_that_the_witness_dumps,
    the_largest_item_comes_whole,
    both_ends_are_included_and_nothing_beyond_them,
    nothing_is_seen_twice_or_missed_while_others_write,
    an_unknown_tree_is_an_error,
    nobody_may_not_search,
];

/// Key and length of an item.
type Entry = (Key, usize);

fn dump(world: &World, tree: &str) -> Result<String> {
    let arguments = ["inspect-internal", "dump-tree", "-t", tree].map(std::ffi::OsStr::new);
    command::run("btrfs", arguments.into_iter().chain([world.device(0).as_os_str()]))
}

/// What the witness says: `item 3 key (257 DIR_ITEM 12345) itemoff 16000 itemsize 30`.
fn dumped(text: &str) -> Result<Vec<Entry>> {
    let items = text.lines().map(str::trim).filter(|line| line.starts_with("item "));
    items
        .map(|line| {
            let (_, rest) = line.split_once("key (").context("no key")?;
            let (key, rest) = rest.split_once(')').context("no end of the key")?;
            let size = rest.rsplit(' ').next().context("no size")?.parse()?;
            let words: Vec<_> = key.split(' ').collect();
            let [objectid, name, offset] = words[..] else { anyhow::bail!("{key:?} is no key") };
            let item_type = match name {
                "INODE_ITEM" => 1,
                "INODE_REF" => 12,
                "XATTR_ITEM" => 24,
                "DIR_ITEM" => 84,
                "DIR_INDEX" => 96,
                "EXTENT_DATA" => 108,
                "EXTENT_ITEM" => 168,
                "METADATA_ITEM" => 169,
                "BLOCK_GROUP_ITEM" => 192,
                other => anyhow::bail!("the test does not know the item type {other}"),
            };
            Ok((Key::new(objectid.parse()?, ItemType(item_type), offset.parse()?), size))
        })
        .collect()
}

fn found(filesystem: &Filesystem, tree: TreeId, first: Key, last: Key) -> Result<Vec<Entry>> {
    let mut search = filesystem.search(tree, first, last);
    let mut found = Vec::new();
    while let Some(item) = search.next_item()? {
        found.push((item.key, item.data.len()));
    }
    Ok(found)
}

fn items_are_those_that_the_witness_dumps() -> Result<()> {
    let world = World::small()?;
    let filesystem = Filesystem::open(world.path())?;
    for number in 0..3000 {
        fs::write(world.join(format!("a file with a rather long name, of which there are many, {number}")), "text")?;
    }
    filesystem.sync()?;
    for (tree, name) in [(TreeId(5), "5"), (TreeId::EXTENT, "2")] {
        let theirs = dumped(&dump(&world, name)?)?;
        let ours = found(&filesystem, tree, Key::MIN, Key::MAX)?;
        assert!(ours == theirs, "tree {name}: {} items of ours, {} of theirs", ours.len(), theirs.len());
    }
    let ours = found(&filesystem, TreeId(5), Key::MIN, Key::MAX)?;
    let bytes: usize = ours.iter().map(|(_, length)| length + 32).sum();
    assert!(bytes > 10 * 64 * 1024, "{bytes} bytes are too few to fill the buffer often");
    Ok(())
}

fn chunks_are_those_that_the_witness_dumps() -> Result<()> {
    let world = World::new(&[GIB; 4], &["-draid10", "-mraid1c3"])?;
    let filesystem = Filesystem::open(world.path())?;
    let mut ours = Vec::new();
    let mut search = filesystem.search(TreeId::CHUNK, Key::MIN, Key::MAX);
    while let Some(item) = search.next_item()? {
        if item.key.item_type == ItemType::CHUNK_ITEM {
            let chunk = Chunk::parse(item.data)?;
            let kind = chunk.flags.to_string().replace(", ", "|").to_uppercase();
            ours.push(format!("length {} owner 2 stripe_len {} type {kind}", chunk.length, chunk.stripe_len));
            ours.push(format!("num_stripes {} sub_stripes {}", chunk.stripes.len(), chunk.sub_stripes));
            for (number, stripe) in chunk.stripes.iter().enumerate() {
                ours.push(format!("stripe {number} devid {} offset {}", stripe.devid, stripe.offset));
                ours.push(format!("dev_uuid {}", stripe.uuid.context("a stripe without a device")?));
            }
        }
    }
    let text = dump(&world, "3")?;
    let theirs: Vec<_> = text
        .lines()
        .map(str::trim)
        .filter(|line| ["length ", "num_stripes ", "stripe ", "dev_uuid "].iter().any(|start| line.starts_with(start)))
        .collect();
    assert_eq!(ours, theirs);
    Ok(())
}

fn the_largest_item_comes_whole() -> Result<()> {
    let world = World::new(&[GIB], &["--nodesize", "65536"])?;
    let filesystem = Filesystem::open(world.path())?;
    let file = world.join("file");
    fs::write(&file, "")?;
    // Values as large as the kernel takes them; each is an item by itself.
    let value: Vec<u8> = (0..65_000u32).map(|number| number.to_le_bytes()[0]).collect();
    for number in 0..10 {
        xattr::set(&file, format!("user.large-{number}"), &value)?;
    }
    filesystem.sync()?;
    let mut search = filesystem.search(TreeId(5), Key::MIN, Key::MAX);
    let mut large = 0;
    while let Some(item) = search.next_item()? {
        if item.key.item_type == ItemType(24) {
            assert!(item.data.ends_with(&value), "{}", item.key.offset);
            large += 1;
        }
    }
    assert_eq!(large, 10);
    Ok(())
}

fn both_ends_are_included_and_nothing_beyond_them() -> Result<()> {
    let world = World::small()?;
    let filesystem = Filesystem::open(world.path())?;
    for number in 0..50 {
        fs::write(world.join(format!("file-{number}")), "text")?;
    }
    filesystem.sync()?;
    let all = dumped(&dump(&world, "5")?)?;
    let tree = TreeId(5);
    for (index, (key, _)) in all.iter().enumerate() {
        assert_eq!(found(&filesystem, tree, *key, *key)?, all[index..=index]);
        let next = key.next().context("the greatest key is taken")?;
        assert_eq!(found(&filesystem, tree, next, all[all.len() - 1].0)?, all[index + 1..]);
        assert_eq!(found(&filesystem, tree, Key::MIN, *key)?, all[..=index]);
    }
    assert_eq!(found(&filesystem, tree, all[5].0, all[4].0)?, []);
    Ok(())
}

fn nothing_is_seen_twice_or_missed_while_others_write() -> Result<()> {
    let world = World::small()?;
    let filesystem = Filesystem::open(world.path())?;
    fs::create_dir(world.join("still"))?;
    for number in 0..2000 {
        fs::write(world.join(format!("still/a name that stays there all the while, number {number}")), "text")?;
    }
    fs::create_dir(world.join("busy"))?;
    let is_inode = |entry: &&Entry| entry.0.item_type == ItemType::INODE_ITEM;
    let last = found(&filesystem, TreeId(5), Key::MIN, Key::MAX)?.iter().filter(is_inode).map(|e| e.0).max();
    let last = last.context("no inode")?;
    let done = AtomicBool::new(false);
    thread::scope(|scope| -> Result<()> {
        let writing = scope.spawn(|| -> Result<u32> {
            let mut count = 0;
            while !done.load(Ordering::Relaxed) {
                let path = world.join(format!("busy/{}", count % 100));
                if path.exists() {
                    fs::remove_file(path)?
                } else {
                    fs::write(path, "text")?
                }
                count += 1;
            }
            Ok(count)
        });
        let walk = || -> Result<()> {
            for _ in 0..50 {
                let seen = found(&filesystem, TreeId(5), Key::MIN, Key::MAX)?;
                ensure!(seen.is_sorted_by(|one, next| one.0 < next.0), "an item twice, or out of order");
                // The top directory, the two in it and the 2000 files.
                let inodes = seen.iter().filter(is_inode).filter(|entry| entry.0 <= last).count();
                ensure!(inodes == 2003, "{inodes} inodes of 2003");
            }
            Ok(())
        };
        let walked = walk();
        done.store(true, Ordering::Relaxed);
        let written = writing.join().expect("the thread writes")?;
        ensure!(written > 1000, "only {written} changes meanwhile: too few to tell");
        walked
    })
}

fn an_unknown_tree_is_an_error() -> Result<()> {
    let world = World::small()?;
    let filesystem = Filesystem::open(world.path())?;
    let error = found(&filesystem, TreeId(999_999), Key::MIN, Key::MAX).unwrap_err();
    let error = error.downcast::<btrfs::Error>()?;
    assert_eq!(error.kind(), &ErrorKind::NotFound);
    let text = error.to_string();
    assert!(text.contains("999999") && text.contains("BTRFS_IOC_TREE_SEARCH_V2"), "{text}");
    Ok(())
}

fn nobody_may_not_search() -> Result<()> {
    let world = World::small()?;
    let filesystem = Filesystem::open(world.path())?;
    let error =
        testbed::unprivileged(|| Ok(filesystem.search(TreeId::ROOT, Key::MIN, Key::MAX).next_item().unwrap_err()))?;
    assert_eq!(error.kind(), &ErrorKind::PermissionDenied);
    assert!(error.to_string().contains("CAP_SYS_ADMIN"), "{error}");
    Ok(())
}
