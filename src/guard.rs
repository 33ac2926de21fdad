//! Whether one more poll would do harm.
//!
//! SQS moves a message to the dead-letter queue on the receive after `maxReceiveCount` receives, whoever made them, so a
//! watch that uses receives up leaves the consumer none. A [`Guard`] lies beside each poller, is told what each poll brought,
//! and is asked before the next: a fold at the far end of a channel would answer too late.
//!
//! ```text
//!   poller ──check──▶ Guard ──no──▶ Observation { outcome: Withheld(Guarded), next: Guard }
//!      └──────poll────▶ Observation ──observe──▶ Guard
//! ```
//!
//! Pure: no clock, no I/O. What it cannot know, and says: a count may rise between two polls, and a message that was never
//! shown to us cannot be guarded.

mod seen;

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::observation::{Guarded, Observation, Outcome, Why};
use crate::sqs::ReceiveParameters;
use seen::Seen;

/// What `maxReceiveCount` is taken to be where nobody says: the lowest that is common.
pub const ASSUMED: u32 = 3;

/// A request may be under way for as long as a source waits for its answer.
const UNDER_WAY: Duration = Duration::from_secs(10);

/// How often a message may be received before SQS moves it away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// The queue's `maxReceiveCount`, as its owner says. SQS: 1 to 1,000.
    Known(u32),
    /// Nobody says: [`ASSUMED`].
    #[default]
    Assumed,
    /// A queue without a dead-letter queue: its messages have nowhere to fall.
    Nowhere,
}

impl Limit {
    /// The number, said or assumed; none where there is none.
    #[must_use]
    pub fn max_receive_count(self) -> Option<u32> {
        match self {
            Self::Known(count) => Some(count),
            Self::Assumed => Some(ASSUMED),
            Self::Nowhere => None,
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(count) => write!(f, "{count}"),
            Self::Assumed => write!(f, "{ASSUMED} (assumed)"),
            Self::Nowhere => f.pad("none"),
        }
    }
}

/// What is guarded, and how strictly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The queue's redrive limit.
    pub limit: Limit,
    /// Receives left to the consumers.
    pub reserve: u32,
    /// Whether anything is withheld at all.
    pub on: bool,
}

impl Policy {
    /// One receive is left to the consumers unless an owner says otherwise.
    pub const RESERVE: u32 = 1;

    /// The count at which a message may not be received again; none where nothing is guarded.
    #[must_use]
    pub fn threshold(self) -> Option<u32> {
        self.limit.max_receive_count().map(|limit| limit.saturating_sub(self.reserve))
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self { limit: Limit::Assumed, reserve: Self::RESERVE, on: true }
    }
}

/// For how long the guard looks away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allow {
    /// For one poll.
    Once,
    /// Until the guard is told to look again.
    UntilTold,
}

/// The guard of one endpoint.
#[derive(Debug)]
pub struct Guard {
    policy: Policy,
    seen: Seen,
    /// Answers that were lost on the way: each may have raised any message's count by one.
    lost: u32,
    fifo: bool,
    /// Somebody agreed to hide messages of a FIFO queue.
    may_block: bool,
    once: bool,
}

impl Guard {
    /// A guard that has seen nothing yet. `fifo` where the queue is known to be a FIFO queue; else its messages tell.
    #[must_use]
    pub fn new(policy: Policy, fifo: bool) -> Self {
        Self { policy, seen: Seen::default(), lost: 0, fifo, may_block: false, once: false }
    }

    /// Takes in what a poll brought; how many of its messages were not seen before.
    pub fn observe(&mut self, observation: &Observation) -> usize {
        match &observation.outcome {
            Outcome::Received { .. } => self.received(observation),
            Outcome::Faulted(fault) => {
                if fault.may_have_received() {
                    self.lost = self.lost.saturating_add(1);
                    self.reconsider();
                }
                0
            }
            Outcome::Withheld(_) => 0,
        }
    }

    fn received(&mut self, observation: &Observation) -> usize {
        let timeout = Duration::from_secs(observation.asked.visibility_timeout.get().into());
        // SQS hid them somewhere between the poll's start and its end: they are back this early at the earliest.
        let visible = observation.started.offset.saturating_add(timeout);
        let threshold = self.policy.threshold();
        let mut new = 0;
        for message in observation.messages() {
            let facts = message.facts();
            self.fifo |= facts.message_group_id.is_some();
            let said = facts.approximate_receive_count;
            new += usize::from(self.seen.sight(facts.message_id, said, self.lost, visible, threshold));
        }
        new
    }

    /// Why a poll for `asked` that begins at the offset `now` must not be made, if so.
    #[must_use]
    pub fn check(&self, asked: &ReceiveParameters, now: Duration) -> Option<Guarded> {
        if !self.policy.on || self.once {
            return None;
        }
        let blocks = self.fifo && !self.may_block && asked.visibility_timeout.get() > 0;
        let why = if blocks { Some(Why::Fifo) } else { self.harm(asked, now) };
        let Policy { limit, reserve, .. } = self.policy;
        why.map(|why| Guarded {
            why,
            max_receive_count: limit.max_receive_count(),
            assumed: limit == Limit::Assumed,
            reserve,
        })
    }

    fn harm(&self, asked: &ReceiveParameters, now: Duration) -> Option<Why> {
        let threshold = self.policy.threshold()?;
        // A poll also takes what becomes visible while it waits, or is on its way.
        let wait = Duration::from_secs(asked.wait_time_seconds.get().into());
        let until = now.saturating_add(wait).saturating_add(UNDER_WAY);
        let message = self.seen.most_received(self.lost, until);
        let unseen = self.lost > 0 && self.lost >= threshold;
        message.or_else(|| unseen.then_some(Why::Lost { answers: self.lost }))
    }

    /// A poll for `asked` begins: what was allowed once is used up.
    pub fn begin(&mut self, asked: &ReceiveParameters) {
        if asked.visibility_timeout.get() == 0 {
            self.may_block = false;
        } else if self.once {
            self.may_block = true;
        }
        self.once = false;
    }

    /// Looks away.
    pub fn allow(&mut self, allow: Allow) {
        match allow {
            Allow::Once => self.once = true,
            Allow::UntilTold => self.policy.on = false,
        }
    }

    /// One poll was allowed that has not been made, and may not be made any more.
    pub fn forget_once(&mut self) {
        self.once = false;
    }

    /// Looks again.
    pub fn watch_again(&mut self) {
        self.policy.on = true;
        self.once = false;
    }

    /// Guards another limit from now on.
    pub fn set_limit(&mut self, limit: Limit) {
        self.policy.limit = limit;
        self.reconsider();
    }

    /// Messages that are no longer tracked, since too many were.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.seen.dropped()
    }

    fn reconsider(&mut self) {
        self.seen.reconsider(self.lost, self.policy.threshold());
    }
}
