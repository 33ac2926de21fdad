//! How a message is laid out. Those of one answer are mostly laid out alike, and the next is read by what stands between its
//! texts, without a look at each name.

use std::borrow::Cow;

use super::message::CustomValue;
use crate::sqs::Packer;
use crate::wire::json::{Place, Reader};

/// Texts of a message that is not read so: none that SQS knows has as many.
const MOST: usize = 64;

/// A message without its texts. Whoever reads one member by member says where each text stands and what it is.
#[derive(Default)]
pub(super) struct Outline<'de> {
    /// What stands before each text, and what that is.
    texts: Vec<(&'de str, Part<'de>)>,
    /// What stands after the last one.
    end: &'de str,
    /// Where the message begins; later, where the last text ended.
    at: usize,
    is_whole: bool,
}

/// What a text is.
pub(super) enum Part<'de> {
    MessageId,
    ReceiptHandle,
    Body,
    Md5OfBody,
    Md5OfMessageAttributes,
    Attribute(Cow<'de, str>),
    MessageAttribute { name: Cow<'de, str>, data_type: Cow<'de, str>, as_binary: bool },
}

impl<'de> Outline<'de> {
    /// A message begins, which is read member by member.
    pub fn begin(&mut self, reader: &Reader<'de>) {
        self.texts.clear();
        (self.at, self.is_whole) = (reader.at(), true);
    }

    /// A text of the message, in their order; without a place it is none, but a number or the like.
    pub fn text(&mut self, reader: &Reader<'de>, place: Option<Place>, part: Part<'de>) {
        let before = place.and_then(|place| reader.between(self.at, place.start));
        match before.zip(place).filter(|_| self.texts.len() < MOST) {
            Some((before, place)) => {
                self.texts.push((before, part));
                self.at = place.end;
            }
            None => self.is_whole = false,
        }
    }

    /// The message ends.
    pub fn end(&mut self, reader: &Reader<'de>) {
        match reader.between(self.at, reader.at()) {
            Some(end) => self.end = end,
            None => self.is_whole = false,
        }
    }

    /// Reads a message that is laid out like this one; false where it is not, and then nothing was read.
    pub fn read(&self, reader: &mut Reader<'de>, packer: &mut Packer) -> bool {
        let start = reader.at();
        let is_like_it = self.is_whole
            && self.texts.iter().all(|(before, part)| {
                // What is wrong with a text is found again by who reads member by member, and said.
                reader.passes(before) && reader.rest_of_text(|text| part.pack(text, packer)).is_ok()
            })
            && reader.passes(self.end);
        if !is_like_it {
            reader.go_back(start);
            packer.discard();
        }
        is_like_it
    }
}

impl Part<'_> {
    fn pack(&self, text: &str, packer: &mut Packer) {
        match self {
            Self::MessageId => packer.message_id(text),
            Self::ReceiptHandle => packer.receipt_handle(text),
            Self::Body => packer.body(text),
            Self::Md5OfBody => packer.md5_of_body(text),
            Self::Md5OfMessageAttributes => packer.md5_of_message_attributes(text),
            Self::Attribute(name) => packer.attribute(name, text),
            Self::MessageAttribute { name, data_type, as_binary } => {
                let value = CustomValue::of(Cow::Borrowed(data_type), text.into(), *as_binary);
                packer.message_attribute(name, value.attribute());
            }
        }
    }
}
