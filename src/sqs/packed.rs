//! A message as it flows from the wire into the ledger: in one allocation, with others that came with it.
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
mod texts;

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::attributes::base64_text;
use super::{AttributeName, AttributeValue, Message, MessageAttribute};
pub use block::PackedBlock;
pub use packer::Packer;
use texts::{Head, Texts};

/// Characters of a receipt handle that are held, if it has more than two beyond them.
const HANDLE_END: usize = 6;

/// Bytes of a buffer that are kept for the next message, or made for those to come.
const ROOM: usize = 16 << 10;

/// The digest stands after the body.
const BODY_DIGEST: u8 = 1;
const ATTRIBUTES_DIGEST: u8 = 2;

/// A message as it was received, or [as it is held](Self::to_hold). A clone keeps all that came with it; what is held is alone.
#[derive(Clone, Default)]
pub struct PackedMessage {
    /// Its own, and those of the messages that came with it.
    texts: Arc<str>,
    start: u32,
    end: u32,
}

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
    /// Assigned by SQS when the message was sent.
    pub message_id: &'a str,
    /// The body.
    pub body: &'a str,
    /// How often it has been received by anyone, this receive included.
    pub approximate_receive_count: Option<u32>,
    /// When it was sent, as SQS writes times.
    pub sent_timestamp: Option<&'a str>,
    /// The FIFO group it belongs to.
    pub message_group_id: Option<&'a str>,
}

impl Facts<'_> {
    /// When it was sent.
    #[must_use]
    pub fn sent_at(&self) -> Option<DateTime<Utc>> {
        time(self.sent_timestamp?)
    }
}

impl PackedMessage {
    /// What a ledger keeps of it. Of the receipt handle that is the end, which tells one receive from another: the whole is
    /// a key to the message, and on SQS it is longer than most bodies. Written first to `room`, which is empty before and after.
    #[must_use]
    pub fn to_hold(&self, room: &mut String) -> Self {
        let mut texts = self.texts();
        let (message_id, receipt_handle) = (texts.text(), texts.text());
        room.push(char::from(self.flags()));
        packer::put(room, message_id);
        packer::put(room, handle_end(receipt_handle));
        room.push_str(texts.0);
        let held = Self::alone(room);
        room.clear();
        room.shrink_to(ROOM);
        held
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
        self.head().attributes()
    }

    /// What is asked of every message that is received, found by going through it once.
    #[must_use]
    pub fn facts(&self) -> Facts<'_> {
        let Head { message_id, body, mut texts, .. } = self.head();
        let (mut count, mut sent, mut group) = (None, None, None);
        while let Some((known, value)) = texts.known() {
            // Of two under one name the first.
            match known {
                Some(AttributeName::ApproximateReceiveCount) => count = count.or(Some(value)),
                Some(AttributeName::SentTimestamp) => sent = sent.or(Some(value)),
                Some(AttributeName::MessageGroupId) => group = group.or(Some(value)),
                _ => {}
            }
        }
        Facts {
            message_id,
            body,
            approximate_receive_count: count.and_then(receives),
            sent_timestamp: sent,
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
        self.head().message_attributes()
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
        receives(self.attribute(&AttributeName::ApproximateReceiveCount)?)
    }

    /// The FIFO group it belongs to.
    #[must_use]
    pub fn message_group_id(&self) -> Option<&str> {
        self.attribute(&AttributeName::MessageGroupId)
    }

    /// `MD5OfBody` as it came.
    #[must_use]
    pub fn md5_of_body(&self) -> Option<&str> {
        self.md5s()[0]
    }

    /// `MD5OfMessageAttributes` as it came.
    #[must_use]
    pub fn md5_of_message_attributes(&self) -> Option<&str> {
        self.md5s()[1]
    }

    /// Both of these.
    #[must_use]
    pub fn md5s(&self) -> [Option<&str>; 2] {
        self.head().digests
    }

    /// Each part by itself.
    #[must_use]
    pub fn unpack(&self) -> Message {
        let head = self.head();
        let custom = head.clone().message_attributes().map(|(name, attribute)| {
            (
                name.into(),
                MessageAttribute { data_type: attribute.data_type.into(), value: attribute.value() },
            )
        });
        Message {
            message_id: head.message_id.to_owned(),
            receipt_handle: head.receipt_handle.to_owned(),
            body: head.body.to_owned(),
            md5_of_body: head.digests[0].map(str::to_owned),
            md5_of_message_attributes: head.digests[1].map(str::to_owned),
            attributes: head
                .attributes()
                .map(|(name, value)| (AttributeName::from(name), value.into()))
                .collect(),
            message_attributes: custom.collect(),
        }
    }

    /// Bytes of memory where it is alone, beside the allocator's own.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        // An `Arc` counts twice.
        size_of::<Self>() + 2 * size_of::<usize>() + self.packed().len()
    }

    /// A message that has an allocation for itself.
    fn alone(packed: &str) -> Self {
        Self { texts: packed.into(), start: 0, end: place(packed.len()) }
    }

    fn packed(&self) -> &str {
        self.texts.get(self.start as usize..self.end as usize).unwrap_or_default()
    }

    fn flags(&self) -> u8 {
        self.packed().as_bytes().first().copied().unwrap_or_default()
    }

    fn has(&self, flag: u8) -> bool {
        self.flags() & flag != 0
    }

    fn head(&self) -> Head<'_> {
        let mut texts = self.texts();
        let (message_id, receipt_handle, body) = (texts.text(), texts.text(), texts.text());
        let digests = [BODY_DIGEST, ATTRIBUTES_DIGEST].map(|flag| self.has(flag).then(|| texts.text()));
        Head { message_id, receipt_handle, body, digests, texts }
    }

    fn texts(&self) -> Texts<'_> {
        Texts(self.packed().get(1..).unwrap_or_default())
    }

    fn text_at(&self, place: usize) -> &str {
        let mut texts = self.texts();
        for _ in 0..place {
            texts.text();
        }
        texts.text()
    }
}

impl PartialEq for PackedMessage {
    fn eq(&self, other: &Self) -> bool {
        self.packed() == other.packed()
    }
}

impl Eq for PackedMessage {}

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
        packer.message()
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

/// A place in texts, which are far shorter than 4 GiB.
fn place(byte: usize) -> u32 {
    u32::try_from(byte).unwrap_or(u32::MAX)
}

/// In a year of four digits, as RFC 3339 has them: what is written in any zone stays far from the ends of the calendar.
fn time(value: &str) -> Option<DateTime<Utc>> {
    // As a count, it may be written otherwise.
    #[expect(clippy::cast_possible_truncation, reason = "it saturates, far beyond the calendar")]
    let rounded = || value.trim().parse::<f64>().ok().filter(|time| time.is_finite()).map(|time| time as i64);
    let millis: i64 = value.parse().ok().or_else(rounded)?;
    // The years 1 to 9998.
    (-62_135_596_800_000..253_370_764_800_000)
        .contains(&millis)
        .then(|| DateTime::from_timestamp_millis(millis))?
}

/// A mapping template may write the count otherwise than SQS does. One that is too large to be held is as large as can be: a
/// guard that took it for nothing would poll on.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it saturates, and below 0 there is none"
)]
fn receives(value: &str) -> Option<u32> {
    let value = value.trim();
    value
        .parse()
        .ok()
        .or_else(|| value.parse::<f64>().ok().filter(|count| *count >= 0.0).map(|count| count as u32))
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

#[cfg(test)]
mod tests;
