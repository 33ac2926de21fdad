//! Messages by id, newest first, each with every time we saw it.
//!
//! An entry keeps its place from the first sighting on: a message that is received again does not move the
//! row under anybody's cursor. Places are counted by an ordinal that never changes, so that a cursor can hold one.
//!
//! The newest messages, and those that came again later, are held as they are; the others are compressed, many together:
//! they are most of what a program holds that is left open beside a queue.

mod blocks;
mod groups;
mod slot;

use std::cell::OnceCell;
use std::collections::VecDeque;
use std::hash::BuildHasher as _;

use chrono::{DateTime, Utc};
use hashbrown::{DefaultHashBuilder, HashTable};

pub use self::blocks::SharedLoaded;
use self::blocks::{BLOCK, Blocks};
pub use self::blocks::{Held, HeldReader};
use self::groups::Groups;
pub(super) use self::slot::Arrival;
pub use self::slot::Sighting;
use self::slot::Slot;
use crate::filter::Received;
use crate::observation::Moment;
use crate::sqs::{Integrity, PackedMessage};

/// Bytes of the newest messages that are never compressed: some thousand of them are looked at, and come again, most.
const FRESH: usize = 1 << 20;

/// One message and how often we saw it.
#[derive(Debug)]
pub struct Entry<'a> {
    slot: &'a Slot,
    blocks: &'a Blocks,
    ordinal: u64,
    /// Taken from its block when somebody asks for it.
    loaded: OnceCell<PackedMessage>,
}

impl Entry<'_> {
    /// As it was received last: attributes change from receive to receive.
    #[must_use]
    pub fn message(&self) -> &PackedMessage {
        let load = || self.blocks.message(self.ordinal).unwrap_or_default();
        self.slot.message.as_ref().unwrap_or_else(|| self.loaded.get_or_init(load))
    }

    /// The same, to be read elsewhere and later.
    #[must_use]
    pub fn held(&self) -> Held {
        let held = self.slot.message.clone().map(Held::plain);
        held.or_else(|| self.blocks.held(self.ordinal)).unwrap_or_default()
    }

    /// Bytes of the message that this entry has read: none while nobody has asked for it and it is compressed.
    #[must_use]
    pub fn read_bytes(&self) -> usize {
        self.slot.message.as_ref().or_else(|| self.loaded.get()).map_or(0, PackedMessage::held_bytes)
    }

    /// When it was sent, if the gateway forwards that.
    #[must_use]
    pub fn sent_at(&self) -> Option<DateTime<Utc>> {
        self.slot.sent
    }

    /// Of a FIFO queue, if the gateway forwards it.
    #[must_use]
    pub fn message_group_id(&self) -> Option<&str> {
        self.slot.group.as_deref()
    }

    /// Bytes of the body.
    #[must_use]
    pub fn body_bytes(&self) -> usize {
        self.slot.body_bytes as usize
    }

    /// Whether that is what SQS stored.
    #[must_use]
    pub fn integrity(&self) -> Integrity {
        self.slot.integrity(self.message())
    }

    /// SQS's count of its receives when it was received last, if the gateway forwards it.
    #[must_use]
    pub fn approximate_receive_count(&self) -> Option<u32> {
        self.slot.receive_count
    }

    /// When we first saw it.
    #[must_use]
    pub fn first_seen(&self) -> Moment {
        self.slot.earlier().first().map_or(self.last_seen(), |first| first.at)
    }

    /// When we last saw it.
    #[must_use]
    pub fn last_seen(&self) -> Moment {
        self.slot.seen()
    }

    /// How often we received it.
    #[must_use]
    pub fn receives(&self) -> u32 {
        let kept = u32::try_from(self.slot.earlier().len()).unwrap_or(u32::MAX);
        kept.saturating_add(self.dropped_sightings()).saturating_add(1)
    }

    /// Sightings that are no longer kept; they lay between the first and the second that [`Entry::sightings`] gives.
    #[must_use]
    pub fn dropped_sightings(&self) -> u32 {
        self.slot.earlier.as_ref().map_or(0, |earlier| earlier.dropped)
    }

    /// Every sighting that is kept, oldest first.
    #[must_use]
    pub fn sightings(&self) -> impl DoubleEndedIterator<Item = Sighting> {
        self.slot.earlier().iter().cloned().chain(std::iter::once(self.slot.last(self.message())))
    }
}

impl Received for Entry<'_> {
    fn message(&self) -> &PackedMessage {
        self.message()
    }

    fn sent_at(&self) -> Option<DateTime<Utc>> {
        self.sent_at()
    }

    fn message_group_id(&self) -> Option<&str> {
        self.message_group_id()
    }

    fn is_altered(&self) -> bool {
        self.integrity().is_altered()
    }

    fn body_bytes(&self) -> usize {
        self.body_bytes()
    }

    fn any(&self, wanted: &dyn Fn(DateTime<Utc>) -> bool) -> bool {
        wanted(self.slot.wall) || self.slot.earlier().iter().any(|sighting| wanted(sighting.at.wall))
    }
}

/// The messages of one endpoint.
#[derive(Debug, Default)]
pub struct Ledger {
    /// Oldest first; the slot with ordinal `n` is at `n - first`.
    slots: VecDeque<Slot>,
    first: u64,
    index: HashTable<u64>,
    hasher: DefaultHashBuilder,
    /// Of the slots.
    bytes: usize,
    blocks: Blocks,
    groups: Groups,
    /// The first ordinal that has not been put into a block.
    fresh: u64,
    /// Of the messages from there on.
    fresh_bytes: usize,
    /// Where a message is written before it is held.
    room: String,
}

impl Ledger {
    /// An empty one that shares with others what is decompressed for a while.
    pub(super) fn new(loaded: SharedLoaded) -> Self {
        Self { blocks: Blocks::new(loaded), ..Self::default() }
    }

    /// Messages held.
    #[must_use]
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether no message is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Bytes held, counting what messages point to.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes + self.blocks.bytes() + self.groups.bytes()
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
    pub fn get(&self, ordinal: u64) -> Option<Entry<'_>> {
        let slot = self.slots.get(usize::try_from(ordinal.checked_sub(self.first)?).ok()?)?;
        Some(Entry { slot, blocks: &self.blocks, ordinal, loaded: OnceCell::new() })
    }

    /// The newest entries first, from the one with `ordinal` downwards.
    pub fn newest_first(&self, ordinal: u64) -> impl Iterator<Item = (u64, Entry<'_>)> {
        let from = (ordinal + 1).min(self.end());
        (self.first..from).rev().filter_map(|ordinal| self.get(ordinal).map(|entry| (ordinal, entry)))
    }

    /// The ordinal of the message with an id.
    #[must_use]
    pub fn find(&self, message_id: &str) -> Option<u64> {
        self.find_hashed(message_id, self.hash(message_id))
    }

    fn find_hashed(&self, message_id: &str, hash: u32) -> Option<u64> {
        let is_it = |ordinal: &u64| {
            let entry = self.get(*ordinal).filter(|entry| entry.slot.hash == hash);
            entry.is_some_and(|entry| entry.message().message_id() == message_id)
        };
        self.index.find(spread(hash), is_it).copied()
    }

    /// Takes a message in; true when it was not held before.
    pub(super) fn sight(&mut self, received: &Arrival<'_>) -> bool {
        let id = received.facts.message_id;
        let hash = self.hash(id);
        if let Some(ordinal) = self.find_hashed(id, hash) {
            self.sight_again(ordinal, received);
            return false;
        }
        let ordinal = self.end();
        let slot = Slot::new(received, hash, &mut self.groups, &mut self.room);
        self.bytes += slot.bytes();
        self.fresh_bytes += slot.message_bytes();
        let Self { slots, first, index, .. } = self;
        slots.push_back(slot);
        index.insert_unique(spread(hash), ordinal, |ordinal| spread(slots[place(*first, *ordinal)].hash));
        while self.fresh_bytes > FRESH + BLOCK && self.fresh < self.end() {
            self.compress_oldest();
        }
        true
    }

    /// Drops the oldest until `bytes` and `count` of them are gone; how many went.
    pub(super) fn drop_oldest(&mut self, bytes: usize, count: usize) -> usize {
        let before = self.bytes();
        let mut dropped = 0;
        while before - self.bytes() < bytes || dropped < count {
            let Some(mut slot) = self.slots.pop_front() else { break };
            let oldest = self.first;
            if let Ok(indexed) = self.index.find_entry(spread(slot.hash), |ordinal| *ordinal == oldest) {
                indexed.remove();
            }
            self.bytes -= slot.bytes();
            if slot.message.is_none() {
                self.blocks.remove(oldest);
            } else if oldest >= self.fresh {
                self.fresh_bytes -= slot.message_bytes();
            }
            self.groups.release(slot.group.take());
            self.first += 1;
            self.fresh = self.fresh.max(self.first);
            dropped += 1;
        }
        dropped
    }

    fn sight_again(&mut self, ordinal: u64, received: &Arrival<'_>) {
        let Some(slot) = self.slots.get_mut(place(self.first, ordinal)) else { return };
        let (bytes, message_bytes) = (slot.bytes(), slot.message_bytes());
        let held = slot.message.take().or_else(|| {
            let held = self.blocks.message(ordinal);
            self.blocks.remove(ordinal);
            held
        });
        slot.sight_again(&held.unwrap_or_default(), received, &mut self.groups, &mut self.room);
        self.bytes = self.bytes + slot.bytes() - bytes;
        if ordinal >= self.fresh {
            self.fresh_bytes = self.fresh_bytes + slot.message_bytes() - message_bytes;
        }
    }

    /// Puts the oldest of those that were never in a block into one.
    fn compress_oldest(&mut self) {
        let start = place(self.first, self.fresh);
        let (mut end, mut bytes) = (start, 0);
        while let Some(slot) = self.slots.get(end).filter(|_| bytes < BLOCK) {
            bytes += slot.message_bytes();
            end += 1;
        }
        let messages = self.slots.range(start..end).filter_map(|slot| slot.message.as_ref());
        self.blocks.push(self.fresh, messages, bytes);
        self.slots.range_mut(start..end).for_each(|slot| slot.message = None);
        self.bytes -= bytes;
        self.fresh_bytes -= bytes;
        self.fresh += (end - start) as u64;
    }

    fn hash(&self, message_id: &str) -> u32 {
        slot::four_bytes(self.hasher.hash_one(message_id))
    }

    fn end(&self) -> u64 {
        self.first + self.slots.len() as u64
    }
}

/// A hash as a table wants it: it looks at both ends.
fn spread(hash: u32) -> u64 {
    u64::from(hash) << 32 | u64::from(hash)
}

/// Where the entry with `ordinal` lies; entries number far fewer than a `usize` can count.
fn place(first: u64, ordinal: u64) -> usize {
    usize::try_from(ordinal - first).unwrap_or(usize::MAX)
}
