//! One run: the filesystem as it changes while the kernel's rules are followed.

mod device;
mod first_fit;
mod free;
mod group;
mod groups;
mod place;
mod pool;
mod relocate;
mod space;
mod tasks;

use std::collections::HashMap;

use self::device::{Device, Offer};
use self::group::Survey;
use self::groups::Groups;
use self::pool::Pool;
use super::perturbation::Perturbation;
use super::report::{Failure, Move, Phase, Room};
use super::rules::KernelRules;
use super::state::{BlockGroup, Extent, FsState, StripeState};
use crate::block_group::BlockGroupType;
use crate::id::{Logical, Physical};
use crate::profile::Profile;

pub(super) use self::group::Group;
pub(super) use self::space::preferred;
pub(super) use self::tasks::Task;

const PROFILES: usize = Profile::ALL.len();

/// In the kernel's order, `enum btrfs_raid_types` of Linux 6.18.
const BY_INDEX: [Profile; PROFILES] = {
    use Profile::{Dup, Raid0, Raid1, Raid1c3, Raid1c4, Raid5, Raid6, Raid10, Single};
    [Single, Raid0, Raid1, Dup, Raid10, Raid5, Raid6, Raid1c3, Raid1c4]
};

/// Of the profiles that there are, the first of these is that of a new chunk: `btrfs_reduce_alloc_profile` in
/// block-group.c, Linux 6.18.
const PREFERRED: [Profile; PROFILES] = {
    use Profile::{Dup, Raid0, Raid1, Raid1c3, Raid1c4, Raid5, Raid6, Raid10, Single};
    [Raid1c4, Raid6, Raid1c3, Raid5, Raid10, Raid1, Dup, Raid0, Single]
};

fn index(profile: Profile) -> usize {
    BY_INDEX.iter().position(|of| *of == profile).unwrap_or(0)
}

/// The pools by what they hold; a mixed filesystem has no [`METADATA`].
const DATA: usize = 0;
const METADATA: usize = 1;
const SYSTEM: usize = 2;

/// A state that was looked through, for any number of runs.
#[derive(Debug)]
pub(super) struct Surveyed<'a> {
    pub(super) state: &'a FsState,
    groups: Vec<(Survey, u64)>,
}

impl<'a> Surveyed<'a> {
    pub(super) fn new(state: &'a FsState) -> Self {
        let stripe = |group: &BlockGroup| group.stripe_bytes().unwrap_or(1);
        let groups = state.block_groups.iter().map(|group| (Survey::new(group, stripe(group)), stripe(group)));
        Self { state, groups: groups.collect() }
    }
}

/// The filesystem in a run.
pub(super) struct Simulation<'a> {
    state: &'a FsState,
    rules: &'a KernelRules,
    knobs: &'a Perturbation,
    devices: Vec<Device>,
    groups: Groups<'a>,
    pools: [Pool; 3],
    /// The profile that new chunks have while a conversion runs, by pool.
    targets: [Option<Profile>; 3],
    /// Bytes of all writable devices.
    writable: u64,
    /// The devices, by their indices, on which something is free after the next commit.
    freed: Vec<usize>,
    /// What a relocation that failed had put elsewhere; it is free after the next commit.
    pinned: Vec<(u64, u64, u64)>,
    /// How many extents were placed, which scatters them.
    placed: u64,
    chunks_made: u32,
    /// The device that is made smaller, or removed.
    shrinking: Option<Shrinking>,
    /// Whether a relocation has made its inode.
    has_inode: bool,
    /// Whether a failure is not the end.
    to_the_end: bool,
    /// For [`device::plan`], lest it allocate each time.
    offers: Vec<Offer>,
    pub(super) outcome: Outcome,
}

/// A device, by its index, that is made smaller.
#[derive(Debug, Clone, Copy)]
struct Shrinking {
    device: usize,
    /// Bytes of it that belonged to chunks before.
    used: u64,
    /// Bytes that it is to have.
    to: u64,
}

/// What a run comes to.
#[derive(Debug, Clone, Default)]
pub(super) struct Outcome {
    /// How many block groups pass the filters.
    pub(super) expected: u64,
    pub(super) moves: Vec<Move>,
    pub(super) first: Option<Failure>,
    /// As the kernel counts them.
    pub(super) errors: u64,
    pub(super) aborted: bool,
    /// Whether metadata was only just enough.
    pub(super) metadata_tight: bool,
    /// Whether little room for a system chunk was met.
    pub(super) system_tight: bool,
    /// The least free metadata while no more could be allocated.
    pub(super) least_metadata: Option<u64>,
    /// Whether that was too little for what was to be done.
    pub(super) metadata_short: bool,
}

/// Why a step of a relocation can't be taken.
#[derive(Debug, Clone, Copy)]
struct Short {
    phase: Phase,
    missing: u64,
}

impl Short {
    /// Whether the kernel is past the point where it could give up.
    fn aborts(self) -> bool {
        matches!(self.phase, Phase::TreeBlock | Phase::SystemChunk)
    }
}

impl<'a> Simulation<'a> {
    pub(super) fn new(surveyed: &Surveyed<'a>, rules: &'a KernelRules, knobs: &'a Perturbation) -> Self {
        let state = surveyed.state;
        let places: HashMap<_, _> = state.devices.iter().enumerate().map(|(at, device)| (device.id, at)).collect();
        let mut pieces = vec![Vec::new(); state.devices.len()];
        let mut groups = Vec::with_capacity(state.block_groups.len());
        for (group, (survey, stripe)) in state.block_groups.iter().zip(&surveyed.groups) {
            let mut copy = Group::from_state(group, survey, *stripe, knobs.unread);
            for piece in &group.stripes {
                let Some(&at) = places.get(&piece.device) else { continue };
                copy.stripes.push((at, piece.offset.0));
                pieces[at].push((piece.offset.0, *stripe));
            }
            groups.push(copy);
        }
        let devices = state.devices.iter().zip(&mut pieces).map(|(device, pieces)| {
            pieces.sort_unstable();
            Device::new(device, pieces)
        });
        let writable = state.devices.iter().filter(|device| device.writable).map(|device| device.total).sum();
        let mut simulation = Self {
            state,
            rules,
            knobs,
            devices: devices.collect(),
            groups: Groups::with_capacity(state.block_groups.len()),
            pools: Default::default(),
            targets: [None; 3],
            writable,
            freed: Vec::new(),
            pinned: Vec::new(),
            placed: 0,
            chunks_made: 0,
            shrinking: None,
            has_inode: false,
            to_the_end: true,
            offers: Vec::new(),
            outcome: Outcome::default(),
        };
        for group in groups {
            simulation.add(group);
        }
        simulation
    }

    /// The pool that metadata is in.
    fn metadata(&self) -> usize {
        if self.state.mixed { DATA } else { METADATA }
    }

    fn add(&mut self, mut group: Group<'a>) {
        let pool = &mut self.pools[pool_of(group.holds)];
        let of = &mut pool.by_profile[index(group.profile)];
        of.groups += 1;
        group.place = of.fit.push(group.start);
        pool.total += group.length;
        pool.account(&group);
        self.groups.push(group);
    }

    /// Changes a block group, and what is known of all of its type. Every change is made by this.
    fn change<T>(&mut self, start: u64, change: impl FnOnce(&mut Group<'a>) -> T) -> Option<T> {
        let group = self.groups.get_mut(start)?;
        let pool = &mut self.pools[pool_of(group.holds)];
        pool.forget(group);
        let answer = change(group);
        pool.account(group);
        Some(answer)
    }

    /// Takes a block group and its chunk away. Its room is free after the next commit.
    fn remove(&mut self, start: u64) {
        let Some(group) = self.groups.remove(start) else { return };
        let pool = &mut self.pools[pool_of(group.holds)];
        pool.forget(&group);
        pool.total -= group.length;
        let of = &mut pool.by_profile[index(group.profile)];
        of.groups -= 1;
        of.fit.set(group.place, group.class, None);
        for (at, offset) in group.stripes {
            self.devices[at].release(offset, group.stripe, self.knobs.freed_at_once);
            self.freed.push(at);
        }
        self.not_full();
    }

    fn commit(&mut self) {
        for at in std::mem::take(&mut self.freed) {
            self.devices[at].commit();
        }
        for (start, at, length) in std::mem::take(&mut self.pinned) {
            self.change(start, |group| {
                group.used -= length;
                group.give_back(at, length);
            });
        }
        self.not_full();
    }

    fn not_full(&mut self) {
        for pool in &mut self.pools {
            pool.full = false;
        }
    }

    pub(super) fn rooms(&self) -> Vec<Room> {
        let room =
            |device: &Device| Room { device: device.id, unallocated: device.unallocated(), longest: device.longest() };
        self.devices.iter().map(room).collect()
    }

    /// The state that the run has come to.
    pub(super) fn into_state(mut self) -> FsState {
        self.commit();
        let group = |group: &Group| BlockGroup {
            start: Logical(group.start),
            length: group.length,
            holds: group.holds,
            profile: group.profile,
            used: group.used,
            stripes: group
                .stripes
                .iter()
                .map(|(at, offset)| StripeState { device: self.devices[*at].id, offset: Physical(*offset) })
                .collect(),
            extents: (group.known && pool_of(group.holds) == DATA).then(|| {
                let extents = group.sorted().into_iter();
                extents.map(|(start, length)| Extent { start: Logical(start), length }).collect()
            }),
        };
        // One of no bytes was removed.
        let devices = self.devices.iter().filter(|device| device.total > 0).map(Device::state);
        FsState {
            devices: devices.collect(),
            block_groups: self.groups.iter().map(group).collect(),
            ..self.state.without_groups()
        }
    }

    /// Bytes that belong to no chunk, on all devices together, as the kernel counts them: `free_chunk_space`. Of a device
    /// that is made smaller it counts what leaves it as free, though that lies behind its end; and before Linux 6.7, what
    /// has not left it yet as missing elsewhere (`btrfs_shrink_device` in volumes.c).
    fn unallocated(&self) -> u64 {
        let shrinking = |at: usize| self.shrinking.filter(|shrinking| shrinking.device == at);
        let (mut free, mut missing) = (0_u64, 0_u64);
        for (at, device) in self.devices.iter().enumerate() {
            match shrinking(at) {
                None if device.writable => free += device.unallocated(),
                None => {}
                Some(Shrinking { used, to, .. }) if self.rules.leaving_is_free => {
                    free += used.max(to).saturating_sub(device.used);
                }
                Some(Shrinking { to, .. }) => {
                    free += to.saturating_sub(device.used);
                    missing += device.used.saturating_sub(to);
                }
            }
        }
        free.wrapping_sub(missing)
    }

    /// What the fullest device has unallocated.
    pub(super) fn least_unallocated(&self) -> u64 {
        self.devices.iter().filter(|device| device.writable).map(Device::unallocated).min().unwrap_or(0)
    }
}

fn pool_of(holds: BlockGroupType) -> usize {
    match holds {
        BlockGroupType::Data | BlockGroupType::Mixed => DATA,
        BlockGroupType::Metadata => METADATA,
        BlockGroupType::System => SYSTEM,
    }
}

/// The profiles of block groups that extents of a profile may be put into, in the order in which the kernel looks.
fn usable(profile: Profile) -> &'static [Profile] {
    match BY_INDEX.iter().position(|of| *of == profile) {
        None | Some(0) => &BY_INDEX,
        Some(at) => &BY_INDEX[at..=at],
    }
}
