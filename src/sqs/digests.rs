//! The MD5s by which SQS lets a receiver check what arrived.

use std::borrow::Cow;

use md5::{Digest as _, Md5};

use super::attributes::base64_text;
use super::{AttributeValue, MessageAttributes, PackedAttribute, PackedMessage};

/// Whether a message arrived as SQS stored it, as far as the digests that came with it tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Integrity {
    /// `MD5OfBody` against the body.
    pub body: Check,
    /// `MD5OfMessageAttributes` against the attributes that came.
    pub message_attributes: Check,
}

/// What one digest tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Check {
    /// Nothing: it did not come, or does not cover what came.
    #[default]
    Unknown,
    /// What came is what it was made of.
    Same,
    /// What came is something else.
    Differs,
}

impl Integrity {
    /// Checks what came with a message. `all_asked` says whether every message attribute was asked for: the digest
    /// covers all that were sent, and tells nothing of a part of them.
    #[must_use]
    pub fn of(message: &PackedMessage, all_asked: bool) -> Self {
        let [body, attributes] = message.md5s();
        let body = check(body, || md5(message.body().as_bytes()));
        let message_attributes = attributes.filter(|_| all_asked).map_or(Check::Unknown, |digest| {
            let attributes: Vec<_> = message.message_attributes().map(packed).collect();
            // Of those that did not come it tells nothing.
            if attributes.is_empty() {
                return Check::Unknown;
            }
            check(Some(digest), || md5_of_attributes(attributes))
        });
        Self { body, message_attributes }
    }

    /// Whether anything is not as SQS stored it.
    #[must_use]
    pub fn is_altered(self) -> bool {
        self.body == Check::Differs || self.message_attributes == Check::Differs
    }
}

fn check(digest: Option<&str>, computed: impl FnOnce() -> Hex) -> Check {
    match digest {
        None | Some("") => Check::Unknown,
        Some(digest) if digest.as_bytes().eq_ignore_ascii_case(&computed()) => Check::Same,
        Some(_) => Check::Differs,
    }
}

/// `MD5OfBody`: the MD5 of the body's UTF-8 bytes, in hex.
#[must_use]
pub fn md5_of_body(body: &str) -> String {
    text(&md5(body.as_bytes()))
}

/// `MD5OfMessageAttributes`: names sorted, then for each the length and bytes of name, data type and value.
/// It covers every attribute that was sent, so it says something only when all of them came back.
#[must_use]
pub fn md5_of_message_attributes(attributes: &MessageAttributes) -> String {
    let parts = attributes.iter().map(|(name, attribute)| {
        let (transport, value): (_, &[u8]) = match &attribute.value {
            AttributeValue::String(text) => (STRING, text.as_bytes()),
            AttributeValue::Binary(bytes) => (BINARY, bytes),
        };
        Attribute { name, data_type: &attribute.data_type, transport, value: Cow::Borrowed(value) }
    });
    text(&md5_of_attributes(parts.collect()))
}

/// An attribute as the digest takes it.
struct Attribute<'a> {
    name: &'a str,
    data_type: &'a str,
    transport: u8,
    value: Cow<'a, [u8]>,
}

/// SQS's transport types.
const STRING: u8 = 1;
const BINARY: u8 = 2;

fn packed<'a>((name, attribute): (&'a str, PackedAttribute<'a>)) -> Attribute<'a> {
    let PackedAttribute { data_type, text, is_binary } = attribute;
    let bytes = is_binary.then(|| base64_text::decode(text)).flatten();
    let (transport, value) = match bytes {
        Some(bytes) => (BINARY, Cow::Owned(bytes)),
        None => (STRING, Cow::Borrowed(text.as_bytes())),
    };
    Attribute { name, data_type, transport, value }
}

fn md5_of_attributes(mut attributes: Vec<Attribute<'_>>) -> Hex {
    attributes.sort_by_key(|attribute| attribute.name);
    let mut md5 = Md5::new();
    for attribute in attributes {
        add(&mut md5, attribute.name.as_bytes());
        add(&mut md5, attribute.data_type.as_bytes());
        md5.update([attribute.transport]);
        add(&mut md5, &attribute.value);
    }
    hex(&md5.finalize().into())
}

fn add(md5: &mut Md5, bytes: &[u8]) {
    // SQS caps a message at 1 MiB, so a length always fits; saturating keeps a hostile one from panicking.
    md5.update(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
    md5.update(bytes);
}

/// An MD5 in hex.
type Hex = [u8; 32];

fn md5(bytes: &[u8]) -> Hex {
    hex(&Md5::digest(bytes).into())
}

/// A filter may check all that are held, so this does without formatting and without memory of its own.
fn hex(digest: &[u8; 16]) -> Hex {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut hex = [0; 32];
    for (pair, byte) in hex.chunks_exact_mut(2).zip(digest) {
        pair.copy_from_slice(&[DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
    }
    hex
}

fn text(hex: &Hex) -> String {
    hex.iter().copied().map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqs::MessageAttribute;

    #[test]
    fn the_order_in_which_attributes_came_does_not_matter() {
        let text = |data_type: &str, value: &str| MessageAttribute {
            data_type: data_type.into(),
            value: AttributeValue::String(value.into()),
        };
        let (a, b) = (("a".into(), text("String", "x")), ("b".into(), text("Number", "1")));
        let ab = MessageAttributes::from_iter([a.clone(), b.clone()]);
        let ba = MessageAttributes::from_iter([b, a]);
        assert_eq!(md5_of_message_attributes(&ab), md5_of_message_attributes(&ba));
        assert_eq!(md5_of_body("hello"), "5d41402abc4b2a76b9719d911017c592");
    }
}
