//! The filter on the screen: typed, wrong, kept, taken back; and what it takes while messages come and go.

use proptest::prelude::*;
use qwatch::app::{App, Event};
use qwatch::filter::{Filter, Saved, Subject};
use qwatch::sqs::{AttributeName, Message};
use qwatch::watch::{Bounds, Receives};

use super::observed::{answered, message, moment, received_times, start};
use super::{app_of, assert_pane, endpoint, keys, orders, press, text, watching};

/// Works until nothing is left to do.
pub fn settle(app: &mut App) {
    while app.has_work() {
        app.update(Event::Idle);
    }
}

/// The ids that the selected endpoint's list shows, newest first.
fn listed(app: &App) -> Vec<String> {
    let (_, watched) = app.selected().expect("an endpoint");
    let Some(watch) = app.selected_watch() else { return Vec::new() };
    let rows = app.rows(watched, &watch.ledger);
    let ordinals = (0..rows.len()).map(|row| rows.at(row).expect("a row"));
    ordinals
        .map(|ordinal| watch.ledger.get(ordinal).expect("held").message().message_id().to_owned())
        .collect()
}

/// The same by looking at every message that is held.
fn naive(app: &App, filter: &str) -> Vec<String> {
    let filter = Filter::parse(filter, &Saved::new()).expect("a filter");
    let (_, watched) = app.selected().expect("an endpoint");
    let Some(watch) = app.selected_watch() else { return Vec::new() };
    let threshold = watched.endpoint.guard.threshold();
    watch
        .ledger
        .newest_first(u64::MAX - 1)
        .filter(|(ordinal, entry)| {
            let receives = Receives::of(entry);
            filter.matches(&Subject {
                receives: receives.total,
                is_new: receives.by_us == 1,
                is_poison: receives.is_poison(threshold),
                is_pinned: watched.pinned.contains(ordinal),
                received: entry,
                now: app.now().wall,
            })
        })
        .map(|(_, entry)| entry.message().message_id().to_owned())
        .collect()
}

#[test]
fn a_filter_is_applied_as_it_is_typed_kept_by_enter_and_taken_back_by_esc() {
    let mut app = watching(&["orders"], orders());
    keys(&mut app, "/A-3");
    settle(&mut app);
    assert_eq!(listed(&app), ["60e827c3-0003"]);
    assert_pane("filter_typing_120x36", &text(&mut app, (120, 36)));
    press(&mut app, '\x1b');
    assert_eq!(listed(&app).len(), 12, "Esc takes back what was typed");

    keys(&mut app, "/body.orderId > A-10x\n");
    settle(&mut app);
    assert_eq!(listed(&app).len(), 9);
    assert!(
        text(&mut app, (160, 40)).contains("filter: body.orderId > A-10x · 9"),
        "{}",
        text(&mut app, (160, 40))
    );
    keys(&mut app, "/vi");
    press(&mut app, '\x1b');
    assert_eq!(app.filter().map(Filter::text), Some("body.orderId > A-10x"), "back to the one before");
    press(&mut app, '\x1b');
    assert_eq!((app.filter().map(Filter::text), listed(&app).len()), (None, 12), "Esc again shows all");
}

#[test]
fn a_wrong_filter_points_at_the_character_and_leaves_the_last_good_one_in_force() {
    let mut app = watching(&["orders"], orders());
    keys(&mut app, "/size > 10 and age > x");
    settle(&mut app);
    let shown = text(&mut app, (120, 36));
    let rows: Vec<&str> = shown.lines().collect();
    let typed = rows.iter().position(|row| row.contains("/ size > 10 and age > x")).expect("the text");
    let column = |row: &str, mark: &str| row.split_once(mark).map(|(before, _)| before.chars().count());
    let wrong = column(rows[typed], "x┃").or(column(rows[typed], "x ")).expect("the character");
    assert_eq!(column(rows[typed + 1], "^ an age is a duration"), Some(wrong), "{shown}");
    press(&mut app, '\n');
    assert!(text(&mut app, (120, 36)).contains("^ an age"), "Enter keeps no wrong filter");
    assert_eq!(app.filter().map(Filter::text), Some("size > 10 and age"), "what could be read is in force");
}

#[test]
fn nothing_taken_says_so_and_an_empty_text_takes_the_filter_off() {
    let mut app = watching(&["orders"], orders());
    keys(&mut app, "/nowhere\n");
    settle(&mut app);
    assert!(text(&mut app, (120, 36)).contains("None of the 12 messages held is taken by the filter"));
    keys(&mut app, "/");
    assert_eq!(app.filter().map(Filter::text), Some("nowhere"), "in force until something is typed");
    press(&mut app, '\n');
    assert!(app.filter().is_none());
    assert_eq!(listed(&app).len(), 12);
}

#[test]
fn the_history_and_the_keys_seen_in_the_data_are_at_hand() {
    let mut app = watching(&["orders"], orders());
    keys(&mut app, "/failed\n/vip\n/");
    let typed = |app: &App| match app.mode() {
        qwatch::app::mode::Mode::Filtering(typing) => typing.input().value().to_owned(),
        other => panic!("{other:?}"),
    };
    assert_eq!(typed(&app), "");
    press(&mut app, '↑');
    assert_eq!(typed(&app), "vip", "the one in force can be changed");
    press(&mut app, '↑');
    assert_eq!(typed(&app), "failed");
    press(&mut app, '↓');
    assert_eq!(typed(&app), "vip");
    keys(&mut app, &"\x08".repeat(3));
    keys(&mut app, "not body.cus\t");
    assert_eq!(typed(&app), "not body.customer");
    keys(&mut app, "\t");
    assert_eq!(typed(&app), "not body.customer.name");
    keys(&mut app, " or attr.Sx\t");
    assert_eq!(typed(&app), "not body.customer.name or attr.Sx", "there is none, so nothing is written");
    keys(&mut app, &"\x08".repeat(2));
    keys(&mut app, "\t\t");
    assert_eq!(typed(&app), "not body.customer.name or attr.SentTimestamp");
    assert!(text(&mut app, (120, 36)).contains("2 of 2"), "{}", text(&mut app, (120, 36)));
}

#[test]
fn pinned_messages_are_marked_and_found() {
    let mut app = watching(&["orders"], orders());
    text(&mut app, (120, 36));
    keys(&mut app, "jj jj ");
    let shown = text(&mut app, (120, 36));
    assert_eq!(shown.matches('◆').count(), 2, "{shown}");
    keys(&mut app, "/is:pinned\n");
    settle(&mut app);
    assert_eq!(listed(&app), ["60e827c3-0009", "60e827c3-0007"]);
    keys(&mut app, "g ");
    assert_eq!(listed(&app), ["60e827c3-0007"], "unpinned, it leaves the list");
}

#[test]
fn an_age_is_looked_at_again_as_time_goes_by() {
    let sent = |id: &str, seconds: i64| {
        let mut message = message(id, "{}");
        let sent = start().timestamp_millis() + seconds * 1_000;
        message.attributes.push(AttributeName::SentTimestamp, sent.to_string());
        message
    };
    let mut app =
        watching(&["orders"], vec![answered("orders", 240.0, 2.0, vec![sent("old", 0), sent("young", 200)])]);
    keys(&mut app, "/age > 2m\n");
    settle(&mut app);
    assert_eq!(listed(&app), ["old"]);
    app.update(Event::Tick(moment(330.0)));
    settle(&mut app);
    assert_eq!(listed(&app), ["young", "old"]);
}

#[test]
fn the_row_under_the_cursor_stays_while_messages_arrive_and_the_endpoint_changes() {
    let mut app = watching(&["orders", "other"], orders());
    keys(&mut app, "/A-\nj");
    settle(&mut app);
    let selected = |app: &App| app.selected_entry().map(|(_, entry)| entry.message().message_id().to_owned());
    let before = selected(&app);
    for n in 0..30_u32 {
        let body = if n % 2 == 0 { r#"{"orderId":"A-x"}"# } else { r#"{"orderId":"B-x"}"# };
        app.update(Event::Observed(Box::new(answered(
            "orders",
            250.0,
            1.0,
            vec![message(&format!("new-{n}"), body)],
        ))));
    }
    assert_eq!(selected(&app), before);
    assert!(text(&mut app, (160, 40)).contains("↑ 16 newer"), "{}", text(&mut app, (160, 40)));
    keys(&mut app, "nN");
    settle(&mut app);
    assert_eq!((selected(&app), listed(&app).len()), (before, 27));
}

#[derive(Clone, Debug)]
enum Step {
    Receive(Vec<(u8, u8, u8)>),
    Idle,
    Type(usize),
    Tick,
    Pin,
    Move(bool),
}

const FILTERS: [&str; 8] = [
    "kind-1",
    "body.n > 4",
    "attr.ApproximateReceiveCount > 2",
    "is:redelivered and not is:new",
    "is:pinned",
    "body.n > 4 or is:new",
    "size > 20",
    "not kind-2",
];

fn a_message((id, kind, count): (u8, u8, u8)) -> Message {
    let body = format!(
        r#"{{"n":{},"kind":"kind-{}","pad":"{}"}}"#,
        kind % 9,
        kind % 4,
        "x".repeat(usize::from(kind))
    );
    received_times(message(&format!("m{id}"), &body), u32::from(count % 5) + 1)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// Judged in pieces, while messages arrive, come again and make room, the list is what a look at all of them gives.
    #[test]
    fn what_is_listed_is_what_a_naive_scan_takes(steps in prop::collection::vec(prop_oneof![
        6 => prop::collection::vec((any::<u8>(), any::<u8>(), any::<u8>()), 1..12).prop_map(Step::Receive),
        2 => Just(Step::Idle),
        2 => (0..FILTERS.len()).prop_map(Step::Type),
        1 => Just(Step::Tick),
        1 => Just(Step::Pin),
        2 => any::<bool>().prop_map(Step::Move),
    ], 1..60)) {
        let mut app = app_of(vec![endpoint("orders")], Bounds { messages: 40, ..Bounds::default() });
        let mut filter = None;
        for (at, step) in steps.into_iter().enumerate() {
            let seconds = f64::from(u16::try_from(at).expect("few steps"));
            match step {
                Step::Receive(messages) => {
                    let messages = messages.into_iter().map(a_message).collect();
                    app.update(Event::Observed(Box::new(answered("orders", seconds, 1.0, messages))));
                }
                Step::Idle => drop(app.update(Event::Idle)),
                Step::Tick => drop(app.update(Event::Tick(moment(seconds)))),
                Step::Pin => keys(&mut app, " "),
                Step::Move(down) => keys(&mut app, if down { "j" } else { "k" }),
                Step::Type(which) => {
                    press(&mut app, '\x1b');
                    press(&mut app, '\x1b');
                    keys(&mut app, "/");
                    keys(&mut app, FILTERS[which]);
                    press(&mut app, '\n');
                    filter = Some(FILTERS[which]);
                }
            }
        }
        settle(&mut app);
        prop_assert_eq!(listed(&app), naive(&app, filter.unwrap_or_default()));
        text(&mut app, (100, 30));
    }
}
