//! Packing a message: its parts in any order, as they come over the wire.

use std::sync::Arc;

use super::texts::{BINARY, SYSTEM, TEXT};
use super::{ATTRIBUTES_DIGEST, BODY_DIGEST, PackedAttribute, PackedMessage, ROOM, place};
use crate::sqs::AttributeName;

/// Room that is made for attributes at first: they come piece by piece.
const ATTRIBUTES: usize = 256;
/// Most that the length of a text takes where it is not longer than SQS allows.
const LENGTH: usize = 4;
/// Messages that SQS gives at most.
const MOST: usize = 10;

/// Packs one message after the other; its buffers serve all of them.
#[derive(Debug, Default)]
pub struct Packer {
    /// Which digests came.
    flags: u8,
    message_id: String,
    receipt_handle: String,
    body: String,
    md5_of_body: String,
    md5_of_message_attributes: String,
    attributes: String,
    message_attributes: String,
    /// The messages that are complete, one after the other.
    packed: String,
    /// Where each of them ends.
    ends: Vec<u32>,
}

impl Packer {
    /// The message's id.
    pub fn message_id(&mut self, id: &str) {
        replace(&mut self.message_id, id);
    }

    /// The key to this receive.
    pub fn receipt_handle(&mut self, handle: &str) {
        replace(&mut self.receipt_handle, handle);
    }

    /// The body.
    pub fn body(&mut self, body: &str) {
        replace(&mut self.body, body);
    }

    /// `MD5OfBody`, if it came.
    pub fn md5_of_body(&mut self, digest: &str) {
        self.flags |= BODY_DIGEST;
        replace(&mut self.md5_of_body, digest);
    }

    /// `MD5OfMessageAttributes`, if it came.
    pub fn md5_of_message_attributes(&mut self, digest: &str) {
        self.flags |= ATTRIBUTES_DIGEST;
        replace(&mut self.md5_of_message_attributes, digest);
    }

    /// One more system attribute.
    pub fn attribute(&mut self, name: &str, value: &str) {
        if self.attributes.is_empty() {
            self.attributes.reserve(ATTRIBUTES);
        }
        if let Some(place) = place_of(name) {
            self.attributes.push(char::from(place));
        } else {
            self.attributes.push(char::from(SYSTEM));
            put(&mut self.attributes, name);
        }
        put(&mut self.attributes, value);
    }

    /// One more custom attribute. Bytes have to be base64 in its standard form, as they would not be bytes again otherwise.
    pub fn message_attribute(&mut self, name: &str, attribute: PackedAttribute<'_>) {
        if self.message_attributes.is_empty() {
            self.message_attributes.reserve(ATTRIBUTES);
        }
        self.message_attributes.push(char::from(if attribute.is_binary { BINARY } else { TEXT }));
        for text in [name, attribute.data_type, attribute.text] {
            put(&mut self.message_attributes, text);
        }
    }

    /// The message is complete; the next one begins without any parts.
    pub fn end_message(&mut self) {
        if self.ends.is_empty() {
            // Those that come with it have mostly as much; of a large one nobody knows how many do.
            self.ends.reserve(MOST);
            self.packed.reserve((MOST * self.bytes()).min(ROOM));
        }
        self.write();
        self.ends.push(place(self.packed.len()));
    }

    /// The message begins again, without any parts.
    pub fn discard(&mut self) {
        let Self { message_id, receipt_handle, body, attributes, message_attributes, .. } = self;
        for part in [message_id, receipt_handle, body, attributes, message_attributes] {
            part.clear();
        }
        self.flags = 0;
    }

    /// Bytes of the message's parts, with their lengths.
    fn bytes(&self) -> usize {
        let digests = self.md5_of_body.len() + self.md5_of_message_attributes.len();
        let texts = self.message_id.len() + self.receipt_handle.len() + self.body.len() + digests;
        1 + texts + 5 * LENGTH + self.attributes.len() + self.message_attributes.len()
    }

    fn write(&mut self) {
        self.packed.reserve(self.bytes());
        let out = &mut self.packed;
        out.push(char::from(self.flags));
        for text in [&mut self.message_id, &mut self.receipt_handle, &mut self.body] {
            put(out, text);
            text.clear();
        }
        for (flag, digest) in
            [(BODY_DIGEST, &self.md5_of_body), (ATTRIBUTES_DIGEST, &self.md5_of_message_attributes)]
        {
            if self.flags & flag != 0 {
                put(out, digest);
            }
        }
        for attributes in [&mut self.attributes, &mut self.message_attributes] {
            out.push_str(attributes);
            attributes.clear();
        }
        self.flags = 0;
    }

    /// Those that are complete, in one allocation.
    #[must_use]
    pub fn messages(self) -> Vec<PackedMessage> {
        if self.ends.is_empty() {
            return Vec::new();
        }
        let (texts, mut start): (Arc<str>, _) = (self.packed.into(), 0);
        let message = |end| {
            let start = std::mem::replace(&mut start, end);
            PackedMessage { texts: Arc::clone(&texts), start, end }
        };
        self.ends.into_iter().map(message).collect()
    }

    /// The message that has these parts, without those that are complete.
    #[must_use]
    pub fn message(mut self) -> PackedMessage {
        self.packed.clear();
        self.write();
        PackedMessage::alone(&self.packed)
    }
}

fn replace(kept: &mut String, text: &str) {
    kept.clear();
    kept.push_str(text);
}

pub(super) fn put(out: &mut String, text: &str) {
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

fn place_of(name: &str) -> Option<u8> {
    AttributeName::SPELLED.iter().position(|known| *known == name)?.try_into().ok()
}
