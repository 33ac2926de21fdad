//! Charts: what they select, and what is said beside them.

use qwatch::app::Event;

use super::finding::{fifo, grouped};
use super::observed::{answered, message, moment};
use super::{assert_pane, keys, orders, press, text, watching};

#[test]
fn the_cursor_on_the_axis_of_time_selects_the_messages_of_that_time() {
    let mut app = fifo();
    text(&mut app, (120, 36));
    keys(&mut app, "\t\t\x1b");
    keys(&mut app, "hhhhhhhhhhhh");
    let shown = text(&mut app, (120, 36));
    assert!(shown.contains("filter: received = ") && shown.contains('▏'), "{shown}");
    // By when they were sent, and of frozen charts: data goes on arriving, the axis stays.
    let mut app = fifo();
    text(&mut app, (120, 36));
    keys(&mut app, "bF\x1b");
    let before = text(&mut app, (120, 36));
    assert!(before.contains("Sent · 5 min · frozen at 12:04:20Z"), "{before}");
    app.update(Event::Observed(Box::new(answered(
        "orders",
        261.0,
        2.0,
        vec![grouped(40, "eu", 1, 261.0, "paid")],
    ))));
    app.update(Event::Tick(moment(300.0)));
    let after = text(&mut app, (120, 36));
    let chart = |shown: &str| -> Vec<String> {
        shown.lines().skip(17).map(|line| line.chars().take(52).collect()).take(17).collect()
    };
    assert_eq!(chart(&before), chart(&after));
    assert!(after.contains("13 distinct"), "{after}");
    assert_pane("charts_sent_frozen_120x36", &after);
}

/// Those beside its title, what it is frozen at.
#[test]
fn names_in_a_frozen_chart_are_all_there_or_have_a_sign_that_there_are_more() {
    // With a cursor and without one.
    for pressed in ["F\x1b", "\t\t<<hhhF"] {
        let mut app = fifo();
        text(&mut app, (120, 36));
        keys(&mut app, pressed);
        for width in 80..200 {
            let shown = text(&mut app, (width, 36));
            let is_chart =
                |line: &&str| [" · up to", "frozen at", " min · "].iter().any(|part| line.contains(part));
            let border = shown.lines().rfind(is_chart).expect(&shown);
            let title = border.split(['┐', '┓']).next().unwrap_or_default();
            assert!(title.contains("─faults") || title.contains('…'), "{width}: {border}");
        }
    }
}

#[test]
fn times_below_a_frozen_chart_are_whole_or_not_there() {
    let mut app = fifo();
    text(&mut app, (120, 36));
    keys(&mut app, "F\x1b");
    for width in 80..200 {
        let shown = text(&mut app, (width, 36));
        let axis = shown.lines().find(|line| line.starts_with("│11:59:20")).expect(&shown);
        let times = axis[3..].split('│').next().unwrap_or_default().split_whitespace();
        let times: Vec<_> = times.collect();
        assert!(matches!(times[..], ["11:59:20", .., "12:04:20"]), "{width}: {axis}");
        assert!(times.iter().all(|time| time.len() == 8), "{width}: {axis}");
    }
}

#[test]
fn several_endpoints_stand_on_one_axis() {
    let mut all = orders();
    all.extend(
        (0..12)
            .map(|n| answered("payments", f64::from(n) * 20.0, 20.0, vec![message(&format!("p-{n}"), "{}")])),
    );
    let mut app = watching(&["orders", "payments"], all);
    text(&mut app, (120, 36));
    keys(&mut app, "A\x1b");
    let shown = text(&mut app, (120, 36));
    assert!(shown.contains("─orders") && shown.contains("─payments"), "{shown}");
    // Sizes and ages have charts of their own.
    for (pressed, title) in [("cc", " Body size ·"), ("c", " Age at receive ·")] {
        keys(&mut app, pressed);
        let shown = text(&mut app, (160, 48));
        assert!(shown.contains(title), "{shown}");
    }
}

/// A cursor that was panned out of the window is at no place in it.
#[test]
fn the_cursor_of_a_chart_is_drawn_where_it_is_or_not_at_all() {
    let drawn = |pressed: &str| -> String {
        let mut app = watching(&["orders"], orders());
        text(&mut app, (160, 48));
        for character in pressed.chars() {
            press(&mut app, character);
            text(&mut app, (160, 48));
        }
        let shown = text(&mut app, (160, 48));
        shown.chars().filter(|dots| ('\u{2800}'..='\u{28ff}').contains(dots)).collect()
    };
    assert_ne!(drawn("\t\t++hh"), drawn("\t\t++"), "a cursor in view");
    assert_eq!(drawn("\t\t++hh<<"), drawn("\t\t++<<"), "a cursor that is newer than what is in view");
}
