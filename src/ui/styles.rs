//! Colours by meaning, out of the terminal's own sixteen, so that they suit light and dark backgrounds alike.
//!
//! Nothing is said by colour alone: with `NO_COLOR` what remains is bold, dim, underlined and reversed text.

use ratatui::style::{Color, Modifier, Style};

use crate::app::document::Tone;
use crate::app::notice::Level;
use crate::watch::State;

/// Whether to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Styles {
    /// False under `NO_COLOR`.
    pub colours: bool,
}

impl Styles {
    /// As the environment asks: <https://no-color.org> has any value but an empty one turn colours off.
    #[must_use]
    pub fn from_environment() -> Self {
        let asked = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self { colours: !asked }
    }

    fn coloured(self, colour: Color) -> Style {
        if self.colours { Style::new().fg(colour) } else { Style::new() }
    }

    pub(super) fn tone(self, tone: Tone) -> Style {
        match tone {
            Tone::Plain => Style::new(),
            Tone::Dim | Tone::Punctuation => self.dim(),
            Tone::Key => self.coloured(Color::Cyan),
            Tone::String => self.coloured(Color::Green),
            Tone::Number => self.coloured(Color::Magenta),
            Tone::Literal => self.coloured(Color::Yellow),
            Tone::Warning => self.warning(),
        }
    }

    #[expect(clippy::unused_self, reason = "dim is a style like the others, and may become a colour")]
    pub(super) fn dim(self) -> Style {
        Style::new().add_modifier(Modifier::DIM)
    }

    #[expect(clippy::unused_self, reason = "a style like the others")]
    pub(super) fn strong(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    pub(super) fn warning(self) -> Style {
        self.coloured(Color::Yellow).add_modifier(Modifier::BOLD)
    }

    pub(super) fn problem(self) -> Style {
        self.coloured(Color::Red).add_modifier(Modifier::BOLD)
    }

    pub(super) fn border(self, focused: bool) -> Style {
        if focused { self.coloured(Color::Cyan).add_modifier(Modifier::BOLD) } else { self.dim() }
    }

    /// The selected row: reversed where the keys go, bold elsewhere.
    #[expect(clippy::unused_self, reason = "a style like the others")]
    pub(super) fn selected(self, focused: bool) -> Style {
        Style::new().add_modifier(if focused { Modifier::REVERSED } else { Modifier::BOLD })
    }

    pub(super) fn state(self, state: &State) -> Style {
        match state {
            State::Live => self.coloured(Color::Green),
            State::Waiting => self.dim(),
            State::BackingOff { .. } | State::Paused | State::Guarded { .. } => self.warning(),
            State::Stopped => self.problem(),
        }
    }

    pub(super) fn notice(self, level: Level) -> Style {
        match level {
            Level::Done => self.coloured(Color::Cyan),
            Level::Problem => self.problem(),
        }
    }

    pub(super) fn received(self) -> Style {
        self.coloured(Color::Cyan)
    }

    pub(super) fn distinct(self) -> Style {
        self.coloured(Color::Green)
    }

    pub(super) fn faults(self) -> Style {
        self.coloured(Color::Red)
    }
}
