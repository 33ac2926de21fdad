//! What happened in each second, for charts: a second in which no poll was due is a gap, never a zero.
//!
//! Messages count in the second in which their answer was complete. A second counts as watched when it lies
//! between two polls that followed each other as planned, so that an interval of 2 s does not look like a comb.

use std::collections::VecDeque;
use std::time::Duration;

use crate::observation::{Next, Observation};

/// The longest span that can be charted, in seconds, and some to align it.
const SECONDS: usize = 60 * 60 + 120;
/// A poll that begins this much later than planned still follows the one before it.
const GRACE: Duration = Duration::from_millis(1_500);

/// What a second, or several, brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// Messages received, each as often as it came.
    pub received: u32,
    /// Messages seen for the first time.
    pub distinct: u32,
    /// Bytes of the received bodies.
    pub bytes: u64,
    /// Bytes of the largest body.
    pub largest: u32,
    /// Polls completed.
    pub polls: u32,
    /// Polls that were answered without a message.
    pub empty: u32,
    /// Polls that failed.
    pub faults: u32,
    /// The longest answer time, in microseconds.
    pub slowest: u32,
    /// The sum of the answer times, in microseconds.
    pub answering: u64,
    /// Whether polling went as planned here.
    pub watched: bool,
}

impl Cell {
    /// Polls that were answered.
    #[must_use]
    pub fn answered(&self) -> u32 {
        self.polls - self.faults
    }

    /// Whether nothing is known of this time: no answer, and none was due.
    #[must_use]
    pub fn is_gap(&self) -> bool {
        !self.watched && self.answered() == 0
    }

    fn add(&mut self, other: &Self) {
        self.received += other.received;
        self.distinct += other.distinct;
        self.bytes += other.bytes;
        self.largest = self.largest.max(other.largest);
        self.polls += other.polls;
        self.empty += other.empty;
        self.faults += other.faults;
        self.slowest = self.slowest.max(other.slowest);
        self.answering += other.answering;
        self.watched |= other.watched;
    }
}

/// How far back a chart looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Span {
    /// One minute.
    One,
    /// Five minutes.
    #[default]
    Five,
    /// Fifteen minutes.
    Fifteen,
    /// An hour.
    Sixty,
}

impl Span {
    /// In seconds.
    #[must_use]
    pub fn seconds(self) -> u64 {
        self.minutes() * 60
    }

    /// In minutes.
    #[must_use]
    pub fn minutes(self) -> u64 {
        match self {
            Self::One => 1,
            Self::Five => 5,
            Self::Fifteen => 15,
            Self::Sixty => 60,
        }
    }

    /// The next longer one, if there is one.
    #[must_use]
    pub fn longer(self) -> Self {
        if self == Self::Sixty { self } else { self.next() }
    }

    /// The next shorter one, if there is one.
    #[must_use]
    pub fn shorter(self) -> Self {
        match self {
            Self::One | Self::Five => Self::One,
            Self::Fifteen => Self::Five,
            Self::Sixty => Self::Fifteen,
        }
    }

    /// The next longer one; after the longest, the shortest.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::One => Self::Five,
            Self::Five => Self::Fifteen,
            Self::Fifteen => Self::Sixty,
            Self::Sixty => Self::One,
        }
    }
}

/// Several seconds taken together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Where it begins, in seconds before now; negative offsets do not occur.
    pub age: u64,
    /// How many of its seconds have begun.
    pub seconds: u32,
    /// What they brought together.
    pub cell: Cell,
}

impl Bucket {
    /// `count` a second.
    #[must_use]
    pub fn per_second(&self, count: u32) -> f64 {
        f64::from(count) / f64::from(self.seconds.max(1))
    }
}

/// The seconds of one endpoint, up to an hour back.
#[derive(Debug, Default)]
pub struct Series {
    cells: VecDeque<Cell>,
    /// The second that the first cell stands for, as an offset.
    first: u64,
    last: Option<Planned>,
}

#[derive(Debug)]
struct Planned {
    finished: Duration,
    next: Option<Duration>,
}

impl Series {
    pub(super) fn observe(&mut self, observation: &Observation, distinct: u32) {
        let started = observation.started.offset;
        let finished = observation.finished().offset;
        let as_planned = |last: &Planned| last.next.is_some_and(|next| started <= next.saturating_add(GRACE));
        if observation.fault().is_none() {
            let from =
                self.last.as_ref().filter(|last| as_planned(last)).map_or(started, |last| last.finished);
            self.watched(from.as_secs(), finished.as_secs());
        }
        let micros = u32::try_from(observation.timing.total.as_micros()).unwrap_or(u32::MAX);
        let failed = observation.fault().is_some();
        let messages = observation.messages();
        let sizes = || messages.iter().map(|message| message.body().len());
        let bytes = sizes().map(|size| size as u64).sum();
        let largest = sizes().max().and_then(|size| u32::try_from(size).ok()).unwrap_or_default();
        if let Some(cell) = self.cell(finished.as_secs()) {
            cell.add(&Cell {
                received: u32::try_from(messages.len()).unwrap_or(u32::MAX),
                distinct,
                bytes,
                largest,
                polls: 1,
                empty: u32::from(!failed && messages.is_empty()),
                faults: u32::from(failed),
                slowest: if failed { 0 } else { micros },
                answering: if failed { 0 } else { micros.into() },
                watched: !failed,
            });
        }
        let next = match observation.next {
            Next::Poll { at } => Some(at),
            Next::BackOff { .. } | Next::Stop | Next::Guard => None,
        };
        self.last = Some(Planned { finished, next });
    }

    /// Polls a second within `window` before `now`, an offset; over less when the first poll is not so long ago.
    #[must_use]
    pub fn polls_per_second(&self, now: Duration, window: Duration) -> f64 {
        let end = now.as_secs();
        let start = end.saturating_sub(window.as_secs()).max(self.first);
        let polls: u32 = (start..=end).filter_map(|second| self.at(second)).map(|cell| cell.polls).sum();
        let seconds = u32::try_from(end.saturating_sub(start)).unwrap_or(u32::MAX).max(1);
        f64::from(polls) / f64::from(seconds)
    }

    /// Messages received a second over the whole seconds within `window` before `now`, an offset; over fewer when the
    /// first poll is not so long ago. The second that has only begun counts when there is no other.
    #[must_use]
    pub fn rate(&self, now: Duration, window: Duration) -> f64 {
        let end = now.as_secs();
        let start = end.saturating_sub(window.as_secs()).max(self.first);
        let seconds = u32::try_from(end.saturating_sub(start)).unwrap_or(u32::MAX).max(1);
        let received: u32 =
            (start..end.max(start + 1)).filter_map(|second| self.at(second)).map(|cell| cell.received).sum();
        f64::from(received) / f64::from(seconds)
    }

    /// Faults within `window` before `now`.
    #[must_use]
    pub fn faults_within(&self, now: Duration, window: Duration) -> u32 {
        self.cells_since(now.saturating_sub(window).as_secs()).map(|cell| cell.faults).sum()
    }

    /// The last `seconds` before `now`, oldest first, `width` seconds to a bucket. Buckets are aligned to
    /// multiples of their width, so that a bar keeps its height while time passes.
    pub fn buckets(&self, now: Duration, seconds: u64, width: u64) -> impl Iterator<Item = Bucket> {
        let (now, width) = (now.as_secs(), width.max(1));
        let from = now.saturating_sub(seconds) / width;
        (from..=now / width).map(move |index| {
            let start = index * width;
            let end = (start + width).min(now + 1);
            let mut cell = Cell::default();
            for second in start..end {
                if let Some(one) = self.at(second) {
                    cell.add(one);
                }
            }
            let begun = u32::try_from(end - start).unwrap_or(u32::MAX);
            Bucket { age: now.saturating_sub(start), seconds: begun, cell }
        })
    }

    fn cells_since(&self, second: u64) -> impl Iterator<Item = &Cell> {
        let skip = usize::try_from(second.saturating_sub(self.first)).unwrap_or(usize::MAX);
        self.cells.iter().skip(skip)
    }

    fn at(&self, second: u64) -> Option<&Cell> {
        self.cells.get(usize::try_from(second.checked_sub(self.first)?).ok()?)
    }

    fn watched(&mut self, from: u64, to: u64) {
        let oldest = to.saturating_sub(SECONDS as u64);
        for second in from.max(oldest)..=to {
            if let Some(cell) = self.cell(second) {
                cell.watched = true;
            }
        }
    }

    /// The cell for a second, made if it is newer than all; none when it is too old to be kept.
    fn cell(&mut self, second: u64) -> Option<&mut Cell> {
        if self.cells.is_empty() {
            self.first = second;
        }
        let end = self.first + self.cells.len() as u64;
        if second >= end + SECONDS as u64 {
            // So long a silence leaves nothing to keep.
            self.cells.clear();
            self.first = second;
        }
        while self.first + (self.cells.len() as u64) <= second {
            self.cells.push_back(Cell::default());
            if self.cells.len() > SECONDS {
                self.cells.pop_front();
                self.first += 1;
            }
        }
        self.cells.get_mut(usize::try_from(second.checked_sub(self.first)?).ok()?)
    }
}
