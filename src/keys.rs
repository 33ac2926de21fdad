//! From a key press to an action: the table's keys, and what the config file binds instead.

pub mod action;

use std::collections::BTreeMap;

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use unicode_width::UnicodeWidthChar as _;

use crate::text::{nearest, visible};
pub use action::{Action, Binding, Group, Key};

/// Which keys do what.
#[derive(Clone, Debug)]
pub struct Keys(Vec<(Action, Vec<Key>)>);

impl Default for Keys {
    fn default() -> Self {
        Self(Action::ALL.iter().map(|binding| (binding.action, binding.keys.to_vec())).collect())
    }
}

impl Keys {
    /// The table's keys with some bound otherwise. A key that is bound here is taken from the action that had it.
    ///
    /// # Errors
    /// The name that is wrong, and what is wrong with it.
    pub fn with(bound: &BTreeMap<String, Vec<String>>) -> Result<Self, (String, String)> {
        let mut keys = Self::default();
        let mut taken: Vec<(Key, Action)> = Vec::new();
        for (name, texts) in bound {
            let wrong = |what: String| (name.clone(), what);
            let action = Action::named(name).ok_or_else(|| {
                let names: Vec<String> = Action::ALL.iter().map(|binding| binding.action.name()).collect();
                let near = nearest(name, names.iter().map(String::as_str));
                wrong(format!(
                    "there is no such action{}",
                    near.map_or_else(String::new, |near| format!("; did you mean {near}?"))
                ))
            })?;
            let read: Result<Vec<Key>, String> = texts.iter().map(|text| key(text)).collect();
            let read = read.map_err(wrong)?;
            for key in &read {
                if let Some((_, other)) = taken.iter().find(|(taken, other)| taken == key && *other != action)
                {
                    return Err(wrong(format!("{key} is bound to {} as well", other.name())));
                }
                taken.push((*key, action));
            }
            for (of, keys) in &mut keys.0 {
                if *of == action {
                    keys.clone_from(&read);
                }
            }
        }
        for (action, keys) in &mut keys.0 {
            keys.retain(|key| taken.iter().all(|(taken, by)| taken != key || by == action));
        }
        Ok(keys)
    }

    /// What a key does on the main screen; nothing for keys without a meaning, and for releases, which some
    /// terminals report.
    #[must_use]
    pub fn action(&self, event: KeyEvent) -> Option<Action> {
        if event.kind == KeyEventKind::Release {
            return None;
        }
        let pressed = normal(event);
        self.0.iter().find(|(_, keys)| keys.contains(&pressed)).map(|(action, _)| *action)
    }

    /// Whether a key suspends from anywhere, as Ctrl-Z does: its action's key, unless that is a character, which prompts and
    /// forms take as text.
    #[must_use]
    pub fn suspends(&self, event: KeyEvent) -> bool {
        let Key(code, modifiers) = normal(event);
        let is_text = matches!(code, KeyCode::Char(_)) && modifiers.is_empty();
        !is_text && self.action(event) == Some(Action::Suspend)
    }

    /// The keys of an action, the first being the one that is shown; none where all were given to others.
    #[must_use]
    pub fn of(&self, action: Action) -> &[Key] {
        self.0.iter().find(|(of, _)| *of == action).map_or(&[], |(_, keys)| keys)
    }
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

/// A key as the config file writes it: `q`, `Q`, `ctrl-d`, `alt-x`, `space`, `enter`, `f5`, `shift-tab`.
///
/// # Errors
/// A sentence when it is none.
pub fn key(text: &str) -> Result<Key, String> {
    let mut modifiers = KeyModifiers::NONE;
    let mut rest = text;
    loop {
        let begins = |prefix: &&str| {
            rest.get(..prefix.len()).is_some_and(|begins| begins.eq_ignore_ascii_case(prefix))
                && rest.len() > prefix.len()
        };
        let Some(prefix) = ["ctrl-", "alt-"].into_iter().find(begins) else { break };
        modifiers |= if prefix == "ctrl-" { KeyModifiers::CONTROL } else { KeyModifiers::ALT };
        rest = &rest[prefix.len()..];
    }
    let mut characters = rest.chars();
    let code = match (characters.next(), characters.next()) {
        // Terminals send Ctrl with a letter in lower case only.
        (Some(letter), None) if modifiers.contains(KeyModifiers::CONTROL) && letter.is_ascii_alphabetic() => {
            KeyCode::Char(letter.to_ascii_lowercase())
        }
        // What cannot be seen could not be shown in the help either.
        (Some(character), None) if visible(rest) == rest && character.width() != Some(0) => {
            KeyCode::Char(character)
        }
        _ => named(&rest.to_ascii_lowercase()).ok_or_else(|| {
            format!(
                "{:?} is no key: a character, or one such as ctrl-d, enter, space, f5, pageup",
                visible(text)
            )
        })?,
    };
    if Key(code, modifiers) == Key(KeyCode::Char('c'), KeyModifiers::CONTROL) {
        return Err("ctrl-c always leaves, and cannot be bound".into());
    }
    Ok(Key(code, modifiers))
}

/// A key as [`key`] reads it.
#[must_use]
pub fn written(Key(code, modifiers): Key) -> String {
    let name = match code {
        KeyCode::Char(' ') => "space".to_owned(),
        KeyCode::Char(character) => character.to_string(),
        KeyCode::BackTab => "shift-tab".to_owned(),
        KeyCode::PageUp => "pageup".to_owned(),
        KeyCode::PageDown => "pagedown".to_owned(),
        // By crossterm's own words these differ from what is read, and from system to system.
        KeyCode::Delete => "delete".to_owned(),
        KeyCode::Insert => "insert".to_owned(),
        KeyCode::Enter => "enter".to_owned(),
        KeyCode::Backspace => "backspace".to_owned(),
        other => other.to_string().to_lowercase(),
    };
    let control = if modifiers.contains(KeyModifiers::CONTROL) { "ctrl-" } else { "" };
    let alt = if modifiers.contains(KeyModifiers::ALT) { "alt-" } else { "" };
    format!("{control}{alt}{name}")
}

fn named(name: &str) -> Option<KeyCode> {
    Some(match name {
        "space" => KeyCode::Char(' '),
        "enter" | "return" => KeyCode::Enter,
        "esc" | "escape" => KeyCode::Esc,
        "tab" => KeyCode::Tab,
        "shift-tab" | "backtab" => KeyCode::BackTab,
        "backspace" => KeyCode::Backspace,
        "delete" => KeyCode::Delete,
        "insert" => KeyCode::Insert,
        "up" => KeyCode::Up,
        "down" => KeyCode::Down,
        "left" => KeyCode::Left,
        "right" => KeyCode::Right,
        "home" => KeyCode::Home,
        "end" => KeyCode::End,
        "pageup" | "pgup" => KeyCode::PageUp,
        "pagedown" | "pgdn" => KeyCode::PageDown,
        other => {
            let number: u8 = other.strip_prefix('f')?.parse().ok()?;
            return (1..=24).contains(&number).then_some(KeyCode::F(number));
        }
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn press(code: KeyCode, modifiers: KeyModifiers) -> KeyEvent {
        KeyEvent::new(code, modifiers)
    }

    fn bound(pairs: &[(&str, &[&str])]) -> Result<Keys, (String, String)> {
        let texts = |keys: &&[&str]| keys.iter().map(|key| (*key).to_owned()).collect();
        Keys::with(&pairs.iter().map(|(name, keys)| ((*name).to_owned(), texts(keys))).collect())
    }

    #[test]
    fn no_two_actions_share_a_key_and_each_has_one_and_a_name() {
        let mut seen = HashSet::new();
        for binding in Action::ALL {
            assert!(!binding.keys.is_empty(), "{:?}", binding.action);
            assert_eq!(Action::named(&binding.action.name()), Some(binding.action));
            for key in binding.keys {
                assert!(seen.insert(key.to_string()), "{key} is bound twice");
            }
        }
    }

    #[test]
    fn shift_is_said_by_the_character_and_releases_mean_nothing() {
        let keys = Keys::default();
        let shifted = press(KeyCode::Char('G'), KeyModifiers::SHIFT);
        assert_eq!(keys.action(shifted), Some(Action::Last));
        assert_eq!(keys.action(KeyEvent { kind: KeyEventKind::Release, ..shifted }), None);
    }

    #[test]
    fn every_key_of_the_table_is_read_as_it_is_written() {
        for key in Action::ALL.iter().flat_map(|binding| binding.keys) {
            let text = written(*key);
            assert!(text == "ctrl-c" || super::key(&text) == Ok(*key), "{text}");
        }
        for name in ["delete", "insert", "enter", "backspace", "esc", "home", "f24", "ctrl-alt-delete", "é"]
        {
            assert_eq!(super::key(name).map(written), Ok(name.to_owned()));
        }
        for invisible in ["\u{202e}", "\u{200b}", "\u{301}", "\u{9b}"] {
            assert!(super::key(invisible).is_err());
        }
    }

    #[test]
    fn a_key_that_is_bound_is_taken_from_the_action_that_had_it() {
        let keys = bound(&[("quit", &["ctrl-q", "Q"]), ("pause", &["space"])]).expect("keys");
        let action = |code, modifiers| keys.action(press(code, modifiers));
        assert_eq!(action(KeyCode::Char('q'), KeyModifiers::NONE), None);
        assert_eq!(action(KeyCode::Char('q'), KeyModifiers::CONTROL), Some(Action::Quit));
        assert_eq!(action(KeyCode::Char(' '), KeyModifiers::NONE), Some(Action::Pause));
        assert!(keys.of(Action::Pin).is_empty());
    }

    #[test]
    fn what_cannot_be_bound_says_why() {
        let refused = |pairs: &[(&str, &[&str])]| bound(pairs).expect_err("refused");
        let (name, what) = refused(&[("pauze", &["x"])]);
        assert_eq!((name.as_str(), what.as_str()), ("pauze", "there is no such action; did you mean pause?"));
        assert!(refused(&[("pause", &["hyper-x"])]).1.starts_with("\"hyper-x\" is no key"));
        assert!(refused(&[("pause", &["Ctrl-C"])]).1.contains("always leaves"));
        assert_eq!(refused(&[("pause", &["x"]), ("quit", &["x"])]).1, "x is bound to pause as well");
    }
}
