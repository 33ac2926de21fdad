//! The requests that a doctor makes, few and in the order of what they tell, each asked of the guard first.

use std::time::{Duration, Instant, SystemTime};

use tokio::time::sleep;

use crate::guard::Guard;
use crate::observation::{EndpointName, Next, Observation, Outcome};
use crate::source::http::query::{Pair, pairs};
use crate::source::http::{Exchange, HttpReceive};
use crate::source::{Clock, Endpoint, QueryNames};
use crate::sqs::{AttributeName, PackedMessage, ReceiveParameters};
use crate::wire::{Answer, Fault, FaultKind, Shape, decode};

/// Requests made at most.
pub const MOST: u32 = 8;
/// Between two requests, so that no throttle minds.
const PAUSE: Duration = Duration::from_millis(200);
/// What the timed wait asks for.
pub(super) const WAIT: u32 = 2;

/// Asks one gateway.
pub(super) struct Probe {
    receive: HttpReceive,
    endpoint: EndpointName,
    names: QueryNames,
    guard: Guard,
    clock: Clock,
    requests: u32,
    receives: u32,
}

/// One answer.
pub(super) struct Asked {
    /// What came.
    pub exchange: Exchange,
    /// From the request to the end of the answer.
    pub took: Duration,
    /// How far the gateway's clock is ahead of ours, in seconds, by its `Date`.
    pub skew: Option<i64>,
    /// The request id that the body itself names: a cache repeats it, where a header is always new.
    pub body_request_id: Option<String>,
}

impl Asked {
    pub(super) fn messages(&self) -> impl Iterator<Item = &PackedMessage> {
        match &self.exchange.outcome {
            Outcome::Received { messages, .. } => messages.iter(),
            Outcome::Faulted(_) | Outcome::Withheld(_) => [].iter(),
        }
    }

    pub(super) fn count(&self) -> usize {
        self.messages().count()
    }

    pub(super) fn shape(&self) -> Option<Shape> {
        match self.exchange.outcome {
            Outcome::Received { shape, .. } => Some(shape),
            Outcome::Faulted(_) | Outcome::Withheld(_) => None,
        }
    }

    pub(super) fn fault(&self) -> Option<&Fault> {
        self.exchange.fault()
    }

    /// Whether SQS, or a gateway that checks for it, refused the value. Any error of SQS's will do: not every one that
    /// speaks its protocol has the code for a number that is none.
    pub(super) fn is_refused(&self) -> bool {
        self.fault().is_some_and(|fault| match fault.kind {
            FaultKind::Sqs => !is_about_the_queue(fault),
            FaultKind::Request => fault.status == Some(400),
            _ => false,
        })
    }
}

/// Whether the error would be the same whatever is asked for.
fn is_about_the_queue(fault: &Fault) -> bool {
    let code = fault.code.as_deref().unwrap_or_default();
    [
        "NonExistentQueue",
        "QueueDoesNotExist",
        "AccessDenied",
        "InvalidSecurity",
        "KMS",
        "InvalidAddress",
        "Throttl",
    ]
    .iter()
    .any(|part| code.contains(part))
}

/// All that was asked; none where the guard, or an answer before it, made a request one too many.
#[derive(Default)]
pub(super) struct Answers {
    /// `WaitTimeSeconds=21`, one message: SQS refuses it, and receives nothing.
    pub refused_wait: Option<Asked>,
    /// One message, nothing else.
    pub one: Option<Asked>,
    /// Ten messages with all attributes, as qwatch polls.
    pub ten: Option<Asked>,
    /// The same once more.
    pub again: Option<Asked>,
    /// One message and a wait, where there was nothing before.
    pub waited: Option<Asked>,
    /// Eleven messages: SQS refuses it.
    pub refused_max: Option<Asked>,
    /// A visibility timeout that is no number: SQS refuses it.
    pub refused_visibility: Option<Asked>,
    /// Why the guard stopped, if it did.
    pub guarded: Option<String>,
}

impl Answers {
    /// Answers in the order they came.
    pub(super) fn all(&self) -> impl Iterator<Item = &Asked> {
        [
            &self.refused_wait,
            &self.one,
            &self.ten,
            &self.again,
            &self.waited,
            &self.refused_max,
            &self.refused_visibility,
        ]
        .into_iter()
        .flatten()
    }

    /// Plain receives, in the order they came: a wait that was not refused is one.
    pub(super) fn receives(&self) -> impl Iterator<Item = &Asked> {
        self.all().filter(|asked| asked.fault().is_none())
    }

    /// What asked for one message and nothing else.
    pub(super) fn single(&self) -> Option<&Asked> {
        self.one.as_ref().or(self.refused_wait.as_ref()).filter(|asked| asked.fault().is_none())
    }

    /// The first fault that is not of our own making: nothing after it would tell more.
    pub(super) fn fatal(&self) -> Option<&Fault> {
        let provoked = |asked: &&Asked| !asked.is_refused();
        self.refused_wait
            .iter()
            .filter(provoked)
            .chain(&self.one)
            .chain(self.ten.iter().filter(|_| self.one.is_none() && self.refused_wait.is_none()))
            .find_map(Asked::fault)
    }

    /// Why something was not asked.
    pub(super) fn not_asked(&self) -> String {
        match &self.guarded {
            Some(why) => format!(
                "not asked, since the guard stopped: {why}; --max-receive-count N says the queue's limit"
            ),
            None => "not asked".to_owned(),
        }
    }
}

impl Probe {
    pub(super) fn new(receive: HttpReceive, endpoint: &Endpoint, clock: Clock) -> Self {
        Self {
            receive,
            endpoint: endpoint.name.clone(),
            names: endpoint.query.clone(),
            guard: Guard::new(endpoint.guard, endpoint.is_fifo()),
            clock,
            requests: 0,
            receives: 0,
        }
    }

    pub(super) fn requests(&self) -> u32 {
        self.requests
    }

    pub(super) fn receives(&self) -> u32 {
        self.receives
    }

    /// Everything, as far as each answer makes the next request worth making.
    pub(super) async fn run(&mut self) -> Answers {
        let mut answers = Answers::default();
        let names = self.names.clone();
        let one = ReceiveParameters {
            max_number_of_messages: crate::sqs::Ranged::MIN,
            attribute_name: Vec::new(),
            message_attribute_name: Vec::new(),
            ..ReceiveParameters::default()
        };
        let ten = ReceiveParameters {
            attribute_name: vec![AttributeName::All],
            wait_time_seconds: 1.try_into().unwrap_or(crate::sqs::Ranged::MIN),
            ..ReceiveParameters::default()
        };
        let with = |name: &str, value: &str| Some((name.to_owned(), value.to_owned()));
        answers.refused_wait =
            self.ask(&one, with(&names.wait_time_seconds, "21"), &mut answers.guarded).await;
        if answers.fatal().is_some() {
            return answers;
        }
        if answers.refused_wait.as_ref().is_some_and(Asked::is_refused) {
            answers.one = self.ask(&one, None, &mut answers.guarded).await;
            if answers.fatal().is_some() {
                return answers;
            }
        }
        answers.ten = self.ask(&ten, None, &mut answers.guarded).await;
        answers.again = self.ask(&ten, None, &mut answers.guarded).await;
        if answers.receives().all(|asked| asked.count() == 0) {
            let waiting = ReceiveParameters {
                wait_time_seconds: WAIT.try_into().unwrap_or(crate::sqs::Ranged::MIN),
                ..one.clone()
            };
            answers.waited = self.ask(&waiting, None, &mut answers.guarded).await;
        }
        if answers.receives().all(|asked| asked.count() < 2) {
            answers.refused_max =
                self.ask(&one, with(&names.max_number_of_messages, "11"), &mut answers.guarded).await;
        }
        if !answers.some_came_twice() {
            answers.refused_visibility =
                self.ask(&one, with(&names.visibility_timeout, "none"), &mut answers.guarded).await;
        }
        answers
    }

    /// One request, unless the guard minds, with one value of the query replaced.
    async fn ask(
        &mut self,
        parameters: &ReceiveParameters,
        instead: Option<Pair>,
        guarded: &mut Option<String>,
    ) -> Option<Asked> {
        let started = self.clock.now();
        if guarded.is_some() {
            return None;
        }
        if let Some(why) = self.guard.check(parameters, started.offset) {
            *guarded = Some(why.to_string());
            return None;
        }
        if self.requests > 0 {
            sleep(PAUSE).await;
        }
        self.requests += 1;
        self.guard.begin(parameters);
        let mut pairs = pairs(&self.names, parameters);
        if let Some((name, value)) = instead
            && let Some(pair) = pairs.iter_mut().find(|(known, _)| *known == name)
        {
            pair.1 = value;
        }
        let (before, began) = (SystemTime::now(), Instant::now());
        // A wait of 21 s that is not refused may be kept.
        let exchange = self.receive.ask(&pairs, Duration::from_secs(21)).await;
        let took = began.elapsed();
        self.receives += u32::from(exchange.fault().is_none());
        self.guard.observe(&Observation {
            endpoint: self.endpoint.clone(),
            asked: parameters.clone(),
            started,
            timing: exchange.timing,
            outcome: exchange.outcome.clone(),
            next: Next::Stop,
        });
        let skew = skew(&exchange, before, took);
        let body_request_id = decode(&Answer { status: 200, body: &exchange.body, ..Answer::default() })
            .ok()
            .and_then(|received| received.request_id);
        Some(Asked { exchange, took, skew, body_request_id })
    }
}

impl Answers {
    /// Whether a message came in two answers one after the other: it was not hidden by the first.
    pub(super) fn some_came_twice(&self) -> bool {
        let receives: Vec<&Asked> = self.receives().collect();
        receives.windows(2).any(|pair| {
            pair[1]
                .messages()
                .any(|again| pair[0].messages().any(|before| before.message_id() == again.message_id()))
        })
    }
}

/// How far the gateway's clock is ahead, against the middle of the request.
fn skew(exchange: &Exchange, before: SystemTime, took: Duration) -> Option<i64> {
    let date = exchange.head.as_ref()?.headers.get("date")?.to_str().ok()?;
    let theirs = httpdate::parse_http_date(date).ok()?;
    let ours = before + exchange.timing.first_byte.unwrap_or(took);
    let seconds = |duration: Duration| i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
    Some(match theirs.duration_since(ours) {
        Ok(ahead) => seconds(ahead),
        Err(behind) => -seconds(behind.duration()),
    })
}
