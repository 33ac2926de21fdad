//! A log of faults: the same one in a row is one line that counts.

use std::collections::VecDeque;

use crate::observation::Moment;
use crate::wire::Fault;

/// Lines kept; older ones are dropped and counted.
const LINES: usize = 200;

/// One fault, or several of the same in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultLine {
    /// The newest of them: its words and request id.
    pub fault: Fault,
    /// When the first of them was over.
    pub first: Moment,
    /// When the newest was over.
    pub last: Moment,
    /// How many.
    pub times: u32,
}

/// The faults of one endpoint.
#[derive(Debug, Default)]
pub struct FaultLog {
    lines: VecDeque<FaultLine>,
    total: u64,
    dropped: u64,
}

impl FaultLog {
    pub(super) fn record(&mut self, fault: &Fault, at: Moment) {
        self.total += 1;
        if let Some(line) = self.lines.back_mut().filter(|line| is_same(&line.fault, fault)) {
            line.fault = fault.clone();
            line.last = at;
            line.times = line.times.saturating_add(1);
            return;
        }
        if self.lines.len() == LINES {
            self.lines.pop_front();
            self.dropped += 1;
        }
        self.lines.push_back(FaultLine { fault: fault.clone(), first: at, last: at, times: 1 });
    }

    /// Newest first.
    pub fn newest_first(&self) -> impl Iterator<Item = &FaultLine> {
        self.lines.iter().rev()
    }

    /// Lines held.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether nothing ever failed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Faults in all.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Lines that had to make room.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped
    }
}

fn is_same(a: &Fault, b: &Fault) -> bool {
    (a.kind, a.status, &a.code, &a.message) == (b.kind, b.status, &b.code, &b.message)
}
