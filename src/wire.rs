//! Bytes to messages or a fault, and messages to bytes.
//!
//! ```text
//!   Answer { status, headers, body } ──decode──▶ Ok(Received { messages, shape, request_id })
//!                                           └──▶ Err(Fault   { kind, evidence })
//!   messages ──encode──▶ bytes              (what the embedded gateway says)
//! ```
//!
//! An answer is read by what its body *is*, never by its `Content-Type` or by its status alone: owners of a
//! gateway reshape bodies, and the public sample returns SQS's errors as HTTP 200. What cannot be read in full
//! is a fault that shows the first bytes, never an empty receive: a message that was received but not shown
//! would be hidden from everyone.

pub mod aws_json;
pub mod fault;
mod json;
pub mod query_json;
pub mod query_xml;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::sqs::{Message, PackedMessage};
use fault::evidence;
pub use fault::{Fault, FaultKind, Remedy};

/// What came back over HTTP, as far as decoding needs it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Answer<'a> {
    /// The HTTP status.
    pub status: u16,
    /// `x-amzn-ErrorType`: the kind of error, as the gateway names it.
    pub error_type: Option<&'a str>,
    /// `x-amzn-RequestId`: support asks for it.
    pub request_id: Option<&'a str>,
    /// `x-amz-apigw-id`: the gateway's own request id; support asks for it too.
    pub gateway_id: Option<&'a str>,
    /// `Retry-After`, already turned into a wait.
    pub retry_after: Option<Duration>,
    /// `Location`, on a redirect that was not followed.
    pub location: Option<&'a str>,
    /// The body, decompressed.
    pub body: &'a [u8],
}

/// The form in which a gateway wrote its messages down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// The Query protocol as JSON: what API Gateway makes of it.
    QueryJson,
    /// The Query protocol as JSON, one or many under `Message`: what LocalStack makes of it.
    QueryJsonOneOrMany,
    /// The Query protocol as XML.
    QueryXml,
    /// AWS JSON 1.0.
    AwsJson,
}

/// The messages of one answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// The messages, in the order they came.
    pub messages: Vec<PackedMessage>,
    /// How they were written.
    pub shape: Shape,
    /// The request id that the body names; a header's is preferred.
    pub request_id: Option<String>,
}

/// Reads an answer.
///
/// # Errors
/// A [`Fault`] when the answer is an error at any status, or is not `ReceiveMessage`'s answer in a known shape.
pub fn decode(answer: &Answer<'_>) -> Result<Received, Fault> {
    let mut received = match read(answer.body) {
        // An empty list under an error status is the status's doing; messages are messages at any status.
        Ok(received) if answer.status >= 300 && received.messages.is_empty() => {
            return Err(evidence::of_status(answer));
        }
        Ok(received) => received,
        Err(unreadable) => return Err(evidence::of_body(answer, &unreadable)),
    };
    if let Some(id) = answer.request_id {
        received.request_id = Some(id.to_owned());
    }
    Ok(received)
}

/// Why a body could not be read as `ReceiveMessage`'s answer: a sentence's second half.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unreadable {
    /// What was wrong, for a person.
    pub why: String,
    /// Whether the body merely ends too early.
    pub truncated: bool,
}

fn read(body: &[u8]) -> Result<Received, Unreadable> {
    let start = body.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(body.len());
    match body.get(start) {
        Some(b'{') => query_json::decode(body),
        Some(b'<') => query_xml::decode(body),
        // A byte order mark; nothing that speaks JSON or XML to us needs one, but some in between add it.
        Some(0xef) if body[start..].starts_with(b"\xef\xbb\xbf") => read(&body[start + 3..]),
        Some(_) => Err(Unreadable { why: "it is neither JSON nor XML".into(), truncated: false }),
        None => Err(Unreadable { why: "it is empty".into(), truncated: true }),
    }
}

fn utf8(body: &[u8]) -> Result<&str, Unreadable> {
    std::str::from_utf8(body).map_err(|error| Unreadable {
        why: format!("it is not UTF-8 (byte {})", error.valid_up_to()),
        truncated: error.error_len().is_none(),
    })
}

/// Writes messages down in a shape.
#[must_use]
pub fn encode(shape: Shape, messages: &[Message], request_id: &str) -> Vec<u8> {
    match shape {
        Shape::QueryJson => query_json::encode::api_gateway(messages, request_id),
        Shape::QueryJsonOneOrMany => query_json::encode::localstack(messages, request_id),
        Shape::QueryXml => query_xml::encode(messages, request_id),
        Shape::AwsJson => aws_json::encode(messages),
    }
}
