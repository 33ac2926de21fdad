//! Receipt handles: which receive of which message, sealed so that a garbled one is told from a stale one.

use md5::{Digest as _, Md5};

use crate::sqs::attributes::base64_text;

/// AWS's handles begin with `AQEB`, which is base64 for these three bytes.
const PREFIX: [u8; 3] = [1, 1, 1];
const SEAL_BYTES: usize = 16;
const HANDLE_BYTES: usize = PREFIX.len() + 4 + 8 + 4 + SEAL_BYTES;

/// One receive of one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Receipt {
    /// The queue's index.
    pub queue: u32,
    /// The message's place in its queue.
    pub sequence: u64,
    /// How often this queue had handed the message out, this receive included.
    pub receive: u32,
}

impl Receipt {
    pub fn seal(self, seed: u64) -> String {
        let mut bytes = PREFIX.to_vec();
        bytes.extend(self.queue.to_be_bytes());
        bytes.extend(self.sequence.to_be_bytes());
        bytes.extend(self.receive.to_be_bytes());
        bytes.extend(digest(seed, &bytes));
        base64_text::encode(&bytes)
    }

    /// The receive that `handle` stands for, or nothing when this run did not issue it.
    pub fn open(handle: &str, seed: u64) -> Option<Self> {
        // A plus sign that a client did not escape arrives as a space.
        let bytes = base64_text::decode(&handle.trim().replace(' ', "+"))?;
        let (content, seal) = bytes.split_at_checked(HANDLE_BYTES - SEAL_BYTES)?;
        if seal != digest(seed, content) {
            return None;
        }
        let content = content.strip_prefix(&PREFIX)?;
        let (queue, rest) = content.split_first_chunk()?;
        let (sequence, receive) = rest.split_first_chunk()?;
        Some(Self {
            queue: u32::from_be_bytes(*queue),
            sequence: u64::from_be_bytes(*sequence),
            receive: u32::from_be_bytes(receive.try_into().ok()?),
        })
    }
}

/// A UUID that the same seed gives to the same message in every run, however often anyone received in between.
pub(super) fn message_id(seed: u64, queue: u32, sequence: u64) -> String {
    let mut content = queue.to_be_bytes().to_vec();
    content.extend(sequence.to_be_bytes());
    uuid(digest(seed, &content))
}

/// Sixteen bytes as a version 4 UUID.
pub(crate) fn uuid(mut bytes: [u8; 16]) -> String {
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = format!("{:032x}", u128::from_be_bytes(bytes));
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

fn digest(seed: u64, content: &[u8]) -> [u8; SEAL_BYTES] {
    Md5::new().chain_update(seed.to_be_bytes()).chain_update(content).finalize().into()
}
