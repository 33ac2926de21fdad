//! Which messages the list shows: all that are held, or those that the filter takes.
//!
//! A filter is applied in pieces, newest first, between keys and frames, so that a hundred thousand messages delay
//! neither. What arrives, or is received again, is judged as it comes.

use std::collections::VecDeque;
use std::ops::Range;

use super::columns::Order;
use crate::observation::EndpointName;
use crate::watch::{Entry, Ledger};

/// Bytes of messages read for one piece, and how many messages at most.
const PIECE: (usize, usize) = (256 << 10, 1_000);

/// The ordinals in a list, which shows the highest first unless it is sorted.
#[derive(Clone, Debug)]
pub enum Rows<'a> {
    /// All that are held.
    All(Range<u64>),
    /// Some of them, in ascending order.
    Some(&'a VecDeque<u64>),
    /// In another order, from the top down.
    Sorted(&'a Order),
}

impl Rows<'_> {
    /// How many.
    #[must_use]
    pub fn len(&self) -> u64 {
        match self {
            Self::All(held) => held.end.saturating_sub(held.start),
            Self::Some(some) => some.len() as u64,
            Self::Sorted(order) => order.rows().len() as u64,
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The ordinal in a row, counted from the newest.
    #[must_use]
    pub fn at(&self, row: u64) -> Option<u64> {
        if let Self::Sorted(order) = self {
            return order.rows().get(usize::try_from(row).ok()?).copied();
        }
        let from_oldest = self.len().checked_sub(row)?.checked_sub(1)?;
        match self {
            Self::All(held) => Some(held.start + from_oldest),
            Self::Some(some) => some.get(usize::try_from(from_oldest).ok()?).copied(),
            Self::Sorted(_) => None,
        }
    }

    /// The row of an ordinal; of one that is not listed, the row of the next older, or else the last; where the list is
    /// sorted, the first.
    #[must_use]
    pub fn row(&self, ordinal: u64) -> u64 {
        let not_newer = match self {
            Self::All(held) => {
                ordinal.saturating_add(1).clamp(held.start, held.end.max(held.start)) - held.start
            }
            Self::Some(some) => some.partition_point(|listed| *listed <= ordinal) as u64,
            Self::Sorted(order) => return order.row(ordinal).unwrap_or(0),
        };
        (self.len() - not_newer).min(self.len().saturating_sub(1))
    }

    /// The ordinal itself if it is listed, or else the next older, or else the oldest.
    #[must_use]
    pub fn nearest(&self, ordinal: u64) -> Option<u64> {
        self.at(self.row(ordinal))
    }

    /// All of them, the oldest first.
    #[must_use]
    pub fn ascending(&self) -> Vec<u64> {
        match self {
            Self::All(held) => held.clone().collect(),
            Self::Some(some) => some.iter().copied().collect(),
            Self::Sorted(order) => {
                let mut rows = order.rows().to_vec();
                rows.sort_unstable();
                rows
            }
        }
    }

    /// The oldest that is newer than an ordinal; the oldest of all after none.
    #[must_use]
    pub fn oldest_after(&self, ordinal: Option<u64>) -> Option<u64> {
        let from = ordinal.map_or(0, |ordinal| ordinal + 1);
        match self {
            Self::All(held) => Some(held.start.max(from)).filter(|next| held.contains(next)),
            Self::Some(some) => some.get(some.partition_point(|listed| *listed < from)).copied(),
            Self::Sorted(order) => order.rows().iter().copied().filter(|listed| *listed >= from).min(),
        }
    }
}

/// Those of an endpoint's messages that a filter takes, as far as they have been judged.
#[derive(Debug)]
pub struct Listing {
    /// Whose.
    pub endpoint: EndpointName,
    taken: VecDeque<u64>,
    /// The ordinals that were judged, without a gap.
    judged: Range<u64>,
}

impl Listing {
    /// Nothing judged yet of what the ledger holds now.
    #[must_use]
    pub fn new(endpoint: EndpointName, ledger: &Ledger) -> Self {
        let end = ledger.ordinals().end;
        Self { endpoint, taken: VecDeque::new(), judged: end..end }
    }

    /// Those taken so far.
    #[must_use]
    pub fn taken(&self) -> &VecDeque<u64> {
        &self.taken
    }

    /// Messages that are held and not judged yet.
    #[must_use]
    pub fn left(&self, ledger: &Ledger) -> u64 {
        let held = ledger.ordinals();
        self.judged.start.saturating_sub(held.start) + held.end.saturating_sub(self.judged.end)
    }

    /// Judges one piece, the newest first; whether the list has changed.
    pub fn judge(&mut self, ledger: &Ledger, takes: impl Fn(u64, &Entry<'_>) -> bool) -> bool {
        let held = ledger.ordinals();
        let mut changed = self.forget(&held);
        let (mut bytes, mut count) = PIECE;
        while count > 0 && bytes > 0 {
            let ordinal = if self.judged.end < held.end {
                self.judged.end += 1;
                self.judged.end - 1
            } else if self.judged.start > held.start {
                self.judged.start -= 1;
                self.judged.start
            } else {
                break;
            };
            count -= 1;
            let Some(entry) = ledger.get(ordinal) else { continue };
            if takes(ordinal, &entry) {
                changed = true;
                match self.taken.back() {
                    Some(newest) if *newest > ordinal => self.taken.push_front(ordinal),
                    _ => self.taken.push_back(ordinal),
                }
            }
            bytes = bytes.saturating_sub(entry.read_bytes());
        }
        changed
    }

    /// Judges one again that has changed; whether the list has.
    pub fn judge_again(&mut self, ordinal: u64, takes: bool) -> bool {
        if !self.judged.contains(&ordinal) {
            return false;
        }
        match (self.taken.binary_search(&ordinal), takes) {
            (Ok(place), false) => self.taken.remove(place).is_some(),
            (Err(place), true) => {
                self.taken.insert(place, ordinal);
                true
            }
            _ => false,
        }
    }

    /// What is no longer held is no longer listed.
    fn forget(&mut self, held: &Range<u64>) -> bool {
        let before = self.taken.len();
        while self.taken.front().is_some_and(|oldest| *oldest < held.start) {
            self.taken.pop_front();
        }
        self.judged.start = self.judged.start.max(held.start);
        self.judged.end = self.judged.end.max(self.judged.start);
        self.taken.len() != before
    }
}
