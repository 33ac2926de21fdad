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
mod request;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

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

use super::Shared;
use super::queue::SqsError;
use crate::wire::Shape;
use answer::{Answer, GatewayError};

/// API Gateway: a request's or a response's payload, at most.
const PAYLOAD_BYTES: usize = 10 * 1024 * 1024;
/// How long a stop waits for requests under way.
const DRAIN: Duration = Duration::from_secs(5);

/// How the gateway answers.
#[derive(Clone, Debug)]
pub struct Options {
    /// The shape of answers and of SQS's errors.
    pub shape: Shape,
    /// Whether SQS's errors come back as 400 (the sender's doing) or 502 instead of 200.
    pub status_patterns: bool,
    /// What `x-api-key` must carry; without it anybody may ask.
    pub api_key: Option<SecretString>,
}

impl Default for Options {
    fn default() -> Self {
        Self { shape: Shape::QueryJson, status_patterns: false, api_key: None }
    }
}

/// A running gateway. Dropping it leaves it running; [`Gateway::stop`] ends it.
pub struct Gateway {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<io::Result<()>>,
    tending: JoinHandle<()>,
}

struct Served {
    shared: Arc<Shared>,
    options: Options,
}

impl Gateway {
    /// Listens on `listen` (port 0 picks one) and serves from then on.
    ///
    /// # Errors
    /// When the address cannot be listened on.
    pub async fn start(listen: SocketAddr, options: Options, queues: Arc<Shared>) -> io::Result<Self> {
        let listener = TcpListener::bind(listen).await?;
        let address = listener.local_addr()?;
        // Answers are written in one piece; waiting to coalesce them would only add latency.
        let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
        let served = Arc::new(Served { shared: Arc::clone(&queues), options });
        let router = Router::new().fallback(serve).with_state(served);
        let (stop, stopped) = oneshot::channel();
        let serving = axum::serve(listener, router).with_graceful_shutdown(async {
            let _ = stopped.await;
        });
        let tended = Arc::clone(&queues);
        Ok(Self {
            address,
            shared: queues,
            stop,
            serving: tokio::spawn(serving.into_future()),
            tending: tokio::spawn(async move { tended.tend().await }),
        })
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

    /// Stops listening, answers long polls with nothing, finishes the requests under way for up to 5 s.
    pub async fn stop(mut self) {
        self.shared.stop_waiting();
        let _ = self.stop.send(());
        if tokio::time::timeout(DRAIN, &mut self.serving).await.is_err() {
            self.serving.abort();
        }
        self.tending.abort();
    }
}

async fn serve(State(served): State<Arc<Served>>, request: Request) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let answer = served.answer(request).await;
    let (status, request_id) = (answer.status(), answer.request_id());
    tracing::info!(%method, path, status, request_id, "request");
    answer.into_response()
}

impl Served {
    async fn answer(&self, request: Request) -> Answer {
        match self.integrate(request).await {
            Ok(answer) => answer,
            Err(Failure::Gateway(error)) => Answer::gateway_error(error),
            Err(Failure::Sqs(error)) => {
                Answer::sqs_error(self.options.shape, self.options.status_patterns, &error)
            }
        }
    }

    /// API Gateway's order: the weather, the route, the key, then the integration with SQS.
    async fn integrate(&self, request: Request) -> Result<Answer, Failure> {
        self.shared.admit()?;
        let action = self.route(request.method(), request.uri().path())?;
        self.authorise(&request)?;
        let query = request.uri().query().unwrap_or_default().to_owned();
        match action {
            Action::Receive(queue) => self.receive(&queue, &query).await,
            Action::Send(queue) => self.send(&queue, &query, request).await,
            Action::Delete(queue) => self.delete(&queue, &query),
        }
    }

    fn route(&self, method: &Method, path: &str) -> Result<Action, GatewayError> {
        let unknown = GatewayError::MissingAuthenticationToken;
        let mut segments = path.split('/').filter(|segment| !segment.is_empty());
        let default = self.shared.names().next().ok_or(unknown)?.to_owned();
        let (first, second, third) = (segments.next(), segments.next(), segments.next());
        let named = |name: &str| if self.shared.has(name) { Ok(name.to_owned()) } else { Err(unknown) };
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
        let messages = self.shared.receive(queue, &request::receive(query)?).await?;
        let answer = Answer::received(self.options.shape, &messages);
        // The messages are received and hidden all the same: so it is on AWS, and so a watcher must see it.
        if answer.len() > PAYLOAD_BYTES { Err(GatewayError::Internal.into()) } else { Ok(answer) }
    }

    async fn send(&self, queue: &str, query: &str, request: Request) -> Result<Answer, Failure> {
        let (parts, body) = request.into_parts();
        let body = read(body).await?;
        let message = request::send(query, &parts.headers, &body)?;
        let sent = self.shared.with(|queues, now| queues.send(queue, message, now))?;
        Ok(Answer::sent(self.options.shape, &sent))
    }

    fn delete(&self, queue: &str, query: &str) -> Result<Answer, Failure> {
        let handle = request::receipt_handle(query)?;
        self.shared.with(|queues, now| queues.delete(queue, &handle, now))?;
        Ok(Answer::deleted(self.options.shape))
    }
}

/// What a request asks of which queue.
enum Action {
    Receive(String),
    Send(String),
    Delete(String),
}

/// Who failed: the gateway on its own account, or SQS behind it.
#[derive(Debug)]
enum Failure {
    Gateway(GatewayError),
    Sqs(SqsError),
}

impl<E: Into<GatewayError>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Gateway(error.into())
    }
}

impl From<SqsError> for Failure {
    fn from(error: SqsError) -> Self {
        Self::Sqs(error)
    }
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
