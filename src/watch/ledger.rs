//! Messages by id, newest first, each with every time we saw it.
//!
//! An entry keeps its place from the first sighting on: a message that is received again does not move the
//! row under anybody's cursor. Places are counted by an ordinal that never changes, so that a cursor can hold one.

use std::collections::VecDeque;
use std::hash::BuildHasher as _;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use hashbrown::{DefaultHashBuilder, HashTable};

use crate::filter::Received;
use crate::observation::Moment;
use crate::sqs::{Integrity, Message};

/// Sightings kept of one message besides the first and the newest: a message that lies in the queue for a day
/// is seen thousands of times.
const SIGHTINGS: usize = 64;

/// One receive of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// When the answer with it was complete.
    pub at: Moment,
    /// SQS's count, if the gateway forwards it.
    pub receive_count: Option<u32>,
    /// The key that this receive was given.
    pub receipt_handle: Box<str>,
}

/// One message and how often we saw it.
#[derive(Debug)]
pub struct Entry {
    /// As it was received last: attributes change from receive to receive.
    pub message: Arc<Message>,
    /// Whether that is what SQS stored.
    pub integrity: Integrity,
    seen: Moment,
    /// The sightings before the last, oldest first. The last one's handle and count are the message's own.
    earlier: Vec<Sighting>,
    dropped: u32,
}

impl Entry {
    /// When we first saw it.
    #[must_use]
    pub fn first_seen(&self) -> Moment {
        self.earlier.first().map_or(self.seen, |first| first.at)
    }

    /// When we last saw it.
    #[must_use]
    pub fn last_seen(&self) -> Moment {
        self.seen
    }

    /// How often we received it.
    #[must_use]
    pub fn receives(&self) -> u32 {
        u32::try_from(self.earlier.len()).unwrap_or(u32::MAX).saturating_add(self.dropped).saturating_add(1)
    }

    /// Sightings that are no longer kept; they lay between the first and the second that [`Entry::sightings`] gives.
    #[must_use]
    pub fn dropped_sightings(&self) -> u32 {
        self.dropped
    }

    /// Every sighting that is kept, oldest first.
    #[must_use]
    pub fn sightings(&self) -> impl DoubleEndedIterator<Item = Sighting> {
        let last = Sighting {
            at: self.seen,
            receive_count: self.message.approximate_receive_count(),
            receipt_handle: self.message.receipt_handle.as_str().into(),
        };
        self.earlier.iter().cloned().chain(std::iter::once(last))
    }

    fn sight_again(&mut self, message: &Arc<Message>, all_asked: bool, at: Moment) {
        if !is_same(&self.message, message) {
            self.integrity = Integrity::of(message, all_asked);
        }
        if self.earlier.len() > SIGHTINGS {
            self.earlier.remove(1);
            self.dropped += 1;
        }
        self.earlier.push(Sighting {
            at: self.seen,
            receive_count: self.message.approximate_receive_count(),
            receipt_handle: self.message.receipt_handle.as_str().into(),
        });
        self.message = Arc::clone(message);
        self.seen = at;
    }

    fn bytes(&self) -> usize {
        let handles: usize = self.earlier.iter().map(|sighting| sighting.receipt_handle.len()).sum();
        size_of::<Self>()
            + self.message.held_bytes()
            + self.earlier.capacity() * size_of::<Sighting>()
            + handles
            // The index holds an ordinal a message, and a byte of its own for it.
            + size_of::<u64>()
            + 1
    }
}

impl Received for Entry {
    fn any(&self, wanted: &dyn Fn(DateTime<Utc>) -> bool) -> bool {
        wanted(self.seen.wall) || self.earlier.iter().any(|sighting| wanted(sighting.at.wall))
    }
}

/// The messages of one endpoint.
#[derive(Debug, Default)]
pub struct Ledger {
    /// Oldest first; the entry with ordinal `n` is at `n - first`.
    entries: VecDeque<Entry>,
    first: u64,
    index: HashTable<u64>,
    hasher: DefaultHashBuilder,
    bytes: usize,
}

impl Ledger {
    /// Messages held.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether no message is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Bytes held, counting what messages point to.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Messages that had to make room, oldest first.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.first
    }

    /// Distinct messages seen, those dropped included.
    #[must_use]
    pub fn distinct(&self) -> u64 {
        self.end()
    }

    /// The ordinals held: the first seen has the lowest.
    #[must_use]
    pub fn ordinals(&self) -> std::ops::Range<u64> {
        self.first..self.end()
    }

    /// The entry with an ordinal, unless it was dropped.
    #[must_use]
    pub fn get(&self, ordinal: u64) -> Option<&Entry> {
        self.entries.get(usize::try_from(ordinal.checked_sub(self.first)?).ok()?)
    }

    /// The newest entries first, from the one with `ordinal` downwards.
    pub fn newest_first(&self, ordinal: u64) -> impl Iterator<Item = (u64, &Entry)> {
        let from = (ordinal + 1).min(self.end());
        (self.first..from).rev().filter_map(|ordinal| self.get(ordinal).map(|entry| (ordinal, entry)))
    }

    /// The ordinal of the message with an id.
    #[must_use]
    pub fn find(&self, message_id: &str) -> Option<u64> {
        let hash = self.hasher.hash_one(message_id);
        self.index.find(hash, |ordinal| self.is(*ordinal, message_id)).copied()
    }

    /// Takes a message in; true when it was not held before.
    pub(super) fn sight(&mut self, message: &Arc<Message>, all_asked: bool, at: Moment) -> bool {
        if let Some(ordinal) = self.find(&message.message_id) {
            self.sight_again(ordinal, message, all_asked, at);
            return false;
        }
        let ordinal = self.end();
        let integrity = Integrity::of(message, all_asked);
        let message_held = Arc::clone(message);
        let entry = Entry { message: message_held, integrity, seen: at, earlier: Vec::new(), dropped: 0 };
        self.bytes += entry.bytes();
        self.entries.push_back(entry);
        let Self { entries, first, index, hasher, .. } = self;
        let rehash =
            |ordinal: &u64| hasher.hash_one(entries[place(*first, *ordinal)].message.message_id.as_str());
        index.insert_unique(hasher.hash_one(message.message_id.as_str()), ordinal, rehash);
        true
    }

    /// Drops the oldest until `bytes` and `count` of them are gone; how many went.
    pub(super) fn drop_oldest(&mut self, bytes: usize, count: usize) -> usize {
        let (mut freed, mut dropped) = (0, 0);
        while freed < bytes || dropped < count {
            let Some(entry) = self.entries.front() else { break };
            let hash = self.hasher.hash_one(entry.message.message_id.as_str());
            let oldest = self.first;
            if let Ok(slot) = self.index.find_entry(hash, |ordinal| *ordinal == oldest) {
                slot.remove();
            }
            freed += entry.bytes();
            self.entries.pop_front();
            self.first += 1;
            dropped += 1;
        }
        self.bytes -= freed;
        dropped
    }

    fn sight_again(&mut self, ordinal: u64, message: &Arc<Message>, all_asked: bool, at: Moment) {
        let place = place(self.first, ordinal);
        let Some(entry) = self.entries.get_mut(place) else { return };
        let before = entry.bytes();
        entry.sight_again(message, all_asked, at);
        self.bytes = self.bytes + entry.bytes() - before;
    }

    fn is(&self, ordinal: u64, message_id: &str) -> bool {
        self.get(ordinal).is_some_and(|entry| entry.message.message_id == message_id)
    }

    fn end(&self) -> u64 {
        self.first + self.entries.len() as u64
    }
}

/// Whether the digests would tell the same of both: a repeated receive brings the same bytes, and comparing them is
/// cheaper than digesting them.
fn is_same(a: &Message, b: &Message) -> bool {
    (&a.body, &a.md5_of_body) == (&b.body, &b.md5_of_body)
        && (&a.message_attributes, &a.md5_of_message_attributes)
            == (&b.message_attributes, &b.md5_of_message_attributes)
}

/// Where the entry with `ordinal` lies; entries number far fewer than a `usize` can count.
fn place(first: u64, ordinal: u64) -> usize {
    usize::try_from(ordinal - first).unwrap_or(usize::MAX)
}
