//! Every key that the help lists does what the help says, seen on the screen of the real program.

use std::io::Write as _;
use std::sync::Mutex;
use std::thread;

use crossterm::event::{KeyCode, KeyModifiers};
use qwatch::keys::{Action, Key};
use serde_json::{Value, json};
use tempfile::NamedTempFile;

use crate::gateway::{Gateway, message, received};
use crate::screen::Screen;
use crate::view::View;

/// Wide enough that titles and tabs are written out, and low enough that a page is less than all messages.
const SIZE: (u16, u16) = (120, 24);
/// Messages each poll brings, always the same.
const HELD: u32 = 10;

/// Two endpoints, `orders` and `bills`, polled once: everything after that is a key's doing.
struct TwoEndpoints {
    _gateway: Gateway,
    config: NamedTempFile,
}

impl TwoEndpoints {
    fn new() -> Self {
        let messages: Vec<Value> = (0..HELD).map(order).collect();
        let gateway = Gateway::start(move |_| received(&messages));
        let mut config = NamedTempFile::new().unwrap();
        writeln!(config, "[defaults]\ninterval = '1h'").unwrap();
        for name in ["orders", "bills"] {
            writeln!(config, "[[endpoint]]\nname = '{name}'\nurl = '{}'", gateway.url(name)).unwrap();
        }
        Self { _gateway: gateway, config }
    }

    fn watch(&self) -> Screen {
        let program = "sh -c 'clear; head -c 300 \"$0\"; echo the program has it; read line'";
        let screen = Screen::start_with(
            &["--config", self.config.path().to_str().unwrap()],
            SIZE,
            &[("VISUAL", ""), ("EDITOR", program), ("PAGER", program)],
        );
        screen.wait_for("the messages of both", |view| {
            view.received() == Some(2 * u64::from(HELD)) && view.selected_order() == Some(NEWEST)
        });
        screen
    }
}

const NEWEST: u32 = HELD - 1;

fn order(number: u32) -> Value {
    let lines: Vec<String> = (0..30).map(|line| format!("line {line} of order {number}")).collect();
    // In this order, so that the list shows which order a row is.
    let body = format!(r#"{{"order":{number},"lines":{}}}"#, json!(lines));
    let mut message = message(&format!("message-{number}"), &body);
    message["Attributes"] = json!([{"Name": "SentTimestamp", "Value": "1677112427387"}]);
    message["MessageAttributes"] =
        json!([{"Name": "tenant", "Value": {"DataType": "String", "StringValue": "acme"}}]);
    message
}

/// What a key does: after `given` the screen shows `before`, and after the key it shows `then`.
struct Promise {
    given: &'static str,
    before: fn(&View) -> bool,
    then: fn(&View) -> bool,
}

const fn promise(given: &'static str, before: fn(&View) -> bool, then: fn(&View) -> bool) -> Promise {
    Promise { given, before, then }
}

fn at(view: &View, order: u32) -> bool {
    view.selected_order() == Some(order)
}

fn on_tab(view: &View, tab: &str, with: &str) -> bool {
    view.front_tab().as_deref() == Some(tab) && view.shows(with)
}

fn focused(view: &View, pane: &str) -> bool {
    view.focus().as_deref() == Some(pane)
}

fn state(view: &View, endpoint: &str, word: &str) -> bool {
    view.shows_in_a_row(&[endpoint, word])
}

fn charted(view: &View, minutes: &str) -> bool {
    view.shows(&format!("Throughput · {minutes} min"))
}

fn further(view: &View, orders: std::ops::RangeInclusive<u32>) -> bool {
    view.selected_order().is_some_and(|order| orders.contains(&order))
}

/// What the help promises of an action. The compiler asks for a promise of each new one.
#[expect(clippy::too_many_lines, reason = "a table reads best whole")]
fn promises(action: Action) -> Vec<Promise> {
    let newest: fn(&View) -> bool = |view| at(view, NEWEST);
    let body: fn(&View) -> bool = |view| on_tab(view, "Body", r#""order": 9"#);
    let messages: fn(&View) -> bool = |view| focused(view, "Messages");
    match action {
        Action::Up => vec![promise("jj", |view| at(view, NEWEST - 2), |view| at(view, NEWEST - 1))],
        Action::Down => vec![promise("", newest, |view| at(view, NEWEST - 1))],
        Action::PageUp => vec![promise("G", |view| at(view, 0), |view| further(view, 2..=NEWEST - 1))],
        Action::PageDown => vec![promise("", newest, |view| further(view, 1..=NEWEST - 2))],
        Action::First => vec![promise("G", |view| at(view, 0), newest)],
        Action::Last => vec![promise("", newest, |view| at(view, 0))],
        Action::Left => vec![
            promise("\t", body, |view| view.shows("▸ 2 members")),
            promise("2", |view| on_tab(view, "Attributes", "SentTimestamp"), body),
            promise("\t\t", |view| focused(view, "Throughput"), |view| view.shows("filter: received = ")),
        ],
        Action::Right => vec![
            promise("\tz", |view| view.shows("▸ 2 members"), body),
            promise("", body, |view| on_tab(view, "Attributes", "SentTimestamp")),
            promise("\t\t", |view| focused(view, "Throughput"), |view| view.shows("filter: received = ")),
        ],
        Action::ShiftLeft => vec![promise("\tW>", |view| view.shows("← 16"), |view| !view.shows("← 16"))],
        Action::ShiftRight => vec![
            promise("\tW", |view| view.shows("long lines are whole"), |view| view.shows("← 16")),
            promise("", body, |view| view.shows("lines are wrapped")),
        ],
        Action::NextPane => vec![
            promise("", messages, |view| focused(view, "Body")),
            promise("\t", |view| focused(view, "Body"), |view| focused(view, "Throughput")),
            promise("\t\t", |view| focused(view, "Throughput"), |view| focused(view, "Endpoints")),
            promise("\t\t\t", |view| focused(view, "Endpoints"), messages),
        ],
        Action::PreviousPane => vec![
            promise("", messages, |view| focused(view, "Endpoints")),
            promise("\t", |view| focused(view, "Body"), messages),
        ],
        Action::NextNew => vec![promise("", messages, |view| view.shows("nothing new above"))],
        Action::NextEndpoint => vec![promise("", on_orders, on_bills)],
        Action::PreviousEndpoint => vec![promise("n", on_bills, on_orders)],
        Action::Follow => vec![
            promise("", |view| view.shows("· following"), |view| view.shows("· not following")),
            promise(
                "jjf",
                |view| at(view, NEWEST) && view.shows("· following"),
                |view| !view.shows("· following"),
            ),
            promise("jj", |view| at(view, NEWEST - 2), |view| at(view, NEWEST) && view.shows("· following")),
        ],
        Action::Filter => vec![
            promise("", |view| view.shows("· following"), |view| view.shows("Tab completes")),
            promise(
                "/\"order\\\":3,\"\r",
                |view| view.shows("filter: ") && view.shows("· 1 ") && view.selected_order() == Some(3),
                |view| view.shows("Tab completes"),
            ),
        ],
        Action::Pin => vec![
            promise("", |view| !view.shows("◆"), |view| view.shows("◆")),
            promise(" ", |view| view.shows("◆"), |view| !view.shows("◆")),
        ],
        Action::Mark => vec![
            promise("", |view| !view.shows("✓"), |view| view.shows("✓") && at(view, NEWEST - 1)),
            promise("vk", |view| view.shows("✓") && at(view, NEWEST), |view| !view.shows("✓")),
        ],
        Action::Diff => vec![
            promise("", messages, |view| view.shows("pin two messages")),
            promise(
                " j ",
                |view| view.shows("◆") && at(view, NEWEST - 1),
                |view| view.shows("Diff · ") && view.shows("+ ") && view.shows("\"order\": 8"),
            ),
        ],
        Action::Copy => {
            vec![promise("", messages, |view| view.shows(" Copy ") && view.shows("the message id"))]
        }
        Action::Export => {
            vec![promise("", messages, |view| view.shows("Write to a file") && view.shows("all held: 10"))]
        }
        Action::Editor => {
            vec![promise("", body, |view| view.shows("the program has it") && view.shows("\"order\":9"))]
        }
        Action::Pager => {
            vec![promise("", body, |view| view.shows("the program has it") && view.shows("\"order\": 9"))]
        }
        Action::Fold => vec![
            promise("\t", body, |view| view.shows("▸ 2 members")),
            promise("\tz", |view| view.shows("▸ 2 members"), body),
        ],
        Action::FoldAll => vec![
            promise("\t", body, |view| view.shows("▸ 30 elements")),
            promise("\tZ", |view| view.shows("▸ 30 elements"), |view| !view.shows("▸ 30 elements")),
        ],
        Action::Peel => vec![promise("", body, |view| view.shows("there is no envelope further in"))],
        Action::Unpeel => vec![promise("", body, |view| view.shows("this is the body itself"))],
        Action::Jq => vec![promise("", body, |view| view.shows("│jq "))],
        Action::Wrap => vec![
            promise("", body, |view| view.shows("long lines are whole")),
            promise(
                "W",
                |view| view.shows("long lines are whole"),
                |view| view.shows("long lines are wrapped"),
            ),
        ],
        Action::Columns => {
            vec![promise("", messages, |view| view.shows(" Columns ") && view.shows("✓ recv"))]
        }
        Action::Sort => vec![promise("", |view| !view.shows("· by age"), |view| view.shows("· by age ↓"))],
        Action::Mask => vec![
            promise("", |view| !view.header().contains("masked"), |view| view.header().contains("masked")),
            promise("m", |view| view.header().contains("masked"), |view| !view.header().contains("masked")),
        ],
        Action::Patterns => vec![promise("", messages, |view| view.shows("Patterns · orders"))],
        Action::ZoomIn => vec![promise("", |view| charted(view, "5"), |view| charted(view, "1"))],
        Action::ZoomOut => vec![promise("", |view| charted(view, "5"), |view| charted(view, "15"))],
        Action::ChartSent => vec![promise("", |view| charted(view, "5"), |view| view.shows("Sent · 5 min"))],
        Action::ChartAll => {
            vec![promise(
                "",
                |view| view.shows("─received"),
                |view| view.shows("─orders") && view.shows("─bills"),
            )]
        }
        Action::Freeze => vec![
            promise("", |view| charted(view, "5"), |view| view.shows("frozen at ")),
            promise("F", |view| view.shows("frozen at "), |view| !view.shows("frozen at ")),
        ],
        Action::Palette => {
            vec![promise("", messages, |view| view.shows("Commands and endpoints") && view.shows("up a row"))]
        }
        Action::Zoom => vec![
            promise("", |view| view.shows("Endpoints"), zoomed),
            promise("\r", zoomed, |view| view.shows("Endpoints")),
        ],
        Action::NextTab => vec![
            promise("", body, |view| on_tab(view, "Attributes", "SentTimestamp")),
            promise("5", |view| on_tab(view, "Raw", r#"{"order""#), body),
        ],
        Action::PreviousTab => vec![
            promise("2", |view| on_tab(view, "Attributes", "SentTimestamp"), body),
            promise("", body, |view| on_tab(view, "Raw", "line 1 of order 9")),
        ],
        Action::ShowBody => vec![promise("3", |view| on_tab(view, "Custom", "tenant"), body)],
        Action::ShowAttributes => vec![promise("", body, |view| on_tab(view, "Attributes", "SentTimestamp"))],
        Action::ShowCustom => vec![promise("", body, |view| on_tab(view, "Custom", "acme"))],
        Action::ShowTimeline => vec![promise("", body, |view| on_tab(view, "Timeline", "received 1 time"))],
        Action::ShowRaw => vec![promise("", body, |view| on_tab(view, "Raw", "line 1 of order 9"))],
        Action::PollNow => vec![
            promise("", |view| view.received() == Some(20), |view| view.received() == Some(30)),
            promise("p", |view| state(view, "orders", "paused"), |view| view.received() == Some(30)),
        ],
        Action::Pause => vec![
            promise(
                "",
                |view| !view.shows("paused"),
                |view| state(view, "orders", "paused") && view.header().contains("1 paused"),
            ),
            promise(
                "p",
                |view| state(view, "orders", "paused"),
                |view| {
                    // Resuming polls again, at once.
                    !view.header().contains("paused") && view.received() == Some(30)
                },
            ),
        ],
        Action::PauseAll => vec![
            promise("", |view| !view.shows("paused"), all_paused),
            promise("p", |view| view.header().contains("1 paused"), all_paused),
            promise("P", all_paused, |view| !view.header().contains("paused") && view.received() == Some(40)),
        ],
        Action::EditParameters => {
            vec![promise("", on_orders, |view| view.shows("max_number_of_messages") && view.shows("burst"))]
        }
        Action::AddEndpoint => {
            vec![promise("", on_orders, |view| view.shows("URL") && view.shows("Watch another"))]
        }
        Action::RemoveEndpoint => vec![promise("", on_orders, |view| view.shows("Stop watching orders"))],
        Action::Guard => vec![promise("", on_orders, |view| view.shows("Guard · orders"))],
        Action::Impact => vec![promise("", on_orders, |view| view.shows("Impact · orders"))],
        Action::SwapCharts => vec![
            promise("", |view| view.shows("Throughput"), |view| view.shows("Answer time")),
            promise("c", |view| view.shows("Answer time"), |view| view.shows("Body size")),
            promise("cc", |view| view.shows("Body size"), |view| view.shows("Age at receive")),
            promise("ccc", |view| view.shows("Age at receive"), |view| view.shows("Throughput")),
        ],
        Action::Span => vec![
            promise("", |view| charted(view, "5"), |view| charted(view, "15")),
            promise("s", |view| charted(view, "15"), |view| charted(view, "60")),
            promise("ss", |view| charted(view, "60"), |view| charted(view, "1")),
            promise("sss", |view| charted(view, "1"), |view| charted(view, "5")),
        ],
        Action::Faults => vec![promise("", on_orders, |view| view.shows("Faults · orders"))],
        Action::Close => vec![
            promise("?", helped, |view| !helped(view) && view.selected_order().is_some()),
            promise("!", |view| view.shows("Faults · orders"), |view| !view.shows("Faults · orders")),
            promise("\r", zoomed, |view| view.shows("Endpoints")),
            promise("e", |view| view.shows("burst"), |view| !view.shows("burst")),
            promise("a", |view| view.shows("Watch another"), |view| !view.shows("Watch another")),
            promise(
                "x",
                |view| view.shows("Stop watching"),
                |view| !view.shows("Stop watching") && on_orders(view),
            ),
        ],
        Action::Help => vec![promise("", |view| !helped(view), helped)],
        // The program ends: `leaving` looks at its exit code. It stops: `suspending` looks at the shell.
        Action::Quit | Action::Suspend => Vec::new(),
    }
}

fn on_orders(view: &View) -> bool {
    view.selected_endpoint().as_deref() == Some("orders") && view.shows("Messages · orders")
}

fn on_bills(view: &View) -> bool {
    view.selected_endpoint().as_deref() == Some("bills") && view.shows("Messages · bills")
}

fn zoomed(view: &View) -> bool {
    !view.shows("Endpoints") && view.shows("line 12 of order")
}

fn helped(view: &View) -> bool {
    view.shows(" Help ") && view.shows("up a row")
}

fn all_paused(view: &View) -> bool {
    view.header().contains("2 paused") && state(view, "orders", "paused") && state(view, "bills", "paused")
}

/// What a terminal sends for a key.
fn sent(Key(code, modifiers): Key) -> String {
    match code {
        KeyCode::Char(character) if modifiers.contains(KeyModifiers::CONTROL) => {
            char::from(u8::try_from(character).unwrap() & 0x1f).to_string()
        }
        KeyCode::Char(character) => character.to_string(),
        KeyCode::Up => "\x1b[A".into(),
        KeyCode::Down => "\x1b[B".into(),
        KeyCode::Right => "\x1b[C".into(),
        KeyCode::Left => "\x1b[D".into(),
        KeyCode::PageUp => "\x1b[5~".into(),
        KeyCode::PageDown => "\x1b[6~".into(),
        KeyCode::Home => "\x1b[H".into(),
        KeyCode::End => "\x1b[F".into(),
        KeyCode::Tab => "\t".into(),
        KeyCode::BackTab => "\x1b[Z".into(),
        KeyCode::Enter => "\r".into(),
        KeyCode::Esc => "\x1b".into(),
        KeyCode::F(1) => "\x1bOP".into(),
        other => panic!("how does a terminal send {other:?}?"),
    }
}

#[test]
fn each_advertised_key_does_what_the_help_says() {
    let endpoints = TwoEndpoints::new();
    let cases = Action::ALL.iter().flat_map(|binding| {
        let keys = binding.keys.iter().map(move |key| (binding, *key));
        keys.flat_map(|(binding, key)| {
            promises(binding.action).into_iter().map(move |promise| (binding, key, promise))
        })
    });
    let cases = Mutex::new(cases);
    let next = || cases.lock().unwrap().next();
    // The program mostly waits, and so do these.
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some((binding, key, promise)) = next() {
                    let named = format!("{:?} by {key} after {:?}", binding.action, promise.given);
                    let mut screen = endpoints.watch();
                    screen.press(promise.given);
                    screen.wait_for(&format!("{named}: what stood before"), promise.before);
                    assert!(!screen.look(promise.then), "{named} is promised before the key is pressed");
                    screen.press(&sent(key));
                    screen.wait_for(&format!("{named}: {}", binding.what), promise.then);
                }
            });
        }
    });
}

#[test]
fn every_action_keeps_a_promise() {
    for binding in
        Action::ALL.iter().filter(|binding| !matches!(binding.action, Action::Quit | Action::Suspend))
    {
        assert!(!promises(binding.action).is_empty(), "nothing checks {:?}", binding.action);
    }
}

#[test]
fn the_help_lists_every_key_with_what_it_does() {
    let mut screen = Screen::start(&["demo"], (100, 90));
    screen.wait_for_text("Messages");
    screen.press("?");
    screen.wait_for("the help", helped);
    for binding in Action::ALL {
        let keys: Vec<String> = binding.keys.iter().map(ToString::to_string).collect();
        let row = [keys.join(" "), binding.what.to_owned()];
        assert!(screen.look(|view| view.shows_in_a_row(&row.each_ref().map(String::as_str))), "{row:?}");
    }
}
