//! What the charts show: which, of when, and a cursor on the axis of time that selects messages.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::App;
use crate::filter::Filter;
use crate::observation::Moment;
use crate::watch::Span;

/// Cells that the labels of the vertical axis take.
pub const LABELS: u16 = 8;
/// As far back as anything is kept to be charted, in seconds.
const FURTHEST: u64 = 60 * 60;

/// The charts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// Messages and faults a second.
    #[default]
    Throughput,
    /// How long answers take.
    Answers,
    /// How large bodies are.
    Sizes,
    /// How old messages are when they are received.
    Age,
}

impl Kind {
    /// In the order in which a key goes through them.
    pub const ALL: [Self; 4] = [Self::Throughput, Self::Answers, Self::Sizes, Self::Age];

    /// The next one.
    #[must_use]
    pub fn next(self) -> Self {
        let place = Self::ALL.iter().position(|kind| *kind == self).unwrap_or_default();
        Self::ALL[(place + 1) % Self::ALL.len()]
    }
}

/// What the charts show.
#[derive(Clone, Copy, Debug, Default)]
pub struct Charting {
    /// The chart in front.
    pub kind: Kind,
    /// How far they look back.
    pub span: Span,
    /// Whether messages stand where they were sent, and not where they were received.
    pub by_sent: bool,
    /// Whether all endpoints are on one axis.
    pub all: bool,
    /// When the charts were stopped, if they were.
    pub frozen: Option<Moment>,
    /// Seconds by which they end before then, or before now.
    pub back: u64,
    /// The first second of the bucket under the cursor, by the wall clock.
    pub cursor: Option<i64>,
}

impl Charting {
    /// Where the axis ends.
    #[must_use]
    pub fn end(&self, now: Moment) -> Moment {
        let end = self.frozen.unwrap_or(now);
        let back = Duration::from_secs(self.back).min(end.offset);
        let wall = end.wall - TimeDelta::from_std(back).unwrap_or_default();
        Moment { wall, offset: end.offset.saturating_sub(back) }
    }
}

impl App {
    /// What the charts show.
    #[must_use]
    pub fn charting(&self) -> &Charting {
        &self.charting
    }

    /// Seconds to a point, in a chart so many cells wide: as many points as there is room for, but none shorter than the
    /// polling interval: a second without a poll between two polls is not a quiet second.
    #[must_use]
    pub fn chart_step(&self, width: u16) -> u64 {
        let points = u64::from(width.saturating_sub(LABELS).max(8)) * 2;
        let span = self.charting.span.seconds();
        let least = span.div_ceil(points);
        if self.charting.by_sent {
            return least;
        }
        let intervals = self.endpoints.iter().enumerate();
        let shown = intervals.filter(|(place, _)| self.charting.all || *place == self.selected);
        let interval =
            shown.map(|(_, watched)| watched.endpoint.pace.interval.as_millis().div_ceil(1_000)).max();
        least.max(u64::try_from(interval.unwrap_or(1)).unwrap_or(span)).min(span)
    }

    pub(super) fn next_chart(&mut self) {
        self.charting.kind = self.charting.kind.next();
    }

    pub(super) fn zoom_charts(&mut self, closer: bool) {
        let span = self.charting.span;
        self.charting.span = if closer { span.shorter() } else { span.longer() };
    }

    pub(super) fn toggle_sent(&mut self) {
        self.charting.by_sent = !self.charting.by_sent;
        self.charting.kind = Kind::Throughput;
        self.drop_chart_cursor();
        self.say(if self.charting.by_sent {
            "charted by SentTimestamp: when producers sent, not when we polled"
        } else {
            "charted by when we received"
        });
    }

    pub(super) fn freeze(&mut self) {
        let frozen = self.charting.frozen.is_none();
        self.charting.frozen = frozen.then_some(self.now);
        self.charting.back = 0;
        self.say(if frozen { "charts are frozen; data goes on arriving" } else { "charts go on" });
    }

    /// Half a span earlier or later.
    pub(super) fn pan_charts(&mut self, later: bool) {
        let half = self.charting.span.seconds() / 2;
        let furthest = FURTHEST.saturating_sub(half).min(self.now.offset.as_secs());
        let back = self.charting.back;
        self.charting.back = if later { back.saturating_sub(half) } else { (back + half).min(furthest) };
    }

    /// One point on or back; the list shows the messages of that time.
    pub(super) fn move_chart_cursor(&mut self, by: i64) {
        let step = i64::try_from(self.chart_step(self.screen.charts.width + 2)).unwrap_or(1);
        let end = self.charting.end(self.now);
        // Points stand at multiples of the step: of the program's clock where it is receives that are counted.
        let origin = if self.charting.by_sent { 0 } else { start_of(end).rem_euclid(step) };
        let aligned = |second: i64| (second - origin).div_euclid(step) * step + origin;
        let last = aligned(end.wall.timestamp());
        let first = last - i64::try_from(self.charting.span.seconds()).unwrap_or(0);
        let cursor = match self.charting.cursor {
            Some(cursor) => (aligned(cursor) + by * step).clamp(first, last),
            None => last,
        };
        let clock = |second: i64| {
            DateTime::<Utc>::from_timestamp(second, 0).unwrap_or_default().format("%H:%M:%S").to_string()
        };
        let field = if self.charting.by_sent { "sent" } else { "received" };
        let text = format!("{field} = {}..{}", clock(cursor), clock(cursor + step));
        if let Ok(filter) = Filter::parse(&text, &self.saved) {
            self.put_filter(Some(filter));
        }
        self.charting.cursor = Some(cursor);
    }

    /// The cursor goes with the filter that it made.
    pub(super) fn drop_chart_cursor(&mut self) {
        if self.charting.cursor.take().is_some() {
            self.put_filter(None);
        }
    }
}

/// The second of the wall clock at which the program's own clock began.
fn start_of(at: Moment) -> i64 {
    at.wall.timestamp() - i64::try_from(at.offset.as_secs()).unwrap_or_default()
}
