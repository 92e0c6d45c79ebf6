//! Filesystems that were never made, too large for that.

use btrfs::preflight::{BlockGroup, DeviceState, FsState};
use btrfs::{BlockGroupType, DevId, Profile};

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;
/// Devices of the filesystem.
pub const DEVICES: u64 = 50;

/// Chunks of a gibibyte, raid1, half full; one in a hundred is of metadata.
#[must_use]
pub fn filesystem(chunks: u64) -> FsState {
    let mut state = FsState::new(16384, 4096);
    state.global_reserve = 512 * MIB;
    let total = chunks * 2 / DEVICES * GIB * 6 / 5 + 10 * GIB;
    state.devices = (1..=DEVICES).map(|id| DeviceState::new(DevId(id), total)).collect();
    let place = |nth: u64| (DevId(nth % DEVICES + 1), nth / DEVICES * GIB + MIB);
    let groups = (0..chunks).map(|nth| {
        let holds = if nth % 100 == 0 { BlockGroupType::Metadata } else { BlockGroupType::Data };
        let start = nth * GIB + MIB;
        let group = BlockGroup::new(holds, Profile::Raid1, start, GIB);
        let group = match holds {
            BlockGroupType::Metadata => group.used(GIB / 2),
            _ => (0..8).fold(group, |group, nth| group.extent(start + nth * 100 * MIB, 64 * MIB)),
        };
        let ((one, at), (other, there)) = (place(2 * nth), place(2 * nth + 1));
        group.stripe(one, at).stripe(other, there)
    });
    state.block_groups = groups.collect();
    let at = (chunks * 2 / DEVICES + 2) * GIB;
    let system = BlockGroup::new(BlockGroupType::System, Profile::Raid1, chunks * GIB + MIB, 32 * MIB).used(8 * MIB);
    state.block_groups.push(system.stripe(DevId(1), at).stripe(DevId(2), at));
    state
}
