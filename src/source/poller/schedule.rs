//! The arithmetic of polling: when the next poll is due, given how the last one went. No I/O, no waiting.

use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use tokio::time::Instant;

use crate::observation::Next;
use crate::source::{Clock, Control, Pace};
use crate::sqs::ReceiveParameters;
use crate::wire::{Fault, Remedy};

/// Back-off grows to this and no further, unless the interval is longer.
const LONGEST_BACK_OFF: Duration = Duration::from_secs(60);
/// Polls that bring nothing new before the interval begins to stretch: a glance at a quiet queue is still live.
const PATIENCE: u32 = 5;
/// By how much each further one stretches it.
const STRETCH: f64 = 1.5;
/// Back-off begins no lower than this, however short the interval.
const SHORTEST_BACK_OFF: Duration = Duration::from_secs(1);

/// What an answer brought.
#[derive(Clone, Copy, Debug)]
pub(super) struct Brought {
    /// As many messages as were asked for.
    pub full: bool,
    /// A message that was not seen before.
    pub new: bool,
}

#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a wish or a fact of its own, and all go together")]
pub(super) struct Schedule {
    pace: Pace,
    /// When the next poll is due; none when a fault stopped us.
    due: Option<Instant>,
    /// When the poll or burst under way was due: intervals count from here, so that they do not drift.
    slot: Instant,
    paused: bool,
    /// One poll was asked for, whatever else holds.
    wanted: bool,
    /// The guard withheld the last poll.
    guarded: bool,
    /// The parameters changed while a receive with the old ones was in flight.
    untried: bool,
    /// Polls that followed at once in this burst.
    followed: u32,
    /// Faults in a row that may pass.
    failures: u32,
    /// Answers in a row that brought nothing new.
    quiet: u32,
    random: StdRng,
}

impl Schedule {
    pub(super) fn new(pace: Pace, first: Instant, seed: u64) -> Self {
        Self {
            pace,
            due: Some(first),
            slot: first,
            paused: false,
            wanted: false,
            guarded: false,
            untried: false,
            followed: 0,
            failures: 0,
            quiet: 0,
            random: StdRng::seed_from_u64(seed),
        }
    }

    /// When to poll next; none while paused or stopped.
    pub(super) fn due(&self) -> Option<Instant> {
        match self.due {
            _ if self.wanted => Some(self.slot),
            Some(due) if !self.paused => Some(due),
            _ => None,
        }
    }

    /// `in_flight` while a receive is under way.
    pub(super) fn control(
        &mut self,
        control: Control,
        parameters: &mut ReceiveParameters,
        now: Instant,
        in_flight: bool,
    ) {
        match control {
            Control::Pause => self.paused = true,
            Control::Resume => {
                self.paused = false;
                self.followed = 0;
                self.due = Some(now);
            }
            Control::PollNow => {
                self.wanted = true;
                self.quiet = 0;
            }
            Control::Attend => self.attend(now),
            // What the guard withheld may be made now.
            Control::Allow(_) | Control::Guard | Control::Limit(_) => {
                self.due = self.due.or(self.guarded.then_some(now));
            }
            Control::Parameters(new) | Control::Hide(new) => {
                *parameters = new;
                // What stopped us, or is about to, may have been the parameters.
                self.due = self.due.or(Some(now));
                self.untried = in_flight;
            }
            Control::Pace(pace) => {
                self.pace = pace;
                // What is due at once stays so, and a back-off is the gateway's to shorten.
                if self.failures == 0 {
                    self.due = self.due.map(|due| if due > now { self.planned(now) } else { due });
                }
            }
        }
    }

    /// Somebody is looking: the next poll comes no later than the interval that was asked for.
    fn attend(&mut self, now: Instant) {
        if std::mem::take(&mut self.quiet) > PATIENCE && self.failures == 0 {
            self.due = self.due.map(|due| due.min(self.planned(now)));
        }
    }

    /// The poll that was due is not made, and none after it.
    pub(super) fn withhold(&mut self) {
        self.due = None;
        self.wanted = false;
        self.followed = 0;
        self.guarded = true;
    }

    /// A poll begins.
    pub(super) fn begin(&mut self, now: Instant) {
        self.guarded = false;
        // A poll on its schedule keeps the schedule's own time, however late its timer. One out of turn starts a new
        // schedule, and so does one that had to wait until somebody took the observation before it: else it would be
        // followed at once by another.
        let on_time = self.due.filter(|due| !self.wanted && now <= *due + self.pace.interval / 4);
        let within_burst = self.followed > 0 && !self.wanted;
        if !within_burst {
            self.slot = on_time.unwrap_or(now);
            self.followed = 0;
        }
        self.wanted = false;
        self.untried = false;
    }

    /// A poll has ended: brought a full answer, a partial one, or a fault.
    pub(super) fn end(&mut self, answer: Result<Brought, &Fault>, now: Instant, clock: Clock) -> Next {
        self.due = match answer {
            Ok(brought) => Some(self.after_answer(brought, now)),
            Err(fault) => self.after_fault(fault, now),
        };
        let at = if self.wanted { Some(now) } else { self.due };
        let offset = at.map(|at| at.saturating_duration_since(clock.instant(Duration::ZERO)));
        match offset {
            Some(at) if answer.is_ok() => Next::Poll { at },
            Some(until) => Next::BackOff { until },
            None => Next::Stop,
        }
    }

    fn after_answer(&mut self, brought: Brought, now: Instant) -> Instant {
        self.failures = 0;
        self.quiet = if brought.new { 0 } else { self.quiet.saturating_add(1) };
        if brought.full && self.followed + 1 < self.pace.burst.get() {
            self.followed += 1;
            return now;
        }
        self.followed = 0;
        self.planned(now)
    }

    fn after_fault(&mut self, fault: &Fault, now: Instant) -> Option<Instant> {
        self.followed = 0;
        match fault.remedy {
            Remedy::BackOff => Some(now + self.back_off(fault)),
            Remedy::Stop => self.untried.then_some(now),
        }
    }

    /// An interval after the poll or burst before. What took longer than the interval is followed by one poll, not
    /// by all those it missed.
    fn planned(&self, now: Instant) -> Instant {
        (self.slot + self.interval()).max(now)
    }

    /// The interval that was asked for, stretched while nothing new comes.
    fn interval(&self) -> Duration {
        let Pace { interval, max_interval, .. } = self.pace;
        let steps = self.quiet.saturating_sub(PATIENCE);
        // Beyond this many steps any interval is a day.
        let stretched = interval.mul_f64(STRETCH.powi(i32::try_from(steps.min(40)).unwrap_or_default()));
        stretched.min(max_interval.max(interval))
    }

    /// Twice as long with each fault, half of it by chance; never shorter than the gateway asked for.
    fn back_off(&mut self, fault: &Fault) -> Duration {
        self.failures = self.failures.saturating_add(1);
        let base = self.pace.interval.max(SHORTEST_BACK_OFF);
        let most = LONGEST_BACK_OFF.max(self.pace.interval);
        let wait = base.saturating_mul(1 << self.failures.saturating_sub(1).min(16)).min(most);
        let jittered = wait.mul_f64(self.random.random_range(0.5..=1.0));
        jittered.max(fault.retry_after.unwrap_or_default())
    }
}
