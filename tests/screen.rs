//! What the user sees: panes as snapshots, and promises about every one of them.

#[path = "screen/charts.rs"]
mod charts;
#[path = "screen/faults.rs"]
mod faults;
#[path = "screen/filter.rs"]
mod filter;
#[path = "screen/finding.rs"]
mod finding;
#[path = "screen/guarded.rs"]
mod guarded;
#[path = "common/observed.rs"]
mod observed;

use chrono::FixedOffset;
use crossterm::event::{Event as TerminalEvent, KeyCode, KeyEvent, KeyModifiers};
use observed::{answered, back_off_until, failed, fault, message, moment, received_times};
use proptest::prelude::*;
use qwatch::app::{App, Effect, Event};
use qwatch::config::{Look, Settings, endpoint_at};
use qwatch::guard::Limit;
use qwatch::observation::{Next, Observation};
use qwatch::source::{Endpoint, Pace};
use qwatch::sqs::{AttributeName, AttributeValue, Message, MessageAttribute, ReceiveParameters};
use qwatch::ui::{Styles, draw};
use qwatch::watch::{Bounds, Prices};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::style::Color;

fn endpoint(name: &str) -> Endpoint {
    let url = format!("https://host.example/{name}");
    let mut endpoint = endpoint_at(&url, ReceiveParameters::default(), Pace::default()).expect("an endpoint");
    endpoint.name = name.into();
    endpoint
}

fn app_of(endpoints: Vec<Endpoint>, bounds: Bounds) -> App {
    app_looking(endpoints, bounds, Look { pause_on_blur: true, ..Look::default() })
}

fn app_with(look: Look) -> App {
    app_looking(vec![endpoint("orders")], Bounds::default(), look)
}

fn app_looking(endpoints: Vec<Endpoint>, bounds: Bounds, look: Look) -> App {
    let settings = Settings {
        endpoints,
        parameters: ReceiveParameters::default(),
        pace: Pace::default(),
        bounds,
        prices: Prices::default(),
        look,
        filters: qwatch::filter::Saved::new(),
    };
    let east = |time: chrono::DateTime<chrono::Utc>| {
        time.with_timezone(&FixedOffset::east_opt(3_600).expect("an hour"))
    };
    App::new(settings, moment(0.0), east)
}

fn watching(names: &[&str], observations: Vec<Observation>) -> App {
    let mut app = app_of(names.iter().map(|name| endpoint(name)).collect(), Bounds::default());
    for observation in observations {
        app.update(Event::Observed(Box::new(observation)));
    }
    app.update(Event::Tick(moment(247.0)));
    app
}

fn keys(app: &mut App, pressed: &str) {
    for character in pressed.chars() {
        press(app, character);
    }
}

/// One key, and what it asks for outside.
fn press(app: &mut App, character: char) -> Vec<Effect> {
    let code = match character {
        '\n' => KeyCode::Enter,
        '\t' => KeyCode::Tab,
        '\x08' => KeyCode::Backspace,
        '\x1b' => KeyCode::Esc,
        '↑' => KeyCode::Up,
        '↓' => KeyCode::Down,
        other => KeyCode::Char(other),
    };
    app.update(Event::Terminal(TerminalEvent::Key(KeyEvent::new(code, KeyModifiers::NONE))))
}

/// Draws as the program does: again when the first drawing changed what is known of widths.
fn picture(app: &mut App, (width, height): (u16, u16), colours: bool) -> Buffer {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a test backend");
    for _ in 0..2 {
        let mut screen = None;
        terminal
            .draw(|frame| screen = Some(draw(app, Styles { colours, ..Styles::default() }, frame)))
            .expect("a test backend");
        app.update(Event::Drawn(screen.expect("drawn")));
    }
    terminal.backend().buffer().clone()
}

fn rows(buffer: &Buffer) -> Vec<String> {
    let area = buffer.area;
    let row = |y| {
        let (mut text, mut skip) = (String::new(), 0);
        for x in 0..area.width {
            // The cell after a wide character is its second half.
            if skip > 0 {
                skip -= 1;
                continue;
            }
            let symbol = buffer[(x, y)].symbol();
            skip = unicode_width::UnicodeWidthStr::width(symbol).saturating_sub(1);
            text.push_str(symbol);
        }
        text
    };
    (0..area.height).map(row).collect()
}

fn text(app: &mut App, size: (u16, u16)) -> String {
    rows(&picture(app, size, true)).join("\n")
}

/// Beside the other panes' snapshots, under their prefix.
fn assert_pane(name: &str, pane: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(format!("screen__{name}"), pane));
}

fn order(number: u32) -> Message {
    let body = format!(
        r#"{{"orderId":"A-{number}","status":"failed","total":12.50,"items":[],"customer":{{"name":"山田太郎","vip":true}}}}"#
    );
    let mut message = received_times(message(&format!("60e827c3-{number:04}"), &body), number % 3 + 1);
    let sent = observed::start().timestamp_millis() + i64::from(number) * 20_000;
    message.attributes.push(AttributeName::SentTimestamp, sent.to_string());
    message.message_attributes.push(
        "kind",
        MessageAttribute { data_type: "String".into(), value: AttributeValue::String("order".into()) },
    );
    message.message_attributes.push(
        "trace",
        MessageAttribute { data_type: "Binary".into(), value: AttributeValue::Binary(vec![0, 1, 2]) },
    );
    message
}

fn orders() -> Vec<Observation> {
    let poll = |n: u32| answered("orders", f64::from(n) * 20.0, 20.0, vec![order(n)]);
    (0..12).map(poll).chain([answered("orders", 241.0, 2.0, vec![order(3), order(11)])]).collect()
}

/// One endpoint in each state.
fn of_every_state() -> App {
    let mut all = orders();
    all.push(failed(
        "payments",
        240.0,
        fault(429, r#"{"message":"Too Many Requests"}"#),
        back_off_until(252.0),
    ));
    let wrong = fault(403, r#"{"message":"Missing Authentication Token"}"#);
    all.push(failed("typo", 240.0, wrong, Next::Stop));
    all.push(answered("audit", 245.0, 2.0, vec![]));
    let mut app = watching(&["orders", "payments", "typo", "audit", "silent"], all);
    keys(&mut app, "nnnpNNN");
    // The notices of what was pressed are another test's matter.
    app.update(Event::Tick(moment(260.0)));
    app
}

#[test]
fn every_state_of_an_endpoint_is_on_the_screen() {
    let mut app = of_every_state();
    insta::assert_snapshot!("states_80x24", text(&mut app, (80, 24)));
    insta::assert_snapshot!("states_200x60", text(&mut app, (200, 60)));
    keys(&mut app, "n");
    insta::assert_snapshot!("backing_off_120x36", text(&mut app, (120, 36)));
    keys(&mut app, "n");
    insta::assert_snapshot!("stopped_80x24", text(&mut app, (80, 24)));
    keys(&mut app, "nn");
    insta::assert_snapshot!("waiting_60x14", text(&mut app, (60, 14)));
}

#[test]
fn each_tab_of_the_detail_shows_its_side_of_the_message() {
    let mut app = watching(&["orders"], orders());
    keys(&mut app, "\n");
    for (key, name) in [("1", "body"), ("2", "attributes"), ("3", "custom"), ("4", "timeline"), ("5", "raw")]
    {
        keys(&mut app, key);
        insta::assert_snapshot!(format!("tab_{name}_80x24"), text(&mut app, (80, 24)));
    }
}

#[test]
fn what_lies_over_the_panes_explains_itself() {
    for (pressed, name) in
        [("?", "help"), ("e\x0899", "form"), ("aftp://x", "add"), ("x", "remove"), ("nn!", "faults")]
    {
        let mut app = of_every_state();
        picture(&mut app, (120, 36), true);
        keys(&mut app, pressed);
        insta::assert_snapshot!(format!("over_{name}_120x36"), text(&mut app, (120, 36)));
    }
}

#[test]
fn groups_near_limits_and_drops_are_written_on_the_screen() {
    let mut orders = endpoint("orders");
    orders.guard.limit = Limit::Known(3);
    let mut app = app_of(vec![orders], Bounds { messages: 4, ..Bounds::default() });
    for n in 0..9 {
        let mut message = order(n);
        message.attributes.push(AttributeName::MessageGroupId, if n % 2 == 0 { "eu" } else { "us" });
        app.update(Event::Observed(Box::new(answered("orders", f64::from(n), 1.0, vec![message]))));
    }
    app.update(Event::Tick(moment(200.0)));
    keys(&mut app, "c");
    insta::assert_snapshot!("groups_80x24", text(&mut app, (80, 24)));
}

#[test]
fn an_empty_answer_is_not_called_an_empty_queue() {
    let mut app = watching(&["audit"], vec![answered("audit", 245.0, 2.0, vec![])]);
    let shown = text(&mut app, (120, 36));
    assert!(
        shown.contains("No message in 1 poll.") && shown.contains("does not mean an empty queue"),
        "{shown}"
    );
}

#[test]
fn below_forty_by_ten_the_screen_asks_for_room() {
    let mut app = of_every_state();
    assert!(text(&mut app, (39, 10)).contains("qwatch needs more room"));
    for size in [(1, 1), (3, 2), (0, 0)] {
        text(&mut app, size);
    }
}

/// In the smallest box as well, and with what may be written there.
#[test]
fn the_field_of_the_form_that_is_typed_in_is_in_view() {
    for size in [(40, 10), (80, 24)] {
        let mut app = watching(&["orders"], orders());
        keys(&mut app, "e");
        for (name, what) in [
            ("max_number_of_messages", "messages a poll"),
            ("visibility_timeout", "consumers"),
            ("wait_time_seconds", "is a long poll"),
            ("attribute_name", "every one"),
            ("message_attribute_name", "works"),
            ("interval", "500ms"),
            ("burst", "full"),
        ] {
            let shown = text(&mut app, size);
            assert!(shown.contains(&format!("▸ {name}")) && shown.contains(what), "{name}: {shown}");
            assert!(shown.contains("burst") || shown.contains("more"), "{shown}");
            assert!(shown.contains("from the next poll on") || shown.contains('…'), "{shown}");
            keys(&mut app, "\t");
        }
    }
}

/// Where they have no lines of their own they stand side by side.
#[test]
fn every_key_that_a_box_takes_is_in_view_on_the_smallest_screen() {
    let mut app = watching(&["orders"], orders());
    keys(&mut app, "y");
    let shown = text(&mut app, (40, 10));
    for choice in ["b body", "p payload", "v value", "k path", "i id", "a attributes", "m message", "c curl"]
    {
        assert!(shown.contains(choice), "{choice}: {shown}");
    }
    let mut app = of_every_state();
    keys(&mut app, "o");
    let shown = text(&mut app, (40, 10));
    for choice in ["c once", "u until I say", "h hide", "l limit", "d no limit", "g guard", "s stay"] {
        assert!(shown.contains(choice), "{choice}: {shown}");
    }
    let shown = text(&mut app, (80, 24));
    assert!(shown.contains("u  continue until I say"), "{shown}");
}

#[test]
fn new_messages_never_move_the_row_under_the_cursor() {
    let mut app = watching(&["orders"], orders());
    picture(&mut app, (120, 36), true);
    keys(&mut app, "jj");
    let row_of = |app: &mut App| {
        let rows = rows(&picture(app, (120, 36), true));
        let place =
            rows.iter().position(|row| row.contains("A-9\"") && row.contains('▸')).expect("the cursor's row");
        (place, rows)
    };
    let (before, _) = row_of(&mut app);
    for n in 20..60 {
        app.update(Event::Observed(Box::new(answered("orders", 250.0, 1.0, vec![order(n)]))));
    }
    let (after, rows) = row_of(&mut app);
    assert_eq!(before, after);
    assert!(rows.iter().any(|row| row.contains("↑ 40 newer")), "what arrived above is counted");
    keys(&mut app, "f");
    assert!(text(&mut app, (120, 36)).contains("· following"));
}

#[test]
fn without_colours_no_cell_has_one_and_nothing_is_lost() {
    let mut app = of_every_state();
    let plain = picture(&mut app, (120, 36), false);
    assert!(plain.content.iter().all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset));
    assert_eq!(rows(&plain), rows(&picture(&mut app, (120, 36), true)));
}

#[test]
fn only_the_sixteen_colours_are_used() {
    let buffer = picture(&mut of_every_state(), (200, 60), true);
    let exact = |colour| matches!(colour, Color::Rgb(..) | Color::Indexed(_));
    assert!(!buffer.content.iter().any(|cell| exact(cell.fg) || exact(cell.bg)));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn no_text_from_a_queue_reaches_the_terminal_as_a_control_or_moves_a_border(
        texts in prop::collection::vec("(.|[\\x00-\\x1f\u{7f}-\u{9f}\u{202a}-\u{202e}\u{200b}-\u{200f}日本\u{301}😀שלום]){0,120}", 6),
        tab in 0_u32..5,
    ) {
        let [body, id, name, value, group, words] = &texts[..] else { unreachable!() };
        let mut message = message(&format!("m{id}"), body);
        message.attributes.push(AttributeName::Other(name.as_str().into()), value.as_str());
        message.attributes.push(AttributeName::MessageGroupId, group.as_str());
        let custom = MessageAttribute { data_type: name.as_str().into(), value: AttributeValue::String(value.clone()) };
        message.message_attributes.push(name.as_str(), custom);
        let wrong = fault(403, &serde_json::json!({ "message": words }).to_string());
        let mut app = watching(
            &["orders"],
            vec![answered("orders", 240.0, 2.0, vec![message]), failed("orders", 242.0, wrong, Next::Stop)],
        );
        keys(&mut app, &(tab + 1).to_string());
        let buffer = picture(&mut app, (80, 24), true);
        for cell in &buffer.content {
            prop_assert!(!cell.symbol().chars().any(char::is_control), "{:?}", cell.symbol());
        }
        for y in 2..11 {
            prop_assert_eq!(buffer[(79, y)].symbol(), "┃", "row {}", y);
        }
        for y in 13..21 {
            prop_assert_eq!(buffer[(79, y)].symbol(), "│", "row {}", y);
        }
    }
}
