//! From ten thousand messages to the one that matters: columns, patterns, comparison, masking.

use qwatch::app::jq::Answer;
use qwatch::app::{App, Effect, Event, Report};
use qwatch::config::Look;
use qwatch::sink::export::{Format, write};
use qwatch::sqs::{AttributeName, AttributeValue, Message, MessageAttribute};

use super::observed::{answered, back_off_until, failed, fault, message, moment, received_times, start};
use super::{app_with, assert_pane, keys, press, text, watching};

const SIZES: [((u16, u16), &str); 2] = [((80, 24), "80x24"), ((120, 36), "120x36")];

/// An order of a FIFO group, sent so many seconds after the start.
pub(super) fn grouped(number: u32, group: &str, count: u32, sent: f64, status: &str) -> Message {
    let body = format!(
        r#"{{"orderId":"A-{number}","status":"{status}","customer":{{"email":"ada@example.com","token":"s3cr3t"}}}}"#
    );
    let mut message = received_times(message(&format!("60e827c3-{number:04}"), &body), count);
    #[expect(clippy::cast_possible_truncation, reason = "seconds of a test")]
    let sent = start().timestamp_millis() + (sent * 1e3) as i64;
    message.attributes.push(AttributeName::SentTimestamp, sent.to_string());
    message.attributes.push(AttributeName::MessageGroupId, group);
    let kind = MessageAttribute { data_type: "String".into(), value: AttributeValue::String("order".into()) };
    message.message_attributes.push("kind", kind);
    message
}

/// Twelve orders in two groups; two of them come back, one of these to others than us as well.
pub(super) fn fifo() -> App {
    let poll = |number: u32| {
        let at = f64::from(number) * 20.0;
        let group = if number.is_multiple_of(3) { "eu" } else { "us" };
        let status = if number.is_multiple_of(4) { "failed" } else { "paid" };
        answered("orders", at, 20.0, vec![grouped(number, group, 1, at - 3.0, status)])
    };
    let again = |at: f64, count| {
        answered(
            "orders",
            at,
            2.0,
            vec![grouped(8, "us", count, 157.0, "failed"), grouped(3, "eu", 2, 57.0, "paid")],
        )
    };
    let mut app =
        watching(&["orders"], (0..12).map(poll).chain([again(241.0, 4), again(246.0, 6)]).collect());
    app.update(Event::Tick(moment(260.0)));
    app
}

#[test]
fn patterns_say_what_consumers_cannot_take_and_since_when() {
    for (size, name) in SIZES {
        let mut app = fifo();
        text(&mut app, size);
        keys(&mut app, "t");
        for page in ["poison", "groups", "shape", "age"] {
            assert_pane(&format!("over_{page}_{name}"), &text(&mut app, size));
            keys(&mut app, "l");
        }
    }
}

#[test]
fn enter_on_a_poison_candidate_goes_to_its_timeline() {
    let mut app = fifo();
    text(&mut app, (120, 36));
    keys(&mut app, "t\n");
    let shown = text(&mut app, (120, 36));
    let row = shown.lines().find(|line| line.contains('▸') && line.contains("A-8")).unwrap_or_default();
    assert!(
        !row.is_empty() && shown.contains("received 3 times by us, 6 by anyone (approximate)"),
        "{shown}"
    );
    assert!(shown.contains("others received it 2 times"), "{shown}");
}

#[test]
fn a_key_that_appears_vanishes_or_changes_its_type_is_noticed() {
    let body =
        |number: u32, rest: &str| message(&format!("m-{number}"), &format!(r#"{{"id":{number}{rest}}}"#));
    let mut app = watching(
        &["orders"],
        (0..60)
            .map(|n| answered("orders", f64::from(n), 1.0, vec![body(n, r#","total":1,"vip":true"#)]))
            .collect(),
    );
    let said = |app: &mut App, number: u32, rest: &str| {
        app.update(Event::Observed(Box::new(answered(
            "orders",
            f64::from(number),
            1.0,
            vec![body(number, rest)],
        ))));
        text(app, (120, 36))
    };
    let shown = said(&mut app, 60, r#","total":1,"vip":true,"coupon":"x""#);
    assert!(shown.contains("orders: coupon is new (string)"), "{shown}");
    let shown = said(&mut app, 61, r#","total":"1","vip":true"#);
    assert!(shown.contains("orders: total is string where it was number"), "{shown}");
    let shown = (62..101).map(|number| said(&mut app, number, r#","total":1"#)).last().unwrap_or_default();
    keys(&mut app, "tll");
    let shape = text(&mut app, (120, 36));
    assert!(shape.contains("vip is gone: it was in every body"), "{shape}\n{shown}");
    let shown = said(&mut app, 101, r#","total":1,"vip":true"#);
    assert!(shown.contains("vip is back"), "{shown}");
}

#[test]
fn pinned_messages_are_compared_line_by_line() {
    for (size, name) in SIZES {
        let mut app = fifo();
        text(&mut app, size);
        keys(&mut app, "  jjj d");
        assert!(text(&mut app, size).contains("1 pinned"));
        // The first one again: the newest.
        keys(&mut app, "kkk d");
        assert_pane(&format!("over_diff_{name}"), &text(&mut app, size));
    }
}

#[test]
fn what_can_be_chosen_is_listed_with_its_keys() {
    for (size, name) in SIZES {
        for (pressed, what) in [("C", "columns"), ("y", "copy"), ("w", "export"), (":po", "palette")] {
            let mut app = fifo();
            text(&mut app, size);
            keys(&mut app, pressed);
            assert_pane(&format!("over_{what}_{name}"), &text(&mut app, size));
        }
    }
}

#[test]
fn a_sorted_list_says_by_what_and_keeps_its_cursor_on_the_message() {
    let mut app = fifo();
    text(&mut app, (120, 36));
    // By age, then by receives.
    keys(&mut app, "jjSS");
    let shown = text(&mut app, (120, 36));
    assert!(shown.contains("· by recv ↓"), "{shown}");
    let ids: Vec<&str> = shown
        .lines()
        .filter_map(|line| line.split_once(r#"{"orderId":""#))
        .map(|(_, rest)| rest.split('"').next().unwrap_or_default())
        .collect();
    // The row under the cursor stays where it is on the screen, so those before it are above the view.
    assert_eq!(ids[..3], ["A-11", "A-10", "A-9"], "{shown}");
    let row = shown.lines().find(|line| line.contains("┃▸")).unwrap_or_default();
    assert!(row.contains("A-9") && shown.contains("↑ 2 above"), "{shown}");
    keys(&mut app, "g");
    assert_pane("sorted_120x36", &text(&mut app, (120, 36)));
}

/// However many are held, and however old the one is that comes again.
#[test]
fn a_list_sorted_by_what_stands_in_messages_follows_what_they_become() {
    let body = |n: u32| format!(r#"{{"rank":"{:05}","note":"{}"}}"#, n * 7_919 % 10_000, "x".repeat(400));
    let answer =
        |n: u32, body: &str| answered("orders", f64::from(n), 1.0, vec![message(&format!("id-{n}"), body)]);
    let mut app = watching(&["orders"], (0..6_000).map(|n| answer(n, &body(n))).collect());
    let ranks = |app: &mut App| -> Vec<String> {
        let shown = text(app, (160, 20));
        let rank = |line: &str| Some(line.split_once(r#"{"rank":""#)?.1.get(..5)?.to_owned());
        shown.lines().filter_map(rank).take(6).collect()
    };
    let mut expected: Vec<String> = (0..6_000).map(|n| format!("{:05}", n * 7_919 % 10_000)).collect();
    expected.sort();
    text(&mut app, (160, 20));
    // By the last of the columns that are shown, which is the body; then from the top.
    let columns = app.columns().len();
    keys(&mut app, &"S".repeat(columns));
    keys(&mut app, "g");
    assert_eq!(app.sort().map(|sort| sort.column.to_string()), Some("body".into()));
    assert_eq!(ranks(&mut app), expected[..6]);
    let observe = |app: &mut App, seconds: f64, id: u32, body: &str| {
        let observation = answered("orders", seconds, 1.0, vec![message(&format!("id-{id}"), body)]);
        app.update(Event::Observed(Box::new(observation)));
        app.update(Event::Tick(moment(seconds + 1.0)));
        keys(app, "g");
    };
    observe(&mut app, 6_001.0, 9_001, r#"{"rank":"00000-new"}"#);
    observe(&mut app, 6_002.0, 17, r#"{"rank":"-0001-again"}"#);
    let after = ranks(&mut app);
    assert_eq!(after[..2], ["-0001", "00000"], "what came again and what is new stand where they belong");
    assert_eq!(after[2..], expected[..4]);
}

/// Whatever comes while it is written, and however old the messages are.
#[test]
fn an_export_has_the_messages_as_they_were_when_it_was_asked_for() {
    let body = |n: u32| format!("{n} {}", "lorem ipsum ".repeat(40));
    let answer =
        |n: u32, body: &str| answered("orders", f64::from(n), 1.0, vec![message(&format!("id-{n}"), body)]);
    let mut app = watching(&["orders"], (0..6_000).map(|n| answer(n, &body(n))).collect());
    text(&mut app, (120, 36));
    press(&mut app, 'w');
    let effects = press(&mut app, '\n');
    let [Effect::Write(writing)] = &effects[..] else { panic!("{effects:?}") };
    for n in 0..6_000 {
        app.update(Event::Observed(Box::new(answer(n, "changed"))));
    }
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("messages.ndjson");
    write(&path, Format::Ndjson, None, &writing.records).expect("written");
    let written = std::fs::read_to_string(&path).expect("read");
    let lines = written.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"));
    let (mut lines, mut expected) = (lines.fuse(), (0..6_000).map(|n| (format!("id-{n}"), body(n))));
    assert!(expected.all(|(id, body)| {
        lines.next().is_some_and(|line| line["message_id"] == id.as_str() && line["body"] == body.as_str())
    }));
    assert!(lines.next().is_none());
}

/// Presses these, and answers jq's question with what it was asked of.
fn asked_of(app: &mut App, pressed: &str) -> String {
    let mut effects: Vec<Effect> = pressed.chars().flat_map(|character| press(app, character)).collect();
    let asked = effects.pop();
    let Some(Effect::Ask(question)) = asked else { panic!("{pressed:?}: {asked:?}") };
    question.input
}

/// An answer is made of what jq is asked of: nothing is in it that is hidden.
#[test]
fn jq_is_asked_of_what_is_shown_and_again_of_the_same() {
    let body = r#"{"password":"hunter2","note":"n","items":[1]}"#;
    let mut app = watching(&["orders"], vec![answered("orders", 0.0, 20.0, vec![message("a", body)])]);
    text(&mut app, (120, 36));
    assert_eq!(asked_of(&mut app, "|.note\n"), body);
    let answer = |app: &mut App, text: &str| {
        let of = (app.selected().expect("one").1.endpoint.name.clone(), 0);
        let answer = Answer { expression: ".note".into(), of, masked: false, text: Ok(text.into()) };
        app.update(Event::Reported(Report::Answered(answer)));
    };
    answer(&mut app, "\"n\"\n");
    assert!(text(&mut app, (120, 36)).contains("body › jq .note"));
    // Asked again it is offered, and of the same.
    assert_eq!(asked_of(&mut app, "|\n"), body);
    answer(&mut app, "\"hunter2\"\n");
    let shown = text(&mut app, (120, 36));
    assert!(
        shown.contains("body › jq .note") && !shown.contains(".note › jq"),
        "one answer, and no answer of it:\n{shown}"
    );
    keys(&mut app, "m");
    let shown = text(&mut app, (120, 36));
    assert!(!shown.contains("hunter2"), "what was answered before:\n{shown}");
    // What was on its way meanwhile.
    answer(&mut app, "\"hunter2\"\n");
    let shown = text(&mut app, (120, 36));
    assert!(!shown.contains("hunter2") && shown.contains("jq was asked before"), "{shown}");
    let masked = asked_of(&mut app, "|\n");
    assert!(!masked.contains("hunter2") && masked.contains("\"items\":[1]"), "{masked}");
}

/// What lies within a hidden value is hidden with it: in a layer that was peeled, in a column, in what is copied and asked.
#[test]
fn within_what_is_hidden_everything_is() {
    let enveloped = r#"{"schema":null,"payload":{"name":"INNER"}}"#;
    let body = r#"{"password":"{\"x\":\"INNER\"}","token":{"value":"INNER"}}"#;
    let mut app = watching(&["orders"], vec![answered("orders", 0.0, 20.0, vec![message("a", body)])]);
    text(&mut app, (120, 36));
    keys(&mut app, "\n↓}");
    assert!(text(&mut app, (120, 36)).contains("JSON in a string in .password"));
    keys(&mut app, "m");
    let shown = text(&mut app, (120, 36));
    assert!(!shown.contains("INNER"), "{shown}");
    let effects: Vec<Effect> = "yp".chars().flat_map(|character| press(&mut app, character)).collect();
    let Some(Effect::Copy(copied)) = effects.last() else { panic!("{effects:?}") };
    assert!(!copied.contains("INNER"), "{copied}");
    keys(&mut app, "|");
    assert!(text(&mut app, (120, 36)).contains("jq needs a JSON body"), "there is nothing to ask");
    let look = Look {
        masked: true,
        mask: qwatch::mask::Mask::new(["payload", "token"]),
        columns: vec!["body.token.value".parse().expect("a column"), "body".parse().expect("a column")],
        ..Look::default()
    };
    let mut app = app_with(look);
    for (at, body) in [(0.0, enveloped), (1.0, body)] {
        let poll = answered("orders", at, 300.0, vec![message(&format!("m-{at}"), body)]);
        app.update(Event::Observed(Box::new(poll)));
    }
    for _ in 0..2 {
        let shown = text(&mut app, (120, 36));
        let hidden = !shown.contains("name")
            && !shown.lines().any(|line| line.contains("INNER") && !line.contains("password"));
        assert!(hidden, "{shown}");
        press(&mut app, '↓');
    }
}

/// Environments, tags and headers name their values so.
#[test]
fn a_value_that_stands_apart_from_its_name_is_hidden_with_it() {
    let body = r#"{"env":[{"name":"API_KEY","value":"{\"x\":\"INNER\"}"},{"name":"HOME","value":"/root"}]}"#;
    let columns = ["body.env[0].value", "body.env[1].value", "body"];
    let columns = columns.map(|column| column.parse().expect("a column")).to_vec();
    let mut app = app_with(Look { columns, ..Look::default() });
    app.update(Event::Observed(Box::new(answered("orders", 0.0, 300.0, vec![message("a", body)]))));
    text(&mut app, (160, 36));
    keys(&mut app, "\n↓↓↓↓}");
    assert!(text(&mut app, (160, 36)).contains("JSON in a string in .env[0].value"));
    keys(&mut app, "m");
    let shown = text(&mut app, (160, 36));
    assert!(!shown.contains("INNER"), "{shown}");
    keys(&mut app, "\x1b");
    let shown = text(&mut app, (160, 36));
    assert!(!shown.contains("INNER") && shown.contains("/root"), "{shown}");
    let record = r#"{"topic":"t","partition":0,"offset":1,"key":"password","value":"INNER"}"#;
    let mut app = app_with(Look { masked: true, ..Look::default() });
    app.update(Event::Observed(Box::new(answered("orders", 0.0, 300.0, vec![message("a", record)]))));
    text(&mut app, (160, 36));
    keys(&mut app, "\n");
    let shown = text(&mut app, (160, 36));
    assert!(shown.contains("Kafka record of t") && !shown.contains("INNER"), "{shown}");
}

/// A fault quotes the beginning of a body that could not be read.
#[test]
fn what_a_fault_quotes_is_hidden_as_well() {
    let cut =
        r#"{"Messages":[{"MessageId":"1","Body":"{\"password\":\"hunter2\",\"to\":\"ada@example.com\"}"#;
    let mut app = watching(&["orders"], vec![failed("orders", 0.0, fault(200, cut), back_off_until(300.0))]);
    assert!(text(&mut app, (120, 36)).contains("hunter2"));
    keys(&mut app, "m");
    for pressed in ["", "!"] {
        keys(&mut app, pressed);
        let shown = text(&mut app, (120, 36));
        assert!(
            shown.contains("Messages") && !shown.contains("hunter2") && !shown.contains("ada@"),
            "{shown}"
        );
    }
}

/// Also where there is little room, and the notice is gone.
#[test]
fn the_header_says_that_values_are_hidden() {
    let mut app = fifo();
    keys(&mut app, "m");
    app.update(Event::Tick(moment(290.0)));
    let shown = text(&mut app, (80, 24));
    assert!(shown.lines().next().expect("a header").contains("masked"), "{shown}");
}

#[test]
fn what_is_masked_is_hidden_in_every_pane_and_given_away_by_no_key() {
    let mut app = fifo();
    text(&mut app, (120, 36));
    keys(&mut app, "m\x1b");
    let secret = |text: &str| text.contains("ada@example.com") || text.contains("s3cr3t");
    for pressed in ["", "1", "2", "3", "4", "5", "\n", "\n", "t", "\x1b", "C", "\x1b", "  j d", "\x1b"] {
        keys(&mut app, pressed);
        let shown = text(&mut app, (120, 36));
        assert!(!secret(&shown) && shown.contains("masked"), "{pressed:?}\n{shown}");
    }
    assert_pane("masked_120x36", &text(&mut app, (120, 36)));
    for key in ['b', 'p', 'm', 'a'] {
        press(&mut app, 'y');
        let effects = press(&mut app, key);
        let [Effect::Copy(copied)] = &effects[..] else { panic!("{key}: {effects:?}") };
        assert!(!secret(copied), "{key}: {copied}");
    }
    for key in ['E', 'V'] {
        let effects = press(&mut app, key);
        let [Effect::Open { text, .. }] = &effects[..] else { panic!("{key}: {effects:?}") };
        assert!(!secret(text), "{key}: {text}");
    }
    // A filter still finds it.
    keys(&mut app, "/ada@example.com\n");
    while app.update(Event::Idle).is_empty() && app.unjudged() > 0 {}
    assert!(text(&mut app, (120, 36)).contains("filter: ada@example.com · 12"));
}
