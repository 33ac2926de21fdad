//! Believable traffic, the same for the same seed: a simulation in fixed steps, and the task that runs it in
//! real time.
//!
//! Every random decision of a producer comes from a stream that nothing but the simulation's own time moves,
//! so what is sent and when does not depend on who watches. Consumers see what watchers leave them.

mod bodies;
mod consumers;
mod scenario;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt as _, SeedableRng as _};

use super::queue::{MaxReceiveCount, Queues, RedrivePolicy, SendMessage, Settings, SqsError};
use super::{Shared, Weather};
use crate::sqs::Ranged;
use consumers::Consumers;
pub use scenario::{Scenario, UnknownScenario};

/// One step of the simulation.
pub const TICK: Duration = Duration::from_millis(50);
/// How long the simulation has been running when the story begins: there are rows at the very first poll.
pub const WARM_UP: Duration = Duration::from_secs(20);

/// Messages a second during the warm-up, at most: a demo at a high rate must start as fast as any.
const WARM_UP_RATE: f64 = 50.0;
/// Messages in each queue when the simulation begins.
const BACKLOG: u32 = 40;
/// The share of all messages that goes to the first queue.
const ORDERS: f64 = 0.7;
/// One order in so many is poison, where there is poison.
const POISON: f64 = 0.05;
/// Steps at a time under the lock: a busy machine that fell behind must still serve requests.
const STEPS_AT_ONCE: usize = 20;
/// More messages a second than one core can make and consume.
const MOST: f64 = 20_000.0;

/// Producers and consumers of one scenario.
pub struct Traffic {
    scenario: Scenario,
    rate: f64,
    seed: u64,
    max_receive_count: MaxReceiveCount,
    steps: u32,
    orders: u64,
    payments: u64,
    rng: ChaCha8Rng,
    consumers: Vec<Consumers>,
}

impl Traffic {
    /// Traffic of about `rate` messages a second (0 to 20,000; what is beyond is brought back) over all queues.
    #[must_use]
    pub fn new(scenario: Scenario, rate: f64, seed: u64) -> Self {
        let rate = if rate.is_finite() { rate.clamp(0.0, MOST) } else { 0.0 };
        let most = scenario.most_consumed();
        let orders = Consumers::new(orders(scenario), rate * ORDERS, most, stream(seed, 1));
        let orders = match scenario {
            Scenario::FifoStall => orders.stalling(WARM_UP + Duration::from_secs(5)),
            _ => orders,
        };
        let payments = Consumers::new("payments", rate * (1.0 - ORDERS), most, stream(seed, 2));
        Self {
            scenario,
            rate,
            seed,
            // Watching raises receive counts: where nothing is to be poisoned, no watcher may do it.
            max_receive_count: match scenario {
                Scenario::Poison => MaxReceiveCount::try_from(4).unwrap_or(Ranged::MAX),
                _ => Ranged::MAX,
            },
            steps: 0,
            orders: 0,
            payments: 0,
            rng: stream(seed, 0),
            consumers: vec![orders, payments],
        }
    }

    /// The redrive limit of the queue that has a dead-letter queue, instead of the scenario's own.
    #[must_use]
    pub fn with_max_receive_count(mut self, max_receive_count: MaxReceiveCount) -> Self {
        self.max_receive_count = max_receive_count;
        self
    }

    /// Runs the simulation up to the beginning of the story: the scenario's queues with messages in them, whose
    /// clock shows [`WARM_UP`] at the wall clock's `now`.
    #[must_use]
    pub fn warm_up(&mut self, now: DateTime<Utc>) -> Queues {
        let mut queues = Queues::new(now - WARM_UP, self.seed);
        let created = create(&mut queues, self.scenario, self.max_receive_count);
        debug_assert_eq!(created, Ok(()));
        for _ in 0..BACKLOG {
            self.send_order(&mut queues, Duration::ZERO);
            self.send_payment(&mut queues, Duration::ZERO);
        }
        while self.next_step() < WARM_UP {
            self.step(&mut queues);
        }
        queues
    }

    /// When the next step is due, on the queues' clock.
    #[must_use]
    pub fn next_step(&self) -> Duration {
        TICK * self.steps
    }

    /// Takes one step, at the time at which it is due, and says what the weather is from then on.
    pub fn step(&mut self, queues: &mut Queues) -> Weather {
        let now = self.next_step();
        self.steps += 1;
        queues.settle(now);
        self.produce(queues, now);
        for consumers in &mut self.consumers {
            consumers.step(queues, now, TICK);
        }
        self.scenario.weather(story(now))
    }

    fn produce(&mut self, queues: &mut Queues, now: Duration) {
        let rate = if now < WARM_UP { self.rate.min(WARM_UP_RATE) } else { self.rate };
        let expected = rate * self.scenario.factor(story(now)) * TICK.as_secs_f64();
        for _ in 0..self.arrivals(expected * ORDERS) {
            self.send_order(queues, now);
        }
        for _ in 0..self.arrivals(expected * (1.0 - ORDERS)) {
            self.send_payment(queues, now);
        }
    }

    /// A whole number that is `expected` on average and scatters by half of it.
    fn arrivals(&mut self, expected: f64) -> u32 {
        let scattered = expected * self.rng.random_range(0.5..1.5) + self.rng.random::<f64>();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "0 to 1.5 times the rate"
        )]
        let whole = scattered as u32;
        whole
    }

    fn send_order(&mut self, queues: &mut Queues, now: Duration) {
        let poison = self.scenario == Scenario::Poison && self.rng.random_bool(POISON);
        let mut message = bodies::order(&mut self.rng, self.orders, poison);
        if self.scenario == Scenario::FifoStall {
            let group = bodies::REGIONS[self.rng.random_range(0..bodies::REGIONS.len())];
            message.message_group_id = Some(group.to_owned());
            message.message_deduplication_id = Some(format!("order-{}", self.orders));
        }
        self.orders += 1;
        send(queues, orders(self.scenario), message, now);
    }

    fn send_payment(&mut self, queues: &mut Queues, now: Duration) {
        let message = bodies::payment(&mut self.rng, self.payments);
        self.payments += 1;
        send(queues, "payments", message, now);
    }
}

fn send(queues: &mut Queues, queue: &str, message: SendMessage, now: Duration) {
    let sent = queues.send(queue, message, now);
    debug_assert!(sent.is_ok(), "the traffic sends nothing that SQS refuses: {sent:?}");
}

/// Time since the story began; the warm-up is before it.
fn story(now: Duration) -> Duration {
    now.saturating_sub(WARM_UP)
}

fn stream(seed: u64, stream: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(stream);
    rng
}

fn orders(scenario: Scenario) -> &'static str {
    if scenario == Scenario::FifoStall { "orders.fifo" } else { "orders" }
}

/// The queues of a scenario, the default one first.
fn create(
    queues: &mut Queues,
    scenario: Scenario,
    max_receive_count: MaxReceiveCount,
) -> Result<(), SqsError> {
    let (orders, dead_letter_queue) = match scenario {
        Scenario::FifoStall => ("orders.fifo", "orders-dlq.fifo"),
        _ => ("orders", "orders-dlq"),
    };
    let settings = Settings {
        retention: Duration::from_secs(3600),
        held_messages: 100_000,
        held_bytes: 128 * 1024 * 1024,
        ..Settings::default()
    };
    for name in [orders, "payments", dead_letter_queue] {
        queues.create(name, settings.clone())?;
    }
    let policy = RedrivePolicy { dead_letter_queue: dead_letter_queue.to_owned(), max_receive_count };
    queues.set_redrive_policy(orders, &policy)
}

/// Runs the traffic in real time until it is dropped. Steps that are late are made up for.
pub async fn drive(mut traffic: Traffic, shared: Arc<Shared>) {
    loop {
        let weather = shared.with(|queues, now| {
            let due = |_| (traffic.next_step() <= now).then(|| traffic.step(queues));
            (0..STEPS_AT_ONCE).map_while(due).last()
        });
        if let Some(weather) = weather {
            shared.set_weather(weather);
        }
        tokio::time::sleep_until(shared.instant(traffic.next_step())).await;
    }
}
