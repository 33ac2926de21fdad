//! Which message a receive hands out next.
//!
//! A standard queue hands out what has been visible for longest, which comes close to SQS's sampling: a
//! message received with a visibility timeout of 0 goes behind all others, so that polls see the whole
//! backlog. A FIFO queue hands out groups in turn, the messages of a group in the order they were sent, and
//! nothing of a group while any message of it is hidden.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// A message's place in its queue: the order of sending.
pub(super) type Sequence = u64;
/// A place in the line of what is visible. Turns only grow, so whoever became visible later is behind.
pub(super) type Turn = u64;

/// The visible messages of a queue, in the order in which they are handed out.
pub(super) struct Order {
    next: Turn,
    line: Line,
}

enum Line {
    Standard(BTreeMap<Turn, Sequence>),
    Fifo(Groups),
}

impl Order {
    pub fn new(fifo: bool) -> Self {
        let line = if fifo { Line::Fifo(Groups::default()) } else { Line::Standard(BTreeMap::new()) };
        Self { next: 0, line }
    }

    /// Whether a receive would find something.
    pub fn is_receivable(&self) -> bool {
        match &self.line {
            Line::Standard(line) => !line.is_empty(),
            Line::Fifo(groups) => !groups.ready.is_empty(),
        }
    }

    /// How many messages receives could hand out now; on a FIFO queue a sum over the groups that are not blocked.
    pub fn receivable(&self) -> usize {
        match &self.line {
            Line::Standard(line) => line.len(),
            Line::Fifo(groups) => groups.ready.values().map(|name| groups.groups[name].visible.len()).sum(),
        }
    }

    /// A message became visible. The turn is how to find it again.
    pub fn show(&mut self, sequence: Sequence, group: Option<&Arc<str>>) -> Turn {
        self.place(sequence, group, false)
    }

    /// A drawn message stays visible: it goes behind the others, or on a FIFO queue its group does.
    pub fn put_back(&mut self, sequence: Sequence, group: Option<&Arc<str>>) -> Turn {
        self.place(sequence, group, true)
    }

    fn place(&mut self, sequence: Sequence, group: Option<&Arc<str>>, behind: bool) -> Turn {
        let turn = self.next;
        self.next += 1;
        match (&mut self.line, group) {
            (Line::Standard(line), _) => {
                line.insert(turn, sequence);
            }
            (Line::Fifo(groups), group) => {
                let group = group.cloned().unwrap_or_default();
                groups.group(&group).visible.insert(sequence);
                groups.queue_up(&group, turn, behind);
            }
        }
        turn
    }

    /// Takes the next message out of the line: to be put back, hidden or moved away.
    pub fn draw(&mut self) -> Option<Sequence> {
        match &mut self.line {
            Line::Standard(line) => line.pop_first().map(|(_, sequence)| sequence),
            Line::Fifo(groups) => groups.draw(),
        }
    }

    /// A drawn message is hidden, and with it the rest of its group.
    pub fn hide(&mut self, group: Option<&Arc<str>>) {
        if let (Line::Fifo(groups), Some(group)) = (&mut self.line, group) {
            groups.group(group).hidden += 1;
            groups.queue_up(group, self.next, false);
        }
    }

    /// A hidden message is hidden no longer: it is about to be shown, or it is gone.
    pub fn unhide(&mut self, group: Option<&Arc<str>>) {
        if let (Line::Fifo(groups), Some(group)) = (&mut self.line, group) {
            let hidden = &mut groups.group(group).hidden;
            *hidden = hidden.saturating_sub(1);
            groups.queue_up(group, self.next, false);
            self.next += 1;
        }
    }

    /// A visible message is gone.
    pub fn forget(&mut self, sequence: Sequence, turn: Turn, group: Option<&Arc<str>>) {
        match (&mut self.line, group) {
            (Line::Standard(line), _) => {
                line.remove(&turn);
            }
            (Line::Fifo(groups), Some(group)) => {
                groups.group(group).visible.remove(&sequence);
                groups.queue_up(group, self.next, false);
            }
            (Line::Fifo(_), None) => {}
        }
    }
}

#[derive(Default)]
struct Groups {
    groups: HashMap<Arc<str>, Group>,
    /// The groups of which nothing is hidden and something is visible.
    ready: BTreeMap<Turn, Arc<str>>,
}

#[derive(Default)]
struct Group {
    visible: BTreeSet<Sequence>,
    hidden: usize,
    turn: Option<Turn>,
}

impl Groups {
    fn group(&mut self, name: &Arc<str>) -> &mut Group {
        self.groups.entry(name.clone()).or_default()
    }

    /// Brings the group's place in the line up to date; `behind` sends it to the end if it has a place already.
    fn queue_up(&mut self, name: &Arc<str>, turn: Turn, behind: bool) {
        let group = self.group(name);
        let ready = group.hidden == 0 && !group.visible.is_empty();
        let vanished = group.hidden == 0 && group.visible.is_empty();
        let (old, new) = match group.turn {
            Some(old) if ready && !behind => (None, Some(old)),
            old => (old, ready.then_some(turn)),
        };
        group.turn = new;
        if let Some(old) = old {
            self.ready.remove(&old);
        }
        if let Some(new) = new {
            self.ready.insert(new, name.clone());
        }
        if vanished {
            self.groups.remove(name);
        }
    }

    fn draw(&mut self) -> Option<Sequence> {
        let (&turn, name) = self.ready.first_key_value()?;
        let name = name.clone();
        let drawn = self.group(&name).visible.pop_first();
        self.queue_up(&name, turn, false);
        drawn
    }
}
