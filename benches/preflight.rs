//! What a verdict costs, against the number of chunks: filesystems of 50 devices and up to 100 TB that were never made.

use std::hint::black_box;
use std::time::Duration;

use btrfs::balance::{BalanceRequest, Filters};
use btrfs::preflight::{BlockGroup, DeviceState, FsState, KernelRules, Operation};
use btrfs::{BlockGroupType, DevId, Profile};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;
const DEVICES: u64 = 50;

/// Chunks of a gibibyte, raid1, half full; one in a hundred is of metadata.
fn filesystem(chunks: u64) -> FsState {
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

fn verdicts(criterion: &mut Criterion) {
    let rules = KernelRules::default();
    let operations = [
        ("everything", Operation::from(BalanceRequest::everything())),
        ("to raid1c3", Operation::from(BalanceRequest::new().data(Filters::new().convert(Profile::Raid1c3)))),
        ("remove a device", Operation::RemoveDevice(DevId(7))),
    ];
    let mut group = criterion.benchmark_group("verdict");
    group.sample_size(10).warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(5));
    for chunks in [1_000, 10_000, 50_000, 100_000] {
        let state = filesystem(chunks);
        group.throughput(Throughput::Elements(chunks));
        for (name, operation) in &operations {
            group.bench_function(BenchmarkId::new(*name, chunks), |bencher| {
                bencher.iter(|| black_box(operation.foresee(&state, &rules)));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, verdicts);
criterion_main!(benches);
