//! `qwatch demo`: the embedded gateway with traffic, and the screen on it, over real HTTP.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use super::{Failure, watch};
use crate::cli::DemoArgs;
use crate::config::file::Interval;
use crate::config::{Loaded, Look, resolve};
use crate::guard::Limit;
use crate::local;

/// A demonstration may look more often than one should look at a queue that matters.
const INTERVAL: Duration = Duration::from_secs(1);

pub(super) async fn run(args: &DemoArgs, look: Look) -> Result<(), Failure> {
    let mut overrides = args.polling.overrides();
    overrides.polling.interval = overrides.polling.interval.or(Some(Interval(INTERVAL)));
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let demo = local::demo(args.scenario, args.rate, args.seed, listen)
        .await
        .map_err(|error| Failure::Run(format!("cannot start the gateway on {listen}: {error}")))?;
    let (names, urls): (Vec<_>, Vec<_>) = demo.endpoints().into_iter().unzip();
    let mut settings = resolve(&urls, &overrides, &Loaded::default(), &super::environment)?;
    // Keys, colours and columns are the user's; what is polled, and how, is the demonstration's.
    settings.look = look;
    for (endpoint, name) in settings.endpoints.iter_mut().zip(&names) {
        endpoint.name = name.as_str().into();
        // The gateway is ours, so the limit is known.
        let limit = demo.shared().with(|queues, _| queues.max_receive_count(name));
        endpoint.guard.limit = limit.map_or(Limit::Nowhere, |count| Limit::Known(count.get()));
    }
    let ended = watch::run(settings).await;
    demo.stop().await;
    ended
}
