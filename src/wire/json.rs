//! JSON for serde, read where most of it is messages.
//!
//! A body that is JSON itself is full of escapes when it lies in JSON, and a general reader spends most of an answer's
//! time on them: it copies from one to the next and looks each up. Here plain bytes are copied eight at a time while they
//! are looked at. What is taken and what it means is what `serde_json` takes and means, to which tests hold it.

mod inside;
mod strings;

use std::fmt;

use serde::Deserialize;
use serde::de::{self, Unexpected, Visitor};
use serde::forward_to_deserialize_any;

use super::Unreadable;
use inside::Inside;

/// The value that a whole text is. What `T` has no place for may be nested as deep as it likes.
pub(super) fn read<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T, Unreadable> {
    let mut reader = Reader { text, at: 0, unescaped: Vec::new() };
    let read = T::deserialize(&mut reader).and_then(|value| match reader.peek() {
        None => Ok(value),
        Some(_) => Err(Problem::new("trailing characters")),
    });
    read.map_err(|Problem(unreadable)| {
        let before = &text.as_bytes()[..reader.at.min(text.len())];
        let line = before.split(|byte| *byte == b'\n').count();
        let column = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
        let why = format!("{} at line {line} column {column}", unreadable.why);
        Unreadable { why, ..*unreadable }
    })
}

/// What is wrong where the reader stands; in a box, as what is right is moved about with room for it.
#[derive(Debug)]
struct Problem(Box<Unreadable>);

impl Problem {
    #[cold]
    fn new(what: &str) -> Self {
        Self(Box::new(Unreadable { why: what.to_owned(), truncated: false }))
    }

    #[cold]
    fn expected(byte: u8) -> Self {
        Self::new(&format!("expected `{}`", char::from(byte)))
    }

    #[cold]
    fn end() -> Self {
        Self(Box::new(Unreadable { why: "it ends too early".to_owned(), truncated: true }))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.why)
    }
}

impl std::error::Error for Problem {}

impl de::Error for Problem {
    fn custom<T: fmt::Display>(what: T) -> Self {
        Self::new(&what.to_string())
    }

    fn invalid_type(unexpected: Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        // JSON has a word for it.
        if unexpected == Unexpected::Unit {
            Self::custom(format_args!("invalid type: null, expected {expected}"))
        } else {
            Self::custom(format_args!("invalid type: {unexpected}, expected {expected}"))
        }
    }
}

/// Who asks for a newtype struct of this name takes a number as a text, as it is written: a float would round it.
pub(super) const AS_WRITTEN: &str = "as written";

struct Reader<'de> {
    text: &'de str,
    /// The next byte.
    at: usize,
    /// Room for a string that has escapes: at least as long as the longest so far.
    unescaped: Vec<u8>,
}

impl<'de> Reader<'de> {
    /// The next byte that is no white space.
    #[inline]
    fn peek(&mut self) -> Option<u8> {
        match self.text.as_bytes().get(self.at) {
            Some(byte) if *byte > b' ' => Some(*byte),
            _ => self.peek_further(),
        }
    }

    #[inline(never)]
    fn peek_further(&mut self) -> Option<u8> {
        let is_space = |byte: &&u8| matches!(byte, b' ' | b'\n' | b'\r' | b'\t');
        let rest = self.text.as_bytes().get(self.at..)?;
        self.at += rest.iter().take_while(is_space).count();
        self.text.as_bytes().get(self.at).copied()
    }

    #[inline]
    fn expect(&mut self, byte: u8) -> Result<(), Problem> {
        match self.peek() {
            Some(found) if found == byte => {
                self.at += 1;
                Ok(())
            }
            Some(_) => Err(Problem::expected(byte)),
            None => Err(Problem::end()),
        }
    }

    /// Passes over a value of any kind. Nesting takes a byte a level, and none of the stack.
    fn skip(&mut self) -> Result<(), Problem> {
        let mut open = Vec::new();
        loop {
            match self.peek().ok_or_else(Problem::end)? {
                b'"' => self.skip_string()?,
                bracket @ (b'{' | b'[') => {
                    self.at += 1;
                    let close = closing(bracket);
                    if self.peek() == Some(close) {
                        self.at += 1;
                    } else {
                        open.push(close);
                        self.skip_name(close)?;
                        continue;
                    }
                }
                b'-' | b'0'..=b'9' => drop(self.number()?),
                _ => drop(self.word()?),
            }
            // A value has ended, and whatever ends with it.
            loop {
                let Some(close) = open.last().copied() else { return Ok(()) };
                match self.peek() {
                    Some(b',') => {
                        self.at += 1;
                        self.skip_name(close)?;
                        break;
                    }
                    Some(byte) if byte == close => {
                        self.at += 1;
                        open.pop();
                    }
                    Some(_) => return Err(Problem::new(expected_more(close))),
                    None => return Err(Problem::end()),
                }
            }
        }
    }

    /// Passes over a member's name and its colon, inside an object.
    fn skip_name(&mut self, close: u8) -> Result<(), Problem> {
        if close == b'}' {
            self.expect_name()?;
            self.skip_string()?;
            self.expect(b':')?;
        }
        Ok(())
    }

    #[inline]
    fn expect_name(&mut self) -> Result<(), Problem> {
        match self.peek() {
            Some(b'"') => Ok(()),
            Some(_) => Err(Problem::new("key must be a string")),
            None => Err(Problem::end()),
        }
    }

    /// A number, as it is written.
    fn number(&mut self) -> Result<&'de str, Problem> {
        let start = self.at;
        let bytes = self.text.as_bytes();
        if bytes[self.at] == b'-' {
            self.at += 1;
        }
        if bytes.get(self.at) == Some(&b'0') {
            self.at += 1;
            if bytes.get(self.at).is_some_and(u8::is_ascii_digit) {
                return Err(Problem::new("invalid number"));
            }
        } else {
            self.digits()?;
        }
        if bytes.get(self.at) == Some(&b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(bytes.get(self.at), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(bytes.get(self.at), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(&self.text[start..self.at])
    }

    /// One digit or more.
    fn digits(&mut self) -> Result<(), Problem> {
        let digits = self.text.as_bytes()[self.at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += digits;
        match digits {
            0 if self.at == self.text.len() => Err(Problem::end()),
            0 => Err(Problem::new("invalid number")),
            _ => Ok(()),
        }
    }

    /// `true`, `false` or nothing for `null`.
    fn word(&mut self) -> Result<Option<bool>, Problem> {
        let rest = &self.text[self.at..];
        for (word, value) in [("null", None), ("true", Some(true)), ("false", Some(false))] {
            if rest.starts_with(word) {
                self.at += word.len();
                return Ok(value);
            }
            if word.starts_with(rest) {
                return Err(Problem::end());
            }
        }
        Err(Problem::new("expected value"))
    }
}

impl<'de> de::Deserializer<'de> for &mut Reader<'de> {
    type Error = Problem;

    #[inline]
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        match self.peek().ok_or_else(Problem::end)? {
            b'"' => self.string(visitor),
            open @ (b'{' | b'[') => {
                self.at += 1;
                let close = closing(open);
                let inside = Inside::new(&mut *self, close, &[]);
                let value = if open == b'{' { visitor.visit_map(inside) } else { visitor.visit_seq(inside) }?;
                self.expect(close)?;
                Ok(value)
            }
            b'-' | b'0'..=b'9' => {
                let number: serde_json::Number =
                    self.number()?.parse().map_err(|_| Problem::new("number out of range"))?;
                if let Some(number) = number.as_u64() {
                    visitor.visit_u64(number)
                } else if let Some(number) = number.as_i64() {
                    visitor.visit_i64(number)
                } else {
                    visitor.visit_f64(number.as_f64().unwrap_or_default())
                }
            }
            _ => match self.word()? {
                None => visitor.visit_unit(),
                Some(value) => visitor.visit_bool(value),
            },
        }
    }

    #[inline]
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        // What nearly every token is.
        if self.peek() == Some(b'"') { self.string(visitor) } else { self.deserialize_any(visitor) }
    }

    #[inline]
    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        self.deserialize_str(visitor)
    }

    #[inline]
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        if self.peek() == Some(b'n') {
            self.word()?;
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    /// A member's name is compared with those of `fields`, beginning with the one that comes next: a writer keeps to one order.
    #[inline]
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Problem> {
        if self.peek() != Some(b'{') {
            return self.deserialize_any(visitor);
        }
        self.at += 1;
        let value = visitor.visit_map(Inside::new(&mut *self, b'}', fields))?;
        self.expect(b'}')?;
        Ok(value)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        self.skip()?;
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Problem> {
        match self.peek() {
            Some(b'-' | b'0'..=b'9') if name == AS_WRITTEN => visitor.visit_borrowed_str(self.number()?),
            _ => self.deserialize_any(visitor),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char string bytes byte_buf unit unit_struct
        seq tuple tuple_struct map enum
    }
}

fn closing(open: u8) -> u8 {
    if open == b'{' { b'}' } else { b']' }
}

fn expected_more(close: u8) -> &'static str {
    if close == b'}' { "expected `,` or `}`" } else { "expected `,` or `]`" }
}

#[cfg(test)]
mod tests;
