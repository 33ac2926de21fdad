//! What is held of a message beside its texts, and of each time it was seen.

use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::groups::Groups;
use crate::observation::Moment;
use crate::sqs::{Facts, Integrity, PackedMessage};

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

/// A message as it came.
#[derive(Clone, Copy, Debug)]
pub(in crate::watch) struct Arrival<'a> {
    pub message: &'a PackedMessage,
    /// Of the message.
    pub facts: Facts<'a>,
    pub sent: Option<DateTime<Utc>>,
    /// Whether every message attribute was asked for.
    pub all_asked: bool,
    pub at: Moment,
}

/// What is held of a message.
#[derive(Debug)]
pub(super) struct Slot {
    /// Nothing while it is in its block.
    pub message: Option<PackedMessage>,
    /// What is asked of all messages at once, by a list that is sorted or a page of patterns, stands here again: none has to
    /// be decompressed for it.
    pub group: Option<Arc<str>>,
    pub sent: Option<DateTime<Utc>>,
    pub body_bytes: u32,
    /// Most messages of a long queue are seen once.
    pub earlier: Option<Box<Earlier>>,
    /// When it was seen last: a [`Moment`] in parts, which leave less of a gap between them.
    offset: Duration,
    pub wall: DateTime<Utc>,
    pub receive_count: Option<u32>,
    /// Of the id.
    pub hash: u32,
    /// Whether every message attribute was asked for.
    all_asked: bool,
    /// Found when somebody asks, as digesting is a good part of what folding costs.
    integrity: Cell<Option<Integrity>>,
}

/// The sightings before the last, oldest first. The last one's handle and count are the message's own.
#[derive(Debug, Default)]
pub(super) struct Earlier {
    pub kept: Vec<Sighting>,
    pub dropped: u32,
}

impl Slot {
    pub fn new(received: &Arrival<'_>, hash: u32, groups: &mut Groups, room: &mut String) -> Self {
        let Arrival { all_asked, at, .. } = *received;
        let mut slot = Self {
            message: None,
            group: None,
            sent: None,
            body_bytes: 0,
            earlier: None,
            offset: at.offset,
            wall: at.wall,
            receive_count: None,
            hash,
            all_asked,
            integrity: Cell::default(),
        };
        slot.hold(received, groups, room);
        slot
    }

    fn hold(&mut self, received: &Arrival<'_>, groups: &mut Groups, room: &mut String) {
        let Arrival { message, facts, sent, .. } = received;
        self.message = Some(message.to_hold(room));
        self.receive_count = facts.approximate_receive_count;
        self.sent = *sent;
        self.body_bytes = u32::try_from(facts.body.len()).unwrap_or(u32::MAX);
        if self.group.as_deref() != facts.message_group_id {
            let group = facts.message_group_id.map(|name| groups.hold(name));
            let before = std::mem::replace(&mut self.group, group);
            groups.release(before);
        }
    }

    /// Whether the message, which is this slot's, is what SQS stored.
    pub fn integrity(&self, message: &PackedMessage) -> Integrity {
        let found = self.integrity.get().unwrap_or_else(|| Integrity::of(message, self.all_asked));
        self.integrity.set(Some(found));
        found
    }

    pub fn seen(&self) -> Moment {
        Moment { wall: self.wall, offset: self.offset }
    }

    pub fn earlier(&self) -> &[Sighting] {
        self.earlier.as_ref().map_or(&[], |earlier| &earlier.kept)
    }

    pub fn last(&self, message: &PackedMessage) -> Sighting {
        Sighting {
            at: self.seen(),
            receive_count: self.receive_count,
            receipt_handle_end: message.receipt_handle().into(),
        }
    }

    /// `held` is the message as it was held.
    pub fn sight_again(
        &mut self,
        held: &PackedMessage,
        received: &Arrival<'_>,
        groups: &mut Groups,
        room: &mut String,
    ) {
        let Arrival { message, all_asked, at, .. } = *received;
        let last = self.last(held);
        let earlier = self.earlier.get_or_insert_default();
        if earlier.kept.len() > SIGHTINGS {
            earlier.kept.remove(1);
            earlier.dropped += 1;
        }
        earlier.kept.push(last);
        // A repeated receive brings the same bytes, and comparing them is cheaper than digesting them.
        if self.all_asked != all_asked || !is_same(held, message) {
            self.integrity.set(None);
        }
        self.all_asked = all_asked;
        self.hold(received, groups, room);
        (self.wall, self.offset) = (at.wall, at.offset);
    }

    /// Bytes of the message, unless it is in a block.
    pub fn message_bytes(&self) -> usize {
        self.message.as_ref().map_or(0, PackedMessage::held_bytes)
    }

    pub fn bytes(&self) -> usize {
        let earlier = self.earlier.as_ref().map_or(0, |earlier| {
            let ends: usize = earlier.kept.iter().map(|sighting| sighting.receipt_handle_end.len()).sum();
            size_of::<Earlier>() + earlier.kept.capacity() * size_of::<Sighting>() + ends
        });
        // The index holds an ordinal a message, and a byte of its own for it.
        size_of::<Self>() + self.message_bytes() + earlier + size_of::<u64>() + 1
    }
}

/// Whether the body, the custom attributes and the digests of both are those that are held.
fn is_same(held: &PackedMessage, message: &PackedMessage) -> bool {
    let same = held.md5s() == message.md5s() && held.body() == message.body();
    same && held.message_attributes().eq(message.message_attributes())
}

pub(super) fn four_bytes(hash: u64) -> u32 {
    let [a, b, c, d, ..] = hash.to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}
