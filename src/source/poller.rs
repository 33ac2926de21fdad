//! When to ask: interval, burst, back-off and pause, for one endpoint.
//!
//! A poller never overlaps itself and never abandons a receive in flight: what SQS has handed out is hidden or
//! counted whether or not anybody reads it. Controls that arrive meanwhile take effect with the next poll.

mod schedule;

use std::pin::pin;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::{Clock, Control, Endpoint, Receive};
use crate::observation::{EndpointName, Observation, Outcome};
use crate::sqs::ReceiveParameters;
use schedule::Schedule;

/// Polls one endpoint until nobody steers it any more, or nobody listens.
#[derive(Debug)]
pub struct Poller<R> {
    endpoint: EndpointName,
    receive: R,
    parameters: ReceiveParameters,
    schedule: Schedule,
    clock: Clock,
    controls: mpsc::Receiver<Control>,
    observations: mpsc::Sender<Observation>,
}

impl<R: Receive> Poller<R> {
    /// A poller whose first poll is due at once.
    pub fn new(
        endpoint: &Endpoint,
        receive: R,
        clock: Clock,
        controls: mpsc::Receiver<Control>,
        observations: mpsc::Sender<Observation>,
    ) -> Self {
        Self {
            endpoint: endpoint.name.clone(),
            receive,
            parameters: endpoint.parameters.clone(),
            schedule: Schedule::new(endpoint.pace, Instant::now(), seed(&endpoint.name)),
            clock,
            controls,
            observations,
        }
    }

    /// Polls until the controls' sender or the observations' receiver is gone.
    pub async fn run(mut self) {
        while self.turn().await {
            let (observation, steered) = self.poll().await;
            if self.observations.send(observation).await.is_err() || !steered {
                return;
            }
        }
    }

    /// Waits until a poll is due; false when nobody steers any more.
    async fn turn(&mut self) -> bool {
        loop {
            let due = self.schedule.due();
            tokio::select! {
                // A pause that arrives together with the due time wins: it was asked for before the poll began.
                biased;
                control = self.controls.recv() => match control {
                    Some(control) => self.schedule.control(control, &mut self.parameters, Instant::now()),
                    None => return false,
                },
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => return true,
            }
        }
    }

    /// One receive, read to its end whatever is asked meanwhile; and whether anybody still steers.
    async fn poll(&mut self) -> (Observation, bool) {
        let asked = self.parameters.clone();
        let (started, began) = (self.clock.now(), Instant::now());
        self.schedule.begin(began);
        let mut steered = true;
        let (timing, outcome) = {
            let mut receive = pin!(self.receive.receive(&asked));
            loop {
                tokio::select! {
                    answered = &mut receive => break answered,
                    control = self.controls.recv(), if steered => match control {
                        Some(control) => self.schedule.control(control, &mut self.parameters, Instant::now()),
                        None => steered = false,
                    },
                }
            }
        };
        let full = match &outcome {
            Outcome::Received { messages, .. } => {
                Ok(messages.len() >= asked.max_number_of_messages.get() as usize)
            }
            Outcome::Faulted(fault) => Err(fault),
        };
        let next = self.schedule.end(full, Instant::now(), self.clock);
        (Observation { endpoint: self.endpoint.clone(), asked, started, timing, outcome, next }, steered)
    }
}

/// Endpoints that fail together must not come back together, so each has its own jitter.
fn seed(name: &EndpointName) -> u64 {
    use std::hash::{BuildHasher as _, RandomState};
    RandomState::new().hash_one(name)
}
