//! The queues, who fills and who empties them, and the truth about what was handed out.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, Utc};
use qwatch::local::queue::{Queues, Receive, RedrivePolicy, SendMessage, Settings};
use qwatch::sqs::{AttributeName, Message, ReceiveParameters};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use tokio::time::{Instant, sleep};

/// Of `returns`: the receive after it moves a message to the dead-letter queue.
pub const MAX_RECEIVE_COUNT: u32 = 6;
/// Each queue, and in how many of a hundred seconds its consumer takes what there is.
const QUEUES: [(&str, u32); 3] = [("orders", 2), ("payments", 2), ("returns", 50)];
const DEAD: &str = "returns-dlq";

pub fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_772_366_400, 0).unwrap()
}

pub type Shared = Arc<Mutex<World>>;

/// What one gateway was asked, and what became of it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Truth {
    pub asked: u64,
    pub faults: u64,
    /// Messages in answers that arrived.
    pub received: u64,
}

pub struct World {
    pub queues: Queues,
    pub truth: HashMap<String, Truth>,
    began: Instant,
}

impl World {
    /// Queues that live on until the runtime ends.
    pub fn begin(seed: u64) -> Shared {
        let mut queues = Queues::new(start(), seed);
        // Short, so that what nobody consumes does not pile up through the day.
        let settings = Settings { retention: Duration::from_secs(1800), ..Settings::default() };
        for name in QUEUES.map(|(name, _)| name).into_iter().chain([DEAD]) {
            queues.create(name, settings.clone()).unwrap();
        }
        let max_receive_count = MAX_RECEIVE_COUNT.try_into().unwrap();
        let policy = RedrivePolicy { dead_letter_queue: DEAD.into(), max_receive_count };
        queues.set_redrive_policy("returns", &policy).unwrap();
        let truth = QUEUES.iter().map(|(name, _)| ((*name).to_owned(), Truth::default())).collect();
        let world = Arc::new(Mutex::new(Self { queues, truth, began: Instant::now() }));
        tokio::spawn(populate(Arc::clone(&world), StdRng::seed_from_u64(seed)));
        world
    }

    pub fn receive(&mut self, queue: &str, asked: &ReceiveParameters) -> Vec<Message> {
        let asked = Receive {
            max_number_of_messages: asked.max_number_of_messages,
            visibility_timeout: Some(asked.visibility_timeout),
            attribute_name: vec![AttributeName::All],
            ..Receive::default()
        };
        self.queues.receive(queue, &asked, self.began.elapsed()).unwrap()
    }

    fn send(&mut self, queue: &str, body: String) {
        let message = SendMessage { body, ..SendMessage::default() };
        self.queues.send(queue, message, self.began.elapsed()).unwrap();
    }

    /// A consumer takes what there is and is done with it at once.
    fn consume(&mut self, queue: &str) {
        let hiding = ReceiveParameters { visibility_timeout: 30.try_into().unwrap(), ..Default::default() };
        for message in self.receive(queue, &hiding) {
            self.queues.delete(queue, &message.receipt_handle, self.began.elapsed()).unwrap();
        }
    }
}

/// A message in a minute or so to each queue, and consumers that are gone for a part of each hour.
async fn populate(world: Shared, mut random: StdRng) {
    for second in 0_u32.. {
        sleep(Duration::from_secs(1)).await;
        let mut world = world.lock().unwrap();
        for (queue, taken) in QUEUES {
            if random.random_ratio(1, 60) {
                let note = "lorem ipsum ".repeat(random.random_range(1..40));
                world.send(queue, format!(r#"{{"number":{second},"status":"failed","note":"{note}"}}"#));
            }
            let away = second % 3600 < 240;
            if !away && random.random_ratio(taken, 100) {
                world.consume(queue);
            }
        }
    }
}
