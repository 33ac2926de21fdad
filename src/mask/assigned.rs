//! Values that a text which is no JSON, or not only, assigns to keys: `password=…`, `token: …`, `<secret>…`.

use std::ops::Range;

use regex::{Regex, RegexBuilder};

use crate::json;
use crate::text::boundary;

/// An element's end is looked for no further: one that is never closed would be looked for again and again.
const FAR: usize = 4 << 10;

/// Finds values of these keys.
#[derive(Clone, Debug)]
pub(super) struct Assigned {
    /// Each with what stands between it and its value.
    keys: Regex,
}

impl Assigned {
    /// To these keys, which are in lower case and without `-` and `_`; nothing where there are none.
    pub fn to(keys: &[String]) -> Option<Self> {
        // Each letter of the key with or without - and _ after it.
        let loosely = |key: &String| {
            let letters: Vec<String> = key.chars().map(|letter| regex::escape(&letter.to_string())).collect();
            letters.join("[-_]?")
        };
        let names = keys.iter().map(loosely).collect::<Vec<_>>().join("|");
        let pattern = format!(
            r#"<(?:\w+:)?(?:{names})(?:\s[^<>]*)?>|(?:\b|\\u0022|%26|%3F)(?:{names})(?:%3D|\b(?:\\+u0022|\\*["'])?\s*(?:=>|[=:])\s*)"#
        );
        let found = RegexBuilder::new(&pattern).case_insensitive(true).build().ok();
        found.filter(|_| !keys.is_empty()).map(|keys| Self { keys })
    }

    /// The text with something else in the place of each value, if it has any.
    pub fn hidden(&self, text: &str, instead: &str) -> Option<String> {
        let (mut out, mut copied, mut hides) = (String::new(), 0, false);
        while let Some(found) = self.keys.find_at(text, copied) {
            // What follows a key without a value may be the next, with one.
            let next = self.keys.find_at(text, found.end()).filter(|next| next.start() == found.end());
            let end = if next.is_some() { found.end() } else { end_of_value(text, found.range()) };
            out.push_str(&text[copied..found.end()]);
            if end > found.end() {
                out.push_str(instead);
                hides = true;
            }
            copied = end;
        }
        out.push_str(&text[copied..]);
        hides.then_some(out)
    }
}

/// Where the value ends that is assigned to a key in a text: an element, a text in quotes, however often those are escaped, an
/// object or a list, what is left of the line where the key begins it, or a word.
fn end_of_value(text: &str, key: Range<usize>) -> usize {
    let (at, named) = (key.end, &text[key.clone()]);
    let value = &text[at..];
    let to = |end: &[char]| value.find(end).unwrap_or(value.len());
    // Only as far as it goes: the next key's value begins where this one ends.
    let word = |and: &[u8]| {
        let ends =
            |rest: &[u8]| b" \t\r\n&;\"'".contains(&rest[0]) || !and.is_empty() && rest.starts_with(and);
        (0..value.len()).find(|at| ends(&value.as_bytes()[*at..])).unwrap_or(value.len())
    };
    // A query within a query.
    if named.to_ascii_lowercase().ends_with("%3d") {
        return at + word(b"%26");
    }
    if let Some(element) = named.strip_prefix('<') {
        let name = element.split([' ', '\t', '\n', '>', '/']).next().unwrap_or_default();
        let close = format!("</{name}>");
        let near = &value[..boundary(value, FAR)];
        return match near.find(&close) {
            _ if named.ends_with("/>") => at,
            Some(end) => at + end,
            None => at + to(&['<']),
        };
    }
    let slashes = value.bytes().take_while(|byte| *byte == b'\\').count();
    let opened = &value[slashes..];
    let length = match opened.chars().next() {
        Some('{' | '[') if slashes == 0 => return json::end_of_value(text, at),
        Some(quote @ ('"' | '\'')) => slashes + 1 + closed_by(&opened[1..], quote, slashes),
        _ if slashes > 0 && opened.starts_with("u0022") => {
            let close = &value[..slashes + 5];
            value[close.len()..].find(close).map_or(value.len(), |end| end + 2 * close.len())
        }
        _ => {
            // `Authorization: Digest a="b", c="d"` is one value, and so is what YAML gives a key.
            let schemes = [
                "Digest ",
                "Token ",
                "ApiKey ",
                "Basic ",
                "Bearer ",
                "OAuth ",
                "Hawk ",
                "Signature ",
                "AWS4-",
            ];
            let indent = named.trim_end().ends_with(':').then(|| indent_of(&text[..key.start])).flatten();
            if let Some(indent) = indent {
                end_of_lines(value, indent, named.contains('\n'))
            } else if schemes.iter().any(|scheme| value.starts_with(scheme)) {
                to(&['\r', '\n'])
            } else if named.trim_end_matches([' ', ':', '=', '>']).ends_with(['"', '\'']) {
                // In what is written like JSON the next member follows.
                to(&[' ', '\t', '\r', '\n', ',', '}', ']'])
            } else {
                word(b"")
            }
        }
    };
    at + length
}

/// How far a key is indented that begins its line, as a YAML list's may; nothing where something stands before it.
fn indent_of(before: &str) -> Option<usize> {
    let line = before.trim_end_matches([' ', '\t', '-']);
    (line.is_empty() || line.ends_with('\n')).then_some(before.len() - line.len())
}

/// Where the quote is closed: by one that is escaped no more often than it is itself, and is not one of two, as YAML and SQL
/// write one within.
fn closed_by(text: &str, quote: char, slashes: usize) -> usize {
    let mut before = 0;
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        match character {
            '\'' if quote == '\''
                && before <= slashes
                && characters.next_if(|(_, next)| *next == '\'').is_some() =>
            {
                before = 0;
            }
            '\\' => before += 1,
            _ if character == quote && before <= slashes => return at + 1,
            _ => before = 0,
        }
    }
    text.len()
}

/// The rest of the line; and the lines that are indented further where there is nothing on it, or where it is itself below the
/// key's.
fn end_of_lines(value: &str, indent: usize, below: bool) -> usize {
    let mut lines = value.split_inclusive('\n');
    let first = lines.next().unwrap_or_default();
    let mut end = first.trim_end().len();
    let is_block = below || matches!(first.trim().trim_end_matches(['+', '-']), "" | "|" | ">");
    let mut read = first.len();
    for line in lines.take_while(|_| is_block) {
        let blank = line.trim().is_empty();
        if !blank && line.len() - line.trim_start().len() <= indent {
            break;
        }
        read += line.len();
        end = if blank { end } else { read - (line.len() - line.trim_end().len()) };
    }
    end
}
