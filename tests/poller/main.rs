//! When a poller asks, and what it does about the answers: tokio's time is paused, so that hours pass in no time and
//! every offset is exact to the millisecond that tokio's timers keep.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking")]

mod guarding;
#[allow(dead_code, reason = "shared with tests of other things, which use the rest")]
#[path = "../common/observed.rs"]
mod observed;
mod pacing;
mod properties;
mod script;
mod steering;

use std::time::Duration;

use qwatch::observation::Next;
use qwatch::source::Control;
use qwatch::sqs::ReceiveParameters;
use qwatch::wire::Remedy;
use script::{
    HOUR, TICK, Watched, assert_all_at, assert_at, brings, every, faults, lasting, ms, passing, planned, s,
    until,
};
use tokio::time::advance;

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
async fn what_is_due_does_not_wait_for_the_next_tick_of_a_timer() {
    advance(Duration::from_micros(300)).await;
    let mut watched = Watched::start(every(s(2), 100), [brings(10, Duration::ZERO)]);
    for _ in 0..100 {
        assert_eq!(watched.next().await.started.offset, Duration::ZERO);
    }
    assert_at(watched.next().await.started.offset, s(2));
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
async fn a_slow_consumer_makes_the_poller_wait_and_misses_nothing() {
    let mut watched = Watched::with_room(2, every(s(2), 1), [brings(1, ms(100))]);
    watched.at(s(101)).await;
    // Two in the channel, and one in the poller's hands.
    assert_eq!(watched.begun(), 3);
    // It goes on as if nothing had been: one poll at once, not one for each that was missed.
    assert_all_at(watched.starts().await, [s(0), s(2), s(4), s(101), s(103), s(105)]);
    watched.assert_none_abandoned();
}
