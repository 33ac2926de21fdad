//! One message, read member by member into the packer.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::sqs::attributes::base64_text;
use crate::sqs::{PackedAttribute, Packer};
use crate::wire::json::AS_WRITTEN;

/// A message's members, under any of the names the three shapes give them.
pub(super) struct InMessage<'a>(pub &'a mut Packer);

#[derive(Clone, Copy, Deserialize)]
#[serde(field_identifier)]
enum Member {
    MessageId,
    ReceiptHandle,
    Body,
    #[serde(rename = "MD5OfBody")]
    Md5OfBody,
    #[serde(rename = "MD5OfMessageAttributes")]
    Md5OfMessageAttributes,
    #[serde(alias = "Attribute")]
    Attributes,
    #[serde(alias = "MessageAttribute")]
    MessageAttributes,
    #[serde(other)]
    Other,
}

impl Member {
    const NAMES: [&str; 7] = [
        "MessageId",
        "ReceiptHandle",
        "Body",
        "MD5OfBody",
        "MD5OfMessageAttributes",
        "Attributes",
        "MessageAttributes",
    ];
}

impl InMessage<'_> {
    /// As API Gateway writes them.
    const IN_ORDER: [&'static str; 7] = [
        "Attributes",
        "Body",
        "MD5OfBody",
        "MD5OfMessageAttributes",
        "MessageAttributes",
        "MessageId",
        "ReceiptHandle",
    ];
}

impl<'de> DeserializeSeed<'de> for InMessage<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_struct("Message", &Self::IN_ORDER, self)
    }
}

impl<'de> Visitor<'de> for InMessage<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a message")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self(packer) = self;
        let mut came = [false; Member::NAMES.len()];
        while let Some(member) = map.next_key::<Member>()? {
            if let Some(came) = came.get_mut(member as usize)
                && std::mem::replace(came, true)
            {
                return Err(A::Error::duplicate_field(Member::NAMES[member as usize]));
            }
            match member {
                Member::MessageId => packer.message_id(&map.next_value::<Text<'de>>()?.0),
                Member::ReceiptHandle => map.next_value_seed(Nullable(packer, Packer::receipt_handle))?,
                // LocalStack trims what it puts into JSON, and writes null where nothing is left.
                Member::Body => map.next_value_seed(Nullable(packer, Packer::body))?,
                Member::Md5OfBody => map.next_value_seed(Nullable(packer, Packer::md5_of_body))?,
                Member::Md5OfMessageAttributes => {
                    map.next_value_seed(Nullable(packer, Packer::md5_of_message_attributes))?;
                }
                Member::Attributes => {
                    map.next_value_seed(named(|name, value: &Scalar<'de>| packer.attribute(name, &value.0)))?;
                }
                Member::MessageAttributes => {
                    map.next_value_seed(named(|name, value: &CustomValue<'de>| {
                        packer.message_attribute(name, value.attribute());
                    }))?;
                }
                Member::Other => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        for required in [Member::MessageId, Member::Body] {
            if !came[required as usize] {
                return Err(A::Error::missing_field(Member::NAMES[required as usize]));
            }
        }
        Ok(())
    }
}

/// A text, borrowed where it holds no escape: serde's own `Cow` would copy every one.
struct Text<'de>(Cow<'de, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Borrowing;
        impl<'de> Visitor<'de> for Borrowing {
            type Value = Text<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Borrowing)
    }
}

/// A text that is packed as soon as it is read, or null.
struct Nullable<'a, F>(&'a mut Packer, F);

impl<'de, F: FnOnce(&mut Packer, &str)> DeserializeSeed<'de> for Nullable<'_, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de, F: FnOnce(&mut Packer, &str)> Visitor<'de> for Nullable<'_, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_none<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_str(self)
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        (self.1)(self.0, text);
        Ok(())
    }
}

/// Names and values: null, an array of `{Name, Value}`, one such pair, or a map from name to value.
struct Named<V, F>(F, PhantomData<V>);

fn named<V, F: FnMut(&str, &V)>(found: F) -> Named<V, F> {
    Named(found, PhantomData)
}

impl<'de, V: Deserialize<'de> + BareText, F: FnMut(&str, &V)> DeserializeSeed<'de> for Named<V, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, V: Deserialize<'de> + BareText, F: FnMut(&str, &V)> Visitor<'de> for Named<V, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("attributes as null, an array or an object")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase", bound = "V: Deserialize<'de>")]
        struct Pair<'a, V> {
            #[serde(borrow)]
            name: Text<'a>,
            value: V,
        }
        while let Some(Pair { name: Text(name), value }) = seq.next_element::<Pair<'de, V>>()? {
            (self.0)(&name, &value);
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        let mut next = || map.next_entry::<Text<'de>, V>();
        let Some(first) = next()? else { return Ok(()) };
        if matches!(&*first.0.0, "Name" | "Value") {
            let second = next()?;
            let third = if second.is_some() { next()? } else { None };
            if let (Some(second), None) = (&second, &third)
                && let Some((name, value)) = as_pair(&first, second)
            {
                (self.0)(name, value);
                return Ok(());
            }
            for (Text(name), value) in [Some(first), second, third].into_iter().flatten() {
                (self.0)(&name, &value);
            }
        } else {
            (self.0)(&first.0.0, &first.1);
        }
        while let Some((Text(name), value)) = next()? {
            (self.0)(&name, &value);
        }
        Ok(())
    }
}

/// `{"Name": "kind", "Value": …}` is one pair and not a map with two entries: no attribute of SQS's is called `Name`, and a
/// custom one called so has a typed value, not a bare string.
fn as_pair<'a, V: BareText>(one: &'a (Text<'_>, V), other: &'a (Text<'_>, V)) -> Option<(&'a str, &'a V)> {
    match (&*one.0.0, &*other.0.0) {
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

impl BareText for Scalar<'_> {
    fn bare(&self) -> Option<&str> {
        Some(&self.0)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Scalar<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Scalar<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Scalar<'de>, E> {
                Ok(Scalar(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Scalar<'de>, E> {
                Ok(Scalar(Cow::Owned(text.to_owned())))
            }
            fn visit_bool<E>(self, value: bool) -> Result<Scalar<'de>, E> {
                Ok(Scalar(value.to_string().into()))
            }
            fn visit_unit<E>(self) -> Result<Scalar<'de>, E> {
                Ok(Scalar("".into()))
            }
        }
        deserializer.deserialize_newtype_struct(AS_WRITTEN, Any)
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

impl<'de: 'a, 'a> Deserialize<'de> for CustomValue<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Members<'a> {
            #[serde(borrow)]
            data_type: Text<'a>,
            #[serde(borrow, default)]
            string_value: Option<Scalar<'a>>,
            #[serde(borrow, default)]
            binary_value: Option<Text<'a>>,
        }
        /// As API Gateway writes them; two of them SQS does not use yet.
        const IN_ORDER: [&str; 5] =
            ["BinaryListValues", "BinaryValue", "DataType", "StringListValues", "StringValue"];
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = CustomValue<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an attribute value with a DataType")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<CustomValue<'de>, E> {
                Ok(CustomValue { data_type: "".into(), text: text.into(), is_binary: false })
            }
            fn visit_str<E>(self, text: &str) -> Result<CustomValue<'de>, E> {
                Ok(CustomValue { data_type: "".into(), text: text.to_owned().into(), is_binary: false })
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<CustomValue<'de>, A::Error> {
                let members = Members::deserialize(MapAccessDeserializer::new(map))?;
                let string = members.string_value.map(|Scalar(text)| text);
                let binary = members.binary_value.map(|Text(text)| text);
                Ok(CustomValue::new(members.data_type.0, string, binary))
            }
        }
        deserializer.deserialize_struct("Value", &IN_ORDER, Either)
    }
}
