//! How long connecting took: reqwest shows no more of a connection than the time it takes to make one.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tower::{Layer, Service};

tokio::task_local! {
    /// What the connector took within the request that this task is sending. A connection that outlives the
    /// request which asked for it is finished in another task, and is then nobody's.
    static CONNECT: Cell<Option<Duration>>;
}

/// Runs `request` and says how long connecting took, if it opened a connection.
pub(super) async fn connecting<F: Future>(request: F) -> (Option<Duration>, F::Output) {
    CONNECT
        .scope(Cell::new(None), async {
            let output = request.await;
            (CONNECT.with(Cell::get), output)
        })
        .await
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
                let _ = CONNECT.try_with(|slot| slot.set(Some(began.elapsed())));
            }
            connected
        })
    }
}
