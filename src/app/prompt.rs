//! One line of text to be typed: the URL of an endpoint to add.

use crossterm::event::Event;
use tui_input::backend::crossterm::EventHandler as _;
use tui_input::{Input, InputRequest};

use crate::config::endpoint_at;
use crate::source::{Endpoint, Pace};
use crate::sqs::ReceiveParameters;

/// The open prompt for a URL.
#[derive(Clone, Debug, Default)]
pub struct Prompt {
    input: Input,
    /// Whether Enter was pressed on something that is no URL.
    refused: bool,
}

impl Prompt {
    /// What is written, and where the cursor is.
    #[must_use]
    pub fn input(&self) -> &Input {
        &self.input
    }

    /// Types a key.
    pub fn type_in(&mut self, event: &Event) {
        self.input.handle_event(event);
    }

    /// Pastes a text, its line ends left out.
    pub fn paste(&mut self, text: &str) {
        insert(&mut self.input, text);
    }

    /// Takes note that Enter was pressed: from now on what is wrong is said even of a URL that is only begun.
    pub fn refuse(&mut self) {
        self.refused = true;
    }

    /// What is wrong with the URL as it stands; nothing while it may still become one.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        let text = self.input.value().trim();
        let begun = |scheme: &str| scheme.starts_with(text) || text == scheme;
        if !self.refused && (begun("https://") || begun("http://")) {
            return None;
        }
        self.endpoint(ReceiveParameters::default(), Pace::default()).err()
    }

    /// The endpoint at the URL.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub fn endpoint(&self, parameters: ReceiveParameters, pace: Pace) -> Result<Endpoint, String> {
        match self.input.value().trim() {
            "" => Err("Nothing is written here yet; Esc goes back.".into()),
            url => endpoint_at(url, parameters, pace),
        }
    }
}

/// Characters that a line takes of pastes.
pub(super) const LONGEST: usize = 4_096;

/// Inserts what was pasted at the cursor, as far as it can stand in one line.
pub(super) fn insert(input: &mut Input, text: &str) {
    let room = LONGEST.saturating_sub(input.value().chars().count());
    for character in pasted(text).take(room) {
        input.handle(InputRequest::InsertChar(character));
    }
}

/// What of a paste can stand in one line.
pub(super) fn pasted(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(|character| !character.is_control())
}
