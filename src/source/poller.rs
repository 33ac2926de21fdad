//! When to ask: interval, burst, back-off and pause, for one endpoint.
//!
//! A poller never overlaps itself and never abandons a receive in flight: what SQS has handed out is hidden or
//! counted whether or not anybody reads it. Controls that arrive meanwhile take effect with the next poll.

mod schedule;

use std::pin::{Pin, pin};

use tokio::sync::mpsc::{self, error::TryRecvError};
use tokio::time::{Instant, sleep_until};

use super::{Clock, Control, Endpoint, Receive};
use crate::guard::{Allow, Guard};
use crate::observation::{EndpointName, Guarded, Moment, Next, Observation, Outcome, Timing};
use crate::sqs::ReceiveParameters;
use schedule::{Brought, Schedule};

/// Polls one endpoint until nobody steers it any more, or nobody listens.
#[derive(Debug)]
pub struct Poller<R> {
    endpoint: EndpointName,
    receive: R,
    helm: Helm,
    clock: Clock,
    observations: mpsc::Sender<Observation>,
}

/// What controls change, and where they come from.
#[derive(Debug)]
struct Helm {
    parameters: ReceiveParameters,
    schedule: Schedule,
    guard: Guard,
    controls: mpsc::Receiver<Control>,
    /// Whether anybody holds the other end.
    steered: bool,
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
        let schedule = Schedule::new(endpoint.pace, Instant::now(), seed(&endpoint.name));
        let parameters = endpoint.parameters.clone();
        let guard = Guard::new(endpoint.guard, endpoint.is_fifo());
        let helm = Helm { parameters, schedule, guard, controls, steered: true };
        Self { endpoint: endpoint.name.clone(), receive, helm, clock, observations }
    }

    /// Polls until the controls' sender or the observations' receiver is gone.
    pub async fn run(mut self) {
        while self.helm.turn().await {
            let now = self.clock.now();
            let observation = match self.helm.guard.check(&self.helm.parameters, now.offset) {
                Some(why) => self.withhold(why, now),
                None => self.poll().await,
            };
            let sent = pin!(self.observations.send(observation));
            let taken = self.helm.steered_until(sent, false).await;
            if taken.is_err() {
                return;
            }
        }
    }

    /// The poll that was due is not made.
    fn withhold(&mut self, why: Guarded, now: Moment) -> Observation {
        self.helm.schedule.withhold();
        Observation {
            endpoint: self.endpoint.clone(),
            asked: self.helm.parameters.clone(),
            started: now,
            timing: Timing::default(),
            outcome: Outcome::Withheld(why),
            next: Next::Guard,
        }
    }

    /// One receive, read to its end whatever is asked meanwhile.
    async fn poll(&mut self) -> Observation {
        let Self { helm, clock, .. } = self;
        let asked = helm.parameters.clone();
        let started = clock.now();
        helm.guard.begin(&asked);
        helm.schedule.begin(Instant::now());
        let (timing, outcome) = {
            // It stays here, as it is larger than a page.
            let receive = pin!(self.receive.receive(&asked));
            helm.steered_until(receive, true).await
        };
        let endpoint = self.endpoint.clone();
        let mut observation = Observation { endpoint, asked, started, timing, outcome, next: Next::Stop };
        let new = helm.guard.observe(&observation);
        let answer = match observation.fault() {
            None => Ok(Brought { full: is_full(&observation), new: new > 0 }),
            Some(fault) => Err(fault),
        };
        observation.next = helm.schedule.end(answer, Instant::now(), *clock);
        observation
    }
}

impl Helm {
    /// Waits until a poll is due; false when nobody steers any more.
    async fn turn(&mut self) -> bool {
        loop {
            let due = self.schedule.due();
            if due.is_some_and(|due| due <= Instant::now()) {
                // Timers go by whole milliseconds, and round up: what is due already would wait for the next of them.
                match self.controls.try_recv() {
                    Ok(control) => self.take(control, false),
                    Err(TryRecvError::Empty) => return true,
                    Err(TryRecvError::Disconnected) => return false,
                }
                continue;
            }
            tokio::select! {
                // A pause that arrives together with the due time wins: it was asked for before the poll began.
                biased;
                control = self.controls.recv() => match control {
                    Some(control) => self.take(control, false),
                    None => return false,
                },
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => return true,
            }
        }
    }

    /// Sees `work` to its end and takes controls up meanwhile: whoever steers never waits for a gateway, or for
    /// whoever folds observations.
    async fn steered_until<F: Future>(&mut self, mut work: Pin<&mut F>, in_flight: bool) -> F::Output {
        loop {
            tokio::select! {
                done = &mut work => return done,
                control = self.controls.recv(), if self.steered => match control {
                    Some(control) => self.take(control, in_flight),
                    None => self.steered = false,
                },
            }
        }
    }

    fn take(&mut self, control: Control, in_flight: bool) {
        match control {
            Control::Allow(allow) => self.guard.allow(allow),
            Control::Hide(_) => self.guard.allow(Allow::Once),
            // What was allowed was allowed with others.
            Control::Parameters(_) => self.guard.forget_once(),
            Control::Guard => self.guard.watch_again(),
            Control::Limit(limit) => self.guard.set_limit(limit),
            _ => {}
        }
        self.schedule.control(control, &mut self.parameters, Instant::now(), in_flight);
    }
}

fn is_full(observation: &Observation) -> bool {
    observation.messages().len() >= observation.asked.max_number_of_messages.get() as usize
}

/// Endpoints that fail together must not come back together, so each has its own jitter.
fn seed(name: &EndpointName) -> u64 {
    use std::hash::{BuildHasher as _, RandomState};
    RandomState::new().hash_one(name)
}
