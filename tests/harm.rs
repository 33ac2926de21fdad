//! Watching against queues that know the truth: what qwatch says it did is what it did, and what it must not do it does
//! not. Pollers and queues are the real ones, in simulated time.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use proptest::prelude::*;
use qwatch::guard::{Allow, Limit, Policy};
use qwatch::local::queue::{MaxReceiveCount, Queues, Receive as Asked, RedrivePolicy, SendMessage, Settings};
use qwatch::local::{Scenario, Traffic};
use qwatch::observation::{Observation, Outcome, Timing};
use qwatch::source::{Clock, Control, Endpoint, Pace, Poller, Receive};
use qwatch::sqs::{AttributeName, Message, PackedMessage, ReceiveParameters};
use qwatch::watch::{Bounds, Watch};
use qwatch::wire::{Fault, FaultKind, Remedy, Shape};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};

/// From asking to the answer; SQS acts half-way.
const LATENCY: Duration = Duration::from_millis(40);
const MINUTES: Duration = Duration::from_secs(180);

/// The truth, and what happened to it.
struct World {
    queues: Queues,
    began: Instant,
    /// Messages that our polls were handed, lost answers included.
    ours: u64,
    /// Those of them whose answer was lost.
    lost: u64,
    /// Messages that others were handed.
    others: u64,
    /// The handles we got with a timeout above 0, until the message is back.
    hidden: Vec<String>,
}

type Shared = Arc<Mutex<World>>;

impl World {
    fn of(queues: Queues) -> Shared {
        Arc::new(Mutex::new(Self {
            queues,
            began: Instant::now(),
            ours: 0,
            lost: 0,
            others: 0,
            hidden: Vec::new(),
        }))
    }

    fn now(&self) -> Duration {
        self.began.elapsed()
    }

    /// How many messages of `queue` our receives hide now.
    fn hidden_by_us(&mut self, queue: &str) -> u64 {
        let now = self.now();
        self.queues.settle(now);
        let queues = &self.queues;
        self.hidden.retain(|handle| queues.is_hidden_by(queue, handle));
        self.hidden.len() as u64
    }

    fn receive(&mut self, queue: &str, asked: &ReceiveParameters, names: bool) -> Vec<Message> {
        let now = self.now();
        let asked = Asked {
            max_number_of_messages: asked.max_number_of_messages,
            visibility_timeout: Some(asked.visibility_timeout),
            attribute_name: if names { vec![AttributeName::All] } else { Vec::new() },
            ..Asked::default()
        };
        self.queues.receive(queue, &asked, now).unwrap()
    }
}

/// How the way between us and the queue behaves.
#[derive(Clone, Copy, Debug)]
struct Way {
    /// Of a hundred answers, how many are lost after SQS has acted.
    lost: u32,
    /// And how many requests are refused before it does.
    refused: u32,
    /// Whether the gateway forwards attribute names.
    names: bool,
}

const CLEAR: Way = Way { lost: 0, refused: 0, names: true };

struct Gateway {
    world: Shared,
    queue: &'static str,
    way: Way,
    random: StdRng,
}

impl Receive for Gateway {
    async fn receive(&mut self, asked: &ReceiveParameters) -> (Timing, Outcome) {
        sleep(LATENCY / 2).await;
        let chance = self.random.random_range(0..100);
        let refused = chance < self.way.refused;
        let messages = if refused {
            Vec::new()
        } else {
            let mut world = self.world.lock().unwrap();
            let messages = world.receive(self.queue, asked, self.way.names);
            world.ours += messages.len() as u64;
            messages
        };
        sleep(LATENCY / 2).await;
        let timing = Timing { total: LATENCY, ..Timing::default() };
        let lost = !refused && chance < self.way.refused + self.way.lost;
        if refused || lost {
            self.world.lock().unwrap().lost += messages.len() as u64;
            let status = Some(if lost { 504 } else { 503 });
            let plain = Fault::network("", "as the test asked");
            let fault = Fault { kind: FaultKind::Gateway, status, remedy: Remedy::BackOff, ..plain };
            return (timing, Outcome::Faulted(fault));
        }
        if asked.visibility_timeout.get() > 0 {
            let handles = messages.iter().map(|message| message.receipt_handle.clone());
            self.world.lock().unwrap().hidden.extend(handles);
        }
        let messages = messages.into_iter().map(PackedMessage::from).collect();
        (timing, Outcome::Received { messages, shape: Shape::QueryJson, request_id: None })
    }
}

fn endpoint(parameters: ReceiveParameters, pace: Pace, guard: Policy, queue: &str) -> Endpoint {
    let url = format!("http://127.0.0.1/{queue}").parse().unwrap();
    Endpoint { parameters, pace, guard, ..Endpoint::new("watched".into(), url) }
}

/// Watches for three minutes; `check` sees the watch and the truth after each observation.
async fn watch(
    endpoint: &Endpoint,
    gateway: Gateway,
    mut check: impl FnMut(&Watch, &Observation, &mut World),
) -> Watch {
    let world = Arc::clone(&gateway.world);
    let (observer, mut observations) = mpsc::channel(256);
    let (controls, steering) = mpsc::channel(16);
    let poller = tokio::spawn(Poller::new(endpoint, gateway, Clock::start(), steering, observer).run());
    let mut watch = Watch::new(Bounds::default());
    let over = tokio::time::sleep(MINUTES);
    tokio::pin!(over);
    // Somebody agreed to block groups, should it be a FIFO queue.
    controls.try_send(Control::Allow(Allow::Once)).unwrap();
    let mut controls = Some(controls);
    loop {
        tokio::select! {
            biased;
            observation = observations.recv() => {
                let Some(observation) = observation else { break };
                watch.observe(&observation);
                check(&watch, &observation, &mut world.lock().unwrap());
            }
            // Quitting: what is in flight is read to its end, and counted.
            () = &mut over, if controls.is_some() => controls = None,
        }
    }
    poller.await.unwrap();
    watch
}

/// Whoever else there is, until the runtime ends.
fn populate(world: &Shared, queue: &'static str, fifo: bool, case: &Case) {
    let (world, case) = (Arc::clone(world), case.clone());
    tokio::spawn(async move {
        let mut random = StdRng::seed_from_u64(case.seed);
        for tick in 0_u64.. {
            sleep(Duration::from_millis(100)).await;
            let mut world = world.lock().unwrap();
            let now = world.now();
            for _ in 0..u32::from(random.random_range(0..1000) < case.sent_per_1000_ticks) {
                let message = SendMessage {
                    body: format!("{tick}"),
                    message_group_id: fifo.then(|| format!("group-{}", random.random_range(0..3))),
                    message_deduplication_id: fifo.then(|| format!("{tick}")),
                    ..SendMessage::default()
                };
                world.queues.send(queue, message, now).unwrap();
            }
            let other = |timeout: u32| ReceiveParameters {
                visibility_timeout: timeout.try_into().unwrap(),
                ..ReceiveParameters::default()
            };
            if case.consumes && random.random_bool(0.3) {
                let taken = world.receive(queue, &other(30), true);
                world.others += taken.len() as u64;
                for message in taken.iter().filter(|_| random.random_bool(0.8)) {
                    world.queues.delete(queue, &message.receipt_handle, now).unwrap();
                }
            }
            if case.others_watch && tick % 20 == 0 {
                let seen = world.receive(queue, &other(0), true).len() as u64;
                world.others += seen;
            }
        }
    });
}

#[derive(Clone, Debug)]
struct Case {
    seed: u64,
    fifo: bool,
    backlog: u32,
    sent_per_1000_ticks: u32,
    consumes: bool,
    others_watch: bool,
    visibility_timeout: u32,
    max_number_of_messages: u32,
    interval: u64,
    burst: u32,
    limit: u32,
    reserve: u32,
    way: Way,
}

fn cases() -> impl Strategy<Value = Case> {
    let traffic = (any::<u64>(), any::<bool>(), 0..40_u32, 0..300_u32, any::<bool>(), any::<bool>());
    let asked = (prop_oneof![Just(0_u32), 1..90_u32], 1..=10_u32, 50..5_000_u64, 1..5_u32);
    let guarded = (1..8_u32, 0..3_u32);
    let way = (prop_oneof![Just(0_u32), 0..20_u32], prop_oneof![Just(0_u32), 0..20_u32], any::<bool>());
    (traffic, asked, guarded, way).prop_map(|(traffic, asked, guarded, way)| Case {
        seed: traffic.0,
        fifo: traffic.1,
        backlog: traffic.2,
        sent_per_1000_ticks: traffic.3,
        consumes: traffic.4,
        others_watch: traffic.5,
        visibility_timeout: asked.0,
        max_number_of_messages: asked.1,
        interval: asked.2,
        burst: asked.3,
        limit: guarded.0,
        reserve: guarded.1,
        way: Way { lost: way.0, refused: way.1, names: way.2 },
    })
}

/// `queue` with its dead-letter queue and a backlog.
fn world(case: &Case) -> (Shared, &'static str) {
    let (queue, dead) = if case.fifo { ("q.fifo", "dead.fifo") } else { ("q", "dead") };
    let mut queues = Queues::new(chrono::Utc::now(), case.seed);
    for name in [queue, dead] {
        queues.create(name, Settings::default()).unwrap();
    }
    let max_receive_count = MaxReceiveCount::try_from(case.limit).unwrap();
    let policy = RedrivePolicy { dead_letter_queue: dead.to_owned(), max_receive_count };
    queues.set_redrive_policy(queue, &policy).unwrap();
    for number in 0..case.backlog {
        let message = SendMessage {
            body: format!("backlog-{number}"),
            message_group_id: case.fifo.then(|| format!("group-{}", number % 3)),
            message_deduplication_id: case.fifo.then(|| format!("backlog-{number}")),
            ..SendMessage::default()
        };
        queues.send(queue, message, Duration::ZERO).unwrap();
    }
    (World::of(queues), queue)
}

/// What qwatch says it hides now is what the queue knows it hides, to within one poll.
fn assert_hidden(watch: &Watch, observation: &Observation, world: &mut World, queue: &str, one_poll: u64) {
    let Some(watched) = watch.endpoint(&observation.endpoint) else { return };
    let (hidden, _) = watched.impact.hidden(observation.finished().offset);
    let truth = world.hidden_by_us(queue);
    assert!(hidden.abs_diff(truth) <= one_poll, "{hidden} hidden, {truth} in truth");
}

async fn keeps_its_promises(case: Case) {
    let (world, queue) = world(&case);
    populate(&world, queue, case.fifo, &case);
    let parameters = ReceiveParameters {
        visibility_timeout: case.visibility_timeout.try_into().unwrap(),
        max_number_of_messages: case.max_number_of_messages.try_into().unwrap(),
        ..ReceiveParameters::default()
    };
    let interval = Duration::from_millis(case.interval);
    let pace = Pace { interval, burst: case.burst.try_into().unwrap(), max_interval: interval * 4 };
    let guard = Policy { limit: Limit::Known(case.limit), reserve: case.reserve, on: true };
    let endpoint = endpoint(parameters, pace, guard, queue);
    let random = StdRng::seed_from_u64(case.seed);
    let gateway = Gateway { world: Arc::clone(&world), queue, way: case.way, random };
    let alone = !case.consumes && !case.others_watch;
    let one_poll = u64::from(case.max_number_of_messages);
    let watch = watch(&endpoint, gateway, |watch, observation, world| {
        assert_hidden(watch, observation, world, queue, one_poll);
    })
    .await;
    let world = world.lock().unwrap();
    let counts = world.queues.counts(queue).unwrap();
    let watched = watch.endpoint(&endpoint.name);
    let receives = watched.map_or(0, |watched| watched.impact.receives);
    assert_eq!(receives + world.lost, world.ours, "{case:?}");
    assert_eq!(world.ours + world.others, counts.received, "the queue counts the same: {case:?}");
    assert!(counts.is_conserved(), "{counts:?}");
    if alone {
        assert_eq!(counts.dead_lettered, 0, "dead-lettered because of qwatch: {case:?}");
    }
}

fn in_simulated_time(work: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.unwrap().block_on(work);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn what_qwatch_counts_is_what_the_queue_counts_and_nothing_falls_because_of_it(case in cases()) {
        in_simulated_time(keeps_its_promises(case));
    }

    /// Nobody else receives, and every other answer may be lost.
    #[test]
    fn a_queue_that_only_qwatch_receives_from_loses_no_message(case in cases()) {
        let case = Case { consumes: false, others_watch: false, ..case };
        in_simulated_time(keeps_its_promises(case));
    }
}

#[test]
fn in_every_scenario_of_the_demo_qwatch_knows_what_it_received_and_what_it_hides() {
    for scenario in Scenario::ALL {
        for timeout in [0_u32, 5] {
            in_simulated_time(async {
                let mut traffic = Traffic::new(scenario, 20.0, 7);
                let queues = traffic.warm_up(chrono::Utc::now());
                let queue = if scenario == Scenario::FifoStall { "orders.fifo" } else { "orders" };
                let limit =
                    queues.max_receive_count(queue).map_or(Limit::Nowhere, |count| Limit::Known(count.get()));
                let world = World::of(queues);
                world.lock().unwrap().began =
                    Instant::now().checked_sub(traffic.next_step()).unwrap_or_else(Instant::now);
                let driven = Arc::clone(&world);
                tokio::spawn(async move {
                    loop {
                        sleep(Duration::from_millis(50)).await;
                        traffic.step(&mut driven.lock().unwrap().queues);
                    }
                });
                let parameters = ReceiveParameters {
                    visibility_timeout: timeout.try_into().unwrap(),
                    ..ReceiveParameters::default()
                };
                let guard = Policy { limit, ..Policy::default() };
                let endpoint = endpoint(parameters, Pace::default(), guard, queue);
                let random = StdRng::seed_from_u64(1);
                let gateway = Gateway { world: Arc::clone(&world), queue, way: CLEAR, random };
                let watch = watch(&endpoint, gateway, |watch, observation, world| {
                    assert_hidden(watch, observation, world, queue, 10);
                })
                .await;
                let receives = watch.endpoint(&endpoint.name).unwrap().impact.receives;
                assert!(receives > 0);
                assert_eq!(receives, world.lock().unwrap().ours, "{scenario}");
            });
        }
    }
}
