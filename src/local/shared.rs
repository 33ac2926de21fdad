//! The queues as the gateway's connections and the traffic share them: one lock, one clock, and who waits.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use super::queue::{Queues, Receive, SqsError};
use super::weather::{Refusal, Sky, Weather};
use crate::sqs::Message;

/// Queues under a lock that is never held across an await.
///
/// Whoever leaves a message receivable wakes one long poll, which on leaving another one receivable wakes the
/// next: a thousand waiting long polls cost nothing until there is something for one of them.
pub struct Shared {
    queues: Mutex<Queues>,
    sky: Mutex<Sky>,
    names: Vec<Box<str>>,
    indexes: HashMap<Box<str>, usize>,
    /// One for each queue, in the order of their creation.
    arrivals: Vec<Notify>,
    /// The moment to look for messages that become visible has moved closer.
    sooner: Notify,
    armed: Mutex<Option<Duration>>,
    stopping: watch::Sender<bool>,
    /// What the queues' clock showed at `since`.
    offset: Duration,
    since: Instant,
}

impl Shared {
    /// Shares `queues`, whose clock shows `now` and runs from here on. No queue can be created afterwards.
    #[must_use]
    pub fn new(queues: Queues, now: Duration) -> Self {
        let names: Vec<Box<str>> = queues.names().map(Into::into).collect();
        Self {
            indexes: names.iter().cloned().zip(0..).collect(),
            arrivals: names.iter().map(|_| Notify::new()).collect(),
            names,
            queues: Mutex::new(queues),
            sky: Mutex::default(),
            sooner: Notify::new(),
            armed: Mutex::new(None),
            stopping: watch::Sender::new(false),
            offset: now,
            since: Instant::now(),
        }
    }

    /// The time on the queues' clock.
    #[must_use]
    pub fn now(&self) -> Duration {
        self.offset + self.since.elapsed()
    }

    /// The instant at which the queues' clock shows `at`.
    pub(super) fn instant(&self, at: Duration) -> Instant {
        self.since + at.saturating_sub(self.offset)
    }

    /// The names of the queues, the default one first.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|name| &**name)
    }

    /// Whether there is a queue of this name.
    #[must_use]
    pub fn has(&self, queue: &str) -> bool {
        self.indexes.contains_key(queue)
    }

    /// Works on the queues under the lock, then wakes whoever waits for what that left receivable.
    pub fn with<T>(&self, work: impl FnOnce(&mut Queues, Duration) -> T) -> T {
        let mut queues = lock(&self.queues);
        let result = work(&mut queues, self.now());
        self.wake(&queues);
        result
    }

    fn wake(&self, queues: &Queues) {
        for (arrival, receivable) in self.arrivals.iter().zip(queues.are_receivable()) {
            if receivable {
                arrival.notify_one();
            }
        }
        let (next, mut armed) = (queues.next_visible(), lock(&self.armed));
        if next.is_some_and(|next| armed.is_none_or(|armed| next < armed)) {
            *armed = next;
            self.sooner.notify_one();
        }
    }

    /// Receives, waiting for a message for as long as `receive` or the queue says: SQS's long poll. Dropped
    /// while it waits it has received nothing.
    ///
    /// # Errors
    /// What SQS refuses: see [`SqsError`].
    pub async fn receive(&self, queue: &str, receive: &Receive) -> Result<Vec<Message>, SqsError> {
        let index = *self.indexes.get(queue).ok_or(SqsError::NonExistentQueue)?;
        let until = Instant::now() + self.wait(queue, receive);
        let mut stopping = self.stopping.subscribe();
        loop {
            let mut arrival = std::pin::pin!(self.arrivals[index].notified());
            // In line before looking, or a message that arrives in between would wake nobody.
            arrival.as_mut().enable();
            let messages = self.with(|queues, now| queues.receive(queue, receive, now))?;
            if !messages.is_empty() || Instant::now() >= until || *stopping.borrow() {
                return Ok(messages);
            }
            tokio::select! {
                () = arrival => {}
                () = tokio::time::sleep_until(until) => {}
                _ = stopping.changed() => {}
            }
        }
    }

    fn wait(&self, queue: &str, receive: &Receive) -> Duration {
        let wait = receive.wait_time_seconds.unwrap_or_else(|| lock(&self.queues).wait_time_seconds(queue));
        Duration::from_secs(wait.get().into())
    }

    /// Lets hidden and delayed messages become visible when their time has come, and wakes whoever waits for
    /// them. Runs until it is dropped.
    pub(super) async fn tend(&self) {
        loop {
            let next = self.with(|queues, now| {
                queues.settle(now);
                queues.next_visible()
            });
            *lock(&self.armed) = next;
            let due = async {
                match next {
                    Some(next) => tokio::time::sleep_until(self.instant(next)).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = due => {}
                () = self.sooner.notified() => {}
            }
        }
    }

    /// How many receives are under way or waiting for a message.
    #[must_use]
    pub fn receives_under_way(&self) -> usize {
        self.stopping.receiver_count()
    }

    /// The weather over the gateway.
    #[must_use]
    pub fn weather(&self) -> Weather {
        lock(&self.sky).weather
    }

    /// Changes the weather over the gateway.
    pub fn set_weather(&self, weather: Weather) {
        lock(&self.sky).turn(weather);
    }

    pub(super) fn admit(&self) -> Result<(), Refusal> {
        lock(&self.sky).admit(self.now())
    }

    /// Ends every long poll with what it has: nothing.
    pub(super) fn stop_waiting(&self) {
        self.stopping.send_replace(true);
    }
}

/// A panic under the lock is a defect that its own task reports; the other tasks go on.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::local::queue::{SendMessage, Settings};
    use crate::sqs::{MaxNumberOfMessages, VisibilityTimeout, WaitTimeSeconds};

    fn shared() -> Arc<Shared> {
        let mut queues = Queues::new(chrono::DateTime::UNIX_EPOCH, 1);
        queues.create("orders", Settings::default()).unwrap();
        queues.create("line.fifo", Settings::default()).unwrap();
        let shared = Arc::new(Shared::new(queues, Duration::ZERO));
        let tended = Arc::clone(&shared);
        tokio::spawn(async move { tended.tend().await });
        shared
    }

    fn send(shared: &Shared, queue: &str, body: &str) {
        let fifo = queue == "line.fifo";
        let message = SendMessage {
            body: body.to_owned(),
            message_group_id: fifo.then(|| "eu".to_owned()),
            message_deduplication_id: fifo.then(|| body.to_owned()),
            ..SendMessage::default()
        };
        shared.with(|queues, now| queues.send(queue, message, now)).unwrap();
    }

    fn ask(max: u32, visibility_timeout: u32, wait: u32) -> Receive {
        Receive {
            max_number_of_messages: MaxNumberOfMessages::try_from(max).unwrap(),
            visibility_timeout: VisibilityTimeout::try_from(visibility_timeout).ok(),
            wait_time_seconds: WaitTimeSeconds::try_from(wait).ok(),
            ..Receive::default()
        }
    }

    fn poll(
        shared: &Arc<Shared>,
        queue: &'static str,
        receive: Receive,
    ) -> tokio::task::JoinHandle<(Vec<Message>, Duration)> {
        let shared = Arc::clone(shared);
        tokio::spawn(async move {
            let started = Instant::now();
            (shared.receive(queue, &receive).await.unwrap(), started.elapsed())
        })
    }

    async fn until(condition: impl Fn() -> bool) {
        while !condition() {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_long_poll_of_an_empty_queue_answers_with_nothing_when_its_time_is_up() {
        let (messages, took) = poll(&shared(), "orders", ask(1, 30, 20)).await.unwrap();
        assert_eq!((messages.len(), took.as_secs()), (0, 20));
        let (_, took) = poll(&shared(), "orders", ask(1, 30, 0)).await.unwrap();
        assert_eq!(took, Duration::ZERO, "a short poll does not wait");
    }

    #[tokio::test(start_paused = true)]
    async fn a_long_poll_is_answered_when_a_timeout_ends() {
        let shared = shared();
        send(&shared, "orders", "a");
        shared.receive("orders", &ask(1, 7, 0)).await.unwrap();
        let (messages, took) = poll(&shared, "orders", ask(1, 30, 20)).await.unwrap();
        assert_eq!((messages.len(), took.as_secs()), (1, 7));
    }

    #[tokio::test(start_paused = true)]
    async fn a_long_poll_is_answered_when_a_delete_unblocks_its_group() {
        let shared = shared();
        send(&shared, "line.fifo", "a");
        send(&shared, "line.fifo", "b");
        let first = shared.receive("line.fifo", &ask(1, 30, 0)).await.unwrap();
        let waiting = poll(&shared, "line.fifo", ask(1, 30, 20));
        until(|| shared.receives_under_way() == 1).await;
        shared.with(|queues, now| queues.delete("line.fifo", &first[0].receipt_handle, now)).unwrap();
        let (messages, took) = waiting.await.unwrap();
        assert_eq!((messages[0].body.as_str(), took.as_secs()), ("b", 0));
    }

    #[tokio::test(start_paused = true)]
    async fn a_thousand_long_polls_get_one_message_each_of_a_thousand() {
        let shared = shared();
        let polls: Vec<_> = (0..1000).map(|_| poll(&shared, "orders", ask(1, 30, 20))).collect();
        until(|| shared.receives_under_way() == 1000).await;
        for number in 0..1000 {
            send(&shared, "orders", &number.to_string());
        }
        let mut bodies = std::collections::BTreeSet::new();
        for answer in polls {
            let (messages, took) = answer.await.unwrap();
            assert_eq!(took.as_secs(), 0, "none waits for its time to be up");
            bodies.extend(messages.into_iter().map(|message| message.body));
        }
        assert_eq!(bodies.len(), 1000);
    }

    #[tokio::test(start_paused = true)]
    async fn one_message_that_is_only_looked_at_answers_every_long_poll() {
        let shared = shared();
        let polls: Vec<_> = (0..100).map(|_| poll(&shared, "orders", ask(10, 0, 20))).collect();
        until(|| shared.receives_under_way() == 100).await;
        send(&shared, "orders", "a");
        for answer in polls {
            let (messages, took) = answer.await.unwrap();
            assert_eq!((messages.len(), took.as_secs()), (1, 0));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_long_poll_that_is_given_up_takes_nothing_with_it() {
        let shared = shared();
        let waiting = poll(&shared, "orders", ask(1, 30, 20));
        until(|| shared.receives_under_way() == 1).await;
        let other = poll(&shared, "orders", ask(1, 30, 20));
        until(|| shared.receives_under_way() == 2).await;
        waiting.abort();
        send(&shared, "orders", "a");
        let (messages, took) = other.await.unwrap();
        assert_eq!((messages.len(), took.as_secs()), (1, 0));
        assert_eq!(shared.with(|queues, _| queues.counts("orders")).unwrap().received, 1);
    }
}
