//! What the benches have in common: believable messages and observations.

use std::time::Duration;

use chrono::DateTime;
use qwatch::observation::{Moment, Next, Observation, Outcome, Timing};
use qwatch::sqs::{
    AttributeName, AttributeValue, Attributes, Message, MessageAttribute, MessageAttributes,
    ReceiveParameters, digests,
};
use qwatch::wire::Shape;

/// A message with a body of 400 B of JSON, all system attributes of a standard queue and two custom ones.
pub fn message(number: usize) -> Message {
    let mut body = format!(r#"{{"orderId":"A-{number:08}","status":"failed","total":12.5,"note":""#);
    body.push_str(&"lorem ipsum \\\"dolor\\\" ".repeat(20)[..398 - body.len()]);
    body.push_str("\"}");
    let text = |data_type: &str, value: &str| MessageAttribute {
        data_type: data_type.into(),
        value: AttributeValue::String(value.into()),
    };
    Message {
        message_id: format!("60e827c3-0000-0000-0000-{number:012}"),
        receipt_handle: format!("AQEB{}", "x".repeat(250)),
        md5_of_body: Some(digests::md5_of_body(&body)),
        body,
        md5_of_message_attributes: Some("5d41402abc4b2a76b9719d911017c592".into()),
        attributes: Attributes::from_iter([
            (AttributeName::SenderId, "AIDAIENQZJOLO23YVJ4VO".into()),
            (AttributeName::SentTimestamp, "1677112427387".into()),
            (AttributeName::ApproximateReceiveCount, "1".into()),
            (AttributeName::ApproximateFirstReceiveTimestamp, "1677112427390".into()),
        ]),
        message_attributes: MessageAttributes::from_iter([
            ("kind".into(), text("String", "order")),
            ("priority".into(), text("Number", "5")),
        ]),
    }
}

/// A poll at `seconds` that brought the messages with these numbers.
pub fn observation(seconds: u64, numbers: std::ops::Range<usize>) -> Observation {
    let offset = Duration::from_secs(seconds);
    let wall = DateTime::from_timestamp(1_800_000_000, 0).expect("a time").to_utc();
    Observation {
        endpoint: "orders".into(),
        asked: ReceiveParameters::default(),
        started: Moment { wall, offset: Duration::ZERO }.plus(offset),
        timing: Timing { total: Duration::from_millis(20), ..Timing::default() },
        outcome: Outcome::Received {
            messages: numbers.map(|number| message(number).into()).collect(),
            shape: Shape::QueryJson,
            request_id: None,
        },
        next: Next::Poll { at: offset + Duration::from_secs(1) },
    }
}
