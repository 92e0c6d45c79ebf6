//! What a state says of space: what is used for what, and what could still be allocated.

use std::collections::BTreeMap;

use super::perturbation::Perturbation;
use super::rules::{KernelRules, RESERVED};
use super::sim::{Simulation, Surveyed, preferred};
use super::state::{FsState, Unsound};
use crate::block_group::BlockGroupType;
use crate::id::DevId;
use crate::profile::Profile;
use crate::space::{Space, SpaceInfo};

/// The space of a filesystem: the figures of `btrfs filesystem usage`, and those that it has not.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Usage {
    /// Bytes of all devices; `Device size`.
    pub size: u64,
    /// Bytes of them that belong to chunks; `Device allocated`.
    pub allocated: u64,
    /// Bytes that belong to none; `Device unallocated`.
    pub unallocated: u64,
    /// Bytes of the devices that are in use, copies and parity included; `Used`, but that btrfs-progs takes raid5 and raid6
    /// chunks of several widths to be used alike, and shows an average.
    pub used: u64,
    /// By type and profile, in this order.
    pub spaces: Vec<SpaceUsage>,
    /// By device.
    pub devices: Vec<DeviceRoom>,
}

/// The block groups of one type and profile.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct SpaceUsage {
    /// What they hold.
    pub holds: BlockGroupType,
    /// How they are laid out.
    pub profile: Profile,
    /// Bytes that they have.
    pub total: u64,
    /// Bytes of these that are in use.
    pub used: u64,
    /// Bytes that they take of each device, in the order of [`Usage::devices`].
    pub on_devices: Vec<u64>,
}

/// A device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct DeviceRoom {
    /// The device.
    pub device: DevId,
    /// Bytes that it has.
    pub total: u64,
    /// Bytes that belong to no chunk. The first MiB never does, and counts here as it does in btrfs-progs.
    pub unallocated: u64,
    /// The longest range of these that a chunk can be laid on.
    pub longest: u64,
}

/// What could be allocated if all new chunks were of one type and profile.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Allocatable {
    /// Their profile.
    pub profile: Profile,
    /// Bytes of the logical address space that they would have.
    pub bytes: u64,
    /// How many there would be.
    pub chunks: u64,
    /// Bytes of each device that none of them could reach, in the order of [`FsState::devices`].
    pub unreachable: Vec<u64>,
}

/// How much can still be written, as the filesystem is now.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Headroom {
    /// Free bytes of the block groups of data that new data goes into.
    pub free: u64,
    /// What chunks of data could be made besides, of the profile that new ones have.
    pub allocatable: Allocatable,
    /// Free bytes of metadata, of which the kernel keeps back [`FsState::global_reserve`]. When all else belongs to data
    /// this is what metadata has left: deleting takes some too.
    pub metadata: u64,
    /// Whether that is too little for a file to be created, and there is no room for more: then what is free for data may
    /// not be to be had. See [`KernelRules::metadata_to_create`].
    pub short_of_metadata: bool,
}

impl Headroom {
    /// Bytes of data that fit still, where nothing becomes metadata.
    #[must_use]
    pub fn data(&self) -> u64 {
        self.free.saturating_add(self.allocatable.bytes)
    }
}

impl KernelRules {
    /// Bytes of metadata that the kernel wants beyond its reserve before it creates a file, whatever of them it then uses:
    /// 240 tree blocks, measured on Linux 6.18 with a free space tree (`btrfs_start_transaction`, and half of that again
    /// twice for what is written later); some more with access control lists.
    #[must_use]
    pub fn metadata_to_create(&self, nodesize: u32) -> u64 {
        256 * u64::from(nodesize)
    }

    /// The profile of new chunks of a type, and the bytes that are free in those that there are and suit it, as
    /// [`Filesystem::space`](crate::Filesystem::space) counts them: what everybody may know.
    ///
    /// Two profiles stand side by side after a conversion that did not end. The kernel goes on with one of them, and what
    /// is free in chunks of the other takes no new extents, unless the new ones are single: these go anywhere
    /// (`find_free_extent` in extent-tree.c, Linux 6.18). What was written since the last commit may count as free still.
    #[must_use]
    pub fn free_in(&self, space: &SpaceInfo, holds: BlockGroupType, writable: usize) -> (Profile, u64) {
        let present = space.profiles(holds);
        let profile = preferred(self, writable, |profile| present.contains((*profile).into()));
        let suits = |space: &&Space| {
            space.block_group_type() == Some(holds) && (profile == Profile::Single || space.profile() == Some(profile))
        };
        let free = space.spaces.iter().filter(suits).map(|space| space.total.saturating_sub(space.used));
        (profile, free.sum())
    }
}

impl FsState {
    /// How much can still be written. On uneven devices that is less than what is unallocated.
    ///
    /// # Errors
    ///
    /// Where this can't be the state of a filesystem.
    pub fn headroom(&self, rules: &KernelRules) -> Result<Headroom, Unsound> {
        self.check()?;
        let surveyed = Surveyed::new(self);
        let simulation = Simulation::new(&surveyed, rules, &Perturbation::NOMINAL);
        let (data, metadata) = match self.mixed {
            true => (BlockGroupType::Mixed, BlockGroupType::Mixed),
            false => (BlockGroupType::Data, BlockGroupType::Metadata),
        };
        let (profile, free) = simulation.free_of(data);
        let (of_metadata, left) = simulation.free_of(metadata);
        let more_metadata = allocatable(&surveyed, metadata, of_metadata, rules).bytes;
        Ok(Headroom {
            free,
            allocatable: allocatable(&surveyed, data, profile, rules),
            metadata: left,
            short_of_metadata: self.is_short(left, more_metadata, self.global_reserve, rules),
        })
    }

    /// Whether so many bytes of metadata that are left, of this profile, are too little for a file to be created, and there
    /// is no room for more. `reserve` is what the kernel keeps back.
    ///
    /// # Errors
    ///
    /// Where this can't be the state of a filesystem.
    pub fn short_of_metadata(
        &self,
        holds: BlockGroupType,
        profile: Profile,
        left: u64,
        reserve: u64,
        rules: &KernelRules,
    ) -> Result<bool, Unsound> {
        Ok(self.is_short(left, self.allocatable(holds, profile, rules)?.bytes, reserve, rules))
    }

    fn is_short(&self, left: u64, more: u64, reserve: u64, rules: &KernelRules) -> bool {
        left.saturating_add(more) < reserve.saturating_add(rules.metadata_to_create(self.nodesize))
    }

    /// What is used for what.
    ///
    /// # Errors
    ///
    /// Where this can't be the state of a filesystem.
    pub fn usage(&self) -> Result<Usage, Unsound> {
        self.check()?;
        let mut spaces: Vec<SpaceUsage> = Vec::new();
        let mut by_width: BTreeMap<(Profile, u16), u64> = BTreeMap::new();
        for group in &self.block_groups {
            let (holds, profile) = (group.holds, group.profile);
            let known = spaces.iter().position(|space| (space.holds, space.profile) == (holds, profile));
            let at = known.unwrap_or(spaces.len());
            if known.is_none() {
                let on_devices = vec![0; self.devices.len()];
                spaces.push(SpaceUsage { holds, profile, total: 0, used: 0, on_devices });
            }
            let space = &mut spaces[at];
            space.total += group.length;
            space.used += group.used;
            let stripe = group.stripe_bytes().unwrap_or(0);
            for (device, bytes) in self.devices.iter().zip(&mut space.on_devices) {
                let stripes = group.stripes.iter().filter(|piece| piece.device == device.id).count();
                *bytes += stripe * u64::try_from(stripes).unwrap_or(0);
            }
            let stripes = u16::try_from(group.stripes.len()).unwrap_or(u16::MAX);
            *by_width.entry((profile, stripes)).or_default() += group.used;
        }
        // Rounded once, at the end, as btrfs-progs does it: a group's share of parity need not be whole bytes.
        let scale = if by_width.values().sum::<u64>() < 1 << 50 { 1024 } else { 1 };
        let scaled =
            by_width.into_iter().filter_map(|((profile, stripes), used)| profile.raw_bytes(used * scale, stripes));
        let used = scaled.fold(scale / 2, u64::saturating_add) / scale;
        spaces.sort_by_key(|space| (space.holds, space.profile));
        let rooms = Simulation::new(&Surveyed::new(self), &KernelRules::default(), &Perturbation::NOMINAL).rooms();
        let devices: Vec<_> = self
            .devices
            .iter()
            .zip(rooms)
            .map(|(device, room)| DeviceRoom {
                device: device.id,
                total: device.total,
                unallocated: room.unallocated,
                longest: room.longest,
            })
            .collect();
        let size = devices.iter().map(|device| device.total).sum();
        let unallocated = devices.iter().map(|device| device.unallocated).sum();
        Ok(Usage { size, allocated: size - unallocated, unallocated, used, spaces, devices })
    }

    /// What could be allocated if all new chunks held `holds` and had this profile: found by making them, as the kernel
    /// would, until there is no room for another. On devices of 4, 2 and 1 TiB a raid1 reaches 3 TiB and leaves 1 TiB of
    /// the first.
    ///
    /// # Errors
    ///
    /// Where this can't be the state of a filesystem.
    pub fn allocatable(
        &self,
        holds: BlockGroupType,
        profile: Profile,
        rules: &KernelRules,
    ) -> Result<Allocatable, Unsound> {
        self.check()?;
        Ok(allocatable(&Surveyed::new(self), holds, profile, rules))
    }
}

fn allocatable(surveyed: &Surveyed<'_>, holds: BlockGroupType, profile: Profile, rules: &KernelRules) -> Allocatable {
    let mut simulation = Simulation::new(surveyed, rules, &Perturbation::NOMINAL);
    let (chunks, bytes) = simulation.fill(holds, profile);
    let reserved = |total: u64| total.min(RESERVED);
    let rooms = simulation.rooms().into_iter().zip(&surveyed.state.devices);
    let unreachable = rooms.map(|(room, device)| match device.writable {
        true => room.unallocated.saturating_sub(reserved(device.total)),
        false => room.unallocated,
    });
    Allocatable { profile, bytes, chunks, unreachable: unreachable.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block_group::BlockGroupFlags;
    use crate::preflight::{BlockGroup, DeviceState};
    use crate::space::GlobalReserve;

    const GIB: u64 = 1 << 30;

    fn empty(sizes: &[u64]) -> FsState {
        let mut state = FsState::new(16384, 4096);
        state.devices = (1..).zip(sizes).map(|(id, gib)| DeviceState::new(DevId(id), gib * GIB)).collect();
        state
    }

    fn data(state: &FsState, profile: Profile) -> Allocatable {
        state.allocatable(BlockGroupType::Data, profile, &KernelRules::default()).unwrap()
    }

    #[test]
    fn uneven_devices_leave_what_no_chunk_can_reach() {
        let state = empty(&[4096, 2048, 1024]);
        let raid1 = data(&state, Profile::Raid1);
        // Short of what the reserved MiB of each device costs.
        assert!((3 * 1024 * GIB - GIB..=3 * 1024 * GIB).contains(&raid1.bytes), "{raid1:?}");
        assert!((1023 * GIB..=1025 * GIB).contains(&raid1.unreachable[0]) && raid1.unreachable[1] < GIB, "{raid1:?}");
        let raid1c3 = data(&state, Profile::Raid1c3);
        assert!((1023 * GIB..=1024 * GIB).contains(&raid1c3.bytes), "{raid1c3:?}");
        let single = data(&state, Profile::Single);
        assert_eq!(single.unreachable, [0; 3]);
        assert_eq!(data(&state, Profile::Raid1c4).bytes, 0);
    }

    #[test]
    fn wide_profiles_get_narrower_as_devices_fill_up() {
        let raid6 = data(&empty(&[10, 10, 10, 20, 20]), Profile::Raid6);
        // 10 GiB on five devices, three of them data; then two devices are left, which are too few.
        assert!((29 * GIB..=30 * GIB).contains(&raid6.bytes), "{raid6:?}");
        let raid5 = data(&empty(&[10, 10, 10, 20, 20]), Profile::Raid5);
        assert!((49 * GIB..=50 * GIB).contains(&raid5.bytes), "{raid5:?}");
    }

    #[test]
    fn what_fits_still_is_free_or_can_be_allocated() {
        let mut state = empty(&[8, 4]);
        let group = |holds, start, used| {
            BlockGroup::new(holds, Profile::Raid1, start, GIB)
                .stripe(DevId(1), start)
                .stripe(DevId(2), start)
                .used(used)
        };
        state.block_groups =
            vec![group(BlockGroupType::Metadata, 1 << 20, GIB / 4), group(BlockGroupType::Data, 2 * GIB, GIB / 2)];
        let headroom = state.headroom(&KernelRules::default()).unwrap();
        // Without the block that a superblock lies in.
        assert_eq!((headroom.free, headroom.metadata), (GIB / 2, GIB - GIB / 4 - (64 << 10)));
        // Of the second device 2 GiB are left, in two pieces.
        assert!((2 * GIB - (4 << 20)..2 * GIB).contains(&headroom.allocatable.bytes), "{headroom:?}");
        assert!(headroom.allocatable.unreachable[0] >= 4 * GIB, "{headroom:?}");
        assert_eq!(headroom.data(), headroom.free + headroom.allocatable.bytes);
    }

    #[test]
    fn what_is_free_in_chunks_of_another_profile_takes_nothing_new() {
        let data = |profile, total| {
            let flags = BlockGroupFlags::new(BlockGroupType::Data, profile);
            Space { flags, total, used: GIB }
        };
        let spaces = vec![data(Profile::Single, 5 * GIB), data(Profile::Raid1, 3 * GIB)];
        let space = SpaceInfo { spaces, global_reserve: GlobalReserve { size: 0, used: 0 } };
        let rules = KernelRules::default();
        assert_eq!(rules.free_in(&space, BlockGroupType::Data, 2), (Profile::Raid1, 2 * GIB));
        // Of one device no raid1 can be made: new chunks are single, whose extents go anywhere.
        assert_eq!(rules.free_in(&space, BlockGroupType::Data, 1), (Profile::Single, 6 * GIB));
        assert_eq!(rules.free_in(&space, BlockGroupType::Metadata, 2), (Profile::Single, 0));
    }

    #[test]
    fn shares_of_parity_are_added_up_before_they_are_rounded() {
        let mut state = empty(&[8; 4]);
        let group = |start: u64| {
            let group = BlockGroup::new(BlockGroupType::Data, Profile::Raid5, start, 3 * GIB).used(4096);
            (1..=4).fold(group, |group, device| group.stripe(DevId(device), start / 3))
        };
        state.block_groups = [3 * GIB, 6 * GIB, 9 * GIB].map(group).to_vec();
        assert_eq!(state.usage().unwrap().used, 4 * 4096);
        // Five devices of data are another width.
        state.devices.extend([5, 6].map(|id| DeviceState::new(DevId(id), 8 * GIB)));
        let wide = BlockGroup::new(BlockGroupType::Data, Profile::Raid5, 12 * GIB, 5 * GIB).used(5 * 4096);
        state.block_groups.push((1..=6).fold(wide, |group, device| group.stripe(DevId(device), 5 * GIB)));
        assert_eq!(state.usage().unwrap().used, 4 * 4096 + 5 * 4096 * 6 / 5);
    }

    #[test]
    fn figures_add_up() {
        let mut state = empty(&[8, 8]);
        state.block_groups = vec![
            BlockGroup::new(BlockGroupType::Metadata, Profile::Raid1, 1 << 20, GIB)
                .stripe(DevId(1), 1 << 20)
                .stripe(DevId(2), 1 << 20)
                .used(300 << 20),
            BlockGroup::new(BlockGroupType::Data, Profile::Single, 2 * GIB, 3 * GIB)
                .stripe(DevId(2), 2 * GIB)
                .extent(2 * GIB, GIB),
        ];
        let usage = state.usage().unwrap();
        assert_eq!((usage.size, usage.allocated, usage.used), (16 * GIB, 5 * GIB, GIB + (600 << 20)));
        assert_eq!(usage.spaces[0].on_devices, [0, 3 * GIB]);
        assert_eq!(usage.spaces[1].on_devices, [GIB, GIB]);
        assert_eq!((usage.devices[0].unallocated, usage.devices[0].longest), (7 * GIB, 7 * GIB - (1 << 20)));
        assert_eq!((usage.devices[1].unallocated, usage.devices[1].longest), (4 * GIB, 3 * GIB));
    }
}
