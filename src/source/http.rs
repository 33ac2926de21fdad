//! One receive over HTTP, its phases timed, its failures told apart.

mod failure;
mod phases;
mod redirects;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use reqwest::header::HeaderMap;
use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use url::{Host, Url};

use super::auth::{headers, without_secrets};
use super::{Endpoint, QueryNames, Receive, bare};
use crate::observation::{Outcome, Timing};
use crate::sqs::ReceiveParameters;
use crate::text::visible;
use crate::wire::{self, Answer, Fault};

/// A request may take this much longer than it asked SQS to wait. REST APIs give up at 29 s themselves.
const GRACE: Duration = Duration::from_secs(10);
/// A connection must stand within this.
const CONNECT: Duration = Duration::from_secs(5);
/// An answer's body beyond this is not read: API Gateway's payload limit is 10 MB.
const LARGEST_BODY: usize = 16 << 20;
/// A `Retry-After` beyond this is taken as this: nobody watches a screen for longer.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// The HTTP clients that all endpoints share: one pool and one trust store, with the environment's proxies and
/// without them.
#[derive(Clone)]
pub struct Http {
    client: Client,
    direct: Client,
}

// A client's own `Debug` may name proxies, and a proxy's URL may hold a password.
impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http").finish_non_exhaustive()
    }
}

/// The client could not be made.
#[derive(Debug, thiserror::Error)]
#[error("cannot set up HTTPS: {0}; check this machine's trust store and proxy variables")]
pub struct NoClient(#[from] reqwest::Error);

impl Http {
    /// A client with the platform's trust store, proxies from the environment, gzip and HTTP/2.
    ///
    /// # Errors
    /// [`NoClient`] when the platform's trust store cannot be read.
    pub fn new() -> Result<Self, NoClient> {
        // A second caller finds a provider installed already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = || {
            Client::builder()
                .user_agent(concat!("qwatch/", env!("CARGO_PKG_VERSION")))
                .redirect(Policy::custom(redirects::policy))
                .referer(false)
                .connect_timeout(CONNECT)
                .connector_layer(phases::TimeConnect)
        };
        Ok(Self { client: builder().build()?, direct: builder().no_proxy().build()? })
    }

    /// Receives from one endpoint.
    #[must_use]
    pub fn of(self, endpoint: Endpoint) -> HttpReceive {
        let client = if is_loopback(&endpoint.url) { self.direct } else { self.client };
        HttpReceive { client, endpoint: Arc::new(endpoint) }
    }
}

/// Whether this machine itself is asked: a proxy elsewhere cannot reach it, and the demo must work behind one.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Receives from one endpoint.
#[derive(Clone)]
pub struct HttpReceive {
    client: Client,
    endpoint: Arc<Endpoint>,
}

impl fmt::Debug for HttpReceive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpReceive").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

impl Receive for HttpReceive {
    async fn receive(&mut self, parameters: &ReceiveParameters) -> (Timing, Outcome) {
        let began = Instant::now();
        let wait = Duration::from_secs(parameters.wait_time_seconds.get().into());
        let headers = headers(&self.endpoint.headers, &self.endpoint.auth);
        let request = self
            .client
            .get(url(&self.endpoint.url, &self.endpoint.query, parameters))
            .headers(headers.clone())
            .timeout(wait + GRACE);
        let (connect, sent) = phases::connecting(request.send()).await;
        let mut timing = Timing { connect, ..Timing::default() };
        let outcome = match sent {
            Ok(response) => {
                timing.first_byte = Some(began.elapsed());
                read(response, &headers).await
            }
            Err(error) => Outcome::Faulted(failure::fault(error)),
        };
        timing.total = began.elapsed();
        (timing, outcome)
    }
}

/// The endpoint's URL with what this receive asks for; what the URL's own query says stays.
#[must_use]
pub fn url(base: &Url, names: &QueryNames, parameters: &ReceiveParameters) -> Url {
    let mut url = base.clone();
    {
        let mut query = url.query_pairs_mut();
        query
            .append_pair(&names.max_number_of_messages, &parameters.max_number_of_messages.to_string())
            .append_pair(&names.visibility_timeout, &parameters.visibility_timeout.to_string())
            .append_pair(&names.wait_time_seconds, &parameters.wait_time_seconds.to_string());
        for (name, value) in numbered(&names.attribute_name, &parameters.attribute_name) {
            query.append_pair(&name, value.as_str());
        }
        for (name, value) in numbered(&names.message_attribute_name, &parameters.message_attribute_name) {
            query.append_pair(&name, value);
        }
    }
    url
}

/// One value goes under the plain name, which is what the public sample maps; several are numbered from 1, which
/// is how the Query protocol writes a list.
fn numbered<'a, V>(name: &str, values: &'a [V]) -> impl Iterator<Item = (String, &'a V)> {
    let single = values.len() == 1;
    let stem = name.strip_suffix(".1").unwrap_or(name).to_owned();
    let name = name.to_owned();
    values.iter().enumerate().map(move |(index, value)| {
        (if single { name.clone() } else { format!("{stem}.{}", index + 1) }, value)
    })
}

async fn read(mut response: Response, sent: &HeaderMap) -> Outcome {
    let headers = response.headers().clone();
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let location = text("location").and_then(|to| response.url().join(to).ok()).map(|to| bare(&to));
    let mut answer = Answer {
        status: response.status().as_u16(),
        error_type: text("x-amzn-errortype"),
        request_id: text("x-amzn-requestid"),
        gateway_id: text("x-amz-apigw-id"),
        retry_after: text("retry-after").and_then(|value| retry_after(value, SystemTime::now())),
        location: location.as_ref().map(Url::as_str),
        body: &[],
    };
    let body = match body(&mut response, sent).await {
        Ok(body) => body,
        Err(fault) => return Outcome::Faulted(with_evidence(fault, &answer)),
    };
    answer.body = &body;
    match wire::decode(&answer) {
        Ok(received) => Outcome::Received {
            messages: received.messages.into_iter().map(Arc::new).collect(),
            shape: received.shape,
            request_id: received.request_id,
        },
        // API Gateway quotes an Authorization header that it cannot parse, so a fault is read again without what
        // we sent as a secret: a fault's words go to the screen, to logs and into tickets.
        Err(fault) => Outcome::Faulted(
            without_secrets(&body, sent)
                .and_then(|body| wire::decode(&Answer { body: &body, ..answer }).err())
                .unwrap_or(fault),
        ),
    }
}

/// What the headers said stays known when the body does not end: support asks for it.
fn with_evidence(fault: Fault, answer: &Answer<'_>) -> Fault {
    let owned = |header: Option<&str>| header.map(|text| visible(text).into_owned());
    Fault {
        status: Some(answer.status),
        request_id: owned(answer.request_id),
        gateway_id: owned(answer.gateway_id),
        retry_after: answer.retry_after,
        ..fault
    }
}

/// The whole body, decompressed, or a fault when it is cut short or too long.
async fn body(response: &mut Response, sent: &HeaderMap) -> Result<Vec<u8>, Fault> {
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(None) => return Ok(body),
            Ok(Some(chunk)) if body.len() + chunk.len() > LARGEST_BODY => {
                let shown = without_secrets(&body, sent).unwrap_or(body);
                return Err(failure::too_long(LARGEST_BODY, &shown));
            }
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Err(error) => return Err(failure::in_body(error, &without_secrets(&body, sent).unwrap_or(body))),
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
    use crate::sqs::AttributeName;

    #[test]
    fn receive_parameters_carry_sqs_names_and_lists_are_numbered() {
        let base = Url::parse("https://host/prod?queue=a").unwrap();
        let mut parameters = ReceiveParameters::default();
        assert_eq!(
            url(&base, &QueryNames::default(), &parameters).query(),
            Some(
                "queue=a&MaxNumberOfMessages=10&VisibilityTimeout=0&WaitTimeSeconds=0&AttributeName=All&MessageAttributeName=All"
            )
        );
        parameters.attribute_name = vec![AttributeName::SenderId, AttributeName::SentTimestamp];
        parameters.message_attribute_name = Vec::new();
        let names = QueryNames { max_number_of_messages: "n".into(), ..QueryNames::default() };
        assert_eq!(
            url(&base, &names, &parameters).query(),
            Some(
                "queue=a&n=10&VisibilityTimeout=0&WaitTimeSeconds=0&AttributeName.1=SenderId&AttributeName.2=SentTimestamp"
            )
        );
    }

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
