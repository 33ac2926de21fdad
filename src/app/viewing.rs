//! What keys do in the detail, and what is shown of a message while values are hidden.

use crossterm::event::{Event as TerminalEvent, KeyCode, KeyEvent};
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler as _;

use super::detail::Tab;
use super::mode::Mode;
use super::screen::Pane;
use super::{App, Effect, prompt};
use crate::mask::Mask;
use crate::sqs::PackedMessage;

/// Cells by which an unwrapped detail moves sideways.
const SIDEWAYS: i64 = 16;

/// A program of the user's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// `$VISUAL`, `$EDITOR`, or vi.
    Editor,
    /// `$PAGER`, or less.
    Pager,
}

impl App {
    /// What hides values, while it does.
    #[must_use]
    pub fn mask(&self) -> Option<&Mask> {
        self.masked.then_some(&self.look.mask)
    }

    /// Whether values are hidden.
    #[must_use]
    pub fn is_masked(&self) -> bool {
        self.masked
    }

    /// Words that may quote a body, as they may be shown.
    #[must_use]
    pub fn quoted(&self, words: String) -> String {
        match self.mask() {
            Some(mask) => mask.words(&words).into_owned(),
            None => words,
        }
    }

    /// A message as it may be shown.
    #[must_use]
    pub fn shown_message(&self, message: &PackedMessage) -> PackedMessage {
        match self.mask() {
            Some(mask) => mask.message(message),
            None => message.clone(),
        }
    }

    pub(super) fn toggle_mask(&mut self) {
        self.masked = !self.masked;
        self.detail.forget_answers();
        self.notices.forget();
        self.say(if self.masked {
            "masked: values of secret keys, e-mails, cards, tokens; a filter still finds them"
        } else {
            "unmasked: everything is shown"
        });
    }

    /// Left and Right: each pane has its own.
    pub(super) fn sideways(&mut self, right: bool) {
        match self.focus() {
            Pane::Charts => self.move_chart_cursor(if right { 1 } else { -1 }),
            Pane::Detail if self.detail.tab() == Tab::Body && !self.detail.tree().is_empty() => {
                self.detail.fold(Some(!right));
            }
            _ => self.detail.show(self.detail.tab().step(if right { 1 } else { Tab::ALL.len() - 1 })),
        }
    }

    pub(super) fn shift(&mut self, right: bool) {
        if self.focus() == Pane::Charts {
            self.pan_charts(right);
        } else if self.detail.is_wrapped() {
            self.say("lines are wrapped: W leaves them whole");
        } else {
            self.detail.shift(if right { SIDEWAYS } else { -SIDEWAYS });
        }
    }

    pub(super) fn toggle_wrap(&mut self) {
        self.detail.toggle_wrap();
        self.say(if self.detail.is_wrapped() {
            "long lines are wrapped"
        } else {
            "long lines are whole: < and > move sideways"
        });
    }

    pub(super) fn fold(&mut self) {
        if !self.detail.fold(None) {
            self.say("there is nothing to fold here");
        }
    }

    pub(super) fn peel(&mut self) {
        self.detail.show(Tab::Body);
        if !self.detail.peel() {
            self.say("there is no envelope further in");
        }
    }

    pub(super) fn unpeel(&mut self) {
        self.detail.show(Tab::Body);
        if !self.detail.unpeel() {
            self.say("this is the body itself; 5 shows it as it came");
        }
    }

    /// `/` in the detail.
    pub(super) fn open_search(&mut self) {
        self.mode = Mode::Searching(Input::default());
    }

    pub(super) fn searching_key(&mut self, key: KeyEvent) -> Vec<Effect> {
        let Mode::Searching(input) = &mut self.mode else { return Vec::new() };
        match key.code {
            KeyCode::Esc => {
                self.detail.look_for("");
                return self.close();
            }
            KeyCode::Enter => {
                let (text, found) = (input.value().to_owned(), self.detail.search().found().len());
                self.mode = Mode::Watching;
                if !text.is_empty() {
                    self.say(&format!("found {found} times: n goes to the next, N back, Esc ends it"));
                }
                return Vec::new();
            }
            _ => {
                input.handle_event(&TerminalEvent::Key(key));
            }
        }
        self.search();
        Vec::new()
    }

    pub(super) fn paste_into_search(&mut self, text: &str) {
        if let Mode::Searching(input) = &mut self.mode {
            prompt::insert(input, text);
        }
        self.search();
    }

    fn search(&mut self) {
        let Mode::Searching(input) = &self.mode else { return };
        let text = input.value().to_owned();
        self.detail.look_for(&text);
        self.refresh_detail();
        self.detail.to_found(None, self.screen.detail.height);
    }

    /// `n` and `N`: from place to place while a search in the detail is on, else from endpoint to endpoint.
    pub(super) fn next(&mut self, forward: bool) {
        if self.focus() == Pane::Detail && !self.detail.search().text().is_empty() {
            self.detail.to_found(Some(forward), self.screen.detail.height);
        } else {
            self.move_endpoint(if forward { 1 } else { -1 });
        }
    }

    /// What the detail shows, in a program of the user's.
    pub(super) fn open_in(&mut self, program: Program) -> Vec<Effect> {
        if self.selected_entry().is_none() {
            self.say("no message is selected");
            return Vec::new();
        }
        let (document, _) = self.detail.view(1);
        // A pager may obey escapes: it is given what the screen shows. An editor is given a body as it is.
        let lines = || document.lines().map(|(_, line)| line + "\n").collect::<String>();
        let (layers, _) = self.detail.layers();
        let (text, extension) = match (program, self.detail.tab(), layers.last()) {
            (Program::Editor, Tab::Body, Some(layer)) => {
                let text = self.content_of(layers, layer);
                let extension = if crate::json::is_container(&text) { "json" } else { "txt" };
                (text, extension)
            }
            (Program::Editor, Tab::Raw, Some(_)) => {
                let body = self
                    .selected_entry()
                    .map(|(_, entry)| self.shown_message(entry.message()).body().to_owned());
                (body.unwrap_or_default(), "txt")
            }
            _ => (lines(), "txt"),
        };
        vec![Effect::Open { program, text, extension }]
    }
}
