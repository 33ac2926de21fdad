//! In-memory queues with SQS's rules. Pure: no clock, no I/O; every operation is told what time it is.
//!
//! A queue and its dead-letter queue live in one [`Queues`], so that a message is in exactly one of them at
//! every instant. Rules are those of the
//! [SQS developer guide](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/).

mod check;
mod error;
mod held;
mod message;
mod order;
pub(crate) mod receipt;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::sqs::{Message, Ranged, VisibilityTimeout, WaitTimeSeconds};
pub use error::SqsError;
use held::Queue;
use message::Stored;
pub use message::{DelaySeconds, Receive, SendMessage, Sent};
use receipt::Receipt;

pub use crate::sqs::MaxReceiveCount;
pub(crate) use crate::sqs::is_fifo;

/// Account and region in the ARNs of queues that live nowhere.
const ARN: &str = "arn:aws:sqs:us-east-1:000000000000:";

/// Where a queue moves messages that were received too often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedrivePolicy {
    /// Another queue of the same kind.
    pub dead_letter_queue: String,
    /// The receive after this many moves the message instead of returning it.
    pub max_receive_count: MaxReceiveCount,
}

/// What an owner sets on a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// For receives that name none. SQS: 30 s unless set.
    pub visibility_timeout: VisibilityTimeout,
    /// For receives that name none. SQS: 0 s unless set.
    pub wait_time_seconds: WaitTimeSeconds,
    /// For sends that name none. SQS: 0 s unless set.
    pub delay_seconds: DelaySeconds,
    /// How long a message is kept. SQS: 4 days unless set.
    pub retention: Duration,
    /// FIFO only: a message sent without a deduplication id gets a digest of its body. SQS takes SHA-256 for
    /// it, this queue MD5.
    pub content_based_deduplication: bool,
    /// Messages held at most; beyond it the oldest expires early. Ours, not SQS's: this queue lives in memory.
    pub held_messages: usize,
    /// Bytes held at most, roughly; beyond it the oldest expires early. Ours, not SQS's.
    pub held_bytes: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            visibility_timeout: VisibilityTimeout::try_from(30).unwrap_or(Ranged::MIN),
            wait_time_seconds: Ranged::MIN,
            delay_seconds: Ranged::MIN,
            retention: Duration::from_secs(4 * 24 * 3600),
            content_based_deduplication: false,
            held_messages: 500_000,
            held_bytes: 512 * 1024 * 1024,
        }
    }
}

/// Where a queue's messages are and went. At every instant, see [`Counts::is_conserved`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Messages sent to this queue, duplicates not counted.
    pub sent: u64,
    /// Messages that came from a queue of which this is the dead-letter queue.
    pub taken_over: u64,
    /// Messages deleted.
    pub deleted: u64,
    /// Messages moved to the dead-letter queue.
    pub dead_lettered: u64,
    /// Messages that were kept for the retention period, or had to make room.
    pub expired: u64,
    /// Messages that are neither hidden nor delayed; on a FIFO queue some may be blocked by their group.
    pub visible: u64,
    /// Messages that a receive hides.
    pub in_flight: u64,
    /// Messages not visible yet.
    pub delayed: u64,
    /// Times a message was handed out; not part of the balance.
    pub received: u64,
    /// Sends that were dropped as duplicates; not part of the balance.
    pub deduplicated: u64,
}

impl Counts {
    /// Whether every message that came is somewhere, and nowhere twice.
    #[must_use]
    pub fn is_conserved(&self) -> bool {
        let here = self.visible + self.in_flight + self.delayed;
        self.sent + self.taken_over == here + self.deleted + self.dead_lettered + self.expired
    }
}

/// Several queues under one clock, the first created being the default one.
pub struct Queues {
    epoch: i64,
    seed: u64,
    all: Vec<Queue>,
    names: HashMap<Box<str>, usize>,
}

impl Queues {
    /// No queues yet. `started` is the wall clock's time at offset zero; the same `seed` gives the same
    /// message ids.
    #[must_use]
    pub fn new(started: DateTime<Utc>, seed: u64) -> Self {
        Self { epoch: started.timestamp_millis(), seed, all: Vec::new(), names: HashMap::new() }
    }

    /// Creates a queue; FIFO when its name ends in `.fifo`.
    ///
    /// # Errors
    /// When the name is taken or not one SQS allows.
    pub fn create(&mut self, name: &str, settings: Settings) -> Result<(), SqsError> {
        check_name(name)?;
        if self.names.contains_key(name) {
            return Err(SqsError::QueueNameExists);
        }
        self.names.insert(name.into(), self.all.len());
        self.all.push(Queue::new(name, settings));
        Ok(())
    }

    /// From now on `queue` moves what was received too often. Without a policy a message is received for as
    /// often as anyone likes.
    ///
    /// # Errors
    /// When either queue is absent, both are the same, or one is FIFO and the other is not.
    pub fn set_redrive_policy(&mut self, queue: &str, policy: &RedrivePolicy) -> Result<(), SqsError> {
        let (source, target) = (self.index(queue)?, self.index(&policy.dead_letter_queue)?);
        if source == target || self.all[source].fifo != self.all[target].fifo {
            let reason = "The dead-letter queue must be another queue of the same type.";
            return Err(SqsError::invalid("RedrivePolicy", &policy.dead_letter_queue, reason));
        }
        self.all[source].redrive = Some((target, policy.max_receive_count));
        Ok(())
    }

    fn index(&self, name: &str) -> Result<usize, SqsError> {
        self.names.get(name).copied().ok_or(SqsError::NonExistentQueue)
    }

    /// Sends one message.
    ///
    /// # Errors
    /// What SQS refuses: see [`SqsError`].
    pub fn send(&mut self, queue: &str, mut message: SendMessage, now: Duration) -> Result<Sent, SqsError> {
        let index = self.index(queue)?;
        let queue = &mut self.all[index];
        check::send(&message, queue.fifo, queue.settings.content_based_deduplication)?;
        queue.settle(now);
        if queue.fifo {
            let id = message
                .message_deduplication_id
                .get_or_insert_with(|| crate::sqs::digests::md5_of_body(&message.body));
            if let Some(sent) = queue.duplicate_of(id) {
                return Ok(sent);
            }
        }
        let delay = message.delay_seconds.unwrap_or(queue.settings.delay_seconds).get();
        let id = receipt::message_id(self.seed, small(index), queue.next);
        let stored = Stored::new(message, id, queue.next, queue.fifo, now);
        Ok(queue.send(stored, Duration::from_secs(delay.into())))
    }

    /// Receives up to the asked number of messages, moving to the dead-letter queue what was received too
    /// often. Does not wait: that is the gateway's part.
    ///
    /// # Errors
    /// What SQS refuses: see [`SqsError`].
    pub fn receive(
        &mut self,
        queue: &str,
        receive: &Receive,
        now: Duration,
    ) -> Result<Vec<Message>, SqsError> {
        let index = self.index(queue)?;
        check::attribute_names(&receive.attribute_name)?;
        let queue = &mut self.all[index];
        queue.settle(now);
        let taken = queue.receive(receive)?;
        let received = taken.received.into_iter();
        let messages = received.filter_map(|sequence| self.received(index, sequence, receive)).collect();
        self.dead_letter(index, taken.dead, now);
        Ok(messages)
    }

    fn received(&self, queue: usize, sequence: u64, receive: &Receive) -> Option<Message> {
        let stored = self.all[queue].get(sequence)?;
        let receipt = Receipt { queue: small(queue), sequence, receive: stored.received_here };
        Some(stored.received(receive, receipt.seal(self.seed), self.epoch))
    }

    fn dead_letter(&mut self, source: usize, dead: Vec<Stored>, now: Duration) {
        let Some((target, _)) = self.all[source].redrive else { return };
        let arn: Arc<str> = format!("{ARN}{}", self.all[source].name).into();
        self.all[target].settle(now);
        for stored in dead {
            self.all[target].take_over(stored, Arc::clone(&arn));
        }
    }

    /// Deletes the message that a receive returned under this handle; deleting it again succeeds.
    ///
    /// # Errors
    /// [`SqsError::ReceiptHandleIsInvalid`] when this queue did not issue the handle or a later receive of the
    /// message superseded it; on a FIFO queue also an expired handle is refused.
    pub fn delete(&mut self, queue: &str, receipt_handle: &str, now: Duration) -> Result<(), SqsError> {
        let index = self.index(queue)?;
        let receipt = Receipt::open(receipt_handle, self.seed)
            .filter(|receipt| receipt.queue == small(index))
            .ok_or_else(|| SqsError::ReceiptHandleIsInvalid(receipt_handle.to_owned()))?;
        let queue = &mut self.all[index];
        queue.settle(now);
        queue.delete(receipt.sequence, receipt.receive, receipt_handle)
    }

    /// Lets time pass in every queue. Every other operation does so for the queue it is about.
    pub fn settle(&mut self, now: Duration) {
        for queue in &mut self.all {
            queue.settle(now);
        }
    }

    /// When the next hidden or delayed message of any queue becomes visible.
    #[must_use]
    pub fn next_visible(&self) -> Option<Duration> {
        self.all.iter().filter_map(Queue::next_visible).min()
    }

    /// The names of the queues in the order of their creation.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.all.iter().map(|queue| &*queue.name)
    }

    /// Where the messages of `queue` are and went; none when there is no such queue.
    #[must_use]
    pub fn counts(&self, queue: &str) -> Option<Counts> {
        Some(self.all[self.index(queue).ok()?].counts())
    }

    /// Whether the receive that was given this handle still hides its message, as of the last time anything was asked of
    /// `queue`.
    #[must_use]
    pub fn is_hidden_by(&self, queue: &str, receipt_handle: &str) -> bool {
        let Some((index, receipt)) = self.index(queue).ok().zip(Receipt::open(receipt_handle, self.seed))
        else {
            return false;
        };
        self.all[index].is_hidden_by(receipt.sequence, receipt.receive)
    }

    /// After how many receives `queue` moves a message away; none when it has no dead-letter queue.
    #[must_use]
    pub fn max_receive_count(&self, queue: &str) -> Option<MaxReceiveCount> {
        self.all[self.index(queue).ok()?].redrive.map(|(_, max_receive_count)| max_receive_count)
    }

    /// How many messages receives of `queue` could hand out now; blocked FIFO groups do not count.
    #[must_use]
    pub fn receivable(&self, queue: &str) -> usize {
        self.index(queue).map_or(0, |index| self.all[index].receivable())
    }

    /// For each queue, whether a receive would find something.
    pub(crate) fn are_receivable(&self) -> impl Iterator<Item = bool> {
        self.all.iter().map(Queue::is_receivable)
    }

    /// How long a receive of `queue` waits when it names no time.
    pub(crate) fn wait_time_seconds(&self, queue: &str) -> WaitTimeSeconds {
        self.index(queue).map_or(Ranged::MIN, |index| self.all[index].settings.wait_time_seconds)
    }
}

/// SQS: up to 80 letters, digits, hyphens and underscores, and `.fifo` at the end of a FIFO queue's.
fn check_name(name: &str) -> Result<(), SqsError> {
    let plain = name.strip_suffix(".fifo").unwrap_or(name);
    let fits = !plain.is_empty()
        && name.len() <= 80
        && plain.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    let reason = "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length.";
    if fits { Ok(()) } else { Err(SqsError::invalid("QueueName", &name, reason)) }
}

fn small(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}
