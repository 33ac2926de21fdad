//! One queue: its messages, and the indexes that make every operation logarithmic.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use super::message::{State, Stored};
use super::order::{Order, Sequence};
use super::{Counts, MaxReceiveCount, Receive, Sent, Settings, SqsError};

/// SQS: a duplicate of a message sent less than five minutes before is accepted and dropped.
const DEDUPLICATION: Duration = Duration::from_secs(300);
/// SQS: messages of one queue that may be in flight.
const IN_FLIGHT: u64 = 120_000;

pub(super) struct Queue {
    pub name: Arc<str>,
    pub fifo: bool,
    pub settings: Settings,
    /// The index of the dead-letter queue, and how many receives a message survives.
    pub redrive: Option<(usize, MaxReceiveCount)>,
    pub next: Sequence,
    messages: HashMap<Sequence, Stored>,
    order: Order,
    /// What is hidden or delayed, by when that ends.
    waiting: BTreeSet<(Duration, Sequence)>,
    /// Every message, the one sent first in front.
    ages: BTreeSet<(Duration, Sequence)>,
    recent: HashMap<String, Sent>,
    recent_until: VecDeque<(Duration, String)>,
    counts: Counts,
    bytes: usize,
    now: Duration,
}

/// What a receive took out of a queue.
pub(super) struct Taken {
    pub received: Vec<Sequence>,
    /// Received too often already: for the dead-letter queue.
    pub dead: Vec<Stored>,
}

impl Queue {
    pub fn new(name: &str, settings: Settings) -> Self {
        let fifo = super::is_fifo(name);
        Self {
            name: name.into(),
            fifo,
            settings,
            redrive: None,
            next: 0,
            messages: HashMap::new(),
            order: Order::new(fifo),
            waiting: BTreeSet::new(),
            ages: BTreeSet::new(),
            recent: HashMap::new(),
            recent_until: VecDeque::new(),
            counts: Counts::default(),
            bytes: 0,
            now: Duration::ZERO,
        }
    }

    pub fn counts(&self) -> Counts {
        self.counts
    }

    pub fn is_receivable(&self) -> bool {
        self.order.is_receivable()
    }

    pub fn receivable(&self) -> usize {
        self.order.receivable()
    }

    /// When the next hidden or delayed message becomes visible.
    pub fn next_visible(&self) -> Option<Duration> {
        self.waiting.first().map(|(at, _)| *at)
    }

    /// Lets time pass: what expired goes, what was hidden or delayed for long enough is shown. Time never goes back.
    pub fn settle(&mut self, now: Duration) {
        self.now = self.now.max(now);
        while let Some(&(sent, sequence)) = self.ages.first() {
            if sent.saturating_add(self.settings.retention) > self.now {
                break;
            }
            self.expire(sequence);
        }
        while let Some(&(until, sequence)) = self.waiting.first() {
            if until > self.now {
                break;
            }
            self.waiting.pop_first();
            self.reveal(sequence);
        }
        self.forget_duplicates();
    }

    fn reveal(&mut self, sequence: Sequence) {
        let Some(stored) = self.messages.get_mut(&sequence) else { return };
        let group = stored.group.as_ref();
        match stored.state {
            State::InFlight { .. } => {
                self.order.unhide(group);
                self.counts.in_flight -= 1;
            }
            State::Delayed { .. } => self.counts.delayed -= 1,
            State::Visible { .. } => return,
        }
        stored.state = State::Visible { turn: self.order.show(sequence, group) };
        self.counts.visible += 1;
    }

    fn forget_duplicates(&mut self) {
        while self.recent_until.front().is_some_and(|(until, _)| *until <= self.now) {
            if let Some((_, id)) = self.recent_until.pop_front() {
                self.recent.remove(&id);
            }
        }
    }

    /// The answer to the first message of this deduplication id, if that was sent within five minutes.
    pub fn duplicate_of(&mut self, deduplication_id: &str) -> Option<Sent> {
        let sent = self.recent.get(deduplication_id).cloned()?;
        self.counts.deduplicated += 1;
        Some(sent)
    }

    /// Adds a message just sent.
    pub fn send(&mut self, stored: Stored, delay: Duration) -> Sent {
        let sent = stored.sent();
        if let (true, Some(id)) = (self.fifo, &stored.deduplication_id) {
            self.recent.insert(id.clone(), sent.clone());
            self.recent_until.push_back((self.now.saturating_add(DEDUPLICATION), id.clone()));
        }
        self.counts.sent += 1;
        self.add(stored, delay);
        sent
    }

    /// Takes over a message that another queue gave up on.
    pub fn take_over(&mut self, mut stored: Stored, source: Arc<str>) {
        stored.source = Some(source);
        stored.received_here = 0;
        self.counts.taken_over += 1;
        self.add(stored, Duration::ZERO);
    }

    fn add(&mut self, mut stored: Stored, delay: Duration) {
        let sequence = self.next;
        self.next += 1;
        if delay.is_zero() {
            stored.state = State::Visible { turn: self.order.show(sequence, stored.group.as_ref()) };
            self.counts.visible += 1;
        } else {
            let until = self.now.saturating_add(delay);
            stored.state = State::Delayed { until };
            self.waiting.insert((until, sequence));
            self.counts.delayed += 1;
        }
        self.ages.insert((stored.sent, sequence));
        self.bytes += stored.held_bytes();
        self.messages.insert(sequence, stored);
        self.make_room();
    }

    /// Holds the queue to its bounds: the oldest expires before its time.
    fn make_room(&mut self) {
        while self.messages.len() > self.settings.held_messages || self.bytes > self.settings.held_bytes {
            let Some(&(_, oldest)) = self.ages.first() else { return };
            self.expire(oldest);
        }
    }

    fn expire(&mut self, sequence: Sequence) {
        if self.remove(sequence).is_some() {
            self.counts.expired += 1;
        }
    }

    /// Takes a message out of every index.
    fn remove(&mut self, sequence: Sequence) -> Option<Stored> {
        let stored = self.messages.remove(&sequence)?;
        let group = stored.group.as_ref();
        match stored.state {
            State::Visible { turn } => {
                self.order.forget(sequence, turn, group);
                self.counts.visible -= 1;
            }
            State::InFlight { until } => {
                self.waiting.remove(&(until, sequence));
                self.order.unhide(group);
                self.counts.in_flight -= 1;
            }
            State::Delayed { until } => {
                self.waiting.remove(&(until, sequence));
                self.counts.delayed -= 1;
            }
        }
        self.ages.remove(&(stored.sent, sequence));
        self.bytes = self.bytes.saturating_sub(stored.held_bytes());
        Some(stored)
    }

    /// Takes up to the asked number of messages and hides them, or leaves them visible behind all others.
    pub fn receive(&mut self, receive: &Receive) -> Result<Taken, SqsError> {
        if !self.fifo && self.counts.in_flight >= IN_FLIGHT {
            return Err(SqsError::OverLimit);
        }
        let taken = self.draw(receive.max_number_of_messages.get() as usize);
        let timeout = receive.visibility_timeout.unwrap_or(self.settings.visibility_timeout).get();
        for &sequence in &taken.received {
            self.hide(sequence, Duration::from_secs(timeout.into()));
        }
        Ok(taken)
    }

    fn draw(&mut self, max: usize) -> Taken {
        let mut taken = Taken { received: Vec::with_capacity(max), dead: Vec::new() };
        let limit = self.redrive.map(|(_, max_receive_count)| max_receive_count.get());
        while taken.received.len() < max {
            let Some(sequence) = self.order.draw() else { break };
            let spent = limit.is_some_and(|limit| self.messages[&sequence].received_here >= limit);
            if !spent {
                taken.received.push(sequence);
            } else if let Some(stored) = self.remove(sequence) {
                self.counts.dead_lettered += 1;
                taken.dead.push(stored);
            }
        }
        taken
    }

    fn hide(&mut self, sequence: Sequence, timeout: Duration) {
        let Some(stored) = self.messages.get_mut(&sequence) else { return };
        stored.received_here = stored.received_here.saturating_add(1);
        stored.receive_count = stored.receive_count.saturating_add(1);
        stored.first_receive.get_or_insert(self.now);
        self.counts.received += 1;
        let group = stored.group.as_ref();
        if timeout.is_zero() {
            stored.state = State::Visible { turn: self.order.put_back(sequence, group) };
            return;
        }
        let until = self.now.saturating_add(timeout);
        self.order.hide(group);
        self.waiting.insert((until, sequence));
        stored.state = State::InFlight { until };
        self.counts.visible -= 1;
        self.counts.in_flight += 1;
    }

    pub fn get(&self, sequence: Sequence) -> Option<&Stored> {
        self.messages.get(&sequence)
    }

    /// Whether the `receive`-th receive of the message at `sequence` still hides it.
    pub fn is_hidden_by(&self, sequence: Sequence, receive: u32) -> bool {
        self.messages.get(&sequence).is_some_and(|stored| {
            stored.received_here == receive && matches!(stored.state, State::InFlight { .. })
        })
    }

    /// Deletes what the `receive`-th receive of the message at `sequence` returned.
    pub fn delete(&mut self, sequence: Sequence, receive: u32, handle: &str) -> Result<(), SqsError> {
        let Some(stored) = self.messages.get(&sequence) else {
            // SQS: deleting what is deleted already succeeds. A handle of the future was sealed by nobody.
            return Ok(());
        };
        if stored.received_here != receive {
            return Err(SqsError::ReceiptHandleIsInvalid(handle.to_owned()));
        }
        if self.fifo && !matches!(stored.state, State::InFlight { .. }) {
            return Err(SqsError::invalid("ReceiptHandle", &handle, "The receipt handle has expired."));
        }
        self.remove(sequence);
        self.counts.deleted += 1;
        Ok(())
    }
}
