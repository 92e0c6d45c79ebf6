//! What a verdict costs, against the number of chunks: filesystems of 50 devices and up to 100 TB that were never made.

use std::hint::black_box;
use std::time::Duration;

use btrfs::balance::{BalanceRequest, Filters};
use btrfs::preflight::{KernelRules, Operation};
use btrfs::{DevId, Profile};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use trials::synthetic::filesystem;

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
