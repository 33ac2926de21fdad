//! The list's columns: what stands in each, which are shown, and by which the list is sorted.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use crossterm::event::{KeyCode, KeyEvent};

use super::mode::Mode;
use super::time::{age, brief};
use super::{App, Effect};
use crate::config::Column;
use crate::json::unquoted;
use crate::observation::{EndpointName, Moment};
use crate::text::boundary;
use crate::watch::{Entry, Ledger, Receives};

/// Bytes of a text by which messages are sorted: more than a row shows.
const SORTED: usize = 256;
/// Bodies larger than this are not looked into for a column: a screen of them would be a frame late.
const LARGEST: usize = 64 << 10;

/// By which column, and which way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sort {
    /// The column.
    pub column: Column,
    /// The largest first, as is usual.
    pub descending: bool,
}

/// The open box of columns.
#[derive(Clone, Debug)]
pub struct Choosing {
    /// The row of the cursor.
    pub place: usize,
    /// Every column there was when it was opened, as far as the data has it.
    all: Vec<Column>,
}

/// The messages of an endpoint in another order than they came in.
#[derive(Debug)]
pub struct Order {
    /// Whose.
    pub(super) endpoint: EndpointName,
    rows: Vec<u64>,
    places: HashMap<u64, u32>,
    /// In ascending order.
    keyed: Vec<Keyed>,
}

/// A message and by what it is sorted: what has to be read for that is read once, as long as the message does not come again.
#[derive(Debug)]
struct Keyed {
    ordinal: u64,
    last_seen: Duration,
    key: Key,
}

impl Order {
    /// Ordinals from the top of the list down.
    #[must_use]
    pub fn rows(&self) -> &[u64] {
        &self.rows
    }

    /// The row of an ordinal.
    #[must_use]
    pub fn row(&self, ordinal: u64) -> Option<u64> {
        self.places.get(&ordinal).map(|place| u64::from(*place))
    }
}

/// What stands where a message has nothing for a column.
pub const NONE: &str = "–";

/// What stands in a column; nothing where the message has no such thing.
#[must_use]
pub fn text<'a>(column: &Column, entry: &'a Entry<'_>, now: Moment) -> Cow<'a, str> {
    let message = || entry.message();
    let clock = |time: DateTime<Utc>| Cow::Owned(time.format("%H:%M:%S%.3f").to_string());
    let none = Cow::Borrowed(NONE);
    match column {
        Column::Age => Cow::Owned(match entry.sent_at() {
            Some(sent) => age(now.wall, sent),
            None => brief(now.offset.saturating_sub(entry.first_seen().offset)),
        }),
        Column::Receives => Cow::Owned(Receives::of(entry).total.to_string()),
        Column::Group => entry.message_group_id().map_or(none, Cow::Borrowed),
        Column::Size => Cow::Owned(entry.body_bytes().to_string()),
        Column::Body => Cow::Borrowed(message().body()),
        Column::Id => Cow::Borrowed(message().message_id()),
        Column::Sent => entry.sent_at().map_or(none, clock),
        Column::Received => clock(entry.last_seen().wall),
        Column::Attribute(name) => {
            let found = message().attributes().find(|(known, _)| known == name);
            found.map_or(none, |(_, value)| Cow::Borrowed(value))
        }
        Column::Custom(name) => {
            let found = message().message_attributes().find(|(known, _)| known == name);
            found.map_or(none, |(_, attribute)| Cow::Borrowed(attribute.text))
        }
        Column::Value(_) if entry.body_bytes() > LARGEST => Cow::Borrowed("…"),
        Column::Value(path) => {
            let found = path.first(message().body().trim_start());
            found.map_or(none, |found| unquoted(found).unwrap_or(Cow::Borrowed(found)))
        }
    }
}

/// Numbers before texts, and nothing last, whichever way.
#[derive(Debug, PartialEq)]
enum Key {
    Number(f64),
    Text(Box<str>),
    Nothing,
}

/// What is known of every message without reading it; `None` for a column that stands in the message itself.
fn known(column: &Column, entry: &Entry<'_>) -> Option<Key> {
    #[expect(clippy::cast_precision_loss, reason = "what is counted here is far below 2^52")]
    let number = |number: i64| Key::Number(number as f64);
    let millis = |time: DateTime<Utc>| time.timestamp_millis();
    Some(match column {
        // The oldest has the greatest age.
        Column::Age => number(-entry.sent_at().map_or(millis(entry.first_seen().wall), millis)),
        Column::Receives => number(Receives::of(entry).total.into()),
        Column::Size => number(i64::try_from(entry.body_bytes()).unwrap_or(i64::MAX)),
        Column::Sent => entry.sent_at().map_or(Key::Nothing, |sent| number(millis(sent))),
        Column::Received => number(millis(entry.last_seen().wall)),
        _ => return None,
    })
}

fn read(column: &Column, entry: &Entry<'_>, now: Moment) -> Key {
    match text(column, entry, now) {
        text if text == "–" => Key::Nothing,
        text => text.parse().map_or_else(|_| Key::Text(beginning(&text).into()), Key::Number),
    }
}

fn beginning(text: &str) -> &str {
    &text[..boundary(text, SORTED)]
}

fn compare(a: &Key, b: &Key, descending: bool) -> Ordering {
    let turned = |ordering: Ordering| if descending { ordering.reverse() } else { ordering };
    match (a, b) {
        (Key::Number(a), Key::Number(b)) => turned(a.total_cmp(b)),
        // Of texts the first comes first unless it is turned.
        (Key::Text(a), Key::Text(b)) => turned(a.cmp(b)).reverse(),
        (Key::Nothing, Key::Nothing) => Ordering::Equal,
        (Key::Nothing, _) | (Key::Text(_), Key::Number(_)) => Ordering::Greater,
        (_, Key::Nothing) | (Key::Number(_), Key::Text(_)) => Ordering::Less,
    }
}

/// The messages in their order; of equals the newest first.
fn order(
    endpoint: &EndpointName,
    ledger: &Ledger,
    ascending: Vec<u64>,
    sort: &Sort,
    now: Moment,
    before: Vec<Keyed>,
) -> Order {
    let mut before = before.into_iter().peekable();
    let keyed = ascending.into_iter().filter_map(|ordinal| {
        let entry = ledger.get(ordinal)?;
        let last_seen = entry.last_seen().offset;
        let key = known(&sort.column, &entry).unwrap_or_else(|| {
            while before.next_if(|keyed| keyed.ordinal < ordinal).is_some() {}
            let again = before.next_if(|keyed| keyed.ordinal == ordinal && keyed.last_seen == last_seen);
            again.map_or_else(|| read(&sort.column, &entry, now), |keyed| keyed.key)
        });
        Some(Keyed { ordinal, last_seen, key })
    });
    let keyed: Vec<Keyed> = keyed.collect();
    let mut sorted: Vec<&Keyed> = keyed.iter().collect();
    sorted.sort_unstable_by(|a, b| compare(&a.key, &b.key, sort.descending).then(b.ordinal.cmp(&a.ordinal)));
    let rows: Vec<u64> = sorted.into_iter().map(|keyed| keyed.ordinal).collect();
    let places = rows.iter().zip(0..).map(|(ordinal, place)| (*ordinal, place)).collect();
    Order { endpoint: endpoint.clone(), rows, places, keyed }
}

impl App {
    /// The columns shown.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.look.columns
    }

    /// By what the list is sorted, if not by when messages came.
    #[must_use]
    pub fn sort(&self) -> Option<&Sort> {
        self.sort.as_ref()
    }

    pub(super) fn open_columns(&mut self) {
        let keys = self.keys_seen();
        // Of a list there is no one value.
        let seen = keys.iter().filter(|key| !key.contains("[]")).filter_map(|key| key.parse().ok());
        let all = Column::PLAIN.into_iter().chain(seen).collect();
        self.mode = Mode::Columns(Box::new(Choosing { place: 0, all }));
    }

    /// Those shown in their order, then the others that there could be.
    #[must_use]
    pub fn possible_columns(&self, choosing: &Choosing) -> Vec<Column> {
        let shown = &self.look.columns;
        let others = choosing.all.iter().filter(|column| !shown.contains(column));
        shown.iter().chain(others).cloned().collect()
    }

    pub(super) fn columns_key(&mut self, key: KeyEvent) -> Vec<Effect> {
        let Mode::Columns(choosing) = &self.mode else { return Vec::new() };
        let columns = self.possible_columns(choosing);
        let Mode::Columns(choosing) = &mut self.mode else { return Vec::new() };
        let last = columns.len().saturating_sub(1);
        let place = &mut choosing.place;
        let at = (*place).min(last);
        let shown = &mut self.look.columns;
        let is_shown = at < shown.len();
        match key.code {
            KeyCode::Esc | KeyCode::Enter | KeyCode::Char('q' | 'C') => return self.close(),
            KeyCode::Up | KeyCode::Char('k') => *place = at.saturating_sub(1),
            KeyCode::Down | KeyCode::Char('j') => *place = (at + 1).min(last),
            KeyCode::Char('g') | KeyCode::Home => *place = 0,
            KeyCode::Char('G') | KeyCode::End => *place = last,
            KeyCode::Char(' ') if is_shown && shown.len() > 1 => {
                shown.remove(at);
            }
            KeyCode::Char(' ') if !is_shown => {
                // Before the body, which takes what room is left.
                let end = shown.iter().position(|column| *column == Column::Body).unwrap_or(shown.len());
                shown.insert(end, columns[at].clone());
                *place = end;
            }
            KeyCode::Left | KeyCode::Char('K' | '<') if is_shown && at > 0 => {
                shown.swap(at, at - 1);
                *place = at - 1;
            }
            KeyCode::Right | KeyCode::Char('J' | '>') if at + 1 < shown.len() => {
                shown.swap(at, at + 1);
                *place = at + 1;
            }
            KeyCode::Char('s') => self.sort_by(columns[at].clone()),
            _ => {}
        }
        Vec::new()
    }

    /// By the next of the columns shown, and after the last by when messages came.
    pub(super) fn sort_by_next(&mut self) {
        let place = self
            .sort
            .as_ref()
            .and_then(|sort| self.look.columns.iter().position(|column| *column == sort.column));
        let next = place.map_or(0, |place| place + 1);
        match self.look.columns.get(next).cloned() {
            Some(column) => self.put_sort(Some(Sort { column, descending: true })),
            None => self.put_sort(None),
        }
    }

    /// By this column; the other way if it was this one already; not at all after that.
    fn sort_by(&mut self, column: Column) {
        let sort = match &self.sort {
            Some(sort) if sort.column == column && sort.descending => {
                Some(Sort { column, descending: false })
            }
            Some(sort) if sort.column == column => None,
            _ => Some(Sort { column, descending: true }),
        };
        self.put_sort(sort);
    }

    fn put_sort(&mut self, sort: Option<Sort>) {
        let said = match &sort {
            Some(sort) => format!("sorted by {}", sort.column),
            None => "in the order in which messages came".to_owned(),
        };
        self.sort = sort;
        self.order = None;
        self.reorder();
        self.say(&said);
    }

    /// Sorts the list as it stands now.
    pub(super) fn reorder(&mut self) {
        let Some(sort) = &self.sort else { return };
        let Some(watched) = self.endpoints.get(self.selected) else { return };
        let name = &watched.endpoint.name;
        let Some(watch) = self.watch.endpoint(name) else { return };
        let mut before = self.order.take().filter(|before| before.endpoint == *name);
        let keyed = before.as_mut().map(|before| std::mem::take(&mut before.keyed));
        let ordinals = self.rows(watched, &watch.ledger).ascending();
        let order = order(name, &watch.ledger, ordinals, sort, self.now, keyed.unwrap_or_default());
        if let Some(before) = before {
            let selection = watched.selection.moved(&before, &order);
            if let Some(watched) = self.endpoints.get_mut(self.selected) {
                watched.selection = selection;
            }
        }
        self.order = Some(order);
    }
}
