//! Consumers: they receive with a visibility timeout, work for a while, then delete, or fail and let the
//! message come back.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

use rand::RngExt as _;
use rand::rngs::ChaCha8Rng;

use super::bodies::POISON;
use crate::local::queue::{Queues, Receive};
use crate::sqs::{AttributeName, MaxNumberOfMessages, Message, Ranged, VisibilityTimeout};

/// A consumer that fails on a message lets it come back after this long.
const TIMEOUT_SECONDS: u32 = 4;
/// The backlog that consumers leave standing, so that a watcher has something to see.
const BACKLOG: f64 = 40.0;
/// The share of messages that fail once for no reason of their own.
const FLAKY: f64 = 0.01;
/// For how long the stalled consumer holds on to its message.
const STALL_SECONDS: u32 = 90;
/// For how long it behaves before it stalls again.
const BETWEEN_STALLS: Duration = Duration::from_secs(20);
/// The group that the stalled consumer blocks.
pub(super) const STALLED: &str = "eu";

/// The consumers of one queue.
pub(super) struct Consumers {
    queue: &'static str,
    rng: ChaCha8Rng,
    /// Messages per second at which these consumers keep pace.
    rate: f64,
    /// How much faster than that they work at most.
    most: f64,
    /// Messages that may be received by now, with the fraction that is left over.
    allowance: f64,
    /// Receipt handles by when the work on the message is done.
    work: BTreeMap<(Duration, u64), String>,
    started: u64,
    /// How long the work on a message takes, in milliseconds.
    takes: Range<u64>,
    stall_at: Option<Duration>,
    /// The share of messages that fail once for no reason of their own.
    flaky: f64,
}

impl Consumers {
    /// Consumers that never stall.
    pub fn new(queue: &'static str, rate: f64, most: f64, rng: ChaCha8Rng) -> Self {
        Self {
            queue,
            rng,
            rate,
            most,
            allowance: 0.0,
            work: BTreeMap::new(),
            started: 0,
            takes: 80..900,
            stall_at: None,
            flaky: FLAKY,
        }
    }

    /// From `at` on, one of them stalls on the first message of one group that it gets, again and again. All of
    /// them work fast and without failing: a group is blocked for as long as a message of it is hidden.
    pub fn stalling(self, at: Duration) -> Self {
        Self { stall_at: Some(at), takes: 20..90, flaky: 0.0, ..self }
    }

    pub fn step(&mut self, queues: &mut Queues, now: Duration, tick: Duration) {
        self.finish(queues, now);
        self.begin(queues, now, tick);
    }

    fn finish(&mut self, queues: &mut Queues, now: Duration) {
        while let Some(entry) = self.work.first_entry() {
            if entry.key().0 > now {
                break;
            }
            // The handle is stale when the work took longer than the timeout: the message will be worked on again.
            let _ = queues.delete(self.queue, &entry.remove(), now);
        }
    }

    /// The more is waiting, the harder they work, up to their limit: so the backlog stays near its level.
    fn begin(&mut self, queues: &mut Queues, now: Duration, tick: Duration) {
        let waiting = f64::from(u32::try_from(queues.receivable(self.queue)).unwrap_or(u32::MAX));
        let effort = (waiting / BACKLOG).min(self.most);
        let most_at_once = (self.rate * self.most).max(1.0);
        self.allowance = (self.allowance + self.rate * effort * tick.as_secs_f64()).min(most_at_once);
        while self.allowance >= 1.0 {
            let received = self.receive(queues, now);
            if received.is_empty() {
                return;
            }
            for message in received {
                self.allowance -= 1.0;
                self.work_on(&message, now);
            }
        }
    }

    fn receive(&mut self, queues: &mut Queues, now: Duration) -> Vec<Message> {
        let hunting = self.is_stalling(now);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "1 to 10 after the clamp"
        )]
        let several = self.allowance.clamp(1.0, 10.0) as u32;
        let max = if hunting { 1 } else { several };
        let timeout = if hunting { STALL_SECONDS } else { TIMEOUT_SECONDS };
        let receive = Receive {
            max_number_of_messages: MaxNumberOfMessages::try_from(max).unwrap_or(Ranged::MIN),
            visibility_timeout: VisibilityTimeout::try_from(timeout).ok(),
            attribute_name: vec![AttributeName::MessageGroupId],
            ..Receive::default()
        };
        // Every queue of a scenario exists, and the parameters are in range.
        queues.receive(self.queue, &receive, now).unwrap_or_default()
    }

    fn is_stalling(&self, now: Duration) -> bool {
        self.stall_at.is_some_and(|at| at <= now)
    }

    fn work_on(&mut self, message: &Message, now: Duration) {
        if self.is_stalling(now) && message.message_group_id() == Some(STALLED) {
            // Neither deleted nor given back: it is hidden until the timeout ends, and so is its group.
            self.stall_at = Some(now + Duration::from_secs(STALL_SECONDS.into()) + BETWEEN_STALLS);
            return;
        }
        let takes = Duration::from_millis(self.rng.random_range(self.takes.clone()));
        let fails = self.rng.random_bool(self.flaky) || message.body.contains(POISON);
        if !fails {
            self.started += 1;
            self.work.insert((now + takes, self.started), message.receipt_handle.clone());
        }
    }
}
