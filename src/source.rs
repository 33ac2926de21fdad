//! Where observations come from.
//!
//! ```text
//!   Endpoint ──▶ poller (interval, burst, back-off, pause) ──▶ http (one receive) ──▶ gateway
//!                   ▲ Control                └──▶ Observation ──▶ bounded channel
//! ```
//!
//! A source knows HTTP, time and credentials, and nothing of screens. It is steered by plain data: [`Control`].

pub mod auth;
pub mod clock;
mod credentials;
mod curl;
pub mod http;
pub mod poller;
pub mod proxy;
mod quoted;
pub mod secret;
pub mod tls;

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::time::Duration;

use ::http::Method;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use url::Url;

use crate::guard::{Allow, Limit, Policy};
use crate::observation::{EndpointName, Observation, Outcome, Timing};
use crate::sqs::{Ranged, ReceiveParameters, is_fifo};
pub use auth::{Auth, Header, SigV4};
pub use clock::Clock;
pub use curl::curl;
pub use http::Http;
pub use poller::Poller;
pub use proxy::Proxy;
pub use secret::Secret;
pub use tls::Tls;

/// How many polls may follow at once while answers come back full: 1 to 100.
pub type Burst = Ranged<1, 100>;

/// Observations under way between the pollers and whoever folds them. A full channel makes pollers wait, so
/// nothing is dropped here.
pub const CHANNEL: usize = 256;

/// Controls under way to one poller. A poller takes them up even while a receive is in flight.
const CONTROLS: usize = 16;

/// A gateway to watch, fully resolved: nothing is left to look up.
#[derive(Clone)]
pub struct Endpoint {
    /// What it is called on the screen.
    pub name: EndpointName,
    /// Where it is, `http` or `https`.
    pub url: Url,
    /// How it wants to be asked: `GET`, unless its owner chose otherwise.
    pub method: Method,
    /// What the gateway's owner called the query strings.
    pub query: QueryNames,
    /// Sent with every request.
    pub headers: Vec<Header>,
    /// How we show who we are.
    pub auth: Auth,
    /// Whom we trust, and with which certificate we show who we are.
    pub tls: Tls,
    /// By way of whom.
    pub proxy: Proxy,
    /// What each receive asks for.
    pub parameters: ReceiveParameters,
    /// How often.
    pub pace: Pace,
    /// Whether the gateway is an HTTP API, which costs less than a REST API.
    pub http_api: bool,
    /// When to stop before looking does harm.
    pub guard: Policy,
}

// Derived but for the URL: its query may hold a key.
impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, url, method, query, headers, auth, tls, proxy, parameters, pace, http_api, guard } =
            self;
        f.debug_struct("Endpoint")
            .field("name", name)
            .field("url", &bare(url).as_str())
            .field("method", method)
            .field("query", query)
            .field("headers", headers)
            .field("auth", auth)
            .field("tls", tls)
            .field("proxy", proxy)
            .field("parameters", parameters)
            .field("pace", pace)
            .field("http_api", http_api)
            .field("guard", guard)
            .finish()
    }
}

impl Endpoint {
    /// A gateway as it is asked where nobody says otherwise.
    #[must_use]
    pub fn new(name: EndpointName, url: Url) -> Self {
        Self {
            name,
            url,
            method: Method::GET,
            query: QueryNames::default(),
            headers: Vec::new(),
            auth: Auth::None,
            tls: Tls::default(),
            proxy: Proxy::Environment,
            parameters: ReceiveParameters::default(),
            pace: Pace::default(),
            http_api: false,
            guard: Policy::default(),
        }
    }

    /// The URL as it may be written down: its query may hold a key.
    #[must_use]
    pub fn address(&self) -> Url {
        bare(&self.url)
    }

    /// Whether the URL itself says that the queue is a FIFO queue, as an embedded gateway's does.
    #[must_use]
    pub fn is_fifo(&self) -> bool {
        is_fifo(self.url.path().trim_end_matches('/'))
    }
}

/// A URL as it may be written down: without query, fragment or user, each of which may hold a key.
pub(crate) fn bare(url: &Url) -> Url {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    // Only a URL without a host refuses these, and has neither.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url
}

/// How often an endpoint is polled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// From the start of one poll to the start of the next; at least [`Pace::SHORTEST`].
    pub interval: Duration,
    /// Polls that may follow at once while answers come back full.
    pub burst: Burst,
    /// What the interval stretches to while polls bring nothing new; no longer than `interval`, it does not stretch.
    pub max_interval: Duration,
}

impl Pace {
    /// The shortest interval taken: a gateway's default throttle is far below one poll in this time.
    pub const SHORTEST: Duration = Duration::from_millis(10);
    /// The longest interval taken, a day.
    pub const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);
}

impl Default for Pace {
    fn default() -> Self {
        Self { interval: Duration::from_secs(2), burst: Burst::MIN, max_interval: Duration::from_secs(30) }
    }
}

/// What a gateway calls the query strings that it forwards to SQS; an owner may have renamed them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryNames {
    /// SQS: `MaxNumberOfMessages`.
    pub max_number_of_messages: String,
    /// SQS: `VisibilityTimeout`.
    pub visibility_timeout: String,
    /// SQS: `WaitTimeSeconds`.
    pub wait_time_seconds: String,
    /// SQS: `AttributeName`; several names are numbered, `AttributeName.1` and so on.
    pub attribute_name: String,
    /// SQS: `MessageAttributeName`; several names are numbered.
    pub message_attribute_name: String,
}

impl Default for QueryNames {
    fn default() -> Self {
        Self {
            max_number_of_messages: "MaxNumberOfMessages".into(),
            visibility_timeout: "VisibilityTimeout".into(),
            wait_time_seconds: "WaitTimeSeconds".into(),
            attribute_name: "AttributeName".into(),
            message_attribute_name: "MessageAttributeName".into(),
        }
    }
}

/// What a poller may be told while it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Control {
    /// Stop polling until [`Control::Resume`]; a receive in flight is read to its end.
    Pause,
    /// Poll again, at once.
    Resume,
    /// Poll once now, also when paused, backing off or stopped; after a receive in flight, never beside it.
    PollNow,
    /// Ask for this from the next poll on. A stopped endpoint tries again with it.
    Parameters(ReceiveParameters),
    /// Ask for this from the next poll on, which the guard lets pass: one after the other, a poll could come between them.
    Hide(ReceiveParameters),
    /// Keep this pace from now on.
    Pace(Pace),
    /// Poll although the guard would not; [`Control::Guard`] takes it back.
    Allow(Allow),
    /// Guard again.
    Guard,
    /// Guard this limit from now on.
    Limit(Limit),
    /// Somebody is looking: a stretched interval shrinks to what was asked for.
    Attend,
}

/// Makes one receive. The poller knows no more than this about HTTP.
pub trait Receive: Send {
    /// Asks once, within `wait_time_seconds` and 10 s more, and says how it went. Never cancelled half-way.
    fn receive(&mut self, parameters: &ReceiveParameters) -> impl Future<Output = (Timing, Outcome)> + Send;
}

/// The running pollers, one task each.
#[derive(Debug)]
pub struct Pollers {
    tasks: JoinSet<()>,
    controls: HashMap<EndpointName, mpsc::Sender<Control>>,
    observations: mpsc::Sender<Observation>,
    clock: Clock,
    http: Http,
}

impl Pollers {
    /// No pollers yet; what they observe goes to `observations`.
    #[must_use]
    pub fn new(http: Http, clock: Clock, observations: mpsc::Sender<Observation>) -> Self {
        Self { tasks: JoinSet::new(), controls: HashMap::new(), observations, clock, http }
    }

    /// Starts polling an endpoint, at once.
    pub fn start(&mut self, endpoint: &Endpoint) {
        let (control, controls) = mpsc::channel(CONTROLS);
        let poller = Poller::new(
            endpoint,
            self.http.clone().of(endpoint.clone()),
            self.clock,
            controls,
            self.observations.clone(),
        );
        self.tasks.spawn(poller.run());
        self.controls.insert(endpoint.name.clone(), control);
    }

    /// Tells one poller something. An endpoint that is not polled any more is passed over.
    pub fn control(&self, endpoint: &EndpointName, control: Control) {
        if let Some(poller) = self.controls.get(endpoint)
            && let Err(error) = poller.try_send(control)
        {
            tracing::warn!(%endpoint, %error, "a poller did not take a control");
        }
    }

    /// Stops polling an endpoint; a receive in flight is read to its end.
    pub fn remove(&mut self, endpoint: &EndpointName) {
        self.controls.remove(endpoint);
    }

    /// Stops all polling at once. Receives in flight are read to their end: the channel of observations closes
    /// when the last of them is. Dropping what this returns abandons them.
    #[must_use]
    pub fn stop(self) -> JoinSet<()> {
        self.tasks
    }
}
