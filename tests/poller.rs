//! When a poller asks, and what it does about the answers: tokio's time is paused, so that hours pass in no time and
//! every offset is exact to the millisecond that tokio's timers keep.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking")]

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use proptest::prelude::*;
use qwatch::observation::{Next, Observation, Outcome, Timing};
use qwatch::source::{Auth, Clock, Control, Endpoint, Pace, Poller, QueryNames, Receive};
use qwatch::sqs::{Message, ReceiveParameters};
use qwatch::wire::{Fault, Remedy, Shape};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{sleep, sleep_until, timeout};

/// tokio's timers keep whole milliseconds, and are never early.
const TICK: Duration = Duration::from_millis(1);
const HOUR: Duration = Duration::from_secs(3600);

const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// How long a receive takes, and what comes of it.
#[derive(Clone, Debug)]
struct Answer {
    takes: Duration,
    outcome: Outcome,
}

fn brings(messages: usize, takes: Duration) -> Answer {
    let messages = vec![Arc::new(Message::default()); messages];
    Answer { takes, outcome: Outcome::Received { messages, shape: Shape::QueryJson, request_id: None } }
}

fn faults(remedy: Remedy, retry_after: Option<Duration>) -> Answer {
    let fault = Fault { remedy, retry_after, ..Fault::network("Scripted", "as the test asked") };
    Answer { takes: ms(100), outcome: Outcome::Faulted(fault) }
}

fn passing() -> Answer {
    faults(Remedy::BackOff, None)
}

fn lasting() -> Answer {
    faults(Remedy::Stop, None)
}

/// A gateway that answers as scripted, its last answer for ever.
struct Script {
    answers: VecDeque<Answer>,
    seen: Arc<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    begun: AtomicUsize,
    in_flight: AtomicUsize,
    abandoned: AtomicUsize,
}

/// Counts a receive that is dropped before its end.
struct InFlight(Arc<Seen>, bool);

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
        sleep(answer.takes).await;
        in_flight.1 = true;
        (Timing { total: answer.takes, ..Timing::default() }, answer.outcome)
    }
}

fn every(interval: Duration, burst: u32) -> Pace {
    Pace { interval, burst: burst.try_into().unwrap() }
}

/// A poller at work, and both ends of it.
struct Watched {
    controls: mpsc::Sender<Control>,
    observations: mpsc::Receiver<Observation>,
    clock: Clock,
    seen: Arc<Seen>,
    task: JoinHandle<()>,
}

impl Watched {
    fn start(pace: Pace, answers: impl IntoIterator<Item = Answer>) -> Self {
        Self::with_room(256, pace, answers)
    }

    fn with_room(room: usize, pace: Pace, answers: impl IntoIterator<Item = Answer>) -> Self {
        let endpoint = Endpoint {
            name: "orders".into(),
            url: "https://gateway.example/prod".parse().unwrap(),
            query: QueryNames::default(),
            headers: Vec::new(),
            auth: Auth::None,
            parameters: ReceiveParameters::default(),
            pace,
            max_receive_count: None,
        };
        let seen = Arc::new(Seen::default());
        let script = Script { answers: answers.into_iter().collect(), seen: Arc::clone(&seen) };
        let (controls, steering) = mpsc::channel(16);
        let (observer, observations) = mpsc::channel(room);
        let clock = Clock::start();
        let task = tokio::spawn(Poller::new(&endpoint, script, clock, steering, observer).run());
        Self { controls, observations, clock, seen, task }
    }

    async fn next(&mut self) -> Observation {
        self.observations.recv().await.expect("the poller polls on")
    }

    /// When each of the next polls begins.
    async fn starts<const N: usize>(&mut self) -> [Duration; N] {
        let mut starts = [Duration::ZERO; N];
        for start in &mut starts {
            *start = self.next().await.started.offset;
        }
        starts
    }

    async fn at(&self, offset: Duration) {
        sleep_until(self.clock.instant(offset)).await;
    }

    /// Tells the poller something without waiting, as the screen does.
    fn tell(&self, control: Control) {
        self.controls.try_send(control).expect("the poller takes controls up");
    }

    async fn assert_silence(&mut self, duration: Duration) {
        let observed = timeout(duration, self.observations.recv()).await;
        assert!(observed.is_err(), "it polled: {observed:?}");
    }

    fn begun(&self) -> usize {
        self.seen.begun.load(SeqCst)
    }

    fn assert_none_abandoned(&self) {
        assert_eq!(self.seen.abandoned.load(SeqCst), 0, "a receive was abandoned");
    }
}

#[track_caller]
fn assert_at(actual: Duration, planned: Duration) {
    assert!((planned..=planned + TICK).contains(&actual), "at {actual:?}, planned for {planned:?}");
}

#[track_caller]
fn assert_all_at<const N: usize>(actual: [Duration; N], planned: [Duration; N]) {
    let on_time = |(actual, planned): (&Duration, &Duration)| (*planned..=*planned + TICK).contains(actual);
    assert!(actual.iter().zip(&planned).all(on_time), "at {actual:?}, planned for {planned:?}");
}

fn planned(next: Next) -> Duration {
    match next {
        Next::Poll { at } => at,
        Next::BackOff { until } => until,
        Next::Stop => panic!("it stops"),
    }
}

fn until(next: Next) -> Duration {
    match next {
        Next::BackOff { until } => until,
        Next::Poll { .. } | Next::Stop => panic!("it does not back off: {next:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn the_interval_is_kept_from_start_to_start_over_a_thousand_polls() {
    // No whole number of milliseconds, so that each of a thousand timers is late by a part of one.
    let interval = Duration::from_micros(333_333);
    let varying = (0..1000).map(|poll| brings(0, ms(poll * 97 % 333)));
    let mut watched = Watched::start(every(interval, 1), varying);
    let mut last_ended = Duration::ZERO;
    let mut plan = Duration::ZERO;
    for poll in 0..1000 {
        let observation = watched.next().await;
        let started = observation.started.offset;
        assert_at(started, interval * poll);
        assert_at(started, plan);
        assert!(started >= last_ended, "poll {poll} began before the one before it ended");
        last_ended = observation.finished().offset;
        plan = planned(observation.next);
    }
    watched.assert_none_abandoned();
}

#[tokio::test(start_paused = true)]
async fn a_poll_longer_than_the_interval_is_followed_at_once_by_one_poll() {
    let answers = [brings(0, ms(7_500)), brings(0, ms(100))];
    let mut watched = Watched::start(every(s(2), 1), answers);
    assert_all_at(watched.starts().await, [s(0), ms(7_500), ms(9_500), ms(11_500)]);
}

#[tokio::test(start_paused = true)]
async fn a_burst_follows_at_once_while_full_and_counts_its_interval_from_its_first_poll() {
    let full = || brings(10, ms(100));
    let mut watched = Watched::start(every(s(2), 3), [full()]);
    assert_all_at(
        watched.starts().await,
        [s(0), ms(100), ms(200), s(2), ms(2_100), ms(2_200), s(4), ms(4_100)],
    );

    let answers = [full(), brings(9, ms(100)), full(), passing(), full(), brings(0, ms(100))];
    let mut watched = Watched::start(every(s(2), 100), answers);
    assert_all_at(watched.starts().await, [s(0), ms(100), s(2), ms(2_100)]);
    let after_the_fault = watched.next().await.started.offset;
    assert_all_at(watched.starts().await, [after_the_fault + ms(100), after_the_fault + s(2)]);

    let mut watched = Watched::start(every(s(2), 1), [full()]);
    assert_all_at(watched.starts().await, [s(0), s(2), s(4)]);
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_full_when_it_brings_as_many_messages_as_were_asked_for() {
    let mut watched = Watched::start(every(s(2), 2), [brings(3, ms(100))]);
    assert_all_at(watched.starts().await, [s(0), s(2)]);
    let three = ReceiveParameters { max_number_of_messages: 3.try_into().unwrap(), ..Default::default() };
    watched.tell(Control::Parameters(three));
    assert_all_at(watched.starts().await, [s(4), ms(4_100), s(6), ms(6_100)]);
}

#[tokio::test(start_paused = true)]
async fn back_off_doubles_with_jitter_up_to_a_minute_and_is_where_it_says() {
    let mut watched = Watched::start(every(s(2), 1), [passing()]);
    let mut waits = Vec::new();
    let mut observation = watched.next().await;
    for _ in 0..40 {
        let until = until(observation.next);
        waits.push(until.checked_sub(observation.finished().offset).unwrap());
        observation = watched.next().await;
        assert_at(observation.started.offset, until);
    }
    for (wait, full) in waits.iter().zip([2, 4, 8, 16, 32].into_iter().chain([60; 35])) {
        assert!((s(full) / 2..=s(full) + TICK).contains(wait), "{wait:?} of {full} s: {waits:?}");
    }
    // All on one side of the middle would be no jitter; with 35 draws chance does that once in 10^10 runs.
    let long = waits[5..].iter().filter(|wait| **wait > s(45)).count();
    assert!((1..35).contains(&long), "no jitter: {waits:?}");
}

#[tokio::test(start_paused = true)]
async fn back_off_reaches_an_interval_that_is_longer_than_a_minute_and_goes_no_further() {
    let mut watched = Watched::start(every(s(300), 1), [passing()]);
    for _ in 0..20 {
        let observation = watched.next().await;
        let wait = until(observation.next).checked_sub(observation.finished().offset).unwrap();
        assert!((s(150)..=s(300) + TICK).contains(&wait), "{wait:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn back_off_begins_anew_after_an_answer_and_the_interval_is_kept_again() {
    let answers =
        [passing(), passing(), passing(), brings(0, ms(100)), brings(0, ms(100)), passing(), passing()];
    let mut watched = Watched::start(every(s(2), 1), answers);
    for _ in 0..3 {
        watched.next().await;
    }
    let answered = watched.next().await;
    assert_eq!(answered.next, Next::Poll { at: planned(answered.next) });
    let start = answered.started.offset;
    assert_all_at(watched.starts().await, [start + s(2)]);
    let again = watched.next().await;
    let wait = until(again.next).checked_sub(again.finished().offset).unwrap();
    assert!((s(1)..=s(2) + TICK).contains(&wait), "{wait:?}");
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_waited_for_and_shortens_nothing() {
    for (asked, shortest, longest) in [(s(0), s(1), s(2)), (s(1), s(1), s(2)), (s(90), s(90), s(90))] {
        let mut watched = Watched::start(every(s(2), 1), [faults(Remedy::BackOff, Some(asked))]);
        let observation = watched.next().await;
        let wait = until(observation.next).checked_sub(observation.finished().offset).unwrap();
        assert!((shortest..=longest + TICK).contains(&wait), "{wait:?} when asked for {asked:?}");
        assert_at(watched.next().await.started.offset, until(observation.next));
    }
}

#[tokio::test(start_paused = true)]
async fn what_does_not_pass_stops_the_poller_until_somebody_asks() {
    let asking = [
        ("poll now", Control::PollNow),
        ("resume", Control::Resume),
        ("new parameters", Control::Parameters(ReceiveParameters::default())),
    ];
    for (name, control) in asking {
        let mut watched = Watched::start(every(s(2), 5), [lasting()]);
        assert_eq!(watched.next().await.next, Next::Stop, "{name}");
        watched.assert_silence(HOUR).await;
        let asked_at = watched.clock.now().offset;
        watched.tell(control);
        let again = watched.next().await;
        assert_at(again.started.offset, asked_at);
        assert_eq!(again.next, Next::Stop, "{name}");
        watched.assert_silence(HOUR).await;
        assert_eq!(watched.begun(), 2, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_stopped_poller_does_not_start_again_for_a_pace_or_a_pause() {
    let mut watched = Watched::start(every(s(2), 1), [lasting()]);
    watched.next().await;
    watched.tell(Control::Pace(every(s(1), 1)));
    watched.tell(Control::Pause);
    watched.assert_silence(HOUR).await;
    assert_eq!(watched.begun(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_stopped_poller_that_is_answered_again_keeps_its_interval() {
    let mut watched = Watched::start(every(s(2), 1), [lasting(), brings(0, ms(100))]);
    watched.next().await;
    watched.at(s(101)).await;
    watched.tell(Control::PollNow);
    assert_all_at(watched.starts().await, [s(101), s(103), s(105)]);
}

#[tokio::test(start_paused = true)]
async fn parameters_that_arrive_while_a_receive_fails_for_good_are_tried() {
    let mut watched = Watched::start(every(s(2), 1), [lasting(), brings(0, ms(100))]);
    watched.at(ms(50)).await;
    let new = ReceiveParameters { wait_time_seconds: 7.try_into().unwrap(), ..Default::default() };
    watched.tell(Control::Parameters(new.clone()));
    let failed = watched.next().await;
    assert_at(planned(failed.next), ms(100));
    let again = watched.next().await;
    assert_eq!(again.asked, new);
    assert_at(again.started.offset, ms(100));
}

#[tokio::test(start_paused = true)]
async fn a_pause_reads_the_receive_in_flight_to_its_end_and_then_nothing_until_resumed() {
    let mut watched = Watched::start(every(s(2), 1), [brings(1, s(20)), brings(1, ms(100))]);
    watched.at(s(5)).await;
    watched.tell(Control::Pause);
    let in_flight = watched.next().await;
    assert_eq!((in_flight.messages().len(), in_flight.finished().offset), (1, s(20)));
    watched.assert_silence(HOUR).await;
    let resumed_at = watched.clock.now().offset;
    watched.tell(Control::Resume);
    assert_all_at(watched.starts().await, [resumed_at, resumed_at + s(2), resumed_at + s(4)]);
    watched.assert_none_abandoned();
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_arrives_as_a_poll_falls_due_wins() {
    let mut watched = Watched::start(every(s(2), 1), [brings(0, ms(100))]);
    watched.next().await;
    // Both are ready when the poller looks again: neither has been given the processor.
    tokio::time::advance(s(2)).await;
    watched.tell(Control::Pause);
    watched.assert_silence(HOUR).await;
}

#[tokio::test(start_paused = true)]
async fn poll_now_polls_a_paused_queue_exactly_once() {
    let mut watched = Watched::start(every(s(2), 5), [brings(10, ms(100))]);
    watched.tell(Control::Pause);
    watched.assert_silence(HOUR).await;
    assert_eq!(watched.begun(), 0);
    for asked in 1..=3 {
        watched.tell(Control::PollNow);
        watched.next().await;
        watched.assert_silence(HOUR).await;
        assert_eq!(watched.begun(), asked);
    }
}

#[tokio::test(start_paused = true)]
async fn poll_now_during_a_receive_polls_once_right_after_it_and_never_beside_it() {
    for first in [brings(0, s(10)), Answer { takes: s(10), ..passing() }] {
        let mut watched = Watched::start(every(s(20), 1), [first, brings(0, ms(100))]);
        watched.at(s(5)).await;
        watched.tell(Control::PollNow);
        watched.tell(Control::PollNow);
        let in_flight = watched.next().await;
        assert_at(planned(in_flight.next), s(10));
        assert_all_at(watched.starts().await, [s(10), s(30), s(50)]);
        watched.assert_none_abandoned();
    }
}

#[tokio::test(start_paused = true)]
async fn poll_now_while_backing_off_tries_at_once_and_backs_off_further() {
    let mut watched = Watched::start(every(s(20), 1), [passing()]);
    watched.next().await;
    watched.at(s(1)).await;
    watched.tell(Control::PollNow);
    let observation = watched.next().await;
    assert_at(observation.started.offset, s(1));
    let wait = until(observation.next).checked_sub(observation.finished().offset).unwrap();
    assert!((s(20)..=s(40) + TICK).contains(&wait), "{wait:?}");
    assert_at(watched.next().await.started.offset, until(observation.next));
}

#[tokio::test(start_paused = true)]
async fn a_resumed_burst_begins_anew() {
    let mut watched = Watched::start(every(s(2), 3), [brings(10, ms(100))]);
    watched.next().await;
    watched.at(ms(150)).await;
    watched.tell(Control::Pause);
    watched.next().await;
    watched.assert_silence(HOUR).await;
    let resumed_at = watched.clock.now().offset;
    watched.tell(Control::Resume);
    let starts = watched.starts().await;
    let planned = [ms(0), ms(100), ms(200), ms(2_000)];
    assert_all_at(starts, planned.map(|offset| resumed_at + offset));
}

#[tokio::test(start_paused = true)]
async fn poll_now_within_a_burst_begins_a_new_one() {
    let mut watched = Watched::start(every(s(2), 3), [brings(10, ms(100))]);
    watched.at(ms(150)).await;
    watched.tell(Control::PollNow);
    assert_all_at(watched.starts().await, [s(0), ms(100), ms(200), ms(300), ms(400), ms(2_200)]);
}

#[tokio::test(start_paused = true)]
async fn controls_during_a_long_receive_neither_wait_nor_get_lost() {
    let mut watched = Watched::start(every(s(30), 1), [brings(0, s(20)), brings(0, ms(100))]);
    for round in 1..=300 {
        watched.at(ms(round * 50)).await;
        let visibility_timeout = u32::try_from(round).unwrap().try_into().unwrap();
        watched.tell(Control::Parameters(ReceiveParameters { visibility_timeout, ..Default::default() }));
    }
    watched.tell(Control::Pace(every(s(25), 1)));
    assert_eq!(watched.next().await.asked.visibility_timeout.get(), 0);
    let after = watched.next().await;
    assert_eq!(after.asked.visibility_timeout.get(), 300);
    assert_at(after.started.offset, s(25));
    watched.assert_none_abandoned();
}

#[tokio::test(start_paused = true)]
async fn controls_are_taken_up_while_nobody_takes_the_observations() {
    let mut watched = Watched::with_room(1, every(s(2), 1), [brings(0, ms(100))]);
    for round in 1..=100 {
        watched.at(s(round)).await;
        let visibility_timeout = u32::try_from(round).unwrap().try_into().unwrap();
        watched.tell(Control::Parameters(ReceiveParameters { visibility_timeout, ..Default::default() }));
    }
    watched.next().await;
    watched.next().await;
    assert_eq!(watched.next().await.asked.visibility_timeout.get(), 100);
}

#[tokio::test(start_paused = true)]
async fn changed_parameters_take_effect_with_the_next_poll_and_abandon_nothing() {
    let mut watched = Watched::start(every(s(2), 1), [brings(1, s(1))]);
    let new = ReceiveParameters { visibility_timeout: 30.try_into().unwrap(), ..Default::default() };
    watched.at(ms(500)).await;
    watched.tell(Control::Parameters(new.clone()));
    let in_flight = watched.next().await;
    assert_eq!((in_flight.asked, in_flight.outcome), (ReceiveParameters::default(), brings(1, s(1)).outcome));
    let after = watched.next().await;
    assert_eq!(after.asked, new);
    // They do not bring the next poll forward: each keystroke in a form would cost a receive.
    assert_at(after.started.offset, s(2));
    watched.at(ms(3_500)).await;
    watched.tell(Control::Parameters(ReceiveParameters::default()));
    let later = watched.next().await;
    assert_eq!(later.asked, ReceiveParameters::default());
    assert_at(later.started.offset, s(4));
    watched.assert_none_abandoned();
}

#[tokio::test(start_paused = true)]
async fn a_changed_pace_counts_from_the_poll_before_it_shorter_or_longer() {
    // Told at, new interval, when the poll after it begins: the poll before began at 0 and took 1 s.
    for (told, interval, next) in [
        (ms(500), s(60), s(60)),
        (s(5), s(60), s(60)),
        (ms(500), s(3), s(3)),
        (s(5), s(7), s(7)),
        (s(5), s(3), s(5)),
        (ms(500), ms(200), s(1)),
    ] {
        let mut watched = Watched::start(every(s(10), 1), [brings(0, s(1)), brings(0, ms(10))]);
        watched.at(told).await;
        watched.tell(Control::Pace(every(interval, 1)));
        assert_all_at(watched.starts().await, [s(0), next, next + interval]);
        watched.assert_none_abandoned();
    }
}

#[tokio::test(start_paused = true)]
async fn a_changed_pace_does_not_shorten_a_back_off_or_put_off_a_resume() {
    let mut watched = Watched::start(every(s(2), 1), [faults(Remedy::BackOff, Some(s(90)))]);
    watched.next().await;
    watched.tell(Control::Pace(every(s(1), 1)));
    assert_at(watched.next().await.started.offset, ms(90_100));

    let mut watched = Watched::start(every(s(2), 1), [brings(0, ms(100))]);
    watched.next().await;
    watched.tell(Control::Pause);
    watched.at(s(50)).await;
    watched.tell(Control::Resume);
    watched.tell(Control::Pace(every(HOUR, 1)));
    assert_all_at(watched.starts().await, [s(50), s(50) + HOUR]);
}

#[tokio::test(start_paused = true)]
async fn a_slow_consumer_makes_the_poller_wait_and_misses_nothing() {
    let mut watched = Watched::with_room(2, every(s(2), 1), [brings(1, ms(100))]);
    watched.at(s(101)).await;
    // Two in the channel, and one in the poller's hands.
    assert_eq!(watched.begun(), 3);
    // It goes on as if nothing had been: one poll at once, not one for each that was missed.
    assert_all_at(watched.starts().await, [s(0), s(2), s(4), s(101), s(103), s(105)]);
    watched.assert_none_abandoned();
}

#[tokio::test(start_paused = true)]
async fn nobody_steering_ends_the_poller_after_the_receive_in_flight() {
    let mut watched = Watched::start(every(s(2), 5), [brings(10, s(20))]);
    watched.at(s(5)).await;
    let Watched { controls, mut observations, seen, task, clock } = watched;
    drop(controls);
    assert_eq!(observations.recv().await.unwrap().finished().offset, s(20));
    assert!(observations.recv().await.is_none(), "the channel closes");
    task.await.unwrap();
    assert_at(clock.now().offset, s(20));
    assert_eq!((seen.begun.load(SeqCst), seen.abandoned.load(SeqCst)), (1, 0));

    watched = Watched::start(every(s(2), 1), [brings(0, ms(100))]);
    watched.next().await;
    drop(watched.controls);
    watched.task.await.unwrap();
    assert_at(watched.clock.now().offset, ms(100));
}

#[tokio::test(start_paused = true)]
async fn nobody_listening_ends_the_poller() {
    let watched = Watched::start(every(s(2), 1), [brings(0, ms(100))]);
    drop(watched.observations);
    watched.task.await.unwrap();
    assert_eq!(watched.seen.begun.load(SeqCst), 1);
}

/// One step of a random script for a person at the keyboard.
fn control() -> impl Strategy<Value = Control> {
    prop_oneof![
        Just(Control::Pause),
        Just(Control::Resume),
        Just(Control::PollNow),
        (0..100_u32).prop_map(|seconds| Control::Parameters(ReceiveParameters {
            visibility_timeout: seconds.try_into().unwrap(),
            ..Default::default()
        })),
        (10..5_000_u64, 1..=4_u32).prop_map(|(interval, burst)| Control::Pace(every(ms(interval), burst))),
    ]
}

fn answer() -> impl Strategy<Value = Answer> {
    let takes = 0..6_000_u64;
    let outcome = prop_oneof![
        4 => Just(brings(10, ms(0))),
        4 => Just(brings(0, ms(0))),
        2 => (0..90_u64).prop_map(|seconds| faults(Remedy::BackOff, Some(s(seconds)))),
        1 => Just(lasting()),
    ];
    (takes, outcome).prop_map(|(takes, answer)| Answer { takes: ms(takes), ..answer })
}

/// What came of a random script.
struct Run {
    observed: Vec<Observation>,
    /// Each control, and the offset at which it was told.
    told: Vec<(Duration, Control)>,
    seen: Arc<Seen>,
}

impl Run {
    async fn of(pace: Pace, slow: Duration, answers: &[Answer], script: Vec<(u64, Control)>) -> Self {
        let numbered = answers.iter().cloned().enumerate().map(|(number, mut answer)| {
            if let Outcome::Received { request_id, .. } = &mut answer.outcome {
                *request_id = Some(number.to_string());
            }
            answer
        });
        let Watched { controls, mut observations, clock, seen, task } = Watched::with_room(1, pace, numbered);
        let observer = tokio::spawn(async move {
            let mut observed = Vec::new();
            while let Some(observation) = observations.recv().await {
                observed.push(observation);
                sleep(slow).await;
            }
            observed
        });
        let mut told = Vec::new();
        for (wait, control) in script {
            sleep(ms(wait)).await;
            told.push((clock.now().offset, control.clone()));
            controls.try_send(control).expect("the poller takes controls up");
        }
        drop(controls);
        task.await.unwrap();
        Self { observed: observer.await.unwrap(), told, seen }
    }

    /// What was told from one poll's start to the next one's.
    fn told_between(&self, before: &Observation, after: &Observation) -> impl Iterator<Item = &Control> {
        let between = before.started.offset..=after.started.offset;
        self.told.iter().filter(move |(at, _)| between.contains(at)).map(|(_, control)| control)
    }

    fn paused_at(&self, offset: Duration) -> bool {
        let pausing = |(at, control): &(Duration, Control)| match control {
            Control::Pause => (*at < offset).then_some(true),
            Control::Resume => (*at <= offset).then_some(false),
            _ => None,
        };
        self.told.iter().rev().find_map(pausing).unwrap_or(false)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn whatever_happens_receives_follow_one_another_and_each_is_observed_once(
        (interval, burst) in (10..5_000_u64, 1..=4_u32),
        slow in prop_oneof![2 => Just(0), 1 => 0..3_000_u64],
        answers in prop::collection::vec(answer(), 1..30),
        script in prop::collection::vec((0..8_000_u64, control()), 0..30),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        let run = runtime.unwrap().block_on(Run::of(every(ms(interval), burst), ms(slow), &answers, script));
        prop_assert_eq!(run.observed.len(), run.seen.begun.load(SeqCst), "one observation a receive");
        prop_assert_eq!(run.seen.abandoned.load(SeqCst), 0);
        for (number, observation) in run.observed.iter().enumerate() {
            let Outcome::Received { request_id: Some(id), .. } = &observation.outcome else { continue };
            prop_assert_eq!(id, &number.min(answers.len() - 1).to_string(), "in order");
        }
        for pair in run.observed.windows(2) {
            let [before, after] = pair else { unreachable!() };
            let started = after.started.offset;
            prop_assert!(started >= before.finished().offset, "{before:?} {after:?}");
            let told: Vec<_> = run.told_between(before, after).collect();
            let asked_for = told.contains(&&Control::PollNow);
            prop_assert!(asked_for || !run.paused_at(started), "polled while paused: {after:?}");
            match before.next {
                Next::Stop => prop_assert!(
                    told.iter().any(|control| !matches!(control, Control::Pause | Control::Pace(_))),
                    "polled though stopped: {after:?}"
                ),
                next if told.is_empty() && !run.paused_at(started) => {
                    prop_assert!(started >= planned(next), "too early: {before:?} {after:?}");
                    prop_assert!(slow > 0 || started <= planned(next) + TICK, "late: {before:?} {after:?}");
                }
                Next::Poll { .. } | Next::BackOff { .. } => {}
            }
        }
    }
}
