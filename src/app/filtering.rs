//! The filter on the screen: typed with its problem under it, applied as it is typed, kept, taken back.

use std::collections::BTreeSet;

use crossterm::event::{Event as TerminalEvent, KeyCode, KeyEvent};
use serde_json::Value;
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler as _;

use super::listing::{Listing, Rows};
use super::mode::Mode;
use super::screen::Pane;
use super::{App, Effect, Watched, prompt};
use crate::filter::{Filter, Problem, Step, Subject};
use crate::watch::{Entry, Ledger, Receives};

/// Filters remembered, newest last.
const REMEMBERED: usize = 50;
/// Messages that are looked into for keys to complete.
const LOOKED_INTO: usize = 200;
/// A body beyond this is not looked into.
const LARGEST: usize = 32 << 10;
/// Names offered at most, and levels of a body that are looked into.
const OFFERED: (usize, usize) = (2_000, 5);
/// What can be written without looking at any message.
const ALWAYS: [&str; 18] = [
    "age > ",
    "and ",
    "attr.",
    "body.",
    "custom.",
    "group:",
    "id:",
    "is:altered",
    "is:new",
    "is:pinned",
    "is:poison",
    "is:redelivered",
    "not ",
    "or ",
    "received > ",
    "sent > ",
    "size > ",
    "body:",
];

/// A filter that is being typed.
#[derive(Clone, Debug)]
pub struct Typing {
    input: Input,
    problem: Option<Problem>,
    /// What was in force before, for Esc.
    before: Option<Filter>,
    /// Where in the history, counted from the newest.
    remembered: Option<usize>,
    completion: Option<Completion>,
}

/// Words that could stand where the cursor is.
#[derive(Clone, Debug)]
struct Completion {
    /// The characters before the word, and those after the cursor.
    before: String,
    after: String,
    words: Vec<String>,
    chosen: usize,
}

impl Typing {
    /// What is written, and where the cursor is.
    #[must_use]
    pub fn input(&self) -> &Input {
        &self.input
    }

    /// What is wrong with it, and where.
    #[must_use]
    pub fn problem(&self) -> Option<&Problem> {
        self.problem.as_ref()
    }

    /// The words that Tab goes through, and which of them is written.
    #[must_use]
    pub fn offered(&self) -> Option<(&[String], usize)> {
        self.completion.as_ref().map(|completion| (completion.words.as_slice(), completion.chosen))
    }

    fn write(&mut self, text: &str, cursor: usize) {
        self.input = Input::new(text.to_owned()).with_cursor(cursor);
    }
}

impl App {
    /// The filter in force.
    #[must_use]
    pub fn filter(&self) -> Option<&Filter> {
        self.filter.as_ref()
    }

    /// The messages that an endpoint's list shows.
    #[must_use]
    pub fn rows<'a>(&'a self, watched: &Watched, ledger: &Ledger) -> Rows<'a> {
        super::listed(self.order.as_ref(), self.listing.as_ref(), &watched.endpoint.name, ledger)
    }

    /// Messages that the filter has not judged yet.
    #[must_use]
    pub fn unjudged(&self) -> u64 {
        let ledger = self.selected_watch().map(|watch| &watch.ledger);
        self.listing.as_ref().zip(ledger).map_or(0, |(listing, ledger)| listing.left(ledger))
    }

    /// Whether there is something to do while nothing happens.
    #[must_use]
    pub fn has_work(&self) -> bool {
        self.filter.is_some() && (self.unjudged() > 0 || self.relisting.is_some())
    }

    pub(super) fn open_filter(&mut self) {
        (self.zoomed, self.pane) = (false, Pane::Messages);
        // The text begins empty, as people know it; what is in force stays so until something is typed, and is the
        // newest in the history.
        self.mode = Mode::Filtering(Box::new(Typing {
            input: Input::default(),
            problem: None,
            before: self.filter.clone(),
            remembered: None,
            completion: None,
        }));
    }

    pub(super) fn filtering_key(&mut self, key: KeyEvent) -> Vec<Effect> {
        let history = self.filters_typed.len();
        let Mode::Filtering(typing) = &mut self.mode else { return Vec::new() };
        if key.code != KeyCode::Tab && key.code != KeyCode::BackTab {
            typing.completion = None;
        }
        match key.code {
            KeyCode::Esc => {
                let before = typing.before.clone();
                self.mode = Mode::Watching;
                self.put_filter(before);
            }
            KeyCode::Enter => self.keep_filter(),
            KeyCode::Tab => self.complete(1),
            KeyCode::BackTab => self.complete(usize::MAX),
            KeyCode::Up | KeyCode::Down => {
                let older = key.code == KeyCode::Up;
                let place = match typing.remembered {
                    None if older => Some(0),
                    None | Some(0) if !older => None,
                    Some(place) => Some(if older { place + 1 } else { place - 1 }),
                    None => None,
                };
                typing.remembered =
                    place.map(|place| place.min(history.saturating_sub(1))).filter(|_| history > 0);
                let text = typing.remembered.and_then(|place| self.filters_typed.iter().rev().nth(place));
                let text = text.cloned().unwrap_or_default();
                let cursor = text.chars().count();
                typing.write(&text, cursor);
                self.typed();
            }
            _ => {
                typing.input.handle_event(&TerminalEvent::Key(key));
                self.typed();
            }
        }
        Vec::new()
    }

    pub(super) fn paste_into_filter(&mut self, text: &str) {
        if let Mode::Filtering(typing) = &mut self.mode {
            prompt::insert(&mut typing.input, text);
            self.typed();
        }
    }

    /// The text has changed: a filter that can be read is applied at once, what is wrong with another is said.
    fn typed(&mut self) {
        let Mode::Filtering(typing) = &mut self.mode else { return };
        match Filter::parse(typing.input.value(), &self.saved) {
            Ok(filter) => {
                typing.problem = None;
                self.put_filter(Some(filter).filter(|filter| !filter.text().is_empty()));
            }
            Err(problem) => typing.problem = Some(problem),
        }
    }

    fn keep_filter(&mut self) {
        let Mode::Filtering(typing) = &self.mode else { return };
        if typing.problem.is_some() {
            // What is wrong stands under the text.
            return;
        }
        let text = typing.input.value().trim().to_owned();
        self.mode = Mode::Watching;
        if text.is_empty() {
            self.put_filter(None);
        } else {
            self.filters_typed.retain(|typed| *typed != text);
            self.filters_typed.push(text);
            let excess = self.filters_typed.len().saturating_sub(REMEMBERED);
            self.filters_typed.drain(..excess);
        }
    }

    pub(super) fn put_filter(&mut self, filter: Option<Filter>) {
        let same = self.filter.as_ref().map(Filter::text) == filter.as_ref().map(Filter::text);
        self.filter = filter;
        if !same {
            (self.listing, self.relisting, self.charting.cursor) = (None, None, None);
            self.list();
        }
    }

    /// The list is that of the selected endpoint; another's begins anew.
    pub(super) fn list(&mut self) {
        self.list_unsorted();
        self.order = None;
        self.reorder();
    }

    fn list_unsorted(&mut self) {
        let Some(watched) = self.endpoints.get(self.selected).filter(|_| self.filter.is_some()) else {
            (self.listing, self.relisting) = (None, None);
            return;
        };
        let name = &watched.endpoint.name;
        if self.listing.as_ref().is_some_and(|listing| listing.endpoint == *name) {
            return;
        }
        self.relisting = None;
        self.listing = self.watch.endpoint(name).map(|watch| Listing::new(name.clone(), &watch.ledger));
        // The first piece is judged at once: what comes first is mostly what is looked at.
        self.work();
    }

    /// Judges a piece of what is not judged yet.
    pub(super) fn work(&mut self) {
        let Some(filter) = &self.filter else { return };
        let Some(watched) = self.endpoints.get(self.selected) else { return };
        let Some(watch) = self.watch.endpoint(&watched.endpoint.name) else { return };
        let takes =
            |ordinal, entry: &Entry<'_>| filter.matches(&subject(watched, ordinal, entry, self.now.wall));
        if let Some(listing) = &mut self.listing {
            self.dirty |= listing.judge(&watch.ledger, takes) || listing.left(&watch.ledger) == 0;
        }
        if let Some(relisting) = &mut self.relisting {
            relisting.judge(&watch.ledger, takes);
            if relisting.left(&watch.ledger) == 0 {
                self.listing = self.relisting.take();
                self.dirty = true;
            }
        }
    }

    /// Messages were received, some of them again: those are judged again.
    pub(super) fn judge_received(&mut self, observation: &crate::observation::Observation) {
        let Some(watched) = self.endpoints.get(self.selected) else { return };
        if watched.endpoint.name != observation.endpoint {
            return;
        }
        let Some((filter, watch)) = self.filter.as_ref().zip(self.watch.endpoint(&observation.endpoint))
        else {
            return;
        };
        if let Some(listing) = &mut self.listing {
            for ordinal in
                observation.messages().iter().filter_map(|message| watch.ledger.find(message.message_id()))
            {
                let Some(entry) = watch.ledger.get(ordinal) else { continue };
                let takes = filter.matches(&subject(watched, ordinal, &entry, self.now.wall));
                listing.judge_again(ordinal, takes);
            }
        }
        self.list_unsorted();
        self.work();
    }

    /// A second has passed, by which some may have come of the age that is looked for.
    pub(super) fn list_by_age(&mut self) {
        let by_age = self.filter.as_ref().is_some_and(Filter::depends_on_age);
        if !by_age || self.relisting.is_some() || self.unjudged() > 0 {
            return;
        }
        let Some(name) = self.listing.as_ref().map(|listing| listing.endpoint.clone()) else { return };
        self.relisting = self.watch.endpoint(&name).map(|watch| Listing::new(name, &watch.ledger));
        self.work();
    }

    /// A message has changed otherwise than by being received.
    pub(super) fn judge_one_again(&mut self, ordinal: u64) {
        let Some(watched) = self.endpoints.get(self.selected) else { return };
        let Some((filter, watch)) = self.filter.as_ref().zip(self.watch.endpoint(&watched.endpoint.name))
        else {
            return;
        };
        if let (Some(listing), Some(entry)) = (&mut self.listing, watch.ledger.get(ordinal)) {
            let takes = filter.matches(&subject(watched, ordinal, &entry, self.now.wall));
            listing.judge_again(ordinal, takes);
        }
    }

    /// Writes the next of the words that could stand here.
    fn complete(&mut self, step: usize) {
        let keys = match &self.mode {
            Mode::Filtering(typing) if typing.completion.is_none() => self.keys_seen(),
            _ => BTreeSet::new(),
        };
        let Mode::Filtering(typing) = &mut self.mode else { return };
        if let Some(completion) = &mut typing.completion {
            let count = completion.words.len();
            completion.chosen = (completion.chosen + step.min(count.saturating_sub(1))) % count.max(1);
        } else {
            let text: Vec<char> = typing.input.value().chars().collect();
            let cursor = typing.input.cursor().min(text.len());
            let start = (0..cursor).rev().find(|at| matches!(text[*at], ' ' | '(')).map_or(0, |at| at + 1);
            let word: String = text[start..cursor].iter().collect();
            let words: Vec<String> =
                keys.into_iter().filter(|key| key.starts_with(&word) && *key != word).collect();
            if words.is_empty() {
                return;
            }
            let (before, after) = (text[..start].iter().collect(), text[cursor..].iter().collect());
            typing.completion = Some(Completion { before, after, words, chosen: 0 });
        }
        if let Some(Completion { before, after, words, chosen }) = typing.completion.clone() {
            let written = format!("{before}{}", words[chosen]);
            let cursor = written.chars().count();
            typing.write(&format!("{written}{after}"), cursor);
        }
        self.typed();
    }

    /// What can be written: fields, flags, saved filters, and the keys of the newest messages.
    pub(super) fn keys_seen(&self) -> BTreeSet<String> {
        let mut keys: BTreeSet<String> = ALWAYS.map(str::to_owned).into();
        keys.extend(self.saved.keys().map(|name| format!("@{name}")));
        let Some(ledger) = self.selected_watch().map(|watch| &watch.ledger) else { return keys };
        for (_, entry) in ledger.newest_first(u64::MAX - 1).take(LOOKED_INTO) {
            let message = entry.message();
            keys.extend(message.attributes().map(|(name, _)| format!("attr.{name}")));
            keys.extend(message.message_attributes().map(|(name, _)| format!("custom.{name}")));
            if message.body().len() <= LARGEST
                && let Ok(body) = serde_json::from_str(message.body())
            {
                body_keys("body", &body, OFFERED.1, &mut keys);
            }
        }
        keys
    }
}

fn body_keys(path: &str, value: &Value, levels: usize, keys: &mut BTreeSet<String>) {
    if levels == 0 || keys.len() >= OFFERED.0 {
        return;
    }
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                let path = format!("{path}{}", Step::Key(key.clone()));
                body_keys(&path, value, levels - 1, keys);
                if !path.chars().any(char::is_control) {
                    keys.insert(path);
                }
            }
        }
        Value::Array(elements) => {
            for element in elements.iter().take(3) {
                body_keys(&format!("{path}[]"), element, levels, keys);
            }
        }
        _ => {}
    }
}

fn subject<'a>(
    watched: &Watched,
    ordinal: u64,
    entry: &'a Entry<'_>,
    now: chrono::DateTime<chrono::Utc>,
) -> Subject<'a> {
    let receives = Receives::of(entry);
    Subject {
        receives: receives.total,
        is_new: receives.by_us == 1,
        is_poison: receives.is_poison(watched.endpoint.guard.threshold()),
        is_pinned: watched.pinned.contains(&ordinal),
        received: entry,
        now,
    }
}
