//! The embedded gateway: queues with SQS's rules behind HTTP.
//!
//! ```text
//!   traffic ──▶ Shared { Queues, weather } ◀── server ◀──HTTP── anyone
//!   producers,          one lock, one clock;    GET: ReceiveMessage, POST: SendMessage,
//!   consumers           wakes long polls        DELETE: DeleteMessage
//! ```
//!
//! In the place of `Shared` there may be an [`upstream`]: a real SQS endpoint.
//!
//! [`queue`] knows SQS's rules and no clock, [`traffic`] is a simulation that knows no clock either, `Shared`
//! has the clock and the lock, [`server`] speaks HTTP. [`Demo`] is all of it together.

pub mod queue;
pub mod server;
mod shared;
pub mod traffic;
pub mod upstream;
mod weather;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::task::JoinHandle;

pub use server::{Gateway, Integration, Options};
pub use shared::Shared;
pub use traffic::{Scenario, Traffic};
pub use weather::Weather;

/// A gateway with traffic behind it.
pub struct Demo {
    gateway: Gateway,
    shared: Arc<Shared>,
    driver: JoinHandle<()>,
}

/// Starts a scenario at about `rate` messages a second behind a gateway on `listen` (port 0 picks one). The
/// first receive finds messages.
///
/// # Errors
/// When the address cannot be listened on.
pub async fn demo(scenario: Scenario, rate: f64, seed: u64, listen: SocketAddr) -> io::Result<Demo> {
    Demo::start(Traffic::new(scenario, rate, seed), listen, Options::default()).await
}

impl Demo {
    /// Starts `traffic` behind a gateway that answers by `options`.
    ///
    /// # Errors
    /// When the address cannot be listened on.
    pub async fn start(mut traffic: Traffic, listen: SocketAddr, options: Options) -> io::Result<Self> {
        let queues = traffic.warm_up(chrono::Utc::now());
        let shared = Arc::new(Shared::new(queues, traffic::WARM_UP));
        let gateway = Gateway::start(listen, options, Arc::clone(&shared)).await?;
        let driver = tokio::spawn(traffic::drive(traffic, Arc::clone(&shared)));
        Ok(Self { gateway, shared, driver })
    }

    /// The queues' names and where to receive from them, the default queue first.
    #[must_use]
    pub fn endpoints(&self) -> Vec<(String, String)> {
        self.gateway.endpoints()
    }

    /// The gateway in front of them.
    #[must_use]
    pub fn gateway(&self) -> &Gateway {
        &self.gateway
    }

    /// The queues behind the gateway.
    #[must_use]
    pub fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Ends the traffic, then the gateway, which finishes the requests under way.
    pub async fn stop(self) {
        self.driver.abort();
        self.gateway.stop().await;
    }
}
