//! What watching does to the queue, in words: the header's line and the pane's.

use std::time::Duration;

use super::{App, Effect, Watched, act::set_paused};
use crate::guard::Policy;
use crate::source::Control;
use crate::text::visible;
use crate::watch::{EndpointWatch, Entry, Receives};

/// Messages listed by their receives.
const LISTED: usize = 20;
/// Stands before a message that its consumers receive and do not delete.
pub const POISON: &str = "poison candidate ";
/// Groups listed by name.
const GROUPS: usize = 12;

/// What all endpoints' polls did, for the header.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Totals {
    /// Receives caused.
    pub receives: u64,
    /// Messages hidden by us now.
    pub hidden: u64,
    /// Until the last of them is back.
    pub back_in: Duration,
    /// US dollars a day at the present rate, an estimate.
    pub cost_per_day: f64,
}

impl App {
    /// What all endpoints' polls did.
    #[must_use]
    pub fn impact(&self) -> Totals {
        let watched = self.endpoints.iter();
        let watched =
            watched.filter_map(|watched| Some((watched, self.watch.endpoint(&watched.endpoint.name)?)));
        watched.fold(Totals::default(), |totals, (watched, watch)| {
            let (hidden, back_in) = watch.impact.hidden(self.now.offset);
            Totals {
                receives: totals.receives + watch.impact.receives,
                hidden: totals.hidden + hidden,
                back_in: totals.back_in.max(back_in),
                cost_per_day: totals.cost_per_day + 24.0 * self.cost_per_hour(watched, watch),
            }
        })
    }

    fn cost_per_hour(&self, watched: &Watched, watch: &EndpointWatch) -> f64 {
        let requests = watch.requests_per_hour(self.now.offset);
        self.prices.cost(requests, watched.endpoint.http_api, watch.impact.is_fifo())
    }

    /// The pane's lines, for the selected endpoint.
    #[must_use]
    pub fn impact_lines(&self) -> Vec<String> {
        let Some((_, watched)) = self.selected() else { return Vec::new() };
        let Some(watch) = self.selected_watch() else { return vec!["Nothing was received yet.".into()] };
        let mut lines = self.counted(watched, watch);
        lines.push(String::new());
        lines.extend(guard_lines(watched.endpoint.guard));
        lines.push(String::new());
        lines.extend(message_lines(watch, watched.endpoint.guard));
        lines
    }

    fn counted(&self, watched: &Watched, watch: &EndpointWatch) -> Vec<String> {
        let (impact, now) = (&watch.impact, self.now.offset);
        let (hidden, back_in) = impact.hidden(now);
        let back =
            if hidden == 0 { String::new() } else { format!(", the last back in {} s", seconds(back_in)) };
        let per_hour = watch.requests_per_hour(now);
        let cost = self.cost_per_hour(watched, watch);
        let mut lines = vec![
            format!(
                "receives caused   {}, of {} distinct messages",
                impact.receives,
                watch.ledger.distinct()
            ),
            format!("hidden by us now  {hidden}{back}"),
            format!("hidden so far     {} message-seconds", impact.hidden_message_seconds(now)),
            format!("requests          {}, {per_hour:.0} an hour at the present rate", impact.requests),
            format!("cost, estimated   ${cost:.4} an hour, ${:.2} a day", cost * 24.0),
        ];
        let blocked: Vec<String> = impact
            .blocked_groups(now)
            .take(GROUPS)
            .map(|(name, left)| format!("{} ({} s)", visible(name), seconds(left)))
            .collect();
        if !blocked.is_empty() {
            lines.push(format!("groups we block   {}", blocked.join(", ")));
        }
        lines
    }

    /// A key was pressed: somebody is looking, so stretched intervals shrink.
    pub(super) fn attend(&self) -> Vec<Effect> {
        let attended = |watched: &Watched| Effect::Control(watched.endpoint.name.clone(), Control::Attend);
        self.endpoints.iter().filter(|watched| self.stretched(watched).is_some()).map(attended).collect()
    }

    /// The interval that is kept now, where it is longer than the one asked for since nothing new comes.
    #[must_use]
    pub fn stretched(&self, watched: &Watched) -> Option<Duration> {
        let wait = self.watch.endpoint(&watched.endpoint.name)?.planned_wait()?;
        let asked = watched.endpoint.pace.interval;
        // A poll that took longer than the interval moved the next one; that is no stretch.
        (wait > asked + asked / 4 && wait <= watched.endpoint.pace.max_interval).then_some(wait)
    }

    /// The terminal lost the focus: nobody looks, so nothing is received.
    pub(super) fn blur(&mut self) -> Vec<Effect> {
        let Some(blurred) = &mut self.blurred else { return Vec::new() };
        let running = self.endpoints.iter_mut().filter(|watched| !watched.paused);
        let pause = |watched: &mut Watched| {
            blurred.push(watched.endpoint.name.clone());
            set_paused(watched, true)
        };
        self.dirty = true;
        running.map(pause).collect()
    }

    /// The terminal has the focus again: what the loss of it paused goes on.
    pub(super) fn focus_again(&mut self) -> Vec<Effect> {
        let blurred = self.blurred.as_mut().map(std::mem::take).unwrap_or_default();
        self.dirty |= !blurred.is_empty();
        let paused = self.endpoints.iter_mut().filter(|watched| watched.paused);
        paused
            .filter(|watched| blurred.contains(&watched.endpoint.name))
            .map(|watched| set_paused(watched, false))
            .collect()
    }
}

fn guard_lines(policy: Policy) -> Vec<String> {
    let Policy { limit, reserve, on } = policy;
    let state = if on { "on" } else { "off: nothing is withheld" };
    vec![format!("guard             {state}; limit {limit}, {reserve} left to the consumers")]
}

/// The most received first: whose receives they are, and which look like poison.
fn message_lines(watch: &EndpointWatch, policy: Policy) -> Vec<String> {
    let ledger = &watch.ledger;
    let held = ledger.ordinals().filter_map(|ordinal| ledger.get(ordinal));
    let mut most: Vec<_> = held.map(|entry| (Receives::of(&entry), entry)).collect();
    let listed = most.len().min(LISTED);
    if listed < most.len() {
        most.select_nth_unstable_by_key(listed, |(receives, _)| std::cmp::Reverse(receives.total));
        most.truncate(listed);
    }
    most.sort_by_key(|(receives, _)| std::cmp::Reverse(receives.total));
    let heading = "receives  ours  others  message (SQS's counts are approximate)".to_owned();
    let row = |(receives, entry): &(Receives, Entry<'_>)| {
        let others = receives.by_others.map_or("?".to_owned(), |others| others.to_string());
        let poison = if receives.is_poison(policy.threshold()) { POISON } else { "" };
        format!(
            "{:>8}  {:>4}  {others:>6}  {poison}{}",
            receives.total,
            receives.by_us,
            visible(entry.message().message_id())
        )
    };
    std::iter::once(heading).chain(most.iter().map(row)).collect()
}

/// Begun seconds: a countdown ends at 1, not at 0.
fn seconds(left: Duration) -> u64 {
    left.as_millis().div_ceil(1_000).try_into().unwrap_or(u64::MAX)
}
