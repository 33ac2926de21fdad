//! What comes from a terminal that is no key press of the user's: pastes, releases and repeats, focus.

use crate::gateway::{Gateway, message, received};
use crate::screen::Screen;
use crate::view::View;

const SIZE: (u16, u16) = (120, 24);

fn watching() -> (Gateway, Screen) {
    let messages: Vec<_> =
        (0..10).map(|n| message(&format!("m{n}"), &format!(r#"{{"order":{n}}}"#))).collect();
    let gateway = Gateway::start(move |_| received(&messages));
    let screen = Screen::start(&[&gateway.url("orders"), "--interval", "1h"], SIZE);
    screen.wait_for("messages", |view| view.selected_order() == Some(9) && view.footer().contains("quit"));
    (gateway, screen)
}

fn paste(text: &str) -> String {
    format!("\x1b[200~{text}\x1b[201~")
}

/// Every control character that could be taken for a key: Ctrl-A to Ctrl-Z, Enter, Tab, Esc and its sequences, Backspace.
fn controls() -> String {
    let all: String = (1..32).map(char::from).collect();
    format!("{all}\x7f\x1b[A\x1b[B\x1bOP\x1b[<0;5;5M\u{9b}2J{all}")
}

#[test]
fn a_paste_into_the_panes_presses_no_key() {
    let (_gateway, mut screen) = watching();
    for text in
        ["q", "\x03", "\x1a", "xy", "jjjj\r", "a http://example.com\r", &controls(), &"q\r".repeat(512 << 10)]
    {
        screen.press(&paste(text));
    }
    // The key after them is the first that does anything.
    screen.press("j");
    screen.wait_for("one row further", |view| view.selected_order() == Some(8));
    assert!(screen.look(|view| view.header().contains("1 endpoint ·") && view.shows("Endpoints")));
    screen.press("q");
    assert_eq!(screen.left().code, 0);
}

#[test]
fn a_paste_into_an_overlay_presses_no_key_either() {
    for (key, shown) in
        [("?", "up a row"), ("!", "Faults ·"), ("i", "Impact ·"), ("x", "Stop watching"), ("y", " Copy ")]
    {
        let (_gateway, mut screen) = watching();
        screen.press(key);
        screen.wait_for_text(shown);
        for text in ["q", "y", "\r", "\x1b", "\x03", &controls()] {
            screen.press(&paste(text));
        }
        // Another overlay's key means nothing in this one, but Esc closes it: that it was still open is seen by what Esc does.
        screen.press("\x1b");
        screen.wait_for("the panes", |view| !view.shows(shown));
        assert!(screen.look(|view| view.header().contains("1 endpoint ·")), "{key}: {}", screen.text());
        screen.press("q");
        assert_eq!(screen.left().code, 0, "{key}");
    }
}

#[test]
fn a_paste_of_a_megabyte_into_the_filter_is_cut_and_said_to_be_and_the_screen_goes_on() {
    let (_gateway, mut screen) = watching();
    screen.press("/");
    screen.wait_for_text("Tab completes");
    let text: String = "order 9 ".repeat((1 << 20) / 8);
    screen.press(&paste(&text));
    screen.wait_for("what was left out", |view| {
        view.shows("4096 of 1048576 characters") && view.shows("order 9 order 9")
    });
    assert!(screen.look(|view| view.shows("Tab completes")), "{}", screen.text());
    // What is typed next stands at its end, and is obeyed.
    screen.press("\x15\"order\\\":4\"\r");
    screen.wait_for("the one message", |view| view.selected_order() == Some(4) && view.shows("filter: "));
    screen.press("q");
    assert_eq!(screen.left().code, 0);
}

#[test]
fn control_characters_in_a_paste_into_a_prompt_are_left_out() {
    for (key, shown) in [
        ("/", "Tab completes"),
        ("a", "Watch another"),
        ("|", "│jq "),
        ("w", "Write to a file"),
        (":", "Commands and endpoints"),
    ] {
        let (_gateway, mut screen) = watching();
        screen.press(key);
        screen.wait_for_text(shown);
        screen.press(&paste(&format!("be{}fore", controls())));
        screen.wait_for("the text", |view: &View| view.shows("be[A[BOP[<0;5;5M2Jfore") && view.shows(shown));
        screen.press("\x03");
        let left = screen.left();
        assert_eq!(left.code, 130, "{key}");
    }
}

/// As terminals with the kitty protocol report them, and Windows always does.
#[test]
fn keys_that_are_let_go_do_nothing_and_those_that_are_held_repeat() {
    let (_gateway, mut screen) = watching();
    let key = |code: u32, modifiers: u32, kind: u32| format!("\x1b[{code};{modifiers}:{kind}u");
    let (press, repeat, release) = (1, 2, 3);
    // q, Ctrl-C, Ctrl-Z, Enter and Esc are let go.
    for (code, modifiers) in [(113, 1), (99, 5), (122, 5), (13, 1), (27, 1)] {
        screen.press(&key(code, modifiers, release));
    }
    // j is pressed, held, and let go.
    for kind in [press, repeat, repeat, release] {
        screen.press(&key(106, 1, kind));
    }
    screen.wait_for("three rows further", |view| view.selected_order() == Some(6));
    screen.press(&key(47, 1, press));
    screen.press(&key(47, 1, release));
    screen.wait_for_text("Tab completes");
    for code in [111_u32, 114] {
        screen.press(&key(code, 1, press));
        screen.press(&key(code, 1, release));
    }
    screen.wait_for("each letter once", |view| view.shows("/or ") || view.shows(" or ") || view.shows("│or"));
    for code in [27, 113] {
        screen.press(&key(code, 1, press));
    }
    assert_eq!(screen.left().code, 0);
}

/// As from a terminal that does not bracket pastes, or from a very fast typist.
#[test]
fn every_key_of_a_burst_is_obeyed_without_another_one_after_it() {
    let (_gateway, mut screen) = watching();
    for last in ["j", "G"] {
        // More than is read at once, and less than a terminal holds for a program that reads nothing.
        screen.press(&("jk".repeat(1_500) + "g" + last));
        let row = if last == "j" { 8 } else { 0 };
        screen.wait_for("the last key", |view| view.selected_order() == Some(row));
    }
    screen.press("q");
    assert_eq!(screen.left().code, 0);
}

#[test]
fn losing_the_focus_and_getting_it_back_changes_nothing_unless_asked_to() {
    let (_gateway, mut screen) = watching();
    // More than is read at once, and one key behind them.
    screen.press(&("\x1b[O\x1b[I".repeat(500) + "\x1b[Oj"));
    screen.wait_for("one row further", |view| view.selected_order() == Some(8));
    assert!(screen.look(|view| !view.header().contains("paused")));
    screen.press("q");
    assert_eq!(screen.left().code, 0);
}
