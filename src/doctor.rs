//! What is wrong with a gateway, found by asking it gently: a few receives, each counted, none beyond the guard.
//!
//! ```text
//!   Endpoint ─┬─▶ network  (resolve, connect, TLS: no receive)          ─┐
//!             └─▶ probe    (at most MOST requests) ─▶ Answers ─▶ judged ─┴─▶ Report { checks }
//! ```
//!
//! A parameter is honoured if its effect is seen: more messages, a longer wait, attributes that come back. Where the
//! queue holds nothing that could show an effect, a value that SQS refuses tells whether it reached SQS, and receives
//! nothing if it did.

mod answers;
mod network;
mod parameters;
mod probe;
mod template;

use std::fmt;

use serde::Serialize;

use crate::guard::Policy;
use crate::observation::EndpointName;
use crate::source::{Clock, Endpoint, Http};
pub use probe::MOST;
use probe::Probe;

/// What was found out about one gateway.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// What it is called.
    pub endpoint: EndpointName,
    /// Where it is, without what may be a key.
    pub url: String,
    /// Requests made, each of which may have been a receive.
    pub requests: u32,
    /// Of these, how many were answered with messages, or with none.
    pub receives: u32,
    /// What was looked at.
    pub checks: Vec<Check>,
    /// How many of these found something.
    pub findings: usize,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What.
    pub check: About,
    /// What of it.
    pub verdict: Verdict,
    /// What was seen, as a sentence.
    pub seen: String,
    /// Why it matters, where something was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// What to change: a line of the gateway's template, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change: Option<String>,
}

/// What came of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// As it should be.
    Ok,
    /// Something to change.
    Finding,
    /// It could not be told, and `seen` says why.
    Unknown,
}

/// What is looked at, in the order of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is explained by what its checks say")]
pub enum About {
    Resolves,
    Connects,
    Tls,
    Clock,
    Answers,
    Shape,
    Queue,
    MaxNumberOfMessages,
    VisibilityTimeout,
    WaitTimeSeconds,
    AttributeName,
    MessageAttributeName,
    Errors,
    Caching,
    Body,
    MessageAttributes,
    Throttling,
}

impl About {
    /// As in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Resolves => "resolves",
            Self::Connects => "connects",
            Self::Tls => "tls",
            Self::Clock => "clock",
            Self::Answers => "answers",
            Self::Shape => "shape",
            Self::Queue => "queue",
            Self::MaxNumberOfMessages => "max_number_of_messages",
            Self::VisibilityTimeout => "visibility_timeout",
            Self::WaitTimeSeconds => "wait_time_seconds",
            Self::AttributeName => "attribute_name",
            Self::MessageAttributeName => "message_attribute_name",
            Self::Errors => "errors",
            Self::Caching => "caching",
            Self::Body => "body",
            Self::MessageAttributes => "message_attributes",
            Self::Throttling => "throttling",
        }
    }
}

impl fmt::Display for About {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ok => "ok",
            Self::Finding => "finding",
            Self::Unknown => "unknown",
        })
    }
}

impl Check {
    fn ok(check: About, seen: impl Into<String>) -> Self {
        Self { check, verdict: Verdict::Ok, seen: seen.into(), why: None, change: None }
    }

    fn unknown(check: About, seen: impl Into<String>) -> Self {
        Self { verdict: Verdict::Unknown, ..Self::ok(check, seen) }
    }

    fn finding(check: About, seen: impl Into<String>, why: &str, change: impl Into<String>) -> Self {
        let (why, change) = (Some(why.to_owned()), Some(change.into()));
        Self { verdict: Verdict::Finding, why, change, ..Self::ok(check, seen) }
    }
}

/// What will be asked, said before anything is.
#[must_use]
pub fn announcement(endpoint: &Endpoint, dry_run: bool) -> String {
    if dry_run {
        return format!("{}: no receive is made (--dry-run); connections are", endpoint.name);
    }
    let Policy { limit, reserve, on } = endpoint.guard;
    let guard = if on {
        format!("the guard stops them short of the queue's limit ({limit}, {reserve} left to the consumers)")
    } else {
        "nothing guards them (--no-guard)".to_owned()
    };
    format!(
        "{}: at most {MOST} requests, each of them a receive of up to 10 messages that counts as one of theirs. They ask for \
         VisibilityTimeout=0, so that messages stay visible; a gateway that does not forward it hides them for the queue's own \
         timeout. As to dead-letter queues, {guard}.",
        endpoint.name
    )
}

/// Looks at one gateway.
pub async fn examine(http: &Http, endpoint: &Endpoint, dry_run: bool) -> Report {
    let mut checks = network::look(endpoint).await;
    let mut probe = Probe::new(http.clone().of(endpoint.clone()), endpoint, Clock::start());
    if dry_run {
        checks.push(Check::unknown(About::Answers, "not asked: --dry-run"));
    } else {
        let answers = Box::pin(probe.run()).await;
        checks.extend(answers::judge(endpoint, &answers));
        checks.extend(parameters::judge(endpoint, &answers));
    }
    checks.sort_by_key(|check| check.check);
    Report {
        endpoint: endpoint.name.clone(),
        url: endpoint.address().into(),
        requests: probe.requests(),
        receives: probe.receives(),
        findings: checks.iter().filter(|check| check.verdict == Verdict::Finding).count(),
        checks,
    }
}
