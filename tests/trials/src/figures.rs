//! The figures of a filesystem, by btrfs-progs and by this library, under the same names.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use btrfs::Profile;
use btrfs::preflight::FsState;
use testbed::World;

/// By name: one number, or size and use.
pub type Figures = BTreeMap<String, (u64, u64)>;

/// The figures of `btrfs filesystem usage -b`: those of the whole, and `Data,single: Size:…, Used:…`.
///
/// # Errors
///
/// Where btrfs-progs can't be run, or fails.
pub fn shown(world: &World) -> Result<Figures> {
    Ok(parse(&world.btrfs(&["filesystem", "usage", "-b"], "")?))
}

/// The same from what it printed.
#[must_use]
pub fn parse(text: &str) -> Figures {
    let bytes = |text: &str| text.trim().trim_end_matches(',').parse::<u64>().ok();
    let figures = text.lines().filter_map(|line| {
        let (name, rest) = line.trim().split_once(':')?;
        if let Some(sizes) = rest.trim().strip_prefix("Size:") {
            let (size, used) = sizes.split_once("Used:")?;
            return Some((name.to_lowercase(), (bytes(size)?, bytes(used.split_whitespace().next()?)?)));
        }
        ["Device size", "Device allocated", "Device unallocated", "Used"]
            .contains(&name)
            .then(|| Some((name.to_lowercase(), (bytes(rest)?, 0))))?
    });
    figures.collect()
}

/// Whether btrfs-progs' `used` is an average: of raid5 and raid6 whose chunks have several widths, for which it takes all
/// to be used alike (`get_raid56_space_info` in its filesystem-usage.c).
#[must_use]
pub fn is_average(state: &FsState) -> bool {
    let with_parity =
        state.block_groups.iter().filter(|group| matches!(group.profile, Profile::Raid5 | Profile::Raid6));
    let widths: BTreeSet<_> = with_parity.map(|group| (group.holds, group.profile, group.stripes.len())).collect();
    let kinds: BTreeSet<_> = widths.iter().map(|(holds, profile, _)| (holds, profile)).collect();
    kinds.len() < widths.len()
}

/// The same figures by this library.
///
/// # Errors
///
/// Where this can't be the state of a filesystem.
pub fn measured(state: &FsState) -> Result<Figures> {
    let usage = state.usage()?;
    let whole = [
        ("device size", usage.size),
        ("device allocated", usage.allocated),
        ("device unallocated", usage.unallocated),
        ("used", usage.used),
    ];
    let whole = whole.into_iter().map(|(name, bytes)| (name.to_owned(), (bytes, 0)));
    let spaces = usage.spaces.iter();
    let spaces =
        spaces.map(|space| (format!("{},{}", space.holds, space.profile).to_lowercase(), (space.total, space.used)));
    Ok(whole.chain(spaces).collect())
}
