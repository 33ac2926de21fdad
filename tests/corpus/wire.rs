//! Answers: bytes to messages or a fault, and back.

use qwatch::sqs::{Message, PackedMessage};
use qwatch::text::visible;
use qwatch::wire::{Answer, Fault, Received, Shape, decode, encode};
use serde::de::IgnoredAny;
use serde_json::Value;

const STATUSES: [u16; 8] = [200, 200, 302, 403, 404, 429, 500, 504];
/// What a gateway calls its error; the digits `0` to `7`, by which an input usually begins, name none.
const ERROR_TYPES: [Option<&str>; 8] = [
    Some("ForbiddenException:http://internal.amazon.com/"),
    Some("com.amazonaws.sqs#QueueDoesNotExist"),
    Some("LimitExceededException"),
    Some("\u{9b}2J\u{202e}"),
    Some(""),
    Some("#:"),
    None,
    None,
];
const SHAPES: [Shape; 4] = [Shape::QueryJson, Shape::QueryJsonOneOrMany, Shape::QueryXml, Shape::AwsJson];

/// The longest that a fault may be as one line: it goes to stderr and to the screen.
const LONGEST_LINE: usize = 8 << 10;

/// The first byte says the status and the headers, the rest is the body.
pub fn holds(input: &[u8]) {
    let Some((first, body)) = input.split_first() else { return };
    let answer = Answer {
        status: STATUSES[usize::from(first % 8)],
        error_type: ERROR_TYPES[usize::from(first / 8 % 8)],
        body,
        ..Answer::default()
    };
    match decode(&answer) {
        Ok(received) => {
            agrees(body, &received);
            for message in &received.messages {
                let written = serde_json::to_string(message).expect("a recording can hold it");
                assert_eq!(serde_json::from_str::<PackedMessage>(&written).ok().as_ref(), Some(message));
            }
            let messages: Vec<Message> = received.messages.iter().map(PackedMessage::unpack).collect();
            for shape in SHAPES {
                come_back(shape, &messages);
            }
        }
        Err(fault) => can_be_shown(&fault),
    }
}

/// What is read from JSON is JSON to `serde_json` as well, and has the same bodies in it.
fn agrees(body: &[u8], received: &Received) {
    let body = body.trim_ascii_start();
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    if received.shape == Shape::QueryXml {
        return;
    }
    assert!(serde_json::from_slice::<IgnoredAny>(body).is_ok());
    // It takes half a character, or nesting, where nobody looks, and not as a value.
    let Ok(answer) = serde_json::from_slice::<Value>(body) else { return };
    let result = &answer["ReceiveMessageResponse"]["ReceiveMessageResult"];
    let places = ["messages", "Message", "message", "Messages"].map(|name| &result[name]);
    let messages = places.into_iter().chain([&answer["Messages"]]).find(|messages| !messages.is_null());
    let bodies = |message: &Value| message["Body"].as_str().unwrap_or_default().to_owned();
    let theirs: Vec<String> = match messages {
        None => Vec::new(),
        Some(Value::Array(messages)) => messages.iter().map(bodies).collect(),
        Some(message) => vec![bodies(message)],
    };
    assert!(received.messages.iter().map(PackedMessage::body).eq(theirs.iter().map(String::as_str)));
}

/// What is written in a shape is read from it again, the bodies to the byte.
fn come_back(shape: Shape, messages: &[Message]) {
    let once = again(shape, messages);
    assert_eq!(once.len(), messages.len(), "{shape:?}");
    for (one, other) in once.iter().zip(messages) {
        assert_eq!((&one.message_id, &one.body), (&other.message_id, &other.body), "{shape:?}");
    }
    // What a shape cannot say, it loses once.
    assert_eq!(again(shape, &once), once, "{shape:?}");
}

fn again(shape: Shape, messages: &[Message]) -> Vec<Message> {
    let body = encode(shape, messages, "request-7");
    match decode(&Answer { status: 200, body: &body, ..Answer::default() }) {
        Ok(received) => received.messages.iter().map(PackedMessage::unpack).collect(),
        Err(fault) => panic!("{shape:?}: {fault}: {}", String::from_utf8_lossy(&body)),
    }
}

fn can_be_shown(fault: &Fault) {
    let line = fault.to_string();
    assert_eq!(visible(&line), line);
    assert!(line.len() <= LONGEST_LINE, "{} bytes: {:.100}", line.len(), line);
    let written = serde_json::to_string(fault).expect("a recording can hold it");
    assert_eq!(serde_json::from_str::<Fault>(&written).ok().as_ref(), Some(fault));
}
