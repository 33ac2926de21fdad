//! Decoding ten messages of 400 B takes half as long again as merely walking over the same bytes.
#![allow(missing_docs, reason = "criterion's macros make undocumented functions")]

mod common;

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use qwatch::wire::{Answer, Shape, decode, encode};
use serde::de::IgnoredAny;

fn decoding(criterion: &mut Criterion) {
    let messages: Vec<_> = (0..10).map(common::message).collect();
    let _ = common::observation(0, 0..0);
    for shape in [Shape::QueryJson, Shape::QueryJsonOneOrMany, Shape::AwsJson, Shape::QueryXml] {
        let body = encode(shape, &messages, "request");
        let mut group = criterion.benchmark_group(format!("{shape:?}"));
        group.throughput(Throughput::Bytes(body.len() as u64));
        group.bench_function("decode", |bencher| {
            bencher.iter(|| {
                let received = decode(&Answer { status: 200, body: black_box(&body), ..Answer::default() });
                assert_eq!(received.map_or(0, |received| received.messages.len()), 10);
            });
        });
        if shape != Shape::QueryXml {
            group.bench_function("IgnoredAny", |bencher| {
                bencher.iter(|| serde_json::from_slice::<IgnoredAny>(black_box(&body)).expect("JSON"));
            });
        }
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().measurement_time(std::time::Duration::from_secs(2)).sample_size(50);
    targets = decoding
}
criterion_main!(benches);
