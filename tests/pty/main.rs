//! What a user sees of the real program in a real terminal: a pseudo-terminal with a screen behind it.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking")]

mod gateway;
mod keys;
mod leaving;
mod screen;
mod steering;
mod view;

use std::time::Duration;

use screen::Screen;

#[test]
fn a_demo_shows_messages_within_three_seconds() {
    let screen = Screen::start(&["demo"], (80, 24));
    let messages = |view: &view::View| view.rows().iter().filter(|row| row.contains(" B  ")).count() >= 3;
    assert!(screen.shows_within(Duration::from_secs(3), messages), "{}", screen.text());
}
