//! Whatever anyone does in whatever order, no message is lost and none is doubled.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

const QUEUES: [&str; 4] = ["orders", "dead", "line.fifo", "dead.fifo"];

#[derive(Clone, Copy, Debug)]
enum Step {
    Send { fifo: bool, group: u8, delay: u32 },
    Receive { queue: usize, max: u32, timeout: u32 },
    Delete { which: usize },
    Wait { millis: u64 },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (any::<bool>(), 0..3_u8, prop_oneof![Just(0), 1..5_u32])
            .prop_map(|(fifo, group, delay)| Step::Send { fifo, group, delay }),
        4 => (0..QUEUES.len(), 1..=10_u32, prop_oneof![Just(0), 1..5_u32])
            .prop_map(|(queue, max, timeout)| Step::Receive { queue, max, timeout }),
        2 => any::<usize>().prop_map(|which| Step::Delete { which }),
        2 => (0..3_000_u64).prop_map(|millis| Step::Wait { millis }),
    ]
}

/// What the world outside knows: what it sent, what it was told is hidden, what it deleted.
struct World {
    queues: Queues,
    now: Duration,
    sent: BTreeSet<String>,
    deleted: BTreeSet<String>,
    hidden: BTreeMap<String, Duration>,
    /// Every message ever received, with the queue it came from.
    handles: Vec<(usize, Message)>,
}

impl World {
    fn new() -> Self {
        Self {
            queues: queues(),
            now: Duration::ZERO,
            sent: BTreeSet::new(),
            deleted: BTreeSet::new(),
            hidden: BTreeMap::new(),
            handles: Vec::new(),
        }
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Send { fifo, group, delay } => self.send(fifo, group, delay),
            Step::Receive { queue, max, timeout } => {
                self.receive(queue, max, timeout);
            }
            Step::Delete { which } if !self.handles.is_empty() => self.delete(which % self.handles.len()),
            Step::Delete { .. } => {}
            Step::Wait { millis } => self.now += Duration::from_millis(millis),
        }
        self.queues.settle(self.now);
        for queue in QUEUES {
            let counts = self.queues.counts(queue).unwrap();
            assert!(counts.is_conserved(), "{queue}: {counts:?}");
        }
    }

    fn send(&mut self, fifo: bool, group: u8, delay: u32) {
        let body = self.sent.len().to_string();
        let sent = if fifo {
            self.queues.send("line.fifo", grouped(&body, &format!("g{group}")), self.now)
        } else {
            let delay_seconds = Some(DelaySeconds::try_from(delay).unwrap());
            self.queues.send("orders", SendMessage { delay_seconds, ..text(&body) }, self.now)
        };
        assert!(self.sent.insert(sent.unwrap().message_id), "an id was given twice");
    }

    fn receive(&mut self, queue: usize, max: u32, timeout: u32) -> usize {
        let messages = self.queues.receive(QUEUES[queue], &ask(max, timeout), self.now).unwrap();
        assert!(messages.len() <= max as usize);
        let ids: BTreeSet<_> = messages.iter().map(|message| message.message_id.clone()).collect();
        assert_eq!(ids.len(), messages.len(), "one receive returned a message twice");
        for message in &messages {
            let id = &message.message_id;
            assert!(
                self.sent.contains(id) && !self.deleted.contains(id),
                "nobody sent it, or it was deleted"
            );
            assert!(self.hidden.get(id).is_none_or(|until| *until <= self.now), "it was hidden");
        }
        for group in messages.chunk_by(|a, b| a.message_group_id() == b.message_group_id()) {
            let numbers = group.iter().map(|message| message.attributes.get(&AttributeName::SequenceNumber));
            assert!(numbers.is_sorted(), "a group came out of order");
        }
        for message in messages {
            let until = self.now + seconds(timeout.into());
            self.hidden.insert(message.message_id.clone(), until);
            self.handles.push((queue, message));
        }
        ids.len()
    }

    fn delete(&mut self, which: usize) {
        let (queue, message) = self.handles[which].clone();
        let before = self.queues.counts(QUEUES[queue]).unwrap().deleted;
        let result = self.queues.delete(QUEUES[queue], &message.receipt_handle, self.now);
        let after = self.queues.counts(QUEUES[queue]).unwrap().deleted;
        if after > before {
            assert_eq!(result, Ok(()));
            assert!(self.deleted.insert(message.message_id), "a message was deleted twice");
        }
    }

    /// Receives and deletes until nothing is left anywhere.
    fn drain(&mut self) {
        self.now += seconds(60);
        let mut idle = 0;
        while idle < 2 * QUEUES.len() {
            for queue in 0..QUEUES.len() {
                let received = self.receive(queue, 10, 30);
                for which in self.handles.len() - received..self.handles.len() {
                    self.delete(which);
                }
                idle = if received == 0 { idle + 1 } else { 0 };
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_message_is_lost_or_doubled(steps in prop::collection::vec(step(), 1..200)) {
        let mut world = World::new();
        for step in steps {
            world.take(step);
        }
        world.drain();
        prop_assert_eq!(&world.deleted, &world.sent);
    }
}
