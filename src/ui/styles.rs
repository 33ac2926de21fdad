//! Styles by meaning, out of a theme: unless told otherwise the terminal's own sixteen colours, which suit light and dark
//! backgrounds alike.
//!
//! Nothing is said by colour alone: with `NO_COLOR` what remains is bold, dim, underlined and reversed text.

use ratatui::style::{Color, Modifier, Style};

use crate::app::document::Tone;
use crate::app::notice::Level;
use crate::config::Theme;
use crate::watch::State;

/// A theme, and whether its colours are used.
#[derive(Clone, Copy, Debug, Default)]
pub struct Styles {
    /// False under `NO_COLOR`.
    pub colours: bool,
    /// Which colours.
    pub theme: Theme,
}

impl Styles {
    /// As the environment asks: <https://no-color.org> has any value but an empty one turn colours off.
    #[must_use]
    pub fn from_environment(theme: Theme) -> Self {
        let asked = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self { colours: !asked, theme }
    }

    fn coloured(self, colour: Color) -> Style {
        // A role without a colour of its own keeps that of what it stands in.
        if self.colours && colour != Color::Reset { Style::new().fg(colour) } else { Style::new() }
    }

    pub(super) fn tone(self, tone: Tone) -> Style {
        match tone {
            Tone::Plain => self.text(),
            Tone::Dim | Tone::Punctuation => self.dim(),
            Tone::Key => self.coloured(self.theme.key),
            Tone::String => self.coloured(self.theme.string),
            Tone::Number => self.coloured(self.theme.number),
            Tone::Literal => self.coloured(self.theme.literal),
            Tone::Warning => self.warning(),
            Tone::Added => self.coloured(self.theme.added),
            // Told apart without colour too: by the sign before it, and crossed out where a terminal can.
            Tone::Removed => self.coloured(self.theme.removed).add_modifier(Modifier::CROSSED_OUT),
        }
    }

    pub(super) fn text(self) -> Style {
        self.coloured(self.theme.text)
    }

    pub(super) fn dim(self) -> Style {
        match self.theme.dim {
            colour if self.colours && colour != Color::Reset => Style::new().fg(colour),
            _ => Style::new().add_modifier(Modifier::DIM),
        }
    }

    #[expect(clippy::unused_self, reason = "a style like the others")]
    pub(super) fn strong(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    pub(super) fn warning(self) -> Style {
        self.coloured(self.theme.warning).add_modifier(Modifier::BOLD)
    }

    pub(super) fn problem(self) -> Style {
        self.coloured(self.theme.problem).add_modifier(Modifier::BOLD)
    }

    /// A place that a search found.
    pub(super) fn found(self) -> Style {
        self.coloured(self.theme.found).add_modifier(Modifier::UNDERLINED | Modifier::BOLD)
    }

    pub(super) fn border(self, focused: bool) -> Style {
        if focused { self.coloured(self.theme.focus).add_modifier(Modifier::BOLD) } else { self.dim() }
    }

    /// The selected row: reversed where the keys go, bold elsewhere.
    #[expect(clippy::unused_self, reason = "a style like the others")]
    pub(super) fn selected(self, focused: bool) -> Style {
        Style::new().add_modifier(if focused { Modifier::REVERSED } else { Modifier::BOLD })
    }

    pub(super) fn state(self, state: &State) -> Style {
        match state {
            State::Live => self.coloured(self.theme.live),
            State::Waiting => self.dim(),
            State::BackingOff { .. } | State::Paused | State::Guarded { .. } => self.warning(),
            State::Stopped => self.problem(),
        }
    }

    pub(super) fn notice(self, level: Level) -> Style {
        match level {
            Level::Done => self.coloured(self.theme.done),
            Level::Problem => self.problem(),
        }
    }

    /// The line that a cursor is on, in text that keeps its colours.
    #[expect(clippy::unused_self, reason = "a style like the others")]
    pub(super) fn at_cursor(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD | Modifier::UNDERLINED)
    }

    /// One of several lines in a chart.
    pub(super) fn series(self, place: usize) -> Style {
        let Theme { received, distinct, number, literal, problem, key, .. } = self.theme;
        let colours = [received, literal, number, distinct, problem, key];
        let style = self.coloured(colours[place % colours.len()]);
        if place == 0 { style.add_modifier(Modifier::BOLD) } else { style }
    }

    pub(super) fn received(self) -> Style {
        self.coloured(self.theme.received)
    }

    pub(super) fn distinct(self) -> Style {
        self.coloured(self.theme.distinct)
    }

    pub(super) fn faults(self) -> Style {
        self.coloured(self.theme.faults)
    }
}
