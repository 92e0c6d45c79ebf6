//! Space by type and profile, held against `btrfs filesystem df`, for every profile there is.

use std::collections::BTreeSet;
use std::ffi::OsStr;

use anyhow::{Context, Result, ensure};
use btrfs::item::Chunk;
use btrfs::key::{ItemType, Key};
use btrfs::tree_search::TreeId;
use btrfs::{BlockGroupFlags, BlockGroupType, Filesystem, Profile, Profiles, SpaceInfo};
use testbed::harness::Test;
use testbed::{GIB, MIB, World, command, meanwhile};

pub(crate) const TESTS: &[Test] = testbed::tests![
    every_profile_agrees_with_df,
    mixed_block_groups_agree_with_df,
    the_reserve_is_no_space,
    nobody_may_ask,
    a_running_conversion_shows_neither_phantoms_nor_duplicates,
    the_table_of_profiles_is_what_chunks_are_made_by,
    mkfs_needs_the_devices_that_the_table_says,
];

/// Type and profile, total, used.
type Line = (String, String, u64, u64);

/// What the witness says; the global reserve is its last line.
fn df(world: &World) -> Result<BTreeSet<Line>> {
    let text = world.btrfs(&["filesystem", "df", "-b"], "")?;
    let line = |line: &str| {
        let (kind, rest) = line.split_once(", ")?;
        let (profile, rest) = rest.split_once(": total=")?;
        let (total, used) = rest.split_once(", used=")?;
        Some((kind.to_owned(), profile.to_lowercase(), total.parse().ok()?, used.parse().ok()?))
    };
    text.lines().map(|text| line(text).with_context(|| format!("df says {text:?}"))).collect()
}

fn lines(space: &SpaceInfo) -> Result<BTreeSet<Line>> {
    let reserve = ("GlobalReserve".into(), "single".into(), space.global_reserve.size, space.global_reserve.used);
    let spaces = space.spaces.iter().map(|space| {
        let holds = space.block_group_type().with_context(|| format!("a type not known: {}", space.flags))?;
        let profile = space.profile().with_context(|| format!("a profile not known: {}", space.flags))?;
        Ok((holds.to_string(), profile.to_string(), space.total, space.used))
    });
    spaces.chain([Ok(reserve)]).collect()
}

/// Holds our answer against the witness's, at a moment at which nothing changes.
fn agree(world: &World) -> Result<SpaceInfo> {
    let filesystem = Filesystem::open(world.path())?;
    filesystem.sync()?;
    for _ in 0..20 {
        let ours = filesystem.space()?;
        let theirs = df(world)?;
        if filesystem.space()? == ours {
            assert_eq!(lines(&ours)?, theirs);
            assert_eq!(ours.spaces.len() + 1, theirs.len());
            return Ok(ours);
        }
    }
    anyhow::bail!("the filesystem never rests")
}

fn every_profile_agrees_with_df() -> Result<()> {
    for profile in Profile::ALL {
        let (data, metadata) = (format!("-d{profile}"), format!("-m{profile}"));
        let world = World::new(&[512 * MIB; 4], &[&data, &metadata])?;
        world.fill("file", 4 * MIB)?;
        let space = agree(&world).with_context(|| profile.to_string())?;
        for kind in [BlockGroupType::Data, BlockGroupType::Metadata, BlockGroupType::System] {
            assert_eq!(space.profiles(kind), Profiles::from(*profile), "{kind}");
        }
        let data = BlockGroupFlags::new(BlockGroupType::Data, *profile);
        let data = space.spaces.iter().find(|space| space.flags == data).context("no data")?;
        assert!((4 * MIB..5 * MIB).contains(&data.used), "{data:?}");
    }
    Ok(())
}

fn mixed_block_groups_agree_with_df() -> Result<()> {
    let world = World::new(&[GIB], &["--mixed"])?;
    world.fill("file", 5 * MIB)?;
    let space = agree(&world)?;
    assert!(!space.profiles(BlockGroupType::Mixed).is_empty());
    assert!(space.profiles(BlockGroupType::Data).is_empty());
    Ok(())
}

fn the_reserve_is_no_space() -> Result<()> {
    let world = World::small()?;
    let filesystem = Filesystem::open(world.path())?;
    let space = filesystem.space()?;
    let kernel = |file: &str| -> Result<u64> { Ok(world.sysfs(&format!("allocation/{file}"))?.trim().parse()?) };
    assert_eq!(space.global_reserve.size, kernel("global_rsv_size")?);
    assert_eq!(space.global_reserve.used, kernel("global_rsv_size")? - kernel("global_rsv_reserved")?);
    let total: u64 = space.spaces.iter().map(|space| space.total).sum();
    assert_eq!(total, kernel("data/total_bytes")? + kernel("metadata/total_bytes")? + kernel("system/total_bytes")?);
    Ok(())
}

fn nobody_may_ask() -> Result<()> {
    let world = World::small()?;
    let theirs = df(&world)?;
    let ours = testbed::unprivileged(|| Ok(Filesystem::open(world.path())?.space()?))?;
    assert_eq!(lines(&ours)?, theirs);
    Ok(())
}

fn a_running_conversion_shows_neither_phantoms_nor_duplicates() -> Result<()> {
    let sizes = [512 * MIB; 4];
    let world = World::new(&sizes, &["-draid1", "-mraid1"])?;
    world.fill("file", 64 * MIB)?;
    let filesystem = Filesystem::open(world.path())?;
    let convert = || {
        ["raid0", "raid1c3", "single", "raid10", "raid1"].iter().try_for_each(|target| {
            let (data, metadata) = (format!("-dconvert={target}"), format!("-mconvert={target}"));
            match world.btrfs(&["balance", "start", "-f", &data, &metadata], "") {
                // Not every conversion finds room on every kernel, which is not the matter here.
                Err(error) if error.to_string().contains("No space left on device") => Ok(()),
                result => result.map(drop),
            }
        })
    };
    let mut side_by_side = 0;
    let answers = meanwhile(convert, || {
        let space = filesystem.space()?;
        let sorts: BTreeSet<u64> = space.spaces.iter().map(|space| space.flags.bits()).collect();
        ensure!(sorts.len() == space.spaces.len(), "twice the same: {space:?}");
        ensure!(lines(&space).is_ok(), "a phantom: {space:?}");
        for space in &space.spaces {
            ensure!(space.used <= space.total && space.total <= sizes.iter().sum(), "a phantom: {space:?}");
        }
        for kind in [BlockGroupType::Data, BlockGroupType::Metadata, BlockGroupType::System] {
            ensure!(!space.profiles(kind).is_empty(), "{kind} is left out: {space:?}");
        }
        ensure!(space.global_reserve.size > 0, "no reserve: {space:?}");
        side_by_side += usize::from(space.spaces.len() > 3);
        Ok(())
    })?;
    ensure!(answers > 100 && side_by_side > 0, "{answers} answers, {side_by_side} with two profiles: too few to tell");
    agree(&world).map(drop)
}

/// The chunks that mkfs and the kernel made, and the devices that each had to choose from.
fn the_table_of_profiles_is_what_chunks_are_made_by() -> Result<()> {
    for profile in Profile::ALL {
        let world = World::new(&[512 * MIB; 4], &[&format!("-d{profile}"), "-msingle"])?;
        // More than mkfs has made room for, so that the kernel has to make chunks too.
        let filesystem = Filesystem::open(world.path())?;
        let before = filesystem.space()?.spaces.iter().map(|space| space.total).max().unwrap_or_default();
        world.reserve("file", (before + 8 * MIB).min(400 * MIB))?;
        filesystem.sync()?;
        let key = |logical| Key::new(256, ItemType::CHUNK_ITEM, logical);
        let mut items = filesystem.search(TreeId::CHUNK, key(0), key(u64::MAX));
        let mut chunks = 0;
        while let Some(item) = items.next_item()? {
            let chunk = Chunk::parse(item.data)?;
            if chunk.flags == BlockGroupFlags::new(BlockGroupType::Data, *profile) {
                let stripes = u16::try_from(chunk.stripes.len())?;
                assert_eq!(Some(stripes), profile.stripes_on(4), "{profile}");
                assert_eq!(chunk.sub_stripes, profile.raid().sub_stripes, "{profile}");
                assert_eq!(chunk.stripe_len, 65536);
                let devices: BTreeSet<_> = chunk.stripes.iter().map(|stripe| stripe.devid).collect();
                assert_eq!(devices.len(), usize::from(stripes / profile.raid().device_stripes), "{profile}");
                chunks += 1;
            }
        }
        assert!(chunks > 0, "{profile}");
    }
    Ok(())
}

fn mkfs_needs_the_devices_that_the_table_says() -> Result<()> {
    let disks = (0..4).map(|_| testbed::Disk::new(256 * MIB)).collect::<Result<Vec<_>>>()?;
    for profile in Profile::ALL {
        let least = profile.min_devices();
        for count in least.saturating_sub(1).max(1)..=least {
            let option = format!("-d{profile}");
            let disks = disks[..count.into()].iter().map(|disk| disk.path().as_os_str());
            let options = ["-q", "-f", "-msingle", &option].map(OsStr::new);
            let made = command::output("mkfs.btrfs", options.into_iter().chain(disks))?.status.success();
            assert_eq!(made, count == least, "{profile} on {count} devices");
        }
    }
    Ok(())
}
