//! What the watching itself does to the queue, as far as the observations tell.
//!
//! Receives and requests are counted; what is hidden follows from the visibility timeout that was asked for, on the
//! assumption that the gateway forwards it. Moments are offsets since the program's start.

use std::collections::BTreeMap;
use std::time::Duration;

use super::ledger::Entry;
use crate::observation::Observation;
use crate::sqs::Facts;

/// FIFO groups whose return is remembered, at most.
const GROUPS: usize = 10_000;

/// What one endpoint's polls did.
#[derive(Debug, Default)]
pub struct Impact {
    /// Polls that left: answered, empty and failed ones. Each is billed.
    pub requests: u64,
    /// Messages received, the same one as often as it came: each is one receive more on its count.
    pub receives: u64,
    /// By the millisecond at which they come back.
    hidden: BTreeMap<u64, Hidden>,
    /// How many these are together: the header says it in every frame.
    hiding: u64,
    /// FIFO groups that we block, by name, with the millisecond at which the last message of ours comes back.
    groups: BTreeMap<Box<str>, u64>,
    /// Milliseconds for which messages were hidden that are back.
    returned: u64,
    /// When the last poll ended. A screen's present is that of its last tick, which may be a while before.
    latest: u64,
    fifo: bool,
}

/// Messages that come back together.
#[derive(Clone, Copy, Debug, Default)]
struct Hidden {
    count: u64,
    /// The sum of the milliseconds at which they were hidden.
    since: u64,
}

impl Impact {
    /// Counts a poll; the millisecond at which its messages come back, if they are hidden.
    pub(super) fn observe(&mut self, observation: &Observation) -> Option<u64> {
        self.requests += 1;
        self.receives += observation.messages().len() as u64;
        let now = milliseconds(observation.finished().offset);
        self.latest = self.latest.max(now);
        self.settle(now);
        let timeout = u64::from(observation.asked.visibility_timeout.get()) * 1_000;
        if timeout == 0 || observation.messages().is_empty() {
            return None;
        }
        let back = now + timeout;
        let count = observation.messages().len() as u64;
        let hidden = self.hidden.entry(back).or_default();
        hidden.count += count;
        hidden.since += count * now;
        self.hiding += count;
        Some(back)
    }

    /// One of its messages.
    pub(super) fn received(&mut self, facts: &Facts<'_>, back: Option<u64>) {
        let Some(group) = facts.message_group_id else { return };
        self.fifo = true;
        if let Some(back) = back.filter(|_| self.groups.len() < GROUPS || self.groups.contains_key(group)) {
            self.groups.insert(group.into(), back);
        }
    }

    /// What has come back is counted as done.
    fn settle(&mut self, now: u64) {
        let still = self.hidden.split_off(&(now + 1));
        let back = std::mem::replace(&mut self.hidden, still);
        self.hiding -= back.values().map(|hidden| hidden.count).sum::<u64>();
        self.returned += back.iter().map(|(back, hidden)| hidden.milliseconds(*back)).sum::<u64>();
        self.groups.retain(|_, back| *back > now);
    }

    /// Messages that we hide from their consumers at the offset `now`, and how long until the last of them is back.
    #[must_use]
    pub fn hidden(&self, now: Duration) -> (u64, Duration) {
        let now = self.at(now);
        let back: u64 = self.hidden.range(..=now).map(|(_, hidden)| hidden.count).sum();
        let count = self.hiding - back;
        let last = self.hidden.last_key_value().map_or(0, |(back, _)| back.saturating_sub(now));
        (count, Duration::from_millis(last))
    }

    /// Message-seconds hidden so far: ten messages for 30 s are 300.
    #[must_use]
    pub fn hidden_message_seconds(&self, now: Duration) -> u64 {
        let now = self.at(now);
        let open: u64 = self.hidden.iter().map(|(back, hidden)| hidden.milliseconds(now.min(*back))).sum();
        (self.returned + open) / 1_000
    }

    /// FIFO groups that we block at the offset `now`, by name, and for how long still.
    pub fn blocked_groups(&self, now: Duration) -> impl Iterator<Item = (&str, Duration)> {
        let now = self.at(now);
        let blocked = self.groups.iter().filter(move |(_, back)| **back > now);
        blocked.map(move |(name, back)| (&**name, Duration::from_millis(back - now)))
    }

    fn at(&self, now: Duration) -> u64 {
        milliseconds(now).max(self.latest)
    }

    /// Whether its messages have groups.
    #[must_use]
    pub fn is_fifo(&self) -> bool {
        self.fifo
    }
}

impl Hidden {
    /// For how long they were hidden together, up to `until`.
    fn milliseconds(self, until: u64) -> u64 {
        (self.count * until).saturating_sub(self.since)
    }
}

fn milliseconds(offset: Duration) -> u64 {
    u64::try_from(offset.as_millis()).unwrap_or(u64::MAX / 2)
}

/// Receives of one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receives {
    /// The larger of what SQS said last and what we received ourselves.
    pub total: u32,
    /// Ours.
    pub by_us: u32,
    /// The others'; none where the gateway forwards no count.
    pub by_others: Option<u32>,
}

impl Receives {
    /// Those of a message that is held.
    #[must_use]
    pub fn of(entry: &Entry<'_>) -> Self {
        Self::new(entry.receives(), entry.approximate_receive_count())
    }

    /// Those of a message that we received so often, and of which SQS said how often anyone did.
    #[must_use]
    pub fn new(by_us: u32, said: Option<u32>) -> Self {
        Self {
            total: by_us.max(said.unwrap_or_default()),
            by_us,
            by_others: said.map(|said| said.saturating_sub(by_us)),
        }
    }

    /// Near its limit because others receive it: its consumers take it, and do not delete it.
    #[must_use]
    pub fn is_poison(self, threshold: Option<u32>) -> bool {
        let by_others = self.by_others.unwrap_or_default();
        by_others > self.by_us && threshold.is_some_and(|threshold| self.total >= threshold)
    }
}

/// What requests cost, in US dollars a million. AWS's public prices for us-east-1 unless an owner says otherwise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prices {
    /// A REST API's requests.
    pub rest_api: f64,
    /// An HTTP API's requests.
    pub http_api: f64,
    /// A standard queue's requests.
    pub standard_queue: f64,
    /// A FIFO queue's requests.
    pub fifo_queue: f64,
}

impl Default for Prices {
    fn default() -> Self {
        Self { rest_api: 3.50, http_api: 1.00, standard_queue: 0.40, fifo_queue: 0.50 }
    }
}

impl Prices {
    /// What so many requests cost through a REST API or an HTTP API: an estimate, as free tiers, volume discounts and
    /// payloads beyond 64 KB are left out.
    #[must_use]
    pub fn cost(&self, requests: f64, http_api: bool, fifo: bool) -> f64 {
        let gateway = if http_api { self.http_api } else { self.rest_api };
        let queue = if fifo { self.fifo_queue } else { self.standard_queue };
        requests * (gateway + queue) / 1e6
    }
}
