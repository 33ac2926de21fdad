//! Messages by id, newest first, each with every time we saw it.
//!
//! An entry keeps its place from the first sighting on: a message that is received again does not move the
//! row under anybody's cursor. Places are counted by an ordinal that never changes, so that a cursor can hold one.

use std::collections::VecDeque;
use std::hash::{BuildHasher as _, DefaultHasher, Hash as _, Hasher as _};

use chrono::{DateTime, Utc};
use hashbrown::{DefaultHashBuilder, HashTable};

use crate::filter::Received;
use crate::observation::Moment;
use crate::sqs::{Integrity, PackedMessage};

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
    /// The end of the key that this receive was given: empty where the gateway forwards none, `…` where it is short.
    pub receipt_handle_end: Box<str>,
}

/// One message and how often we saw it.
#[derive(Debug)]
pub struct Entry {
    /// As it was received last: attributes change from receive to receive.
    pub message: PackedMessage,
    /// Whether that is what SQS stored.
    pub integrity: Integrity,
    /// Of the digests that came last: equal where they are, and all but never where they are not.
    digests: u32,
    seen: Moment,
    /// Most messages of a long queue are seen once.
    earlier: Option<Box<Earlier>>,
}

/// The sightings before the last, oldest first. The last one's handle and count are the message's own.
#[derive(Debug, Default)]
struct Earlier {
    kept: Vec<Sighting>,
    dropped: u32,
}

impl Entry {
    fn new(message: &PackedMessage, all_asked: bool, seen: Moment) -> Self {
        let integrity = Integrity::of(message, all_asked);
        Self {
            message: message.to_hold(integrity),
            integrity,
            digests: digests(message),
            seen,
            earlier: None,
        }
    }

    /// When we first saw it.
    #[must_use]
    pub fn first_seen(&self) -> Moment {
        self.earlier().first().map_or(self.seen, |first| first.at)
    }

    /// When we last saw it.
    #[must_use]
    pub fn last_seen(&self) -> Moment {
        self.seen
    }

    /// How often we received it.
    #[must_use]
    pub fn receives(&self) -> u32 {
        let kept = u32::try_from(self.earlier().len()).unwrap_or(u32::MAX);
        kept.saturating_add(self.dropped_sightings()).saturating_add(1)
    }

    /// Sightings that are no longer kept; they lay between the first and the second that [`Entry::sightings`] gives.
    #[must_use]
    pub fn dropped_sightings(&self) -> u32 {
        self.earlier.as_ref().map_or(0, |earlier| earlier.dropped)
    }

    /// Every sighting that is kept, oldest first.
    #[must_use]
    pub fn sightings(&self) -> impl DoubleEndedIterator<Item = Sighting> {
        self.earlier().iter().cloned().chain(std::iter::once(self.last()))
    }

    fn earlier(&self) -> &[Sighting] {
        self.earlier.as_ref().map_or(&[], |earlier| &earlier.kept)
    }

    fn last(&self) -> Sighting {
        Sighting {
            at: self.seen,
            receive_count: self.message.approximate_receive_count(),
            receipt_handle_end: self.message.receipt_handle().into(),
        }
    }

    fn sight_again(&mut self, message: &PackedMessage, all_asked: bool, at: Moment) {
        let last = self.last();
        let earlier = self.earlier.get_or_insert_default();
        if earlier.kept.len() > SIGHTINGS {
            earlier.kept.remove(1);
            earlier.dropped += 1;
        }
        earlier.kept.push(last);
        // A repeated receive brings the same bytes, and comparing them is cheaper than digesting them.
        let digests = digests(message);
        if digests != self.digests || !self.is_same(message) {
            self.integrity = Integrity::of(message, all_asked);
            self.digests = digests;
        }
        self.message = message.to_hold(self.integrity);
        self.seen = at;
    }

    /// Whether the body and the custom attributes are those that are held.
    fn is_same(&self, message: &PackedMessage) -> bool {
        self.message.body() == message.body()
            && self.message.message_attributes().eq(message.message_attributes())
    }

    fn bytes(&self) -> usize {
        let earlier = self.earlier.as_ref().map_or(0, |earlier| {
            let ends: usize = earlier.kept.iter().map(|sighting| sighting.receipt_handle_end.len()).sum();
            size_of::<Earlier>() + earlier.kept.capacity() * size_of::<Sighting>() + ends
        });
        // The index holds an ordinal a message, and a byte of its own for it.
        size_of::<Self>() + self.message.held_bytes() + earlier + size_of::<u64>() + 1
    }
}

impl Received for Entry {
    fn any(&self, wanted: &dyn Fn(DateTime<Utc>) -> bool) -> bool {
        wanted(self.seen.wall) || self.earlier().iter().any(|sighting| wanted(sighting.at.wall))
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
    pub(super) fn sight(&mut self, message: &PackedMessage, all_asked: bool, at: Moment) -> bool {
        if let Some(ordinal) = self.find(message.message_id()) {
            self.sight_again(ordinal, message, all_asked, at);
            return false;
        }
        let ordinal = self.end();
        let entry = Entry::new(message, all_asked, at);
        self.bytes += entry.bytes();
        self.entries.push_back(entry);
        let Self { entries, first, index, hasher, .. } = self;
        let rehash = |ordinal: &u64| hasher.hash_one(entries[place(*first, *ordinal)].message.message_id());
        index.insert_unique(hasher.hash_one(message.message_id()), ordinal, rehash);
        true
    }

    /// Drops the oldest until `bytes` and `count` of them are gone; how many went.
    pub(super) fn drop_oldest(&mut self, bytes: usize, count: usize) -> usize {
        let (mut freed, mut dropped) = (0, 0);
        while freed < bytes || dropped < count {
            let Some(entry) = self.entries.front() else { break };
            let hash = self.hasher.hash_one(entry.message.message_id());
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

    fn sight_again(&mut self, ordinal: u64, message: &PackedMessage, all_asked: bool, at: Moment) {
        let place = place(self.first, ordinal);
        let Some(entry) = self.entries.get_mut(place) else { return };
        let before = entry.bytes();
        entry.sight_again(message, all_asked, at);
        self.bytes = self.bytes + entry.bytes() - before;
    }

    fn is(&self, ordinal: u64, message_id: &str) -> bool {
        self.get(ordinal).is_some_and(|entry| entry.message.message_id() == message_id)
    }

    fn end(&self) -> u64 {
        self.first + self.entries.len() as u64
    }
}

/// Four bytes for the digests that came with a message.
fn digests(message: &PackedMessage) -> u32 {
    let mut hasher = DefaultHasher::new();
    (message.md5_of_body(), message.md5_of_message_attributes()).hash(&mut hasher);
    let [a, b, c, d, ..] = hasher.finish().to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}

/// Where the entry with `ordinal` lies; entries number far fewer than a `usize` can count.
fn place(first: u64, ordinal: u64) -> usize {
    usize::try_from(ordinal - first).unwrap_or(usize::MAX)
}
