//! `qwatch gateway`: the embedded gateway alone, or API Gateway's direct integration in front of a real queue.

use std::io::{self, IsTerminal as _};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

use super::{Failure, environment, print};
use crate::cli::{EmbeddedArgs, GatewayArgs};
use crate::local::queue::{MaxReceiveCount, Queues, RedrivePolicy, Settings, SqsError, is_fifo};
use crate::local::upstream::Upstream;
use crate::local::{Demo, Gateway, Options, Shared, Traffic, server};
use crate::signals::Signals;
use crate::terminal::log::filter;
use crate::text::visible;

/// Messages a second, unless asked otherwise: the demo's.
const RATE: f64 = 8.0;
/// The embedded queue's name, unless asked otherwise.
const QUEUE: &str = "queue";

pub(super) async fn run(args: GatewayArgs) -> Result<(), Failure> {
    log();
    let options = options(&args)?;
    let mut signals =
        Signals::unless_ignored().map_err(|error| failed("cannot listen for signals", &error))?;
    let running = Running::start(args, options).await?;
    print(running.lines().as_bytes())?;
    signals.next().await;
    tracing::info!(target: server::LOG, "stopping: finishing the requests under way");
    tokio::select! {
        () = running.stop() => Ok(()),
        _ = signals.next() => Err(Failure::Interrupted),
    }
}

/// The gateway, with the traffic or without.
enum Running {
    Alone(Gateway),
    WithTraffic(Demo),
}

impl Running {
    async fn start(args: GatewayArgs, options: Options) -> Result<Self, Failure> {
        let listen = args.listen;
        let unheard = |error: io::Error| unheard(listen, &error);
        if let Some(queue_url) = args.queue_url {
            let upstream = Upstream::connect(queue_url, args.region).await;
            let upstream = upstream.map_err(|error| Failure::Run(error.to_string()))?;
            tracing::info!(target: server::LOG, "in front of {} in {}", upstream.name(), upstream.region());
            return Gateway::start(listen, options, upstream).await.map(Self::Alone).map_err(unheard);
        }
        let seed = args.embedded.seed.unwrap_or(1);
        if let Some(scenario) = args.embedded.traffic {
            let mut traffic = Traffic::new(scenario, args.embedded.rate.unwrap_or(RATE), seed);
            if let Some(max_receive_count) = args.embedded.max_receive_count {
                traffic = traffic.with_max_receive_count(max_receive_count);
            }
            return Demo::start(traffic, listen, options).await.map(Self::WithTraffic).map_err(unheard);
        }
        let queues = queues(&args.embedded, seed).map_err(|error| Failure::Usage(error.to_string()))?;
        let shared = Arc::new(Shared::new(queues, Duration::ZERO));
        Gateway::start(listen, options, shared).await.map(Self::Alone).map_err(unheard)
    }

    /// The default queue's URL is the gateway's own, then each other queue's.
    fn lines(&self) -> String {
        let (root, endpoints) = match self {
            Self::Alone(gateway) => (gateway.url(""), gateway.endpoints()),
            Self::WithTraffic(demo) => (demo.gateway().url(""), demo.endpoints()),
        };
        let others = endpoints.into_iter().skip(1).map(|(_, url)| url);
        std::iter::once(root).chain(others).map(|url| url + "\n").collect()
    }

    async fn stop(self) {
        match self {
            Self::Alone(gateway) => gateway.stop().await,
            Self::WithTraffic(demo) => demo.stop().await,
        }
    }
}

fn options(args: &GatewayArgs) -> Result<Options, Failure> {
    let api_key = args.api_key_env.as_deref().map(api_key).transpose()?;
    if api_key.is_none() && !args.listen.ip().to_canonical().is_loopback() {
        return Err(Failure::Usage(format!(
            "--listen {}: anybody who reaches this address could receive messages, which hides them from their consumers; \
             give --api-key-env VAR as well, or listen on 127.0.0.1",
            args.listen
        )));
    }
    Ok(Options {
        shape: args.shape.into(),
        status_patterns: args.status_patterns,
        api_key,
        requests_per_second: args.throttle,
    })
}

fn api_key(variable: &str) -> Result<SecretString, Failure> {
    let key = environment(variable).filter(|key| !key.is_empty());
    key.map(SecretString::from).ok_or_else(|| {
        let variable = visible(variable);
        Failure::Usage(format!(
            "--api-key-env: the variable {variable} is not set; set it to the key to demand"
        ))
    })
}

/// The queues that were asked for, each with a dead-letter queue where there is a limit.
fn queues(args: &EmbeddedArgs, seed: u64) -> Result<Queues, SqsError> {
    let mut queues = Queues::new(chrono::Utc::now(), seed);
    let asked: Vec<&str> = if args.queue.is_empty() { vec![QUEUE] } else { names(&args.queue) };
    let settings = Settings { content_based_deduplication: args.fifo, ..Settings::default() };
    let names: Vec<String> = asked.into_iter().map(|name| named(name, args.fifo)).collect();
    for name in &names {
        queues.create(name, settings.clone())?;
    }
    if let Some(max_receive_count) = args.max_receive_count {
        for name in &names {
            add_dead_letter_queue(&mut queues, name, max_receive_count, &settings)?;
        }
    }
    Ok(queues)
}

fn names(given: &[String]) -> Vec<&str> {
    given.iter().map(|name| name.trim()).collect()
}

fn named(name: &str, fifo: bool) -> String {
    let suffix = if fifo && !is_fifo(name) { ".fifo" } else { "" };
    format!("{name}{suffix}")
}

fn add_dead_letter_queue(
    queues: &mut Queues,
    name: &str,
    max_receive_count: MaxReceiveCount,
    settings: &Settings,
) -> Result<(), SqsError> {
    let dead_letter_queue = match name.strip_suffix(".fifo") {
        Some(stem) => format!("{stem}-dlq.fifo"),
        None => format!("{name}-dlq"),
    };
    queues.create(&dead_letter_queue, settings.clone())?;
    queues.set_redrive_policy(name, &RedrivePolicy { dead_letter_queue, max_receive_count })
}

/// On stderr, a line a request. A second start in one process keeps the first one's log.
fn log() {
    let colours = io::stderr().is_terminal() && environment("NO_COLOR").is_none_or(|value| value.is_empty());
    let layer =
        tracing_subscriber::fmt::layer().with_ansi(colours).with_target(false).with_writer(io::stderr);
    let filter = filter(&["qwatch", server::LOG]);
    let _ = tracing_subscriber::registry().with(layer.with_filter(filter)).try_init();
}

fn unheard(listen: SocketAddr, error: &io::Error) -> Failure {
    let advice = match error.kind() {
        io::ErrorKind::AddrInUse => {
            "; something listens there already: --listen 127.0.0.1:0 picks a free port"
        }
        io::ErrorKind::AddrNotAvailable => "; this machine has no such address",
        io::ErrorKind::PermissionDenied => "; ports below 1024 are the system's",
        _ => "",
    };
    Failure::Run(format!("cannot listen on {listen}: {error}{advice}"))
}

fn failed(what: &str, error: &dyn std::fmt::Display) -> Failure {
    Failure::Run(format!("{what}: {error}"))
}
