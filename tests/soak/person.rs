//! Somebody who comes by every few minutes, looks around, and sees to what has stopped.

use std::time::Duration;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use qwatch::app::App;
use qwatch::watch::State;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

/// What looking around consists of: the rows, the tabs, boxes opened and closed, a filter typed and taken back.
const ROUNDS: [&str; 8] =
    ["jjjk", "Gg", "12345", "t\u{1b}", "!jj\u{1b}", "i\u{1b}", "c+s-", "/status = failed\n/\u{7f}\u{1b}"];

pub struct Person {
    random: StdRng,
    next: Duration,
}

impl Person {
    pub fn new(seed: u64) -> Self {
        Self { random: StdRng::seed_from_u64(seed), next: Duration::from_secs(60) }
    }

    /// The keys pressed now, mostly none.
    pub fn at(&mut self, now: Duration, app: &App) -> Vec<Event> {
        if now < self.next {
            return Vec::new();
        }
        self.next = now + Duration::from_secs(self.random.random_range(120..900));
        let mut keys = String::from("\u{1b}");
        keys.push_str(ROUNDS[self.random.random_range(0..ROUNDS.len())]);
        keys.push('f');
        // From the first endpoint to the last.
        keys.push_str(&"N".repeat(app.endpoints().len()));
        for watched in app.endpoints() {
            keys.push_str(self.sees_to(&app.state(watched)));
            keys.push('n');
        }
        keys.chars().map(key).collect()
    }

    /// Mostly what is well is left alone.
    fn sees_to(&mut self, state: &State) -> &'static str {
        let chance = self.random.random_range(0..100);
        match state {
            State::Stopped => "r",
            State::Paused => "p",
            State::Guarded { .. } if chance < 50 => "oc",
            State::Guarded { .. } => "ou",
            State::BackingOff { .. } if chance < 50 => "r",
            _ if chance < 10 => "p",
            _ if chance < 20 => "r",
            _ if chance < 50 => "og",
            _ => "",
        }
    }
}

fn key(character: char) -> Event {
    let code = match character {
        '\n' => KeyCode::Enter,
        '\u{1b}' => KeyCode::Esc,
        '\u{7f}' => KeyCode::Backspace,
        character => KeyCode::Char(character),
    };
    Event::Key(KeyEvent::new(code, KeyModifiers::NONE))
}
