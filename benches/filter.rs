//! A filter over 100,000 messages of some 400 bytes that are held, as `rg -c` would look through them in a file.
//!
//! `QWATCH_BENCH_FILE=FILE cargo bench --bench filter` writes the same bodies to FILE, a line each, for `rg` to be timed on.
#![allow(missing_docs, reason = "criterion's macros make undocumented functions")]

mod common;

use std::io::Write as _;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use qwatch::filter::{Filter, Saved, Subject};
use qwatch::watch::Watch;

const MESSAGES: usize = 100_000;

fn filtering(criterion: &mut Criterion) {
    let observation = common::observation(0, 0..MESSAGES);
    let messages = observation.messages();
    if let Some(file) = std::env::var_os("QWATCH_BENCH_FILE") {
        let mut lines = std::io::BufWriter::new(std::fs::File::create(file).expect("a file"));
        for message in messages {
            writeln!(lines, "{}", message.body().replace('\n', " ")).expect("written");
        }
    }
    // Held: most of them are compressed.
    let mut watch = Watch::default();
    watch.observe(&observation);
    let ledger = &watch.endpoint(&observation.endpoint).expect("observed").ledger;
    assert_eq!(ledger.len(), MESSAGES);
    let mut group = criterion.benchmark_group("filter 100,000 messages");
    group.throughput(Throughput::Bytes(messages.iter().map(|message| message.body().len() as u64).sum()));
    for text in [
        "nowhere-to-be-found",
        "body:nowhere-to-be-found",
        "body:/nowhere-(at|to)/",
        "body.status = failed",
        "size > 1kB",
    ] {
        let filter = Filter::parse(text, &Saved::new()).expect("a filter");
        group.bench_function(text, |bencher| {
            bencher.iter(|| {
                let taken = ledger.newest_first(u64::MAX - 1).filter(|(_, entry)| {
                    filter.matches(&Subject {
                        receives: 1,
                        is_new: true,
                        is_poison: false,
                        is_pinned: false,
                        received: entry,
                        now: observation.started.wall,
                    })
                });
                taken.count()
            });
        });
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().measurement_time(std::time::Duration::from_secs(3)).sample_size(10);
    targets = filtering
}
criterion_main!(benches);
