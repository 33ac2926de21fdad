//! AWS JSON 1.0 as SQS itself speaks it: maps where the Query protocol has lists. Reading it is
//! `query_json`'s work, since one pass tells the JSON shapes apart.

use serde_json::{Map, Value, json};

use super::query_json::encode::value_member;
use crate::sqs::{Message, MessageAttribute, MessageAttributes};

/// An empty receive is `{}`.
pub(super) fn encode(messages: &[Message]) -> Vec<u8> {
    if messages.is_empty() {
        return b"{}".to_vec();
    }
    json!({ "Messages": messages.iter().map(message).collect::<Vec<_>>() }).to_string().into_bytes()
}

fn message(message: &Message) -> Value {
    let mut value = json!({
        "MessageId": message.message_id,
        "ReceiptHandle": message.receipt_handle,
        "MD5OfBody": message.md5_of_body,
        "Body": message.body,
    });
    if let Some(md5) = &message.md5_of_message_attributes {
        value["MD5OfMessageAttributes"] = json!(md5);
    }
    if !message.attributes.is_empty() {
        let attributes = message.attributes.iter().map(|(name, value)| (name.to_string(), json!(value)));
        value["Attributes"] = attributes.collect::<Map<_, _>>().into();
    }
    if !message.message_attributes.is_empty() {
        value["MessageAttributes"] = message_attributes(&message.message_attributes);
    }
    value
}

/// A map of typed values, binary ones as base64: the same in a message received and in one to be sent.
pub(crate) fn message_attributes(attributes: &MessageAttributes) -> Value {
    let typed = |attribute: &MessageAttribute| json!({ value_member(attribute): attribute.value.to_text(), "DataType": attribute.data_type });
    attributes
        .iter()
        .map(|(name, attribute)| (name.to_owned(), typed(attribute)))
        .collect::<Map<_, _>>()
        .into()
}
