//! One message, read member by member into the packer.

use std::borrow::Cow;

use super::outline::{Outline, Part};
use crate::sqs::attributes::base64_text;
use crate::sqs::{PackedAttribute, Packer};
use crate::wire::json::{Field, Fields, Place, Problem, Read, Reader};

#[derive(Clone, Copy)]
enum Member {
    Attributes,
    Body,
    Md5OfBody,
    Md5OfMessageAttributes,
    MessageAttributes,
    MessageId,
    ReceiptHandle,
}

/// As API Gateway writes them, under any of the names the three shapes give them.
const MEMBERS: &Fields<Member> = &[
    (Some(Member::Attributes), &["Attributes", "Attribute"]),
    (Some(Member::Body), &["Body"]),
    (Some(Member::Md5OfBody), &["MD5OfBody"]),
    (Some(Member::Md5OfMessageAttributes), &["MD5OfMessageAttributes"]),
    (Some(Member::MessageAttributes), &["MessageAttributes", "MessageAttribute"]),
    (Some(Member::MessageId), &["MessageId"]),
    (Some(Member::ReceiptHandle), &["ReceiptHandle"]),
];

/// Reads a message into the packer, and how it is laid out.
pub(super) fn message<'de>(
    reader: &mut Reader<'de>,
    packer: &mut Packer,
    outline: &mut Outline<'de>,
) -> Read<()> {
    let (mut has_id, mut has_body) = (false, false);
    outline.begin(reader);
    reader.object(MEMBERS, |reader, field| {
        let Field::Known(member) = field else { return reader.skip() };
        let (place, part) = match member {
            Member::MessageId => {
                has_id = true;
                reader.with_text(|id| packer.message_id(id))?;
                (Some(reader.place()), Part::MessageId)
            }
            Member::ReceiptHandle => {
                (nullable(reader, |handle| packer.receipt_handle(handle))?, Part::ReceiptHandle)
            }
            // LocalStack trims what it puts into JSON, and writes null where nothing is left.
            Member::Body => {
                has_body = true;
                (nullable(reader, |body| packer.body(body))?, Part::Body)
            }
            Member::Md5OfBody => (nullable(reader, |digest| packer.md5_of_body(digest))?, Part::Md5OfBody),
            Member::Md5OfMessageAttributes => (
                nullable(reader, |digest| packer.md5_of_message_attributes(digest))?,
                Part::Md5OfMessageAttributes,
            ),
            Member::Attributes => {
                return named(reader, scalar, |reader, name, value| {
                    packer.attribute(name, &value.text);
                    outline.text(reader, value.place, Part::Attribute(name.clone()));
                });
            }
            Member::MessageAttributes => {
                return named(reader, custom_value, |reader, name, value| {
                    packer.message_attribute(name, value.attribute());
                    outline.text(reader, value.place, value.part(name));
                });
            }
        };
        if place.is_some() {
            outline.text(reader, place, part);
        }
        Ok(())
    })?;
    for (came, name) in [(has_id, "MessageId"), (has_body, "Body")] {
        if !came {
            return Err(Problem::missing(name));
        }
    }
    outline.end(reader);
    Ok(())
}

/// A text or null; where the text stands.
fn nullable(reader: &mut Reader<'_>, then: impl FnOnce(&str)) -> Read<Option<Place>> {
    if reader.null()? {
        return Ok(None);
    }
    reader.with_text(then)?;
    Ok(Some(reader.place()))
}

#[derive(Clone, Copy)]
enum Half {
    Name,
    Value,
}

const PAIR: &Fields<Half> = &[(Some(Half::Name), &["Name"]), (Some(Half::Value), &["Value"])];

/// Names and values: null, an array of `{Name, Value}`, one such pair, or a map from name to value.
fn named<'de, V: BareText<'de>>(
    reader: &mut Reader<'de>,
    read: impl Fn(&mut Reader<'de>) -> Read<V>,
    mut found: impl FnMut(&Reader<'de>, &Cow<'de, str>, &V),
) -> Read<()> {
    match reader.peek() {
        Some(b'[') => reader.list(|reader| {
            let (mut name, mut value) = (None, None);
            reader.object(PAIR, |reader, field| {
                match field {
                    Field::Known(Half::Name) => name = Some(reader.text()?),
                    Field::Known(Half::Value) => value = Some(read(reader)?),
                    Field::Other(_) => reader.skip()?,
                }
                Ok(())
            })?;
            let name = name.ok_or_else(|| Problem::missing("Name"))?;
            found(reader, &name, &value.ok_or_else(|| Problem::missing("Value"))?);
            Ok(())
        }),
        Some(b'{') => map(reader, read, found),
        Some(b'n') if reader.null()? => Ok(()),
        _ => Err(reader.unexpected("attributes as null, a list or an object")),
    }
}

/// A map, or one pair, which is only known when both of it have come.
fn map<'de, V: BareText<'de>>(
    reader: &mut Reader<'de>,
    read: impl Fn(&mut Reader<'de>) -> Read<V>,
    mut found: impl FnMut(&Reader<'de>, &Cow<'de, str>, &V),
) -> Read<()> {
    let mut first = Vec::new();
    let mut is_pair = true;
    reader.object::<()>(&[], |reader, field| {
        let Field::Other(name) = field else { return Ok(()) };
        let value = read(reader)?;
        is_pair = is_pair && first.len() < 2 && matches!(&*name, "Name" | "Value");
        if is_pair {
            first.push((name, value));
        } else {
            first.drain(..).for_each(|(name, value)| found(reader, &name, &value));
            found(reader, &name, &value);
        }
        Ok(())
    })?;
    if let [one, other] = &first[..]
        && let Some((name, value)) = as_pair(one, other)
    {
        found(reader, name, value);
    } else {
        for (name, value) in &first {
            found(reader, name, value);
        }
    }
    Ok(())
}

/// `{"Name": "kind", "Value": …}` is one pair and not a map with two entries: no attribute of SQS's is called `Name`, and a
/// custom one called so has a typed value, not a bare string.
fn as_pair<'a, 'de, V: BareText<'de>>(
    one: &'a (Cow<'de, str>, V),
    other: &'a (Cow<'de, str>, V),
) -> Option<(&'a Cow<'de, str>, &'a V)> {
    match (&*one.0, &*other.0) {
        ("Name", "Value") => Some((one.1.bare()?, &other.1)),
        ("Value", "Name") => Some((other.1.bare()?, &one.1)),
        _ => None,
    }
}

/// A value that may be a plain string.
trait BareText<'de> {
    fn bare(&self) -> Option<&Cow<'de, str>>;
}

/// A system attribute's value: a string, or what a mapping template made of one.
struct Scalar<'de> {
    text: Cow<'de, str>,
    /// Of a string.
    place: Option<Place>,
}

fn scalar<'de>(reader: &mut Reader<'de>) -> Read<Scalar<'de>> {
    let is_string = reader.peek() == Some(b'"');
    Ok(Scalar { text: reader.scalar()?, place: is_string.then(|| reader.place()) })
}

impl<'de> BareText<'de> for Scalar<'de> {
    fn bare(&self) -> Option<&Cow<'de, str>> {
        Some(&self.text)
    }
}

/// A custom attribute's value: typed members, or the bare string that a mapping template made of them, which has no
/// data type.
pub(in crate::wire) struct CustomValue<'de> {
    data_type: Cow<'de, str>,
    text: Cow<'de, str>,
    /// Whether it came as binary.
    as_binary: bool,
    /// Whether it is bytes.
    is_binary: bool,
    /// Of a string.
    place: Option<Place>,
}

impl<'de> CustomValue<'de> {
    /// From its members.
    pub(in crate::wire) fn new(
        data_type: Cow<'de, str>,
        string: Option<Cow<'de, str>>,
        binary: Option<Cow<'de, str>>,
    ) -> Self {
        match (string, binary) {
            (None, Some(text)) => Self::of(data_type, text, true),
            (string, _) => Self::of(data_type, string.unwrap_or_default(), false),
        }
    }

    /// Binary that is not base64 is kept as the text it came as.
    pub(super) fn of(data_type: Cow<'de, str>, text: Cow<'de, str>, as_binary: bool) -> Self {
        let is_binary = as_binary && base64_text::decode(&text).is_some();
        Self { data_type, text, as_binary, is_binary, place: None }
    }

    pub(in crate::wire) fn attribute(&self) -> PackedAttribute<'_> {
        let is_bare = self.data_type.is_empty() && !self.is_binary;
        let data_type = if is_bare { "String" } else { &*self.data_type };
        PackedAttribute { data_type, text: &self.text, is_binary: self.is_binary }
    }

    fn part(&self, name: &Cow<'de, str>) -> Part<'de> {
        let (name, data_type) = (name.clone(), self.data_type.clone());
        Part::MessageAttribute { name, data_type, as_binary: self.as_binary }
    }
}

impl<'de> BareText<'de> for CustomValue<'de> {
    fn bare(&self) -> Option<&Cow<'de, str>> {
        // Whatever the text is: what is a pair is one for every text.
        (self.data_type.is_empty() && !self.as_binary).then_some(&self.text)
    }
}

#[derive(Clone, Copy)]
enum Typed {
    Binary,
    DataType,
    String,
}

/// As API Gateway writes them. Two of them SQS does not use yet.
const TYPED: &Fields<Typed> = &[
    (None, &["BinaryListValues"]),
    (Some(Typed::Binary), &["BinaryValue"]),
    (Some(Typed::DataType), &["DataType"]),
    (None, &["StringListValues"]),
    (Some(Typed::String), &["StringValue"]),
];

fn custom_value<'de>(reader: &mut Reader<'de>) -> Read<CustomValue<'de>> {
    match reader.peek() {
        Some(b'"') => {
            let value = CustomValue::of("".into(), reader.text()?, false);
            Ok(CustomValue { place: Some(reader.place()), ..value })
        }
        Some(b'{') => {
            let (mut data_type, mut string, mut binary) = (None, None, None);
            reader.object(TYPED, |reader, field| {
                match field {
                    Field::Known(Typed::DataType) => data_type = Some(reader.text()?),
                    Field::Known(Typed::Binary) if !reader.null()? => {
                        binary = Some((reader.text()?, Some(reader.place())));
                    }
                    Field::Known(Typed::String) if !reader.null()? => {
                        let Scalar { text, place } = scalar(reader)?;
                        string = Some((text, place));
                    }
                    Field::Known(Typed::Binary | Typed::String) => {}
                    Field::Other(_) => reader.skip()?,
                }
                Ok(())
            })?;
            let data_type = data_type.ok_or_else(|| Problem::missing("DataType"))?;
            let place = string.as_ref().or(binary.as_ref()).and_then(|(_, place)| *place);
            let [string, binary] = [string, binary].map(|text| text.map(|(text, _)| text));
            Ok(CustomValue { place, ..CustomValue::new(data_type, string, binary) })
        }
        _ => Err(reader.unexpected("an attribute value with a DataType")),
    }
}
