//! A jq expression on the layer of the body that is shown: its answer is a layer further in.

use crossterm::event::{Event as TerminalEvent, KeyCode, KeyEvent};
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler as _;

use super::detail::Tab;
use super::mode::Mode;
use super::notice::Level;
use super::{App, Effect, prompt};
use crate::envelope::Content;
use crate::observation::EndpointName;

/// What is asked, of which message.
#[derive(Clone, Debug)]
pub struct Question {
    /// The expression.
    pub expression: String,
    /// The JSON that it is asked of.
    pub input: String,
    /// Whose.
    pub of: (EndpointName, u64),
    /// Whether values are hidden in it.
    pub masked: bool,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The expression.
    pub expression: String,
    /// The message.
    pub of: (EndpointName, u64),
    /// Whether values are hidden in it.
    pub masked: bool,
    /// Each output in a line of its own; or why there is none, which may quote the message as well.
    pub text: Result<String, String>,
}

impl App {
    pub(super) fn open_jq(&mut self) {
        if self.asked_of().is_some_and(crate::json::is_container) {
            self.detail.show(Tab::Body);
            self.mode = Mode::Jq(Input::new(self.jq_asked.clone()));
        } else {
            self.say("jq needs a JSON body, and this is none");
        }
    }

    /// The text that jq is asked of: the layer that is shown, or, where that is jq's answer, what it was asked of before.
    fn asked_of(&self) -> Option<&str> {
        let (layers, layer) = self.detail.asked_of()?;
        match &layer.content {
            Content::Text(text) if !self.hides(layers) => Some(text),
            _ => None,
        }
    }

    pub(super) fn jq_key(&mut self, key: KeyEvent) -> Vec<Effect> {
        let Mode::Jq(input) = &mut self.mode else { return Vec::new() };
        match key.code {
            KeyCode::Esc => self.close(),
            KeyCode::Enter => self.ask(),
            _ => {
                input.handle_event(&TerminalEvent::Key(key));
                Vec::new()
            }
        }
    }

    pub(super) fn paste_into_jq(&mut self, text: &str) {
        if let Mode::Jq(input) = &mut self.mode {
            prompt::insert(input, text);
        }
    }

    fn ask(&mut self) -> Vec<Effect> {
        let Mode::Jq(input) = &self.mode else { return Vec::new() };
        let expression = input.value().trim().to_owned();
        self.mode = Mode::Watching;
        if expression.is_empty() {
            return Vec::new();
        }
        self.jq_asked.clone_from(&expression);
        let Some((ordinal, _)) = self.selected_entry() else { return Vec::new() };
        let Some((_, watched)) = self.selected() else { return Vec::new() };
        let of = (watched.endpoint.name.clone(), ordinal);
        // An answer is made of what it is asked of: what is hidden stays so, whatever is made of it.
        let Some(input) = self.asked_of().map(|text| match self.mask() {
            Some(mask) => mask.body(text).into_owned(),
            None => text.to_owned(),
        }) else {
            return Vec::new();
        };
        if !crate::json::is_container(&input) {
            self.say("what jq would be asked of is hidden: m shows it");
            return Vec::new();
        }
        vec![Effect::Ask(Question { expression, input, of, masked: self.is_masked() })]
    }

    /// The answer is shown if its message still is, and hides what is hidden now.
    pub(super) fn answered(&mut self, answer: &Answer) {
        let selected = self.selected_entry().map(|(ordinal, _)| ordinal);
        let name = self.selected().map(|(_, watched)| &watched.endpoint.name);
        if answer.masked != self.is_masked() {
            self.say("jq was asked before values were hidden, or shown: | asks again");
        } else if let Err(why) = &answer.text {
            self.notices.show(Level::Problem, why, self.now.offset);
        } else if let (Ok(text), true) =
            (&answer.text, selected == Some(answer.of.1) && name == Some(&answer.of.0))
        {
            self.detail.put_answer(&answer.expression, text);
        } else {
            self.say("jq answered for a message that is no longer selected");
        }
    }
}
