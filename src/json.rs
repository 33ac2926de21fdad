//! JSON by token, so that nothing is lost: a number keeps its digits, a string its escapes, members their order and
//! their doubles, none of which a parser would keep.
//!
//! Only [`is_container`] judges the grammar; the rest trusts texts that passed it, and of others makes nothing worse
//! than odd slices.

pub(crate) mod chunk;

use std::borrow::Cow;

use chunk::CHUNK;
use serde::de::IgnoredAny;

/// A bracket, a comma, a colon, or a scalar as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'a> {
    /// As written.
    pub text: &'a str,
    /// Its first byte's place.
    pub at: usize,
}

impl Token<'_> {
    /// Its first byte: the token's kind.
    #[must_use]
    pub fn first(&self) -> u8 {
        self.text.as_bytes().first().copied().unwrap_or_default()
    }

    /// Where it ends.
    #[must_use]
    pub fn end(&self) -> usize {
        self.at + self.text.len()
    }
}

/// The tokens of a text, white space left out.
#[derive(Clone, Debug)]
pub struct Tokens<'a> {
    text: &'a str,
    at: usize,
}

/// The tokens of a text.
#[must_use]
pub fn tokens(text: &str) -> Tokens<'_> {
    Tokens { text, at: 0 }
}

impl<'a> Tokens<'a> {
    /// The next token, which stays the next.
    #[must_use]
    pub fn peek(&self) -> Option<Token<'a>> {
        self.clone().next()
    }

    /// Goes on at a byte further along.
    pub fn go_to(&mut self, at: usize) {
        self.at = at;
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let bytes = self.text.as_bytes();
        while bytes.get(self.at).is_some_and(|byte| matches!(byte, b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
        let rest = bytes.get(self.at..)?;
        let length = match rest.first()? {
            b'{' | b'}' | b'[' | b']' | b',' | b':' => 1,
            b'"' => string_length(rest),
            _ => rest
                .iter()
                .position(|byte| {
                    matches!(
                        byte,
                        b',' | b':' | b'{' | b'}' | b'[' | b']' | b'"' | b' ' | b'\n' | b'\r' | b'\t'
                    )
                })
                .unwrap_or(rest.len())
                .max(1),
        };
        let at = self.at;
        self.at += length;
        // A token ends at an ASCII byte or at the end, so this is a boundary.
        Some(Token { text: self.text.get(at..self.at)?, at })
    }
}

/// Bytes that a string's token has.
fn string_length(bytes: &[u8]) -> usize {
    let mut at = 1;
    while let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk::<CHUNK>) {
        let mut special = chunk::escapes_and_quotes(*chunk);
        let mut next = CHUNK;
        // One bit after the other: where a string is JSON itself, an escape comes every few bytes.
        while special != 0 {
            let place = special.trailing_zeros() as usize;
            if chunk[place] == b'"' {
                return at + place + 1;
            }
            // What is escaped is passed over, in this chunk or in the next.
            next = CHUNK.max(place + 2);
            special &= !0 << (place + 2);
        }
        at += next;
    }
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// Whether the text is a JSON object or a list, and nothing else.
#[must_use]
pub fn is_container(text: &str) -> bool {
    text.trim_start().starts_with(['{', '[']) && serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// What a string token says; none when it is no string.
#[must_use]
pub fn unquoted(token: &str) -> Option<Cow<'_, str>> {
    let inner = token.strip_prefix('"')?.strip_suffix('"')?;
    if inner.contains('\\') { serde_json::from_str(token).ok().map(Cow::Owned) } else { Some(inner.into()) }
}

/// Where the value ends that begins at a byte.
#[must_use]
pub fn end_of_value(text: &str, at: usize) -> usize {
    let mut depth = 0_usize;
    for token in (Tokens { text, at }) {
        match token.first() {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return token.end();
        }
    }
    text.len()
}

/// The members of an object, or the elements of a list with an empty key, each value as it is written.
pub fn members(container: &str) -> impl Iterator<Item = (Cow<'_, str>, &str)> {
    let mut tokens = tokens(container);
    let keyed = tokens.next().is_some_and(|open| open.first() == b'{');
    std::iter::from_fn(move || {
        let mut token = tokens.next()?;
        if token.first() == b',' {
            token = tokens.next()?;
        }
        if matches!(token.first(), b'}' | b']') {
            return None;
        }
        let mut key = Cow::Borrowed("");
        if keyed {
            key = unquoted(token.text).unwrap_or_default();
            tokens.next().filter(|colon| colon.first() == b':')?;
            token = tokens.next()?;
        }
        let end = end_of_value(container, token.at);
        tokens.go_to(end);
        Some((key, container.get(token.at..end)?))
    })
}

/// The value under a key of an object, as it is written; of doubles the last, as parsers have it.
#[must_use]
pub fn member<'a>(object: &'a str, name: &str) -> Option<&'a str> {
    members(object).filter(|(key, _)| key == name).last().map(|(_, value)| value)
}

/// The string under a key of an object.
#[must_use]
pub fn string<'a>(object: &'a str, name: &str) -> Option<Cow<'a, str>> {
    unquoted(member(object, name)?)
}

/// Whether a key's value is what an object is called that holds a value apart: `{"name": …, "value": …}`, as environments,
/// tags and headers are written.
#[must_use]
pub fn is_name(key: &str) -> bool {
    key.eq_ignore_ascii_case("name") || key.eq_ignore_ascii_case("key")
}

/// What such an object is called.
pub fn names(object: &str) -> impl Iterator<Item = Cow<'_, str>> {
    members(object).filter(|(key, _)| is_name(key)).filter_map(|(_, name)| unquoted(name))
}

/// Whether a key's value is the one that such an object holds.
#[must_use]
pub fn is_value(key: &str) -> bool {
    key.eq_ignore_ascii_case("value")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn values_are_found_as_they_are_written() {
        let text = r#" {"a" : 1.0e+40 , "b\"":[1,{"c":"]"}, null], "a":"x\u00e9" } "#;
        let found: Vec<_> = members(text).map(|(key, value)| (key.into_owned(), value)).collect();
        let expected = [("a", "1.0e+40"), ("b\"", r#"[1,{"c":"]"}, null]"#), ("a", r#""x\u00e9""#)];
        assert_eq!(found, expected.map(|(key, value)| (key.to_owned(), value)));
        assert_eq!(string(text, "a").as_deref(), Some("xé"));
        assert_eq!(members("[1, [2], {}]").map(|(_, value)| value).collect::<Vec<_>>(), ["1", "[2]", "{}"]);
        assert_eq!(members("{}").count() + members("[]").count(), 0);
    }

    proptest! {
        #[test]
        fn a_string_ends_at_the_first_quote_that_is_not_escaped(text in r#"[a\\"é]{0,60}"#) {
            let text = format!("\"{text}");
            let mut escaped = false;
            let end = text.bytes().enumerate().skip(1).find(|(_, byte)| {
                let ends = *byte == b'"' && !escaped;
                escaped = *byte == b'\\' && !escaped;
                ends
            });
            prop_assert_eq!(string_length(text.as_bytes()), end.map_or(text.len(), |(at, _)| at + 1));
        }

        #[test]
        fn no_text_is_too_odd(text in r#"[\[\]{}",:\\a1é \n]{0,40}"#) {
            let whole: usize = tokens(&text).map(|token| token.text.len()).sum();
            prop_assert!(whole <= text.len());
            for (_, value) in members(&text) {
                prop_assert!(text.contains(value));
            }
        }
    }
}
