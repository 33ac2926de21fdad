//! What a queue or a gateway sends is shown, and never obeyed.

use serde_json::json;

use crate::gateway::{Gateway, message, received};
use crate::screen::Screen;
use crate::view::View;

const SIZE: (u16, u16) = (80, 24);

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
    ];
    texts.map(|(body, shown)| (body.to_owned(), shown)).into()
}

fn hostile_gateway() -> Gateway {
    let words = "\x1b]0;owned\x07\u{9b}31m\u{202e}";
    let messages: Vec<_> = bodies()
        .into_iter()
        .enumerate()
        .map(|(number, (body, _))| {
            let mut message = message(&format!("id-{number}{words}"), &body);
            message["ReceiptHandle"] = format!("handle {words}").into();
            message["Attributes"] = json!([
                {"Name": "MessageGroupId", "Value": format!("g{words}")},
                {"Name": format!("Odd{words}"), "Value": words},
                {"Name": "SentTimestamp", "Value": format!("{words}")},
            ]);
            message["MessageAttributes"] = json!([
                {"Name": format!("n{words}"), "Value": {"DataType": format!("String.{words}"), "StringValue": words}},
            ]);
            message
        })
        .collect();
    Gateway::start(move |_| received(&messages))
}

/// Fails when the terminal was sent anything but text and the sequences that qwatch itself uses.
fn assert_only_our_own_sequences(raw: &[u8]) {
    let text = String::from_utf8(raw.to_vec()).expect("what is drawn is UTF-8");
    let mut rest = text.as_str();
    while let Some(at) = rest.find(char::is_control) {
        let from = &rest[at..];
        // `ESC [`, parameters, and one of: colours and styles, cursor placement, clearing, modes, a line up.
        let ours = from.strip_prefix("\x1b[").and_then(|sequence| {
            let end = sequence.find(|c: char| !matches!(c, '0'..='9' | ';' | '?'))?;
            matches!(sequence.as_bytes()[end], b'm' | b'H' | b'J' | b'h' | b'l' | b'S').then_some(end + 3)
        });
        let Some(length) = ours else {
            panic!("sent to the terminal: {:?}", from.chars().take(20).collect::<String>())
        };
        rest = &from[length..];
    }
    let invisible = |c: &char| {
        matches!(u32::from(*c), 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f | 0x061c | 0xfeff | 0xad
            | 0xe0000..=0xe0fff)
    };
    assert_eq!(text.chars().find(invisible), None, "sent to the terminal");
    for planted in ["\x1b[2J\x1b[H\x1b[31m", "\x1b[31mred", "\x1b[?1049lleft", "[31m\u{202e}"] {
        assert!(!text.contains(planted), "{planted:?}");
    }
}

/// Fails when a border is not in its column: those of the window's sides, and those between panes.
fn assert_borders_hold(screen: &Screen, after: &str) {
    const SIDES: [&str; 6] = ["│", "┃", "┌┐", "┏┓", "└┘", "┗┛"];
    let is_side = |cell: &str| !cell.is_empty() && SIDES.iter().any(|sides| sides.contains(cell));
    let zoomed = |view: &View| !view.shows("Endpoints");
    screen.look(|view| {
        for row in 1..SIZE.1 - 1 {
            for column in [0, SIZE.0 - 1] {
                let cell = view.cell(row, column);
                assert!(is_side(cell), "{after}: {cell:?} in {column},{row}\n{}", view.text());
            }
        }
        if zoomed(view) {
            return;
        }
        // Between the panes two borders stand side by side, in the columns where their corners are.
        for corners in ["┐┌", "┐┏", "┓┌"] {
            for row in 1..SIZE.1 - 1 {
                for column in 0..SIZE.0 - 1 {
                    if format!("{}{}", view.cell(row, column), view.cell(row, column + 1)) != corners {
                        continue;
                    }
                    for below in row..row + 9 {
                        let (left, right) = (view.cell(below, column), view.cell(below, column + 1));
                        assert!(
                            is_side(left) && is_side(right),
                            "{after}: {left:?}{right:?} in {column},{below}\n{}",
                            view.text()
                        );
                    }
                }
            }
        }
    });
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
            assert_borders_hold(&screen, &format!("message {row} from the top, {name}"));
        }
        screen.wait_for_text(shown);
        // And on the full screen, scrolled to its end.
        screen.press("\rG");
        screen.wait_for("zoomed", |view| !view.shows("Endpoints"));
        assert_borders_hold(&screen, &format!("message {row} from the top, zoomed"));
        screen.press("\x1b[A\r");
        screen.wait_for("the panes", |view| view.shows("Endpoints"));
        screen.press("j");
    }
    screen.press("q");
    let left = screen.left();
    assert_eq!(left.code, 0);
    assert_only_our_own_sequences(&left.raw);
}

#[test]
fn an_answer_that_is_no_answer_is_shown_without_being_obeyed() {
    let gateway = Gateway::start(|_| {
        crate::gateway::response(
            "200 OK",
            "text/html",
            "<html>\x1b]0;owned\x07\u{9b}2J\u{202e}<h1>portal</h1>",
        )
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
