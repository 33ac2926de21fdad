//! What the gateway says: SQS's answers in the configured shape, SQS's errors, and API Gateway's own.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use base64::Engine as _;
use serde_json::{Value, json};

use super::Options;
use crate::local::queue::{Sent, SqsError, receipt::uuid};
use crate::local::upstream;
use crate::local::weather;
use crate::sqs::Message;
use crate::wire::{self, Shape};

const NAMESPACE: &str = "http://queue.amazonaws.com/doc/2012-11-05/";
const JSON: &str = "application/json";

/// An error that API Gateway answers on its own account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum GatewayError {
    MissingAuthenticationToken,
    Forbidden,
    RequestTooLarge,
    Internal,
    IntegrationTimedOut,
    Refused(weather::Refusal),
}

impl From<weather::Refusal> for GatewayError {
    fn from(refusal: weather::Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl GatewayError {
    /// Status, `x-amzn-ErrorType` and message, as API Gateway pairs them.
    fn parts(self) -> (u16, &'static str, &'static str) {
        match self {
            Self::MissingAuthenticationToken => {
                (403, "MissingAuthenticationTokenException", "Missing Authentication Token")
            }
            Self::Forbidden => (403, "ForbiddenException", "Forbidden"),
            Self::RequestTooLarge => {
                (413, "RequestTooLargeException", "HTTP content length exceeded 10485760 bytes.")
            }
            Self::Internal => (500, "InternalServerErrorException", "Internal server error"),
            Self::Refused(weather::Refusal::TooManyRequests) => {
                (429, "TooManyRequestsException", "Too Many Requests")
            }
            Self::Refused(weather::Refusal::ServiceUnavailable) => {
                (503, "ServiceUnavailableException", "Service Unavailable")
            }
            Self::IntegrationTimedOut | Self::Refused(weather::Refusal::EndpointTimedOut) => {
                (504, "InternalServerErrorException", "Endpoint request timed out")
            }
            Self::Refused(weather::Refusal::BadGateway) => {
                (502, "InternalServerErrorException", "Internal server error")
            }
        }
    }
}

/// One answer, with the ids that every answer of API Gateway carries.
pub(super) struct Answer {
    status: StatusCode,
    content_type: &'static str,
    error_type: Option<&'static str>,
    request_id: String,
    body: Vec<u8>,
}

impl Answer {
    fn new(content_type: &'static str, body: impl FnOnce(&str) -> Vec<u8>) -> Self {
        let request_id = uuid(rand::random());
        let body = body(&request_id);
        Self { status: StatusCode::OK, content_type, error_type: None, request_id, body }
    }

    pub fn received(shape: Shape, messages: &[Message]) -> Self {
        Self::new(content_type(shape), |id| wire::encode(shape, messages, id))
    }

    pub fn sent(shape: Shape, sent: &Sent) -> Self {
        let mut result = json!({
            "MessageId": sent.message_id,
            "MD5OfMessageBody": sent.md5_of_message_body,
            "MD5OfMessageAttributes": sent.md5_of_message_attributes,
            "SequenceNumber": sent.sequence_number,
        });
        if shape == Shape::QueryJson {
            result["MD5OfMessageSystemAttributes"] = Value::Null;
        } else if let Some(members) = result.as_object_mut() {
            // Only API Gateway's own JSON spells out what there is not.
            members.retain(|_, value| !value.is_null());
        }
        Self::new(content_type(shape), |id| response(shape, "SendMessage", Some(&result), id))
    }

    pub fn deleted(shape: Shape) -> Self {
        Self::new(content_type(shape), |id| response(shape, "DeleteMessage", None, id))
    }

    pub fn sqs_error(options: &Options, error: &upstream::Refusal) -> Self {
        let mut answer =
            Self::new(content_type(options.shape), |id| error_document(options.shape, error, id));
        if options.status_patterns {
            answer.status = if error.sender { StatusCode::BAD_REQUEST } else { StatusCode::BAD_GATEWAY };
        }
        answer
    }

    pub fn gateway_error(error: GatewayError) -> Self {
        let (status, error_type, message) = error.parts();
        // API Gateway puts a space here in this message only.
        let space = if status == 504 { " " } else { "" };
        let mut answer = Self::new(JSON, |_| format!("{{\"message\":{space}\"{message}\"}}").into_bytes());
        answer.status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        answer.error_type = Some(error_type);
        answer
    }

    pub fn status(&self) -> u16 {
        self.status.as_u16()
    }

    pub fn request_id(&self) -> String {
        self.request_id.clone()
    }

    /// The body's bytes.
    pub fn len(&self) -> usize {
        self.body.len()
    }

    pub fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        if let Ok(id) = HeaderValue::from_str(&self.request_id) {
            headers.insert(HeaderName::from_static("x-amzn-requestid"), id);
        }
        if let Ok(id) = HeaderValue::from_str(&gateway_id()) {
            headers.insert(HeaderName::from_static("x-amz-apigw-id"), id);
        }
        if let Some(error_type) = self.error_type {
            headers.insert(HeaderName::from_static("x-amzn-errortype"), HeaderValue::from_static(error_type));
        }
        response
    }
}

/// Eleven bytes in base64, as `x-amz-apigw-id` is.
fn gateway_id() -> String {
    base64::engine::general_purpose::URL_SAFE.encode(rand::random::<[u8; 11]>())
}

fn content_type(shape: Shape) -> &'static str {
    match shape {
        Shape::QueryJson | Shape::QueryJsonOneOrMany => JSON,
        Shape::QueryXml => "text/xml",
        Shape::AwsJson => "application/x-amz-json-1.0",
    }
}

/// The answer to an action other than `ReceiveMessage`.
fn response(shape: Shape, action: &str, result: Option<&Value>, request_id: &str) -> Vec<u8> {
    match shape {
        Shape::AwsJson => result.unwrap_or(&json!({})).to_string(),
        Shape::QueryXml => xml_response(action, result, request_id),
        Shape::QueryJson | Shape::QueryJsonOneOrMany => {
            let mut members = json!({ "ResponseMetadata": { "RequestId": request_id } });
            if let Some(result) = result {
                members[format!("{action}Result")] = result.clone();
            }
            json!({ format!("{action}Response"): members }).to_string()
        }
    }
    .into_bytes()
}

/// No value here needs escaping: they are ids and digests that this program made.
fn xml_response(action: &str, result: Option<&Value>, request_id: &str) -> String {
    let members = result.and_then(Value::as_object).map(|result| {
        let member =
            |(name, value): (&String, &Value)| format!("<{name}>{}</{name}>", value.as_str().unwrap_or(""));
        format!("<{action}Result>{}</{action}Result>", result.iter().map(member).collect::<String>())
    });
    format!(
        "<?xml version=\"1.0\"?><{action}Response xmlns=\"{NAMESPACE}\">{}<ResponseMetadata><RequestId>{request_id}\
         </RequestId></ResponseMetadata></{action}Response>",
        members.unwrap_or_default()
    )
}

fn error_document(shape: Shape, error: &upstream::Refusal, request_id: &str) -> Vec<u8> {
    let upstream::Refusal { code, json_type, message, sender } = error;
    let at_fault = if *sender { "Sender" } else { "Receiver" };
    let document = json!({
        "Error": { "Code": code, "Message": message, "Type": at_fault },
        "RequestId": request_id,
    });
    match shape {
        Shape::QueryJson => document.to_string(),
        Shape::QueryJsonOneOrMany => json!({ "ErrorResponse": document }).to_string(),
        Shape::AwsJson => json!({ "__type": json_type, "message": message }).to_string(),
        Shape::QueryXml => format!(
            "<?xml version=\"1.0\"?><ErrorResponse xmlns=\"{NAMESPACE}\"><Error><Type>{at_fault}</Type><Code>{}</Code>\
             <Message>{}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>",
            quick_xml::escape::escape(code),
            quick_xml::escape::escape(message)
        ),
    }
    .into_bytes()
}

impl From<SqsError> for upstream::Refusal {
    /// Every error of the embedded queue is the sender's doing.
    fn from(error: SqsError) -> Self {
        // The JSON protocol calls this one by another name than the Query protocol does.
        let json_name = if error == SqsError::NonExistentQueue { "QueueDoesNotExist" } else { error.code() };
        Self {
            code: error.code().to_owned(),
            json_type: format!("com.amazonaws.sqs#{json_name}"),
            message: error.to_string(),
            sender: true,
        }
    }
}
