//! Many messages compressed together: the messages of a queue are like one another, far more than each is like itself.

use std::sync::Arc;

use lz4_flex::block::{compress, decompress};

use super::{PackedMessage, Texts, packer, place};

/// Some messages, compressed.
#[derive(Debug)]
pub struct PackedBlock {
    compressed: Box<[u8]>,
    /// Bytes of the texts, their lengths included.
    bytes: usize,
}

impl PackedBlock {
    /// Compresses them. They have no more than `bytes` in memory.
    #[must_use]
    pub fn new<'a>(messages: impl Iterator<Item = &'a PackedMessage>, bytes: usize) -> Self {
        let mut texts = String::with_capacity(bytes);
        messages.for_each(|message| packer::put(&mut texts, message.packed()));
        Self { compressed: compress(texts.as_bytes()).into(), bytes: texts.len() }
    }

    /// Each of them again, in the same order.
    pub fn messages(&self) -> impl Iterator<Item = PackedMessage> + use<> {
        let texts =
            decompress(&self.compressed, self.bytes).ok().and_then(|texts| String::from_utf8(texts).ok());
        let texts: Arc<str> = texts.unwrap_or_default().into();
        let mut at = 0;
        std::iter::from_fn(move || {
            let mut left = Texts(texts.get(at..).filter(|left| !left.is_empty())?);
            let length = left.text().len();
            at = texts.len() - left.0.len();
            Some(PackedMessage { texts: Arc::clone(&texts), start: place(at - length), end: place(at) })
        })
    }

    /// Bytes of memory, beside the allocator's own.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        self.compressed.len()
    }

    /// Bytes that its messages have when they are not compressed.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}
