//! What can be put on the clipboard of the selected message, and by which key.

use crossterm::event::{KeyCode, KeyEvent};

use super::detail::Tab;
use super::mode::Mode;
use super::{App, Effect};
use crate::envelope::{Content, Layer};
use crate::mask::HIDDEN;
use crate::sink::export::{Record, ndjson_line};
use crate::source::curl;
use crate::sqs::attributes::base64_text;

/// Something of a message that can be copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "Copied::what says it, and the box shows it")]
pub enum Copied {
    Body,
    Payload,
    Value,
    Path,
    Id,
    Attributes,
    Message,
    Curl,
}

impl Copied {
    /// From top to bottom.
    pub const ALL: [Self; 8] = [
        Self::Body,
        Self::Payload,
        Self::Value,
        Self::Path,
        Self::Id,
        Self::Attributes,
        Self::Message,
        Self::Curl,
    ];

    /// The key that copies it.
    #[must_use]
    pub fn key(self) -> char {
        match self {
            Self::Body => 'b',
            Self::Payload => 'p',
            Self::Value => 'v',
            Self::Path => 'k',
            Self::Id => 'i',
            Self::Attributes => 'a',
            Self::Message => 'm',
            Self::Curl => 'c',
        }
    }

    /// The same in a word, where there is no room for more.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Body => "body",
            Self::Payload => "payload",
            Self::Value => "value",
            Self::Path => "path",
            Self::Id => "id",
            Self::Attributes => "attributes",
            Self::Message => "message",
            Self::Curl => "curl",
        }
    }

    /// What it is, for the box.
    #[must_use]
    pub fn what(self) -> &'static str {
        match self {
            Self::Body => "the body as it came",
            Self::Payload => "the payload, out of its envelopes",
            Self::Value => "the value or attribute under the detail's cursor",
            Self::Path => "the path of the value under the cursor",
            Self::Id => "the message id",
            Self::Attributes => "all attributes, as JSON",
            Self::Message => "the whole message, as a line of NDJSON",
            Self::Curl => "a curl command that receives as this endpoint is polled",
        }
    }
}

impl App {
    pub(super) fn open_copy(&mut self) {
        if self.selected_entry().is_none() {
            self.say("no message is selected");
        } else {
            self.mode = Mode::Copying;
        }
    }

    pub(super) fn copying_key(&mut self, key: KeyEvent) -> Vec<Effect> {
        // `yy` copies what is looked at.
        let wanted = match key.code {
            KeyCode::Char('y') => Some(Copied::Value),
            KeyCode::Char(letter) => Copied::ALL.into_iter().find(|copied| copied.key() == letter),
            _ => None,
        };
        self.mode = Mode::Watching;
        let Some(wanted) = wanted else { return Vec::new() };
        match self.copied(wanted) {
            Ok((what, text)) => {
                let masked = if self.is_masked() && text.contains(HIDDEN) { ", masked" } else { "" };
                self.say(&format!("copied {what}{masked} ({} bytes)", text.len()));
                vec![Effect::Copy(text)]
            }
            Err(why) => {
                self.say(why);
                Vec::new()
            }
        }
    }

    fn copied(&self, wanted: Copied) -> Result<(String, String), &'static str> {
        let (_, entry) = self.selected_entry().ok_or("no message is selected")?;
        let (_, watched) = self.selected().ok_or("no endpoint is watched")?;
        let name = &watched.endpoint.name;
        let message = self.shown_message(entry.message());
        let line = || {
            let record = Record::of(name.clone(), &entry);
            ndjson_line(&record, self.mask())
        };
        Ok(match wanted {
            Copied::Body => ("the body".into(), message.body().to_owned()),
            Copied::Payload => {
                let layers = self.detail.peeled();
                let layer = layers.last().ok_or("the body is empty")?;
                (format!("the payload: {layer}"), self.content_of(layers, layer))
            }
            Copied::Value => self.detail.value().ok_or("there is nothing under the cursor")?,
            Copied::Path => {
                let path = self.detail.path();
                let elsewhere = if self.detail.tab() == Tab::Body {
                    "the cursor is on no JSON value"
                } else {
                    "paths are of values in the body: 1 shows it"
                };
                ("the path".into(), path.ok_or(elsewhere)?)
            }
            Copied::Id => ("the id".into(), message.message_id().to_owned()),
            Copied::Attributes => {
                let whole: serde_json::Value = serde_json::from_str(&line()).unwrap_or_default();
                let some = serde_json::json!({
                    "attributes": whole["attributes"],
                    "message_attributes": whole["message_attributes"],
                });
                ("the attributes".into(), some.to_string())
            }
            Copied::Message => ("the message".into(), line()),
            Copied::Curl => ("a curl command".into(), curl(&watched.endpoint)),
        })
    }

    /// Whether the last of these layers is hidden whole.
    pub(super) fn hides(&self, layers: &[Layer]) -> bool {
        self.mask().is_some_and(|mask| mask.hides(layers))
    }

    /// A layer as text: bytes in base64, and masked where values are hidden.
    pub(super) fn content_of(&self, layers: &[Layer], layer: &Layer) -> String {
        match (&layer.content, self.mask()) {
            (_, Some(mask)) if mask.hides(layers) => mask.hidden().to_owned(),
            (Content::Text(text), Some(mask)) => mask.body(text).into_owned(),
            (Content::Text(text), None) => text.clone(),
            (Content::Bytes(_), Some(mask)) => mask.hidden().to_owned(),
            (Content::Bytes(bytes), None) => base64_text::encode(bytes),
        }
    }
}
