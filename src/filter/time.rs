//! Times as people write them: `03:12`, `03:12:04`, `2026-03-01`, `2026-03-01T03:12`, in UTC; `from..to` for a range.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};

use super::Comparison;

/// A time as exact as it is written: all of a minute, of a second or of a day. A range goes up to its end, which is not
/// in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Written {
    from: Point,
    /// The end of the range, or the point itself.
    to: Option<Point>,
}

/// A point in time, and how long it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Point {
    /// On a day.
    At(DateTime<Utc>, TimeDelta),
    /// On whichever day it was last.
    Daily(NaiveTime, TimeDelta),
}

impl Written {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (from, to) = match text.split_once("..") {
            Some((from, to)) => (point(from)?, Some(point(to)?)),
            None => (point(text)?, None),
        };
        Some(Self { from, to })
    }

    /// Whether a time compares so with this one, by the clock as of `now`.
    pub(super) fn holds(&self, comparison: Comparison, time: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        let (from, length) = self.from.resolved(now);
        let end = match self.to {
            // A range over midnight ends on the next day.
            Some(to) => match to.resolved(now).0 {
                end if end < from => later(end, TimeDelta::days(1)),
                end => end,
            },
            None => later(from, length),
        };
        match comparison {
            Comparison::Equal => from <= time && time < end,
            Comparison::NotEqual => time < from || end <= time,
            Comparison::Greater => end <= time,
            Comparison::GreaterOrEqual => from <= time,
            Comparison::Less => time < from,
            Comparison::LessOrEqual => time < end,
        }
    }
}

impl Point {
    fn resolved(self, now: DateTime<Utc>) -> (DateTime<Utc>, TimeDelta) {
        match self {
            Self::At(at, length) => (at, length),
            Self::Daily(time, length) => {
                let today = now.date_naive().and_time(time).and_utc();
                // A minute ahead is a clock that differs, and not yesterday.
                let ahead = today > later(now, TimeDelta::minutes(1));
                let yesterday = today.checked_sub_days(Days::new(1)).unwrap_or(today);
                (if ahead { yesterday } else { today }, length)
            }
        }
    }
}

/// Beyond the last day that there is, the last moment of it: a year may have six digits.
fn later(time: DateTime<Utc>, by: TimeDelta) -> DateTime<Utc> {
    time.checked_add_signed(by).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

fn point(text: &str) -> Option<Point> {
    let text = text.trim().trim_end_matches(['Z', 'z']);
    let (day, clock) = match text.split_once(['T', 't']) {
        Some((day, clock)) => (Some(day), Some(clock)),
        None if text.contains(':') => (None, Some(text)),
        None => (Some(text), None),
    };
    let day = match day {
        Some(day) => Some(NaiveDate::parse_from_str(day, "%Y-%m-%d").ok()?),
        None => None,
    };
    let (time, length) = match clock {
        None => (NaiveTime::MIN, TimeDelta::days(1)),
        Some(clock) => match NaiveTime::parse_from_str(clock, "%H:%M:%S%.f") {
            Ok(time) if clock.contains('.') => (time, TimeDelta::milliseconds(1)),
            Ok(time) => (time, TimeDelta::seconds(1)),
            Err(_) => (NaiveTime::parse_from_str(clock, "%H:%M").ok()?, TimeDelta::minutes(1)),
        },
    };
    Some(match day {
        Some(day) => Point::At(day.and_time(time).and_utc(), length),
        None => Point::Daily(time, length),
    })
}
