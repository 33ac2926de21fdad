//! Objects and lists: what is in them, one after the other.

use std::borrow::Cow;

use super::{Problem, Reader};

/// Members that an object may have, in the order in which they are mostly written: what each is, or nothing where nobody wants
/// it, and its names, the usual one first.
pub(in crate::wire) type Fields<M> = [(Option<M>, &'static [&'static str])];

/// What a member is by its name.
pub(in crate::wire) enum Field<'de, M> {
    /// One of the fields.
    Known(M),
    /// None of them.
    Other(Cow<'de, str>),
}

impl<'de> Reader<'de> {
    /// An object. `member` reads each member's value. One that comes twice is a fault, since one of both would be lost.
    ///
    /// A name is compared with those of `fields`, beginning with the one that comes next: a writer keeps to one order.
    #[inline]
    pub fn object<M: Copy>(
        &mut self,
        fields: &Fields<M>,
        mut member: impl FnMut(&mut Self, Field<'de, M>) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        let (mut next, mut came) = (0, 0_u32);
        let mut more = self.open(b'{', "an object")?;
        while more {
            match self.field(fields, next)? {
                Ok(place) => {
                    let (field, names) = fields[place];
                    if field.is_some() && came >> place & 1 == 1 {
                        return Err(Problem::duplicate(names[0]));
                    }
                    came |= 1 << place;
                    next = place + 1;
                    self.expect(b':')?;
                    match field {
                        Some(field) => member(self, Field::Known(field))?,
                        None => self.skip()?,
                    }
                }
                Err(other) => {
                    self.expect(b':')?;
                    member(self, Field::Other(other))?;
                }
            }
            more = self.more(b'}')?;
        }
        Ok(())
    }

    /// A list. `element` reads each of what is in it.
    #[inline]
    pub fn list(&mut self, mut element: impl FnMut(&mut Self) -> Result<(), Problem>) -> Result<(), Problem> {
        let mut more = self.open(b'[', "a list")?;
        while more {
            element(self)?;
            more = self.more(b']')?;
        }
        Ok(())
    }

    /// Goes inside; whether there is something.
    #[inline]
    fn open(&mut self, bracket: u8, what: &str) -> Result<bool, Problem> {
        if self.peek() != Some(bracket) {
            return Err(self.unexpected(what));
        }
        self.at += 1;
        let empty = self.peek() == Some(super::closing(bracket));
        self.at += usize::from(empty);
        Ok(!empty)
    }

    /// Goes on behind a member or an element; whether there is one more.
    #[inline]
    fn more(&mut self, close: u8) -> Result<bool, Problem> {
        match self.peek() {
            Some(byte) if byte == b',' || byte == close => {
                self.at += 1;
                Ok(byte == b',')
            }
            Some(_) => Err(Problem::new(super::expected_more(close))),
            None => Err(Problem::end()),
        }
    }

    /// The field whose name stands here, `next` before all others, or else the name.
    #[inline]
    fn field<M: Copy>(
        &mut self,
        fields: &Fields<M>,
        next: usize,
    ) -> Result<Result<usize, Cow<'de, str>>, Problem> {
        self.expect_name()?;
        let rest = &self.text.as_bytes()[self.at + 1..];
        let written = |(_, names): &(Option<M>, &'static [&'static str])| {
            let is_it =
                |name: &&&str| rest.get(name.len()) == Some(&b'"') && rest.starts_with(name.as_bytes());
            names.iter().find(is_it).map(|name| name.len())
        };
        let found = match fields.get(next).and_then(written) {
            Some(length) => Some((next, length)),
            None => fields.iter().map(written).zip(0..).find_map(|(length, place)| Some((place, length?))),
        };
        if let Some((place, length)) = found {
            self.at += length + 2;
            return Ok(Ok(place));
        }
        let name = self.text()?;
        // With an escape in it.
        Ok(fields.iter().position(|(_, names)| names.contains(&&*name)).ok_or(name))
    }
}
