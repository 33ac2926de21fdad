//! Observations made by hand.

use std::time::Duration;

use chrono::{DateTime, Utc};
use qwatch::observation::{Moment, Next, Observation, Outcome, Timing};
use qwatch::sqs::{AttributeName, Message, PackedMessage, ReceiveParameters};
use qwatch::wire::{Answer, Fault, Shape, decode};

/// 2026-03-01, 12:00:00 UTC, when every test begins.
pub fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_772_366_400, 0).expect("a time")
}

pub fn moment(seconds: f64) -> Moment {
    Moment { wall: start(), offset: Duration::ZERO }.plus(Duration::from_secs_f64(seconds))
}

pub fn message(id: &str, body: &str) -> Message {
    Message {
        message_id: id.into(),
        receipt_handle: format!("handle-of-{id}"),
        body: body.into(),
        ..Message::default()
    }
}

/// The same message as its `count`th receive.
pub fn received_times(mut message: Message, count: u32) -> Message {
    message.attributes.push(AttributeName::ApproximateReceiveCount, count.to_string());
    message.receipt_handle = format!("{}-{count}", message.receipt_handle);
    message
}

/// A poll that took 10 ms and was answered; the next is due `interval` after its start.
pub fn answered(endpoint: &str, at: f64, interval: f64, messages: Vec<Message>) -> Observation {
    let started = moment(at);
    Observation {
        endpoint: endpoint.into(),
        asked: ReceiveParameters::default(),
        started,
        timing: Timing { total: Duration::from_millis(10), ..Timing::default() },
        outcome: Outcome::Received {
            messages: messages.into_iter().map(PackedMessage::from).collect(),
            shape: Shape::QueryJson,
            request_id: None,
        },
        next: Next::Poll { at: started.offset + Duration::from_secs_f64(interval) },
    }
}

/// A poll that failed.
pub fn failed(endpoint: &str, at: f64, fault: Fault, next: Next) -> Observation {
    Observation { outcome: Outcome::Faulted(fault), next, ..answered(endpoint, at, 1.0, Vec::new()) }
}

pub fn back_off_until(seconds: f64) -> Next {
    Next::BackOff { until: Duration::from_secs_f64(seconds) }
}

/// The fault that a gateway's answer comes to.
pub fn fault(status: u16, body: &str) -> Fault {
    let answer = Answer { status, body: body.as_bytes(), request_id: Some("request-7"), ..Answer::default() };
    decode(&answer).expect_err("a fault")
}
