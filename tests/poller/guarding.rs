//! Polls that could do harm are not made, and an interval stretches while nothing new comes.

use std::sync::Arc;
use std::time::Duration;

use qwatch::guard::{Allow, Limit, Policy};
use qwatch::observation::{Next, Observation, Outcome, Why};
use qwatch::source::{Control, Pace};
use qwatch::sqs::{AttributeName, Message, PackedMessage, ReceiveParameters, VisibilityTimeout};
use qwatch::wire::{Fault, FaultKind, Remedy, Shape};

use crate::script::{Answer, HOUR, Watched, assert_all_at, assert_at, brings, every, ms, s};

fn id(number: u32) -> String {
    format!("0e827c3f-0000-4abc-9000-{number:012}")
}

/// One message, as its `said`th receive where SQS says a count.
fn message(number: u32, said: Option<u32>) -> Message {
    let mut message = Message { message_id: id(number), ..Message::default() };
    if let Some(said) = said {
        message.attributes.push(AttributeName::ApproximateReceiveCount, said.to_string());
    }
    message
}

fn answer(messages: Vec<Message>) -> Answer {
    let messages = messages.into_iter().map(PackedMessage::from).collect();
    Answer {
        takes: ms(10),
        outcome: Outcome::Received { messages, shape: Shape::QueryJson, request_id: None },
    }
}

fn policy(limit: Limit, reserve: u32) -> Policy {
    Policy { limit, reserve, on: true }
}

fn watch(policy: Policy, answers: Vec<Answer>) -> Watched {
    Watched::guarded(policy, 256, every(s(1), 1), answers)
}

/// How many polls are made before one is withheld, and that one.
async fn polls(watched: &mut Watched) -> (usize, Observation) {
    let mut made = 0;
    loop {
        let observation = watched.next().await;
        if observation.withheld().is_some() {
            assert_eq!(observation.next, Next::Guard);
            return (made, observation);
        }
        made += 1;
    }
}

#[tokio::test(start_paused = true)]
async fn polling_stops_before_the_consumer_loses_its_receive() {
    let cases = [
        // Two receives of three: the third is the consumer's.
        ("assumed", policy(Limit::Assumed, 1), vec![answer(vec![message(1, None)])], 2),
        ("known", policy(Limit::Known(5), 1), vec![answer(vec![message(1, None)])], 4),
        ("a larger reserve", policy(Limit::Known(5), 3), vec![answer(vec![message(1, None)])], 2),
        ("no reserve", policy(Limit::Known(5), 0), vec![answer(vec![message(1, None)])], 5),
        ("a limit of one", policy(Limit::Known(1), 1), vec![answer(vec![message(1, None)])], 1),
        ("others received it", policy(Limit::Known(5), 1), vec![answer(vec![message(1, Some(4))])], 1),
        (
            "SQS says less than we know",
            policy(Limit::Known(3), 1),
            vec![answer(vec![message(1, Some(1))])],
            2,
        ),
        (
            "one of ten",
            policy(Limit::Known(4), 1),
            vec![answer(vec![message(1, None), message(2, Some(2))]), answer(vec![message(2, Some(3))])],
            2,
        ),
    ];
    for (named, policy, answers, made) in cases {
        let mut watched = watch(policy, answers);
        let (polls, withheld) = polls(&mut watched).await;
        assert_eq!(polls, made, "{named}");
        assert_at(withheld.started.offset, s(made as u64));
        assert!(withheld.messages().is_empty() && withheld.fault().is_none());
        watched.assert_silence(HOUR).await;
        assert_eq!(watched.begun(), made, "{named}: nothing is received");
    }
}

#[tokio::test(start_paused = true)]
async fn a_burst_stops_in_its_midst() {
    let full: Vec<Message> = (0..10).map(|number| message(number, None)).collect();
    let mut watched = Watched::guarded(policy(Limit::Known(4), 1), 256, every(s(60), 100), [answer(full)]);
    assert_eq!(polls(&mut watched).await.0, 3);
}

#[tokio::test(start_paused = true)]
async fn where_nothing_can_fall_or_nobody_wants_it_nothing_is_withheld() {
    for policy in [policy(Limit::Nowhere, 1), Policy { on: false, ..Policy::default() }] {
        let mut watched = watch(policy, vec![answer(vec![message(1, Some(900))])]);
        for _ in 0..100 {
            assert!(watched.next().await.withheld().is_none());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_reason_names_the_message_and_whose_receives_they_are() {
    let mut watched = watch(policy(Limit::Assumed, 1), vec![answer(vec![message(7, Some(6))])]);
    let (_, withheld) = polls(&mut watched).await;
    let why = withheld.withheld().unwrap();
    assert_eq!(why.why, Why::Message { message_id: Some(id(7)), receives: 6, by_us: 1 });
    assert_eq!(
        why.to_string(),
        format!(
            "message {} has 6 receives, 1 by us, 5 by others; the limit is 3 (assumed: nobody said), none left to consumers",
            id(7)
        )
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_allowed_is_made_and_no_more() {
    let mut watched = watch(policy(Limit::Known(3), 1), vec![answer(vec![message(1, None)])]);
    assert_eq!(polls(&mut watched).await.0, 2);
    watched.tell(Control::PollNow);
    assert_eq!(polls(&mut watched).await.0, 0, "a poll asked for is no poll allowed");
    watched.tell(Control::Resume);
    assert_eq!(polls(&mut watched).await.0, 0);
    watched.tell(Control::Allow(Allow::Once));
    assert_eq!(polls(&mut watched).await.0, 1);
    watched.tell(Control::Limit(Limit::Known(6)));
    assert_eq!(polls(&mut watched).await.0, 2, "three receives of six, less one");
    watched.tell(Control::Allow(Allow::UntilTold));
    for _ in 0..100 {
        assert!(watched.next().await.withheld().is_none());
    }
    watched.tell(Control::Guard);
    assert!(polls(&mut watched).await.0 <= 1);
    watched.tell(Control::Limit(Limit::Nowhere));
    assert!(watched.next().await.withheld().is_none());
}

/// What we hide cannot be received, so polls go on until it may be back.
#[tokio::test(start_paused = true)]
async fn hiding_instead_goes_on_until_what_is_hidden_is_about_to_return() {
    let answers = vec![answer(vec![message(1, None)]); 3].into_iter().chain([brings(0, ms(10))]);
    let mut watched = watch(policy(Limit::Known(3), 1), answers.collect());
    assert_eq!(polls(&mut watched).await.0, 2);
    let hiding = VisibilityTimeout::try_from(30).unwrap();
    let asked = ReceiveParameters { visibility_timeout: hiding, ..ReceiveParameters::default() };
    watched.tell(Control::Hide(asked.clone()));
    let first = watched.next().await;
    assert_eq!(
        (first.asked.clone(), first.withheld()),
        (asked, None),
        "no poll without the timeout, and no word of a guard"
    );
    let (made, withheld) = polls(&mut watched).await;
    assert!((14..=31).contains(&made), "{made}");
    let hidden_at = s(2);
    assert!(withheld.started.offset < hidden_at + s(30), "before it is back: {:?}", withheld.started.offset);
}

/// An answer that was lost may have received anything; how it was lost is told in `a_lost_answer_...`.
#[tokio::test(start_paused = true)]
async fn answers_that_were_lost_count_against_every_message_even_unseen_ones() {
    let lost = || {
        let fault = Fault {
            kind: FaultKind::Gateway,
            status: Some(504),
            remedy: Remedy::BackOff,
            ..Fault::network("", "")
        };
        Answer { takes: ms(10), outcome: Outcome::Faulted(fault) }
    };
    let mut watched = watch(policy(Limit::Known(4), 1), vec![lost()]);
    let (made, withheld) = polls(&mut watched).await;
    assert_eq!((made, withheld.withheld().unwrap().why.clone()), (3, Why::Lost { answers: 3 }));

    let mut watched = watch(policy(Limit::Known(4), 1), vec![answer(vec![message(1, None)]), lost(), lost()]);
    let (made, withheld) = polls(&mut watched).await;
    assert_eq!(made, 3);
    assert_eq!(
        withheld.withheld().unwrap().why,
        Why::Message { message_id: Some(id(1)), receives: 3, by_us: 3 }
    );
}

#[test]
fn a_lost_answer_is_told_from_one_that_never_was_a_receive() {
    use qwatch::wire::{Answer, decode};
    let cases = [
        (200, "<html>portal</html>", true),
        (200, "", true),
        (200, r#"{"ReceiveMessageResponse":{"ReceiveMessageRes"#, true),
        (200, r#"{"something":"else"}"#, true),
        (500, r#"{"message":"Internal server error"}"#, true),
        (502, r#"{"message":"Internal server error"}"#, true),
        (504, r#"{"message": "Endpoint request timed out"}"#, true),
        (503, r#"{"message":"Service Unavailable"}"#, false),
        (429, r#"{"message":"Too Many Requests"}"#, false),
        (403, r#"{"message":"Forbidden"}"#, false),
        (404, r#"{"message":"Not Found"}"#, false),
        (200, r#"{"Error":{"Code":"OverLimit","Message":"x","Type":"Sender"},"RequestId":"1"}"#, false),
    ];
    for (status, body, lost) in cases {
        let fault = decode(&Answer { status, body: body.as_bytes(), ..Answer::default() }).unwrap_err();
        assert_eq!(fault.may_have_received(), lost, "{status} {body}: {fault}");
    }
    for (code, lost) in [
        ("TimedOut", true),
        ("ConnectionReset", true),
        ("ConnectionRefused", false),
        ("DnsFailure", false),
        ("TlsFailure", false),
    ] {
        assert_eq!(Fault::network(code, "").may_have_received(), lost, "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn hiding_messages_of_a_fifo_queue_is_asked_about_once() {
    let grouped = || {
        let mut message = message(1, None);
        message.attributes.push(AttributeName::MessageGroupId, "eu".to_owned());
        message
    };
    let mut watched = watch(policy(Limit::Nowhere, 1), vec![answer(vec![grouped()])]);
    assert!(watched.next().await.withheld().is_none());
    let hiding = VisibilityTimeout::try_from(30).unwrap();
    let hide = || {
        Control::Parameters(ReceiveParameters { visibility_timeout: hiding, ..ReceiveParameters::default() })
    };
    watched.tell(hide());
    let (made, withheld) = polls(&mut watched).await;
    assert_eq!((made, &withheld.withheld().unwrap().why), (0, &Why::Fifo));
    watched.tell(Control::Allow(Allow::Once));
    for _ in 0..10 {
        assert!(watched.next().await.withheld().is_none(), "it was asked once");
    }
    watched.tell(Control::Parameters(ReceiveParameters::default()));
    for _ in 0..3 {
        watched.next().await;
    }
    watched.tell(hide());
    assert_eq!(
        polls(&mut watched).await.1.withheld().unwrap().why,
        Why::Fifo,
        "a new wish is asked about again"
    );
}

fn stretching() -> Pace {
    Pace { max_interval: s(30), ..every(s(2), 1) }
}

#[tokio::test(start_paused = true)]
async fn an_idle_hour_takes_a_tenth_of_the_polls() {
    let mut counts = Vec::new();
    for pace in [every(s(2), 1), stretching()] {
        let watched = Watched::start(pace, [brings(0, ms(10))]);
        let drain = async {
            let mut observations = watched.observations;
            while observations.recv().await.is_some() {}
        };
        let seen = Arc::clone(&watched.seen);
        let _ = tokio::time::timeout(HOUR, drain).await;
        counts.push(seen.begun.load(std::sync::atomic::Ordering::SeqCst));
    }
    println!("polls in an idle hour: {counts:?}");
    assert_eq!(counts[0], 1_800);
    assert!((100..=180).contains(&counts[1]), "{counts:?}");
}

#[tokio::test(start_paused = true)]
async fn a_stretched_interval_snaps_back_on_a_new_message_and_on_a_key() {
    let quiet = || answer(vec![message(1, None)]);
    let news = answer(vec![message(2, None)]);
    let answers: Vec<Answer> = (0..8).map(|_| quiet()).chain([news]).chain((0..9).map(|_| quiet())).collect();
    let mut watched = Watched::start(stretching(), answers);
    // The first brings a new message; five more are patient.
    assert_all_at(watched.starts().await, [s(0), s(2), s(4), s(6), s(8), s(10)]);
    assert_all_at(watched.starts().await, [s(12), s(15), ms(19_500)]);
    let [after_the_news] = watched.starts().await;
    assert_at(after_the_news, ms(21_500));
    for _ in 0..6 {
        watched.next().await;
    }
    let Next::Poll { at } = watched.next().await.next else { panic!("it polls on") };
    watched.at(at.saturating_sub(Duration::from_secs(2))).await;
    watched.tell(Control::Attend);
    let [attended] = watched.starts().await;
    assert!(attended < at, "at {attended:?}, not {at:?}");
}
