//! Who failed, with the evidence, and what to do about it. Which answer is which fault is [`evidence`]'s matter.

pub(super) mod evidence;

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Answer;
use crate::text::excerpt;

/// Bytes of an unreadable body that a fault keeps.
const EXCERPT_BYTES: usize = 240;
/// Bytes of what was said that a fault keeps: it is shown in one line, and kept for as long as the endpoint is watched.
const WORDS_BYTES: usize = 1024;
/// Bytes of a code or an id. AWS's longest are below a hundred.
const NAME_BYTES: usize = 128;

/// Who failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// The URL: wrong path, method, stage or host.
    Address,
    /// A missing or wrong API key, or a web application firewall.
    ApiKey,
    /// Signature, token or authorizer.
    Credentials,
    /// Too many requests, for now.
    Throttled,
    /// The usage plan's quota is spent: every retry would burn more of the next one.
    Quota,
    /// The gateway refused the request's form.
    Request,
    /// The gateway itself, or its integration timing out.
    Gateway,
    /// SQS answered with an error.
    Sqs,
    /// The integration's mapping: `Action` or `Content-Type` is not forwarded.
    Mapping,
    /// An answer in no known shape, probably an owner's mapping template.
    Unrecognised,
    /// A proxy, a portal or a cut connection between here and the gateway.
    Between,
    /// No answer: DNS, connection, TLS or time-out.
    Network,
}

impl FaultKind {
    /// The kind as written in logs and NDJSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::ApiKey => "api_key",
            Self::Credentials => "credentials",
            Self::Throttled => "throttled",
            Self::Quota => "quota",
            Self::Request => "request",
            Self::Gateway => "gateway",
            Self::Sqs => "sqs",
            Self::Mapping => "mapping",
            Self::Unrecognised => "unrecognised",
            Self::Between => "between",
            Self::Network => "network",
        }
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What a poller does about a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Remedy {
    /// It may pass: try again, later each time.
    BackOff,
    /// It will not pass by itself: trying again only costs.
    Stop,
}

/// A poll that brought no messages because something failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Who failed.
    pub kind: FaultKind,
    /// Whether trying again can help.
    pub remedy: Remedy,
    /// The HTTP status, when there was an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// SQS's error code, the gateway's error type, or the network's word for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What was said, made visible.
    pub message: String,
    /// `x-amzn-RequestId`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// `x-amz-apigw-id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gateway_id: Option<String>,
    /// The first bytes of a body that could not be read, made visible.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excerpt: Option<String>,
    /// For how long the gateway asked to be left alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<Duration>,
}

impl Fault {
    /// Whether SQS may have received messages all the same: the answer was lost, or never came, after the request had
    /// gone out. 500 is how an answer over API Gateway's 10 MB comes, 504 how one after its time-out.
    #[must_use]
    pub fn may_have_received(&self) -> bool {
        match self.kind {
            FaultKind::Network => {
                matches!(
                    self.code.as_deref(),
                    Some("TimedOut" | "ConnectionReset" | "ConnectionClosed" | "RequestFailure")
                )
            }
            FaultKind::Gateway => matches!(self.status, Some(500 | 502 | 504)),
            FaultKind::Between | FaultKind::Unrecognised => {
                self.status.is_none_or(|status| status < 300 || matches!(status, 500 | 502 | 504))
            }
            FaultKind::Address
            | FaultKind::ApiKey
            | FaultKind::Credentials
            | FaultKind::Throttled
            | FaultKind::Quota
            | FaultKind::Request
            | FaultKind::Sqs
            | FaultKind::Mapping => false,
        }
    }

    /// No answer came: `code` is the network's word for it, `message` the whole story.
    #[must_use]
    pub fn network(code: &str, message: &str) -> Self {
        Self {
            kind: FaultKind::Network,
            remedy: Remedy::BackOff,
            status: None,
            code: Some(code.to_owned()),
            message: kept_words(message),
            request_id: None,
            gateway_id: None,
            excerpt: None,
            retry_after: None,
        }
    }

    /// Nothing was asked: the credentials could not be had.
    #[must_use]
    pub fn credentials(message: &str, remedy: Remedy) -> Self {
        let kind = FaultKind::Credentials;
        Self { kind, remedy, ..Self::network("NoCredentials", message) }
    }

    /// What to do next, as a sentence.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self.kind {
            FaultKind::Address => "Check the URL: path, stage, method and region.",
            FaultKind::ApiKey => {
                "Check the API key (--api-key-env), or ask whether a firewall stands before the API."
            }
            FaultKind::Credentials => "Check the credentials, and this machine's clock.",
            FaultKind::Throttled => "Poll less often, or raise the stage's throttle.",
            FaultKind::Quota => "The usage plan's quota is spent: wait for its next period or raise it.",
            FaultKind::Request => {
                "The gateway refused the request's form: check the query names and headers."
            }
            FaultKind::Gateway => {
                "The gateway or its integration is failing: see its logs with the request id."
            }
            FaultKind::Sqs => {
                "The queue refused: see SQS's code; the integration's role and queue URL are the usual causes."
            }
            FaultKind::Mapping => {
                "Check the integration: Action=ReceiveMessage and Content-Type must reach SQS."
            }
            FaultKind::Unrecognised => {
                "The body is not ReceiveMessage's answer: check the integration response's mapping template."
            }
            FaultKind::Between => {
                "Something between here and the gateway answered: a proxy, a portal, a firewall."
            }
            FaultKind::Network if self.code.as_deref() == Some("TlsFailure") => {
                "Check the host name, its certificate (--ca trusts another authority), --client-cert where one is asked for, and this machine's clock."
            }
            FaultKind::Network => "Check the host name, the network, and proxy variables.",
        }
    }

    /// With what the headers said: support asks for it, also where the body did not end.
    pub(crate) fn with_head(self, answer: &Answer<'_>) -> Self {
        let owned = |header: Option<&str>| header.map(kept_name);
        Self {
            status: Some(answer.status),
            request_id: owned(answer.request_id),
            gateway_id: owned(answer.gateway_id),
            retry_after: answer.retry_after,
            ..self
        }
    }

    fn new(answer: &Answer<'_>, kind: FaultKind, remedy: Remedy, message: &str) -> Self {
        let owned = |header: Option<&str>| header.map(kept_name);
        Self {
            kind,
            remedy,
            status: Some(answer.status),
            code: answer.error_type.map(|name| kept_name(short_type(name))),
            message: kept_words(message),
            request_id: owned(answer.request_id),
            gateway_id: owned(answer.gateway_id),
            excerpt: None,
            retry_after: answer.retry_after,
        }
    }

    fn showing(mut self, answer: &Answer<'_>) -> Self {
        self.excerpt = Some(excerpt(answer.body, EXCERPT_BYTES)).filter(|text| !text.is_empty());
        self
    }
}

/// One line: kind, status, code, words and request id; what stderr and the screen both show.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.kind)?;
        if let Some(status) = self.status {
            write!(f, " {status}")?;
        }
        if let Some(code) = &self.code {
            write!(f, " {code}")?;
        }
        write!(f, ": {}", self.message)?;
        if let Some(id) = &self.request_id {
            write!(f, " (request {id})")?;
        }
        match &self.excerpt {
            Some(excerpt) => write!(f, " | body: {excerpt}"),
            None => Ok(()),
        }
    }
}

/// What was said, as much of it as a fault keeps.
fn kept_words(text: &str) -> String {
    excerpt(text.as_bytes(), WORDS_BYTES)
}

/// The same of a code or an id.
fn kept_name(text: &str) -> String {
    excerpt(text.as_bytes(), NAME_BYTES)
}

/// `com.amazonaws.sqs#QueueDoesNotExist` or `ForbiddenException:http://…` without what surrounds the name.
fn short_type(name: &str) -> &str {
    let name = name.rsplit('#').next().unwrap_or(name);
    name.split(':').next().unwrap_or(name)
}
