//! One receive over HTTP, its phases timed, its failures told apart.

mod client;
mod failure;
mod phases;
pub mod query;
mod redirects;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use bytes::{Bytes, BytesMut};
use http::uri::InvalidUri;
use http::{Uri, Version};
use reqwest::header::HeaderMap;
use reqwest::{Client, Request, Response};
use url::Url;

use super::auth::Auth;
use super::credentials::Credentials;
use super::quoted::Secrets;
use super::{Endpoint, Receive, bare};
use crate::observation::{Outcome, Timing};
use crate::sqs::ReceiveParameters;
use crate::wire::{self, Answer, Fault, FaultKind};
pub(crate) use client::is_loopback;
pub use client::{Http, NoClient};
use query::Pair;

/// A request may take this much longer than it asked SQS to wait. REST APIs give up at 29 s themselves.
pub const GRACE: Duration = Duration::from_secs(10);
/// An answer's body beyond this is not read: API Gateway's payload limit is 10 MB.
const LARGEST_BODY: usize = 16 << 20;
/// Room that is made for a body because its length was promised: ten messages of several KiB.
const LIKELY_BODY: usize = 64 << 10;
/// A `Retry-After` beyond this is taken as this: nobody watches a screen for longer.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// Receives from one endpoint.
#[derive(Clone)]
pub struct HttpReceive {
    client: Result<Client, NoClient>,
    endpoint: Arc<Endpoint>,
    credentials: Credentials,
    /// What was received with last, and its address: parameters change rarely.
    last: Option<(ReceiveParameters, Result<Address, Fault>)>,
}

/// Where a request goes, in both of the forms that are needed.
#[derive(Clone)]
struct Address {
    url: Url,
    uri: Uri,
}

impl fmt::Debug for HttpReceive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpReceive").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

/// One request and what came of it.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// How long it took.
    pub timing: Timing,
    /// What it means.
    pub outcome: Outcome,
    /// What came before the body, if anything came.
    pub head: Option<Head>,
    /// The body, decompressed, as it came; empty when it could not be read to its end.
    pub body: Bytes,
}

/// An answer but for its body.
#[derive(Clone, Debug)]
pub struct Head {
    /// The HTTP status.
    pub status: u16,
    /// Which HTTP was spoken.
    pub version: Version,
    /// All of them.
    pub headers: HeaderMap,
}

impl Receive for HttpReceive {
    async fn receive(&mut self, parameters: &ReceiveParameters) -> (Timing, Outcome) {
        let wait = Duration::from_secs(parameters.wait_time_seconds.get().into());
        let (asked, address) = match self.last.take() {
            Some(last) if last.0 == *parameters => last,
            _ => (parameters.clone(), self.address(&query::pairs(&self.endpoint.query, parameters))),
        };
        let Exchange { timing, outcome, .. } = self.ask_at(&address, wait).await;
        self.last = Some((asked, address));
        (timing, outcome)
    }
}

impl HttpReceive {
    pub(super) fn new(client: Result<Client, NoClient>, endpoint: Endpoint) -> Self {
        Self { client, endpoint: Arc::new(endpoint), credentials: Credentials::default(), last: None }
    }

    /// One request with this in its query, answered within `wait` and 10 s more. Credentials that are refused are asked
    /// for anew where that is possible, and the request made once more: what was refused was not received.
    pub async fn ask(&mut self, pairs: &[Pair], wait: Duration) -> Exchange {
        let address = self.address(pairs);
        self.ask_at(&address, wait).await
    }

    fn address(&self, pairs: &[Pair]) -> Result<Address, Fault> {
        let Endpoint { url, auth, .. } = &*self.endpoint;
        let signed = matches!(auth, Auth::SigV4(_)).then(|| query::canonical(url));
        let url = query::with_pairs(signed.as_ref().unwrap_or(url), pairs);
        let uri = url.as_str().parse().map_err(|error: InvalidUri| failure::no_request(&error.into()))?;
        Ok(Address { url, uri })
    }

    async fn ask_at(&mut self, address: &Result<Address, Fault>, wait: Duration) -> Exchange {
        let first = self.exchange(address, wait).await;
        if !may_be_stale(&first) || !self.credentials.renew(&self.endpoint.auth).await {
            return first;
        }
        let mut second = self.exchange(address, wait).await;
        second.timing.total += first.timing.total;
        second.timing.first_byte = second.timing.first_byte.map(|time| time + first.timing.total);
        second
    }

    async fn exchange(&mut self, address: &Result<Address, Fault>, wait: Duration) -> Exchange {
        let began = Instant::now();
        let mut came = match self.request(address).await {
            Ok((client, mut request)) => {
                let headers = request.headers().clone();
                *request.timeout_mut() = Some(wait + GRACE);
                let (mut timing, answer) = phases::connecting(client.execute(request)).await;
                match answer {
                    Ok(response) => {
                        timing.first_byte = Some(began.elapsed());
                        let mut exchange = self.read(response, timing).await;
                        if let Outcome::Faulted(fault) = exchange.outcome {
                            let secrets = Secrets::of(&headers, &self.endpoint.url);
                            exchange.outcome = Outcome::Faulted(secrets.left_out_of(fault));
                        }
                        exchange
                    }
                    Err(error) => Exchange::failed(failure::fault(error), timing),
                }
            }
            Err(fault) => Exchange::failed(fault, Timing::default()),
        };
        came.timing.total = began.elapsed();
        came
    }

    async fn request(&mut self, address: &Result<Address, Fault>) -> Result<(Client, Request), Fault> {
        let client = self.client.clone().map_err(|error| failure::no_client(&error))?;
        let Address { url, uri } = address.as_ref().map_err(Clone::clone)?;
        let Endpoint { method, headers, auth, .. } = &*self.endpoint;
        let mut request = http::Request::new(&[][..]);
        *request.method_mut() = method.clone();
        *request.uri_mut() = uri.clone();
        for header in headers {
            request.headers_mut().insert(header.name.clone(), header.value.clone());
        }
        self.credentials.apply(auth, &self.endpoint.url, &mut request).await?;
        let (parts, _) = request.into_parts();
        let mut request = Request::new(parts.method, url.clone());
        *request.headers_mut() = parts.headers;
        Ok((client, request))
    }

    async fn read(&self, mut response: Response, timing: Timing) -> Exchange {
        let status = response.status().as_u16();
        let headers = std::mem::take(response.headers_mut());
        let head = Head { status, version: response.version(), headers };
        let text = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok());
        let location = text("location").and_then(|to| response.url().join(to).ok()).map(|to| bare(&to));
        let mut answer = Answer {
            status,
            error_type: text("x-amzn-errortype"),
            request_id: text("x-amzn-requestid"),
            gateway_id: text("x-amz-apigw-id"),
            retry_after: text("retry-after").and_then(|value| retry_after(value, SystemTime::now())),
            location: location.as_ref().map(Url::as_str),
            body: &[],
        };
        let body = match body(&mut response).await {
            Ok(body) => body,
            Err(fault) => {
                let outcome = Outcome::Faulted(fault.with_head(&answer));
                return Exchange { timing, outcome, head: Some(head), body: Bytes::new() };
            }
        };
        answer.body = &body;
        let outcome = match wire::decode(&answer) {
            Ok(received) => Outcome::Received {
                messages: received.messages,
                shape: received.shape,
                request_id: received.request_id,
            },
            Err(fault) => Outcome::Faulted(fault),
        };
        Exchange { timing, outcome, head: Some(head), body }
    }
}

impl Exchange {
    fn failed(fault: Fault, timing: Timing) -> Self {
        Self { timing, outcome: Outcome::Faulted(fault), head: None, body: Bytes::new() }
    }

    /// The fault, if it failed.
    #[must_use]
    pub fn fault(&self) -> Option<&Fault> {
        match &self.outcome {
            Outcome::Faulted(fault) => Some(fault),
            Outcome::Received { .. } | Outcome::Withheld(_) => None,
        }
    }
}

/// Whether other credentials could help: a 401, or a signature that has expired.
fn may_be_stale(exchange: &Exchange) -> bool {
    let expired = |fault: &Fault| {
        fault.code.as_deref().is_some_and(|code| code.starts_with("ExpiredToken"))
            || fault.message.contains("expired")
    };
    exchange.fault().is_some_and(|fault| {
        fault.kind == FaultKind::Credentials
            && (fault.status == Some(401) || fault.status == Some(403) && expired(fault))
    })
}

/// The whole body, decompressed, or a fault when it is cut short or too long.
async fn body(response: &mut Response) -> Result<Bytes, Fault> {
    // What is promised may be a lie, or more than is read.
    let promised =
        response.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or_default();
    // Most come in one piece, which is the body as it is.
    let mut first = Bytes::new();
    let mut joined = BytesMut::new();
    loop {
        let so_far = if joined.is_empty() { &*first } else { &*joined };
        match response.chunk().await {
            Ok(None) if joined.is_empty() => return Ok(first),
            Ok(None) => return Ok(joined.freeze()),
            Ok(Some(chunk)) if so_far.len() + chunk.len() > LARGEST_BODY => {
                return Err(failure::too_long(LARGEST_BODY, so_far));
            }
            Ok(Some(chunk)) if so_far.is_empty() => first = chunk,
            Ok(Some(chunk)) => {
                if joined.is_empty() {
                    joined.reserve(promised.min(LIKELY_BODY).max(first.len() + chunk.len()));
                    joined.extend_from_slice(&first);
                }
                joined.extend_from_slice(&chunk);
            }
            Err(error) => return Err(failure::in_body(error, so_far)),
        }
    }
}

/// `Retry-After` as a wait: seconds, or a date.
fn retry_after(value: &str, now: SystemTime) -> Option<Duration> {
    let wait = match value.trim().parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => httpdate::parse_http_date(value).ok()?.duration_since(now).unwrap_or_default(),
    };
    Some(wait.min(LONGEST_RETRY_AFTER))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = httpdate::parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        let cases = [
            ("7", Some(7)),
            (" 0 ", Some(0)),
            ("Sun, 06 Nov 1994 08:50:37 GMT", Some(60)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            ("99999999999", Some(86_400)),
            ("soon", None),
        ];
        for (value, seconds) in cases {
            assert_eq!(retry_after(value, now), seconds.map(Duration::from_secs), "{value}");
        }
    }
}
