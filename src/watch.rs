//! What the observations add up to.
//!
//! ```text
//!   Observation ──observe──▶ Watch ─ one EndpointWatch each ─┬─ ledger   messages by id, every sighting
//!                                                            ├─ series   per second: received, distinct, faults
//!                                                            ├─ latency  percentiles
//!                                                            ├─ ages     how old messages are at receive
//!                                                            ├─ sent     per second: messages by SentTimestamp
//!                                                            ├─ shape    the keys of JSON bodies
//!                                                            ├─ faults   a log of them
//!                                                            └─ impact   what watching does to the queue
//! ```
//!
//! Folding is pure: no clock, no I/O, no async. The same observations always fold to the same `Watch`.

pub mod ages;
pub mod faults;
pub mod impact;
pub mod latency;
pub mod ledger;
pub mod sent;
pub mod series;
pub mod shape;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::observation::{EndpointName, Guarded, Moment, Next, Observation, Outcome, Timing};
use crate::wire::Fault;
pub use ages::Ages;
pub use faults::FaultLog;
pub use impact::{Impact, Prices, Receives};
pub use latency::Latency;
use ledger::{Arrival, SharedLoaded};
pub use ledger::{Entry, Held, HeldReader, Ledger, Sighting};
pub use sent::Sent;
pub use series::{Series, Span};
pub use shape::Shape;

/// Rates are taken over this long, or over two polls when that is longer.
const RATE_WINDOW: Duration = Duration::from_secs(10);
/// The present rate of requests is taken over this long: intervals stretch to half a minute.
const REQUEST_WINDOW: Duration = Duration::from_secs(300);
/// A rate never looks back further: what was before a pause is not of late.
const LONGEST_RATE_WINDOW: Duration = Duration::from_secs(60);

/// How much a watch may hold, over all endpoints. What is dropped is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Bytes of messages and their sightings.
    pub bytes: usize,
    /// Messages.
    pub messages: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { bytes: 256 << 20, messages: 100_000 }
    }
}

/// Whether an observation changed something that a person is waiting to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Only counters moved: the next draw shows them in good time.
    Quiet,
    /// Messages came, or an endpoint changed its state.
    Visible,
}

/// Everything observed, folded.
#[derive(Debug, Default)]
pub struct Watch {
    endpoints: BTreeMap<EndpointName, EndpointWatch>,
    bounds: Bounds,
    loaded: SharedLoaded,
}

/// What one endpoint's observations add up to.
#[derive(Debug, Default)]
pub struct EndpointWatch {
    /// Its messages.
    pub ledger: Ledger,
    /// Its seconds.
    pub series: Series,
    /// Its answer times.
    pub latency: Latency,
    /// How old its messages are when they are received.
    pub ages: Ages,
    /// When its messages were sent.
    pub sent: Sent,
    /// The keys of its bodies.
    pub shape: Shape,
    /// Its faults.
    pub faults: FaultLog,
    /// Polls that were answered or failed.
    pub polls: u64,
    /// What its polls did to the queue.
    pub impact: Impact,
    /// How long the last poll's parts took, and those of the last that opened a connection.
    pub timings: (Option<Timing>, Option<Timing>),
    last: Option<LastPoll>,
    withheld: Option<Guarded>,
}

#[derive(Debug)]
struct LastPoll {
    finished: Moment,
    next: Next,
    fault: Option<Fault>,
    /// From the start of the poll before to the start of this one, when both went as planned.
    period: Duration,
    started: Duration,
}

/// How an endpoint stands, as its last observation leaves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// No answer has come yet.
    Waiting,
    /// The last poll was answered.
    Live,
    /// A fault that may pass: the next try is at this offset.
    BackingOff {
        /// Since the program's start.
        until: Duration,
    },
    /// The user paused it.
    Paused,
    /// A fault that does not pass by itself.
    Stopped,
    /// The next poll could do harm, and is not made.
    Guarded {
        /// What harm.
        why: Guarded,
    },
}

impl Watch {
    /// An empty watch that holds no more than `bounds`.
    #[must_use]
    pub fn new(bounds: Bounds) -> Self {
        Self { bounds, ..Self::default() }
    }

    /// Folds one observation in.
    pub fn observe(&mut self, observation: &Observation) -> Change {
        let new = || EndpointWatch { ledger: Ledger::new(self.loaded.clone()), ..EndpointWatch::default() };
        let watch = self.endpoints.entry(observation.endpoint.clone()).or_insert_with(new);
        let change = watch.observe(observation);
        if !observation.messages().is_empty() {
            self.keep_within_bounds();
        }
        change
    }

    /// What is known of an endpoint; nothing before its first observation.
    #[must_use]
    pub fn endpoint(&self, name: &EndpointName) -> Option<&EndpointWatch> {
        self.endpoints.get(name)
    }

    /// All endpoints that were observed.
    pub fn endpoints(&self) -> impl Iterator<Item = &EndpointWatch> {
        self.endpoints.values()
    }

    /// Forgets an endpoint and all that came from it.
    pub fn forget(&mut self, name: &EndpointName) {
        self.endpoints.remove(name);
    }

    /// Drops the oldest messages of whichever endpoint holds most, so that a loud queue does not push out a
    /// quiet one's messages.
    fn keep_within_bounds(&mut self) {
        loop {
            let (bytes, messages) = self.endpoints.values().fold((0, 0), |(bytes, count), watch| {
                (bytes + watch.ledger.bytes(), count + watch.ledger.len())
            });
            let excess = messages.saturating_sub(self.bounds.messages);
            if excess == 0 && bytes <= self.bounds.bytes {
                return;
            }
            let fullest =
                self.endpoints.values_mut().max_by_key(|watch| (watch.ledger.bytes(), watch.ledger.len()));
            let Some(fullest) = fullest else { return };
            let dropped = fullest.ledger.drop_oldest(bytes.saturating_sub(self.bounds.bytes), excess);
            if dropped == 0 {
                return;
            }
        }
    }
}

impl EndpointWatch {
    fn observe(&mut self, observation: &Observation) -> Change {
        if let Some(guarded) = observation.withheld() {
            return self.guarded(observation, guarded);
        }
        let before = self.state();
        let finished = observation.finished();
        let all_asked = observation.asked.asks_for_all_message_attributes();
        let mut distinct = 0;
        let hidden_until = self.impact.observe(observation);
        for message in observation.messages() {
            let facts = message.facts();
            let sent = facts.sent_at();
            let is_new = self.ledger.sight(&Arrival { message, facts, sent, all_asked, at: finished });
            distinct += u32::from(is_new);
            self.impact.received(&facts, hidden_until);
            if let Some(sent) = sent {
                let age = (finished.wall - sent).to_std().unwrap_or_default();
                self.ages.record(age, finished.offset);
            }
            if is_new {
                sent.inspect(|sent| self.sent.record(*sent, finished.wall));
                self.shape.look_at(facts.body, finished);
            }
        }
        self.polls += 1;
        let opened = observation.timing.connect.is_some();
        self.timings = (Some(observation.timing), opened.then_some(observation.timing).or(self.timings.1));
        self.series.observe(observation, distinct);
        match &observation.outcome {
            Outcome::Received { .. } => self.latency.record(observation.timing.total),
            Outcome::Faulted(fault) => self.faults.record(fault, finished),
            Outcome::Withheld(_) => {}
        }
        self.withheld = None;
        let started = observation.started.offset;
        let period = self.last.as_ref().map_or(Duration::ZERO, |last| started.saturating_sub(last.started));
        let fault = observation.fault().cloned();
        self.last = Some(LastPoll { finished, next: observation.next, fault, period, started });
        let same = before == self.state();
        if same && observation.messages().is_empty() { Change::Quiet } else { Change::Visible }
    }

    /// A poll that was not made counts as none; what is held stays, and the seconds from here on are a gap.
    fn guarded(&mut self, observation: &Observation, why: &Guarded) -> Change {
        self.withheld = Some(why.clone());
        let last = self.last.get_or_insert(LastPoll {
            finished: observation.started,
            next: Next::Guard,
            fault: None,
            period: Duration::ZERO,
            started: observation.started.offset,
        });
        last.next = Next::Guard;
        Change::Visible
    }

    /// How the endpoint stands. Whether it is paused is not observed, but known to who paused it.
    #[must_use]
    pub fn state(&self) -> State {
        match self.last.as_ref().map(|last| last.next) {
            None => State::Waiting,
            Some(Next::Poll { .. }) => State::Live,
            Some(Next::BackOff { until }) => State::BackingOff { until },
            Some(Next::Stop) => State::Stopped,
            Some(Next::Guard) => self.withheld.clone().map_or(State::Waiting, |why| State::Guarded { why }),
        }
    }

    /// The fault that the last poll ended in, if it did.
    #[must_use]
    pub fn fault(&self) -> Option<&Fault> {
        self.last.as_ref()?.fault.as_ref()
    }

    /// From the start of the last poll to the start of the next; none unless one is planned.
    #[must_use]
    pub fn planned_wait(&self) -> Option<Duration> {
        let last = self.last.as_ref()?;
        match last.next {
            Next::Poll { at } => Some(at.saturating_sub(last.started)),
            Next::BackOff { .. } | Next::Stop | Next::Guard => None,
        }
    }

    /// When the last answer, or the last failure, was complete.
    #[must_use]
    pub fn last_polled(&self) -> Option<Moment> {
        self.last.as_ref().map(|last| last.finished)
    }

    /// Requests an hour at the present rate: that of the last five minutes, or of as many as there are. None
    /// while nothing is polled.
    #[must_use]
    pub fn requests_per_hour(&self, now: Duration) -> f64 {
        match self.last.as_ref().map(|last| last.next) {
            None | Some(Next::Stop | Next::Guard) => 0.0,
            Some(Next::Poll { .. } | Next::BackOff { .. }) => {
                self.series.polls_per_second(now, REQUEST_WINDOW) * 3600.0
            }
        }
    }

    /// Messages received a second of late, `now` being an offset.
    #[must_use]
    pub fn rate(&self, now: Duration) -> f64 {
        let window =
            RATE_WINDOW.max(self.last.as_ref().map_or(Duration::ZERO, |last| last.period.saturating_mul(2)));
        self.series.rate(now, window.min(LONGEST_RATE_WINDOW))
    }
}
