//! A message as the ledger holds it: all its texts in one allocation.
//!
//! ```text
//!   ┌───────┬────────────┬────────────┬──────┬───────────────────────────┬────
//!   │ flags │ message id │ handle end │ body │ tag, texts of an attribute │ …     each text after its length
//!   └───────┴────────────┴────────────┴──────┴───────────────────────────┴────
//! ```
//!
//! A `Message` has a string for each of its parts, three times as large as the texts themselves where bodies are small.
//! Of the receipt handle the end is kept, which tells one receive from another: the whole is a key to the message, and on
//! SQS it is longer than most bodies. A digest that is the right one is not kept at all: it can be made again.

use std::borrow::Cow;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::filter::Searched;
use crate::sqs::attributes::base64_text;
use crate::sqs::{
    AttributeName, AttributeValue, Check, Integrity, Message, MessageAttribute, MessageAttributes, digests,
};

/// Characters of a receipt handle that are kept, if it has more than two beyond them.
const HANDLE_END: usize = 6;

/// The body's digest was the right one; the attributes' digest was.
const BODY_DIGEST: u8 = 1;
const ATTRIBUTES_DIGEST: u8 = 2;

/// Tags of what follows the body. A known system attribute's tag is its place among the known names.
const SYSTEM: u8 = b'S';
const TEXT: u8 = b'T';
const BINARY: u8 = b'B';
const WRONG_BODY_DIGEST: u8 = b'M';
const OTHER_ATTRIBUTES_DIGEST: u8 = b'A';

/// A message in one allocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldMessage(Arc<str>);

/// A custom attribute of a message that is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldAttribute<'a> {
    /// `String`, `Number`, `Binary`, or one of these with a label.
    pub data_type: &'a str,
    /// The value as text: binary in base64.
    pub text: &'a str,
    /// Whether it is bytes.
    pub is_binary: bool,
}

impl HeldMessage {
    /// What is kept of a message, whose digests are as `integrity` says.
    #[must_use]
    pub fn new(message: &Message, integrity: Integrity) -> Self {
        let omitted = |check: Check, digest: &Option<String>| {
            let lower = |digest: &String| !digest.bytes().any(|byte| byte.is_ascii_uppercase());
            check == Check::Same && digest.as_ref().is_some_and(lower)
        };
        let body_omitted = omitted(integrity.body, &message.md5_of_body);
        let attributes_omitted = omitted(integrity.message_attributes, &message.md5_of_message_attributes);
        let flags = u8::from(body_omitted) * BODY_DIGEST + u8::from(attributes_omitted) * ATTRIBUTES_DIGEST;
        let mut text = String::with_capacity(message.held_bytes());
        text.push(char::from(flags));
        put(&mut text, &message.message_id);
        put(&mut text, handle_end(&message.receipt_handle));
        put(&mut text, &message.body);
        for (name, value) in message.attributes.iter() {
            if let Some(place) = place_of(name) {
                text.push(char::from(place));
            } else {
                text.push(char::from(SYSTEM));
                put(&mut text, name.as_str());
            }
            put(&mut text, value);
        }
        for (name, attribute) in message.message_attributes.iter() {
            let binary = matches!(attribute.value, AttributeValue::Binary(_));
            text.push(char::from(if binary { BINARY } else { TEXT }));
            put(&mut text, name);
            put(&mut text, &attribute.data_type);
            put(&mut text, &attribute.value.to_text());
        }
        let digests = [
            (WRONG_BODY_DIGEST, &message.md5_of_body, body_omitted),
            (OTHER_ATTRIBUTES_DIGEST, &message.md5_of_message_attributes, attributes_omitted),
        ];
        for (tag, digest, omitted) in digests {
            if let Some(digest) = digest.as_ref().filter(|_| !omitted) {
                text.push(char::from(tag));
                put(&mut text, digest);
            }
        }
        Self(text.into())
    }

    /// Assigned by SQS when the message was sent.
    #[must_use]
    pub fn message_id(&self) -> &str {
        self.texts().next().unwrap_or_default()
    }

    /// The end of the last receive's handle; empty where the gateway forwards none, `…` where it is short.
    #[must_use]
    pub fn receipt_handle_end(&self) -> &str {
        self.texts().nth(1).unwrap_or_default()
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> &str {
        self.texts().nth(2).unwrap_or_default()
    }

    /// System attributes, in the order they came.
    pub fn attributes(&self) -> impl Iterator<Item = (&str, &str)> {
        self.parts().filter_map(|part| match part {
            Part::System(name, value) => Some((name, value)),
            Part::Custom(..) | Part::BodyDigest(_) | Part::AttributesDigest(_) => None,
        })
    }

    /// The value of a system attribute.
    #[must_use]
    pub fn attribute(&self, name: &AttributeName) -> Option<&str> {
        self.attributes().find(|(known, _)| *known == name.as_str()).map(|(_, value)| value)
    }

    /// Custom attributes, in the order they came.
    pub fn message_attributes(&self) -> impl Iterator<Item = (&str, HeldAttribute<'_>)> {
        self.parts().filter_map(|part| match part {
            Part::Custom(name, attribute) => Some((name, attribute)),
            Part::System(..) | Part::BodyDigest(_) | Part::AttributesDigest(_) => None,
        })
    }

    /// Whether it has just these custom attributes.
    pub(super) fn has_message_attributes(&self, wanted: &MessageAttributes) -> bool {
        let mut held = self.message_attributes();
        let same = |(name, attribute): (&str, &MessageAttribute)| {
            held.next().is_some_and(|(held_name, held)| {
                let is_binary = matches!(attribute.value, AttributeValue::Binary(_));
                (held_name, held.data_type, held.is_binary) == (name, &*attribute.data_type, is_binary)
                    && held.text == attribute.value.to_text()
            })
        };
        wanted.iter().all(same) && held.next().is_none()
    }

    /// When it was sent, if the gateway forwards `SentTimestamp`.
    #[must_use]
    pub fn sent_at(&self) -> Option<DateTime<Utc>> {
        self.time(&AttributeName::SentTimestamp)
    }

    /// The value of a system attribute as a time.
    #[must_use]
    pub fn time(&self, name: &AttributeName) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp_millis(self.attribute(name)?.parse().ok()?)
    }

    /// How often it has been received by anyone, as of its last receive.
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
        if self.has(BODY_DIGEST) {
            return Some(Cow::Owned(digests::md5_of_body(self.body())));
        }
        self.parts().find_map(|part| match part {
            Part::BodyDigest(digest) => Some(Cow::Borrowed(digest)),
            _ => None,
        })
    }

    /// `MD5OfMessageAttributes` as it came.
    #[must_use]
    pub fn md5_of_message_attributes(&self) -> Option<Cow<'_, str>> {
        if self.has(ATTRIBUTES_DIGEST) {
            let attributes = self.typed_attributes().collect();
            return Some(Cow::Owned(digests::md5_of_message_attributes(&attributes)));
        }
        self.parts().find_map(|part| match part {
            Part::AttributesDigest(digest) => Some(Cow::Borrowed(digest)),
            _ => None,
        })
    }

    /// The whole as it came, but for the receipt handle.
    #[must_use]
    pub fn unpack(&self) -> Message {
        Message {
            message_id: self.message_id().to_owned(),
            receipt_handle: String::new(),
            body: self.body().to_owned(),
            md5_of_body: self.md5_of_body().map(Cow::into_owned),
            md5_of_message_attributes: self.md5_of_message_attributes().map(Cow::into_owned),
            attributes: self
                .attributes()
                .map(|(name, value)| (AttributeName::from(name), value.into()))
                .collect(),
            message_attributes: self.typed_attributes().collect(),
        }
    }

    /// Bytes of memory, beside the allocator's own.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        // An `Arc` counts twice.
        size_of::<Self>() + 2 * size_of::<usize>() + self.0.len()
    }

    fn has(&self, flag: u8) -> bool {
        self.0.as_bytes().first().is_some_and(|flags| flags & flag != 0)
    }

    fn texts(&self) -> Texts<'_> {
        Texts(self.0.get(1..).unwrap_or_default())
    }

    fn parts(&self) -> impl Iterator<Item = Part<'_>> {
        let mut texts = self.texts();
        texts.nth(2);
        std::iter::from_fn(move || texts.part())
    }

    fn typed_attributes(&self) -> impl Iterator<Item = (Box<str>, MessageAttribute)> {
        self.message_attributes().map(|(name, attribute)| {
            let value = match base64_text::decode(attribute.text).filter(|_| attribute.is_binary) {
                Some(bytes) => AttributeValue::Binary(bytes),
                None => AttributeValue::String(attribute.text.to_owned()),
            };
            (name.into(), MessageAttribute { data_type: attribute.data_type.into(), value })
        })
    }
}

impl Searched for HeldMessage {
    fn message_id(&self) -> &str {
        self.message_id()
    }

    fn body(&self) -> &str {
        self.body()
    }

    fn sent_at(&self) -> Option<DateTime<Utc>> {
        self.sent_at()
    }

    fn any_attribute(&self, wanted: &mut dyn FnMut(&str, &str) -> bool) -> bool {
        self.attributes().any(|(name, value)| wanted(name, value))
    }

    fn any_message_attribute(&self, wanted: &mut dyn FnMut(&str, &str) -> bool) -> bool {
        self.message_attributes().any(|(name, attribute)| wanted(name, attribute.text))
    }
}

/// The end of a receipt handle: it tells one receive from another, and opens nothing.
#[must_use]
pub(super) fn handle_end(handle: &str) -> &str {
    match handle.char_indices().rev().nth(HANDLE_END + 1) {
        _ if handle.is_empty() => "",
        // Of a short one the end would be too much of it.
        None | Some((0, _)) => "…",
        Some(_) => handle.char_indices().rev().nth(HANDLE_END - 1).map_or("…", |(at, _)| &handle[at..]),
    }
}

/// What follows the body.
enum Part<'a> {
    System(&'a str, &'a str),
    Custom(&'a str, HeldAttribute<'a>),
    BodyDigest(&'a str),
    AttributesDigest(&'a str),
}

/// Texts, each after its length in base 64: lengths are ASCII, so that the whole is text.
struct Texts<'a>(&'a str);

impl<'a> Iterator for Texts<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let (mut length, mut digits) = (0, 0);
        for byte in self.0.bytes() {
            length |= usize::from(byte & 63) << (6 * digits);
            digits += 1;
            if byte & 64 == 0 {
                break;
            }
        }
        let text = self.0.get(digits..digits + length)?;
        self.0 = &self.0[digits + length..];
        Some(text)
    }
}

impl<'a> Texts<'a> {
    fn part(&mut self) -> Option<Part<'a>> {
        let tag = *self.0.as_bytes().first()?;
        self.0 = &self.0[1..];
        Some(match tag {
            SYSTEM => Part::System(self.next()?, self.next()?),
            TEXT | BINARY => {
                let (name, data_type, text) = (self.next()?, self.next()?, self.next()?);
                Part::Custom(name, HeldAttribute { data_type, text, is_binary: tag == BINARY })
            }
            WRONG_BODY_DIGEST => Part::BodyDigest(self.next()?),
            OTHER_ATTRIBUTES_DIGEST => Part::AttributesDigest(self.next()?),
            place => Part::System(AttributeName::KNOWN.get(usize::from(place))?.as_str(), self.next()?),
        })
    }
}

fn put(out: &mut String, text: &str) {
    let mut length = text.len();
    loop {
        let [digit, ..] = (length & 63).to_le_bytes();
        length >>= 6;
        out.push(char::from(digit | if length > 0 { 64 } else { 0 }));
        if length == 0 {
            break;
        }
    }
    out.push_str(text);
}

fn place_of(name: &AttributeName) -> Option<u8> {
    AttributeName::KNOWN.iter().position(|known| known == name)?.try_into().ok()
}

#[cfg(test)]
mod tests;
