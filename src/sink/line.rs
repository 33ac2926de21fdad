//! A message as a line of JSON. Written by hand: most of what `tail` does for a message is to put it into quotes again.

use crate::json::chunk::{CHUNK, printable};
use crate::sqs::{PackedAttribute, PackedMessage};
use crate::text::steers;

/// One line. The order of the fields is part of the contract.
#[derive(Debug)]
pub(super) struct Line<'a> {
    pub endpoint: &'a str,
    pub received_at: &'a str,
    pub first_seen: bool,
    pub message: &'a PackedMessage,
    /// Whether the receipt handle is printed too.
    pub receipt_handle: bool,
}

impl Line<'_> {
    /// Writes the line without its end.
    pub fn write(&self, out: &mut Vec<u8>) {
        let Self { endpoint, received_at, first_seen, message, receipt_handle } = *self;
        out.extend_from_slice(b"{\"endpoint\":");
        string(out, endpoint);
        out.extend_from_slice(b",\"received_at\":");
        string(out, received_at);
        out.extend_from_slice(if first_seen { b",\"first_seen\":true" } else { b",\"first_seen\":false" });
        out.extend_from_slice(b",\"message_id\":");
        string(out, message.message_id());
        out.extend_from_slice(b",\"body\":");
        string(out, message.body());
        out.extend_from_slice(b",\"md5_of_body\":");
        match message.md5_of_body() {
            Some(digest) => string(out, digest),
            None => out.extend_from_slice(b"null"),
        }
        out.extend_from_slice(b",\"attributes\":");
        object(out, message.attributes(), string);
        out.extend_from_slice(b",\"message_attributes\":");
        object(out, message.message_attributes(), |out, PackedAttribute { data_type, text, .. }| {
            out.extend_from_slice(b"{\"data_type\":");
            string(out, data_type);
            out.extend_from_slice(b",\"value\":");
            string(out, text);
            out.push(b'}');
        });
        if receipt_handle {
            out.extend_from_slice(b",\"receipt_handle\":");
            string(out, message.receipt_handle());
        }
        out.push(b'}');
    }
}

fn object<'a, T>(
    out: &mut Vec<u8>,
    members: impl Iterator<Item = (&'a str, T)>,
    value: impl Fn(&mut Vec<u8>, T),
) {
    out.push(b'{');
    for (place, (name, member)) in members.enumerate() {
        if place > 0 {
            out.push(b',');
        }
        string(out, name);
        out.push(b':');
        value(out, member);
    }
    out.push(b'}');
}

/// JSON that may go to a terminal, as the output of `tail` does unless somebody pipes it: what a terminal would obey is
/// an escape in it, which says the same to whoever reads JSON. JSON itself asks that of the C0 controls only.
fn string(out: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    out.push(b'"');
    // From here on `out` is longer than what is written to it: what is left has room in it as escapes of two bytes, with a
    // chunk more. That is asked once, and not for each piece.
    let mut end = out.len();
    out.resize(end + 2 * bytes.len() + CHUNK, 0);
    let mut at = 0;
    loop {
        if let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
            // All of them are written, and those that are not plain written over: that is quicker than asking how many.
            out[end..end + CHUNK].copy_from_slice(chunk);
            let plain = printable(*chunk);
            at += plain;
            end += plain;
            if plain == CHUNK {
                continue;
            }
        }
        let Some(byte) = bytes.get(at) else { break };
        match byte {
            b'"' | b'\\' => {
                out[end..end + 2].copy_from_slice(&[b'\\', *byte]);
                at += 1;
                end += 2;
            }
            0x20..0x7f => {
                out[end] = *byte;
                at += 1;
                end += 1;
            }
            _ => {
                let Some(character) = text.get(at..).and_then(|rest| rest.chars().next()) else { break };
                let next = at + character.len_utf8();
                let escape;
                let written: &[u8] = match character {
                    '\u{8}' => b"\\b",
                    '\t' => b"\\t",
                    '\n' => b"\\n",
                    '\u{c}' => b"\\f",
                    '\r' => b"\\r",
                    _ if steers(character) => {
                        escape = unicode_escape(character);
                        // Two bytes were thought of for each of its own.
                        out.resize(out.len() + escape.len() - 2, 0);
                        &escape
                    }
                    _ => &bytes[at..next],
                };
                out[end..end + written.len()].copy_from_slice(written);
                at = next;
                end += written.len();
            }
        }
    }
    out.truncate(end);
    out.push(b'"');
}

/// All that steer are of the basic plane.
fn unicode_escape(character: char) -> [u8; 6] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let code = u32::from(character);
    let digit = |place: u32| DIGITS[(code >> (4 * place) & 15) as usize];
    [b'\\', b'u', digit(3), digit(2), digit(1), digit(0)]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn quoted(text: &str) -> String {
        let mut out = Vec::new();
        string(&mut out, text);
        String::from_utf8(out).expect("text")
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

        #[test]
        fn any_text_is_read_as_it_was_and_steers_nothing(
            text in prop_oneof!["\\PC{0,40}", any::<String>(), "[ -~]{0,60}", "[\"\\\\a\u{0}-\u{9f}\u{202e}山🦀]{0,40}",
                "[\u{0}-\u{1f}]{0,40}"],
        ) {
            let quoted = quoted(&text);
            prop_assert!(!quoted.chars().any(steers), "{quoted}");
            prop_assert_eq!(serde_json::from_str::<String>(&quoted).expect("JSON"), text.clone());
            // What needs no more than JSON asks for is as others write it.
            if !text.chars().any(|character| steers(character) && !('\u{0}'..' ').contains(&character)) {
                prop_assert_eq!(quoted, serde_json::to_string(&text).expect("JSON"));
            }
        }
    }
}
