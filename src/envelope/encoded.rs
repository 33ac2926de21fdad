//! Bytes in disguise: base64, gzip, zlib, and Confluent's prefix to a Kafka value.

use std::io::Read;

use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use flate2::read::{GzDecoder, ZlibDecoder};

use super::{Content, Layer, Room};
use crate::json;

/// What a compressed layer may grow to: SQS carries 1 MiB, and a bomb no more than this.
pub(super) const LARGEST: u64 = 16 << 20;
/// Characters of base64 below which a text that decodes to text is taken for a name: at random one in a hundred million
/// of this length does.
const SHORTEST: usize = 24;

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::URL_SAFE, LENIENT);

/// What a text says in base64, if what it says can be read: a compressed stream that is whole, JSON, or plain text.
/// Everything else may as well be a name or a key, and is left alone.
pub(super) fn base64(text: &str, room: &mut Room) -> Option<Layer> {
    let decoded = trusted_base64(text)?;
    let layer = |content| Layer::new("base64", content).with_jq("@base64d");
    if are_compressed(&decoded, room) {
        return Some(layer(Content::Bytes(decoded)));
    }
    let said = String::from_utf8(decoded).ok()?;
    let is_json = json::is_container(&said);
    let is_text = text.len() >= SHORTEST
        && said.chars().all(|character| !character.is_control() || matches!(character, '\n' | '\r' | '\t'))
        && said.chars().any(char::is_whitespace)
        && text.bytes().any(|byte| byte.is_ascii_uppercase())
        && text.bytes().any(|byte| byte.is_ascii_lowercase());
    (is_json || is_text).then(|| layer(Content::Text(said)))
}

/// The bytes of a text that is said to be base64, in either alphabet, in lines or not, padded or not.
pub(super) fn trusted_base64(text: &str) -> Option<Vec<u8>> {
    let text = text.trim();
    // Before anything is copied: whatever is base64 has no other character.
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"+/-_=\r\n".contains(&byte);
    if text.len() < 4 || !text.bytes().all(allowed) {
        return None;
    }
    let joined: String = text.split(['\r', '\n']).collect();
    STANDARD.decode(&joined).or_else(|_| URL_SAFE.decode(&joined)).ok()
}

/// Whether a text is base64 of what begins as a stream does.
pub(crate) fn is_compressed(text: &str) -> bool {
    let Some(bytes) = trusted_base64(text) else { return false };
    match bytes[..] {
        [0x1f, 0x8b, ..] => true,
        [method, flags, ..] => method & 0x0f == 8 && is_zlib_header(method, flags),
        _ => false,
    }
}

/// Whether bytes are compressed. What is in them takes its room when it is taken out, and here only where there is too little.
fn are_compressed(bytes: &[u8], room: &mut Room) -> bool {
    let mut same = Room { left: room.left };
    let are = compressed(bytes, &mut same).is_some();
    if same.is_spent() {
        room.left = 0;
    }
    are
}

/// Whether there is something in bytes that [`bytes`] finds.
pub(super) fn are_known(bytes: &[u8], room: &mut Room) -> bool {
    are_compressed(bytes, room) || confluent(bytes).is_some()
}

/// What is in bytes that are compressed, or carry Confluent's prefix.
pub(super) fn bytes(bytes: &[u8], room: &mut Room) -> Option<Layer> {
    let inside = compressed(bytes, room).map(|(name, inside)| Layer::new(name, content(inside)));
    inside.or_else(|| confluent(bytes))
}

/// Confluent's wire format: a zero, and four bytes of the schema's id. Of JSON it can be told what follows.
fn confluent(bytes: &[u8]) -> Option<Layer> {
    let (prefix, rest) = bytes.split_first_chunk::<5>()?;
    let text = std::str::from_utf8(rest).ok().filter(|text| prefix[0] == 0 && json::is_container(text))?;
    let schema = u32::from_be_bytes([prefix[1], prefix[2], prefix[3], prefix[4]]);
    Some(Layer::new(format!("Confluent schema {schema}"), Content::Text(text.to_owned())))
}

pub(super) fn content(bytes: Vec<u8>) -> Content {
    String::from_utf8(bytes).map_or_else(|not_text| Content::Bytes(not_text.into_bytes()), Content::Text)
}

/// The stream in gzip (RFC 1952) or zlib (RFC 1950), if it is whole: both end in a checksum.
fn compressed(bytes: &[u8], room: &mut Room) -> Option<(&'static str, Vec<u8>)> {
    let mut whole = |reader: &mut dyn Read| {
        let mut inside = Vec::new();
        let ended = reader.take(room.left).read_to_end(&mut inside);
        // What came out has cost as much, whether or not it ended well.
        room.left -= inside.len() as u64;
        ended.ok()?;
        // What was cut is not whole, and its checksum not read.
        Some(inside).filter(|_| !room.is_spent())
    };
    match bytes {
        [0x1f, 0x8b, 8, ..] => Some(("gzip", whole(&mut GzDecoder::new(bytes))?)),
        [method, flags, ..] if method & 0x0f == 8 && is_zlib_header(*method, *flags) => {
            Some(("zlib", whole(&mut ZlibDecoder::new(bytes))?))
        }
        _ => None,
    }
}

fn is_zlib_header(method: u8, flags: u8) -> bool {
    method >> 4 <= 7 && u16::from_be_bytes([method, flags]).is_multiple_of(31) && flags & 0x20 == 0
}
