//! Where each poll went: why it began when it did, and what came of it.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use qwatch::app::App;
use qwatch::observation::{EndpointName, Next, Observation, Outcome};
use qwatch::source::Control;
use qwatch::watch::State;

use super::INTERVAL;
use super::world::Shared;

/// tokio's timers keep whole milliseconds, and are never early.
const TICK: Duration = Duration::from_millis(1);

#[derive(Default)]
pub struct Account {
    endpoints: BTreeMap<String, Polls>,
}

/// One endpoint's polls.
#[derive(Default)]
struct Polls {
    last: Option<Last>,
    /// Controls since the last poll began, and when.
    told: Vec<(Duration, Control)>,
    answered: u64,
    faulted: u64,
    withheld: u64,
    messages: u64,
    /// How long was waited, by reason: all of it together is the day.
    waited: BTreeMap<String, (u64, Duration)>,
    /// What nothing accounts for.
    unaccounted: Vec<String>,
    grid: Grid,
}

struct Last {
    started: Duration,
    next: Next,
    /// What the wait after it is due to.
    why: String,
}

/// Polls in a row that nothing disturbed: their starts are whole intervals apart, however many they are.
#[derive(Default)]
struct Grid {
    begun: Option<Duration>,
    polls: u32,
    longest: u32,
    drift: Duration,
}

impl Account {
    pub fn told(&mut self, endpoint: &EndpointName, now: Duration, control: &Control) {
        self.endpoints.entry(endpoint.as_str().into()).or_default().told.push((now, control.clone()));
    }

    pub fn observe(&mut self, observation: &Observation) {
        self.endpoints.entry(observation.endpoint.as_str().into()).or_default().observe(observation);
    }

    /// Each poll began when the one before had said, or when a person asked; each was answered, failed or was withheld, as the
    /// gateway and the screen count too; and whoever does not poll at the end says why.
    pub fn assert_every_poll_is_accounted_for(&self, app: &App, world: &Shared, day: Duration) {
        let world = world.lock().unwrap();
        assert_eq!(self.endpoints.len(), app.endpoints().len());
        for watched in app.endpoints() {
            let name = watched.endpoint.name.as_str();
            let (polls, truth) = (&self.endpoints[name], world.truth[name]);
            println!("{name}: {polls}");
            assert!(polls.unaccounted.is_empty(), "{name}: {:#?}", polls.unaccounted);
            assert_eq!(polls.faulted, truth.faults, "{name}");
            assert_eq!(polls.messages, truth.received, "{name}");
            // One may be under way at the end of the day: asked and not yet observed.
            let seen = polls.answered + polls.faulted;
            assert!((seen..=seen + 1).contains(&truth.asked), "{name}: {seen} of {}", truth.asked);
            let watch = app.watch().endpoint(&watched.endpoint.name).unwrap();
            assert_eq!((watch.polls, watch.faults.total()), (seen, polls.faulted), "{name}");
            assert_eq!((watch.impact.requests, watch.impact.receives), (seen, polls.messages), "{name}");
            polls.assert_silence_is_explained(name, &app.state(watched), day);
        }
        let of = |count: fn(&Polls) -> u64| self.endpoints.values().map(count).sum::<u64>();
        let all = (of(|polls| polls.answered), of(|polls| polls.faulted), of(|polls| polls.withheld));
        assert!(all.0 > 40_000 && all.1 > 500 && all.2 > 5, "a day with everything in it: {all:?}");
    }
    /// Thousands of polls in a row begin where the first of them and the interval say, to the millisecond.
    pub fn assert_the_interval_did_not_drift(&self) {
        let Grid { longest, drift, .. } = self.endpoints["orders"].grid;
        println!("orders: {longest} polls in a row on time, {drift:?} off at most");
        assert!(longest > 500, "nothing was left alone for long: {longest}");
        assert!(drift <= TICK, "{drift:?} off within {longest} polls");
    }
}

impl Polls {
    fn observe(&mut self, observation: &Observation) {
        let started = observation.started.offset;
        match self.last.take() {
            Some(last) => self.account_for(&last, started),
            None if started > TICK => self.unaccounted.push(format!("the first began at {started:?}")),
            None => {}
        }
        let disturbs = |(_, control): &(Duration, Control)| {
            matches!(control, Control::Resume | Control::PollNow | Control::Parameters(_) | Control::Pace(_))
        };
        if self.told.iter().any(disturbs) {
            self.grid.begun = None;
        }
        self.grid.observe(observation);
        // Those that came while it was under way may account for the next.
        self.told.retain(|(at, _)| *at >= started);
        self.messages += observation.messages().len() as u64;
        let count = match &observation.outcome {
            Outcome::Received { .. } => &mut self.answered,
            Outcome::Faulted(_) => &mut self.faulted,
            Outcome::Withheld(_) => &mut self.withheld,
        };
        *count += 1;
        self.last = Some(Last { started, next: observation.next, why: why(observation) });
    }

    /// Why it began at `started`, after the one before had said what comes next.
    fn account_for(&mut self, last: &Last, started: Duration) {
        let at = |planned: Duration| (planned..=planned + TICK).contains(&started);
        let asked = self.told.iter().any(|(told, _)| at(*told));
        let attended = self.told.iter().any(|(_, control)| *control == Control::Attend);
        let (planned, sooner) = match last.next {
            Next::Poll { at: planned } | Next::BackOff { until: planned } => (at(planned), started < planned),
            Next::Stop | Next::Guard => (false, false),
        };
        let why = match (planned, asked, last.next) {
            (true, ..) => last.why.clone(),
            (_, true, Next::Stop | Next::Guard) => format!("{}, until asked", last.why),
            (_, true, _) if sooner => "asked for sooner".to_owned(),
            (_, true, _) => "paused until asked".to_owned(),
            (_, _, Next::Poll { .. }) if sooner && attended => "somebody looked".to_owned(),
            _ => {
                let told = &self.told;
                self.unaccounted.push(format!("began at {started:?} after {:?} and {told:?}", last.next));
                return;
            }
        };
        let (times, waited) = self.waited.entry(why).or_default();
        *times += 1;
        *waited += started.saturating_sub(last.started);
    }

    fn assert_silence_is_explained(&self, name: &str, state: &State, day: Duration) {
        let last = self.last.as_ref().unwrap();
        let due = match last.next {
            Next::Poll { at } | Next::BackOff { until: at } => at,
            Next::Stop | Next::Guard => Duration::MAX,
        };
        // One that gets no answer is under way for ten seconds.
        let is_due = due.saturating_add(Duration::from_secs(11)) < day;
        assert!(!is_due || *state == State::Paused, "{name} fell silent at {due:?}: {state:?}");
        let waited: Duration = self.waited.values().map(|(_, waited)| *waited).sum();
        assert_eq!(waited, last.started, "{name}: all of the day is accounted for");
    }
}

/// What the wait after a poll is due to.
fn why(observation: &Observation) -> String {
    match (&observation.outcome, observation.next) {
        (Outcome::Faulted(fault), Next::Stop) => format!("stopped by {:?}", fault.kind),
        (Outcome::Faulted(fault), _) => format!("backed off from {:?}", fault.kind),
        (Outcome::Withheld(_), _) => "guarded".to_owned(),
        (Outcome::Received { .. }, _) => "as planned".to_owned(),
    }
}

impl Grid {
    fn observe(&mut self, observation: &Observation) {
        let started = observation.started.offset;
        if let Some(begun) = self.begun {
            self.polls += 1;
            let planned = begun + INTERVAL * self.polls;
            self.drift = self.drift.max(started.abs_diff(planned));
            self.longest = self.longest.max(self.polls);
        } else {
            (self.begun, self.polls) = (Some(started), 0);
        }
        let in_time =
            observation.timing.total < INTERVAL && matches!(observation.outcome, Outcome::Received { .. });
        if !in_time {
            self.begun = None;
        }
    }
}

impl fmt::Display for Polls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { answered, faulted, withheld, messages, .. } = self;
        write!(f, "{answered} answered with {messages} messages, {faulted} faulted, {withheld} withheld")?;
        for (why, (times, waited)) in &self.waited {
            write!(f, "\n  {why}: {times} times, {} s", waited.as_secs())?;
        }
        Ok(())
    }
}
