//! Envelopes peeled off a body, layer by layer, down to what its producer meant to say.
//!
//! ```text
//!   body ──SNS notification──▶ Message ──JSON──▶ ──EventBridge──▶ detail     each layer as it is written
//! ```
//!
//! Nothing is guessed: an envelope is known by the members that its specification requires, a compressed stream by its
//! checksum, and base64 only by what comes out of it.

mod encoded;
mod known;

use std::fmt;

use crate::json;
pub(crate) use encoded::is_compressed;

/// Layers at most: whoever nests deeper does it to hurt.
const DEEPEST: usize = 16;

/// What a layer holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Text; JSON or not.
    Text(String),
    /// Bytes that are no text.
    Bytes(Vec<u8>),
}

/// One layer: what was taken off to come to it, and what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// What was taken off, for the breadcrumb: `SNS notification`, `base64`. The first is `body`.
    pub name: String,
    /// How to come here in jq from the layer before: `.Message | fromjson`. None where jq cannot.
    pub jq: Option<String>,
    /// Keys from the layer before, where this one stands in it as it is.
    pub path: Option<Vec<String>>,
    /// The names by which it is reached from the layer before, whatever had to be decoded at the end of them.
    pub keys: Vec<String>,
    /// What is in it.
    pub content: Content,
    /// Whether jq made it.
    pub is_answer: bool,
}

impl Layer {
    pub(crate) fn new(name: impl Into<String>, content: Content) -> Self {
        Self { name: name.into(), jq: None, path: None, keys: Vec::new(), content, is_answer: false }
    }

    fn with_jq(self, jq: impl Into<String>) -> Self {
        Self { jq: Some(jq.into()), ..self }
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&crate::text::visible(&self.name))
    }
}

/// Room for what comes out of compressed streams, all of them together: a small one can hold much more than anybody reads.
#[derive(Debug)]
pub struct Room {
    left: u64,
}

impl Room {
    /// So many bytes.
    ///
    /// Counted as often as they are taken out: an envelope is looked into as a whole, and once more where what it carries is.
    #[must_use]
    pub fn of(bytes: u64) -> Self {
        Self { left: bytes }
    }

    /// Whether there was too little of it: a stream is taken for one only as long as it finds room.
    #[must_use]
    pub fn is_spent(&self) -> bool {
        self.left == 0
    }
}

/// Every layer of a body, the body itself first and the payload last.
#[must_use]
pub fn peel(body: &str) -> Vec<Layer> {
    peel_within(body, &mut Room::of(encoded::LARGEST))
}

/// As many as find room.
#[must_use]
pub fn peel_within(body: &str, room: &mut Room) -> Vec<Layer> {
    let mut layers = vec![Layer::new("body", Content::Text(body.to_owned())).with_jq(".")];
    further(&mut layers, room);
    layers
}

/// Takes off what can be taken off the last layer, and then the next.
pub fn peel_further(layers: &mut Vec<Layer>) {
    further(layers, &mut Room::of(encoded::LARGEST));
}

fn further(layers: &mut Vec<Layer>, room: &mut Room) {
    while layers.len() < DEEPEST
        && let Some(inner) = layers.last().and_then(|layer| one_off(&layer.content, room))
    {
        layers.push(inner);
    }
}

/// What is in the string that a JSON token writes, if that is an envelope itself: JSON in a string, or base64 of
/// something that can be read.
#[must_use]
pub fn within_string(token: &str) -> Option<Layer> {
    let text = json::unquoted(token)?;
    if json::is_container(&text) {
        return Some(Layer::new("JSON in a string", Content::Text(text.into_owned())).with_jq("fromjson"));
    }
    encoded::base64(&text, &mut Room::of(encoded::LARGEST))
}

fn one_off(content: &Content, room: &mut Room) -> Option<Layer> {
    match content {
        Content::Bytes(bytes) => encoded::bytes(bytes, room),
        Content::Text(text) => {
            let trimmed = text.trim();
            match trimmed.as_bytes().first()? {
                // Bytes that happen to be text.
                0 => encoded::bytes(text.as_bytes(), room),
                b'"' => {
                    let inner = json::unquoted(trimmed)?;
                    // A string by itself is an envelope of whatever it says.
                    let inside = Content::Text(inner.into_owned());
                    Some(Layer::new("JSON in a string", inside).with_jq("fromjson"))
                }
                b'{' if json::is_container(trimmed) => known::envelope(trimmed, room),
                b'{' | b'[' => None,
                _ => encoded::base64(trimmed, room),
            }
        }
    }
}
