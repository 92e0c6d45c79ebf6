//! The figures of a filesystem against btrfs-progs', and what is said to fit still, filled for real.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;

use anyhow::{Context, Result};
use btrfs::preflight::{BlockGroup, FsState, KernelRules};
use btrfs::{BlockGroupType, Filesystem};
use nix::fcntl::{FallocateFlags, fallocate};
use testbed::World;

use crate::figures::{Figures, measured, shown};
use crate::recipe::Recipe;
use crate::record::{Did, Filled, Foreseen, Record, Said};

pub(crate) fn trial(recipe: &Recipe, world: &mut World) -> Result<Record> {
    if let Some(to) = recipe.half_converted {
        // Where no chunk of it can be made, all stays as it was.
        let _ = world.btrfs(&["balance", "start", "-f", &format!("-dconvert={to},limit=1")], "");
        // Of one that found no room the kernel keeps in mind that there is none, for any profile, until a block group goes.
        world.umount()?;
        world.mount("noatime")?;
    }
    let filesystem = Filesystem::open(world.path())?;
    let world = &*world;
    let (state, figures, theirs) = at_rest(&filesystem, world)?;
    let differing = figures.iter().filter(|(name, figure)| theirs.get(*name) != Some(figure));
    let mut differing: Vec<_> =
        differing.map(|(name, figure)| format!("{name}: {figure:?}, {:?}", theirs.get(name))).collect();
    differing
        .extend(theirs.keys().filter(|name| !figures.contains_key(*name)).map(|name| format!("{name} is missing")));

    let holds = if state.mixed { BlockGroupType::Mixed } else { BlockGroupType::Data };
    let total = |state: &FsState| {
        state.block_groups.iter().filter(|group| group.holds == holds).map(|group| group.length).sum::<u64>()
    };
    let of_data = state.block_groups.iter().filter(|group| group.holds == holds);
    let profiles: BTreeSet<_> = of_data.map(|group| group.profile).collect();
    let headroom = state.headroom(&KernelRules::running()?)?;
    let more = &headroom.allocatable;
    let foreseen = total(&state) + more.bytes;
    let written = fill(world)?;
    let after = FsState::read_uncommitted(&filesystem)?;
    // One that becomes metadata meanwhile takes as much of the devices.
    let raw = |group: &BlockGroup| group.stripe_bytes().unwrap_or(0) * u64::try_from(group.stripes.len()).unwrap_or(0);
    let largest = after.block_groups.iter().map(raw).max().unwrap_or(0) / u64::from(more.profile.raid().copies);
    let new = more.bytes.div_ceil(more.chunks.max(1));
    let usage = Filled {
        figures: figures.len(),
        differing,
        foreseen,
        filled: total(&after),
        fits: headroom.data(),
        written,
        short_of_metadata: headroom.short_of_metadata,
        two_profiles: profiles.len() > 1,
        chunk: largest.max(new),
    };
    let foreseen = Foreseen { said: Said::Safe, chunks: more.chunks, errors: 0, abort_risk: false, why: String::new() };
    let what = format!("fill {} with {}", more.profile, holds);
    Ok(Record {
        seed: recipe.seed,
        what,
        foreseen,
        did: Did::Well,
        chunks: None,
        errors: None,
        aborted_in: None,
        plan: None,
        usage: Some(usage),
    })
}

/// Until nothing of any size fits; how many bytes did. Into one file, for each further one would take metadata.
fn fill(world: &World) -> Result<u64> {
    let file = match File::create(world.join("fill")) {
        Err(error) if error.kind() == ErrorKind::StorageFull => return Ok(0),
        file => file?,
    };
    let mut end = 0;
    for size in [64 << 20, 8 << 20, 1 << 20, 64 << 10, 4 << 10] {
        while fallocate(&file, FallocateFlags::empty(), end, size).is_ok() {
            end += size;
        }
    }
    // What fits in part counts as far as it does.
    Ok(file.metadata()?.blocks() * 512)
}

/// A state, and what btrfs-progs says before and after it is read, until these agree.
fn at_rest(filesystem: &Filesystem, world: &World) -> Result<(FsState, Figures, Figures)> {
    for _ in 0..20 {
        let before = shown(world)?;
        let state = FsState::read(filesystem)?;
        if shown(world)? == before && !state.changing {
            let figures = measured(&state)?;
            return Ok((state, figures, before));
        }
    }
    None.context("the filesystem does not come to rest")
}
