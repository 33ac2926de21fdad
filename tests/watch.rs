//! What observations add up to: nothing is lost without being counted, and nothing is made up.

#[path = "common/observed.rs"]
mod observed;

use std::time::Duration;

use observed::{answered, back_off_until, failed, fault, message, moment, received_times};
use proptest::prelude::*;
use qwatch::observation::{EndpointName, Next, Observation};
use qwatch::sqs::AttributeName;
use qwatch::watch::series::Bucket;
use qwatch::watch::{Bounds, Change, EndpointWatch, HeldReader, Span, State, Watch};
use qwatch::wire::FaultKind;

const ORDERS: &str = "orders";

fn watch(observations: &[Observation]) -> Watch {
    let mut watch = Watch::default();
    for observation in observations {
        watch.observe(observation);
    }
    watch
}

fn orders(watch: &Watch) -> &EndpointWatch {
    watch.endpoint(&EndpointName::from(ORDERS)).expect("observed")
}

fn ids(watch: &EndpointWatch) -> Vec<String> {
    let newest = watch.ledger.newest_first(u64::MAX - 1);
    newest.map(|(_, entry)| entry.message().message_id().to_owned()).collect()
}

/// One character a second, oldest first: a gap, nothing, or how many messages came.
fn seconds(watch: &EndpointWatch, now: u64, back: u64) -> String {
    let shown = |bucket: Bucket| match bucket.cell {
        cell if cell.is_gap() => '·',
        cell => char::from_digit(cell.received, 10).unwrap_or('+'),
    };
    watch.series.buckets(Duration::from_secs(now), back, 1).map(shown).collect()
}

#[test]
fn the_newest_message_comes_first_and_a_repeated_one_keeps_its_place() {
    let (a, b) = (message("a", "1"), message("b", "2"));
    let watch = watch(&[
        answered(ORDERS, 0.0, 1.0, vec![received_times(a.clone(), 1), received_times(b, 1)]),
        answered(ORDERS, 1.0, 1.0, vec![message("c", "3"), received_times(a, 2)]),
    ]);
    let orders = orders(&watch);
    assert_eq!(ids(orders), ["c", "b", "a"]);
    assert_eq!((orders.impact.receives, orders.ledger.distinct()), (4, 3));
    let a = orders.ledger.get(orders.ledger.find("a").expect("held")).expect("held");
    let sightings: Vec<_> = a
        .sightings()
        .map(|seen| (seen.at.offset.as_millis(), seen.receive_count, seen.receipt_handle_end))
        .collect();
    assert_eq!(
        sightings,
        [(10, Some(1), "of-a-1".into()), (1_010, Some(2), "of-a-2".into())],
        "every sighting: when, receive count and the end of the receipt handle"
    );
}

#[test]
fn sightings_beyond_what_is_kept_are_counted() {
    let seen: Vec<_> = (0..500)
        .map(|n| answered(ORDERS, f64::from(n), 1.0, vec![received_times(message("a", "x"), n + 1)]))
        .collect();
    let watch = watch(&seen);
    let (_, entry) = orders(&watch).ledger.newest_first(0).next().expect("held");
    assert_eq!(entry.receives(), 500);
    assert_eq!(entry.sightings().count() + entry.dropped_sightings() as usize, 500);
    let kept: Vec<_> = entry.sightings().filter_map(|seen| seen.receive_count).collect();
    assert_eq!((kept.first(), kept.last()), (Some(&1), Some(&500)), "the first and the newest are kept");
}

#[test]
fn the_fullest_endpoint_makes_room_and_what_it_drops_is_counted() {
    let mut watch = Watch::new(Bounds { messages: 10, ..Bounds::default() });
    watch.observe(&answered("quiet", 0.0, 1.0, vec![message("q", "x")]));
    for n in 0..5 {
        let messages = (0..10).map(|m| message(&format!("{n}-{m}"), "body")).collect();
        watch.observe(&answered(ORDERS, f64::from(n), 1.0, messages));
    }
    assert_eq!(watch.endpoint(&"quiet".into()).expect("observed").ledger.len(), 1);
    let ledger = &orders(&watch).ledger;
    assert_eq!((ledger.len(), ledger.dropped(), ledger.distinct()), (9, 41, 50));
    assert_eq!(ledger.find("0-0"), None, "the oldest go first");
}

#[test]
fn a_second_without_a_poll_is_a_gap_and_never_a_zero() {
    let one = || vec![message("a", "x")];
    let cases: [(&str, Vec<Observation>, &str); 5] = [
        (
            "two seconds apart as planned",
            vec![
                answered(ORDERS, 0.0, 2.0, one()),
                answered(ORDERS, 2.0, 2.0, vec![]),
                answered(ORDERS, 4.0, 2.0, one()),
            ],
            "10001··",
        ),
        (
            "paused for three seconds",
            vec![
                answered(ORDERS, 0.0, 1.0, one()),
                answered(ORDERS, 1.0, 1.0, vec![]),
                answered(ORDERS, 5.0, 1.0, one()),
            ],
            "10···1·",
        ),
        (
            "backing off after a fault",
            vec![
                answered(ORDERS, 0.0, 1.0, one()),
                failed(ORDERS, 1.0, fault(503, ""), back_off_until(4.0)),
                answered(ORDERS, 4.0, 1.0, one()),
            ],
            "1···1··",
        ),
        ("stopped", vec![failed(ORDERS, 0.0, fault(403, ""), Next::Stop)], "·······"),
        (
            "one poll in six seconds as planned",
            vec![answered(ORDERS, 0.0, 6.0, one()), answered(ORDERS, 6.0, 6.0, one())],
            "1000001",
        ),
    ];
    for (what, observations, expected) in cases {
        let watch = watch(&observations);
        assert_eq!(seconds(orders(&watch), 6, 6), expected, "{what}");
    }
}

#[test]
fn a_wall_clock_that_jumps_changes_no_second() {
    let mut observations: Vec<_> =
        (0..5).map(|n| answered(ORDERS, f64::from(n), 1.0, vec![message(&n.to_string(), "x")])).collect();
    let plain = seconds(orders(&watch(&observations)), 4, 4);
    for observation in &mut observations[2..] {
        observation.started.wall -= chrono::TimeDelta::days(400);
    }
    assert_eq!(seconds(orders(&watch(&observations)), 4, 4), plain);
}

#[test]
fn rates_count_whole_seconds_only() {
    let ten = |n: u32| (0..10).map(|m| message(&format!("{n}-{m}"), "x")).collect();
    let watch = watch(&(0..30).map(|n| answered(ORDERS, f64::from(n), 1.0, ten(n))).collect::<Vec<_>>());
    for now in [0.5, 1.0, 5.9, 30.0] {
        let rate = orders(&watch).rate(Duration::from_secs_f64(now));
        assert!((rate - 10.0).abs() < 1e-9, "{rate} at {now}");
    }
    assert!(orders(&watch).rate(Duration::from_secs(300)).abs() < 1e-9);
}

#[test]
fn a_second_says_all_that_happened_in_it() {
    let watch = watch(&[
        answered(ORDERS, 0.1, 0.2, vec![message("a", "four"), message("b", "four")]),
        answered(ORDERS, 0.3, 0.2, vec![message("a", "four")]),
        answered(ORDERS, 0.5, 0.2, vec![]),
        failed(ORDERS, 0.7, fault(503, ""), back_off_until(2.0)),
    ]);
    let cell = orders(&watch).series.buckets(Duration::ZERO, 0, 1).next().expect("a second").cell;
    assert_eq!((cell.received, cell.distinct, cell.bytes), (3, 2, 12));
    assert_eq!((cell.polls, cell.empty, cell.faults, cell.answered()), (4, 1, 1, 3));
    assert_eq!(cell.slowest, 10_000);
}

#[test]
fn an_hour_is_kept_and_no_more() {
    let watch = watch(&(0..8_000).map(|n| answered(ORDERS, f64::from(n), 1.0, vec![])).collect::<Vec<_>>());
    let series = &orders(&watch).series;
    let hour: Vec<_> = series.buckets(Duration::from_secs(7_999), Span::Sixty.seconds(), 1).collect();
    assert!(hour.iter().all(|bucket| bucket.cell.polls == 1), "all of the last hour");
    let before =
        series.buckets(Duration::from_secs(2_000), 100, 1).map(|bucket| bucket.cell.polls).sum::<u32>();
    assert_eq!(before, 0, "nothing of what was before");
}

#[test]
fn answer_times_come_as_percentiles_and_faults_do_not_count() {
    let mut observations: Vec<_> = (1..=100).map(|n| answered(ORDERS, f64::from(n), 1.0, vec![])).collect();
    for (observation, millis) in observations.iter_mut().zip(1..) {
        observation.timing.total = Duration::from_millis(millis);
    }
    observations.push(failed(ORDERS, 101.0, fault(503, ""), Next::Stop));
    let watch = watch(&observations);
    let at = |percentile| orders(&watch).latency.percentile(percentile).expect("answered").as_millis();
    assert!((49..=51).contains(&at(50.0)) && (98..=100).contains(&at(99.0)), "{} {}", at(50.0), at(99.0));
    assert_eq!(EndpointWatch::default().latency.percentile(50.0), None);
}

#[test]
fn the_same_fault_again_is_one_line_that_counts() {
    let throttled = || fault(429, r#"{"message":"Too Many Requests"}"#);
    let mut observations: Vec<_> =
        (0..3).map(|n| failed(ORDERS, f64::from(n), throttled(), back_off_until(9.0))).collect();
    observations.push(failed(ORDERS, 3.0, fault(503, ""), Next::Stop));
    let watch = watch(&observations);
    let faults = &orders(&watch).faults;
    let kinds = faults.by_kind();
    let lines: Vec<_> =
        kinds.iter().flat_map(|(_, lines)| lines).map(|line| (line.fault.status, line.times)).collect();
    assert_eq!(lines, [(Some(503), 1), (Some(429), 3)]);
    assert_eq!((faults.total(), faults.dropped()), (4, 0));
    for n in 0..1_000 {
        let words = format!(r#"{{"message":"failure {n} is another"}}"#);
        observations.push(failed(ORDERS, 4.0, fault(503, &words), Next::Stop));
    }
    for _ in 0..2 {
        observations.push(failed(ORDERS, 5.0, throttled(), Next::Stop));
    }
    let watch = self::watch(&observations);
    let faults = &orders(&watch).faults;
    let kinds = faults.by_kind();
    let held: u64 = kinds.iter().flat_map(|(_, lines)| lines).map(|line| line.times).sum();
    assert_eq!((held + faults.dropped(), faults.total()), (1_006, 1_006), "what had to make room is counted");
    let [(first, newest), ..] = &kinds[..] else { panic!("no faults") };
    assert_eq!((*first, newest.len(), newest[0].times), (FaultKind::Throttled, 1, 2), "seen last, first");
    assert_eq!(newest[0].requests().count(), 2, "each request can be asked about");
}

#[test]
fn an_endpoint_stands_as_its_last_poll_left_it() {
    let mut watch = Watch::default();
    assert_eq!(EndpointWatch::default().state(), State::Waiting);
    assert_eq!(watch.observe(&answered(ORDERS, 0.0, 1.0, vec![])), Change::Visible, "waiting, then live");
    assert_eq!(watch.observe(&answered(ORDERS, 1.0, 1.0, vec![])), Change::Quiet, "nothing to see");
    assert_eq!(watch.observe(&answered(ORDERS, 2.0, 1.0, vec![message("a", "x")])), Change::Visible);
    let until = moment(9.0).offset;
    watch.observe(&failed(ORDERS, 3.0, fault(503, ""), back_off_until(9.0)));
    assert_eq!(orders(&watch).state(), State::BackingOff { until });
    watch.observe(&failed(ORDERS, 9.0, fault(403, r#"{"message":"Forbidden"}"#), Next::Stop));
    assert_eq!(orders(&watch).state(), State::Stopped);
    assert_eq!(orders(&watch).fault().and_then(|fault| fault.request_id.as_deref()), Some("request-7"));
    watch.observe(&answered(ORDERS, 10.0, 1.0, vec![]));
    assert_eq!((orders(&watch).state(), orders(&watch).fault()), (State::Live, None));
}

fn any_observation() -> impl Strategy<Value = Observation> {
    let seconds = prop_oneof![0.0..200.0, Just(0.0), Just(1e9)];
    let message = ("[a-f]{1,2}", "[ -~]{0,200}").prop_map(|(id, body)| message(&id, &body));
    let next = prop_oneof![
        (0.0..300.0).prop_map(back_off_until),
        Just(Next::Stop),
        Just(Next::Poll { at: Duration::MAX }),
        (0.0..300.0).prop_map(|at| Next::Poll { at: Duration::from_secs_f64(at) }),
    ];
    let name = prop_oneof![Just(ORDERS), Just("payments")];
    (name, seconds, prop::collection::vec(message, 0..11), next, any::<bool>(), any::<u64>()).prop_map(
        |(name, at, messages, next, fails, nanos)| {
            let mut observation = if fails {
                failed(name, at, fault(503, "x"), next)
            } else {
                Observation { next, ..answered(name, at, 1.0, messages) }
            };
            observation.timing.total = Duration::from_nanos(nanos);
            observation
        },
    )
}

/// A body of some kilobytes: like the others of its queue, or like nothing.
fn body(number: u32, version: u32, alike: bool) -> String {
    if alike {
        let line = format!(r#"{{"order":{number},"version":{version},"note":"lorem ü 🦀"}}"#);
        return line.repeat(90);
    }
    let mut state = u64::from(number) << 32 | u64::from(version) | 1;
    let any = std::iter::from_fn(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from_digit((state >> 33) as u32 % 36, 36)
    });
    any.take(5_000).collect()
}

#[test]
fn a_thousand_messages_that_are_alike_take_far_less_room_than_their_bodies() {
    let (mut watch, mut bodies) = (Watch::default(), 0);
    for n in 0..3_000 {
        let body = body(n, 0, true);
        bodies += body.len();
        watch.observe(&answered(ORDERS, f64::from(n), 1.0, vec![message(&format!("id-{n}"), &body)]));
    }
    let ledger = &orders(&watch).ledger;
    assert_eq!(ledger.len(), 3_000);
    // Without being compressed they would take more than the bodies.
    assert!(ledger.bytes() < bodies / 3, "{} B for bodies of {bodies} B", ledger.bytes());
}

#[test]
fn what_makes_room_leaves_nothing_behind() {
    let fold = |watch: &mut Watch, ids: std::ops::Range<u32>, body: &dyn Fn(u32) -> String| {
        for n in ids {
            let mut message = message(&format!("id-{n:05}"), &body(n));
            if n < 20_000 {
                message.attributes.push(AttributeName::MessageGroupId, format!("group-{}", n / 3));
            }
            watch.observe(&answered(ORDERS, 0.0, 1.0, vec![message]));
        }
    };
    let bounds = Bounds { messages: 1_000, ..Bounds::default() };
    let small = |n: u32| n.to_string();
    let (mut watch, mut other) = (Watch::new(bounds), Watch::new(bounds));
    fold(&mut watch, 10_000..11_000, &|n| body(n, 0, n % 2 == 0));
    // Some come again when they are old.
    fold(&mut watch, 10_100..10_300, &|n| body(n, 1, true));
    fold(&mut watch, 20_000..21_000, &small);
    fold(&mut other, 20_000..21_000, &small);
    assert_eq!(orders(&watch).ledger.bytes(), orders(&other).ledger.bytes());
    // Of few messages none is ever so old that it is compressed.
    let mut watch = Watch::new(Bounds { messages: 10, ..Bounds::default() });
    fold(&mut watch, 10_000..11_000, &|n| body(n, 0, true));
    assert!(orders(&watch).ledger.bytes() > 10 * body(10_000, 0, true).len());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 30, ..ProptestConfig::default() })]

    /// And so is what can be asked of it without its being read, and what is read of it later, elsewhere.
    #[test]
    fn what_was_received_is_held_as_it_was_however_old_it_is(
        receives in prop::collection::vec((0..900u32, 0..3u32, any::<bool>()), 1_000..2_000),
        at_most in prop_oneof![Just(100 << 20), 0..3_000_000usize],
    ) {
        let mut watch = Watch::new(Bounds { bytes: at_most, ..Bounds::default() });
        // What was received, the oldest first: which, how it came last, and how often it came.
        let mut expected: Vec<(String, String, u32)> = Vec::new();
        for (at, (number, version, alike)) in (0..).zip(receives) {
            // At first most are new, and come again when they are old.
            let id = format!("id-{}", if at < 600 { at } else { number });
            let body = body(number, version, alike);
            let mut message = message(&id, &body);
            message.attributes.push(AttributeName::MessageGroupId, format!("group-{}-{version}", number % 7));
            message.attributes.push(AttributeName::SentTimestamp, format!("177236640{version}000"));
            watch.observe(&answered(ORDERS, f64::from(at), 1.0, vec![message]));
            let first = usize::try_from(orders(&watch).ledger.dropped()).expect("few");
            let before = expected.len();
            match expected.iter_mut().rev().find(|(known, _, _)| *known == id) {
                Some(known) if orders(&watch).ledger.distinct() == before as u64 => {
                    (known.1, known.2) = (body, known.2 + 1);
                }
                _ => expected.push((id, body, 1)),
            }
            prop_assert!(orders(&watch).ledger.bytes() <= at_most);
            prop_assert_eq!(orders(&watch).ledger.len() + first, expected.len());
        }
        let ledger = &orders(&watch).ledger;
        let held = ledger.ordinals().filter_map(|ordinal| ledger.get(ordinal));
        let mut reader = HeldReader::default();
        let held: Vec<_> = held
            .map(|entry| {
                let known = (entry.message_group_id().map(str::to_owned), entry.sent_at(), entry.body_bytes());
                let message = entry.message();
                let group = message.message_group_id().map(str::to_owned);
                assert_eq!(known, (group, message.sent_at(), message.body().len()));
                assert!(known.0.is_some() && known.1.is_some());
                assert_eq!(&reader.read(&entry.held()), message);
                (message.message_id().to_owned(), message.body().to_owned(), entry.receives())
            })
            .collect();
        let first = usize::try_from(ledger.dropped()).expect("few");
        prop_assert!(held == expected[first..], "what is held is not what came");
        for (place, (id, _, _)) in expected.iter().enumerate().skip(first) {
            prop_assert_eq!(ledger.find(id), Some(place as u64));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn folding_is_bounded_counted_and_the_same_every_time(
        observations in prop::collection::vec(any_observation(), 0..60),
    ) {
        let bounds = Bounds { messages: 40, bytes: 20_000 };
        let fold = || {
            let mut watch = Watch::new(bounds);
            for observation in &observations {
                watch.observe(observation);
                let held: usize = watch.endpoints().map(|watch| watch.ledger.bytes()).sum();
                let count: usize = watch.endpoints().map(|watch| watch.ledger.len()).sum();
                assert!(held <= bounds.bytes && count <= bounds.messages, "{held} B of {count} messages");
            }
            watch
        };
        let (one, other) = (fold(), fold());
        for (a, b) in one.endpoints().zip(other.endpoints()) {
            prop_assert_eq!(ids(a), ids(b));
            prop_assert_eq!(a.ledger.distinct(), a.ledger.len() as u64 + a.ledger.dropped());
            prop_assert_eq!(a.state(), b.state());
            for (a, b) in [100, 7_200].into_iter().flat_map(|now| {
                let now = Duration::from_secs(now);
                a.series.buckets(now, 3_600, 7).zip(b.series.buckets(now, 3_600, 7))
            }) {
                prop_assert_eq!(a, b);
            }
        }
    }
}
