//! However the program ends, the terminal is the shell's again, as it was.

use crate::screen::{Left, Screen};

/// What stands on the screen once messages have come.
fn watching(variables: &[(&str, &str)]) -> Screen {
    let screen = Screen::start_with(&["demo"], (80, 24), variables);
    if variables.is_empty() {
        screen.wait_for_text(" B  ");
    }
    screen
}

fn assert_restored(left: &Left, code: u32) {
    assert_eq!(left.code, code, "{}", left.text);
    assert_eq!(left.modes[0], left.modes[1], "the terminal's modes");
    assert!(left.still.is_empty(), "still {:?}", left.still);
    // Everything that was turned on was turned off, whatever this screen makes of it: mouse reports of every kind,
    // bracketed paste, the alternate screen, the hidden cursor, the synchronized update.
    for (mode, on, off) in [
        ("1000", 'h', 'l'),
        ("1004", 'h', 'l'),
        ("1002", 'h', 'l'),
        ("1003", 'h', 'l'),
        ("1006", 'h', 'l'),
        ("1015", 'h', 'l'),
        ("2004", 'h', 'l'),
        ("1049", 'h', 'l'),
        ("25", 'l', 'h'),
        ("2026", 'h', 'l'),
    ] {
        let last = |way: char| last(&left.raw, &format!("\x1b[?{mode}{way}"));
        assert!(last(on) < last(off), "mode {mode} is left on: {:?} {:?}", last(on), last(off));
    }
    assert!(!left.raw.is_empty());
    // Nothing of a frame comes after the screen was left: the cursor's and the colours' sequences are in frames only.
    let screen_left = last(&left.raw, "\x1b[?1049l").unwrap();
    let after = String::from_utf8_lossy(&left.raw[screen_left..]).into_owned();
    assert!(!after.contains("\x1b[?2026h"), "drawn after leaving: {after:?}");
}

fn last(raw: &[u8], sequence: &str) -> Option<usize> {
    raw.windows(sequence.len()).rposition(|window| window == sequence.as_bytes())
}

#[test]
fn q_ends_with_0_and_gives_the_terminal_back() {
    let mut screen = watching(&[]);
    screen.press("q");
    assert_restored(&screen.left(), 0);
}

#[test]
fn ctrl_c_ends_with_130_and_gives_the_terminal_back() {
    let mut screen = watching(&[]);
    screen.press("\x03");
    assert_restored(&screen.left(), 130);
}

#[test]
fn ctrl_c_leaves_from_forms_and_the_help_too() {
    for open in ["?", "!", "e", "a", "x"] {
        let mut screen = watching(&[]);
        screen.press(open);
        screen.press("\x03");
        assert_restored(&screen.left(), 130);
    }
}

#[test]
fn signals_end_with_130_and_give_the_terminal_back() {
    for signal in ["TERM", "HUP", "INT"] {
        let screen = watching(&[]);
        screen.signal(signal);
        assert_restored(&screen.left(), 130);
    }
}

#[test]
fn a_panic_is_reported_on_the_normal_screen_and_gives_the_terminal_back() {
    for (who, report) in
        [("loop", "a test asked the loop to panic"), ("task", "a test asked a task to panic")]
    {
        let left = watching(&[("QWATCH_TEST_PANIC", who)]).left();
        assert_restored(&left, 101);
        assert!(left.text.contains(report), "the report cannot be read:\n{}", left.text);
        assert!(last(&left.raw, "\x1b[?1049l") < last(&left.raw, report), "reported before leaving");
    }
}
