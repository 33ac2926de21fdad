//! Faults kind by kind, their request ids on the clipboard, and messages that are not as SQS stored them.

use qwatch::app::{Effect, Event};
use qwatch::sqs::digests::{md5_of_body, md5_of_message_attributes};
use qwatch::sqs::{AttributeValue, Message, MessageAttribute, MessageAttributes};
use qwatch::watch::Bounds;
use qwatch::wire::{Answer, Fault, decode};

use super::filter::settle;
use super::observed::{answered, back_off_until, failed, fault, message, moment};
use super::{app_of, assert_pane, endpoint, keys, press, text, watching};

fn with_ids(status: u16, body: &str, number: u32) -> Fault {
    let (request_id, gateway_id) = (format!("request-{number}"), format!("gateway-{number}"));
    let answer = Answer {
        status,
        body: body.as_bytes(),
        request_id: Some(&request_id),
        gateway_id: Some(&gateway_id),
        ..Answer::default()
    };
    decode(&answer).expect_err("a fault")
}

#[test]
fn faults_are_grouped_by_kind_and_their_request_ids_are_copied() {
    let throttled = |n| with_ids(429, r#"{"message":"Too Many Requests"}"#, n);
    let cut = Fault::network("ConnectionReset", "connection reset by peer");
    let observations = vec![
        failed("orders", 100.0, with_ids(500, "", 1), back_off_until(102.0)),
        failed("orders", 102.0, throttled(2), back_off_until(104.0)),
        failed(
            "orders",
            104.0,
            with_ids(504, r#"{"message":"Endpoint request timed out"}"#, 3),
            back_off_until(106.0),
        ),
        failed("orders", 106.0, cut, back_off_until(108.0)),
        failed("orders", 108.0, throttled(4), back_off_until(110.0)),
        failed("orders", 110.0, throttled(5), back_off_until(260.0)),
    ];
    let mut app = watching(&["orders"], observations);
    app.update(Event::Tick(moment(250.0)));
    keys(&mut app, "!");
    assert_pane("faults_grouped_120x36", &text(&mut app, (120, 36)));
    let [Effect::Copy(copied)] = &press(&mut app, 'y')[..] else { panic!("something is copied") };
    assert_eq!(
        copied,
        "throttled 429: Too Many Requests (request request-5)
2026-03-01T12:01:50Z x-amzn-RequestId request-5 x-amz-apigw-id gateway-5
2026-03-01T12:01:48Z x-amzn-RequestId request-4 x-amz-apigw-id gateway-4
2026-03-01T12:01:42Z x-amzn-RequestId request-2 x-amz-apigw-id gateway-2\n"
    );
    keys(&mut app, "j");
    assert!(press(&mut app, 'y').is_empty(), "what never reached a gateway has no ids");
    assert!(text(&mut app, (120, 36)).contains("without request ids"));
    keys(&mut app, "G");
    let [Effect::Copy(copied)] = &press(&mut app, 'y')[..] else { panic!("something is copied") };
    assert!(copied.contains("request-1"), "{copied}");
    keys(&mut app, "jjjG");
    let small = text(&mut app, (60, 12));
    assert!(small.contains("▸ 12:01:40Z 500"), "the cursor is always in view: {small}");
}

fn attribute(value: &str) -> MessageAttribute {
    MessageAttribute { data_type: "String".into(), value: AttributeValue::String(value.into()) }
}

fn digested(
    id: &str,
    body: &str,
    stored: &str,
    attributes: &[(&str, &str)],
    sent: &[(&str, &str)],
) -> Message {
    let all = |pairs: &[(&str, &str)]| {
        pairs.iter().map(|(name, value)| ((*name).into(), attribute(value))).collect::<MessageAttributes>()
    };
    Message {
        md5_of_body: Some(md5_of_body(stored)),
        md5_of_message_attributes: (!sent.is_empty()).then(|| md5_of_message_attributes(&all(sent))),
        message_attributes: all(attributes),
        ..message(id, body)
    }
}

#[test]
fn what_is_not_as_sqs_stored_it_is_marked_and_explained() {
    let (kind, trace) = (("kind", "order"), ("trace", "t-1"));
    let messages = vec![
        digested("m-1", "the same", "the same", &[kind, trace], &[trace, kind]),
        digested("m-2", "trimmed", " trimmed ", &[kind], &[kind]),
        digested("m-3", "part of them", "part of them", &[kind], &[kind, trace]),
        digested("m-4", "none of them", "none of them", &[], &[kind]),
        message("m-5", "no digests"),
    ];
    let mut app = watching(&["orders"], vec![answered("orders", 240.0, 2.0, messages.clone())]);
    let shown = text(&mut app, (120, 36));
    let marked = |shown: &str, word: &str| shown.lines().any(|line| line.contains(&format!("≠ {word}")));
    for (word, expected) in
        [("the same", false), ("trimmed", true), ("part of", true), ("none of", false), ("no digests", false)]
    {
        assert_eq!(marked(&shown, word), expected, "{word}: {shown}");
    }
    keys(&mut app, "jjj\n");
    assert_pane("altered_80x24", &text(&mut app, (80, 24)));

    // Where only some attributes are asked for their digest tells nothing, that of the body still does.
    let mut asking = answered("orders", 240.0, 2.0, messages);
    asking.asked.message_attribute_name = vec!["kind".into()];
    let shown = text(&mut watching(&["orders"], vec![asking]), (120, 36));
    assert!(marked(&shown, "trimmed") && !marked(&shown, "part of"), "{shown}");
}

#[test]
fn a_message_that_comes_again_whole_is_no_longer_marked() {
    let cut = digested("m-1", "cut", "cut and whole", &[], &[]);
    let whole = digested("m-1", "cut and whole", "cut and whole", &[], &[]);
    let polls = [cut, whole].into_iter().zip([240.0, 242.0]);
    let polls = polls.map(|(message, at)| answered("orders", at, 2.0, vec![message])).collect();
    let shown = text(&mut watching(&["orders"], polls), (120, 36));
    assert!(shown.contains("cut and whole") && !shown.contains('≠'), "{shown}");
}

#[test]
fn a_message_that_comes_again_otherwise_is_marked_then_and_found_among_all_that_are_held() {
    let body = |number: usize| format!("{number:04} {}", "lorem ipsum ".repeat(100));
    let stored = |number: usize| digested(&format!("m-{number}"), &body(number), &body(number), &[], &[]);
    let altered = |number: usize| digested(&format!("m-{number}"), &body(number), "another", &[], &[]);
    let every = |number: &usize| number.is_multiple_of(500);
    let polls = (0..3_000)
        .map(|number| if every(&number) { altered(number) } else { stored(number) })
        .collect::<Vec<_>>()
        .chunks(10)
        .zip(0_u32..)
        .map(|(messages, poll)| answered("orders", f64::from(poll), 0.1, messages.to_vec()))
        .collect();
    let mut app = watching(&["orders"], polls);
    assert!(!text(&mut app, (120, 36)).contains('≠'), "of the newest all are as SQS stored them");
    app.observe([answered("orders", 301.0, 0.1, vec![altered(2_999)])]);
    assert!(text(&mut app, (120, 36)).contains("≠ 2999"), "{}", text(&mut app, (120, 36)));
    keys(&mut app, "/is:altered\n");
    settle(&mut app);
    let shown = text(&mut app, (120, 36));
    assert!(shown.contains("filter: is:altered · 7"), "{shown}");
    assert!(["≠ 0000", "≠ 0500", "≠ 2500", "≠ 2999"].iter().all(|row| shown.contains(row)), "{shown}");
}

/// What to do is the end of what is said.
#[test]
fn what_to_do_about_a_fault_is_read_whole_or_has_a_sign_that_there_is_more() {
    let refused = fault(503, r#"{"message":"Service Unavailable"}"#);
    let advice = refused.advice();
    let mut app = watching(&["orders"], vec![failed("orders", 0.0, refused, back_off_until(300.0))]);
    let words = |shown: &str| -> String {
        let inside = shown
            .lines()
            .map(|line| line.trim_matches(|edge: char| edge.is_whitespace() || "│┃".contains(edge)));
        inside.collect::<Vec<_>>().join(" ")
    };
    let shown = text(&mut app, (80, 24));
    let last = advice.rsplit(' ').next().expect("a word");
    assert!(words(&shown).contains(last), "{shown}");
    let small = text(&mut app, (40, 10));
    assert!(small.contains(last) || small.contains('…'), "{small}");
}

/// Messages that made room were there all the same.
#[test]
fn an_endpoint_whose_messages_made_room_does_not_say_that_there_were_none() {
    let one = |name: &str, at: f64, body: &str| answered(name, at, 300.0, vec![message(name, body)]);
    let bounds = Bounds { messages: 1, ..Bounds::default() };
    let mut app = app_of(vec![endpoint("orders"), endpoint("payments")], bounds);
    // The fullest makes room.
    for observation in [one("orders", 0.0, "a longer body than the other"), one("payments", 1.0, "{}")] {
        app.update(Event::Observed(Box::new(observation)));
    }
    let shown = text(&mut app, (120, 36));
    assert!(shown.contains("1 message made room for others") && !shown.contains("No message in"), "{shown}");
}
