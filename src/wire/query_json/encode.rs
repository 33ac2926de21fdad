//! The Query protocol as JSON, written as API Gateway and as LocalStack write it.

use serde_json::{Value, json};

use crate::sqs::{AttributeValue, Attributes, Message, MessageAttribute, MessageAttributes};

/// As API Gateway writes it: `messages` in lower case, explicit nulls, attributes as arrays of pairs.
pub(in crate::wire) fn api_gateway(messages: &[Message], request_id: &str) -> Vec<u8> {
    let message = |message: &Message| {
        json!({
            "Attributes": pairs(&message.attributes),
            "Body": message.body,
            "MD5OfBody": message.md5_of_body,
            "MD5OfMessageAttributes": message.md5_of_message_attributes,
            "MessageAttributes": custom_pairs(&message.message_attributes, &json!({
                "BinaryListValues": null, "BinaryValue": null, "StringListValues": null, "StringValue": null,
            })),
            "MessageId": message.message_id,
            "ReceiptHandle": message.receipt_handle,
        })
    };
    let messages = (!messages.is_empty()).then(|| messages.iter().map(message).collect::<Vec<_>>());
    response(&json!({ "messages": messages }), request_id)
}

/// As LocalStack writes it: one message is an object, several are an array, none is a null result; the same
/// holds for attributes.
pub(in crate::wire) fn localstack(messages: &[Message], request_id: &str) -> Vec<u8> {
    let message = |message: &Message| {
        let mut value = json!({
            "MessageId": message.message_id,
            "ReceiptHandle": message.receipt_handle,
            "MD5OfBody": message.md5_of_body,
            "Body": message.body,
        });
        if let Some(md5) = &message.md5_of_message_attributes {
            value["MD5OfMessageAttributes"] = json!(md5);
        }
        if let Some(attributes) = one_or_many(pairs(&message.attributes)) {
            value["Attribute"] = attributes;
        }
        if let Some(attributes) = one_or_many(custom_pairs(&message.message_attributes, &json!({}))) {
            value["MessageAttribute"] = attributes;
        }
        value
    };
    let messages = one_or_many(Value::Array(messages.iter().map(message).collect()));
    response(&messages.map_or(Value::Null, |messages| json!({ "Message": messages })), request_id)
}

fn response(result: &Value, request_id: &str) -> Vec<u8> {
    json!({ "ReceiveMessageResponse": {
        "ReceiveMessageResult": result,
        "ResponseMetadata": { "RequestId": request_id },
    }})
    .to_string()
    .into_bytes()
}

fn one_or_many(list: Value) -> Option<Value> {
    let Value::Array(mut list) = list else { return None };
    match list.len() {
        0 => None,
        1 => list.pop(),
        _ => Some(Value::Array(list)),
    }
}

/// System attributes as pairs; null when there is none.
fn pairs(attributes: &Attributes) -> Value {
    let pairs: Vec<_> =
        attributes.iter().map(|(name, value)| json!({ "Name": name, "Value": value })).collect();
    if pairs.is_empty() { Value::Null } else { pairs.into() }
}

/// Custom attributes as pairs over the members that are written even when null; null when there is none.
fn custom_pairs(attributes: &MessageAttributes, members: &Value) -> Value {
    let pair = |(name, attribute): (&str, &MessageAttribute)| {
        let mut value = members.clone();
        value["DataType"] = json!(attribute.data_type);
        value[value_member(attribute)] = json!(attribute.value.to_text());
        json!({ "Name": name, "Value": value })
    };
    let pairs: Vec<_> = attributes.iter().map(pair).collect();
    if pairs.is_empty() { Value::Null } else { pairs.into() }
}

/// The member under which a typed value is written.
pub(in crate::wire) fn value_member(attribute: &MessageAttribute) -> &'static str {
    match attribute.value {
        AttributeValue::String(_) => "StringValue",
        AttributeValue::Binary(_) => "BinaryValue",
    }
}
