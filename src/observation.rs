//! The one thing that flows: what one poll of one endpoint asked, when, how long it took and what came back.
//!
//! An observation can be written down and read back (serde); a recording is nothing but observations.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::sqs::{Message, ReceiveParameters};
use crate::wire::{Fault, Shape};

/// What a person calls an endpoint: its name in the config file, or its URL without the scheme.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EndpointName(Arc<str>);

impl EndpointName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for EndpointName {
    fn from(name: &str) -> Self {
        Self(name.into())
    }
}

impl fmt::Display for EndpointName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&crate::text::visible(&self.0))
    }
}

/// A point in time, twice: the wall clock for people, a monotonic offset since the program's start for
/// arithmetic. A clock that jumps moves the first and not the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// What a clock on the wall showed.
    pub wall: DateTime<Utc>,
    /// Since the program's start; never goes back.
    pub offset: Duration,
}

impl Moment {
    /// This moment and `duration` more, on both clocks.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        let wall = chrono::TimeDelta::from_std(duration)
            .ok()
            .and_then(|delta| self.wall.checked_add_signed(delta))
            .unwrap_or(self.wall);
        Self { wall, offset: self.offset.saturating_add(duration) }
    }
}

/// How long the phases of one poll took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timing {
    /// DNS, TCP and TLS together, when this poll opened a connection; part of `first_byte`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connect: Option<Duration>,
    /// From the start to the response's headers; none when no answer came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_byte: Option<Duration>,
    /// From the start to the end.
    pub total: Duration,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The receive was answered; none of the messages is lost between here and the watch.
    Received {
        /// In the order they came; empty when a receive brought nothing, which does not mean an empty queue.
        messages: Vec<Arc<Message>>,
        /// How the gateway wrote them.
        shape: Shape,
        /// For support.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        request_id: Option<String>,
    },
    /// Something failed.
    Faulted(Fault),
}

/// What the poller does next, decided together with the outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Next {
    /// Poll again as planned, at this offset.
    Poll {
        /// Since the program's start.
        at: Duration,
    },
    /// Wait for longer than planned, since a fault may pass.
    BackOff {
        /// Since the program's start.
        until: Duration,
    },
    /// Poll no more until somebody asks for it.
    Stop,
}

/// One poll of one endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    /// Who was asked.
    pub endpoint: EndpointName,
    /// What for.
    pub asked: ReceiveParameters,
    /// When the poll began.
    pub started: Moment,
    /// How long it took.
    pub timing: Timing,
    /// What came back.
    pub outcome: Outcome,
    /// What the poller does next.
    pub next: Next,
}

impl Observation {
    /// When the answer was complete, or the attempt given up.
    #[must_use]
    pub fn finished(&self) -> Moment {
        self.started.plus(self.timing.total)
    }

    /// The messages that came back; none on a fault.
    #[must_use]
    pub fn messages(&self) -> &[Arc<Message>] {
        match &self.outcome {
            Outcome::Received { messages, .. } => messages,
            Outcome::Faulted(_) => &[],
        }
    }

    /// The fault, if this poll failed.
    #[must_use]
    pub fn fault(&self) -> Option<&Fault> {
        match &self.outcome {
            Outcome::Received { .. } => None,
            Outcome::Faulted(fault) => Some(fault),
        }
    }
}
