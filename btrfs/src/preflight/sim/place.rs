//! Where extents and tree blocks are put: `find_free_extent` in extent-tree.c.

use super::first_fit::{CLASSES, ClassSet};
use super::group::{Group, size_class};
use super::{DATA, Short, Simulation, index, pool_of, usable};
use crate::preflight::perturbation::Placement;
use crate::preflight::report::Phase;
use crate::profile::Profile;

const ANY: ClassSet = [true; CLASSES];

/// Where the last extent was put: the block group, and the address behind it.
pub(super) type Hint = Option<(u64, u64)>;

impl Simulation<'_> {
    /// Puts an extent somewhere, in one piece. Says where it came to lie, and in which block group.
    ///
    /// Among others of its size, or in an empty block group; else in a new chunk; else anywhere.
    pub(super) fn place(&mut self, length: u64, hint: Hint) -> Result<(u64, u64), Short> {
        let profile = self.profile(DATA);
        let by_size = self.rules.size_classes && self.knobs.size_classes && !self.state.mixed;
        let class = size_class(length);
        let own: ClassSet = std::array::from_fn(|of| !by_size || of == class);
        let or_unset: ClassSet = std::array::from_fn(|of| own[of] || of == 0);
        self.placed += 1;
        if let Some(put) = self.put_behind(hint, length, class, own, profile) {
            return Ok(put);
        }
        let mut chosen = self.choose(own, length, profile).or_else(|| self.choose(or_unset, length, profile));
        if chosen.is_none() {
            chosen = self.stray(DATA, profile).filter(|start| {
                self.groups.get(*start).is_some_and(|group| or_unset[group.class] && group.longest() >= length)
            });
        }
        if chosen.is_none() {
            self.make_chunk(DATA, profile)?;
            chosen = self.choose(or_unset, length, profile).or_else(|| self.choose(ANY, length, profile));
        }
        let put = chosen.and_then(|start| Some((start, self.put(start, length, class, None)?)));
        put.ok_or_else(|| {
            let longest = usable(profile).iter().map(|of| self.pools[DATA].by_profile[index(*of)].fit.longest());
            let longest = longest.max().unwrap_or(0);
            Short { phase: Phase::DataPlace { extent: length, longest }, missing: length.saturating_sub(longest) }
        })
    }

    fn put(&mut self, start: u64, length: u64, class: usize, behind: Option<u64>) -> Option<u64> {
        let largest_first = self.rules.largest_range_first;
        self.change(start, |group| {
            let at = group.put(length, behind, largest_first)?;
            group.used += length;
            if group.class == 0 {
                group.class = class;
            }
            Some(at)
        })?
    }

    /// Right behind the one before, where there is room.
    fn put_behind(
        &mut self,
        hint: Hint,
        length: u64,
        class: usize,
        classes: ClassSet,
        profile: Profile,
    ) -> Option<(u64, u64)> {
        let (start, behind) = hint?;
        let group = self.groups.get(start)?;
        let fits = !group.read_only && classes[group.class] && usable(profile).contains(&group.profile);
        if !fits || !group.has_room_at(behind, length) {
            return None;
        }
        Some((start, self.put(start, length, class, Some(behind))?))
    }

    fn choose(&self, classes: ClassSet, length: u64, profile: Profile) -> Option<u64> {
        let of = |profile: &Profile| &self.pools[DATA].by_profile[index(*profile)].fit;
        let usable = usable(profile);
        match self.knobs.placement {
            Placement::FirstFit => usable.iter().find_map(|profile| of(profile).first(classes, length, 0)),
            Placement::LastFit => usable.iter().filter_map(|profile| of(profile).last(classes, length)).max(),
            Placement::Scattered(seed) => {
                let random = scatter(seed, self.placed);
                let turn = usize::try_from(random % 9).unwrap_or(0) % usable.len();
                let somewhere = |profile: &Profile| {
                    let groups = u64::try_from(of(profile).len().max(1)).unwrap_or(1);
                    let from = usize::try_from((random >> 8) % groups).unwrap_or(0);
                    of(profile).first(classes, length, from).or_else(|| of(profile).first(classes, length, 0))
                };
                usable[turn..].iter().chain(&usable[..turn]).find_map(somewhere)
            }
        }
    }

    /// The block group of another profile that an extent is put into though it does not suit: where none of its own can
    /// be written to, the first of the least redundant ones, which the kernel takes for one that it waited for
    /// (`find_free_extent` in extent-tree.c, Linux 6.3).
    pub(super) fn stray(&self, pool: usize, profile: Profile) -> Option<u64> {
        const PLAIN: [Profile; 2] = [Profile::Single, Profile::Raid0];
        let open = |profile: Profile| self.pools[pool].by_profile[index(profile)].open > 0;
        if !self.rules.strays || PLAIN.contains(&profile) || open(profile) {
            return None;
        }
        let plain = PLAIN.into_iter().find(|plain| open(*plain))?;
        let suits = |group: &&Group<'_>| pool_of(group.holds) == pool && group.profile == plain && !group.read_only;
        self.groups.iter().find(suits).map(|group| group.start)
    }

    /// Bytes that tree blocks of a profile can still be put into.
    pub(super) fn free_for_trees(&self, pool: usize) -> u64 {
        let profile = self.profile(pool);
        let stray = self.stray(pool, profile).and_then(|start| self.groups.get(start)).map_or(0, Group::free);
        self.pools[pool].free_for(profile) + stray
    }

    /// Puts tree blocks somewhere. They are small: any free one will do. Says how many bytes found no place.
    pub(super) fn place_tree_blocks(&mut self, pool: usize, bytes: u64) -> u64 {
        let profile = self.profile(pool);
        let mut left = bytes;
        while left > 0 {
            let fits = |of: &Profile| self.pools[pool].by_profile[index(*of)].fit.first(ANY, self.nodesize(), 0);
            let suitable = usable(profile).iter().find_map(fits);
            let Some(start) = suitable.or_else(|| self.stray(pool, profile)) else { break };
            let nodes = |bytes: u64| bytes / self.nodesize() * self.nodesize();
            let taken = self.groups.get(start).map_or(0, |group| left.min(nodes(group.free())));
            if taken == 0 {
                break;
            }
            self.change(start, |group| group.used += taken);
            left -= taken;
        }
        left
    }
}

/// One step of splitmix64: equal seeds scatter equally, on every machine.
fn scatter(seed: u64, step: u64) -> u64 {
    let mut mixed = seed.wrapping_add(step).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
