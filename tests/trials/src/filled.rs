//! The figures of a filesystem against btrfs-progs', and what is said to fit still, filled for real.

use anyhow::{Context, Result};
use btrfs::preflight::{FsState, KernelRules};
use btrfs::{BlockGroupType, Filesystem};
use testbed::World;

use crate::figures::{Figures, measured, shown};
use crate::recipe::Recipe;
use crate::record::{Did, Filled, Foreseen, Record, Said};

pub(crate) fn trial(recipe: &Recipe, world: &World) -> Result<Record> {
    let filesystem = Filesystem::open(world.path())?;
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
    let more = state.allocatable(holds, recipe.data, &KernelRules::running()?)?;
    let foreseen = total(&state) + more.bytes;
    // Until nothing of any size fits.
    let mut nth = 0;
    for size in [64 << 20, 8 << 20, 1 << 20, 64 << 10] {
        while world.reserve(format!("fill{nth}"), size).is_ok() {
            nth += 1;
        }
    }
    let after = FsState::read_uncommitted(&filesystem)?;
    let writable: u64 = state.devices.iter().map(|device| device.total).sum();
    let usage = Filled {
        figures: figures.len(),
        differing,
        foreseen,
        filled: total(&after),
        chunk: (writable / 10).min(10 << 30),
    };
    let foreseen = Foreseen { said: Said::Safe, chunks: more.chunks, errors: 0, abort_risk: false, why: String::new() };
    let what = format!("fill {} with {}", recipe.data, holds);
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
