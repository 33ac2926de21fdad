//! What the guard withholds, what is hidden, and what can be done about it.

use crossterm::event::{Event as TerminalEvent, KeyCode, KeyEvent, KeyModifiers};
use qwatch::app::{App, Effect, Event};
use qwatch::guard::{Allow, Limit};
use qwatch::observation::{Guarded, Next, Observation, Outcome, Why};
use qwatch::source::Control;
use qwatch::sqs::{AttributeName, ReceiveParameters};
use qwatch::watch::Bounds;

use super::observed::{answered, message, moment, received_times};
use super::{app_of, assert_pane, endpoint, keys, orders, text, watching};

/// Three messages of a FIFO queue, hidden for 30 s at 240 s; then the poll at 242 s is withheld.
fn guarded() -> App {
    let mut first = endpoint("orders");
    first.guard.limit = Limit::Known(4);
    let mut app = app_of(vec![first, endpoint("payments")], Bounds::default());
    let grouped = |number: u32, group: &str, count| {
        let id = format!("60e827c3-0000-4000-8000-{number:012}");
        let mut message = received_times(message(&id, "{}"), count);
        message.attributes.push(AttributeName::MessageGroupId, group);
        message
    };
    let hidden = vec![grouped(1, "eu", 3), grouped(2, "us", 1), grouped(3, "eu", 2)];
    let mut hiding = answered("orders", 240.0, 2.0, hidden);
    hiding.asked.visibility_timeout = 30.try_into().expect("a timeout");
    let why = Guarded {
        why: Why::Message {
            message_id: Some("60e827c3-0000-4000-8000-000000000001".into()),
            receives: 3,
            by_us: 1,
        },
        max_receive_count: Some(4),
        assumed: false,
        reserve: 1,
    };
    let withheld = Observation {
        outcome: Outcome::Withheld(why),
        next: Next::Guard,
        ..answered("orders", 242.0, 2.0, Vec::new())
    };
    for observation in [answered("payments", 241.0, 2.0, vec![]), hiding, withheld] {
        app.update(Event::Observed(Box::new(observation)));
    }
    // The notice is another test's matter.
    app.update(Event::Tick(moment(253.0)));
    app
}

#[test]
fn a_guarded_endpoint_says_why_what_is_hidden_and_what_can_be_done() {
    for (size, name) in [((80, 24), "80x24"), ((160, 48), "160x48")] {
        let mut app = guarded();
        assert_pane(&format!("guarded_{name}"), &text(&mut app, size));
        keys(&mut app, "o");
        assert_pane(&format!("over_guard_{name}"), &text(&mut app, size));
        keys(&mut app, "l1001");
        assert_pane(&format!("over_limit_{name}"), &text(&mut app, size));
        app.update(Event::Terminal(TerminalEvent::Key(KeyEvent::new(KeyCode::Esc, KeyModifiers::NONE))));
        keys(&mut app, "i");
        assert_pane(&format!("over_impact_{name}"), &text(&mut app, size));
    }
}

/// The header counts down to the last message's return, second by second, and to nothing.
#[test]
fn what_is_hidden_counts_down_until_it_is_back() {
    let mut app = guarded();
    // The last tick may have been before the poll.
    app.update(Event::Tick(moment(239.1)));
    keys(&mut app, "i");
    let shown = text(&mut app, (120, 36));
    assert!(shown.contains("back in 30 s"), "{shown}");
    keys(&mut app, "\x1b");
    for (at, said) in [(240.1, "3 hidden, back in 29"), (255.0, "3 hidden, back in 15"), (270.1, "0 hidden")]
    {
        app.update(Event::Tick(moment(at)));
        let shown = text(&mut app, (120, 36));
        assert!(shown.contains(said), "{said}: {shown}");
    }
}

fn chosen(app: &mut App, pressed: &str) -> Vec<Control> {
    let mut effects = Vec::new();
    for character in pressed.chars() {
        let code = if character == '\n' { KeyCode::Enter } else { KeyCode::Char(character) };
        effects
            .extend(app.update(Event::Terminal(TerminalEvent::Key(KeyEvent::new(code, KeyModifiers::NONE)))));
    }
    let controls = effects.into_iter().filter_map(|effect| match effect {
        Effect::Control(name, control) if name.as_str() == "orders" => Some(control),
        _ => None,
    });
    controls.filter(|control| *control != Control::Attend).collect()
}

#[test]
fn each_choice_of_the_guard_does_what_it_says() {
    let hiding = ReceiveParameters {
        visibility_timeout: 30.try_into().expect("a timeout"),
        ..ReceiveParameters::default()
    };
    let cases = [
        ("oc", vec![Control::Allow(Allow::Once)]),
        ("ou", vec![Control::Allow(Allow::UntilTold)]),
        ("oh", vec![Control::Hide(hiding)]),
        ("ol9\n", vec![Control::Limit(Limit::Known(9))]),
        ("ol0\n", vec![]),
        ("od", vec![Control::Limit(Limit::Nowhere)]),
        ("og", vec![Control::Guard]),
        ("os", vec![]),
    ];
    for (pressed, controls) in cases {
        assert_eq!(chosen(&mut guarded(), pressed), controls, "{pressed}");
    }
    let mut app = guarded();
    keys(&mut app, "ou");
    assert!(text(&mut app, (120, 36)).contains("1 not guarded"), "what is not guarded is said");
}

#[test]
fn nobody_looking_nothing_is_received() {
    let mut app = watching(&["orders", "payments"], orders());
    keys(&mut app, "p");
    let mut told = |event| match &app.update(Event::Terminal(event))[..] {
        [Effect::Control(name, control)] => (name.to_string(), control.clone()),
        effects => panic!("one control: {effects:?}"),
    };
    assert_eq!(told(TerminalEvent::FocusLost), ("payments".to_owned(), Control::Pause));
    let again = told(TerminalEvent::FocusGained);
    assert_eq!(again, ("payments".to_owned(), Control::Resume), "what the user paused stays so");
}
