//! JSON bodies: the Query protocol as API Gateway and as LocalStack write it, and AWS JSON 1.0.
//!
//! One pass reads all three, since they differ in names and nesting only. The structs refuse unknown members
//! wherever skipping one could lose a message; inside a message unknown members pass.

pub(super) mod encode;

mod message;

use std::fmt;

use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::{Received, Shape, Unreadable, json};
use crate::sqs::{PackedMessage, Packer};
pub(super) use message::CustomValue;
use message::InMessage;

pub(super) fn decode(body: &[u8]) -> Result<Received, Unreadable> {
    // Checked once as a whole, which is several times as fast as string by string.
    let text = super::utf8(body)?;
    let document: Document = json::read(text)?;
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
    #[serde(default, deserialize_with = "listed")]
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

/// API Gateway writes null for none: the member stands there all the same, and tells who wrote it.
fn listed<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Messages>, D::Error> {
    Option::deserialize(deserializer).map(|messages| messages.or(Some(Messages(Vec::new()))))
}

fn list(messages: Option<Messages>) -> Vec<PackedMessage> {
    messages.map_or_else(Vec::new, |messages| messages.0)
}

/// Messages as one object or as an array of them.
struct Messages(Vec<PackedMessage>);

impl<'de> Deserialize<'de> for Messages {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMany;
        impl<'de> Visitor<'de> for OneOrMany {
            type Value = Messages;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a message or an array of messages")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Messages, A::Error> {
                let mut packer = Packer::default();
                let mut messages = Vec::with_capacity(seq.size_hint().unwrap_or(10).min(10));
                while let Some(()) = seq.next_element_seed(InMessage(&mut packer))? {
                    messages.push(packer.pack());
                }
                Ok(Messages(messages))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Messages, A::Error> {
                let mut packer = Packer::default();
                InMessage(&mut packer).visit_map(map)?;
                Ok(Messages(vec![packer.pack()]))
            }
        }
        deserializer.deserialize_any(OneOrMany)
    }
}
