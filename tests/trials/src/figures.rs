//! The figures of a filesystem, by btrfs-progs and by this library, under the same names.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use btrfs::Profile;
use btrfs::preflight::FsState;
use testbed::World;

use crate::recipe;

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

/// Bytes in use as btrfs-progs reckons them with raid5 and raid6: for each device and width apart, rounded down, and as if
/// all chunks of a kind were used alike (`get_raid56_space_info` in its filesystem-usage.c). Also whether that, of
/// chunks of one width, is the exact figure but for the rounding.
fn averaged(state: &FsState, exact: u64) -> (u64, bool) {
    let parity = |profile| match profile {
        Profile::Raid5 => 1,
        Profile::Raid6 => 2,
        _ => 0,
    };
    let (mut used, mut kinds, mut parts) = (0, BTreeMap::new(), BTreeMap::new());
    for group in &state.block_groups {
        let (holds, profile, width) = (group.holds, group.profile, group.stripes.len());
        if parity(profile) == 0 {
            used += group.used * u64::from(profile.raid().copies);
            continue;
        }
        let (all_used, all) = kinds.entry((holds, profile)).or_insert((0, 0));
        *all_used += group.used;
        *all += group.length;
        for stripe in &group.stripes {
            *parts.entry((holds, profile, stripe.device, width)).or_insert(0) += group.length;
        }
    }
    let widths: BTreeSet<_> = parts.keys().map(|(holds, profile, _, width)| (*holds, *profile, *width)).collect();
    for ((holds, profile, _, width), length) in &parts {
        let (all_used, all) = kinds[&(*holds, *profile)];
        let on_device = length / u64::try_from(width - parity(*profile)).unwrap_or(1);
        used += recipe::share(on_device, recipe::ratio(all_used, all));
    }
    let rounded = u64::try_from(parts.len()).unwrap_or(u64::MAX);
    (used, kinds.len() < widths.len() || exact.abs_diff(used) <= rounded)
}

/// The same figures by this library; `used` is rounded, or averaged, as btrfs-progs does it with raid5 and raid6.
///
/// # Errors
///
/// Where this can't be the state of a filesystem.
pub fn measured(state: &FsState) -> Result<Figures> {
    let usage = state.usage()?;
    let used = match averaged(state, usage.used) {
        (used, true) => used,
        (_, false) => usage.used,
    };
    let whole = [
        ("device size", usage.size),
        ("device allocated", usage.allocated),
        ("device unallocated", usage.unallocated),
        ("used", used),
    ];
    let whole = whole.into_iter().map(|(name, bytes)| (name.to_owned(), (bytes, 0)));
    let spaces = usage.spaces.iter();
    let spaces =
        spaces.map(|space| (format!("{},{}", space.holds, space.profile).to_lowercase(), (space.total, space.used)));
    Ok(whole.chain(spaces).collect())
}
