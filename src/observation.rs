//! The one thing that flows: what one poll of one endpoint asked, when, how long it took and what came back.
//!
//! An observation can be written down and read back (serde); a recording is nothing but observations.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::sqs::{PackedMessage, ReceiveParameters};
use crate::text::visible;
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
    /// Looking the name up, when this poll opened a connection to a name; the proxy's where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dns: Option<Duration>,
    /// Opening the connection, by way of the proxy where there is one, when this poll opened one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connect: Option<Duration>,
    /// TLS's handshake with the gateway, when this poll opened a connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<Duration>,
    /// From the start to the response's headers, all of the above included; none when no answer came.
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
        messages: Vec<PackedMessage>,
        /// How the gateway wrote them.
        shape: Shape,
        /// For support.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        request_id: Option<String>,
    },
    /// Something failed.
    Faulted(Fault),
    /// The poll was due and not made, since it could have done harm.
    Withheld(Guarded),
}

/// Why a poll was withheld.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guarded {
    /// What the poll could have done.
    pub why: Why,
    /// The queue's limit; none where the reason is another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_receive_count: Option<u32>,
    /// Whether nobody said what the limit is.
    pub assumed: bool,
    /// Receives left to the consumers.
    pub reserve: u32,
}

/// What a poll could have done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// It could have used up a message's last receives.
    Message {
        /// Which; none where only a digest of the id was kept.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message_id: Option<String>,
        /// Its receives so far.
        receives: u32,
        /// How many of them are ours, those of answers that were lost included.
        by_us: u32,
    },
    /// So many answers were lost that a message we never saw may be near its limit.
    Lost {
        /// How many.
        answers: u32,
    },
    /// It would have hidden messages of a FIFO queue, and with each its whole group.
    Fifo,
}

impl fmt::Display for Guarded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let received = match &self.why {
            Why::Message { message_id, receives, by_us } => {
                let id = message_id.as_deref().unwrap_or("without a usual id");
                let others = receives.saturating_sub(*by_us);
                write!(
                    f,
                    "message {} has {receives} receives, {by_us} by us, {others} by others",
                    visible(id)
                )?;
                *receives
            }
            Why::Lost { answers } => {
                write!(f, "{answers} answers were lost, each of which may have received any message")?;
                *answers
            }
            Why::Fifo => {
                return f.write_str(
                    "it is a FIFO queue: with a visibility timeout above 0 every message received blocks its whole group",
                );
            }
        };
        let Some(limit) = self.max_receive_count else { return Ok(()) };
        let assumed = if self.assumed { " (assumed: nobody said)" } else { "" };
        let left = match limit.saturating_sub(received) {
            0 => "none".to_owned(),
            left => left.to_string(),
        };
        write!(f, "; the limit is {limit}{assumed}, {left} left to consumers")
    }
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
    /// Poll no more until somebody says that the harm is worth it.
    Guard,
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
    pub fn messages(&self) -> &[PackedMessage] {
        match &self.outcome {
            Outcome::Received { messages, .. } => messages,
            Outcome::Faulted(_) | Outcome::Withheld(_) => &[],
        }
    }

    /// The fault, if this poll failed.
    #[must_use]
    pub fn fault(&self) -> Option<&Fault> {
        match &self.outcome {
            Outcome::Received { .. } | Outcome::Withheld(_) => None,
            Outcome::Faulted(fault) => Some(fault),
        }
    }

    /// Why this poll was not made, if it was not.
    #[must_use]
    pub fn withheld(&self) -> Option<&Guarded> {
        match &self.outcome {
            Outcome::Withheld(guarded) => Some(guarded),
            Outcome::Received { .. } | Outcome::Faulted(_) => None,
        }
    }
}
