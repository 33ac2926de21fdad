//! Messages that nobody has looked at for a while, compressed.
//!
//! A block has a run of messages, one ordinal after the other. One that comes again is taken out of it, as what comes once
//! more is likely to come yet again; the block goes with the last that is left in it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use crate::sqs::{PackedBlock, PackedMessage};

/// Bytes of messages that make a block, unless one message alone has more: more compress little better, and all of them are
/// decompressed for one.
pub(super) const BLOCK: usize = 32 << 10;

/// Bytes of messages that are kept decompressed, of all ledgers together: what was looked at is looked at again, by the next
/// frame.
const LOADED: usize = 2 << 20;

/// Blocks of a screen whose messages are so large that each has one of its own: every frame would decompress them all.
const SCREEN: usize = 64;
/// Bytes of these at most.
const SCREEN_LOADED: usize = 16 << 20;

#[derive(Debug, Default)]
pub(super) struct Blocks {
    oldest_first: VecDeque<Block>,
    bytes: usize,
    loaded: SharedLoaded,
}

#[derive(Debug)]
struct Block {
    /// Among those of all ledgers that share what is decompressed.
    id: u64,
    /// The ordinal of its first message.
    first: u64,
    /// Messages that are still held here.
    held: usize,
    /// Nothing when none is.
    packed: Option<Arc<PackedBlock>>,
}

/// Blocks that were decompressed, for the ledgers that share it.
#[derive(Clone, Debug, Default)]
pub struct SharedLoaded(Arc<Mutex<Loaded>>);

impl SharedLoaded {
    fn with<T>(&self, then: impl FnOnce(&mut Loaded) -> T) -> T {
        then(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[derive(Debug, Default)]
struct Loaded {
    /// Of the next block that is made.
    next_id: u64,
    /// The one that was asked for last is at the end.
    blocks: VecDeque<LoadedBlock>,
    bytes: usize,
}

#[derive(Debug)]
struct LoadedBlock {
    id: u64,
    messages: Vec<PackedMessage>,
    bytes: usize,
}

impl Blocks {
    pub fn new(loaded: SharedLoaded) -> Self {
        Self { oldest_first: VecDeque::new(), bytes: 0, loaded }
    }

    /// Bytes of memory; what is decompressed for a while is not counted.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Takes messages in, which have so many bytes and whose first has an ordinal beyond all that are here.
    pub fn push<'a>(&mut self, first: u64, messages: impl Iterator<Item = &'a PackedMessage>, bytes: usize) {
        let mut held = 0;
        let packed = PackedBlock::new(messages.inspect(|_| held += 1), bytes);
        self.bytes += size_of::<Block>() + packed.held_bytes();
        let id = self.loaded.with(|loaded| {
            loaded.next_id += 1;
            loaded.next_id
        });
        self.oldest_first.push_back(Block { id, first, held, packed: Some(Arc::new(packed)) });
    }

    /// A message that is in a block.
    pub fn message(&self, ordinal: u64) -> Option<PackedMessage> {
        let block = self.oldest_first.get(self.place(ordinal)?)?;
        let place = usize::try_from(ordinal - block.first).ok()?;
        self.loaded.with(|loaded| loaded.messages(block)?.get(place).cloned())
    }

    /// The same as it lies here.
    pub fn held(&self, ordinal: u64) -> Option<Held> {
        let block = self.oldest_first.get(self.place(ordinal)?)?;
        let place = usize::try_from(ordinal - block.first).ok()?;
        block.packed.clone().map(|packed| Held(At::Block(packed, place)))
    }

    /// A message is no longer held here.
    pub fn remove(&mut self, ordinal: u64) {
        let Some(block) = self.place(ordinal).and_then(|place| self.oldest_first.get_mut(place)) else {
            return;
        };
        block.held = block.held.saturating_sub(1);
        if block.held > 0 {
            return;
        }
        self.bytes -= block.packed.take().map_or(0, |packed| packed.held_bytes());
        let id = block.id;
        self.loaded.with(|loaded| loaded.forget(id));
        while self.oldest_first.front().is_some_and(|oldest| oldest.packed.is_none()) {
            self.oldest_first.pop_front();
            self.bytes -= size_of::<Block>();
        }
    }

    /// Where the block is that has a message.
    fn place(&self, ordinal: u64) -> Option<usize> {
        self.oldest_first.partition_point(|block| block.first <= ordinal).checked_sub(1)
    }
}

/// Nothing stays decompressed of a ledger that is gone.
impl Drop for Blocks {
    fn drop(&mut self) {
        let is_ours = |id| self.oldest_first.iter().any(|block| block.id == id);
        self.loaded.with(|loaded| {
            loaded.blocks.retain(|block| !is_ours(block.id));
            loaded.bytes = loaded.blocks.iter().map(|block| block.bytes).sum();
        });
    }
}

/// A message as a ledger holds it, for who reads it elsewhere and later: what is compressed stays so until then.
#[derive(Clone, Debug, Default)]
pub struct Held(At);

#[derive(Clone, Debug)]
enum At {
    Plain(PackedMessage),
    Block(Arc<PackedBlock>, usize),
}

impl Default for At {
    fn default() -> Self {
        Self::Plain(PackedMessage::default())
    }
}

impl Held {
    pub(super) fn plain(message: PackedMessage) -> Self {
        Self(At::Plain(message))
    }
}

/// Reads what is held, one after the other; a block is decompressed once for all that are asked for in a row.
#[derive(Debug, Default)]
pub struct HeldReader {
    block: Option<Arc<PackedBlock>>,
    messages: Vec<PackedMessage>,
}

impl HeldReader {
    /// The message.
    #[must_use]
    pub fn read(&mut self, held: &Held) -> PackedMessage {
        let (block, place) = match &held.0 {
            At::Plain(message) => return message.clone(),
            At::Block(block, place) => (block, *place),
        };
        if !self.block.as_ref().is_some_and(|read| Arc::ptr_eq(read, block)) {
            self.messages = block.messages().collect();
            self.block = Some(Arc::clone(block));
        }
        self.messages.get(place).cloned().unwrap_or_default()
    }
}

impl Loaded {
    fn messages(&mut self, block: &Block) -> Option<&[PackedMessage]> {
        // Whoever goes through all of them asks for the same block again and again.
        let place = self.blocks.iter().rposition(|loaded| loaded.id == block.id);
        match place.map(|place| (place, self.blocks.len() - 1)) {
            Some((place, last)) if place == last => {}
            Some((place, _)) => {
                let again = self.blocks.remove(place);
                self.blocks.extend(again);
            }
            None => self.load(block.id, block.packed.as_ref()?),
        }
        self.blocks.back().map(|block| block.messages.as_slice())
    }

    fn load(&mut self, id: u64, packed: &PackedBlock) {
        let bytes = packed.bytes();
        let most = if self.blocks.len() < SCREEN { SCREEN_LOADED } else { LOADED };
        while self.bytes + bytes > most
            && let Some(oldest) = self.blocks.pop_front()
        {
            self.bytes -= oldest.bytes;
        }
        self.bytes += bytes;
        self.blocks.push_back(LoadedBlock { id, messages: packed.messages().collect(), bytes });
    }

    fn forget(&mut self, id: u64) {
        let place = self.blocks.iter().position(|block| block.id == id);
        if let Some(forgotten) = place.and_then(|place| self.blocks.remove(place)) {
            self.bytes -= forgotten.bytes;
        }
    }
}
