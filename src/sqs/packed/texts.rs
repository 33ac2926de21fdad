//! Reading what was packed: one text after the other.

use super::PackedAttribute;
use crate::sqs::AttributeName;

/// Tags of attributes. A known system attribute's tag is its place among the known names.
pub(super) const SYSTEM: u8 = b'S';
pub(super) const TEXT: u8 = b'T';
pub(super) const BINARY: u8 = b'B';

/// What stands before the attributes, and those.
#[derive(Clone)]
pub(super) struct Head<'a> {
    pub message_id: &'a str,
    pub receipt_handle: &'a str,
    pub body: &'a str,
    /// Those that came.
    pub digests: [Option<&'a str>; 2],
    pub texts: Texts<'a>,
}

impl<'a> Head<'a> {
    pub fn attributes(self) -> impl Iterator<Item = (&'a str, &'a str)> {
        // The custom ones come after all of them.
        self.texts.parts().map_while(|part| match part {
            Part::System(name, value) => Some((name, value)),
            Part::Custom(..) => None,
        })
    }

    pub fn message_attributes(self) -> impl Iterator<Item = (&'a str, PackedAttribute<'a>)> {
        self.texts.parts().filter_map(|part| match part {
            Part::Custom(name, attribute) => Some((name, attribute)),
            Part::System(..) => None,
        })
    }
}

/// What follows the digests.
pub(super) enum Part<'a> {
    System(&'a str, &'a str),
    Custom(&'a str, PackedAttribute<'a>),
}

/// Texts, each after its length in base 64: lengths are ASCII, so that the whole is text.
#[derive(Clone)]
pub(super) struct Texts<'a>(pub &'a str);

impl<'a> Texts<'a> {
    pub fn text(&mut self) -> &'a str {
        let (mut length, mut digits) = (0, 0);
        for byte in self.0.bytes() {
            length |= usize::from(byte & 63) << (6 * digits);
            digits += 1;
            if byte & 64 == 0 {
                break;
            }
        }
        let rest = self.0.get(digits..).and_then(|rest| rest.split_at_checked(length));
        let (text, rest) = rest.unwrap_or_default();
        self.0 = rest;
        text
    }

    pub fn parts(mut self) -> impl Iterator<Item = Part<'a>> {
        std::iter::from_fn(move || self.part())
    }

    /// The next of the system attributes: its name, if it is a known one, and its value.
    pub fn known(&mut self) -> Option<(Option<&'static AttributeName>, &'a str)> {
        let tag = *self.0.as_bytes().first()?;
        let known = match tag {
            TEXT | BINARY => return None,
            SYSTEM => None,
            place => Some(AttributeName::KNOWN.get(usize::from(place))?),
        };
        self.0 = &self.0[1..];
        if tag == SYSTEM {
            self.text();
        }
        Some((known, self.text()))
    }

    pub fn part(&mut self) -> Option<Part<'a>> {
        let tag = *self.0.as_bytes().first()?;
        self.0 = &self.0[1..];
        Some(match tag {
            SYSTEM => Part::System(self.text(), self.text()),
            TEXT | BINARY => {
                let (name, data_type, text) = (self.text(), self.text(), self.text());
                Part::Custom(name, PackedAttribute { data_type, text, is_binary: tag == BINARY })
            }
            place => Part::System(AttributeName::KNOWN.get(usize::from(place))?.as_str(), self.text()),
        })
    }
}
