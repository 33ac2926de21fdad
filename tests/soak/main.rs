//! A day beside an incident: three endpoints with faults drawn at random and a person at the keyboard, in paused time.
//!
//! ```text
//!   queues, producer, consumer ─▶ gateway (faults) ─▶ poller ─▶ Observation ─▶ account
//!                                                       ▲            └───────▶ App ─▶ screen
//!   person ── keys ──────────────────────────────────────┴── effects ◀─────────┘
//! ```
//!
//! The pollers, the queues, the decoding of faults, `App` and `Watch` are the program's own. Sockets are not there: paused time
//! jumps to the next timer whenever no task can go on, so that a socket's answer would come hours late. What is said over
//! sockets is what `tests/http` says there: the faults are drawn from the same table.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking")]

mod account;
mod gateway;
mod person;
#[path = "../common/said.rs"]
mod said;
mod world;

use std::collections::HashMap;
use std::time::Duration;

use account::Account;
use chrono::{DateTime, Utc};
use gateway::{Gateway, Odds};
use peak_alloc::PeakAlloc;
use person::Person;
use qwatch::app::{App, Effect, Event};
use qwatch::config::{Look, Settings};
use qwatch::filter::Saved;
use qwatch::guard::{Limit, Policy};
use qwatch::observation::Observation;
use qwatch::source::{CHANNEL, Clock, Control, Endpoint, Pace, Poller};
use qwatch::sqs::ReceiveParameters;
use qwatch::ui::{Styles, draw};
use qwatch::watch::{Bounds, Prices};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval};
use world::World;

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);
/// Seconds from one sample of the heap to the next, each after a draw.
const SAMPLED: u64 = 60;
/// A history that is full within the hour, as a larger one is within the day.
const BOUNDS: Bounds = Bounds { messages: 150, bytes: 256 << 20 };
/// What the heap may grow by from the third hour to the last, in hundredths: what is dropped is as large as what comes, more or
/// less.
const FLAT: usize = 3;
/// What a guard remembers of each message, at most: a record in a table that is at worst half empty. It keeps 200,000 of them,
/// which this day does not reach.
const GUARDED: usize = 160;
/// No whole number of milliseconds, so that each of thousands of timers is late by a part of one.
const INTERVAL: Duration = Duration::from_micros(1_999_700);

#[tokio::test(start_paused = true)]
async fn a_day_of_faults_costs_no_memory_loses_no_poll_and_keeps_the_interval() {
    let seed = std::env::var("SOAK_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    println!("seed {seed}; SOAK_SEED takes another");
    let day = Day::begin(seed).live().await;
    day.assert_memory_is_flat();
    day.account.assert_every_poll_is_accounted_for(&day.app, &day.world, DAY);
    day.account.assert_the_interval_did_not_drift();
}

/// The day itself, and what is known of it.
struct Day {
    app: App,
    account: Account,
    world: world::Shared,
    person: Person,
    clock: Clock,
    observations: mpsc::Receiver<Observation>,
    controls: HashMap<String, mpsc::Sender<Control>>,
    terminal: Terminal<TestBackend>,
    /// Bytes on the heap, hour by hour, and messages that were new by the end of each.
    heap: Vec<(Vec<usize>, u64)>,
}

impl Day {
    fn begin(seed: u64) -> Self {
        let clock = Clock::with_wall(wall);
        let world = World::begin(seed);
        let (observer, observations) = mpsc::channel(CHANNEL);
        let mut controls = HashMap::new();
        let endpoints = endpoints();
        for (endpoint, odds) in &endpoints {
            let name = endpoint.name.as_str().to_owned();
            let random = StdRng::seed_from_u64(seed ^ name.len() as u64);
            let gateway = Gateway::new(world.clone(), name.clone(), *odds, random);
            let (control, steering) = mpsc::channel(64);
            tokio::spawn(Poller::new(endpoint, gateway, clock, steering, observer.clone()).run());
            controls.insert(name, control);
        }
        let settings = Settings {
            endpoints: endpoints.into_iter().map(|(endpoint, _)| endpoint).collect(),
            parameters: ReceiveParameters::default(),
            pace: Pace::default(),
            bounds: BOUNDS,
            prices: Prices::default(),
            look: Look::default(),
            filters: Saved::new(),
        };
        Self {
            app: App::new(settings, clock.now(), |time| time.fixed_offset()),
            account: Account::default(),
            world,
            person: Person::new(seed),
            clock,
            observations,
            controls,
            terminal: Terminal::new(TestBackend::new(160, 48)).unwrap(),
            heap: Vec::new(),
        }
    }

    async fn live(mut self) -> Self {
        let mut second = interval(Duration::from_secs(1));
        second.set_missed_tick_behavior(MissedTickBehavior::Skip);
        while self.clock.now().offset < DAY {
            tokio::select! {
                biased;
                Some(observation) = self.observations.recv() => {
                    self.account.observe(&observation);
                    self.update(Event::Observed(Box::new(observation)));
                }
                _ = second.tick() => self.tick(),
            }
            while self.app.has_work() {
                self.update(Event::Idle);
            }
        }
        self
    }

    fn tick(&mut self) {
        let now = self.clock.now();
        self.update(Event::Tick(now));
        for key in self.person.at(now.offset, &self.app) {
            self.update(Event::Terminal(key));
        }
        if now.offset.as_secs().is_multiple_of(SAMPLED) {
            let mut screen = None;
            let styles = Styles::default();
            self.terminal.draw(|frame| screen = Some(draw(&self.app, styles, frame))).unwrap();
            self.update(Event::Drawn(screen.unwrap()));
            self.sample(now.offset);
        }
    }

    fn update(&mut self, event: Event) {
        for effect in self.app.update(event) {
            if let Effect::Control(endpoint, control) = effect {
                self.account.told(&endpoint, self.clock.now().offset, &control);
                self.controls[endpoint.as_str()].try_send(control).expect("the poller takes controls up");
            }
        }
    }

    fn sample(&mut self, now: Duration) {
        let hour = usize::try_from(now.as_secs() / HOUR.as_secs()).unwrap();
        self.heap.resize_with(self.heap.len().max(hour + 1), Default::default);
        let new = self.app.watch().endpoints().map(|watch| watch.ledger.distinct()).sum();
        let (heap, distinct) = &mut self.heap[hour];
        heap.push(HEAP.current_usage());
        *distinct = new;
    }

    /// The first hour fills what has bounds; the charts reach back an hour and two minutes. From the third on nothing grows
    /// but what each guard remembers of new messages.
    fn assert_memory_is_flat(&self) {
        let middle = |hour: usize| {
            let mut heap = self.heap[hour].0.clone();
            heap.sort_unstable();
            heap[heap.len() / 2]
        };
        let hours: Vec<_> = (0..24).map(middle).collect();
        let most = hours[2] + hours[2] * FLAT / 100;
        println!("heap by the hour, in kB: {:?}", hours.iter().map(|bytes| bytes / 1000).collect::<Vec<_>>());
        for (hour, held) in hours.iter().enumerate().skip(3) {
            let remembered = usize::try_from(self.heap[hour].1 - self.heap[1].1).unwrap() * GUARDED;
            assert!(*held <= most + remembered, "hour {hour} holds {held} of {most} + {remembered}");
        }
        let watch = self.app.watch();
        let dropped: u64 = watch.endpoints().map(|watch| watch.ledger.dropped()).sum();
        assert!(dropped > 1_000, "the history was full: {dropped} made room");
    }
}

/// One that is busy and mostly well, one that fails in every way, and one that is guarded.
fn endpoints() -> Vec<(Endpoint, Odds)> {
    let nowhere = Policy { limit: Limit::Nowhere, ..Policy::default() };
    let known = Policy { limit: Limit::Known(world::MAX_RECEIVE_COUNT), ..Policy::default() };
    let kept = Pace { interval: INTERVAL, max_interval: INTERVAL, ..Pace::default() };
    let bursts = Pace { interval: INTERVAL * 2, burst: 3.try_into().unwrap(), ..kept };
    let stretched = Pace { interval: INTERVAL, ..Pace::default() };
    let endpoint = |name: &str, guard, pace| {
        let url = format!("https://gateway.example/{name}").parse().unwrap();
        Endpoint { guard, pace, ..Endpoint::new(name.into(), url) }
    };
    vec![
        (endpoint("orders", nowhere, kept), Odds { passing: 1, lasting: 0, lost: 1 }),
        (endpoint("payments", nowhere, bursts), Odds { passing: 50, lasting: 2, lost: 20 }),
        (endpoint("returns", known, stretched), Odds { passing: 5, lasting: 1, lost: 0 }),
    ]
}

/// The clock on the wall, which goes with paused time.
fn wall() -> DateTime<Utc> {
    static BEGAN: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    world::start() + BEGAN.get_or_init(Instant::now).elapsed()
}
