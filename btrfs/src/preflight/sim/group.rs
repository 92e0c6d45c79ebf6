//! Block groups as a simulation has them: their extents, and what is free between these.

use super::first_fit::CLASSES;
use super::free::FreeRanges;
use crate::block_group::BlockGroupType;
use crate::preflight::perturbation::Unread;
use crate::preflight::rules::{STRIPE, SUPERBLOCKS};
use crate::preflight::state::{BlockGroup, Extent};
use crate::profile::Profile;

/// Of which size class an extent is: `btrfs_calc_block_group_size_class` in block-group.c, Linux 6.3.
pub(super) fn size_class(length: u64) -> usize {
    match length {
        0..=0x2_0000 => 1,
        0x2_0001..=0x80_0000 => 2,
        _ => 3,
    }
}

const UNSET: usize = 0;
const _: () = assert!(CLASSES == 4);

/// What the runs of a preflight share of a block group.
#[derive(Debug, Clone)]
pub(super) struct Survey {
    class: usize,
    longest: u64,
    excluded: Vec<(u64, u64)>,
}

#[derive(Debug, Clone)]
pub(in crate::preflight) struct Group<'a> {
    pub(in crate::preflight) start: u64,
    pub(in crate::preflight) length: u64,
    pub(in crate::preflight) holds: BlockGroupType,
    pub(in crate::preflight) profile: Profile,
    /// The device by its index, and where on it.
    pub(in crate::preflight) stripes: Vec<(usize, u64)>,
    pub(in crate::preflight) stripe: u64,
    pub(in crate::preflight) used: u64,
    /// Bytes that are kept free of data because a superblock lies in their way.
    pub(super) excluded: u64,
    pub(super) read_only: bool,
    pub(super) class: usize,
    /// Its place among those of its profile.
    pub(super) place: usize,
    /// What it had in the beginning, and what was put into it since.
    pub(super) extents: &'a [Extent],
    pub(super) moved_in: Vec<(u64, u64)>,
    /// Whether it is known in which extents all of its data lies.
    pub(super) known: bool,
    longest: u64,
    ranges: Ranges,
}

/// What is free in a block group.
#[derive(Debug, Clone)]
enum Ranges {
    /// Looked at only when something is put into it.
    Unread,
    /// All from here on, as in a new one.
    Tail(u64),
    All(FreeRanges),
}

impl Survey {
    /// What has to be computed once only.
    pub(super) fn new(group: &BlockGroup, stripe: u64) -> Self {
        let stripes = group.stripes.iter().map(|piece| piece.offset.0);
        let excluded = excluded(group.start.0, group.length, group.profile, stripe, stripes);
        let known = group.extents.as_deref();
        let longest = known.map_or(group.length - group.used, |extents| {
            ranges(group.start.0, group.length, extents, &excluded).longest()
        });
        Self { class: sampled_class(group), longest, excluded }
    }
}

impl<'a> Group<'a> {
    pub(super) fn from_state(group: &'a BlockGroup, survey: &Survey, stripe: u64, unread: Unread) -> Self {
        let longest = match (&group.extents, unread) {
            (None, Unread::Scattered) if group.used > 0 => 0,
            _ => survey.longest,
        };
        Self {
            start: group.start.0,
            length: group.length,
            holds: group.holds,
            profile: group.profile,
            stripes: Vec::new(),
            stripe,
            used: group.used,
            excluded: survey.excluded.iter().map(|(_, length)| length).sum(),
            read_only: false,
            class: survey.class,
            place: 0,
            extents: group.extents.as_deref().unwrap_or_default(),
            moved_in: Vec::new(),
            known: group.extents.is_some() || !group.holds_data(),
            longest,
            ranges: Ranges::Unread,
        }
    }

    pub(super) fn empty(start: u64, holds: BlockGroupType, profile: Profile, plan: super::device::Plan) -> Self {
        let super::device::Plan { stripe, length, stripes } = plan;
        let excluded = excluded(start, length, profile, stripe, stripes.iter().map(|(_, offset)| *offset));
        let longest = if excluded.is_empty() { length } else { ranges(start, length, &[], &excluded).longest() };
        Self {
            start,
            length,
            holds,
            profile,
            stripes,
            stripe,
            used: 0,
            excluded: excluded.iter().map(|(_, length)| length).sum(),
            read_only: false,
            class: UNSET,
            place: 0,
            extents: &[],
            moved_in: Vec::new(),
            known: true,
            longest,
            ranges: Ranges::Unread,
        }
    }

    /// Bytes that are neither in use nor excluded.
    pub(super) fn free(&self) -> u64 {
        self.length.saturating_sub(self.used + self.excluded)
    }

    /// The longest range that an extent can be put into.
    pub(super) fn longest(&self) -> u64 {
        self.longest
    }

    /// Whether an extent fits at an address.
    pub(super) fn has_room_at(&self, at: u64, length: u64) -> bool {
        match &self.ranges {
            Ranges::Unread => false,
            Ranges::Tail(tail) => *tail == at && at + length <= self.start + self.length,
            Ranges::All(ranges) => ranges.near(at, length).is_some(),
        }
    }

    /// Puts an extent into it, at an address or else where the kernel would. Says where.
    pub(super) fn put(&mut self, length: u64, at: Option<u64>, largest_first: bool) -> Option<u64> {
        if matches!(self.ranges, Ranges::Unread) {
            self.ranges = self.read();
        }
        let end = self.start + self.length;
        let start = match &mut self.ranges {
            Ranges::Tail(tail) => {
                let start = *tail;
                *tail = start.checked_add(length).filter(|behind| *behind <= end)?;
                self.longest = end - *tail;
                start
            }
            Ranges::All(ranges) => {
                let start = match at {
                    Some(at) => at,
                    None if largest_first => ranges.first_longest().filter(|(_, free)| *free >= length)?.0,
                    None => ranges.first_with(length)?,
                };
                ranges.take(start, length);
                self.longest = ranges.longest();
                start
            }
            Ranges::Unread => return None,
        };
        self.moved_in.push((start, length));
        Some(start)
    }

    /// Gives back what was put into it and is freed again.
    pub(super) fn give_back(&mut self, start: u64, length: u64) {
        match &mut self.ranges {
            Ranges::Tail(tail) if *tail == start + length => *tail = start,
            Ranges::Tail(tail) => {
                let mut ranges = FreeRanges::between(*tail, self.start + self.length, []);
                ranges.give(start, length);
                self.ranges = Ranges::All(ranges);
            }
            Ranges::All(ranges) => ranges.give(start, length),
            Ranges::Unread => {}
        }
        self.longest = match &self.ranges {
            Ranges::Unread => self.longest,
            Ranges::Tail(tail) => self.start + self.length - tail,
            Ranges::All(ranges) => ranges.longest(),
        };
    }

    fn read(&self) -> Ranges {
        // What is not known to lie elsewhere is assumed to lie at the beginning.
        if !self.known || (self.extents.is_empty() && self.excluded == 0) {
            return Ranges::Tail(self.start + self.length - self.longest);
        }
        let stripes = self.stripes.iter().map(|(_, offset)| *offset);
        let excluded = excluded(self.start, self.length, self.profile, self.stripe, stripes);
        Ranges::All(ranges(self.start, self.length, self.extents, &excluded))
    }

    /// All that lies in it, by address.
    pub(super) fn sorted(&self) -> Vec<(u64, u64)> {
        let before = self.extents.iter().map(|extent| (extent.start.0, extent.length));
        let mut all: Vec<_> = before.chain(self.moved_in.iter().copied()).collect();
        if !self.moved_in.is_empty() {
            all.sort_unstable();
        }
        all
    }
}

fn ranges(start: u64, length: u64, extents: &[Extent], excluded: &[(u64, u64)]) -> FreeRanges {
    let extents = extents.iter().map(|extent| (extent.start.0, extent.length));
    if excluded.is_empty() {
        return FreeRanges::between(start, start + length, extents);
    }
    let mut taken: Vec<_> = extents.chain(excluded.iter().copied()).collect();
    taken.sort_unstable();
    FreeRanges::between(start, start + length, taken)
}

/// Where in a block group superblocks lie in the way: `exclude_super_stripes` in block-group.c with `btrfs_rmap_block`,
/// Linux 6.18.
fn excluded(
    start: u64,
    length: u64,
    profile: Profile,
    stripe: u64,
    offsets: impl ExactSizeIterator<Item = u64>,
) -> Vec<(u64, u64)> {
    let count = u64::try_from(offsets.len()).unwrap_or(u64::MAX);
    let raid = profile.raid();
    let data = (length / stripe.max(1)).max(1);
    let mut found = Vec::new();
    for (nth, offset) in (0..).zip(offsets) {
        for superblock in SUPERBLOCKS.into_iter().filter(|at| (offset..offset + stripe).contains(at)) {
            let row = (superblock - offset) / STRIPE;
            let (piece, bytes) = match (raid.parity > 0, data) {
                (true, _) => (row, STRIPE * data),
                (false, 1) => (row, STRIPE),
                (false, _) => ((row * count + nth) / u64::from(raid.sub_stripes), STRIPE),
            };
            found.push((start + piece * bytes, bytes));
        }
    }
    found.sort_unstable();
    found.dedup();
    found.retain(|(at, bytes)| at + bytes <= start + length);
    found
}

/// The size class that the kernel finds when it loads a block group: of the smallest of five extents, the first ones
/// behind five points of it. `load_block_group_size_class` in block-group.c, Linux 6.18.
fn sampled_class(group: &BlockGroup) -> usize {
    let extents = group.extents.as_deref().unwrap_or_default();
    let found = (0..5).filter_map(|nth| {
        let bound = |nth: u64| group.start.0 + group.length / 5 * nth;
        let next = extents.partition_point(|extent| extent.start.0 < bound(nth));
        extents.get(next).filter(|extent| extent.start.0 < bound(nth + 1)).map(|extent| extent.length)
    });
    found.min().map_or(UNSET, size_class)
}
