//! A real SQS endpoint in the queue's place: AWS, or anything that speaks its JSON 1.0 protocol. This is API Gateway's
//! direct integration, on this machine.

use std::time::Duration;

use reqwest::Client;
use reqwest::redirect::Policy;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::queue::{Receive, SendMessage, Sent};
use crate::aws::{AwsError, Signer, region_of};
use crate::source::http::is_loopback;
use crate::sqs::{AttributeName, Message, PackedMessage};
use crate::wire::{self, aws_json::message_attributes};

/// API Gateway: an integration of a REST API must answer within this.
pub const INTEGRATION_TIMEOUT: Duration = Duration::from_secs(29);
const CONNECT: Duration = Duration::from_secs(5);
/// Ten bodies of 1 MiB with their attributes, and what JSON's escapes can make of them.
const LARGEST_ANSWER: usize = 64 << 20;

/// Requests are signed for this where neither the URL nor AWS's configuration names a region: emulators take any.
const ANY_REGION: &str = "us-east-1";

/// One queue of a real SQS endpoint.
#[derive(Debug)]
pub struct Upstream {
    queue_url: Url,
    name: String,
    client: Client,
    signer: Signer,
}

/// Why there is no way to the queue.
#[derive(Debug, thiserror::Error)]
pub enum NoUpstream {
    /// Not a queue's URL.
    #[error(
        "{0} is not a queue's URL: it looks like https://sqs.eu-west-1.amazonaws.com/123456789012/orders; `aws sqs \
         get-queue-url --queue-name orders` prints it"
    )]
    Url(String),
    /// No credentials, or no region.
    #[error(transparent)]
    Aws(#[from] AwsError),
    /// The HTTP client could not be made.
    #[error("cannot set up HTTPS: {0}; check this machine's trust store and proxy variables")]
    Client(#[from] reqwest::Error),
}

/// How a call of the real queue failed.
#[derive(Debug)]
pub(super) enum CallError {
    /// SQS refused, or failed and said so.
    Sqs(Refusal),
    /// No answer within [`INTEGRATION_TIMEOUT`].
    TimedOut,
    /// No answer, or one that cannot be read: the words go to the log, the client gets API Gateway's own.
    Failed(String),
}

/// An error of SQS, as the JSON protocol writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// The Query protocol's code, such as `AWS.SimpleQueueService.NonExistentQueue`.
    pub code: String,
    /// The JSON protocol's, such as `com.amazonaws.sqs#QueueDoesNotExist`.
    pub json_type: String,
    pub message: String,
    /// Whether the sender of the request is to blame, rather than SQS.
    pub sender: bool,
}

impl Upstream {
    /// A way to the queue; nothing is asked of it yet. The region is `region`, or what the URL names, or what AWS's
    /// configuration says.
    ///
    /// # Errors
    /// [`NoUpstream`].
    pub async fn connect(queue_url: Url, region: Option<String>) -> Result<Self, NoUpstream> {
        let name = queue_url.path_segments().and_then(|mut path| path.next_back()).unwrap_or_default();
        if name.is_empty() || !matches!(queue_url.scheme(), "http" | "https") {
            return Err(NoUpstream::Url(crate::text::visible(queue_url.as_str()).into_owned()));
        }
        let region = region.or_else(|| region_of(&queue_url, "sqs").map(str::to_owned));
        let fallback = (!is_aws(&queue_url)).then_some(ANY_REGION);
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .user_agent(concat!("qwatch/", env!("CARGO_PKG_VERSION")))
            // A signature is good for one host; whoever redirects it elsewhere is not SQS.
            .redirect(Policy::none())
            .connect_timeout(CONNECT)
            .timeout(INTEGRATION_TIMEOUT);
        let client = if is_loopback(&queue_url) { client.no_proxy() } else { client };
        let signer = Signer::new("sqs", region, None, fallback).await?;
        Ok(Self { name: name.to_owned(), client: client.build()?, signer, queue_url })
    }

    /// The queue's name: the last segment of its URL.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The region that requests are signed for.
    #[must_use]
    pub fn region(&self) -> &str {
        self.signer.region()
    }

    pub(super) async fn receive(&self, receive: &Receive) -> Result<Vec<Message>, CallError> {
        let mut members = json!({ "MaxNumberOfMessages": receive.max_number_of_messages.get() });
        set(
            &mut members,
            "VisibilityTimeout",
            receive.visibility_timeout.map(|timeout| timeout.get().into()),
        );
        set(&mut members, "WaitTimeSeconds", receive.wait_time_seconds.map(|wait| wait.get().into()));
        let names: Vec<&str> = receive.attribute_name.iter().map(AttributeName::as_str).collect();
        set(&mut members, "AttributeNames", (!names.is_empty()).then(|| names.into()));
        let names = &receive.message_attribute_name;
        set(&mut members, "MessageAttributeNames", (!names.is_empty()).then(|| names.clone().into()));
        let body = self.call("ReceiveMessage", members).await?;
        let answer = wire::Answer { status: 200, body: &body, ..wire::Answer::default() };
        wire::decode(&answer)
            .map(|received| received.messages.iter().map(PackedMessage::unpack).collect())
            .map_err(|fault| CallError::Failed(fault.to_string()))
    }

    pub(super) async fn send(&self, message: SendMessage) -> Result<Sent, CallError> {
        let mut members = json!({ "MessageBody": message.body });
        set(&mut members, "DelaySeconds", message.delay_seconds.map(|delay| delay.get().into()));
        set(&mut members, "MessageGroupId", message.message_group_id.map(Value::from));
        set(&mut members, "MessageDeduplicationId", message.message_deduplication_id.map(Value::from));
        let attributes = &message.message_attributes;
        set(
            &mut members,
            "MessageAttributes",
            (!attributes.is_empty()).then(|| message_attributes(attributes)),
        );
        let trace =
            message.aws_trace_header.map(|trace| json!({ "DataType": "String", "StringValue": trace }));
        set(&mut members, "MessageSystemAttributes", trace.map(|trace| json!({ "AWSTraceHeader": trace })));
        let body = self.call("SendMessage", members).await?;
        let sent: SendMessageResult = serde_json::from_slice(&body).map_err(|error| unreadable(&error))?;
        Ok(sent.into())
    }

    pub(super) async fn delete(&self, receipt_handle: &str) -> Result<(), CallError> {
        self.call("DeleteMessage", json!({ "ReceiptHandle": receipt_handle })).await.map(drop)
    }

    async fn call(&self, action: &str, mut members: Value) -> Result<Vec<u8>, CallError> {
        members["QueueUrl"] = self.queue_url.as_str().into();
        let mut endpoint = self.queue_url.clone();
        endpoint.set_path("/");
        let mut request = http::Request::post(endpoint.as_str())
            .header("content-type", "application/x-amz-json-1.0")
            .header("x-amz-target", format!("AmazonSQS.{action}"))
            // The Query protocol's code comes back beside the JSON protocol's: what a gateway passes on.
            .header("x-amzn-query-mode", "true")
            .body(members.to_string().into_bytes())
            .map_err(|error| CallError::Failed(error.to_string()))?;
        self.signer.sign(&mut request).await.map_err(|error| CallError::Failed(error.to_string()))?;
        let request = reqwest::Request::try_from(request).map_err(|error| failed(&error))?;
        let mut response = self.client.execute(request).await.map_err(|error| failed(&error))?;
        let (status, query_error) =
            (response.status(), response.headers().get("x-amzn-query-error").cloned());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| failed(&error))? {
            if body.len() + chunk.len() > LARGEST_ANSWER {
                return Err(CallError::Failed(format!("an answer of more than {LARGEST_ANSWER} bytes")));
            }
            body.extend_from_slice(&chunk);
        }
        if status.is_success() {
            return Ok(body);
        }
        let query_error = query_error.as_ref().and_then(|value| value.to_str().ok());
        Err(refusal(status.as_u16(), query_error, &body))
    }
}

fn set(members: &mut Value, name: &str, value: Option<Value>) {
    if let Some(value) = value {
        members[name] = value;
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SendMessageResult {
    message_id: String,
    #[serde(rename = "MD5OfMessageBody")]
    md5_of_message_body: String,
    #[serde(rename = "MD5OfMessageAttributes")]
    md5_of_message_attributes: Option<String>,
    sequence_number: Option<String>,
}

impl From<SendMessageResult> for Sent {
    fn from(sent: SendMessageResult) -> Self {
        Self {
            message_id: sent.message_id,
            md5_of_message_body: sent.md5_of_message_body,
            md5_of_message_attributes: sent.md5_of_message_attributes,
            sequence_number: sent.sequence_number,
        }
    }
}

/// `x-amzn-query-error` is `CODE;Sender` or `CODE;Receiver`; without it, the JSON protocol's name has to do.
fn refusal(status: u16, query_error: Option<&str>, body: &[u8]) -> CallError {
    let document: Value = serde_json::from_slice(body).unwrap_or_default();
    let said = |name: &str| document.get(name).and_then(Value::as_str);
    let Some(json_type) = said("__type") else {
        let body = String::from_utf8_lossy(&body[..body.len().min(240)]);
        return CallError::Failed(format!("HTTP {status}: {}", crate::text::visible(&body)));
    };
    let (code, fault) = query_error.and_then(|error| error.split_once(';')).unwrap_or_else(|| {
        let name = json_type.rsplit('#').next().unwrap_or(json_type);
        (query_code(name), if status < 500 { "Sender" } else { "Receiver" })
    });
    let message = said("message").or_else(|| said("Message")).unwrap_or_default();
    CallError::Sqs(Refusal {
        code: code.to_owned(),
        json_type: json_type.to_owned(),
        message: message.to_owned(),
        sender: fault == "Sender",
    })
}

/// The Query protocol's code for what the JSON protocol names otherwise.
fn query_code(name: &str) -> &str {
    if name == "QueueDoesNotExist" { "AWS.SimpleQueueService.NonExistentQueue" } else { name }
}

fn failed(error: &reqwest::Error) -> CallError {
    if error.is_timeout() && !error.is_connect() {
        return CallError::TimedOut;
    }
    let causes = std::iter::successors(Some(error as &dyn std::error::Error), |error| error.source());
    CallError::Failed(causes.map(ToString::to_string).collect::<Vec<_>>().join(": "))
}

fn unreadable(error: &serde_json::Error) -> CallError {
    CallError::Failed(format!("SQS's answer cannot be read: {error}"))
}

fn is_aws(url: &Url) -> bool {
    url.host_str().is_some_and(|host| host.split('.').any(|label| label == "amazonaws"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_of_sqs_keeps_both_its_names() {
        let body = br#"{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"no such queue"}"#;
        let code = "AWS.SimpleQueueService.NonExistentQueue";
        for header in [Some("AWS.SimpleQueueService.NonExistentQueue;Sender"), None] {
            let CallError::Sqs(refusal) = refusal(400, header, body) else { panic!("it says who it is") };
            assert_eq!((refusal.code.as_str(), refusal.sender), (code, true));
            assert_eq!(refusal.json_type, "com.amazonaws.sqs#QueueDoesNotExist");
            assert_eq!(refusal.message, "no such queue");
        }
        assert!(
            matches!(refusal(502, None, b"<html>"), CallError::Failed(words) if words.contains("HTTP 502"))
        );
    }
}
