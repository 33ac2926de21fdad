//! JSON bodies: the Query protocol as API Gateway and as LocalStack write it, and AWS JSON 1.0.
//!
//! One pass reads all three, since they differ in names and nesting only. Unknown members are refused wherever skipping one
//! could lose a message; inside a message they pass.

pub(super) mod encode;

mod message;
mod outline;

use std::borrow::Cow;

use super::json::{self, Field, Fields, Problem, Read, Reader};
use super::{Received, Shape, Unreadable};
use crate::sqs::{PackedMessage, Packer};
pub(super) use message::CustomValue;
use message::message;
use outline::Outline;

pub(super) fn decode(body: &[u8]) -> Result<Received, Unreadable> {
    // Checked once as a whole, which is several times as fast as string by string.
    let text = super::utf8(body)?;
    let document = json::read(text, document)?;
    document.into_received().map_err(|why| Unreadable { why: why.into(), truncated: false })
}

/// The whole body, in any of the three shapes.
#[derive(Default)]
struct Document {
    /// With what is in it.
    response: Option<Response>,
    messages: Option<Vec<PackedMessage>>,
    request_id: Option<String>,
}

#[derive(Default)]
struct Response {
    /// Lower-case, as API Gateway writes it; it is there even where there are none, and tells who wrote it.
    listed: Option<Vec<PackedMessage>>,
    one_or_many: Option<Vec<PackedMessage>>,
    request_id: Option<String>,
}

#[derive(Clone, Copy)]
enum InDocument {
    Response,
    Messages,
    Metadata,
}

const DOCUMENT: &Fields<InDocument> = &[
    (Some(InDocument::Response), &["ReceiveMessageResponse"]),
    (Some(InDocument::Messages), &["Messages"]),
    (Some(InDocument::Metadata), &["ResponseMetadata"]),
];

#[derive(Clone, Copy)]
enum InResponse {
    Result,
    Metadata,
}

const RESPONSE: &Fields<InResponse> = &[
    (Some(InResponse::Result), &["ReceiveMessageResult"]),
    (Some(InResponse::Metadata), &["ResponseMetadata"]),
    (None, &["@xmlns", "xmlns"]),
];

#[derive(Clone, Copy)]
enum Listed {
    ByApiGateway,
    OneOrMany,
}

const RESULT: &Fields<Listed> = &[
    (Some(Listed::ByApiGateway), &["messages"]),
    (Some(Listed::OneOrMany), &["Message", "message", "Messages"]),
];

const METADATA: &Fields<()> = &[(Some(()), &["RequestId"])];

impl Document {
    fn into_received(self) -> Result<Received, &'static str> {
        let Some(response) = self.response else {
            let messages = self.messages.unwrap_or_default();
            return Ok(Received { messages, shape: Shape::AwsJson, request_id: self.request_id });
        };
        let (messages, shape) = match (self.messages, response.listed, response.one_or_many) {
            (None, Some(messages), None) => (messages, Shape::QueryJson),
            (None, None, messages) => (messages.unwrap_or_default(), Shape::QueryJsonOneOrMany),
            _ => return Err("it lists messages in two places"),
        };
        Ok(Received { messages, shape, request_id: response.request_id })
    }
}

fn document(reader: &mut Reader<'_>) -> Read<Document> {
    let mut document = Document::default();
    reader.object(DOCUMENT, |reader, field| {
        match field {
            Field::Known(InDocument::Response) => document.response = nullable(reader, response)?,
            Field::Known(InDocument::Messages) => document.messages = nullable(reader, messages)?,
            Field::Known(InDocument::Metadata) => document.request_id = nullable(reader, metadata)?.flatten(),
            Field::Other(name) => return Err(Problem::unknown(&name, DOCUMENT)),
        }
        Ok(())
    })?;
    Ok(document)
}

fn response(reader: &mut Reader<'_>) -> Read<Response> {
    let (mut response, mut has_result) = (Response::default(), false);
    reader.object(RESPONSE, |reader, field| {
        match field {
            Field::Known(InResponse::Result) => {
                has_result = true;
                nullable(reader, |reader| result(reader, &mut response))?;
            }
            Field::Known(InResponse::Metadata) => response.request_id = nullable(reader, metadata)?.flatten(),
            Field::Other(name) => return Err(Problem::unknown(&name, RESPONSE)),
        }
        Ok(())
    })?;
    if has_result { Ok(response) } else { Err(Problem::missing("ReceiveMessageResult")) }
}

fn result(reader: &mut Reader<'_>, response: &mut Response) -> Read<()> {
    reader.object(RESULT, |reader, field| {
        match field {
            Field::Known(Listed::ByApiGateway) => {
                response.listed = Some(nullable(reader, messages)?.unwrap_or_default());
            }
            Field::Known(Listed::OneOrMany) => response.one_or_many = nullable(reader, messages)?,
            Field::Other(name) => return Err(Problem::unknown(&name, RESULT)),
        }
        Ok(())
    })
}

fn metadata(reader: &mut Reader<'_>) -> Read<Option<String>> {
    let mut request_id = None;
    reader.object(METADATA, |reader, field| {
        match field {
            Field::Known(()) => request_id = nullable(reader, Reader::text)?.map(Cow::into_owned),
            Field::Other(_) => reader.skip()?,
        }
        Ok(())
    })?;
    Ok(request_id)
}

/// Messages as one object or as an array of them.
fn messages<'de>(reader: &mut Reader<'de>) -> Read<Vec<PackedMessage>> {
    let (mut packer, mut outline) = (Packer::default(), Outline::default());
    let mut next = |reader: &mut Reader<'de>| {
        // White space is before it, not in it.
        reader.peek();
        if !outline.read(reader, &mut packer) {
            message(reader, &mut packer, &mut outline)?;
        }
        packer.end_message();
        Ok(())
    };
    if reader.peek() == Some(b'{') {
        next(reader)?;
    } else {
        reader.list(next)?;
    }
    Ok(packer.messages())
}

fn nullable<'de, T>(
    reader: &mut Reader<'de>,
    read: impl FnOnce(&mut Reader<'de>) -> Read<T>,
) -> Read<Option<T>> {
    if reader.null()? { Ok(None) } else { read(reader).map(Some) }
}
