//! Chunks that are made, metadata that is promised: `space-info.c` and the first half of `block-group.c`.

use super::device::{ChunkLimit, Plan, available, plan};
use super::group::Group;
use super::{DATA, METADATA, PREFERRED, SYSTEM, Short, Simulation, index, pool_of, usable};
use crate::block_group::BlockGroupType;
use crate::preflight::report::Phase;
use crate::preflight::rules::{KernelRules, MAX_STRIPE, RELOCATION_NODES, chunk_size};
use crate::profile::Profile;

/// How many chunks the kernel makes for one reservation at the most.
const ATTEMPTS: u32 = 64;

/// Of the profiles that are present that of a new chunk: `btrfs_reduce_alloc_profile` in block-group.c, Linux 6.18.
pub(in crate::preflight) fn preferred(
    rules: &KernelRules,
    writable: usize,
    present: impl Fn(&Profile) -> bool,
) -> Profile {
    let possible = |profile: &&Profile| usize::from(rules.min_devices(**profile)) <= writable;
    PREFERRED.iter().filter(possible).find(|profile| present(profile)).copied().unwrap_or(Profile::Single)
}

impl Simulation<'_> {
    /// The profile of a new chunk: `btrfs_get_alloc_profile` in block-group.c, Linux 6.18.
    pub(super) fn profile(&self, pool: usize) -> Profile {
        let present = |profile: &Profile| self.pools[pool].by_profile[index(*profile)].groups > 0;
        if let Some(target) = self.targets[pool].filter(|target| self.rules.convert_at_once || present(target)) {
            return target;
        }
        let writable = self.devices.iter().filter(|device| device.writable).count();
        preferred(self.rules, writable, present)
    }

    /// The greatest chunk of a pool: `init_alloc_chunk_ctl_policy_regular` in volumes.c.
    fn limit(&self, pool: usize) -> ChunkLimit {
        let sizes = &self.state.chunk_sizes;
        let size = match pool {
            DATA => sizes.data.unwrap_or(chunk_size::DATA),
            METADATA => sizes.metadata.unwrap_or(chunk_size::metadata(self.writable)),
            _ => sizes.system.unwrap_or(chunk_size::SYSTEM),
        };
        ChunkLimit { size, share: self.writable / 10 }
    }

    fn plan(&mut self, pool: usize, profile: Profile) -> Option<Plan> {
        let limit = self.limit(pool);
        let last_first = self.knobs.last_device_first;
        plan(&mut self.devices, profile, limit, self.rules, last_first, &mut self.offers)
    }

    /// Makes a chunk, unless there is no room; says where it begins. `btrfs_chunk_alloc` in block-group.c.
    ///
    /// The chunk tree has to note it, and so has to have room itself.
    pub(super) fn make_chunk(&mut self, pool: usize, profile: Profile) -> Result<Option<u64>, Short> {
        if self.pools[pool].full {
            return Ok(None);
        }
        let start = self.lay(pool, profile);
        self.pools[pool].full = start.is_none();
        self.chunks_made += u32::from(start.is_some());
        if start.is_some() && pool != SYSTEM {
            self.note_chunk()?;
        }
        Ok(start)
    }

    /// Lays a chunk over devices, unless there is no room.
    fn lay(&mut self, pool: usize, profile: Profile) -> Option<u64> {
        let plan = self.plan(pool, profile)?;
        for (at, offset) in &plan.stripes {
            self.devices[*at].allocate(*offset, plan.stripe);
        }
        let holds = match (pool, self.state.mixed) {
            (DATA, true) => BlockGroupType::Mixed,
            (DATA, false) => BlockGroupType::Data,
            (METADATA, _) => BlockGroupType::Metadata,
            _ => BlockGroupType::System,
        };
        // Addresses behind the last chunk there is: those of removed ones are used again.
        let start = self.groups.end();
        self.add(Group::empty(start, holds, profile, plan));
        Some(start)
    }

    /// Makes chunks until there is no room for another. Says how many there are, and how many bytes they have.
    pub(in crate::preflight) fn fill(&mut self, holds: BlockGroupType, profile: Profile) -> (u64, u64) {
        let pool = pool_of(holds);
        let before = self.pools[pool].total;
        let mut chunks = 0;
        while self.lay(pool, profile).is_some() {
            chunks += 1;
        }
        (chunks, self.pools[pool].total - before)
    }

    /// The profile of new chunks of a type, and the bytes that are free in those that there are and suit it.
    pub(in crate::preflight) fn free_of(&self, holds: BlockGroupType) -> (Profile, u64) {
        let pool = pool_of(holds);
        let profile = self.profile(pool);
        (profile, self.pools[pool].free_for(profile))
    }

    /// Makes one chunk, where there is room.
    #[cfg(test)]
    pub(in crate::preflight) fn make_one(&mut self, holds: BlockGroupType, profile: Profile) {
        self.lay(pool_of(holds), profile);
    }

    /// Makes sure of room in the chunk tree: `do_chunk_alloc` in block-group.c.
    fn note_chunk(&mut self) -> Result<(), Short> {
        let profile = self.profile(SYSTEM);
        let free = |profile: &Profile| self.pools[SYSTEM].by_profile[index(*profile)].fit.longest();
        let redundant_enough = [Profile::Single, Profile::Raid0];
        if usable(profile).iter().chain(&redundant_enough).any(|of| free(of) > 4 * self.nodesize()) {
            return Ok(());
        }
        match self.make_chunk(SYSTEM, profile)? {
            Some(_) => Ok(()),
            None => Err(Short { phase: Phase::SystemChunk, missing: 4 * self.nodesize() }),
        }
    }

    pub(super) fn nodesize(&self) -> u64 {
        self.state.nodesize.into()
    }

    /// Bytes that may be promised beyond what there is: `calc_available_free_space` in space-info.c, Linux 6.18. Data
    /// never is, and so neither is metadata that shares its block groups.
    pub(super) fn overcommit(&self, pool: usize, flushing: bool) -> u64 {
        if pool == DATA {
            return 0;
        }
        let profile = self.profile(pool);
        let mut bytes = match self.rules.overcommit_per_profile {
            true => available(&self.devices, profile, self.rules),
            false => self.unallocated() / u64::from(profile.raid().copies),
        };
        if self.rules.overcommit_spares_data {
            let data = self.limit(DATA);
            bytes = bytes.saturating_sub(data.size.min(data.share).min(MAX_STRIPE));
        }
        if flushing { bytes >> 3 } else { bytes >> 1 }
    }

    /// Reserves metadata for a relocation: `btrfs_block_rsv_refill` with `BTRFS_RESERVE_FLUSH_ALL`.
    pub(super) fn reserve_metadata(&mut self) -> Result<(), Short> {
        let bytes = RELOCATION_NODES * self.nodesize();
        let pool = self.metadata();
        for _ in 0..ATTEMPTS {
            let wanted = self.pools[pool].taken() + self.state.global_reserve + bytes;
            let total = self.pools[pool].total;
            if wanted <= total || wanted < total + self.overcommit(pool, true) {
                return Ok(());
            }
            if self.make_chunk(pool, self.profile(pool))?.is_none() {
                return Err(Short { phase: Phase::MetadataReserve, missing: wanted - total });
            }
        }
        Ok(())
    }

    /// Reserves data for extents that lie together: `btrfs_alloc_data_chunk_ondemand`. Free bytes of all profiles count.
    pub(super) fn reserve_data(&mut self, bytes: u64) -> Result<(), Short> {
        for _ in 0..ATTEMPTS {
            let (wanted, total) = (self.pools[DATA].taken() + bytes, self.pools[DATA].total);
            if wanted <= total {
                return Ok(());
            }
            if self.make_chunk(DATA, self.profile(DATA))?.is_none() {
                return Err(Short { phase: Phase::DataReserve, missing: wanted - total });
            }
        }
        Ok(())
    }

    /// Sets a block group read-only: `btrfs_inc_block_group_ro` in block-group.c, Linux 6.18.
    pub(super) fn set_read_only(&mut self, start: u64) -> Result<(), Short> {
        let Some(group) = self.groups.get(start) else { return Ok(()) };
        let (pool, profile, free) = (pool_of(group.holds), group.profile, group.free());
        let target = self.profile(pool);
        if target != profile {
            if pool == SYSTEM && self.missing_to_spare(pool, free) > 0 {
                self.outcome.system_tight = true;
            }
            self.make_chunk(pool, target)?;
        }
        if self.missing_to_spare(pool, free) > 0 && pool != SYSTEM {
            self.make_chunk(pool, target)?;
        }
        match self.missing_to_spare(pool, free) {
            0 => Ok(()),
            missing => Err(Short { phase: Phase::ReadOnly, missing }),
        }?;
        self.change(start, |group| group.read_only = true);
        Ok(())
    }

    /// How many bytes are missing to do without the free bytes of a block group: `inc_block_group_ro`.
    fn missing_to_spare(&self, pool: usize, free: u64) -> u64 {
        if pool == DATA {
            return 0;
        }
        let reserve = if pool == self.metadata() { self.state.global_reserve } else { 0 };
        let wanted = self.pools[pool].taken() + reserve + free;
        let bound = self.pools[pool].total + self.overcommit(pool, false);
        (wanted + 1).saturating_sub(bound)
    }

    /// Whether no more metadata could be allocated; then notes how little of it is free.
    pub(super) fn note_metadata(&mut self, needed: u64) {
        const LITTLE: u64 = 4 << 20;
        let pool = self.metadata();
        let profile = self.profile(pool);
        if self.room_for(profile) {
            return;
        }
        let free = self.free_for_trees(pool);
        let least = self.outcome.least_metadata.map_or(free, |least| least.min(free));
        self.outcome.least_metadata = Some(least);
        self.outcome.metadata_short |= free < LITTLE + needed;
    }

    /// Whether there is a device for each stripe of the smallest chunk.
    fn room_for(&self, profile: Profile) -> bool {
        use crate::preflight::rules::STRIPE;
        let raid = profile.raid();
        let least = STRIPE * u64::from(raid.device_stripes);
        let able =
            |device: &&super::Device| device.writable && device.longest() >= least && device.unallocated() >= least;
        let needed = usize::from(self.rules.min_devices(profile).next_multiple_of(raid.device_increment));
        self.devices.iter().filter(able).take(needed).count() == needed
    }
}
