//! A gateway that mostly answers, and else says what gateways say.

use std::time::Duration;

use qwatch::observation::{Outcome, Timing};
use qwatch::source::Receive;
use qwatch::sqs::{Message, PackedMessage, ReceiveParameters};
use qwatch::wire::{Answer, Fault, Remedy, Shape, decode, encode};
use rand::RngExt as _;
use rand::rngs::StdRng;
use tokio::time::sleep;

use super::said::{SAID, Said};
use super::world::Shared;

/// Of a thousand polls, how many fail in which way.
#[derive(Clone, Copy, Debug)]
pub struct Odds {
    /// By a fault that may pass, before SQS is asked.
    pub passing: u32,
    /// By one that does not.
    pub lasting: u32,
    /// By losing an answer after SQS has acted.
    pub lost: u32,
}

/// What is drawn for one poll.
enum Drawn {
    Well,
    Says(&'static Said),
    /// Nobody listens there.
    Refused,
    /// The answer is cut short.
    Cut,
    /// None comes until the source gives up.
    Silent,
}

pub struct Gateway {
    world: Shared,
    queue: String,
    odds: Odds,
    random: StdRng,
    requests: u64,
}

impl Gateway {
    pub fn new(world: Shared, queue: String, odds: Odds, random: StdRng) -> Self {
        Self { world, queue, odds, random, requests: 0 }
    }

    fn draw(&mut self) -> Drawn {
        let Odds { passing, lasting, lost } = self.odds;
        let chance = self.random.random_range(0..1000);
        if chance < passing {
            let refused = self.random.random_bool(0.2);
            return if refused { Drawn::Refused } else { self.says(Remedy::BackOff) };
        }
        match chance - passing {
            chance if chance < lasting => self.says(Remedy::Stop),
            chance if chance < lasting + lost => {
                if self.random.random_bool(0.8) {
                    Drawn::Cut
                } else {
                    Drawn::Silent
                }
            }
            _ => Drawn::Well,
        }
    }

    fn says(&mut self, remedy: Remedy) -> Drawn {
        let said: Vec<_> = SAID.iter().filter(|said| said.3.1 == remedy).collect();
        Drawn::Says(said[self.random.random_range(0..said.len())])
    }

    /// Mostly quick, now and then longer than the interval.
    fn latency(&mut self) -> Duration {
        let slow = self.random.random_bool(0.0005);
        Duration::from_millis(if slow { 2_500 } else { self.random.random_range(5..250) })
    }
}

impl Receive for Gateway {
    async fn receive(&mut self, asked: &ReceiveParameters) -> (Timing, Outcome) {
        self.requests += 1;
        let drawn = self.draw();
        let takes = match drawn {
            Drawn::Silent => Duration::from_secs(10),
            _ => self.latency(),
        };
        sleep(takes / 2).await;
        let messages = match drawn {
            Drawn::Says(_) | Drawn::Refused => Vec::new(),
            Drawn::Well | Drawn::Cut | Drawn::Silent => {
                self.world.lock().unwrap().receive(&self.queue, asked)
            }
        };
        sleep(takes / 2).await;
        let id = format!("request-{}", self.requests);
        let outcome = outcome(&drawn, messages, &id);
        let mut world = self.world.lock().unwrap();
        let truth = world.truth.get_mut(&self.queue).unwrap();
        truth.asked += 1;
        match &outcome {
            Outcome::Received { messages, .. } => truth.received += messages.len() as u64,
            _ => truth.faults += 1,
        }
        (Timing { total: takes, ..Timing::default() }, outcome)
    }
}

/// What a source makes of it: bytes that came are decoded as it does.
fn outcome(drawn: &Drawn, messages: Vec<Message>, id: &str) -> Outcome {
    let fault = match drawn {
        Drawn::Well => {
            let messages = messages.into_iter().map(PackedMessage::from).collect();
            return Outcome::Received { messages, shape: Shape::QueryJson, request_id: Some(id.into()) };
        }
        Drawn::Says((status, headers, body, ..)) => {
            let header = |name: &str| headers.lines().find_map(|line| line.strip_prefix(name));
            let seconds = header("Retry-After: ").and_then(|seconds| seconds.parse().ok());
            let answer = Answer {
                status: *status,
                error_type: header("x-amzn-ErrorType: "),
                request_id: Some(id),
                retry_after: seconds.map(Duration::from_secs),
                body: body.as_bytes(),
                ..Answer::default()
            };
            decode(&answer).expect_err("it says that it failed")
        }
        Drawn::Cut => {
            let body = encode(Shape::QueryJson, &messages, id);
            let answer = Answer { status: 200, body: &body[..body.len() / 2], ..Answer::default() };
            decode(&answer).expect_err("half an answer is none")
        }
        Drawn::Refused => Fault::network("ConnectionRefused", "tcp connect error: Connection refused"),
        Drawn::Silent => Fault::network("TimedOut", "operation timed out"),
    };
    Outcome::Faulted(fault)
}
