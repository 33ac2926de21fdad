//! Folding 100,000 messages, new ones and ones seen before.
#![allow(missing_docs, reason = "criterion's macros make undocumented functions")]

mod common;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use qwatch::watch::Watch;

const MESSAGES: usize = 100_000;

fn folding(criterion: &mut Criterion) {
    let observations: Vec<_> =
        (0..MESSAGES / 10).map(|n| common::observation(n as u64 / 100, n * 10..n * 10 + 10)).collect();
    let mut group = criterion.benchmark_group("fold 100,000 messages");
    group.throughput(Throughput::Elements(MESSAGES as u64));
    let fold = |mut watch: Watch| {
        for observation in &observations {
            watch.observe(observation);
        }
        watch
    };
    group.bench_function("new", |bencher| bencher.iter_batched(Watch::default, fold, BatchSize::LargeInput));
    group.bench_function("seen before", |bencher| {
        bencher.iter_batched(|| fold(Watch::default()), fold, BatchSize::LargeInput);
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().measurement_time(std::time::Duration::from_secs(3)).sample_size(10);
    targets = folding
}
criterion_main!(benches);
