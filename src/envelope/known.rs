//! Envelopes that have a specification, each known by the members that it requires.

use super::encoded::{self, trusted_base64};
use super::{Content, Layer, Room};
use crate::json::{member, members, names, string, unquoted};

/// What an object that is one of the known envelopes carries.
pub(super) fn envelope(object: &str, room: &mut Room) -> Option<Layer> {
    sns(object)
        .or_else(|| event_bridge(object))
        .or_else(|| cloud_event(object))
        .or_else(|| records(object))
        .or_else(|| kafka_connect(object))
        .or_else(|| kafka_record(object, room))
}

/// <https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html>
fn sns(object: &str) -> Option<Layer> {
    if string(object, "Type")? != "Notification" {
        return None;
    }
    string(object, "TopicArn")?;
    at(object, "SNS notification".into(), &["Message"])
}

/// <https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html>
fn event_bridge(object: &str) -> Option<Layer> {
    let kind = string(object, "detail-type")?;
    let required = ["source", "account", "time", "region"];
    if !required.into_iter().all(|name| member(object, name).is_some()) {
        return None;
    }
    at(object, format!("EventBridge {kind}"), &["detail"])
}

/// <https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md>
fn cloud_event(object: &str) -> Option<Layer> {
    string(object, "specversion")?;
    let (kind, _, _) = (string(object, "type")?, string(object, "source")?, string(object, "id")?);
    let name = format!("CloudEvent {kind}");
    if let Some(encoded) = string(object, "data_base64") {
        return Some(encoded_at(name, &["data_base64"], trusted_base64(&encoded)?));
    }
    at(object, name, &["data"])
}

/// What S3, SNS and Kinesis put into `Records`, as long as there is one record: of several none is the payload.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html>
fn records(object: &str) -> Option<Layer> {
    let mut records = members(member(object, "Records")?);
    let (record, others) = (records.next()?.1, records.count());
    let source = string(record, "eventSource").or_else(|| string(record, "EventSource"))?;
    let name = match &*source {
        "aws:s3" => format!("S3 event {}", string(record, "eventName")?),
        "aws:sns" => "SNS event".to_owned(),
        "aws:kinesis" => "Kinesis event".to_owned(),
        _ => return None,
    };
    if others > 0 {
        let all = member(object, "Records")?;
        let layer = Layer::new(format!("{name} and {others} more"), Content::Text(all.to_owned()));
        let keys = vec!["Records".to_owned()];
        return Some(Layer { path: Some(keys.clone()), keys, ..layer.with_jq(".Records") });
    }
    match &*source {
        "aws:s3" => at(object, name, &["Records", "0", "s3"]),
        "aws:sns" => at(object, name, &["Records", "0", "Sns", "Message"]),
        _ => {
            let data = string(member(record, "kinesis")?, "data")?;
            Some(encoded_at(name, &["Records", "0", "kinesis", "data"], trusted_base64(&data)?))
        }
    }
}

/// Kafka Connect's `JsonConverter` with schemas: a schema and a payload, and nothing else.
fn kafka_connect(object: &str) -> Option<Layer> {
    if members(object).count() != 2 {
        return None;
    }
    let schema = member(object, "schema")?;
    if schema != "null" {
        string(schema, "type")?;
    }
    at(object, "Kafka Connect".into(), &["payload"])
}

/// A Kafka record as bridges write it: where it stood, and its value, in base64 where it came by way of Lambda's shape.
fn kafka_record(object: &str, room: &mut Room) -> Option<Layer> {
    let topic = string(object, "topic")?;
    let number = |name| member(object, name).is_some_and(|value| value.parse::<u64>().is_ok());
    if !(number("partition") && number("offset")) {
        return None;
    }
    let name = format!("Kafka record of {topic}");
    let value = member(object, "value")?;
    if let Some(bytes) = unquoted(value).and_then(|text| trusted_base64(&text)) {
        let recognised = encoded::are_known(&bytes, room) || std::str::from_utf8(&bytes).is_ok();
        if recognised {
            return Some(named(encoded_at(name, &["value"], bytes), object));
        }
    }
    Some(named(at(object, name, &["value"])?, object))
}

/// A value that stands apart from its name is reached by that as well.
fn named(mut layer: Layer, object: &str) -> Layer {
    layer.keys.extend(names(object).map(String::from));
    layer
}

/// The value at a way into the object: a string's text, anything else as it is written.
fn at(object: &str, name: String, way: &[&str]) -> Option<Layer> {
    let value = way.iter().try_fold(object, |value, step| match step.parse() {
        Ok(index) => members(value).nth(index).map(|(_, value)| value),
        Err(_) => member(value, step),
    })?;
    let jq = jq(way);
    let layer = match unquoted(value) {
        Some(text) if crate::json::is_container(&text) => {
            Layer::new(name, Content::Text(text.into_owned())).with_jq(format!("{jq} | fromjson"))
        }
        Some(text) => Layer::new(name, Content::Text(text.into_owned())).with_jq(jq),
        None => {
            let path = Some(way.iter().map(|step| (*step).to_owned()).collect());
            Layer { path, ..Layer::new(name, Content::Text(value.to_owned())).with_jq(jq) }
        }
    };
    Some(reached(layer, way))
}

fn reached(layer: Layer, way: &[&str]) -> Layer {
    Layer { keys: way.iter().map(|step| (*step).to_owned()).collect(), ..layer }
}

fn encoded_at(name: String, way: &[&str], bytes: Vec<u8>) -> Layer {
    let layer = Layer::new(name, super::encoded::content(bytes)).with_jq(format!("{} | @base64d", jq(way)));
    reached(layer, way)
}

fn jq(way: &[&str]) -> String {
    let step = |step: &&str| match step.parse::<usize>() {
        Ok(index) => format!("[{index}]"),
        Err(_) => format!(".{step}"),
    };
    way.iter().map(step).collect()
}
