//! What a poller does when it is told something, whatever it is doing.

use std::sync::atomic::Ordering::SeqCst;

use qwatch::source::Control;
use qwatch::sqs::ReceiveParameters;
use qwatch::wire::Remedy;

use super::script::{
    Answer, HOUR, TICK, Watched, assert_all_at, assert_at, brings, every, faults, lasting, ms, passing,
    planned, s, until,
};

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
