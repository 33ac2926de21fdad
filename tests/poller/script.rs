//! A scripted gateway, and a poller at work on it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use qwatch::guard::Policy;
use qwatch::observation::{Next, Observation, Outcome, Timing};
use qwatch::source::{Clock, Control, Endpoint, Pace, Poller, Receive};
use qwatch::sqs::{Message, ReceiveParameters};
use qwatch::wire::{Fault, Remedy, Shape};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{sleep, sleep_until, timeout};

/// tokio's timers keep whole milliseconds, and are never early.
pub const TICK: Duration = Duration::from_millis(1);
pub const HOUR: Duration = Duration::from_secs(3600);

pub const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

pub const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// How long a receive takes, and what comes of it.
#[derive(Clone, Debug)]
pub struct Answer {
    pub takes: Duration,
    pub outcome: Outcome,
}

pub fn brings(messages: usize, takes: Duration) -> Answer {
    let messages = (0..messages).map(|_| Message::default().into()).collect();
    Answer { takes, outcome: Outcome::Received { messages, shape: Shape::QueryJson, request_id: None } }
}

pub fn faults(remedy: Remedy, retry_after: Option<Duration>) -> Answer {
    let fault = Fault { remedy, retry_after, ..Fault::network("Scripted", "as the test asked") };
    Answer { takes: ms(100), outcome: Outcome::Faulted(fault) }
}

pub fn passing() -> Answer {
    faults(Remedy::BackOff, None)
}

pub fn lasting() -> Answer {
    faults(Remedy::Stop, None)
}

/// A gateway that answers as scripted, its last answer for ever.
pub struct Script {
    answers: VecDeque<Answer>,
    pub seen: Arc<Seen>,
}

#[derive(Debug, Default)]
pub struct Seen {
    pub begun: AtomicUsize,
    pub in_flight: AtomicUsize,
    pub abandoned: AtomicUsize,
}

/// Counts a receive that is dropped before its end.
pub struct InFlight(Arc<Seen>, bool);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, SeqCst);
        self.0.abandoned.fetch_add(usize::from(!self.1), SeqCst);
    }
}

impl Receive for Script {
    async fn receive(&mut self, _: &ReceiveParameters) -> (Timing, Outcome) {
        self.seen.begun.fetch_add(1, SeqCst);
        assert_eq!(self.seen.in_flight.fetch_add(1, SeqCst), 0, "a receive beside another");
        let mut in_flight = InFlight(Arc::clone(&self.seen), false);
        let answer = match self.answers.len() {
            1 => self.answers[0].clone(),
            _ => self.answers.pop_front().unwrap(),
        };
        if !answer.takes.is_zero() {
            sleep(answer.takes).await;
        }
        in_flight.1 = true;
        (Timing { total: answer.takes, ..Timing::default() }, answer.outcome)
    }
}

pub fn every(interval: Duration, burst: u32) -> Pace {
    Pace { interval, burst: burst.try_into().unwrap(), max_interval: interval }
}

/// A poller at work, and both ends of it.
pub struct Watched {
    pub controls: mpsc::Sender<Control>,
    pub observations: mpsc::Receiver<Observation>,
    pub clock: Clock,
    pub seen: Arc<Seen>,
    pub task: JoinHandle<()>,
}

impl Watched {
    pub fn start(pace: Pace, answers: impl IntoIterator<Item = Answer>) -> Self {
        Self::with_room(256, pace, answers)
    }

    pub fn with_room(room: usize, pace: Pace, answers: impl IntoIterator<Item = Answer>) -> Self {
        Self::guarded(Policy { on: false, ..Policy::default() }, room, pace, answers)
    }

    pub fn guarded(
        guard: Policy,
        room: usize,
        pace: Pace,
        answers: impl IntoIterator<Item = Answer>,
    ) -> Self {
        let endpoint = Endpoint {
            pace,
            guard,
            ..Endpoint::new("orders".into(), "https://gateway.example/prod".parse().unwrap())
        };
        let seen = Arc::new(Seen::default());
        let script = Script { answers: answers.into_iter().collect(), seen: Arc::clone(&seen) };
        let (controls, steering) = mpsc::channel(16);
        let (observer, observations) = mpsc::channel(room);
        let clock = Clock::start();
        let task = tokio::spawn(Poller::new(&endpoint, script, clock, steering, observer).run());
        Self { controls, observations, clock, seen, task }
    }

    pub async fn next(&mut self) -> Observation {
        self.observations.recv().await.expect("the poller polls on")
    }

    /// When each of the next polls begins.
    pub async fn starts<const N: usize>(&mut self) -> [Duration; N] {
        let mut starts = [Duration::ZERO; N];
        for start in &mut starts {
            *start = self.next().await.started.offset;
        }
        starts
    }

    pub async fn at(&self, offset: Duration) {
        sleep_until(self.clock.instant(offset)).await;
    }

    /// Tells the poller something without waiting, as the screen does.
    pub fn tell(&self, control: Control) {
        self.controls.try_send(control).expect("the poller takes controls up");
    }

    pub async fn assert_silence(&mut self, duration: Duration) {
        let observed = timeout(duration, self.observations.recv()).await;
        assert!(observed.is_err(), "it polled: {observed:?}");
    }

    pub fn begun(&self) -> usize {
        self.seen.begun.load(SeqCst)
    }

    pub fn assert_none_abandoned(&self) {
        assert_eq!(self.seen.abandoned.load(SeqCst), 0, "a receive was abandoned");
    }
}

#[track_caller]
pub fn assert_at(actual: Duration, planned: Duration) {
    assert!((planned..=planned + TICK).contains(&actual), "at {actual:?}, planned for {planned:?}");
}

#[track_caller]
pub fn assert_all_at<const N: usize>(actual: [Duration; N], planned: [Duration; N]) {
    let on_time = |(actual, planned): (&Duration, &Duration)| (*planned..=*planned + TICK).contains(actual);
    assert!(actual.iter().zip(&planned).all(on_time), "at {actual:?}, planned for {planned:?}");
}

pub fn planned(next: Next) -> Duration {
    match next {
        Next::Poll { at } => at,
        Next::BackOff { until } => until,
        Next::Stop => panic!("it stops"),
        Next::Guard => panic!("it is guarded"),
    }
}

pub fn until(next: Next) -> Duration {
    match next {
        Next::BackOff { until } => until,
        Next::Poll { .. } | Next::Stop | Next::Guard => panic!("it does not back off: {next:?}"),
    }
}
