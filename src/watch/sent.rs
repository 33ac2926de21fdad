//! When messages were sent, by SQS's clock: the producers' bursts, where the series shows our own polling.

use std::collections::VecDeque;

use chrono::{DateTime, Utc};

/// The longest span that can be charted, in seconds, and some to align it.
const SECONDS: i64 = 60 * 60 + 120;

/// Messages sent in each second of the last hour; each message once.
#[derive(Debug, Default)]
pub struct Sent {
    counts: VecDeque<u32>,
    /// The epoch second that the first count stands for.
    first: i64,
}

impl Sent {
    pub(super) fn record(&mut self, sent: DateTime<Utc>, now: DateTime<Utc>) {
        let (second, now) = (sent.timestamp(), now.timestamp());
        // Clocks differ by a little; what lies far in the future would push out the hour that is past.
        if second > now + 60 || second <= now - SECONDS {
            return;
        }
        if self.counts.is_empty() {
            self.first = second;
        }
        while second < self.first && self.end() - self.first < SECONDS {
            self.counts.push_front(0);
            self.first -= 1;
        }
        while second >= self.end() {
            self.counts.push_back(0);
            if self.end() - self.first > SECONDS {
                self.counts.pop_front();
                self.first += 1;
            }
        }
        if let Some(count) = self.place(second).and_then(|place| self.counts.get_mut(place)) {
            *count += 1;
        }
    }

    /// Messages sent from one epoch second up to another, as far as they have been received.
    #[must_use]
    pub fn between(&self, from: i64, to: i64) -> u32 {
        let start = from.max(self.first);
        let end = to.min(self.end());
        (start..end).filter_map(|second| self.counts.get(self.place(second)?)).sum()
    }

    fn end(&self) -> i64 {
        self.first + i64::try_from(self.counts.len()).unwrap_or(SECONDS)
    }

    fn place(&self, second: i64) -> Option<usize> {
        usize::try_from(second - self.first).ok()
    }
}
