//! What a queue or a gateway sends is shown, and never obeyed.

use qwatch::text::steers;
use serde_json::{Value, json};

use crate::gateway::{Gateway, message, received, response};
use crate::layout::{assert_box_holds, assert_only_our_own_sequences, assert_panes_hold};
use crate::screen::Screen;

const SIZE: (u16, u16) = (80, 24);

/// Every character that steers a terminal, turns text around, takes no room or takes too much.
fn steering() -> String {
    let codes = (0..0x20).chain(0x7f..0xa0).chain(0x200b..0x2010).chain(0x2028..0x202f).chain(0x2060..0x2070);
    let hidden = codes
        .chain([0xad, 0x34f, 0x61c, 0x180e, 0xfeff, 0xfff9, 0x1d173, 0xe0041])
        .filter_map(char::from_u32);
    let sequences = "\x1b]0;owned\x07\x1bP1;2|dcs\x1b\\\x1b[31mred\x1b[?1049lleft";
    hidden.chain(sequences.chars()).chain("e".chars()).chain(std::iter::repeat_n('\u{301}', 50)).collect()
}

/// An SNS notification, hostile in all that it has room for.
fn notification() -> String {
    let words = steering();
    let deep = json!({(format!("deep {words}")): {"said": words}});
    json!({"Type": "Notification", "TopicArn": words, "Subject": words, "Message": deep.to_string()})
        .to_string()
}

/// An event whose kind, which the breadcrumb shows, is hostile.
fn event() -> String {
    let words = steering();
    json!({"detail-type": words, "source": words, "account": "1", "time": words, "region": words, "detail": {"a": words}})
        .to_string()
}

/// Bodies that try to steer a terminal, and some that are only hard to lay out; and how the raw tab shows each.
fn bodies() -> Vec<(String, &'static str)> {
    let zalgo = format!("Zalgo{} e\u{301} a\u{308}\u{323}", "\u{301}\u{323}\u{489}".repeat(40));
    let keys =
        json!({"key\x1b[31m": "value\x1b]8;;http://evil\x1b\\link", "\u{202e}": ["\u{9b}1m", "\u{7}"]});
    let texts = [
        ("\x1b]0;owned\x07\x1b[2J\x1b[H\x1b[31mred\x1b[?1049lleft", "␛]0;owned␇␛[2J␛[H␛[31mred"),
        ("\x1bc\x1b#8\x1bP1;2|dcs\x1b\\\x1b_apc\x1b\\\x1b^pm\x1b\\", "␛c␛#8␛P1;2|dcs␛\\␛_apc"),
        ("c1 \u{9b}2J \u{9d}0;owned\u{9c} \u{90}dcs\u{9c} \u{85} \u{8e}", r"c1 \u{9b}2J \u{9d}0;owned"),
        (
            "bell\x07 back\x08 vt\x0b ff\x0c so\x0e si\x0f del\x7f nul\0 cr\rlf\ntab\tend",
            "bell␇ back␈ vt␋ ff␌",
        ),
        (
            "\u{202e}desrever\u{202c} \u{2066}isolate\u{2069} \u{200f}mark \u{61c}",
            r"\u{202e}desrever\u{202c}",
        ),
        (
            "zero\u{200b}width\u{feff} \u{2060} soft\u{ad}hyphen \u{2028} \u{2029} tag\u{e0041}",
            r"zero\u{200b}width",
        ),
        (
            "全角文字が列を乱してはならない。全角文字が列を乱してはならない。全角文字が列を乱してはならない。",
            "全角文字",
        ),
        (&zalgo, "Zalgo"),
        ("שלום עולם مرحبا بالعالم mixed with left to right 123 שלום עולם مرحبا بالعالم", "שלום עולם"),
        ("👩‍👩‍👧‍👦 family 🇩🇪 flag 👍🏽 skin ❤️ heart ☺️ ✈️ ⌚ ‼️ #️⃣ 🏴‍☠️", "family"),
        (&"x".repeat(1 << 20), "xxxxxxxx"),
        (&keys.to_string(), r#"{"key\u001b[31m""#),
        (&format!("every one: {}", steering()), "every one: ␀␁␂␃␄␅␆␇"),
        (r#"{"lone":"\ud800","and":["\udc00\ud800"],"\udfff":1}"#, r#"{"lone":"\ud800""#),
        (&json!({("k".repeat(5_000)): {(steering()): "v".repeat(5_000)}}).to_string(), r#"{"kkkkkkkk"#),
        (&notification(), r#"{"Message":"{\"deep "#),
        (&event(), r#"{"account":"1","#),
    ];
    texts.map(|(body, shown)| (body.to_owned(), shown)).into()
}

fn hostile_gateway() -> Gateway {
    let messages = messages();
    Gateway::start(move |path| if path.starts_with("/faults") { refusal() } else { received(&messages) })
}

/// An error whose every word is hostile.
fn refusal() -> Vec<u8> {
    let words = steering();
    let error = json!({"Error": {"Code": format!("Denied{words}"), "Message": format!("refused {words}"), "Type": "Sender"},
        "RequestId": words});
    response("200 OK", "application/json", &error.to_string())
}

fn messages() -> Vec<Value> {
    let words = "\x1b]0;owned\x07\u{9b}31m\u{202e}";
    let mut messages: Vec<_> = bodies()
        .into_iter()
        .enumerate()
        .map(|(number, (body, _))| {
            let mut message = message(&format!("id-{number}{words}"), &body);
            message["ReceiptHandle"] = format!("handle {words}").into();
            message["Attributes"] = json!([
                {"Name": "ApproximateReceiveCount", "Value": "7"},
                {"Name": "MessageGroupId", "Value": format!("g{words}{}", steering())},
                {"Name": format!("Odd{words}"), "Value": words},
                {"Name": "SentTimestamp", "Value": format!("{words}")},
            ]);
            message["MessageAttributes"] = json!([
                {"Name": format!("n{words}"), "Value": {"DataType": format!("String.{words}"), "StringValue": words}},
            ]);
            message
        })
        .collect();
    // One has more attributes than SQS would let it have, and more than fit anywhere.
    let many = (0..10_000).map(
        |n| json!({"Name": format!("n{n}{words}"), "Value": {"DataType": "String", "StringValue": words}}),
    );
    messages[0]["MessageAttributes"] = many.collect();
    messages[1]["Attributes"][3]["Value"] = "1677112427387".into();
    messages
}

#[test]
fn no_control_byte_of_a_message_reaches_the_terminal_and_borders_stay_in_their_columns() {
    let gateway = hostile_gateway();
    let mut screen = Screen::start(&[&gateway.url("q"), "--interval", "1h"], SIZE);
    let bodies = bodies();
    screen.wait_for("messages", |view| view.received() == Some(bodies.len() as u64));
    // The newest is the last of them.
    for (row, (_, shown)) in bodies.iter().rev().enumerate() {
        for tab in ["1", "2", "3", "4", "5"] {
            screen.press(tab);
            let name = ["Body", "Attributes", "Custom", "Timeline", "Raw"][tab.parse::<usize>().unwrap() - 1];
            screen.wait_for(name, |view| view.front_tab().as_deref() == Some(name));
            assert_panes_hold(&screen, &format!("message {row} from the top, {name}"));
        }
        screen.wait_for_text(shown);
        // Out of its envelopes and back into them, as far as there are any.
        screen.press("1{{");
        screen.wait_for("the body", |view| view.front_tab().as_deref() == Some("Body"));
        assert_panes_hold(&screen, &format!("message {row} from the top, wrapped"));
        screen.press("}}");
        // And on the full screen, scrolled to its end.
        screen.press("\rG");
        screen.wait_for("zoomed", |view| !view.shows("Endpoints"));
        assert_panes_hold(&screen, &format!("message {row} from the top, zoomed"));
        screen.press("\x1b[A\r");
        screen.wait_for("the panes", |view| view.shows("Endpoints"));
        screen.press("j");
    }
    screen.press("q");
    let left = screen.left();
    assert_eq!(left.code, 0);
    assert_only_our_own_sequences(&left.raw);
}

/// Boxes over the panes: by which keys each opens, and a word of its title.
const BOXES: [(&str, &str); 8] = [
    ("y", " Copy "),
    (":", "Commands and endpoints"),
    ("C", " Columns "),
    ("i", "Impact ·"),
    ("w", "Write to a file"),
    ("e", "is asked for"),
    ("?", " Help "),
    (" j d", "Diff ·"),
];

#[test]
fn boxes_patterns_faults_and_columns_obey_nothing_either_and_are_whole() {
    let gateway = hostile_gateway();
    let mut screen = Screen::start(&[&gateway.url("q"), &gateway.url("faults"), "--interval", "1h"], SIZE);
    screen
        .wait_for("messages", |view| view.received() == Some(bodies().len() as u64) && view.shows("1 fault"));
    for (keys, title) in BOXES {
        screen.press(keys);
        screen.wait_for_text(title);
        assert_box_holds(&screen, title);
        screen.press("\x1b");
        screen.wait_for("the panes", |view| !view.shows(title));
        assert_panes_hold(&screen, title);
    }
    screen.press("t");
    for (page, shown) in
        [("poison", "id-3␛]0;owned␇"), ("groups", "g␛]0;owned␇"), ("shape", "bodies"), ("age", "p50")]
    {
        screen.wait_for(page, |view| view.shows("Patterns ·") && view.shows(shown));
        assert_box_holds(&screen, "Patterns ·");
        screen.press("\t");
    }
    // Read together, Esc and a key would be that key with Alt.
    screen.press("\x1b");
    screen.wait_for("the panes", |view| !view.shows("Patterns ·"));
    // A column by the name of an attribute that a message brought, by which the list is sorted then.
    screen.press("CG s");
    screen.wait_for("a column", |view| view.shows(" Columns ") && view.shows("sorted ↓"));
    screen.press("\x1b");
    screen.wait_for("the panes", |view| !view.shows(" Columns ") && view.shows("· by "));
    assert_panes_hold(&screen, "sorted by a hostile column");
    // What a filter is offered, and what it finds.
    screen.press("/body.\t\t\t");
    // Whoever does not see it open would take it for closed, and the key after Esc would be one with Alt.
    screen.wait_for("a filter completed", |view| view.shows("Esc cancel") && view.shows("3 of "));
    assert_panes_hold(&screen, "a filter completed");
    screen.press("\x15\u{1b}");
    screen.wait_for("the panes", |view| !view.shows("Esc cancel"));
    screen.press("n");
    screen.wait_for("the fault", |view| view.shows("✖ sqs 200") && view.shows("Denied␀␁"));
    assert_panes_hold(&screen, "a fault");
    screen.press("!");
    screen.wait_for_text("Faults ·");
    assert_box_holds(&screen, "Faults ·");
    screen.press("q");
    screen.wait_for("the panes", |view| !view.shows("Faults ·"));
    screen.press("q");
    assert_only_our_own_sequences(&screen.left().raw);
}

#[test]
fn what_is_copied_and_exported_is_data_and_comes_back_as_it_came() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let gateway = hostile_gateway();
    let mut screen = Screen::start(&[&gateway.url("q"), "--interval", "1h"], SIZE);
    screen.wait_for("messages", |view| view.received() == Some(bodies().len() as u64));
    screen.press("y");
    screen.wait_for_text(" Copy ");
    screen.press("m");
    screen.wait_for_text("copied the message");
    for (format, name) in [("", "all.ndjson"), ("\x1b[A ", "all.csv")] {
        screen.press("w");
        screen.wait_for_text("Write to a file");
        screen.press(&format!("{format}{}\x15{}\r", if format.is_empty() { "" } else { "\t" }, path(name)));
        screen.wait_for("the file", |_| std::path::Path::new(&path(name)).exists());
        screen.wait_for("the panes", |view| view.shows("wrote ") && !view.shows("Write to a file"));
        screen.press("\x1b");
        screen.wait_for("no notice", |view| !view.shows("wrote "));
    }
    screen.press("q");
    assert_only_our_own_sequences(&screen.left().raw);
    let written = std::fs::read_to_string(path("all.ndjson")).unwrap();
    assert_eq!(written.chars().find(|c| steers(*c) && *c != '\n'), None);
    let lines: Vec<Value> = written.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut table = csv::Reader::from_path(path("all.csv")).unwrap();
    let rows: Vec<csv::StringRecord> = table.records().map(Result::unwrap).collect();
    for (number, message) in messages().iter().enumerate() {
        assert_eq!(lines[number]["message_id"], message["MessageId"]);
        assert_eq!(lines[number]["body"], message["Body"]);
        assert_eq!(
            (&rows[number][2], &rows[number][3]),
            (message["MessageId"].as_str().unwrap(), message["Body"].as_str().unwrap())
        );
    }
    assert_eq!(lines[0]["message_attributes"].as_object().unwrap().len(), 10_000);
}

#[test]
fn tail_prints_nothing_that_a_terminal_obeys() {
    let gateway = hostile_gateway();
    let count = bodies().len().to_string();
    let raw = |path: &str| {
        let screen =
            Screen::start(&["tail", &gateway.url(path), "--interval", "1h", "--count", &count], SIZE);
        let raw = String::from_utf8(screen.left().raw).unwrap();
        assert_eq!(raw.replace("\r\n", "").chars().find(|c| steers(*c)), None, "{path}");
        raw
    };
    for (line, message) in raw("q").lines().zip(messages()) {
        let line: Value = serde_json::from_str(line).unwrap();
        assert_eq!((&line["message_id"], &line["body"]), (&message["MessageId"], &message["Body"]));
    }
    let fault = raw("faults");
    assert!(fault.contains("Denied␀␁␂") && fault.contains("refused ␀␁␂"), "{fault}");
}

#[test]
fn an_answer_that_is_no_answer_is_shown_without_being_obeyed() {
    let gateway = Gateway::start(|_| {
        response("200 OK", "text/html", "<html>\x1b]0;owned\x07\u{9b}2J\u{202e}<h1>portal</h1>")
    });
    let mut screen = Screen::start(&[&gateway.url("q"), "--interval", "1h"], SIZE);
    screen.wait_for_text("portal");
    screen.press("!");
    screen.wait_for("the faults", |view| view.shows("Faults ·") && view.shows("html"));
    screen.press("q");
    screen.wait_for("the panes", |view| !view.shows("Faults ·"));
    screen.press("q");
    assert_only_our_own_sequences(&screen.left().raw);
}
