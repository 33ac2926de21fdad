//! Strings: where they end, and what they say without their escapes.

use std::borrow::Cow;

use super::{Problem, Reader};
use crate::json::chunk::{CHUNK, plain};

/// Room that is made at first: most bodies have it, and need not be copied while they grow.
const ROOM: usize = 1 << 10;

impl<'de> Reader<'de> {
    /// What a string says.
    #[inline]
    pub fn text(&mut self) -> Result<Cow<'de, str>, Problem> {
        Ok(match self.string()? {
            Some(text) => text.into(),
            None => self.unescape()?.to_owned().into(),
        })
    }

    /// The same for who needs it for a moment.
    #[inline]
    pub fn with_text<T>(&mut self, then: impl FnOnce(&str) -> T) -> Result<T, Problem> {
        if self.peek() != Some(b'"') {
            return Err(self.unexpected("a string"));
        }
        self.at += 1;
        self.rest_of_text(then)
    }

    /// The same behind a string's first quote.
    #[inline]
    pub fn rest_of_text<T>(&mut self, then: impl FnOnce(&str) -> T) -> Result<T, Problem> {
        Ok(match self.rest_of_string() {
            Some(text) => then(text),
            None => then(self.unescape()?),
        })
    }

    #[inline]
    fn string(&mut self) -> Result<Option<&'de str>, Problem> {
        if self.peek() != Some(b'"') {
            return Err(self.unexpected("a string"));
        }
        self.at += 1;
        Ok(self.rest_of_string())
    }

    /// What a string says that has no escape; of another nothing, and the reader stays behind its first quote.
    #[inline]
    fn rest_of_string(&mut self) -> Option<&'de str> {
        self.string = self.at;
        let end = special(self.text.as_bytes(), self.at);
        if self.text.as_bytes().get(end) != Some(&b'"') {
            return None;
        }
        self.at = end + 1;
        Some(&self.text[self.string..end])
    }

    /// The rest of a string without its escapes.
    fn unescape(&mut self) -> Result<&str, Problem> {
        let mut out = std::mem::take(&mut self.unescaped);
        // Kept apart from the reader, as the next step waits for them.
        let (mut rest, mut length) = (self.text.as_bytes().get(self.at..).unwrap_or_default(), 0);
        let problem = loop {
            // For a chunk and what an escape after it stands for.
            if out.len() < length + 2 * CHUNK {
                out.resize(((length + CHUNK) * 2).max(ROOM), 0);
            }
            if let Some(chunk) = rest.first_chunk() {
                // All of them are written, and those that are not plain written over.
                out[length..length + CHUNK].copy_from_slice(chunk);
                let plain = plain(*chunk);
                rest = &rest[plain..];
                length += plain;
                if plain == CHUNK {
                    continue;
                }
            }
            // One escape often follows another at once.
            let before = length;
            while let [b'\\', escaped, after @ ..] = rest
                && let byte @ 1.. = STANDS_FOR[usize::from(*escaped)]
                && let Some(place) = out.get_mut(length)
            {
                *place = byte;
                rest = after;
                length += 1;
            }
            if length > before {
                continue;
            }
            match rest {
                [b'"', after @ ..] => {
                    self.at = self.text.len() - after.len();
                    self.unescaped = out;
                    // It is, as the text was, and escapes stand for whole characters.
                    return std::str::from_utf8(&self.unescaped[..length]).map_err(|_| Problem::new(ESCAPE));
                }
                [b'\\', b'u', ..] => {
                    self.at = self.text.len() - rest.len();
                    let character = self.unicode_escape()?;
                    rest = &self.text.as_bytes()[self.at..];
                    length += character.encode_utf8(&mut out[length..]).len();
                }
                [b'\\', _, ..] => break Problem::new(ESCAPE),
                [] | [b'\\'] => break Problem::end(),
                [0..0x20, ..] => break Problem::new(CONTROL),
                [byte, after @ ..] => {
                    out[length] = *byte;
                    rest = after;
                    length += 1;
                }
            }
        };
        self.at = self.text.len() - rest.len();
        Err(problem)
    }

    /// `\u` and four digits, or two of them that are one character together.
    fn unicode_escape(&mut self) -> Result<char, Problem> {
        const LONE: &str = "lone surrogate in hex escape";
        let first = self.hex()?;
        let code = match first {
            0xd800..0xdc00 => {
                let bytes = &self.text.as_bytes()[self.at..];
                match bytes {
                    [b'\\', b'u', ..] => {}
                    [] | [b'\\'] => return Err(Problem::end()),
                    _ => return Err(Problem::new(LONE)),
                }
                match self.hex()? {
                    second @ 0xdc00..0xe000 => 0x1_0000 + ((first - 0xd800) << 10 | (second - 0xdc00)),
                    _ => return Err(Problem::new(LONE)),
                }
            }
            code => code,
        };
        char::from_u32(code).ok_or_else(|| Problem::new(LONE))
    }

    /// The digits after `\u`.
    fn hex(&mut self) -> Result<u32, Problem> {
        let digits: &[u8; 4] =
            self.text.as_bytes().get(self.at + 2..).and_then(<[u8]>::first_chunk).ok_or_else(Problem::end)?;
        let mut code = 0;
        for digit in digits {
            let digit = char::from(*digit).to_digit(16).ok_or_else(|| Problem::new(ESCAPE))?;
            code = code << 4 | digit;
        }
        self.at += 6;
        Ok(code)
    }

    /// Passes over a string. A surrogate may be alone in what nobody wants.
    pub(super) fn skip_string(&mut self) -> Result<(), Problem> {
        let bytes = self.text.as_bytes();
        self.at += 1;
        loop {
            self.at = special(bytes, self.at);
            match bytes.get(self.at) {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => match bytes.get(self.at + 1) {
                    Some(b'u') => drop(self.hex()?),
                    Some(escaped) if STANDS_FOR[usize::from(*escaped)] == 0 => {
                        return Err(Problem::new(ESCAPE));
                    }
                    Some(_) => self.at += 2,
                    None => return Err(Problem::end()),
                },
                Some(_) => return Err(Problem::new(CONTROL)),
                None => return Err(Problem::end()),
            }
        }
    }
}

/// What a character after a backslash stands for; 0 where it stands for nothing.
const STANDS_FOR: [u8; 256] = {
    let mut table = [0; 256];
    let pairs = *b"\"\"\\\\//b\x08f\x0cn\nr\rt\t";
    let mut at = 0;
    while at < pairs.len() {
        table[pairs[at] as usize] = pairs[at + 1];
        at += 2;
    }
    table
};

const ESCAPE: &str = "invalid escape";
const CONTROL: &str = "control character (\\u0000-\\u001F) found while parsing a string";

/// Where the first byte stands from `at` on that is a quote, a backslash or a control character.
#[inline]
fn special(bytes: &[u8], mut at: usize) -> usize {
    let start = at;
    while let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        let plain = plain(*chunk);
        at += plain;
        if plain < CHUNK {
            return at;
        }
        if at == start + 2 * CHUNK {
            at = special_far_off(bytes, at);
        }
    }
    let is_plain = |byte: &&u8| !is_special(**byte);
    at + bytes[at..].iter().take_while(is_plain).count()
}

/// Near before it: what is long, as a receipt handle, is passed over in steps that processors take at once.
fn special_far_off(bytes: &[u8], at: usize) -> usize {
    let (steps, _) = bytes[at..].as_chunks::<32>();
    let plain = |step: &&[u8; 32]| !step.iter().fold(false, |found, byte| found | is_special(*byte));
    at + 32 * steps.iter().take_while(plain).count()
}

#[expect(clippy::needless_bitwise_bool, reason = "each is looked at for many bytes at once")]
fn is_special(byte: u8) -> bool {
    (byte < 0x20) | (byte == b'"') | (byte == b'\\')
}
