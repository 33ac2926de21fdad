//! One message, read member by member into the packer.

use std::borrow::Cow;

use crate::sqs::attributes::base64_text;
use crate::sqs::{PackedAttribute, Packer};
use crate::wire::json::{Field, Fields, Problem, Reader};

/// What can be read, or not.
type Read<T> = Result<T, Problem>;

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

/// Reads a message into the packer.
pub(super) fn message(reader: &mut Reader<'_>, packer: &mut Packer) -> Read<()> {
    let (mut has_id, mut has_body) = (false, false);
    reader.object(MEMBERS, |reader, field| {
        let Field::Known(member) = field else { return reader.skip() };
        match member {
            Member::MessageId => {
                has_id = true;
                reader.with_text(|id| packer.message_id(id))
            }
            Member::ReceiptHandle => nullable(reader, |handle| packer.receipt_handle(handle)),
            // LocalStack trims what it puts into JSON, and writes null where nothing is left.
            Member::Body => {
                has_body = true;
                nullable(reader, |body| packer.body(body))
            }
            Member::Md5OfBody => nullable(reader, |digest| packer.md5_of_body(digest)),
            Member::Md5OfMessageAttributes => {
                nullable(reader, |digest| packer.md5_of_message_attributes(digest))
            }
            Member::Attributes => {
                named(reader, scalar, |name, value: &Scalar<'_>| packer.attribute(name, &value.0))
            }
            Member::MessageAttributes => named(reader, custom_value, |name, value: &CustomValue<'_>| {
                packer.message_attribute(name, value.attribute());
            }),
        }
    })?;
    for (came, name) in [(has_id, "MessageId"), (has_body, "Body")] {
        if !came {
            return Err(Problem::missing(name));
        }
    }
    packer.end_message();
    Ok(())
}

/// A text or null.
fn nullable(reader: &mut Reader<'_>, then: impl FnOnce(&str)) -> Read<()> {
    if reader.null()? { Ok(()) } else { reader.with_text(then) }
}

#[derive(Clone, Copy)]
enum Half {
    Name,
    Value,
}

const PAIR: &Fields<Half> = &[(Some(Half::Name), &["Name"]), (Some(Half::Value), &["Value"])];

/// Names and values: null, an array of `{Name, Value}`, one such pair, or a map from name to value.
fn named<'de, V: BareText>(
    reader: &mut Reader<'de>,
    read: impl Fn(&mut Reader<'de>) -> Read<V>,
    mut found: impl FnMut(&str, &V),
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
            found(&name, &value.ok_or_else(|| Problem::missing("Value"))?);
            Ok(())
        }),
        Some(b'{') => map(reader, read, found),
        Some(b'n') if reader.null()? => Ok(()),
        _ => Err(reader.unexpected("attributes as null, a list or an object")),
    }
}

/// A map, or one pair, which is only known when both of it have come.
fn map<'de, V: BareText>(
    reader: &mut Reader<'de>,
    read: impl Fn(&mut Reader<'de>) -> Read<V>,
    mut found: impl FnMut(&str, &V),
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
            first.drain(..).for_each(|(name, value)| found(&name, &value));
            found(&name, &value);
        }
        Ok(())
    })?;
    if let [one, other] = &first[..]
        && let Some((name, value)) = as_pair(one, other)
    {
        found(name, value);
    } else {
        for (name, value) in &first {
            found(name, value);
        }
    }
    Ok(())
}

/// `{"Name": "kind", "Value": …}` is one pair and not a map with two entries: no attribute of SQS's is called `Name`, and a
/// custom one called so has a typed value, not a bare string.
fn as_pair<'a, V: BareText>(
    one: &'a (Cow<'_, str>, V),
    other: &'a (Cow<'_, str>, V),
) -> Option<(&'a str, &'a V)> {
    match (&*one.0, &*other.0) {
        ("Name", "Value") => Some((one.1.bare()?, &other.1)),
        ("Value", "Name") => Some((other.1.bare()?, &one.1)),
        _ => None,
    }
}

/// A value that may be a plain string.
trait BareText {
    fn bare(&self) -> Option<&str>;
}

/// A system attribute's value: a string, or what a mapping template made of one.
struct Scalar<'de>(Cow<'de, str>);

fn scalar<'de>(reader: &mut Reader<'de>) -> Read<Scalar<'de>> {
    reader.scalar().map(Scalar)
}

impl BareText for Scalar<'_> {
    fn bare(&self) -> Option<&str> {
        Some(&self.0)
    }
}

/// A custom attribute's value: typed members, or the bare string that a mapping template made of them, which has no
/// data type.
pub(in crate::wire) struct CustomValue<'de> {
    data_type: Cow<'de, str>,
    text: Cow<'de, str>,
    is_binary: bool,
}

impl<'de> CustomValue<'de> {
    /// From its members. Binary that is not base64 is kept as the text it came as.
    pub(in crate::wire) fn new(
        data_type: Cow<'de, str>,
        string: Option<Cow<'de, str>>,
        binary: Option<Cow<'de, str>>,
    ) -> Self {
        match (string, binary) {
            (None, Some(text)) => {
                let is_binary = base64_text::decode(&text).is_some();
                Self { data_type, text, is_binary }
            }
            (string, _) => Self { data_type, text: string.unwrap_or_default(), is_binary: false },
        }
    }

    pub(in crate::wire) fn attribute(&self) -> PackedAttribute<'_> {
        let data_type = if self.bare().is_some() { "String" } else { &*self.data_type };
        PackedAttribute { data_type, text: &self.text, is_binary: self.is_binary }
    }
}

impl BareText for CustomValue<'_> {
    fn bare(&self) -> Option<&str> {
        (self.data_type.is_empty() && !self.is_binary).then_some(&*self.text)
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
        Some(b'"') => Ok(CustomValue { data_type: "".into(), text: reader.text()?, is_binary: false }),
        Some(b'{') => {
            let (mut data_type, mut string, mut binary) = (None, None, None);
            reader.object(TYPED, |reader, field| {
                match field {
                    Field::Known(Typed::DataType) => data_type = Some(reader.text()?),
                    Field::Known(Typed::Binary) if !reader.null()? => binary = Some(reader.text()?),
                    Field::Known(Typed::String) if !reader.null()? => string = Some(reader.scalar()?),
                    Field::Known(Typed::Binary | Typed::String) => {}
                    Field::Other(_) => reader.skip()?,
                }
                Ok(())
            })?;
            let data_type = data_type.ok_or_else(|| Problem::missing("DataType"))?;
            Ok(CustomValue::new(data_type, string, binary))
        }
        _ => Err(reader.unexpected("an attribute value with a DataType")),
    }
}
