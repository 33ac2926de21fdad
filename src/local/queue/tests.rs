//! SQS's rules, each as a promise to whoever sends or receives.

mod conservation;
mod refusals;

use super::*;
use crate::sqs::{AttributeName, AttributeValue, MaxNumberOfMessages, MessageAttribute, digests};

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// `orders` moves to `dead` after three receives; `fifo` likewise; `plain` moves nothing.
fn queues() -> Queues {
    let mut queues = Queues::new(DateTime::from_timestamp_millis(1_700_000_000_000).unwrap(), 7);
    for name in ["orders", "dead", "plain", "line.fifo", "dead.fifo"] {
        queues.create(name, Settings::default()).unwrap();
    }
    for (queue, dead_letter_queue) in [("orders", "dead"), ("line.fifo", "dead.fifo")] {
        let max_receive_count = MaxReceiveCount::try_from(3).unwrap();
        let policy = RedrivePolicy { dead_letter_queue: dead_letter_queue.to_owned(), max_receive_count };
        queues.set_redrive_policy(queue, &policy).unwrap();
    }
    queues
}

fn text(body: &str) -> SendMessage {
    SendMessage { body: body.to_owned(), ..SendMessage::default() }
}

fn grouped(body: &str, group: &str) -> SendMessage {
    SendMessage {
        message_group_id: Some(group.to_owned()),
        message_deduplication_id: Some(body.to_owned()),
        ..text(body)
    }
}

fn ask(max: u32, visibility_timeout: u32) -> Receive {
    Receive {
        max_number_of_messages: MaxNumberOfMessages::try_from(max).unwrap(),
        visibility_timeout: Some(VisibilityTimeout::try_from(visibility_timeout).unwrap()),
        attribute_name: vec![AttributeName::All],
        message_attribute_name: vec!["All".to_owned()],
        ..Receive::default()
    }
}

fn bodies(messages: &[Message]) -> Vec<&str> {
    messages.iter().map(|message| message.body.as_str()).collect()
}

#[test]
fn a_received_message_is_hidden_for_its_timeout_and_comes_back_under_a_new_handle() {
    let mut queues = queues();
    queues.send("plain", text("a"), seconds(0)).unwrap();
    let first = queues.receive("plain", &ask(10, 30), seconds(1)).unwrap();
    assert_eq!(bodies(&first), ["a"]);
    assert!(queues.receive("plain", &ask(10, 30), seconds(30)).unwrap().is_empty());
    let second = queues.receive("plain", &ask(10, 30), seconds(31)).unwrap();
    assert_eq!(second[0].message_id, first[0].message_id);
    assert_ne!(second[0].receipt_handle, first[0].receipt_handle);
    assert_eq!(second[0].approximate_receive_count(), Some(2));
    let first_received = second[0].attributes.get(&AttributeName::ApproximateFirstReceiveTimestamp);
    assert_eq!(first_received, Some("1700000001000"));
}

#[test]
fn a_receive_that_names_no_timeout_takes_the_queue_s() {
    let mut queues = queues();
    queues.send("plain", text("a"), seconds(0)).unwrap();
    let receive = Receive { visibility_timeout: None, ..ask(1, 0) };
    assert_eq!(queues.receive("plain", &receive, seconds(0)).unwrap().len(), 1);
    assert!(queues.receive("plain", &receive, seconds(29)).unwrap().is_empty());
    assert_eq!(queues.receive("plain", &receive, seconds(30)).unwrap().len(), 1);
}

#[test]
fn a_look_with_timeout_zero_hides_nothing_and_still_counts_as_a_receive() {
    let mut queues = queues();
    queues.send("plain", text("a"), seconds(0)).unwrap();
    for count in 1..=5 {
        let seen = queues.receive("plain", &ask(10, 0), seconds(1)).unwrap();
        assert_eq!(seen[0].approximate_receive_count(), Some(count));
    }
    assert_eq!(queues.counts("plain").unwrap().visible, 1);
}

#[test]
fn looks_with_timeout_zero_go_round_the_whole_backlog() {
    let mut queues = queues();
    for number in 0..25 {
        queues.send("plain", text(&format!("{number:02}")), seconds(0)).unwrap();
    }
    let looks: Vec<_> = (0..3).map(|_| queues.receive("plain", &ask(10, 0), seconds(1)).unwrap()).collect();
    let mut seen: Vec<_> = looks.iter().flatten().map(|message| message.body.clone()).collect();
    assert_eq!(seen.len(), 30);
    seen.truncate(25);
    assert!(seen.is_sorted(), "each was seen once before any was seen twice");
}

#[test]
fn the_receive_after_max_receive_count_moves_the_message_to_the_dead_letter_queue() {
    let mut queues = queues();
    queues.send("orders", text("a"), seconds(5)).unwrap();
    for _ in 0..3 {
        assert_eq!(queues.receive("orders", &ask(10, 0), seconds(9)).unwrap().len(), 1);
    }
    assert!(queues.receive("orders", &ask(10, 0), seconds(9)).unwrap().is_empty());
    let dead = queues.receive("dead", &ask(10, 0), seconds(9)).unwrap();
    assert_eq!(bodies(&dead), ["a"]);
    let attribute = |name| dead[0].attributes.get(&name);
    assert_eq!(
        attribute(AttributeName::DeadLetterQueueSourceArn),
        Some("arn:aws:sqs:us-east-1:000000000000:orders")
    );
    assert_eq!(attribute(AttributeName::SentTimestamp), Some("1700000005000"));
    assert_eq!(attribute(AttributeName::ApproximateReceiveCount), Some("4"));
}

#[test]
fn what_is_moved_away_does_not_use_up_the_receive_s_maximum() {
    let mut queues = queues();
    for body in ["a", "b"] {
        queues.send("orders", text(body), seconds(0)).unwrap();
    }
    for _ in 0..3 {
        queues.receive("orders", &ask(2, 0), seconds(0)).unwrap();
    }
    queues.send("orders", text("c"), seconds(0)).unwrap();
    assert_eq!(bodies(&queues.receive("orders", &ask(1, 0), seconds(0)).unwrap()), ["c"]);
    assert_eq!(queues.counts("dead").unwrap().taken_over, 2);
}

#[test]
fn a_hidden_message_blocks_its_group_and_no_other() {
    let mut queues = queues();
    for (body, group) in [("eu1", "eu"), ("eu2", "eu"), ("us1", "us")] {
        queues.send("line.fifo", grouped(body, group), seconds(0)).unwrap();
    }
    let first = queues.receive("line.fifo", &ask(1, 60), seconds(0)).unwrap();
    assert_eq!(bodies(&first), ["eu1"]);
    assert_eq!(queues.receivable("line.fifo"), 1);
    assert_eq!(bodies(&queues.receive("line.fifo", &ask(10, 60), seconds(1)).unwrap()), ["us1"]);
    queues.send("line.fifo", grouped("eu3", "eu"), seconds(2)).unwrap();
    assert!(queues.receive("line.fifo", &ask(10, 60), seconds(2)).unwrap().is_empty());
    queues.delete("line.fifo", &first[0].receipt_handle, seconds(3)).unwrap();
    assert_eq!(bodies(&queues.receive("line.fifo", &ask(10, 60), seconds(3)).unwrap()), ["eu2", "eu3"]);
}

#[test]
fn a_group_comes_in_the_order_it_was_sent_even_after_a_timeout() {
    let mut queues = queues();
    for number in 0..5 {
        queues.send("line.fifo", grouped(&number.to_string(), "eu"), seconds(0)).unwrap();
    }
    assert_eq!(bodies(&queues.receive("line.fifo", &ask(2, 30), seconds(0)).unwrap()), ["0", "1"]);
    let all = queues.receive("line.fifo", &ask(10, 0), seconds(30)).unwrap();
    assert_eq!(bodies(&all), ["0", "1", "2", "3", "4"]);
    let numbers = all.iter().map(|message| message.attributes.get(&AttributeName::SequenceNumber).unwrap());
    assert!(numbers.is_sorted());
}

#[test]
fn groups_take_turns() {
    let mut queues = queues();
    for group in ["eu", "us", "ap"] {
        for number in 0..10 {
            queues.send("line.fifo", grouped(&format!("{group}{number}"), group), seconds(0)).unwrap();
        }
    }
    let mut seen = Vec::new();
    for _ in 0..3 {
        let look = queues.receive("line.fifo", &ask(10, 0), seconds(1)).unwrap();
        seen.extend(look[0].message_group_id().map(str::to_owned));
    }
    assert_eq!(seen, ["eu", "us", "ap"]);
}

#[test]
fn a_duplicate_within_five_minutes_is_accepted_and_dropped() {
    let mut queues = queues();
    let first = queues.send("line.fifo", grouped("a", "eu"), seconds(0)).unwrap();
    let again = queues.send("line.fifo", grouped("a", "eu"), seconds(299)).unwrap();
    assert_eq!(again, first);
    let later = queues.send("line.fifo", grouped("a", "eu"), seconds(300)).unwrap();
    assert_ne!(later.message_id, first.message_id);
    let counts = queues.counts("line.fifo").unwrap();
    assert_eq!((counts.sent, counts.deduplicated), (2, 1));
}

#[test]
fn without_an_id_a_queue_that_deduplicates_by_content_goes_by_the_body() {
    let mut queues = Queues::new(DateTime::UNIX_EPOCH, 1);
    let settings = Settings { content_based_deduplication: true, ..Settings::default() };
    queues.create("line.fifo", settings).unwrap();
    for body in ["a", "a", "b"] {
        let message = SendMessage { message_deduplication_id: None, ..grouped(body, "eu") };
        queues.send("line.fifo", message, seconds(0)).unwrap();
    }
    assert_eq!(bodies(&queues.receive("line.fifo", &ask(10, 0), seconds(0)).unwrap()), ["a", "b"]);
}

#[test]
fn a_delayed_message_appears_when_its_delay_is_over() {
    let mut queues = queues();
    let delay_seconds = Some(DelaySeconds::try_from(10).unwrap());
    queues.send("plain", SendMessage { delay_seconds, ..text("a") }, seconds(0)).unwrap();
    assert_eq!(queues.counts("plain").unwrap().delayed, 1);
    assert!(queues.receive("plain", &ask(10, 0), seconds(9)).unwrap().is_empty());
    assert_eq!(queues.next_visible(), Some(seconds(10)));
    assert_eq!(queues.receive("plain", &ask(10, 0), seconds(10)).unwrap().len(), 1);
}

#[test]
fn a_message_expires_with_its_retention_or_when_room_is_needed_and_both_are_counted() {
    let mut queues = Queues::new(DateTime::UNIX_EPOCH, 1);
    let settings = Settings { retention: seconds(100), held_messages: 3, ..Settings::default() };
    queues.create("small", settings).unwrap();
    for body in ["a", "b", "c", "d"] {
        queues.send("small", text(body), seconds(0)).unwrap();
    }
    assert_eq!(bodies(&queues.receive("small", &ask(10, 30), seconds(1)).unwrap()), ["b", "c", "d"]);
    queues.send("small", text("e"), seconds(50)).unwrap();
    queues.settle(seconds(100));
    let counts = queues.counts("small").unwrap();
    assert_eq!((counts.expired, counts.visible), (4, 1));
    assert!(counts.is_conserved());
}

#[test]
fn bytes_are_bounded_as_well_as_messages() {
    let mut queues = Queues::new(DateTime::UNIX_EPOCH, 1);
    let settings = Settings { held_bytes: 10_000, ..Settings::default() };
    queues.create("small", settings).unwrap();
    for _ in 0..10 {
        queues.send("small", text(&"x".repeat(3_000)), seconds(0)).unwrap();
    }
    assert_eq!(queues.counts("small").unwrap().visible, 2);
}

#[test]
fn only_what_was_asked_for_comes_back() {
    let mut queues = queues();
    let attribute = |value: &str| MessageAttribute {
        data_type: "String".into(),
        value: AttributeValue::String(value.to_owned()),
    };
    let names = ["trace", "trace.id", "trace.parent", "kind"];
    let sent: crate::sqs::MessageAttributes =
        names.map(|name| (Box::from(name), attribute(name))).into_iter().collect();
    let message = SendMessage { message_attributes: sent.clone(), ..text("a") };
    queues.send("plain", message, seconds(0)).unwrap();
    let cases: [(&[&str], &[&str]); 6] = [
        (&[], &[]),
        (&["kind", "absent"], &["kind"]),
        (&["trace.*"], &["trace", "trace.id", "trace.parent"]),
        (&["trace"], &["trace"]),
        (&["All"], &names),
        (&[".*"], &names),
    ];
    for (asked, expected) in cases {
        let message_attribute_name = asked.iter().map(|name| (*name).to_owned()).collect();
        let receive = Receive { message_attribute_name, ..ask(1, 0) };
        let message = queues.receive("plain", &receive, seconds(0)).unwrap().remove(0);
        let got: Vec<_> = message.message_attributes.iter().map(|(name, _)| name).collect();
        assert_eq!(got, expected, "{asked:?}");
        let md5 = (!expected.is_empty()).then(|| digests::md5_of_message_attributes(&sent));
        assert_eq!(message.md5_of_message_attributes, md5, "{asked:?}");
    }
    let attribute_name = vec![AttributeName::SentTimestamp];
    let message =
        queues.receive("plain", &Receive { attribute_name, ..ask(1, 0) }, seconds(0)).unwrap().remove(0);
    let got: Vec<_> = message.attributes.iter().collect();
    assert_eq!(got, [(&AttributeName::SentTimestamp, "1700000000000")]);
}

#[test]
fn the_same_seed_gives_the_same_ids_however_often_anyone_looked() {
    let ids = |looks: usize, seed| {
        let mut queues = Queues::new(DateTime::UNIX_EPOCH, seed);
        queues.create("orders", Settings::default()).unwrap();
        let mut ids = Vec::new();
        for _ in 0..3 {
            ids.push(queues.send("orders", text("a"), seconds(0)).unwrap().message_id);
            for _ in 0..looks {
                queues.receive("orders", &ask(10, 0), seconds(0)).unwrap();
            }
        }
        ids
    };
    assert_eq!(ids(0, 1), ids(5, 1));
    assert_ne!(ids(0, 1), ids(0, 2));
    let id = &ids(0, 1)[0];
    assert_eq!((id.len(), &id[14..15]), (36, "4"), "a UUID of version 4: {id}");
}
