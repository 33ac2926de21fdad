//! Messages as one JSON object a line: the contract that scripts read.

use std::collections::{HashMap, VecDeque};
use std::io::{self, Write};
use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, Utc};

use super::line::Line;
use crate::filter::{Filter, Once, Subject};
use crate::mask::Mask;
use crate::observation::{EndpointName, Observation};
use crate::sqs::PackedMessage;
use crate::watch::Receives;

/// Ids remembered to tell a first sighting from a later one. Beyond this the oldest are forgotten, and such a
/// message counts as new again.
const REMEMBERED: usize = 1_000_000;

/// Bytes written in one go at least, unless somebody waits for fewer: some ten full answers.
const BUFFER: usize = 128 << 10;

/// What to print of each message.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Print each id once.
    pub distinct: bool,
    /// Print the receipt handle, which is a key to the message.
    pub receipt_handle: bool,
    /// Stop after so many lines.
    pub count: Option<u64>,
}

/// Writes messages as NDJSON.
#[derive(Debug)]
pub struct Ndjson<W> {
    out: W,
    /// What is not written yet.
    lines: Vec<u8>,
    options: Options,
    wanted: Option<Wanted>,
    mask: Option<Mask>,
    /// Ids alone, whichever endpoint they came from: a message keeps its id on the way to a dead-letter queue.
    seen: hashbrown::HashMap<Arc<str>, Seen>,
    order: VecDeque<Arc<str>>,
    printed: u64,
}

/// Which messages are printed.
#[derive(Debug)]
pub struct Wanted {
    /// Those that it takes.
    pub filter: Filter,
    /// From how many receives on a message counts as poison, by endpoint.
    pub thresholds: HashMap<EndpointName, u32>,
}

/// What is remembered of a message.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    received: u32,
    printed: bool,
}

/// RFC 3339 in UTC, with milliseconds.
pub(super) fn time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

impl<W: Write> Ndjson<W> {
    /// Writes to `out`, many lines at once.
    pub fn new(out: W, options: Options) -> Self {
        Self {
            out,
            lines: Vec::new(),
            options,
            wanted: None,
            mask: None,
            seen: hashbrown::HashMap::new(),
            order: VecDeque::new(),
            printed: 0,
        }
    }

    /// Prints only some of the messages.
    #[must_use]
    pub fn wanting(mut self, wanted: Option<Wanted>) -> Self {
        self.wanted = wanted;
        self
    }

    /// Hides values in what is printed; what is wanted is judged by the whole message.
    #[must_use]
    pub fn masked(mut self, mask: Option<Mask>) -> Self {
        self.mask = mask;
        self
    }

    /// Prints an observation's messages; true when as many as were asked for have been printed. They need not have left a
    /// buffer: see [`flush`](Self::flush).
    ///
    /// # Errors
    /// When the output cannot be written; a closed pipe among others.
    pub fn write(&mut self, observation: &Observation) -> io::Result<bool> {
        if observation.messages().is_empty() {
            return Ok(self.is_done());
        }
        let received_at = time(observation.finished().wall);
        for message in observation.messages() {
            if self.is_done() {
                break;
            }
            self.print(observation, &received_at, message);
            if self.lines.len() >= BUFFER {
                self.write_lines()?;
            }
        }
        Ok(self.is_done())
    }

    /// What was printed is on its way to whoever reads it.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub fn flush(&mut self) -> io::Result<()> {
        self.write_lines()?;
        self.out.flush()
    }

    fn write_lines(&mut self) -> io::Result<()> {
        let written = self.out.write_all(&self.lines);
        self.lines.clear();
        written
    }

    /// Lines printed.
    #[must_use]
    pub fn printed(&self) -> u64 {
        self.printed
    }

    fn is_done(&self) -> bool {
        self.options.count.is_some_and(|count| self.printed >= count)
    }

    fn print(&mut self, observation: &Observation, received_at: &str, message: &PackedMessage) {
        let (received, printed) = self.remember(message.message_id());
        if !self.is_wanted(observation, message, received) {
            return;
        }
        if !printed && let Some(seen) = self.seen.get_mut(message.message_id()) {
            seen.printed = true;
        }
        if self.options.distinct && printed {
            return;
        }
        let masked = self.mask.as_ref().map(|mask| mask.message(message));
        let shown = masked.as_ref().unwrap_or(message);
        let endpoint = observation.endpoint.as_str();
        let receipt_handle = self.options.receipt_handle;
        let line = Line { endpoint, received_at, first_seen: !printed, message: shown, receipt_handle };
        line.write(&mut self.lines);
        self.lines.push(b'\n');
        self.printed += 1;
    }

    fn is_wanted(&self, observation: &Observation, message: &PackedMessage, by_us: u32) -> bool {
        let Some(Wanted { filter, thresholds }) = &self.wanted else { return true };
        let receives = Receives::new(by_us, message.approximate_receive_count());
        let (now, all_asked) =
            (observation.finished().wall, observation.asked.asks_for_all_message_attributes());
        filter.matches(&Subject {
            receives: receives.total,
            is_new: by_us == 1,
            is_poison: receives.is_poison(thresholds.get(&observation.endpoint).copied()),
            is_pinned: false,
            received: &Once { message, at: now, all_asked },
            now,
        })
    }

    /// How often the message was received by now, and whether it was printed before.
    fn remember(&mut self, id: &str) -> (u32, bool) {
        if let Some(seen) = self.seen.get_mut(id) {
            seen.received = seen.received.saturating_add(1);
            return (seen.received, seen.printed);
        }
        let id: Arc<str> = id.into();
        self.seen.insert(Arc::clone(&id), Seen { received: 1, printed: false });
        self.order.push_back(id);
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.seen.remove(&oldest);
        }
        (1, false)
    }
}
