//! The MD5s by which SQS lets a receiver check what arrived.

use md5::{Digest as _, Md5};

use super::{AttributeValue, Message, MessageAttributes};

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
    pub fn of(message: &Message, all_asked: bool) -> Self {
        let attributes = &message.message_attributes;
        let covered = all_asked && !attributes.is_empty();
        let digest = message.md5_of_message_attributes.as_deref().filter(|_| covered);
        Self {
            body: check(message.md5_of_body.as_deref(), || md5_of_body(&message.body)),
            message_attributes: check(digest, || md5_of_message_attributes(attributes)),
        }
    }

    /// Whether anything is not as SQS stored it.
    #[must_use]
    pub fn is_altered(self) -> bool {
        self.body == Check::Differs || self.message_attributes == Check::Differs
    }
}

fn check(digest: Option<&str>, computed: impl FnOnce() -> String) -> Check {
    match digest {
        None | Some("") => Check::Unknown,
        Some(digest) if digest.eq_ignore_ascii_case(&computed()) => Check::Same,
        Some(_) => Check::Differs,
    }
}

/// `MD5OfBody`: the MD5 of the body's UTF-8 bytes, in hex.
#[must_use]
pub fn md5_of_body(body: &str) -> String {
    hex(&Md5::digest(body.as_bytes()))
}

/// `MD5OfMessageAttributes`: names sorted, then for each the length and bytes of name, data type and value.
/// It covers every attribute that was sent, so it says something only when all of them came back.
#[must_use]
pub fn md5_of_message_attributes(attributes: &MessageAttributes) -> String {
    let mut sorted: Vec<_> = attributes.iter().collect();
    sorted.sort_by_key(|(name, _)| *name);
    let mut md5 = Md5::new();
    for (name, attribute) in sorted {
        let (transport, value): (u8, &[u8]) = match &attribute.value {
            AttributeValue::String(text) => (1, text.as_bytes()),
            AttributeValue::Binary(bytes) => (2, bytes),
        };
        add(&mut md5, name.as_bytes());
        add(&mut md5, attribute.data_type.as_bytes());
        md5.update([transport]);
        add(&mut md5, value);
    }
    hex(&md5.finalize())
}

fn add(md5: &mut Md5, bytes: &[u8]) {
    // SQS caps a message at 1 MiB, so a length always fits; saturating keeps a hostile one from panicking.
    md5.update(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
    md5.update(bytes);
}

/// Every message is checked as it is folded, so this does without formatting.
fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble & 15)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
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
