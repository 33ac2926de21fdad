//! Objects and lists: their members, one after the other.

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{DeserializeSeed, MapAccess, SeqAccess};

use super::{Problem, Reader, expected_more};

/// Inside an object or a list.
pub(super) struct Inside<'a, 'de> {
    reader: &'a mut Reader<'de>,
    close: u8,
    first: bool,
    /// Names that members may have, and the place of the one that is looked for first.
    fields: &'static [&'static str],
    next: usize,
}

impl<'a, 'de> Inside<'a, 'de> {
    pub fn new(reader: &'a mut Reader<'de>, close: u8, fields: &'static [&'static str]) -> Self {
        Self { reader, close, first: true, fields, next: 0 }
    }

    /// The name that stands here, if it is one of the fields', written without escapes.
    #[inline]
    fn field(&mut self) -> Option<&'static str> {
        let rest = self.reader.text.as_bytes().get(self.reader.at + 1..)?;
        let stands_here =
            |field: &str| rest.get(field.len()) == Some(&b'"') && rest.starts_with(field.as_bytes());
        let (before, after) = self.fields.split_at_checked(self.next)?;
        let mut places = (self.next..).zip(after).chain((0..).zip(before));
        let (place, field) = places.find(|(_, field)| stands_here(field))?;
        self.next = place + 1;
        self.reader.at += field.len() + 2;
        Some(field)
    }

    /// Whether something comes before the end, which is left standing.
    #[inline]
    fn more(&mut self) -> Result<bool, Problem> {
        match self.reader.peek() {
            Some(byte) if byte == self.close => Ok(false),
            Some(b',') if !self.first => {
                self.reader.at += 1;
                Ok(true)
            }
            Some(_) if self.first => {
                self.first = false;
                Ok(true)
            }
            Some(_) => Err(Problem::new(expected_more(self.close))),
            None => Err(Problem::end()),
        }
    }
}

impl<'de> MapAccess<'de> for Inside<'_, 'de> {
    type Error = Problem;

    #[inline]
    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Problem> {
        if !self.more()? {
            return Ok(None);
        }
        self.reader.expect_name()?;
        match self.field() {
            Some(field) => seed.deserialize(BorrowedStrDeserializer::new(field)).map(Some),
            None => seed.deserialize(&mut *self.reader).map(Some),
        }
    }

    #[inline]
    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Problem> {
        self.reader.expect(b':')?;
        seed.deserialize(&mut *self.reader)
    }
}

impl<'de> SeqAccess<'de> for Inside<'_, 'de> {
    type Error = Problem;

    #[inline]
    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Problem> {
        if self.more()? { seed.deserialize(&mut *self.reader).map(Some) } else { Ok(None) }
    }
}
