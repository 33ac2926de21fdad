//! What a guard knows of each message: how often it was received, and when it can be received again.

use std::collections::BTreeSet;
use std::hash::BuildHasher as _;
use std::time::Duration;

use hashbrown::{DefaultHashBuilder, HashTable};

use crate::observation::Why;

/// Messages tracked at most. A watch holds half as many, unless its owner asks for more.
const MOST: usize = 200_000;

#[derive(Debug, Default)]
pub(super) struct Seen {
    /// In the order in which they were first seen, until some were forgotten.
    records: Vec<Record>,
    /// Where the record of a key is: apart from them, as a flood looks for keys that are not there, and small tables stay
    /// in a processor's cache.
    places: HashTable<u32>,
    /// The next that is forgotten, unless it is at risk.
    oldest: usize,
    /// Those that may not be received again: few, as polling stops at the first.
    at_risk: BTreeSet<Key>,
    hasher: DefaultHashBuilder,
    dropped: u64,
}

/// A message id in sixteen bytes: SQS's ids are UUIDs. Of another its hash is kept; two that shared one would be taken for
/// one message that was received more often, which errs on the safe side. Two halves, as a `u128` would be aligned to
/// sixteen bytes and a record with it.
type Key = [u64; 2];

#[derive(Clone, Copy, Debug)]
struct Record {
    key: Key,
    /// Receives by us, as far as we saw the answers.
    by_us: u32,
    /// Receives when we saw it last: the larger of what SQS said and what we know of.
    receives: u32,
    /// Answers lost before that.
    lost: u32,
    /// When it can be received again, as far as we know: an offset in milliseconds.
    visible: u64,
    /// Whether the key is the id, and not its hash.
    is_uuid: bool,
}

impl Record {
    /// Receives by now, as many as there may have been.
    fn receives(&self, lost: u32) -> u32 {
        self.receives.saturating_add(lost.saturating_sub(self.lost))
    }
}

impl Seen {
    /// Takes a received message in, of which SQS may have said how often it was received; true when it was not known.
    pub fn sight(
        &mut self,
        message_id: &str,
        said: Option<u32>,
        lost: u32,
        visible: Duration,
        threshold: Option<u32>,
    ) -> bool {
        let uuid = uuid(message_id);
        let key = uuid.unwrap_or_else(|| [self.hasher.hash_one(message_id), 0]);
        let known = self.place(&key);
        let before = known.map(|place| self.records[place]);
        let by_us = before.map_or(0, |before| before.by_us).saturating_add(1);
        let receives = match said {
            Some(said) => said.max(by_us),
            None => before.map_or(lost, |before| before.receives(lost)).saturating_add(1),
        };
        let visible = milliseconds(visible);
        let record = Record { key, by_us, receives, lost, visible, is_uuid: uuid.is_some() };
        match known {
            Some(place) => self.records[place] = record,
            None => self.add(record),
        }
        if threshold.is_some_and(|threshold| receives >= threshold) {
            self.at_risk.insert(key);
        } else {
            self.at_risk.remove(&key);
        }
        known.is_none()
    }

    /// The most received of those at risk that a receive until the offset `until` could return.
    pub fn most_received(&self, lost: u32, until: Duration) -> Option<Why> {
        let until = milliseconds(until);
        let known = self.at_risk.iter().filter_map(|key| Some((key, &self.records[self.place(key)?])));
        let visible = known.filter(|(_, record)| record.visible <= until);
        let (key, record) = visible.max_by_key(|(_, record)| record.receives(lost))?;
        let receives = record.receives(lost);
        Some(Why::Message {
            message_id: record.is_uuid.then(|| id(*key)),
            receives,
            by_us: record.by_us + (receives - record.receives),
        })
    }

    /// The limit has changed, or what may have been received unseen.
    pub fn reconsider(&mut self, lost: u32, threshold: Option<u32>) {
        let at_risk = |record: &Record| threshold.is_some_and(|threshold| record.receives(lost) >= threshold);
        self.at_risk =
            self.records.iter().filter(|record| at_risk(record)).map(|record| record.key).collect();
    }

    /// Messages forgotten because there were too many.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    fn place(&self, key: &Key) -> Option<usize> {
        let is_it = |place: &u32| self.records[*place as usize].key == *key;
        self.places.find(self.hasher.hash_one(key), is_it).map(|place| *place as usize)
    }

    /// Adds one that is not there; where there are too many, in the place of the oldest that is not at risk.
    fn add(&mut self, record: Record) {
        let Self { records, places, oldest, at_risk, hasher, dropped } = self;
        let count = records.len();
        let is_harmless = |place: &usize| !at_risk.contains(&records[*place].key);
        let mut around = (*oldest..count).chain(0..*oldest);
        let forgotten = if count < MOST { None } else { around.find(is_harmless) };
        let place = if let Some(place) = forgotten {
            let hash = hasher.hash_one(records[place].key);
            if let Ok(entry) = places.find_entry(hash, |other| *other as usize == place) {
                entry.remove();
            }
            records[place] = record;
            *oldest = (place + 1) % count;
            *dropped += 1;
            place
        } else {
            records.push(record);
            count
        };
        // Far fewer than a `u32` can count: all that are at risk, which stops polling, and `MOST`.
        let place = u32::try_from(place).unwrap_or(u32::MAX);
        places.insert_unique(hasher.hash_one(record.key), place, |place| {
            hasher.hash_one(records[*place as usize].key)
        });
    }
}

/// The id that a key was made from.
fn id([high, low]: Key) -> String {
    let digits = format!("{high:016x}{low:016x}");
    [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
}

/// The number that a UUID in its usual form is; nothing else is taken for one, as it could not be written back.
fn uuid(text: &str) -> Option<Key> {
    let bytes: &[u8; 36] = text.as_bytes().try_into().ok()?;
    // The parts of both halves, by where they begin and end.
    let half = |parts: [(usize, usize); 3]| {
        let digits = parts.iter().flat_map(|(start, end)| &bytes[*start..*end]);
        let (number, found) = digits.fold((0, 0), |(number, found), byte| {
            let digit = DIGITS[usize::from(*byte)];
            (number << 4 | u64::from(digit & 15), found | digit)
        });
        (found <= 15).then_some(number)
    };
    let dashed = [8, 13, 18, 23].iter().all(|at| bytes[*at] == b'-');
    let halves = [half([(0, 8), (9, 13), (14, 18)])?, half([(19, 23), (24, 36), (36, 36)])?];
    dashed.then_some(halves)
}

/// What a hexadecimal digit stands for, as UUIDs are written; more than that where a byte is none.
const DIGITS: [u8; 256] = {
    let mut table = [u8::MAX; 256];
    let mut digit = 0;
    while digit < 16 {
        table[b"0123456789abcdef"[digit as usize] as usize] = digit;
        digit += 1;
    }
    table
};

fn milliseconds(offset: Duration) -> u64 {
    u64::try_from(offset.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_id_comes_back_as_it_was() {
        let known = "0e827c3f-0000-4abc-9000-0000000000ff";
        assert_eq!(uuid(known).map(id).as_deref(), Some(known));
        for other in ["", "a", "0E827C3F-0000-4abc-9000-0000000000ff", "0e827c3f00004abc90000000000000ff----"]
        {
            assert_eq!(uuid(other), None, "{other}");
        }
    }

    #[test]
    fn what_is_at_risk_is_never_forgotten_and_of_the_rest_the_oldest() {
        let mut seen = Seen::default();
        let mut sight = |number: usize, said: u32| {
            seen.sight(&number.to_string(), Some(said), 0, Duration::ZERO, Some(3));
            seen.dropped()
        };
        sight(0, 3);
        assert_eq!((1..MOST).map(|number| sight(number, 1)).max(), Some(0));
        assert_eq!(sight(MOST, 1), 1);
        assert_eq!(sight(MOST + 1, 1), 2);
        // Numbers 1 and 2 are forgotten, and nothing else.
        assert_eq!([0, 3, MOST, MOST + 1, MOST - 1].map(|number| sight(number, 3)), [2; 5]);
        assert_eq!([1, 2].map(|number| sight(number, 1)), [3, 4]);
        let worst = seen.most_received(0, Duration::ZERO);
        assert!(matches!(worst, Some(Why::Message { receives: 3, .. })), "{worst:?}");
    }
}
