//! Whatever the gateway does and whatever is asked, some things hold.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use proptest::prelude::*;
use qwatch::observation::{Next, Observation, Outcome};
use qwatch::source::{Control, Pace};
use qwatch::sqs::ReceiveParameters;
use qwatch::wire::Remedy;
use tokio::time::sleep;

use super::script::{Answer, Seen, TICK, Watched, brings, every, faults, lasting, ms, planned, s};

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
                Next::Stop | Next::Guard => prop_assert!(
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
