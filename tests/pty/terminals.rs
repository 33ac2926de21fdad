//! Terminals of every kind: small, storming, without an alternate screen, gone, or none at all.

use std::num::NonZeroU16;
use std::time::Duration;

use crate::gateway::{Gateway, message, received};
use crate::screen::Screen;
use crate::view::View;

const SIZE: (u16, u16) = (80, 24);

fn gateway() -> Gateway {
    let messages: Vec<_> =
        (0..10).map(|n| message(&format!("m{n}"), &format!(r#"{{"order":{n}}}"#))).collect();
    Gateway::start(move |_| received(&messages))
}

/// All of a screen of this size, with the messages.
fn whole(view: &View, size: (u16, u16)) -> bool {
    view.selected_order().is_some() && drawn(view, size)
}

/// Whatever pane it is, drawn to its last cell.
fn drawn(view: &View, (columns, rows): (u16, u16)) -> bool {
    view.footer().contains("quit") && ["┘", "┛"].contains(&view.cell(rows - 2, columns - 1))
}

#[test]
fn a_storm_of_sizes_ends_in_the_last_one() {
    let gateway = gateway();
    let mut screen = Screen::start(&[&gateway.url("q"), "--interval", "1h"], SIZE);
    screen.wait_for("the panes", |view| whole(view, SIZE));
    for storm in 0..5 {
        for step in 0..200_u16 {
            screen.resize((1 + (step * 37 + storm) % 300, 1 + (step * 11 + storm) % 90));
            if step % 10 == 0 {
                screen.press("\t");
            }
        }
        let last = [(1, 1), (200, 60), (40, 10), (132, 43), SIZE][usize::from(storm)];
        screen.resize(last);
        if last != (1, 1) {
            screen.press("\x1b");
            screen.wait_for(&format!("{last:?}"), |view| drawn(view, last));
        }
    }
    screen.press("q");
    assert_eq!(screen.left().code, 0);
}

#[test]
fn a_terminal_that_begins_without_room_is_used_when_it_has_some() {
    let gateway = gateway();
    for begun in [(1, 1), (0, 0), (2, 0), (0, 7)] {
        let mut screen = Screen::start(&[&gateway.url("q"), "--interval", "1h"], begun);
        // Something was set: the program has begun.
        assert!(
            screen.shows_within(Duration::from_secs(20), |view| view.0.bracketed_paste()),
            "{begun:?}: {}",
            screen.text()
        );
        screen.resize(SIZE);
        screen.wait_for(&format!("the panes after {begun:?}"), |view| whole(view, SIZE));
        screen.press("q");
        assert_eq!(screen.left().code, 0, "{begun:?}");
    }
}

#[test]
fn a_terminal_that_cannot_place_text_is_refused_by_its_name() {
    for kind in ["dumb", "vt52"] {
        let screen = Screen::start_with(&["demo"], (120, 24), &[("TERM", kind)]);
        let left = screen.left();
        assert_eq!(left.code, 2, "{kind}");
        assert!(left.text.contains(&format!("TERM={kind}")), "{}", left.text);
        assert!(left.text.contains("`qwatch tail`"), "{}", left.text);
        assert!(!left.raw.contains(&0x1b), "{kind}: {:?}", String::from_utf8_lossy(&left.raw));
        assert_eq!(left.modes[0], left.modes[1]);
    }
}

#[test]
fn a_terminal_of_an_unknown_kind_or_of_none_is_drawn_on() {
    let gateway = gateway();
    for script in
        [r#"unset TERM; exec "$0" "$@""#, r#"TERM= exec "$0" "$@""#, r#"TERM=new-one exec "$0" "$@""#]
    {
        let url = gateway.url("q");
        let mut screen = Screen::start_in_shell(script, &[&url, "--interval", "1h"], SIZE, &[]);
        screen.wait_for("the panes", |view| whole(view, SIZE));
        screen.press("q");
        assert_eq!(screen.left().code, 0, "{script}");
    }
}

/// tmux and others can be told to have none, and then the shell's lines stay where they are.
#[test]
fn without_an_alternate_screen_the_panes_stand_alone_and_the_shell_goes_on_below_them() {
    let gateway = gateway();
    let script = r#"yes 'a line of the shell' | head -n 60; "$0" "$@"; echo 'the shell again'"#;
    let mut screen = Screen::start_in_shell(script, &[&gateway.url("q"), "--interval", "1h"], SIZE, &[]);
    screen.wait_for("the panes", |view| whole(view, SIZE));
    let watching = without_alternate(&screen.raw_output());
    assert!(whole(&View(watching.screen()), SIZE), "{}", View(watching.screen()).text());
    assert!(!View(watching.screen()).shows("shell"), "{}", View(watching.screen()).text());
    screen.press("q");
    let left = screen.left();
    let after = without_alternate(&left.raw);
    let rows = View(after.screen()).rows();
    let last = rows.iter().rposition(|row| !row.trim().is_empty()).unwrap();
    assert_eq!(rows[last].trim(), "the shell again", "{}", rows.join("\n"));
    assert!(rows[last - 1].contains("quit"), "below the last frame:\n{}", rows.join("\n"));
    assert!(!after.screen().hide_cursor() && !after.screen().bracketed_paste());
}

fn without_alternate(raw: &[u8]) -> vt100::Parser {
    let cells = |cells| NonZeroU16::new(cells).unwrap();
    let mut parser = vt100::Parser::new(cells(SIZE.1), cells(SIZE.0), 0);
    let text = String::from_utf8_lossy(raw).replace("\x1b[?1049h", "").replace("\x1b[?1049l", "");
    parser.process(text.as_bytes());
    parser
}

#[test]
fn where_input_or_output_is_no_terminal_it_says_what_is_needed_before_anything_is_polled() {
    let gateway = Gateway::start(|path| panic!("{path} was asked for"));
    let url = gateway.url("q");
    for (script, command) in [
        (r#""$0" "$@" </dev/null; echo "ended with $?""#, url.as_str()),
        (r#""$0" "$@" | cat; echo ended with 2"#, url.as_str()),
        (r#""$0" "$@" >/dev/null; echo "ended with $?""#, url.as_str()),
        (r#""$0" "$@" <&-; echo "ended with $?""#, url.as_str()),
        (r#""$0" "$@" >&-; echo "ended with $?""#, url.as_str()),
        (r#""$0" "$@" </dev/null; echo "ended with $?""#, "demo"),
    ] {
        let left = Screen::start_in_shell(script, &[command], (160, 24), &[]).left();
        assert!(left.text.contains("the screen needs a terminal for its input and output"), "{}", left.text);
        assert!(left.text.contains("ended with 2"), "{script}: {}", left.text);
    }
}

/// A window that is closed, or a connection that is cut: the kernel sends SIGHUP, and there is nothing to read any more.
#[test]
fn when_the_terminal_goes_away_it_ends_and_polls_no_more() {
    let gateway = gateway();
    // With `nohup` it is not even told.
    for ignoring in ["", "trap '' HUP; "] {
        let script = format!(r#"{ignoring}exec "$0" "$@""#);
        let mut screen = Screen::start_in_shell(&script, &[&gateway.url("q"), "--interval", "1h"], SIZE, &[]);
        screen.wait_for("the panes", |view| whole(view, SIZE));
        screen.hang_up();
        let code = screen.ends();
        assert!([1, 130].contains(&code), "{ignoring}: {code}");
    }
}

#[test]
fn words_for_a_terminal_that_has_gone_away_raise_no_panic() {
    // An answer that takes longer than leaving does without a word.
    let gateway = Gateway::start(|_| {
        std::thread::sleep(Duration::from_millis(1_500));
        received(&[])
    });
    let mut screen = Screen::start(&[&gateway.url("q"), "--interval", "1h"], SIZE);
    screen.wait_for_text("quit");
    screen.hang_up();
    let code = screen.ends();
    assert!([1, 130].contains(&code), "{code}");
}
