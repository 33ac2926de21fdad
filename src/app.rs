//! The terminal program's state, and how events change it: `update(Event) -> Vec<Effect>`, pure.
//!
//! ```text
//!   key, mouse, paste ─┐                     ┌─▶ App ──&App──▶ ui
//!   Observation ───────┼──Event──▶ update ───┤
//!   Tick, Drawn ───────┘                     └─▶ Vec<Effect> ──▶ terminal, which carries them out
//! ```

pub mod charting;
pub mod columns;
pub mod copying;
pub mod detail;
pub mod diffing;
pub mod document;
pub mod event;
pub mod exporting;
pub mod faults;
pub mod filtering;
pub mod form;
pub mod guarding;
pub mod impact;
pub mod jq;
pub mod listing;
pub mod mode;
pub mod notice;
pub mod palette;
pub mod patterns;
pub mod prompt;
pub mod screen;
pub mod selection;
pub mod time;
pub mod viewing;

mod act;
mod input;
mod marking;
mod observing;
mod pointer;

use std::collections::BTreeSet;
use std::time::Duration;

use crate::config::{Look, Settings};
use crate::filter::{Filter, Saved};
pub use crate::keys::action;
use crate::observation::{EndpointName, Moment, Observation};
use crate::source::{Endpoint, Pace};
use crate::sqs::ReceiveParameters;
use crate::watch::{EndpointWatch, Entry, Ledger, Prices, State, Watch};
use charting::Charting;
use columns::{Order, Sort};
use detail::Detail;
use document::message::{Clocks, Showing};
pub use event::{Effect, Event, Report};
use listing::{Listing, Rows};
use mode::Mode;
use notice::{Level, Notices};
use screen::{Pane, Screen};
use selection::Selection;
use time::LocalTime;

/// An endpoint on the screen.
#[derive(Debug)]
pub struct Watched {
    /// What it is polled with, as last asked.
    pub endpoint: Endpoint,
    /// Whether the user paused it.
    pub paused: bool,
    /// The cursor in its messages.
    pub selection: Selection,
    /// The ordinals of messages that the user pinned.
    pub pinned: BTreeSet<u64>,
    /// The ordinals of messages that the user marked.
    pub marked: BTreeSet<u64>,
    /// The newest message that was in view.
    seen: Option<u64>,
}

impl Watched {
    fn new(endpoint: Endpoint) -> Self {
        Self {
            endpoint,
            paused: false,
            selection: Selection::default(),
            pinned: BTreeSet::new(),
            marked: BTreeSet::new(),
            seen: None,
        }
    }
}

/// The state of the terminal program.
#[derive(Debug)]
pub struct App {
    watch: Watch,
    endpoints: Vec<Watched>,
    selected: usize,
    pane: Pane,
    mode: Mode,
    zoomed: bool,
    charting: Charting,
    look: Look,
    masked: bool,
    sort: Option<Sort>,
    order: Option<Order>,
    /// The jq expression that was asked last.
    jq_asked: String,
    detail: Detail,
    notices: Notices,
    now: Moment,
    screen: Screen,
    local: LocalTime,
    defaults: (ReceiveParameters, Pace),
    prices: Prices,
    filter: Option<Filter>,
    /// What it takes of the selected endpoint's messages.
    listing: Option<Listing>,
    /// The same as of now, on the way, where ages are looked for.
    relisting: Option<Listing>,
    filters_typed: Vec<String>,
    saved: Saved,
    /// Endpoints that are paused because the terminal lost the focus; none at all where that pauses nothing.
    blurred: Option<Vec<EndpointName>>,
    dirty: bool,
}

impl App {
    /// The program at its start. `local` turns times into the user's zone.
    #[must_use]
    pub fn new(settings: Settings, now: Moment, local: LocalTime) -> Self {
        Self {
            watch: Watch::new(settings.bounds),
            endpoints: settings.endpoints.into_iter().map(Watched::new).collect(),
            selected: 0,
            pane: Pane::default(),
            mode: Mode::default(),
            zoomed: false,
            charting: Charting::default(),
            masked: settings.look.masked,
            sort: None,
            order: None,
            jq_asked: String::new(),
            detail: Detail::default(),
            notices: Notices::default(),
            now,
            screen: Screen::default(),
            local,
            defaults: (settings.parameters, settings.pace),
            prices: settings.prices,
            filter: None,
            listing: None,
            relisting: None,
            filters_typed: Vec::new(),
            saved: settings.filters,
            blurred: settings.look.pause_on_blur.then(Vec::new),
            look: settings.look,
            dirty: true,
        }
    }

    /// Takes an event in; what it asks for outside is returned.
    pub fn update(&mut self, event: Event) -> Vec<Effect> {
        let effects = match event {
            Event::Terminal(event) => self.terminal(event),
            Event::Observed(observation) => {
                self.observe([*observation]);
                return Vec::new();
            }
            Event::Tick(now) => {
                self.now = now;
                self.notices.expire(now.offset);
                self.list_by_age();
                self.reorder();
                self.dirty = true;
                Vec::new()
            }
            Event::Idle => {
                self.work();
                Vec::new()
            }
            Event::Reported(report) => {
                self.reported(report);
                Vec::new()
            }
            Event::Drawn(screen) => {
                self.drawn(screen);
                self.see();
                return Vec::new();
            }
        };
        self.refresh_detail();
        effects
    }

    /// Takes in what came together: what the panes show of it is made once for all of them.
    pub fn observe(&mut self, observations: impl IntoIterator<Item = Observation>) {
        for observation in observations {
            self.observed(&observation);
        }
        self.refresh_detail();
    }

    /// Whether something has changed since the last draw.
    #[must_use]
    pub fn is_dirty(&self) -> bool {
        self.dirty
    }

    /// What was observed.
    #[must_use]
    pub fn watch(&self) -> &Watch {
        &self.watch
    }

    /// The endpoints, in the order of the screen.
    #[must_use]
    pub fn endpoints(&self) -> &[Watched] {
        &self.endpoints
    }

    /// The selected endpoint and its place; none when all were removed.
    #[must_use]
    pub fn selected(&self) -> Option<(usize, &Watched)> {
        self.endpoints.get(self.selected).map(|watched| (self.selected, watched))
    }

    /// What is known of the selected endpoint.
    #[must_use]
    pub fn selected_watch(&self) -> Option<&EndpointWatch> {
        self.watch.endpoint(&self.selected()?.1.endpoint.name)
    }

    /// The selected message.
    #[must_use]
    pub fn selected_entry(&self) -> Option<(u64, Entry<'_>)> {
        let ledger = &self.selected_watch()?.ledger;
        let (_, watched) = self.selected()?;
        let ordinal = watched.selection.cursor(&self.rows(watched, ledger))?;
        ledger.get(ordinal).map(|entry| (ordinal, entry))
    }

    /// How an endpoint stands.
    #[must_use]
    pub fn state(&self, watched: &Watched) -> State {
        if watched.paused {
            return State::Paused;
        }
        self.watch.endpoint(&watched.endpoint.name).map_or(State::Waiting, EndpointWatch::state)
    }

    /// The pane with the focus.
    #[must_use]
    pub fn pane(&self) -> Pane {
        self.pane
    }

    /// What lies over the panes.
    #[must_use]
    pub fn mode(&self) -> &Mode {
        &self.mode
    }

    /// Whether the detail fills the screen.
    #[must_use]
    pub fn is_zoomed(&self) -> bool {
        self.zoomed
    }

    /// Which keys do what.
    #[must_use]
    pub fn keys(&self) -> &crate::keys::Keys {
        &self.look.keys
    }

    /// The detail pane.
    #[must_use]
    pub fn detail(&self) -> &Detail {
        &self.detail
    }

    /// What just happened.
    #[must_use]
    pub fn notices(&self) -> &Notices {
        &self.notices
    }

    /// Now, as of the last tick.
    #[must_use]
    pub fn now(&self) -> Moment {
        self.now
    }

    /// Says something to the user; the one road for errors outside of `update`.
    pub fn problem(&mut self, text: &str) {
        self.notices.say(Level::Problem, text, self.now.offset);
        self.dirty = true;
    }

    fn reported(&mut self, report: Report) {
        self.dirty = true;
        match report {
            Report::Done(what) => self.say(&what),
            Report::Failed(why) => self.problem(&why),
            Report::Answered(answer) => self.answered(&answer),
        }
    }

    fn drawn(&mut self, screen: Screen) {
        let widened = screen.detail.width != self.screen.detail.width;
        self.screen = screen;
        self.dirty = false;
        if widened {
            // The document was wrapped for another width.
            self.refresh_detail();
            self.dirty = true;
        }
    }

    fn refresh_detail(&mut self) {
        let clocks = Clocks { now: self.now, local: self.local };
        let mask = self.masked.then_some(&self.look.mask);
        let showing = Showing { clocks, width: Some(self.screen.detail.width), mask };
        let selected = self.endpoints.get(self.selected).and_then(|watched| {
            let name = &watched.endpoint.name;
            let ledger = &self.watch.endpoint(name)?.ledger;
            let rows = listed(self.order.as_ref(), self.listing.as_ref(), name, ledger);
            let ordinal = watched.selection.cursor(&rows)?;
            Some((name, ordinal, ledger.get(ordinal)?))
        });
        let selected = selected.as_ref().map(|(name, ordinal, entry)| (*name, *ordinal, entry));
        self.detail.refresh(selected, showing);
    }

    /// Rows of messages in view; one before the first draw.
    fn page(&self) -> u64 {
        u64::from(self.screen.messages.height.max(1))
    }

    fn say(&mut self, text: &str) {
        self.notices.say(Level::Done, text, self.now.offset);
    }

    /// Faults a minute and messages a second of late, over all endpoints.
    #[must_use]
    pub fn totals(&self) -> (f64, u32) {
        let now = self.now.offset;
        self.watch.endpoints().fold((0.0, 0), |(rate, faults), watch| {
            (rate + watch.rate(now), faults + watch.series.faults_within(now, Duration::from_secs(60)))
        })
    }
}

/// What an endpoint's list shows, of what was judged and sorted last.
fn listed<'a>(
    order: Option<&'a Order>,
    listing: Option<&'a Listing>,
    name: &EndpointName,
    ledger: &Ledger,
) -> Rows<'a> {
    match (order, listing) {
        (Some(order), _) if order.endpoint == *name => Rows::Sorted(order),
        (_, Some(listing)) if listing.endpoint == *name => Rows::Some(listing.taken()),
        _ => Rows::All(ledger.ordinals()),
    }
}
