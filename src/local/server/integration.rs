//! What stands behind the gateway: queues of its own, or a real SQS.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;

use super::answer::GatewayError;
use crate::local::Shared;
use crate::local::queue::{Receive, SendMessage, Sent, SqsError};
use crate::local::upstream::{CallError, INTEGRATION_TIMEOUT, Refusal, Upstream};
use crate::sqs::Message;

/// How long a stop waits for requests of embedded queues, which take no time.
const EMBEDDED_PATIENCE: Duration = Duration::from_secs(5);

/// Where the gateway's requests go.
#[derive(Clone)]
pub enum Integration {
    /// Queues in this process.
    Embedded(Arc<Shared>),
    /// One queue of a real SQS.
    Upstream(Arc<Upstream>),
}

impl From<Arc<Shared>> for Integration {
    fn from(shared: Arc<Shared>) -> Self {
        Self::Embedded(shared)
    }
}

impl From<Upstream> for Integration {
    fn from(upstream: Upstream) -> Self {
        Self::Upstream(Arc::new(upstream))
    }
}

/// Who failed: the gateway on its own account, or SQS behind it.
#[derive(Debug)]
pub(super) enum Failure {
    Gateway(GatewayError),
    Sqs(Refusal),
}

impl<E: Into<GatewayError>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Gateway(error.into())
    }
}

impl From<SqsError> for Failure {
    fn from(error: SqsError) -> Self {
        Self::Sqs(error.into())
    }
}

impl From<CallError> for Failure {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Sqs(refusal) => Self::Sqs(refusal),
            CallError::TimedOut => {
                tracing::error!(target: super::LOG, "SQS did not answer within {INTEGRATION_TIMEOUT:?}");
                Self::Gateway(GatewayError::IntegrationTimedOut)
            }
            CallError::Failed(why) => {
                tracing::error!(target: super::LOG, "SQS could not be asked: {why}");
                Self::Gateway(GatewayError::Internal)
            }
        }
    }
}

impl Integration {
    /// The names of the queues, the default one first.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let (embedded, upstream) = match self {
            Self::Embedded(shared) => (Some(shared.names()), None),
            Self::Upstream(upstream) => (None, Some(upstream.name())),
        };
        embedded.into_iter().flatten().chain(upstream)
    }

    pub(super) fn has(&self, queue: &str) -> bool {
        match self {
            Self::Embedded(shared) => shared.has(queue),
            Self::Upstream(upstream) => upstream.name() == queue,
        }
    }

    pub(super) fn admit(&self) -> Result<(), GatewayError> {
        match self {
            Self::Embedded(shared) => Ok(shared.admit()?),
            Self::Upstream(_) => Ok(()),
        }
    }

    pub(super) async fn receive(&self, queue: &str, receive: &Receive) -> Result<Vec<Message>, Failure> {
        match self {
            Self::Embedded(shared) => Ok(shared.receive(queue, receive).await?),
            Self::Upstream(upstream) => Ok(upstream.receive(receive).await?),
        }
    }

    pub(super) async fn send(&self, queue: &str, message: SendMessage) -> Result<Sent, Failure> {
        match self {
            Self::Embedded(shared) => Ok(shared.with(|queues, now| queues.send(queue, message, now))?),
            Self::Upstream(upstream) => Ok(upstream.send(message).await?),
        }
    }

    pub(super) async fn delete(&self, queue: &str, receipt_handle: &str) -> Result<(), Failure> {
        match self {
            Self::Embedded(shared) => {
                Ok(shared.with(|queues, now| queues.delete(queue, receipt_handle, now))?)
            }
            Self::Upstream(upstream) => Ok(upstream.delete(receipt_handle).await?),
        }
    }

    /// Keeps the time of embedded queues; a real SQS keeps its own.
    pub(super) fn tend(&self) -> Option<JoinHandle<()>> {
        let Self::Embedded(shared) = self else { return None };
        let shared = Arc::clone(shared);
        Some(tokio::spawn(async move { shared.tend().await }))
    }

    pub(super) fn stop_waiting(&self) {
        if let Self::Embedded(shared) = self {
            shared.stop_waiting();
        }
    }

    /// How long a stop waits for requests under way: a receive that a real SQS has begun is not abandoned.
    pub(super) fn patience(&self) -> Duration {
        match self {
            Self::Embedded(_) => EMBEDDED_PATIENCE,
            Self::Upstream(_) => INTEGRATION_TIMEOUT,
        }
    }
}
