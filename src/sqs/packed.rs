//! A message in one allocation, as it flows from the wire into the ledger.
//!
//! ```text
//!   ┌───────┬────────────┬────────────────┬──────┬─────────┬───────────────────────────┬────
//!   │ flags │ message id │ receipt handle │ body │ digests │ tag, texts of an attribute │ …    each text after its length
//!   └───────┴────────────┴────────────────┴──────┴─────────┴───────────────────────────┴────
//! ```
//!
//! A [`Message`] has a string for each of its parts: some twenty allocations, and three times the texts themselves where
//! bodies are small. Whoever makes or changes a message has it that way; whoever reads one needs no more than this.

mod block;
mod packer;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::attributes::base64_text;
use super::{AttributeName, AttributeValue, Check, Integrity, Message, MessageAttribute, digests};
pub use block::PackedBlock;
pub use packer::Packer;

/// Characters of a receipt handle that are held, if it has more than two beyond them.
const HANDLE_END: usize = 6;

/// The digest stands after the body.
const BODY_DIGEST: u8 = 1;
const ATTRIBUTES_DIGEST: u8 = 2;
/// The digest came and was the right one: it can be made again, and does not stand there.
const RIGHT_BODY_DIGEST: u8 = 4;
const RIGHT_ATTRIBUTES_DIGEST: u8 = 8;

/// Tags of attributes. A known system attribute's tag is its place among the known names.
const SYSTEM: u8 = b'S';
const TEXT: u8 = b'T';
const BINARY: u8 = b'B';

/// A message in one allocation: as it was received, or [as it is held](Self::to_hold).
#[derive(Clone, Default, PartialEq, Eq)]
pub struct PackedMessage(Arc<str>);

/// A custom attribute of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PackedAttribute<'a> {
    /// `String`, `Number`, `Binary`, or one of these with a label.
    pub data_type: &'a str,
    /// The value as text: binary in base64.
    pub text: &'a str,
    /// Whether it is bytes.
    pub is_binary: bool,
}

impl PackedAttribute<'_> {
    /// The value as SQS has it.
    #[must_use]
    pub fn value(&self) -> AttributeValue {
        match base64_text::decode(self.text).filter(|_| self.is_binary) {
            Some(bytes) => AttributeValue::Binary(bytes),
            None => AttributeValue::String(self.text.to_owned()),
        }
    }
}

/// See [`PackedMessage::facts`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts<'a> {
    /// How often it has been received by anyone, this receive included.
    pub approximate_receive_count: Option<u32>,
    /// When it was sent.
    pub sent_at: Option<DateTime<Utc>>,
    /// The FIFO group it belongs to.
    pub message_group_id: Option<&'a str>,
}

impl PackedMessage {
    /// What a ledger keeps of it. Of the receipt handle that is the end, which tells one receive from another: the whole is
    /// a key to the message, and on SQS it is longer than most bodies. A digest that is the right one, as `integrity` says,
    /// is made again when somebody asks.
    #[must_use]
    pub fn to_hold(&self, integrity: Integrity) -> Self {
        let mut texts = self.texts();
        let (id, handle, body) = (texts.text(), texts.text(), texts.text());
        let digests = [
            (BODY_DIGEST, RIGHT_BODY_DIGEST, integrity.body),
            (ATTRIBUTES_DIGEST, RIGHT_ATTRIBUTES_DIGEST, integrity.message_attributes),
        ]
        .map(|(here, right, check)| {
            let digest = if self.has(here) { texts.text() } else { "" };
            // One in capitals would not come back as it was.
            let omitted = check == Check::Same && !digest.bytes().any(|byte| byte.is_ascii_uppercase());
            let flag = match self.has(here) {
                true if omitted => right,
                true => here,
                false => self.flags() & right,
            };
            (flag, (flag == here).then_some(digest))
        });
        let mut text = String::with_capacity(self.0.len());
        text.push(char::from(digests[0].0 | digests[1].0));
        for part in [id, handle_end(handle), body] {
            packer::put(&mut text, part);
        }
        digests.iter().filter_map(|(_, digest)| *digest).for_each(|digest| packer::put(&mut text, digest));
        text.push_str(texts.0);
        Self(text.into())
    }

    /// Assigned by SQS when the message was sent.
    #[must_use]
    pub fn message_id(&self) -> &str {
        self.texts().text()
    }

    /// The key to this receive of the message; empty where the gateway forwards none. Of a message that is held, its end
    /// only, and `…` where it is short.
    #[must_use]
    pub fn receipt_handle(&self) -> &str {
        self.text_at(1)
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> &str {
        self.text_at(2)
    }

    /// System attributes, in the order they came.
    pub fn attributes(&self) -> impl Iterator<Item = (&str, &str)> {
        // The custom ones come after all of them.
        self.parts().map_while(|part| match part {
            Part::System(name, value) => Some((name, value)),
            Part::Custom(..) => None,
        })
    }

    /// What is asked of every message that is received, found by going through its attributes once.
    #[must_use]
    pub fn facts(&self) -> Facts<'_> {
        let (mut count, mut sent, mut group) = (None, None, None);
        for (name, value) in self.attributes() {
            let is = |known: AttributeName| name == known.as_str();
            // Of two under one name the first.
            if is(AttributeName::ApproximateReceiveCount) {
                count = count.or(Some(value));
            } else if is(AttributeName::SentTimestamp) {
                sent = sent.or(Some(value));
            } else if is(AttributeName::MessageGroupId) {
                group = group.or(Some(value));
            }
        }
        Facts {
            approximate_receive_count: count.and_then(|count| count.parse().ok()),
            sent_at: sent.and_then(time),
            message_group_id: group,
        }
    }

    /// The value of a system attribute.
    #[must_use]
    pub fn attribute(&self, name: &AttributeName) -> Option<&str> {
        self.attributes().find(|(known, _)| *known == name.as_str()).map(|(_, value)| value)
    }

    /// Custom attributes, in the order they came.
    pub fn message_attributes(&self) -> impl Iterator<Item = (&str, PackedAttribute<'_>)> {
        self.parts().filter_map(|part| match part {
            Part::Custom(name, attribute) => Some((name, attribute)),
            Part::System(..) => None,
        })
    }

    /// When it was sent, if the gateway forwards `SentTimestamp`.
    #[must_use]
    pub fn sent_at(&self) -> Option<DateTime<Utc>> {
        self.time(&AttributeName::SentTimestamp)
    }

    /// The value of a system attribute as a time; SQS writes times as epoch milliseconds.
    #[must_use]
    pub fn time(&self, name: &AttributeName) -> Option<DateTime<Utc>> {
        time(self.attribute(name)?)
    }

    /// How often it has been received by anyone, this receive included. SQS calls it approximate.
    #[must_use]
    pub fn approximate_receive_count(&self) -> Option<u32> {
        self.attribute(&AttributeName::ApproximateReceiveCount)?.parse().ok()
    }

    /// The FIFO group it belongs to.
    #[must_use]
    pub fn message_group_id(&self) -> Option<&str> {
        self.attribute(&AttributeName::MessageGroupId)
    }

    /// `MD5OfBody` as it came.
    #[must_use]
    pub fn md5_of_body(&self) -> Option<Cow<'_, str>> {
        if self.has(RIGHT_BODY_DIGEST) {
            return Some(Cow::Owned(digests::md5_of_body(self.body())));
        }
        self.has(BODY_DIGEST).then(|| Cow::Borrowed(self.text_at(3)))
    }

    /// `MD5OfMessageAttributes` as it came.
    #[must_use]
    pub fn md5_of_message_attributes(&self) -> Option<Cow<'_, str>> {
        if self.has(RIGHT_ATTRIBUTES_DIGEST) {
            return Some(Cow::Owned(digests::md5_of_packed_attributes(self.message_attributes())));
        }
        let place = 3 + usize::from(self.has(BODY_DIGEST));
        self.has(ATTRIBUTES_DIGEST).then(|| Cow::Borrowed(self.text_at(place)))
    }

    /// Each part by itself.
    #[must_use]
    pub fn unpack(&self) -> Message {
        let custom = self.message_attributes().map(|(name, attribute)| {
            (
                name.into(),
                MessageAttribute { data_type: attribute.data_type.into(), value: attribute.value() },
            )
        });
        Message {
            message_id: self.message_id().to_owned(),
            receipt_handle: self.receipt_handle().to_owned(),
            body: self.body().to_owned(),
            md5_of_body: self.md5_of_body().map(Cow::into_owned),
            md5_of_message_attributes: self.md5_of_message_attributes().map(Cow::into_owned),
            attributes: self
                .attributes()
                .map(|(name, value)| (AttributeName::from(name), value.into()))
                .collect(),
            message_attributes: custom.collect(),
        }
    }

    /// Bytes of memory, beside the allocator's own.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        // An `Arc` counts twice.
        size_of::<Self>() + 2 * size_of::<usize>() + self.0.len()
    }

    fn flags(&self) -> u8 {
        self.0.as_bytes().first().copied().unwrap_or_default()
    }

    fn has(&self, flag: u8) -> bool {
        self.flags() & flag != 0
    }

    fn texts(&self) -> Texts<'_> {
        Texts(self.0.get(1..).unwrap_or_default())
    }

    fn text_at(&self, place: usize) -> &str {
        let mut texts = self.texts();
        for _ in 0..place {
            texts.text();
        }
        texts.text()
    }

    fn parts(&self) -> impl Iterator<Item = Part<'_>> {
        let mut texts = self.texts();
        for _ in 0..3 + u8::from(self.has(BODY_DIGEST)) + u8::from(self.has(ATTRIBUTES_DIGEST)) {
            texts.text();
        }
        std::iter::from_fn(move || texts.part())
    }
}

impl fmt::Debug for PackedMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.unpack().fmt(f)
    }
}

impl From<&Message> for PackedMessage {
    fn from(message: &Message) -> Self {
        let mut packer = Packer::default();
        packer.message_id(&message.message_id);
        packer.receipt_handle(&message.receipt_handle);
        packer.body(&message.body);
        if let Some(digest) = &message.md5_of_body {
            packer.md5_of_body(digest);
        }
        if let Some(digest) = &message.md5_of_message_attributes {
            packer.md5_of_message_attributes(digest);
        }
        for (name, value) in message.attributes.iter() {
            packer.attribute(name.as_str(), value);
        }
        for (name, attribute) in message.message_attributes.iter() {
            let is_binary = matches!(attribute.value, AttributeValue::Binary(_));
            let text = attribute.value.to_text();
            packer.message_attribute(
                name,
                PackedAttribute { data_type: &attribute.data_type, text: &text, is_binary },
            );
        }
        packer.pack()
    }
}

impl From<Message> for PackedMessage {
    fn from(message: Message) -> Self {
        Self::from(&message)
    }
}

impl PartialEq<Message> for PackedMessage {
    fn eq(&self, message: &Message) -> bool {
        self.unpack() == *message
    }
}

/// As a [`Message`] is written down: how it lies in memory is nobody else's business.
impl Serialize for PackedMessage {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.unpack().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for PackedMessage {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Message::deserialize(deserializer).map(Self::from)
    }
}

fn time(value: &str) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_millis(value.parse().ok()?)
}

/// The end of a receipt handle: it tells one receive from another, and opens nothing.
fn handle_end(handle: &str) -> &str {
    match handle.char_indices().rev().nth(HANDLE_END + 1) {
        _ if handle.is_empty() => "",
        // Of a short one the end would be too much of it.
        None | Some((0, _)) => "…",
        Some(_) => handle.char_indices().rev().nth(HANDLE_END - 1).map_or("…", |(at, _)| &handle[at..]),
    }
}

/// What follows the digests.
enum Part<'a> {
    System(&'a str, &'a str),
    Custom(&'a str, PackedAttribute<'a>),
}

/// Texts, each after its length in base 64: lengths are ASCII, so that the whole is text.
struct Texts<'a>(&'a str);

impl<'a> Texts<'a> {
    fn text(&mut self) -> &'a str {
        let (mut length, mut digits) = (0, 0);
        for byte in self.0.bytes() {
            length |= usize::from(byte & 63) << (6 * digits);
            digits += 1;
            if byte & 64 == 0 {
                break;
            }
        }
        let text = self.0.get(digits..digits + length).unwrap_or_default();
        self.0 = self.0.get(digits + length..).unwrap_or_default();
        text
    }

    fn part(&mut self) -> Option<Part<'a>> {
        let tag = *self.0.as_bytes().first()?;
        self.0 = &self.0[1..];
        Some(match tag {
            SYSTEM => Part::System(self.text(), self.text()),
            TEXT | BINARY => {
                let (name, data_type, text) = (self.text(), self.text(), self.text());
                Part::Custom(name, PackedAttribute { data_type, text, is_binary: tag == BINARY })
            }
            place => Part::System(AttributeName::KNOWN.get(usize::from(place))?.as_str(), self.text()),
        })
    }
}

#[cfg(test)]
mod tests;
