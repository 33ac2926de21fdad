//! Keys: their names in the config file, and what is pressed.

use std::collections::BTreeMap;

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use qwatch::keys::{Keys, interrupts, key, written};
use qwatch::text::visible;

/// Each line is an action and its keys, one space between them; each byte is a key too.
pub fn holds(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let mut bound: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in text.split('\n') {
        let mut words = line.split(' ').map(str::to_owned);
        let action = words.next().unwrap_or_default();
        let names: Vec<String> = words.collect();
        [action.as_str(), line]
            .into_iter()
            .chain(names.iter().map(String::as_str))
            .for_each(is_read_as_it_is_written);
        bound.insert(action, names);
    }
    match Keys::with(&bound) {
        Ok(keys) => {
            for event in events(input) {
                assert!(
                    !interrupts(event)
                        || keys.action(event).is_none_or(|action| keys.of(action).contains(&CTRL_C))
                );
                if let Some(action) = keys.action(event) {
                    assert!(!keys.of(action).is_empty());
                }
            }
        }
        Err((name, what)) => {
            assert!(bound.contains_key(&name));
            assert_eq!(visible(&what), what);
        }
    }
}

const CTRL_C: qwatch::keys::Key = qwatch::keys::Key(KeyCode::Char('c'), KeyModifiers::CONTROL);

fn is_read_as_it_is_written(name: &str) {
    match key(name) {
        Ok(read) => {
            assert_eq!(key(&written(read)), Ok(read));
            let shown = read.to_string();
            assert_eq!(visible(&shown), shown);
        }
        Err(what) => assert_eq!(visible(&what), what),
    }
}

/// What a terminal could report: a byte's low half a code and its high half the modifiers, or a character by itself.
fn events(input: &[u8]) -> impl Iterator<Item = KeyEvent> {
    input.iter().map(|byte| {
        let code = match byte % 16 {
            0 => KeyCode::Enter,
            1 => KeyCode::Esc,
            2 => KeyCode::Tab,
            3 => KeyCode::BackTab,
            4 => KeyCode::Null,
            5 => KeyCode::F(*byte),
            6 => KeyCode::Char('\0'),
            7 => KeyCode::Char('\u{10ffff}'),
            _ => KeyCode::Char(char::from(*byte)),
        };
        let modifiers = KeyModifiers::from_bits_truncate(byte / 16);
        let kind = if byte % 3 == 0 { KeyEventKind::Release } else { KeyEventKind::Repeat };
        KeyEvent::new_with_kind(code, modifiers, kind)
    })
}
