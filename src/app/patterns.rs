//! Patterns over all messages held of an endpoint: what its consumers cannot take, its groups, its shape, its ages.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent};

use super::mode::Mode;
use super::screen::Pane;
use super::time::{age, brief};
use super::{App, Effect};
use crate::text::visible;
use crate::watch::ages::{COLUMN, ROWS, up_to};
use crate::watch::{EndpointWatch, Entry, Receives};

/// Messages on the poison page.
const LISTED: usize = 100;
/// Groups on the page of groups.
const GROUPS: usize = 200;
/// Cells of a group's lane, each this many seconds.
const LANE: (usize, u64) = (40, 5);
/// Shades of the heatmap, from none to many.
const SHADES: [char; 5] = ['·', '░', '▒', '▓', '█'];

/// The pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Page {
    /// Messages by receive count, and how fast it rises.
    #[default]
    Poison,
    /// FIFO groups, a lane each.
    Groups,
    /// The keys of JSON bodies.
    Shape,
    /// How old messages are at receive.
    Age,
}

impl Page {
    /// From left to right.
    pub const ALL: [Self; 4] = [Self::Poison, Self::Groups, Self::Shape, Self::Age];

    /// What the page is called.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Poison => "Poison",
            Self::Groups => "Groups",
            Self::Shape => "Shape",
            Self::Age => "Age at receive",
        }
    }

    fn step(self, steps: usize) -> Self {
        let place = Self::ALL.iter().position(|page| *page == self).unwrap_or_default();
        Self::ALL[(place + steps) % Self::ALL.len()]
    }
}

/// The open patterns.
#[derive(Clone, Copy, Debug, Default)]
pub struct Patterns {
    /// The page in front.
    pub page: Page,
    /// The row of the cursor, or of the view's top.
    pub cursor: usize,
}

/// A row of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternRow {
    /// What it says, made visible.
    pub text: String,
    /// Whether it is something to look at.
    pub is_warning: bool,
    /// The message that it is about.
    pub ordinal: Option<u64>,
}

fn plain(text: String) -> PatternRow {
    PatternRow { text, is_warning: false, ordinal: None }
}

fn warning(text: String) -> PatternRow {
    PatternRow { text, is_warning: true, ordinal: None }
}

impl App {
    /// The rows of a page, for a box so many cells wide: a line that says what they are, and the rows below it.
    #[must_use]
    pub fn pattern_rows(&self, page: Page, width: usize) -> (String, Vec<PatternRow>) {
        let Some(watch) = self.selected_watch() else {
            return ("nothing was received yet".into(), Vec::new());
        };
        match page {
            Page::Poison => self.poison(watch),
            Page::Groups => self.groups(watch),
            Page::Shape => self.shape(watch),
            Page::Age => self.ages(watch, width),
        }
    }

    fn poison(&self, watch: &EndpointWatch) -> (String, Vec<PatternRow>) {
        let threshold = self.selected().and_then(|(_, watched)| watched.endpoint.guard.threshold());
        let mut counted: Vec<(u32, u64, Entry<'_>)> = watch
            .ledger
            .newest_first(u64::MAX - 1)
            .map(|(ordinal, entry)| (Receives::of(&entry).total, ordinal, entry))
            .filter(|(count, _, _)| *count > 1)
            .collect();
        let all = counted.len();
        let by_count = |a: &(u32, u64, Entry<'_>), b: &(u32, u64, Entry<'_>)| (b.0, b.1).cmp(&(a.0, a.1));
        if counted.len() > LISTED {
            counted.select_nth_unstable_by(LISTED, by_count);
            counted.truncate(LISTED);
        }
        counted.sort_unstable_by(by_count);
        let row = |(count, ordinal, entry): (u32, u64, Entry<'_>)| {
            let receives = Receives::of(&entry);
            let others = receives.by_others.map_or_else(|| "?".into(), |others| others.to_string());
            let slope = slope(&entry).map_or_else(|| "     –".into(), |slope| format!("{slope:>6.1}"));
            let sent = entry.sent_at().map_or_else(|| "–".into(), |sent| age(self.now.wall, sent));
            let poison = receives.is_poison(threshold);
            let mark = if poison { "!" } else { " " };
            let text = format!(
                "{count:>5}{mark} {:>5} {others:>6} {slope}/min {sent:>7}  {}",
                receives.by_us,
                entry.message().message_id()
            );
            PatternRow { text: visible(&text).into_owned(), is_warning: poison, ordinal: Some(ordinal) }
        };
        let heading = format!(
            " recv   ours others      slope     age  message · {all} received more than once · Enter goes there"
        );
        (heading, counted.into_iter().map(row).collect())
    }

    fn groups(&self, watch: &EndpointWatch) -> (String, Vec<PatternRow>) {
        struct Group {
            held: u64,
            most: u32,
            oldest: Option<chrono::DateTime<chrono::Utc>>,
            lane: [u32; LANE.0],
        }
        let mut groups: BTreeMap<String, Group> = BTreeMap::new();
        for (_, entry) in watch.ledger.newest_first(u64::MAX - 1) {
            let Some(name) = entry.message_group_id() else { continue };
            if !groups.contains_key(name) {
                let empty = Group { held: 0, most: 0, oldest: None, lane: [0; LANE.0] };
                groups.insert(name.to_owned(), empty);
            }
            let Some(group) = groups.get_mut(name) else { continue };
            group.held += 1;
            group.most = group.most.max(Receives::of(&entry).total);
            let sent = entry.sent_at();
            group.oldest = group.oldest.into_iter().chain(sent).min();
            let ago = self.now.offset.saturating_sub(entry.last_seen().offset).as_secs() / LANE.1;
            if let Some(cell) = usize::try_from(ago).ok().and_then(|ago| group.lane.get_mut(ago)) {
                *cell += 1;
            }
        }
        let blocked: BTreeMap<&str, Duration> = watch.impact.blocked_groups(self.now.offset).collect();
        let all = groups.len();
        let mut rows: Vec<(String, Group)> = groups.into_iter().collect();
        rows.sort_by_key(|(_, group)| std::cmp::Reverse(group.held));
        let row = |(name, group): (String, Group)| {
            let lane: String = group.lane.iter().rev().map(|count| shade(*count, 8)).collect();
            let oldest = group.oldest.map_or_else(|| "–".into(), |sent| age(self.now.wall, sent));
            let hidden = blocked
                .get(name.as_str())
                .map_or_else(String::new, |left| format!("  blocked by us for {}", brief(*left)));
            let name = self.mask().map_or(Cow::Borrowed(name.as_str()), |mask| mask.body(&name));
            let name = visible(&name);
            let short: String = name.chars().take(16).collect();
            let text = format!("{short:<16} {:>6} {:>5} {oldest:>7}  {lane}{hidden}", group.held, group.most);
            PatternRow { text, is_warning: !hidden.is_empty(), ordinal: None }
        };
        let seconds = LANE.0 as u64 * LANE.1;
        let heading = if all == 0 {
            "No message has a MessageGroupId: this is no FIFO queue, or the gateway does not forward the attribute.".into()
        } else {
            format!(
                "group              held  most  oldest  received in the last {seconds} s, now at the right · {all} groups"
            )
        };
        (heading, rows.into_iter().take(GROUPS).map(row).collect())
    }

    fn shape(&self, watch: &EndpointWatch) -> (String, Vec<PatternRow>) {
        let shape = &watch.shape;
        let ago = |offset: Duration| brief(self.now.offset.saturating_sub(offset));
        let (changes, dropped) = shape.changes();
        let mut rows: Vec<PatternRow> = changes
            .iter()
            .rev()
            .take(10)
            .map(|(at, what)| {
                warning(format!(
                    "{}  {:>5} ago  {}",
                    at.wall.format("%H:%M:%SZ"),
                    ago(at.offset),
                    visible(what)
                ))
            })
            .collect();
        let more = changes.len().saturating_sub(10) as u64 + dropped;
        if more > 0 {
            rows.push(warning(format!("… and {more} changes before")));
        }
        if !rows.is_empty() {
            rows.push(plain(String::new()));
        }
        for (path, key) in shape.keys() {
            let percent = 100 * key.bodies / shape.bodies().max(1);
            let gone = if key.is_gone() { "  gone" } else { "" };
            let text = format!(
                "{percent:>3}%  {:>7} ago  {:>7} ago  {:<16}  {}{gone}",
                ago(key.first_seen.offset),
                ago(key.last_seen.offset),
                key.types(),
                visible(path)
            );
            rows.push(PatternRow { text, is_warning: key.is_gone(), ordinal: None });
        }
        let others = match shape.others() {
            0 => String::new(),
            others => format!(", {others} are no JSON or too long"),
        };
        let heading = format!(
            "  in   first seen    last seen  type              key · {} bodies{others}",
            shape.bodies()
        );
        (heading, rows)
    }

    fn ages(&self, watch: &EndpointWatch, width: usize) -> (String, Vec<PatternRow>) {
        let at = |percentile| watch.ages.percentile(percentile).map(brief);
        let (Some(half), Some(most), Some(nearly_all)) = (at(50.0), at(95.0), at(99.0)) else {
            return ("No message came with a SentTimestamp: ask for AttributeName All.".into(), Vec::new());
        };
        let span = self.charting.span;
        let cells = width.saturating_sub(9).clamp(10, 360) as u64;
        let end = self.charting.end(self.now).offset;
        let step = span.seconds().div_ceil(cells).next_multiple_of(COLUMN);
        let columns: Vec<[u32; ROWS]> = (0..span.seconds().div_ceil(step))
            .rev()
            .map(|back| {
                let to = end.as_secs().next_multiple_of(COLUMN).saturating_sub(back * step);
                watch.ages.between(Duration::from_secs(to.saturating_sub(step)), Duration::from_secs(to))
            })
            .collect();
        let highest = columns.iter().flatten().copied().max().unwrap_or(1).max(1);
        let used = columns
            .iter()
            .filter_map(|column| column.iter().rposition(|count| *count > 0))
            .max()
            .unwrap_or(0);
        let repeat = usize::try_from(cells / columns.len().max(1) as u64).unwrap_or(1).max(1);
        let mut rows: Vec<PatternRow> = (0..=used)
            .rev()
            .map(|row| {
                let line: String = columns
                    .iter()
                    .flat_map(|column| std::iter::repeat_n(shade(column[row], highest), repeat))
                    .collect();
                plain(format!("≤{:>5}  {line}", brief(up_to(row))))
            })
            .collect();
        let axis = (columns.len() * repeat).saturating_sub(8);
        rows.push(plain(format!("        {:<axis$}     now", format!("-{}m", span.minutes()))));
        let heading = format!(
            "age when we received: p50 {half} · p95 {most} · p99 {nearly_all} over the run; below, darker is more (at most {highest})"
        );
        (heading, rows)
    }

    pub(super) fn patterns_key(&mut self, key: KeyEvent) -> Vec<Effect> {
        let Mode::Patterns(patterns) = self.mode else { return Vec::new() };
        let rows = self.pattern_rows(patterns.page, usize::from(self.screen.overlay.width)).1;
        let last = rows.len().saturating_sub(1);
        let height = usize::from(self.screen.overlay.height.max(2)) - 1;
        let Patterns { page, cursor } = patterns;
        let cursor = cursor.min(last);
        let (page, cursor) = match key.code {
            KeyCode::Esc | KeyCode::Char('q' | 't') => return self.close(),
            KeyCode::Right | KeyCode::Tab | KeyCode::Char('l' | ']') => (page.step(1), 0),
            KeyCode::Left | KeyCode::BackTab | KeyCode::Char('h' | '[') => {
                (page.step(Page::ALL.len() - 1), 0)
            }
            KeyCode::Up | KeyCode::Char('k') => (page, cursor.saturating_sub(1)),
            KeyCode::Down | KeyCode::Char('j') => (page, (cursor + 1).min(last)),
            KeyCode::PageUp => (page, cursor.saturating_sub(height)),
            KeyCode::PageDown => (page, (cursor + height).min(last)),
            KeyCode::Home | KeyCode::Char('g') => (page, 0),
            KeyCode::End | KeyCode::Char('G') => (page, last),
            KeyCode::Char('s') => {
                self.charting.span = self.charting.span.next();
                (page, cursor)
            }
            KeyCode::Enter => {
                if let Some(ordinal) = rows.get(cursor).and_then(|row| row.ordinal) {
                    self.go_to(ordinal);
                }
                return Vec::new();
            }
            _ => (page, cursor),
        };
        self.mode = Mode::Patterns(Patterns { page, cursor });
        Vec::new()
    }

    /// The list's cursor on a message; a filter that does not take it is taken off.
    fn go_to(&mut self, ordinal: u64) {
        self.mode = Mode::Watching;
        self.pane = Pane::Messages;
        let listed = |app: &Self| {
            let (watched, watch) = app.selected().map(|(_, watched)| watched).zip(app.selected_watch())?;
            Some(app.rows(watched, &watch.ledger).nearest(ordinal) == Some(ordinal))
        };
        if listed(self) == Some(false) {
            self.put_filter(None);
        }
        let page = self.page();
        self.select(|selection, rows| {
            selection.hold(rows);
            selection.move_to(ordinal, rows, page);
        });
        self.detail.show(super::detail::Tab::Timeline);
    }
}

/// Receives a minute since we first saw it: of anyone where the gateway forwards the count, else ours.
fn slope(entry: &Entry<'_>) -> Option<f64> {
    let first = entry.sightings().next()?;
    let minutes = entry.last_seen().offset.saturating_sub(first.at.offset).as_secs_f64() / 60.0;
    let now = entry.approximate_receive_count();
    let rise = match (first.receive_count, now) {
        (Some(before), Some(now)) => now.saturating_sub(before),
        _ => entry.receives() - 1,
    };
    (minutes > 0.0 && rise > 0).then(|| f64::from(rise) / minutes)
}

fn shade(count: u32, highest: u32) -> char {
    if count == 0 {
        return SHADES[0];
    }
    let (steps, highest) = (SHADES.len() as u64 - 1, u64::from(highest.max(1)));
    let step = (u64::from(count).min(highest) * steps).div_ceil(highest).clamp(1, steps);
    usize::try_from(step).ok().and_then(|step| SHADES.get(step)).copied().unwrap_or(SHADES[0])
}
