//! The gateway: HTTP in front of the queues, in API Gateway's manner.
//!
//! ```text
//!   GET    /NAME                          ReceiveMessage, parameters in the query     (/ is the first queue)
//!   POST   /NAME                          SendMessage, the body is the message's
//!   DELETE /NAME/message?receiptHandle=   DeleteMessage                               (/message likewise)
//! ```
//!
//! Whatever goes wrong in front of the queue comes back as API Gateway's own error; what SQS refuses comes
//! back as SQS's error document, with HTTP 200 unless [`Options::status_patterns`] is set: the public sample
//! has no selection patterns, and real gateways are copies of it.

mod answer;
mod integration;
mod request;

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::Method;
use axum::response::Response;
use axum::serve::ListenerExt as _;
use md5::{Digest as _, Md5};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::weather::{Sky, Weather};
use crate::wire::Shape;
use answer::{Answer, GatewayError};
use integration::Failure;
pub use integration::Integration;

/// API Gateway: a request's or a response's payload, at most.
const PAYLOAD_BYTES: usize = 10 * 1024 * 1024;

/// The target of the request log: the log file of the demo leaves it out, the gateway's own log is made of it.
pub const LOG: &str = "gateway";

/// How the gateway answers.
#[derive(Clone, Debug)]
pub struct Options {
    /// The shape of answers and of SQS's errors.
    pub shape: Shape,
    /// Whether SQS's errors come back as 400 (the sender's doing) or 502 instead of 200.
    pub status_patterns: bool,
    /// What `x-api-key` must carry; without it anybody may ask.
    pub api_key: Option<SecretString>,
    /// Requests served a second, as a stage's throttling allows; without it as many as come.
    pub requests_per_second: Option<u32>,
}

impl Default for Options {
    fn default() -> Self {
        Self { shape: Shape::QueryJson, status_patterns: false, api_key: None, requests_per_second: None }
    }
}

/// A running gateway. Dropping it leaves it running; [`Gateway::stop`] ends it.
pub struct Gateway {
    address: SocketAddr,
    integration: Integration,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<io::Result<()>>,
    tending: Option<JoinHandle<()>>,
}

struct Served {
    integration: Integration,
    options: Options,
    throttle: Mutex<Sky>,
    since: Instant,
}

impl Gateway {
    /// Listens on `listen` (port 0 picks one) and serves what `integration` has from then on.
    ///
    /// # Errors
    /// When the address cannot be listened on.
    pub async fn start(
        listen: SocketAddr,
        options: Options,
        integration: impl Into<Integration>,
    ) -> io::Result<Self> {
        let integration = integration.into();
        let listener = TcpListener::bind(listen).await?;
        let address = listener.local_addr()?;
        // Answers are written in one piece; waiting to coalesce them would only add latency.
        let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
        let served = Arc::new(Served::new(integration.clone(), options));
        let router = Router::new().fallback(serve).with_state(served);
        let (stop, stopped) = oneshot::channel();
        let serving = axum::serve(listener, router).with_graceful_shutdown(async {
            let _ = stopped.await;
        });
        let tending = integration.tend();
        Ok(Self { address, integration, stop, serving: tokio::spawn(serving.into_future()), tending })
    }

    /// The address it listens on, with the port that was picked.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where to receive from `queue`.
    #[must_use]
    pub fn url(&self, queue: &str) -> String {
        format!("http://{}/{queue}", self.address)
    }

    /// The queues' names and where to receive from them, the default queue first.
    #[must_use]
    pub fn endpoints(&self) -> Vec<(String, String)> {
        self.integration.names().map(|name| (name.to_owned(), self.url(name))).collect()
    }

    /// Stops listening, answers long polls of embedded queues with nothing, and finishes the requests under way: for
    /// up to 5 s, or, where a real SQS has to answer, for as long as that may take.
    pub async fn stop(mut self) {
        self.integration.stop_waiting();
        let _ = self.stop.send(());
        if tokio::time::timeout(self.integration.patience(), &mut self.serving).await.is_err() {
            self.serving.abort();
        }
        if let Some(tending) = self.tending {
            tending.abort();
        }
    }
}

async fn serve(State(served): State<Arc<Served>>, request: Request) -> Response {
    let began = Instant::now();
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let answer = served.answer(request).await;
    let (status, bytes, milliseconds) = (answer.status(), answer.len(), began.elapsed().as_millis());
    // The query is left out: a receipt handle is a key to its message.
    tracing::info!(target: LOG, "{method} {path} {status} {bytes} B {milliseconds} ms {}", answer.request_id());
    answer.into_response()
}

impl Served {
    fn new(integration: Integration, options: Options) -> Self {
        let mut throttle = Sky::default();
        if let Some(per_second) = options.requests_per_second {
            throttle.turn(Weather::Throttled { per_second });
        }
        Self { integration, options, throttle: Mutex::new(throttle), since: Instant::now() }
    }

    async fn answer(&self, request: Request) -> Answer {
        match self.integrate(request).await {
            Ok(answer) => answer,
            Err(Failure::Gateway(error)) => Answer::gateway_error(error),
            Err(Failure::Sqs(error)) => Answer::sqs_error(&self.options, &error),
        }
    }

    /// API Gateway's order: the weather, the route, the key, the throttle, then the integration with SQS.
    async fn integrate(&self, request: Request) -> Result<Answer, Failure> {
        self.integration.admit()?;
        let action = self.route(request.method(), request.uri().path())?;
        self.authorise(&request)?;
        self.throttle.lock().unwrap_or_else(PoisonError::into_inner).admit(self.since.elapsed())?;
        let query = request.uri().query().unwrap_or_default().to_owned();
        match action {
            Action::Receive(queue) => self.receive(&queue, &query).await,
            Action::Send(queue) => self.send(&queue, &query, request).await,
            Action::Delete(queue) => self.delete(&queue, &query).await,
        }
    }

    fn route(&self, method: &Method, path: &str) -> Result<Action, GatewayError> {
        let unknown = GatewayError::MissingAuthenticationToken;
        let mut segments = path.split('/').filter(|segment| !segment.is_empty());
        let default = self.integration.names().next().ok_or(unknown)?.to_owned();
        let (first, second, third) = (segments.next(), segments.next(), segments.next());
        let named = |name: &str| if self.integration.has(name) { Ok(name.to_owned()) } else { Err(unknown) };
        match (method.as_str(), first, second, third) {
            ("GET", None, ..) => Ok(Action::Receive(default)),
            ("GET", Some(name), None, _) => named(name).map(Action::Receive),
            ("POST", None, ..) => Ok(Action::Send(default)),
            ("POST", Some(name), None, _) => named(name).map(Action::Send),
            ("DELETE", Some("message"), None, _) => Ok(Action::Delete(default)),
            ("DELETE", Some(name), Some("message"), None) => named(name).map(Action::Delete),
            _ => Err(unknown),
        }
    }

    fn authorise(&self, request: &Request) -> Result<(), GatewayError> {
        let Some(key) = &self.options.api_key else { return Ok(()) };
        let given = request.headers().get("x-api-key").map_or(&[][..], |value| value.as_bytes());
        if is_same(given, key.expose_secret().as_bytes()) { Ok(()) } else { Err(GatewayError::Forbidden) }
    }

    async fn receive(&self, queue: &str, query: &str) -> Result<Answer, Failure> {
        let messages = self.integration.receive(queue, &request::receive(query)?).await?;
        let answer = Answer::received(self.options.shape, &messages);
        // The messages are received and hidden all the same: so it is on AWS, and so a watcher must see it.
        if answer.len() > PAYLOAD_BYTES { Err(GatewayError::Internal.into()) } else { Ok(answer) }
    }

    async fn send(&self, queue: &str, query: &str, request: Request) -> Result<Answer, Failure> {
        let (parts, body) = request.into_parts();
        let body = read(body).await?;
        let message = request::send(query, &parts.headers, &body)?;
        let sent = self.integration.send(queue, message).await?;
        Ok(Answer::sent(self.options.shape, &sent))
    }

    async fn delete(&self, queue: &str, query: &str) -> Result<Answer, Failure> {
        self.integration.delete(queue, &request::receipt_handle(query)?).await?;
        Ok(Answer::deleted(self.options.shape))
    }
}

/// What a request asks of which queue.
enum Action {
    Receive(String),
    Send(String),
    Delete(String),
}

async fn read(body: Body) -> Result<bytes::Bytes, GatewayError> {
    axum::body::to_bytes(body, PAYLOAD_BYTES).await.map_err(|_| GatewayError::RequestTooLarge)
}

/// Takes the same time wherever the two differ, and whatever their lengths: digests are compared, to the end.
fn is_same(given: &[u8], expected: &[u8]) -> bool {
    let (given, expected) = (Md5::digest(given), Md5::digest(expected));
    let difference = given.iter().zip(expected.iter()).fold(0, |difference, (a, b)| difference | (a ^ b));
    std::hint::black_box(difference) == 0
}
