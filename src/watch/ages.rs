//! How old messages are when they are received: how far consumers are behind.

use std::collections::VecDeque;
use std::time::Duration;

use hdrhistogram::Histogram;

/// SQS keeps a message for 14 days at most.
const OLDEST: u64 = 14 * 24 * 60 * 60 * 1_000;
/// Seconds to a column of the heatmap.
pub const COLUMN: u64 = 10;
/// Columns kept: an hour and some.
const COLUMNS: usize = 372;
/// Rows of the heatmap: each twice as old as the one before, from up to a quarter of a second to beyond a day.
pub const ROWS: usize = 20;

/// Ages at receive, in milliseconds.
#[derive(Debug, Default)]
pub struct Ages {
    histogram: Option<Histogram<u32>>,
    columns: VecDeque<[u16; ROWS]>,
    /// The column that is the first, counted from the program's start.
    first: u64,
}

impl Ages {
    /// A message of this age was received at an offset.
    pub(super) fn record(&mut self, age: Duration, at: Duration) {
        let millis = u64::try_from(age.as_millis()).unwrap_or(OLDEST).clamp(1, OLDEST);
        if self.histogram.is_none() {
            // Made when it is needed: of a queue without SentTimestamp never.
            self.histogram = Histogram::new_with_bounds(1, OLDEST, 2).ok();
        }
        if let Some(histogram) = &mut self.histogram {
            histogram.saturating_record(millis);
        }
        let column = at.as_secs() / COLUMN;
        if self.columns.is_empty() || column >= self.first + (self.columns.len() + COLUMNS) as u64 {
            self.columns.clear();
            self.first = column;
        }
        while column >= self.first + self.columns.len() as u64 {
            self.columns.push_back([0; ROWS]);
            if self.columns.len() > COLUMNS {
                self.columns.pop_front();
                self.first += 1;
            }
        }
        let place = column.checked_sub(self.first).and_then(|place| usize::try_from(place).ok());
        if let Some(column) = place.and_then(|place| self.columns.get_mut(place)) {
            let count = &mut column[row_of(millis)];
            *count = count.saturating_add(1);
        }
    }

    /// The age that `percentile` (0 to 100) of the receives did not exceed; none before the first.
    #[must_use]
    pub fn percentile(&self, percentile: f64) -> Option<Duration> {
        let histogram = self.histogram.as_ref().filter(|histogram| !histogram.is_empty())?;
        Some(Duration::from_millis(histogram.value_at_percentile(percentile)))
    }

    /// Receives by age from one offset up to another, the youngest first.
    #[must_use]
    pub fn between(&self, from: Duration, to: Duration) -> [u32; ROWS] {
        let mut sum = [0; ROWS];
        for column in from.as_secs() / COLUMN..to.as_secs().div_ceil(COLUMN) {
            let place = column.checked_sub(self.first).and_then(|place| usize::try_from(place).ok());
            for (sum, count) in
                sum.iter_mut().zip(place.and_then(|place| self.columns.get(place)).into_iter().flatten())
            {
                *sum += u32::from(*count);
            }
        }
        sum
    }
}

/// The age that a row of the heatmap goes up to.
#[must_use]
pub fn up_to(row: usize) -> Duration {
    Duration::from_millis(250 << row.min(ROWS))
}

/// The age that a part of so many receives did not exceed, as near as rows tell.
#[must_use]
pub fn percentile_of(counts: &[u32; ROWS], percent: u32) -> Option<Duration> {
    let total: u32 = counts.iter().sum();
    let wanted = (u64::from(total) * u64::from(percent)).div_ceil(100);
    let mut seen = 0;
    let row = counts.iter().position(|count| {
        seen += u64::from(*count);
        seen >= wanted
    })?;
    (total > 0).then(|| up_to(row))
}

fn row_of(millis: u64) -> usize {
    (0..ROWS).find(|row| u128::from(millis) <= up_to(*row).as_millis()).unwrap_or(ROWS - 1)
}
