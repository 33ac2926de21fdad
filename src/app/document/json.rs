//! JSON laid out for reading. Every token stays as it was written: a number keeps its digits, a string its escapes,
//! members their order and their doubles, none of which a parser would keep.

use serde::de::IgnoredAny;

use super::{Tone, Writer};

/// Spaces a level.
const INDENT: usize = 2;

/// Writes `text` as indented JSON; false, and nothing written, when it is not an object or an array.
pub fn write(text: &str, writer: &mut Writer) -> bool {
    let text = text.trim();
    if !text.starts_with(['{', '[']) || serde_json::from_str::<IgnoredAny>(text).is_err() {
        return false;
    }
    let mut layout = Layout { writer, depth: 0 };
    let mut rest = text;
    while let Some((token, after)) = next_token(rest) {
        rest = layout.token(token, after.trim_start());
    }
    writer.end_line();
    true
}

struct Layout<'a> {
    writer: &'a mut Writer,
    depth: usize,
}

impl Layout<'_> {
    /// Lays out one token and returns what is left to lay out after it. The parser has vouched for the grammar.
    fn token<'t>(&mut self, token: &str, following: &'t str) -> &'t str {
        match token {
            "{" | "[" => {
                self.writer.text(token, Tone::Punctuation);
                // An empty one stays on its line.
                if let Some(after) = following.strip_prefix(['}', ']']) {
                    self.writer.text(&following[..1], Tone::Punctuation);
                    self.end_value(after.trim_start());
                    return after.trim_start();
                }
                self.depth += 1;
                self.new_line();
            }
            "," => {
                self.writer.text(",", Tone::Punctuation);
                self.new_line();
            }
            ":" => self.writer.text(": ", Tone::Punctuation),
            "}" | "]" => {
                self.writer.text(token, Tone::Punctuation);
                self.end_value(following);
            }
            scalar => {
                self.writer.text(scalar, tone(scalar, following));
                self.end_value(following);
            }
        }
        following
    }

    /// After the last value of an object or array its bracket goes on a line of its own.
    fn end_value(&mut self, following: &str) {
        if following.starts_with(['}', ']']) {
            self.depth = self.depth.saturating_sub(1);
            self.new_line();
        }
    }

    fn new_line(&mut self) {
        self.writer.end_line();
        let indent = self.depth * INDENT;
        self.writer.indent(indent + INDENT);
        self.writer.text(&" ".repeat(indent), Tone::Plain);
    }
}

fn tone(token: &str, following: &str) -> Tone {
    match token.as_bytes().first() {
        Some(b'"') if following.starts_with(':') => Tone::Key,
        Some(b'"') => Tone::String,
        Some(b't' | b'f' | b'n') => Tone::Literal,
        _ => Tone::Number,
    }
}

fn next_token(rest: &str) -> Option<(&str, &str)> {
    let bytes = rest.as_bytes();
    let length = match bytes.first()? {
        b'{' | b'}' | b'[' | b']' | b',' | b':' => 1,
        b'"' => string_length(bytes),
        _ => bytes
            .iter()
            .position(|byte| matches!(byte, b',' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t'))
            .unwrap_or(bytes.len()),
    };
    Some(rest.split_at(length))
}

fn string_length(bytes: &[u8]) -> usize {
    let mut index = 1;
    while let Some(byte) = bytes.get(index) {
        match byte {
            b'\\' => index += 2,
            b'"' => return index + 1,
            _ => index += 1,
        }
    }
    bytes.len()
}
