//! JSON bodies: the Query protocol as API Gateway and as LocalStack write it, and AWS JSON 1.0.
//!
//! One pass reads all three, since they differ in names and nesting only. The structs refuse unknown members
//! wherever skipping one could lose a message; inside a message unknown members pass.

pub(super) mod encode;

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer};
use serde::{Deserialize, Deserializer};

use super::{Received, Shape, Unreadable};
use crate::sqs::attributes::base64_text;
use crate::sqs::{AttributeName, AttributeValue, DataType, Message, MessageAttribute};

pub(super) fn decode(body: &[u8]) -> Result<Received, Unreadable> {
    // Checked once as a whole, which is several times as fast as string by string.
    let text = super::utf8(body)?;
    let document: Document = serde_json::from_str(text)
        .map_err(|error| Unreadable { why: error.to_string(), truncated: error.is_eof() })?;
    document.into_received().map_err(|why| Unreadable { why: why.into(), truncated: false })
}

/// The whole body, in any of the three shapes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default, rename = "ReceiveMessageResponse")]
    response: Option<Response>,
    #[serde(default, rename = "Messages")]
    messages: Option<Messages>,
    #[serde(default, rename = "ResponseMetadata")]
    metadata: Option<Metadata>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Response {
    // An `Option` alone may be absent as well; `deserialize_with` makes it stand there, be it as null.
    #[serde(rename = "ReceiveMessageResult", deserialize_with = "Option::deserialize")]
    result: Option<ReceiveMessageResult>,
    #[serde(default, rename = "ResponseMetadata")]
    metadata: Option<Metadata>,
    #[serde(default, rename = "@xmlns", alias = "xmlns")]
    _namespace: IgnoredAny,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct ReceiveMessageResult {
    #[serde(default)]
    messages: Option<Messages>,
    #[serde(default, rename = "Message", alias = "message", alias = "Messages")]
    message: Option<Messages>,
}

#[derive(Deserialize)]
struct Metadata {
    #[serde(default, rename = "RequestId")]
    request_id: Option<String>,
}

impl Document {
    fn into_received(self) -> Result<Received, &'static str> {
        let Some(response) = self.response else {
            let request_id = self.metadata.and_then(|metadata| metadata.request_id);
            return Ok(Received { messages: list(self.messages), shape: Shape::AwsJson, request_id });
        };
        let result = response.result.unwrap_or_default();
        let (messages, shape) = match (self.messages, result.messages, result.message) {
            (None, messages @ Some(_), None) => (messages, Shape::QueryJson),
            (None, None, message) => (message, Shape::QueryJsonOneOrMany),
            _ => return Err("it lists messages in two places"),
        };
        let request_id = response.metadata.and_then(|metadata| metadata.request_id);
        Ok(Received { messages: list(messages), shape, request_id })
    }
}

fn list(messages: Option<Messages>) -> Vec<Message> {
    messages.map_or_else(Vec::new, |messages| messages.0)
}

/// Messages as one object or as an array of them.
struct Messages(Vec<Message>);

impl<'de> Deserialize<'de> for Messages {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMany;
        impl<'de> Visitor<'de> for OneOrMany {
            type Value = Messages;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a message or an array of messages")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Messages, A::Error> {
                let mut messages = Vec::with_capacity(seq.size_hint().unwrap_or(10).min(10));
                while let Some(WireMessage(message)) = seq.next_element()? {
                    messages.push(message);
                }
                Ok(Messages(messages))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Messages, A::Error> {
                let WireMessage(message) = WireMessage::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Messages(vec![message]))
            }
        }
        deserializer.deserialize_any(OneOrMany)
    }
}

/// A message under any of the names the three shapes give its members.
struct WireMessage(Message);

impl<'de> Deserialize<'de> for WireMessage {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Members {
            message_id: String,
            #[serde(default)]
            receipt_handle: Option<String>,
            // LocalStack trims what it puts into JSON, and writes null where nothing is left.
            #[serde(deserialize_with = "Option::deserialize")]
            body: Option<String>,
            #[serde(default, rename = "MD5OfBody")]
            md5_of_body: Option<String>,
            #[serde(default, rename = "MD5OfMessageAttributes")]
            md5_of_message_attributes: Option<String>,
            #[serde(default, alias = "Attribute")]
            attributes: Named<AttributeName, Text>,
            #[serde(default, alias = "MessageAttribute")]
            message_attributes: Named<Box<str>, CustomValue>,
        }
        let members = Members::deserialize(deserializer)?;
        Ok(Self(Message {
            message_id: members.message_id,
            receipt_handle: members.receipt_handle.unwrap_or_default(),
            body: members.body.unwrap_or_default(),
            md5_of_body: members.md5_of_body,
            md5_of_message_attributes: members.md5_of_message_attributes,
            attributes: members.attributes.0.into_iter().map(|(name, text)| (name, text.0)).collect(),
            message_attributes: members
                .message_attributes
                .0
                .into_iter()
                .map(|(name, value)| (name, value.into_attribute()))
                .collect(),
        }))
    }
}

/// Names and values: null, an array of `{Name, Value}`, one such pair, or a map from name to value.
struct Named<N, V>(Vec<(N, V)>);

impl<N, V> Default for Named<N, V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, N, V> Deserialize<'de> for Named<N, V>
where
    N: Deserialize<'de> + for<'a> From<&'a str>,
    V: Deserialize<'de> + BareText,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Pairs(PhantomData))
    }
}

struct Pairs<N, V>(PhantomData<(N, V)>);

impl<'de, N, V> Visitor<'de> for Pairs<N, V>
where
    N: Deserialize<'de> + for<'a> From<&'a str>,
    V: Deserialize<'de> + BareText,
{
    type Value = Named<N, V>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("attributes as null, an array or an object")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Named::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Pair<N, V> {
            name: N,
            value: V,
        }
        let mut pairs = Vec::with_capacity(seq.size_hint().unwrap_or(4).min(16));
        while let Some(Pair { name, value }) = seq.next_element()? {
            pairs.push((name, value));
        }
        Ok(Named(pairs))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut pairs = Vec::with_capacity(4);
        let (mut name_at, mut value_at) = (None, None);
        while let Some((Key(key), value)) = map.next_entry::<Key<'de>, V>()? {
            match &*key {
                "Name" => name_at = Some(pairs.len()),
                "Value" => value_at = Some(pairs.len()),
                _ => {}
            }
            pairs.push((N::from(&key), value));
        }
        // `{"Name": "kind", "Value": …}` is one pair and not a map with two entries: no attribute of SQS's is
        // called `Name`, and a custom one called so has a typed value, not a bare string.
        if let (2, Some(name), Some(value)) = (pairs.len(), name_at, value_at)
            && let Some(name) = pairs[name].1.bare().map(N::from)
        {
            return Ok(Named(vec![(name, pairs.swap_remove(value).1)]));
        }
        Ok(Named(pairs))
    }
}

/// A member's name, borrowed where it holds no escape: serde's own `Cow` would copy every one.
struct Key<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Name;
        impl<'de> Visitor<'de> for Name {
            type Value = Key<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }
            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(name)))
            }
            fn visit_str<E>(self, name: &str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(name.to_owned())))
            }
        }
        deserializer.deserialize_str(Name)
    }
}

/// A value that may be a plain string.
trait BareText {
    fn bare(&self) -> Option<&str>;
}

/// A system attribute's value: a string, or what a mapping template made of one.
struct Text(Box<str>);

impl BareText for Text {
    fn bare(&self) -> Option<&str> {
        Some(&self.0)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Scalar;
        impl Visitor<'_> for Scalar {
            type Value = Text;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_str<E>(self, text: &str) -> Result<Text, E> {
                Ok(Text(text.into()))
            }
            fn visit_u64<E>(self, number: u64) -> Result<Text, E> {
                Ok(Text(number.to_string().into()))
            }
            fn visit_i64<E>(self, number: i64) -> Result<Text, E> {
                Ok(Text(number.to_string().into()))
            }
            fn visit_f64<E>(self, number: f64) -> Result<Text, E> {
                Ok(Text(number.to_string().into()))
            }
            fn visit_bool<E>(self, value: bool) -> Result<Text, E> {
                Ok(Text(value.to_string().into()))
            }
            fn visit_unit<E>(self) -> Result<Text, E> {
                Ok(Text("".into()))
            }
        }
        deserializer.deserialize_any(Scalar)
    }
}

/// A custom attribute's value: typed members, or the bare string that a mapping template made of them, which has no
/// data type yet. Nothing but an attribute inside, so that a list of them becomes a list of attributes in place.
struct CustomValue(MessageAttribute);

impl BareText for CustomValue {
    fn bare(&self) -> Option<&str> {
        match &self.0 {
            MessageAttribute { data_type, value: AttributeValue::String(text) } if data_type.is_empty() => {
                Some(text)
            }
            _ => None,
        }
    }
}

impl CustomValue {
    fn into_attribute(self) -> MessageAttribute {
        if self.bare().is_some() { MessageAttribute { data_type: "String".into(), ..self.0 } } else { self.0 }
    }
}

impl<'de> Deserialize<'de> for CustomValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Members {
            data_type: DataType,
            #[serde(default)]
            string_value: Option<Text>,
            #[serde(default)]
            binary_value: Option<String>,
        }
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = CustomValue;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an attribute value with a DataType")
            }
            fn visit_str<E>(self, text: &str) -> Result<CustomValue, E> {
                let value = AttributeValue::String(text.to_owned());
                Ok(CustomValue(MessageAttribute { data_type: DataType::default(), value }))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<CustomValue, A::Error> {
                let members = Members::deserialize(MapAccessDeserializer::new(map))?;
                let string = members.string_value.map(|text| text.0.into_string());
                Ok(CustomValue(message_attribute(members.data_type, string, members.binary_value)))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// A custom attribute from its members. Binary that is not base64 is kept as the text it came as.
pub(super) fn message_attribute(
    data_type: DataType,
    string: Option<String>,
    binary: Option<String>,
) -> MessageAttribute {
    let value = match (string, binary) {
        (None, Some(text)) => {
            base64_text::decode(&text).map_or(AttributeValue::String(text), AttributeValue::Binary)
        }
        (string, _) => AttributeValue::String(string.unwrap_or_default()),
    };
    MessageAttribute { data_type, value }
}
