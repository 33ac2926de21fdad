//! How long the parts of connecting took: a resolver and a connector that look at the clock, and TLS's own first step.

use std::cell::Cell;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tower::{Layer, Service};

use crate::observation::Timing;

/// What is seen of one connection.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    dns: Option<Duration>,
    tls_began: Option<Instant>,
    connected: Option<(Duration, Instant)>,
}

tokio::task_local! {
    /// What is seen while the request that this task sends opens a connection. A connection that outlives the
    /// request which asked for it is finished in another task, and is then nobody's.
    static SEEN: Cell<Seen>;
}

/// Runs `request` and says how long connecting took, if it opened a connection.
pub(super) async fn connecting<F: Future>(request: F) -> (Timing, F::Output) {
    SEEN.scope(Cell::default(), async {
        let output = request.await;
        (timing(SEEN.with(Cell::get)), output)
    })
    .await
}

/// The parts of one whole: what is neither DNS nor TLS is the connection itself.
fn timing(seen: Seen) -> Timing {
    let tls =
        seen.connected.zip(seen.tls_began).map(|((_, stood), began)| stood.saturating_duration_since(began));
    let around = seen.dns.unwrap_or_default() + tls.unwrap_or_default();
    let connect = seen.connected.map(|(whole, _)| whole.saturating_sub(around));
    Timing { dns: seen.dns, connect, tls, ..Timing::default() }
}

fn note(change: impl FnOnce(&mut Seen)) {
    let _ = SEEN.try_with(|cell| {
        let mut seen = cell.get();
        change(&mut seen);
        cell.set(seen);
    });
}

/// A TLS handshake begins. Where an HTTPS proxy is spoken to first, the gateway's own is the last to begin.
pub(super) fn tls_begins() {
    note(|seen| seen.tls_began = Some(Instant::now()));
}

/// The system's resolver, timed.
#[derive(Clone, Copy, Debug)]
pub(super) struct TimeLookup;

impl Resolve for TimeLookup {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let began = Instant::now();
            let addresses: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            note(|seen| seen.dns = Some(began.elapsed()));
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

/// Times the connector that it is laid over.
#[derive(Clone, Copy, Debug)]
pub(super) struct TimeConnect;

impl<S> Layer<S> for TimeConnect {
    type Service = Timed<S>;

    fn layer(&self, connector: S) -> Timed<S> {
        Timed { connector }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Timed<S> {
    connector: S,
}

impl<S, Request> Service<Request> for Timed<S>
where
    S: Service<Request>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.connector.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let connecting = self.connector.call(request);
        Box::pin(async move {
            let began = Instant::now();
            let connected = connecting.await;
            if connected.is_ok() {
                note(|seen| seen.connected = Some((began.elapsed(), Instant::now())));
            }
            connected
        })
    }
}
