//! What holds for every state: tests with random filesystems.

use proptest::prelude::*;

use super::*;
use crate::balance::{BalanceRequest, Filters};
use crate::block_group::BlockGroupType;
use crate::id::DevId;
use crate::profile::Profile;

const MIB: u64 = 1 << 20;

fn profiles() -> impl Strategy<Value = Profile> {
    prop::sample::select(Profile::ALL)
}

/// A filesystem as its own allocator would have made it, with extents of all sizes and gaps between them.
fn states() -> impl Strategy<Value = FsState> {
    let sizes = prop::collection::vec(200..3000_u64, 1..6);
    let groups = prop::collection::vec((any::<bool>(), prop::collection::vec((0..40_u64, 1..3000_u64), 0..60)), 1..12);
    (sizes, profiles(), profiles(), groups, any::<bool>()).prop_map(|(sizes, data, metadata, groups, mixed)| {
        let mut state = FsState::new(16384, 4096);
        state.mixed = mixed;
        state.global_reserve = 5 * MIB + MIB / 2;
        state.devices = (1..).zip(sizes).map(|(id, mib)| DeviceState::new(DevId(id), mib * MIB)).collect();
        let possible = |profile: Profile| match usize::from(profile.min_devices()) <= state.devices.len() {
            true => profile,
            false => Profile::Dup,
        };
        let (data, metadata) = (possible(data), possible(metadata));
        let (of_data, of_metadata) = match mixed {
            true => ((BlockGroupType::Mixed, metadata), (BlockGroupType::Mixed, metadata)),
            false => ((BlockGroupType::Data, data), (BlockGroupType::Metadata, metadata)),
        };
        state.made((BlockGroupType::System, metadata), &[]);
        state.made(of_metadata, &[(0, 256)]);
        for (is_data, extents) in groups {
            state.made(if is_data { of_data } else { of_metadata }, &extents);
        }
        state
    })
}

impl FsState {
    /// With another chunk, where there is room, that has these extents, in blocks: the gap before each, and its length.
    fn made(&mut self, (holds, profile): (BlockGroupType, Profile), extents: &[(u64, u64)]) {
        let known = self.block_groups.len();
        let rules = KernelRules::default();
        let surveyed = sim::Surveyed::new(self);
        let mut simulation = sim::Simulation::new(&surveyed, &rules, &Perturbation::NOMINAL);
        simulation.make_one(holds, profile);
        let made = simulation.into_state();
        *self = made;
        let Some(group) = self.block_groups.get_mut(known).filter(|group| group.holds == holds) else { return };
        let (end, mut at) = (group.start.0 + group.length, group.start.0);
        let mut filled = group.clone();
        for (gap, length) in extents {
            let (start, length) = (at + gap * 4096, length * 4096);
            // Superblocks lie in the way of some; no matter here.
            if start + length > end {
                break;
            }
            filled = filled.extent(start, length);
            at = start + length;
        }
        let used = filled.used;
        *group = if group.extents.is_some() { filled } else { filled.used(used / 16384 * 16384) };
    }
}

fn requests() -> impl Strategy<Value = BalanceRequest> {
    let filters = || {
        (prop::option::of(profiles()), any::<bool>(), prop::option::of(0..=100_u8)).prop_map(|(to, soft, usage)| {
            let filters = usage.map_or(Filters::new(), |usage| Filters::new().usage(0..usage));
            match to {
                Some(to) if soft => filters.convert(to).soft(),
                Some(to) => filters.convert(to),
                None => filters,
            }
        })
    };
    (prop::option::of(filters()), filters()).prop_map(|(data, metadata)| {
        let request = BalanceRequest::new().metadata(metadata).force();
        data.map_or(request.clone(), |data| request.data(data))
    })
}

fn used(state: &FsState) -> u64 {
    state.block_groups.iter().map(|group| group.used).sum()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_no_byte_is_lost_and_no_piece_of_a_device_is_used_twice(
        state in states(),
        request in requests(),
        knobs in prop::sample::select(Perturbation::standard()),
        fast: bool,
    ) {
        prop_assert_eq!(state.check(), Ok(()));
        let state = if fast { state.without_extents() } else { state };
        let report = Preflight::new(&state, &KernelRules::default()).perturbations([knobs]).balance(&request);
        prop_assert_eq!(report.end.check(), Ok(()));
        prop_assert_eq!(used(&report.end), used(&state));
        prop_assert!(report.end.has_extents() || !state.has_extents());
        let usage = report.end.usage().unwrap();
        prop_assert_eq!(usage.spaces.iter().flat_map(|space| &space.on_devices).sum::<u64>(), usage.allocated);
    }

    #[test]
    fn the_same_gives_the_same(state in states(), request in requests()) {
        let rules = KernelRules::default();
        prop_assert_eq!(preflight(&state, &request, &rules), preflight(&state, &request, &rules));
    }

    /// Not for conversions to striped profiles: on one more small device the kernel makes wide chunks with small stripes,
    /// into which a large extent does not fit. Nor for less than large devices, as these can take the part of one that had
    /// more, and leave it alone with what no pair is left for.
    #[test]
    fn what_is_safe_stays_safe_with_more_large_devices(state in states(), request in requests()) {
        let rules = KernelRules::default();
        let striped = |profile: Profile| profile.raid().max_devices.is_none();
        let targets = [&request.data, &request.metadata].into_iter().flatten().filter_map(|filters| filters.convert?.only());
        let present = state.block_groups.iter().map(|group| group.profile);
        prop_assume!(!targets.chain(present).any(striped));
        if preflight(&state, &request, &rules).is_safe() {
            let mut larger = state;
            larger.devices.extend((101..105).map(|id| DeviceState::new(DevId(id), 64 << 30)));
            let report = preflight(&larger, &request, &rules);
            prop_assert!(report.is_safe(), "{:?}", report.verdict);
        }
    }

    #[test]
    fn a_device_that_was_removed_is_gone_and_what_was_on_it_is_elsewhere(state in states(), which: prop::sample::Index) {
        let device = state.devices[which.index(state.devices.len())].id;
        let report = Preflight::new(&state, &KernelRules::default()).remove_device(device);
        prop_assert_eq!(used(&report.end), used(&state));
        if report.is_safe() {
            prop_assert_eq!(report.end.check(), Ok(()));
            prop_assert!(report.end.devices.iter().all(|left| left.id != device));
        }
    }

    #[test]
    fn a_device_that_was_made_smaller_has_nothing_behind_its_end(state in states(), which: prop::sample::Index, percent in 10..100_u64) {
        let device = state.devices[which.index(state.devices.len())];
        let to = device.total / 100 * percent;
        let report = Preflight::new(&state, &KernelRules::default()).shrink(device.id, to);
        prop_assert_eq!(used(&report.end), used(&state));
        if report.is_safe() {
            prop_assert_eq!(report.end.check(), Ok(()));
            prop_assert!(report.end.devices.iter().any(|after| after.id == device.id && after.total == to));
        }
    }
}
