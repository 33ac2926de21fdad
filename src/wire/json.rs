//! JSON, read where most of it is messages.
//!
//! A body that is JSON itself is full of escapes when it lies in JSON, and a general reader spends most of an answer's
//! time on them: it copies from one to the next and looks each up. Here plain bytes are copied sixteen at a time while they
//! are looked at, and who reads says what is to come, in its order. What is taken and what it means is what `serde_json`
//! takes and means, to which tests hold it.

mod members;
mod strings;

use std::borrow::Cow;

use super::Unreadable;
pub(super) use members::{Field, Fields};

/// The value that a whole text is, which `value` reads. What it skips may be nested as deep as it likes.
pub(super) fn read<'de, T>(
    text: &'de str,
    value: impl FnOnce(&mut Reader<'de>) -> Result<T, Problem>,
) -> Result<T, Unreadable> {
    let mut reader = Reader { text, at: 0, string: 0, unescaped: Vec::new() };
    let read = value(&mut reader).and_then(|value| match reader.peek() {
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

/// What can be read, or not.
pub(super) type Read<T> = Result<T, Problem>;

/// What is wrong where the reader stands; in a box, as what is right is moved about with room for it.
#[derive(Debug)]
pub(super) struct Problem(Box<Unreadable>);

impl Problem {
    /// What it is, in words.
    #[cold]
    pub fn new(what: &str) -> Self {
        Self(Box::new(Unreadable { why: what.to_owned(), truncated: false }))
    }

    /// A member is not there.
    #[cold]
    pub fn missing(name: &str) -> Self {
        Self::new(&format!("missing field `{name}`"))
    }

    /// A member is there twice.
    #[cold]
    fn duplicate(name: &str) -> Self {
        Self::new(&format!("duplicate field `{name}`"))
    }

    /// A member is there that has no place.
    #[cold]
    pub fn unknown<M>(name: &str, fields: &Fields<M>) -> Self {
        let names: Vec<_> = fields.iter().map(|(_, names)| format!("`{}`", names[0])).collect();
        Self::new(&format!("unknown field `{name}`, expected one of {}", names.join(", ")))
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

/// Stands somewhere in a text.
pub(super) struct Reader<'de> {
    text: &'de str,
    /// The next byte.
    at: usize,
    /// Where the last string began, behind its quote.
    string: usize,
    /// Room for a string that has escapes: at least as long as the longest so far.
    unescaped: Vec<u8>,
}

/// Where a text stands: from behind its first quote to behind its last.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub start: usize,
    pub end: usize,
}

impl<'de> Reader<'de> {
    /// The place of the next byte.
    pub fn at(&self) -> usize {
        self.at
    }

    /// Goes back to a byte that it was at.
    pub fn go_back(&mut self, at: usize) {
        self.at = at;
    }

    /// Where the text stands that was read just now.
    pub fn place(&self) -> Place {
        Place { start: self.string, end: self.at }
    }

    /// What is written from one byte to another.
    pub fn between(&self, start: usize, end: usize) -> Option<&'de str> {
        self.text.get(start..end)
    }

    /// Whether this is written here, which is passed over.
    #[inline]
    pub fn passes(&mut self, text: &str) -> bool {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let passes = rest.starts_with(text.as_bytes());
        self.at += if passes { text.len() } else { 0 };
        passes
    }

    /// The next byte that is no white space.
    #[inline]
    pub fn peek(&mut self) -> Option<u8> {
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

    /// Whether `null` stands here, which is passed over.
    #[inline]
    pub fn null(&mut self) -> Result<bool, Problem> {
        Ok(self.peek() == Some(b'n') && self.word()?.is_none())
    }

    /// A scalar as a text: a string is what it says, `null` nothing, and a number as it is written, since a float would round it.
    #[inline]
    pub fn scalar(&mut self) -> Result<Cow<'de, str>, Problem> {
        match self.peek() {
            Some(b'"') => self.text(),
            Some(b'-' | b'0'..=b'9') => self.number().map(Cow::Borrowed),
            Some(b'{' | b'[') => Err(self.unexpected("a string")),
            _ => Ok(self.word()?.map_or("", |word| if word { "true" } else { "false" }).into()),
        }
    }

    /// Something else stands here than is expected, if it is JSON at all.
    #[cold]
    pub fn unexpected(&mut self, expected: &str) -> Problem {
        let found = self.peek();
        let is_scalar = !matches!(found, Some(b'{' | b'['));
        let invalid = if is_scalar { self.skip().err() } else { None };
        let null = if found == Some(b'n') { "null, " } else { "" };
        invalid.unwrap_or_else(|| Problem::new(&format!("invalid type: {null}expected {expected}")))
    }

    /// Passes over a value of any kind. Nesting takes a byte a level, and none of the stack.
    pub fn skip(&mut self) -> Result<(), Problem> {
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
        self.peek().ok_or_else(Problem::end)?;
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

fn closing(open: u8) -> u8 {
    if open == b'{' { b'}' } else { b']' }
}

fn expected_more(close: u8) -> &'static str {
    if close == b'}' { "expected `,` or `}`" } else { "expected `,` or `]`" }
}

#[cfg(test)]
mod tests;
