//! What was observed, folded into the watch, and what of it is said to the user.

use super::App;
use super::notice::Level;
use crate::observation::{EndpointName, Observation};
use crate::watch::{Change, EndpointWatch, State};
use crate::wire::Fault;

impl App {
    pub(super) fn observed(&mut self, observation: &Observation) {
        let Some(watched) =
            self.endpoints.iter().find(|watched| watched.endpoint.name == observation.endpoint)
        else {
            // It was removed while its last receive was in flight.
            return;
        };
        let before = self.state(watched);
        let changes_before = self.shape_changes(&observation.endpoint);
        let change = self.watch.observe(observation);
        self.judge_received(observation);
        if change == Change::Quiet {
            return;
        }
        self.dirty = true;
        if self.shape_changes(&observation.endpoint) > changes_before {
            self.say_shape(&observation.endpoint);
        }
        let after = self.watch.endpoint(&observation.endpoint).map(EndpointWatch::state);
        let was_well = matches!(before, State::Live | State::Waiting);
        // The list says it whole.
        let fault = observation.fault().map(|fault| Fault { excerpt: None, ..fault.clone() });
        match (after, fault) {
            (Some(State::Stopped), Some(fault)) => {
                self.failing(&format!("{} stopped", observation.endpoint), &fault);
            }
            (Some(State::Guarded { why }), _) => {
                self.problem(&format!("{} guarded: {why}", observation.endpoint));
            }
            (Some(State::BackingOff { .. }), Some(fault)) if was_well => {
                self.failing(&format!("{} backs off", observation.endpoint), &fault);
            }
            _ => {}
        }
    }

    /// What a gateway says may quote a body, which is masked on the screen and belongs into no log.
    fn failing(&mut self, what: &str, fault: &Fault) {
        tracing::warn!("{what}: {}", Fault { message: "the screen says it".into(), ..fault.clone() });
        let words = self.quoted(format!("{what}: {fault}"));
        self.notices.show(Level::Problem, &words, self.now.offset);
    }

    fn shape_changes(&self, name: &EndpointName) -> u64 {
        let changes = self.watch.endpoint(name).map(|watch| watch.shape.changes());
        changes.map_or(0, |(changes, dropped)| changes.len() as u64 + dropped)
    }

    fn say_shape(&mut self, name: &EndpointName) {
        let Some(watch) = self.watch.endpoint(name) else { return };
        if let Some((_, what)) = watch.shape.changes().0.last() {
            let said = format!("{name}: {what} (t shows the shape)");
            self.say(&said);
        }
    }
}
