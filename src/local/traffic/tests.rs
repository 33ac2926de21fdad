//! Each scenario does what it says, twice in the same way. Time is the simulation's own.

use std::collections::BTreeSet;

use super::*;
use crate::local::queue::{Counts, Receive};
use crate::sqs::{AttributeName, MaxNumberOfMessages, VisibilityTimeout};

const RATE: f64 = 10.0;

/// Runs a scenario for 120 seconds of its story and calls `look` after every step.
fn run(scenario: Scenario, seed: u64, mut look: impl FnMut(Duration, &Queues, Weather)) -> Queues {
    let mut traffic = Traffic::new(scenario, RATE, seed);
    let mut queues = traffic.warm_up(DateTime::UNIX_EPOCH);
    while story(traffic.next_step()) < Duration::from_secs(120) {
        let at = story(traffic.next_step());
        let weather = traffic.step(&mut queues);
        look(at, &queues, weather);
    }
    queues
}

fn counts(queues: &Queues, queue: &str) -> Counts {
    queues.counts(queue).unwrap()
}

fn look(queues: &mut Queues, queue: &str, now: Duration) -> Vec<crate::sqs::Message> {
    let receive = Receive {
        max_number_of_messages: MaxNumberOfMessages::MAX,
        visibility_timeout: Some(VisibilityTimeout::MIN),
        attribute_name: vec![AttributeName::All],
        message_attribute_name: vec!["All".to_owned()],
        ..Receive::default()
    };
    queues.receive(queue, &receive, now).unwrap()
}

#[test]
fn the_same_seed_runs_the_same_twice() {
    for scenario in Scenario::ALL {
        let story = |seed| {
            let mut seen = Vec::new();
            let mut queues = run(scenario, seed, |_, queues, weather| {
                seen.push((weather, counts(queues, orders(scenario)), counts(queues, "payments")));
            });
            (seen, look(&mut queues, orders(scenario), WARM_UP + Duration::from_secs(120)))
        };
        assert_eq!(story(1), story(1), "{scenario}");
        assert_ne!(story(1), story(2), "{scenario}");
    }
}

#[test]
fn what_is_sent_does_not_depend_on_who_watches() {
    let sent = |watched: bool| {
        let mut traffic = Traffic::new(Scenario::Poison, RATE, 3);
        let mut queues = traffic.warm_up(DateTime::UNIX_EPOCH);
        for _ in 0..200 {
            traffic.step(&mut queues);
            if watched {
                look(&mut queues, "orders", traffic.next_step());
            }
        }
        (counts(&queues, "orders").sent, traffic.rng)
    };
    assert_eq!(sent(true), sent(false));
}

#[test]
fn every_scenario_conserves_its_messages_at_every_step() {
    for scenario in Scenario::ALL {
        run(scenario, 1, |at, queues, _| {
            for queue in queues.names() {
                assert!(counts(queues, queue).is_conserved(), "{scenario} {queue} {at:?}");
            }
        });
    }
}

#[test]
fn steady_keeps_a_few_dozen_messages_waiting() {
    run(Scenario::Steady, 1, |at, queues, weather| {
        for queue in ["orders", "payments"] {
            let waiting = counts(queues, queue).visible;
            assert!((15..=100).contains(&waiting), "{queue} {at:?}: {waiting}");
        }
        assert_eq!(weather, Weather::Clear);
    });
}

#[test]
fn steady_sends_about_its_rate_to_both_queues() {
    let mut first = None;
    let queues = run(Scenario::Steady, 1, |_, queues, _| {
        first.get_or_insert((counts(queues, "orders").sent, counts(queues, "payments").sent));
    });
    let (orders, payments) = first.unwrap();
    let (orders, payments) =
        (counts(&queues, "orders").sent - orders, counts(&queues, "payments").sent - payments);
    assert!((1080..=1320).contains(&(orders + payments)), "{orders} and {payments} in 120 s at 10/s");
    assert!(orders > 2 * payments - payments / 4, "{orders} orders to {payments} payments");
}

#[test]
fn a_surge_piles_up_and_drains_within_its_minute() {
    let (mut before, mut peak, mut after) = (0, 0, u64::MAX);
    run(Scenario::Surge, 1, |at, queues, _| {
        let waiting = counts(queues, "orders").visible;
        match at.as_secs() {
            0..10 => before = before.max(waiting),
            10..30 => peak = peak.max(waiting),
            55..60 => after = after.min(waiting),
            _ => {}
        }
    });
    assert!(before < 100, "{before}");
    assert!(peak > 400, "{peak}");
    assert!(after < 100, "{after}");
}

#[test]
fn poison_ends_in_the_dead_letter_queue_and_nothing_else_does() {
    let mut queues = run(Scenario::Poison, 1, |_, _, _| {});
    let dead = counts(&queues, "orders-dlq").taken_over;
    assert!((15..=80).contains(&dead), "{dead} of about 840 orders");
    let poison = look(&mut queues, "orders-dlq", WARM_UP + Duration::from_secs(120));
    assert!(poison.iter().all(|message| message.body.contains(bodies::POISON)));
    assert!(poison.iter().all(|message| message.approximate_receive_count() >= Some(5)));
}

#[test]
fn nothing_dies_where_nothing_is_poisoned() {
    for scenario in Scenario::ALL.into_iter().filter(|scenario| *scenario != Scenario::Poison) {
        let queues = run(scenario, 1, |_, _, _| {});
        assert_eq!(counts(&queues, orders(scenario)).dead_lettered, 0, "{scenario}");
    }
}

#[test]
fn a_stalled_consumer_blocks_its_group_while_others_flow() {
    let (mut blocked, mut deleted) = (0, Vec::new());
    run(Scenario::FifoStall, 1, |at, queues, _| {
        if (30..90).contains(&at.as_secs()) {
            let counts = counts(queues, "orders.fifo");
            blocked = blocked.max(counts.visible - u64::try_from(queues.receivable("orders.fifo")).unwrap());
            deleted.push(counts.deleted);
        }
    });
    assert!(blocked > 100, "about 2.3 messages a second pile up behind the one: {blocked}");
    assert!(deleted.last().unwrap() - deleted[0] > 200, "the other two groups flow: {deleted:?}");
}

#[test]
fn the_stalled_group_is_the_one_that_nobody_receives() {
    let mut traffic = Traffic::new(Scenario::FifoStall, RATE, 1);
    let mut queues = traffic.warm_up(DateTime::UNIX_EPOCH);
    let mut groups = BTreeSet::new();
    while traffic.next_step() < WARM_UP + Duration::from_secs(60) {
        traffic.step(&mut queues);
        if story(traffic.next_step()) > Duration::from_secs(20) {
            let seen = look(&mut queues, "orders.fifo", traffic.next_step());
            groups.extend(seen.iter().filter_map(|message| message.message_group_id().map(str::to_owned)));
        }
    }
    assert_eq!(groups.into_iter().collect::<Vec<_>>(), ["ap", "us"]);
}

#[test]
fn throttle_and_outage_are_part_of_the_time_and_only_there() {
    let cases = [
        (Scenario::Throttle, Weather::Throttled { per_second: 1 }, 40),
        (Scenario::Outage, Weather::Outage, 33),
    ];
    for (scenario, bad, seconds) in cases {
        let (mut clear, mut spoilt) = (0, 0);
        run(scenario, 1, |_, _, weather| {
            clear += u32::from(weather == Weather::Clear);
            spoilt += u32::from(weather == bad);
        });
        assert_eq!((clear + spoilt, spoilt / 20), (2400, seconds), "{scenario}");
    }
}

#[test]
fn messages_are_varied_and_every_one_is_what_a_shop_would_send() {
    let mut rng = stream(1, 0);
    let sent: Vec<_> = (0..500).map(|number| bodies::payment(&mut rng, number)).collect();
    let orders: Vec<_> = (0..500).map(|number| bodies::order(&mut rng, number, false)).collect();
    for order in &orders {
        let value: serde_json::Value = serde_json::from_str(&order.body).unwrap();
        assert!(
            order.body.starts_with("{\"orderId\":\"A-1"),
            "the key people look for comes first: {}",
            order.body
        );
        assert!(value["total"].as_f64() > Some(0.0) && !order.body.contains(bodies::POISON));
    }
    let any = |holds: &dyn Fn(&SendMessage) -> bool| sent.iter().chain(&orders).any(holds);
    assert!(any(&|message| !message.body.is_ascii()));
    assert!(any(&|message| !message.body.starts_with('{')), "plain text");
    assert!(any(&|message| message.message_attributes.get("trace").is_some()));
    assert!(any(&|message| message.aws_trace_header.is_some()));
}
