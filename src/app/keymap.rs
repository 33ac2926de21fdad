//! From a key press to an action.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::action::{Action, Key};

/// What a key does on the main screen; nothing for keys without a meaning, and for releases, which some
/// terminals report.
#[must_use]
pub fn action(event: KeyEvent) -> Option<Action> {
    if event.kind == KeyEventKind::Release {
        return None;
    }
    let pressed = normal(event);
    Action::ALL.iter().find(|binding| binding.keys.contains(&pressed)).map(|binding| binding.action)
}

/// Whether this is Ctrl-C, which leaves from anywhere.
#[must_use]
pub fn interrupts(event: KeyEvent) -> bool {
    event.kind != KeyEventKind::Release && normal(event) == Key(KeyCode::Char('c'), KeyModifiers::CONTROL)
}

fn normal(event: KeyEvent) -> Key {
    // Terminals disagree about reporting Shift with a character that already says it.
    let modifiers = event.modifiers & (KeyModifiers::CONTROL | KeyModifiers::ALT);
    Key(event.code, modifiers)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_actions_share_a_key_and_each_has_one() {
        let mut seen = HashSet::new();
        for binding in Action::ALL {
            assert!(!binding.keys.is_empty(), "{:?}", binding.action);
            for key in binding.keys {
                assert!(seen.insert(key.to_string()), "{key} is bound twice");
            }
        }
    }

    #[test]
    fn shift_is_said_by_the_character_and_releases_mean_nothing() {
        let press = KeyEvent::new(KeyCode::Char('G'), KeyModifiers::SHIFT);
        assert_eq!(action(press), Some(Action::Last));
        assert_eq!(action(KeyEvent { kind: KeyEventKind::Release, ..press }), None);
    }
}
