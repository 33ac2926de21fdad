//! Everything that a key does, and every endpoint, found by its name.

use crossterm::event::{Event as TerminalEvent, KeyCode, KeyEvent, KeyModifiers};
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler as _;

use super::mode::Mode;
use super::{App, Effect, prompt};
use crate::filter::Filter;
use crate::keys::{Action, Binding};

/// The open palette.
#[derive(Clone, Debug, Default)]
pub struct Palette {
    input: Input,
    chosen: usize,
}

impl Palette {
    /// What is written.
    #[must_use]
    pub fn input(&self) -> &Input {
        &self.input
    }

    /// Which of the [`App::offers`] is chosen.
    #[must_use]
    pub fn chosen(&self) -> usize {
        self.chosen
    }
}

/// Something that can be chosen.
#[derive(Clone, Debug)]
pub enum Offer {
    /// An action.
    Act(&'static Binding),
    /// An endpoint, by its place and name.
    Watch(usize, String),
    /// A saved filter.
    Filter(String),
}

impl Offer {
    /// What it is, in words.
    #[must_use]
    pub fn what(&self) -> String {
        match self {
            Self::Act(binding) => binding.what.to_owned(),
            Self::Watch(_, name) => format!("go to {name}"),
            Self::Filter(name) => format!("filter by @{name}"),
        }
    }

    /// How well it fits what is written: every word must be found, best at the beginning of a word.
    fn fits(&self, words: &[String]) -> Option<usize> {
        let name = match self {
            Self::Act(binding) => binding.action.name().replace('_', " "),
            Self::Watch(_, name) | Self::Filter(name) => name.clone(),
        };
        let text = format!("{name} {}", self.what()).to_lowercase();
        words.iter().try_fold(0, |cost, word| {
            let at = text.find(word.as_str())?;
            let begins = at == 0 || !text.as_bytes()[at - 1].is_ascii_alphanumeric();
            Some(cost + at + if begins { 0 } else { 100 })
        })
    }
}

impl App {
    /// What fits the words that are written, the best first.
    #[must_use]
    pub fn offers(&self, written: &str) -> Vec<Offer> {
        let words: Vec<String> = written.to_lowercase().split_whitespace().map(str::to_owned).collect();
        let actions = Action::ALL
            .iter()
            .filter(|binding| !matches!(binding.action, Action::Palette | Action::Close))
            .map(Offer::Act);
        let endpoints = self.endpoints.iter().enumerate();
        let endpoints =
            endpoints.map(|(place, watched)| Offer::Watch(place, watched.endpoint.name.as_str().to_owned()));
        let filters = self.saved.keys().cloned().map(Offer::Filter);
        let all = actions.chain(endpoints).chain(filters);
        let mut fitting: Vec<(usize, Offer)> =
            all.filter_map(|offer| Some((offer.fits(&words)?, offer))).collect();
        if !words.is_empty() {
            fitting.sort_by_key(|(cost, _)| *cost);
        }
        fitting.into_iter().map(|(_, offer)| offer).collect()
    }

    pub(super) fn palette_key(&mut self, key: KeyEvent) -> Vec<Effect> {
        let Mode::Palette(palette) = &mut self.mode else { return Vec::new() };
        let written = palette.input.value().to_owned();
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Esc => return self.close(),
            KeyCode::Enter => return self.take_offer(),
            KeyCode::Up => palette.chosen = palette.chosen.saturating_sub(1),
            KeyCode::Char('p') if control => palette.chosen = palette.chosen.saturating_sub(1),
            KeyCode::Down | KeyCode::Tab => palette.chosen += 1,
            KeyCode::Char('n') if control => palette.chosen += 1,
            _ => {
                palette.input.handle_event(&TerminalEvent::Key(key));
                if palette.input.value() != written {
                    palette.chosen = 0;
                }
            }
        }
        self.settle_palette();
        Vec::new()
    }

    pub(super) fn paste_into_palette(&mut self, text: &str) {
        if let Mode::Palette(palette) = &mut self.mode {
            prompt::insert(&mut palette.input, text);
            palette.chosen = 0;
        }
    }

    fn settle_palette(&mut self) {
        let Mode::Palette(palette) = &self.mode else { return };
        let last = self.offers(palette.input.value()).len().saturating_sub(1);
        if let Mode::Palette(palette) = &mut self.mode {
            palette.chosen = palette.chosen.min(last);
        }
    }

    fn take_offer(&mut self) -> Vec<Effect> {
        let Mode::Palette(palette) = &self.mode else { return Vec::new() };
        let Some(offer) = self.offers(palette.input.value()).into_iter().nth(palette.chosen) else {
            return Vec::new();
        };
        self.mode = Mode::Watching;
        match offer {
            Offer::Act(binding) => return self.act(binding.action),
            Offer::Watch(place, _) => self.select_endpoint(place),
            Offer::Filter(name) => {
                if let Ok(filter) = Filter::parse(&format!("@{name}"), &self.saved) {
                    self.put_filter(Some(filter));
                }
            }
        }
        Vec::new()
    }
}
