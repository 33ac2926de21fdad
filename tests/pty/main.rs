//! What a user sees of the real program in a real terminal: a pseudo-terminal with a screen behind it.

#![cfg(unix)]
#![expect(
    clippy::redundant_closure_for_method_calls,
    reason = "a method of View<'_> is of one lifetime only"
)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking")]

mod finding;
mod gateway;
mod hostile;
mod keys;
mod layout;
mod leaving;
mod pasting;
mod screen;
mod secrets;
mod steering;
mod suspending;
mod terminals;
mod view;
mod writing;

use std::io::Write as _;
use std::time::Duration;

use gateway::{Gateway, message, received, response};
use qwatch::local::{Scenario, demo};
use screen::Screen;
use view::View;

#[test]
fn a_demo_shows_messages_within_three_seconds() {
    let screen = Screen::start(&["demo"], (80, 24));
    let messages = |view: &View| view.rows().iter().filter(|row| row.contains(" B  ")).count() >= 3;
    assert!(screen.shows_within(Duration::from_secs(3), messages), "{}", screen.text());
}

#[test]
fn two_endpoints_one_refusing_connections_and_the_other_is_undisturbed() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let demo = runtime.block_on(demo(Scenario::Steady, 20.0, 1, "127.0.0.1:0".parse().unwrap())).unwrap();
    let (_, live) = &demo.endpoints()[0];
    let screen = Screen::start(
        &[live, &gateway::refusing(), "--interval", "200ms", "--max-receive-count", "1000"],
        (120, 24),
    );
    // Each row of an endpoint begins with its mark, then comes a glyph for its state.
    let states = |view: &View| {
        view.shows_in_a_row(&["●", "/s"]) && view.shows_in_a_row(&["◐", "in "]) && view.shows("fault")
    };
    screen.wait_for("the state of both", states);
    let before = screen.look(|view| view.received()).unwrap_or_default();
    screen.wait_for("more rows of the one that answers", |view| {
        states(view) && view.received().is_some_and(|received| received > before + 50)
    });
    assert!(screen.look(|view| view.header().contains("2 endpoints")));
}

#[test]
fn idle_it_draws_at_most_once_a_second() {
    const WATCHED: Duration = Duration::from_secs(6);
    let gateway = Gateway::start(|_| received(&[]));
    let screen = Screen::start(&[&gateway.url("empty"), "--interval", "2s"], (80, 24));
    screen.wait_for_text("No message in");
    let begun = screen.raw_output().len();
    // Six seconds are the measure here and not a wait for something; nothing may make them shorter.
    assert!(!screen.shows_within(WATCHED, |_| false));
    let drawn = draws(&screen.raw_output()[begun..]);
    assert!((3..=7).contains(&drawn), "{drawn} draws in {WATCHED:?}");
}

/// Draws in an output: the synchronized updates that place the cursor and write. The others belong to a draw too,
/// as when they hide the cursor.
fn draws(raw: &[u8]) -> usize {
    let text = String::from_utf8_lossy(raw);
    text.split("\x1b[?2026h").filter(|update| update.contains('H')).count()
}

#[test]
fn no_color_means_no_colours() {
    let mut screen = Screen::start_with(&["demo", "--scenario", "throttle"], (120, 30), &[("NO_COLOR", "1")]);
    screen.wait_for("messages and a fault", |view| view.shows(" B  ") && view.shows("✖"));
    screen.press("?");
    screen.wait_for_text("up a row");
    screen.press("q2345ce");
    screen.wait_for_text("burst");
    screen.press("\x03");
    let left = screen.left();
    let coloured: Vec<String> = styles(&left.raw).into_iter().filter(|code| is_colour(code)).collect();
    assert!(coloured.is_empty(), "{coloured:?}");
    // And with colours there are some, or this test would see none whatever happened.
    let mut screen = Screen::start(&["demo"], (120, 30));
    screen.wait_for_text(" B  ");
    screen.press("q");
    assert!(styles(&screen.left().raw).iter().any(|code| is_colour(code)));
}

/// Every number of every style that was set.
fn styles(raw: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(raw);
    let set = text.split("\x1b[").filter_map(|sequence| {
        let end = sequence.find(|c: char| !c.is_ascii_digit() && c != ';')?;
        sequence[end..].starts_with('m').then(|| sequence[..end].to_owned())
    });
    set.flat_map(|codes| codes.split(';').map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// 39 and 49 put the terminal's own colours back.
fn is_colour(code: &str) -> bool {
    matches!(code.parse(), Ok(30..=38 | 40..=48 | 90..=97 | 100..=107))
}

#[test]
fn it_holds_at_every_size_and_asks_politely_for_room_below_the_smallest() {
    let messages: Vec<_> =
        (0..10).map(|n| message(&format!("m{n}"), &format!(r#"{{"order":{n}}}"#))).collect();
    let gateway = Gateway::start(move |_| received(&messages));
    let screen = Screen::start(&[&gateway.url("q"), "--interval", "1h"], (80, 24));
    screen.wait_for("all panes", |view| whole(view) && view.shows("Endpoints"));
    for (size, shown) in [
        ((30, 8), polite as fn(&View) -> bool),
        ((200, 60), whole),
        ((1, 1), anything),
        ((80, 24), whole),
        ((40, 10), whole),
        ((39, 10), polite),
        ((2, 50), anything),
        ((300, 2), polite),
        ((40, 60), whole),
        ((300, 10), whole),
        ((80, 24), whole),
    ] {
        screen.resize(size);
        screen.wait_for(&format!("{size:?}"), shown);
        let sized = screen.look(|view| view.rows().len());
        assert_eq!(sized, usize::from(size.1));
    }
    screen.signal("TERM");
    assert_eq!(screen.left().code, 130);
}

/// A pane with the message, drawn as far as the last column and row.
fn whole(view: &View) -> bool {
    let (rows, columns) = view.0.size();
    view.shows("following")
        && view.footer().contains("quit")
        && view.shows(r#""order":9"#)
        && ["┘", "┛"].contains(&view.cell(rows.get() - 2, columns.get() - 1))
}

fn polite(view: &View) -> bool {
    view.shows("qwatch needs more room")
}

/// Where nothing fits there must only be something.
fn anything(view: &View) -> bool {
    view.shows("q")
}

#[test]
fn whatever_a_gateway_sends_is_shown_as_a_fault_and_ends_nothing() {
    let gateway = Gateway::start(|path| {
        let json = |status, body| response(status, "application/json", body);
        match path.trim_start_matches('/').split('?').next().unwrap_or_default() {
            "address" => json("403 Forbidden", r#"{"message":"Missing Authentication Token"}"#),
            "key" => json("403 Forbidden", r#"{"message":"Forbidden"}"#),
            "throttled" => json("429 Too Many Requests", r#"{"message":"Too Many Requests"}"#),
            "failing" => json("502 Bad Gateway", r#"{"message":"Internal server error"}"#),
            "portal" => response("200 OK", "text/html", "<html><h1>Please log in</h1></html>"),
            "garbage" => json("200 OK", r#"{"ReceiveMessageResponse":{"Receive"#),
            "binary" => json("200 OK", "\u{1}\u{2}\u{fffd}"),
            "silent" => Vec::new(),
            "cut" => b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{\"Rec".to_vec(),
            "noise" => b"\0\0\0not http at all\r\n\r\n".to_vec(),
            "moved" => {
                b"HTTP/1.1 302 Found\r\nlocation: http://example.invalid/\r\ncontent-length: 0\r\n\r\n"
                    .to_vec()
            }
            "queue" => json(
                "200 OK",
                r#"{"Error":{"Code":"AccessDenied","Message":"no","Type":"Sender"},"RequestId":"r-1"}"#,
            ),
            _ => received(&[message("well", "still here")]),
        }
    });
    let stopped: &[(&str, &[&str])] = &[
        ("address", &["Missing Authentication Token", "Stopped: r tries again.", "Check the URL"]),
        ("key", &["Forbidden", "Stopped: r tries again.", "API key"]),
    ];
    let passing: &[(&str, &[&str])] = &[
        ("throttled", &["429", "Trying again in", "Poll less often"]),
        ("failing", &["502", "Trying again in"]),
        ("portal", &["Please log in"]),
        ("garbage", &["{\"ReceiveMessageResponse\""]),
        ("binary", &["␁␂"]),
        ("silent", &["Trying again in"]),
        ("cut", &["Trying again in"]),
        ("noise", &["Trying again in"]),
        ("moved", &["302"]),
        ("queue", &["AccessDenied"]),
    ];
    let cases: Vec<_> = stopped.iter().chain(passing).collect();
    let mut config = tempfile::NamedTempFile::new().unwrap();
    for name in cases.iter().map(|(name, _)| *name).chain(["well"]) {
        writeln!(config, "[[endpoint]]\nname = '{name}'\nurl = '{}'", gateway.url(name)).unwrap();
    }
    let mut screen = Screen::start(&["--config", config.path().to_str().unwrap()], (160, 50));
    for (name, words) in cases {
        screen.wait_for(&format!("{name}: {words:?}"), |view| {
            view.shows(&format!("Messages · {name}")) && words.iter().all(|words| view.shows(words))
        });
        screen.press("n");
    }
    screen.wait_for("the one that is well", |view| {
        view.shows("still here") && view.shows_in_a_row(&["well", "●"])
    });
    screen.press("q");
    assert_eq!(screen.left().code, 0);
}
