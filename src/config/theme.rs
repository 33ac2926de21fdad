//! Colours by meaning. The usual theme is the terminal's own sixteen; the others stand in `assets/themes`, in the shape
//! in which anyone may write one.

use ratatui::style::Color;
use serde::{Deserialize, Deserializer, de};

/// Themes that need no file.
const BUILT_IN: [(&str, &str); 4] = [
    ("sixteen", include_str!("../../assets/themes/sixteen.toml")),
    ("dark", include_str!("../../assets/themes/dark.toml")),
    ("light", include_str!("../../assets/themes/light.toml")),
    ("colour-blind", include_str!("../../assets/themes/colour-blind.toml")),
];

macro_rules! theme {
    ($($(#[$about:meta])* $role:ident: $usual:expr,)*) => {
        /// What is drawn in which colour.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct Theme {
            $($(#[$about])* #[serde(deserialize_with = "colour")] pub $role: Color,)*
        }

        impl Default for Theme {
            fn default() -> Self {
                Self { $($role: $usual,)* }
            }
        }
    };
}

theme! {
    /// Text that has no other meaning.
    text: Color::Reset,
    /// What is of lesser weight; it is dimmed as well where it has no colour of its own.
    dim: Color::Reset,
    /// The pane with the focus.
    focus: Color::Cyan,
    /// Something to look at.
    warning: Color::Yellow,
    /// Something that failed.
    problem: Color::Red,
    /// Something that was done.
    done: Color::Cyan,
    /// An endpoint that is live.
    live: Color::Green,
    /// Names in documents.
    key: Color::Cyan,
    /// Strings in JSON.
    string: Color::Green,
    /// Numbers in JSON.
    number: Color::Magenta,
    /// `true`, `false` and `null` in JSON.
    literal: Color::Yellow,
    /// Messages received, in charts.
    received: Color::Cyan,
    /// Messages that were new, in charts.
    distinct: Color::Green,
    /// Faults, and whatever is slowest, in charts.
    faults: Color::Red,
    /// What was added, where two messages are compared.
    added: Color::Green,
    /// What is gone.
    removed: Color::Red,
    /// What a search found.
    found: Color::Yellow,
}

impl Theme {
    /// A theme that needs no file.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let (_, text) = BUILT_IN.iter().find(|(known, _)| *known == name)?;
        toml::from_str(text).ok()
    }

    /// Their names.
    pub fn names() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().map(|(name, _)| *name)
    }
}

/// A name of one of the sixteen, a number of the 256, or `#rrggbb`; `default` is the terminal's own.
fn colour<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Color, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text == "default" {
        return Ok(Color::Reset);
    }
    text.parse()
        .map_err(|_| de::Error::custom(format!("{text:?} is no colour: a name, 0 to 255, or #rrggbb")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_theme_can_be_read_and_the_usual_one_is_the_terminals_own() {
        for name in Theme::names() {
            assert!(Theme::named(name).is_some(), "{name}");
        }
        assert_eq!(Theme::named("sixteen"), Some(Theme::default()));
        assert_eq!(Theme::named("none"), None);
    }
}
