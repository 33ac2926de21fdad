//! The command line: what can be said, and nothing done about it yet.

mod connection;
mod credentials;
mod gateway;
mod parse;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

use crate::config::file::{Interval, Polling};
use crate::config::resolve::{Environment, Overrides};
use crate::guard::Limit;
use crate::local::traffic::Scenario;
use crate::source::Burst;
use crate::sqs::{AttributeName, MaxNumberOfMessages, MaxReceiveCount, VisibilityTimeout, WaitTimeSeconds};
use crate::text::visible;
pub use connection::ConnectionArgs;
use connection::overrides_of;
pub use credentials::CredentialArgs;
pub use gateway::{EmbeddedArgs, GatewayArgs};
pub use parse::parse;

/// One line a paragraph: clap breaks them to the terminal's width.
const AFTER_HELP: &str = "\
A receive is not a read: each one raises the receive count of the messages it returns, and with a visibility timeout \
above 0 it hides them from their consumers. qwatch asks for a timeout of 0.

Every flag that takes a value can be given as a variable too: --interval as QWATCH_INTERVAL, and so on; names are \
separated by commas, headers by line feeds. NO_COLOR turns colours off.

The guard stops polling an endpoint before a receive could use up the last that a message has before SQS moves it to the \
dead-letter queue: at the queue's max_receive_count less a reserve of 1. Unless --max-receive-count or the config file says \
the limit, it is taken as 3. It cannot know everything: a count may rise between two polls, and a message that was never \
shown to qwatch cannot be guarded.

Exit codes: 0 done, 1 failed at run time (doctor: found something to change), 2 usage or configuration, 3 guarded (tail), 130 interrupted.";

/// Watch message queues through HTTP gateways, in a terminal.
///
/// Without a command, watches the endpoints given: names from the config file, or URLs of gateways. Without
/// any, watches all that the config file names. `qwatch demo` needs nothing at all.
#[derive(Debug, Parser)]
#[command(name = "qwatch", version, after_help = AFTER_HELP)]
pub struct Cli {
    /// What to do; watching when none is given.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Config file, instead of the platform's
    #[arg(long, global = true, value_name = "FILE", env = "QWATCH_CONFIG", hide_env = true)]
    pub config: Option<PathBuf>,
    /// What to watch; last, since its headings in the help would take in whatever follows.
    #[command(flatten)]
    pub watch: WatchArgs,
}

impl Cli {
    /// Whether it answers requests, and does not only make them.
    #[must_use]
    pub fn serves(&self) -> bool {
        matches!(self.command, Some(Command::Demo(_) | Command::Gateway(_)))
    }
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Watch an embedded gateway with traffic on it: nothing else is needed
    Demo(DemoArgs),
    /// Print messages as NDJSON on stdout
    Tail(Box<TailArgs>),
    /// Say what a gateway honours, and what is wrong with it
    Doctor(Box<DoctorArgs>),
    /// Run the gateway itself: in front of embedded queues, or of a real SQS queue
    Gateway(Box<GatewayArgs>),
    /// Write, find or check the config file
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Print a completion script for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
}

/// `qwatch config …`.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Write a sample config file, every setting at its default
    Init,
    /// Print where the config file is, or would be
    Path,
    /// Read the config file and say what is wrong with it
    Check,
}

/// What to watch, and how.
#[derive(Debug, Args)]
pub struct WatchArgs {
    /// Endpoints: names from the config file, or URLs of gateways
    #[arg(value_name = "NAME|URL")]
    pub endpoints: Vec<String>,
    /// How to poll them.
    #[command(flatten)]
    pub polling: PollingArgs,
    /// How carefully.
    #[command(flatten)]
    pub guard: GuardArgs,
    /// As whom.
    #[command(flatten)]
    pub credentials: CredentialArgs,
    /// By which way.
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

/// `qwatch demo`.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// What the traffic does
    #[arg(long, value_enum, default_value_t = Scenario::Steady, env = "QWATCH_SCENARIO", hide_env = true)]
    pub scenario: Scenario,
    /// Messages sent a second, 0.1 to 10000
    #[arg(long, default_value = "8", value_parser = rate, env = "QWATCH_RATE", hide_env = true)]
    pub rate: f64,
    /// The same number makes the same traffic again
    #[arg(long, default_value_t = 1, env = "QWATCH_SEED", hide_env = true)]
    pub seed: u64,
    /// How to poll it.
    #[command(flatten)]
    pub polling: PollingArgs,
}

/// `qwatch tail`.
#[derive(Debug, Args)]
pub struct TailArgs {
    /// Stop after N messages
    #[arg(long, value_name = "N", env = "QWATCH_COUNT", hide_env = true, value_parser = count)]
    pub count: Option<u64>,
    /// Stop after so long, such as 30s or 5m
    #[arg(long = "for", value_name = "DURATION", value_parser = duration, env = "QWATCH_FOR", hide_env = true)]
    pub duration: Option<Duration>,
    /// Print each message id once
    #[arg(long)]
    pub distinct: bool,
    /// Print only messages that this takes, such as 'body.status = failed and age > 5m' or @saved
    #[arg(long, value_name = "FILTER", env = "QWATCH_FILTER", hide_env = true)]
    pub filter: Option<String>,
    /// Hide the values of secret keys, and what looks like an e-mail address, a card number, a token or a key
    #[arg(long)]
    pub mask: bool,
    /// Print receipt handles too: whoever has one can delete the message
    #[arg(long)]
    pub receipt_handle: bool,
    /// What to watch.
    #[command(flatten)]
    pub watch: WatchArgs,
}

/// `qwatch doctor`.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Gateways: names from the config file, or URLs
    #[arg(value_name = "NAME|URL")]
    pub endpoints: Vec<String>,
    /// Print each report as one JSON object a line
    #[arg(long)]
    pub json: bool,
    /// Make no receive: look at the name, the connection and the certificate only
    #[arg(long)]
    pub dry_run: bool,
    /// How carefully.
    #[command(flatten)]
    pub guard: GuardArgs,
    /// As whom.
    #[command(flatten)]
    pub credentials: CredentialArgs,
    /// By which way.
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

/// How to poll.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Polling")]
pub struct PollingArgs {
    /// From the start of one poll to the start of the next, such as 2s or 500ms [default: 2s]
    #[arg(long, value_name = "DURATION", env = "QWATCH_INTERVAL", hide_env = true)]
    pub interval: Option<Interval>,
    /// What the interval stretches to while nothing new comes [default: 30s]
    #[arg(long, value_name = "DURATION", env = "QWATCH_MAX_INTERVAL", hide_env = true)]
    pub max_interval: Option<Interval>,
    /// Polls that may follow at once while answers come back full, 1 to 100 [default: 1]
    #[arg(long, value_name = "N", env = "QWATCH_BURST", hide_env = true)]
    pub burst: Option<Burst>,
    /// Messages a poll may return, 1 to 10 [default: 10]
    #[arg(long, value_name = "N", env = "QWATCH_MAX_NUMBER_OF_MESSAGES", hide_env = true)]
    pub max_number_of_messages: Option<MaxNumberOfMessages>,
    /// For how long a poll hides messages from their consumers, 0 to 43200 s [default: 0]
    #[arg(long, value_name = "SECONDS", env = "QWATCH_VISIBILITY_TIMEOUT", hide_env = true)]
    pub visibility_timeout: Option<VisibilityTimeout>,
    /// For how long a poll waits for messages, 0 to 20 s [default: 0]
    #[arg(long, value_name = "SECONDS", env = "QWATCH_WAIT_TIME_SECONDS", hide_env = true)]
    pub wait_time_seconds: Option<WaitTimeSeconds>,
    /// System attribute to ask for; repeatable [default: All]
    #[arg(long, value_name = "NAME", env = "QWATCH_ATTRIBUTE_NAME", hide_env = true, value_delimiter = ',', value_parser = attribute_name)]
    pub attribute_name: Vec<AttributeName>,
    /// Custom attribute to ask for, or prefix.*; repeatable [default: All]
    #[arg(long, value_name = "NAME", env = "QWATCH_MESSAGE_ATTRIBUTE_NAME", hide_env = true, value_delimiter = ',', value_parser = message_attribute_name)]
    pub message_attribute_name: Vec<String>,
}

/// When to stop.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Guard")]
pub struct GuardArgs {
    /// The queue's redrive limit, 1 to 1000: the guard stops short of it [default: 3, assumed]
    #[arg(
        long,
        value_name = "N",
        env = "QWATCH_MAX_RECEIVE_COUNT",
        hide_env = true,
        conflicts_with = "dead_letter"
    )]
    pub max_receive_count: Option<MaxReceiveCount>,
    /// The queue's messages have nowhere to fall: nothing to guard
    #[arg(long)]
    pub dead_letter: bool,
    /// Poll on whatever it does to the queue
    #[arg(long)]
    pub no_guard: bool,
}

impl PollingArgs {
    /// The layer above the config file, without credentials.
    #[must_use]
    pub fn overrides(&self) -> Overrides {
        let polling = Polling {
            interval: self.interval,
            max_interval: self.max_interval,
            burst: self.burst,
            max_number_of_messages: self.max_number_of_messages,
            visibility_timeout: self.visibility_timeout,
            wait_time_seconds: self.wait_time_seconds,
            attribute_name: (!self.attribute_name.is_empty()).then(|| self.attribute_name.clone()),
            message_attribute_name: (!self.message_attribute_name.is_empty())
                .then(|| self.message_attribute_name.clone()),
        };
        Overrides { polling, ..Overrides::default() }
    }
}

impl GuardArgs {
    fn over(&self, others: Overrides) -> Overrides {
        let Self { max_receive_count, dead_letter, no_guard } = *self;
        let limit = max_receive_count.map(|count| Limit::Known(count.get()));
        Overrides { limit: limit.or(dead_letter.then_some(Limit::Nowhere)), no_guard, ..others }
    }
}

impl DoctorArgs {
    /// The layer above the config file.
    ///
    /// # Errors
    /// A sentence when a flag or its variable cannot be used.
    pub fn overrides(&self, environment: Environment<'_>) -> Result<Overrides, String> {
        let overrides = self.guard.over(Overrides::default());
        overrides_of(&self.credentials, &self.connection, overrides, environment)
    }
}

impl WatchArgs {
    /// The layer above the config file.
    ///
    /// # Errors
    /// A sentence when a flag or its variable cannot be used.
    pub fn overrides(&self, environment: Environment<'_>) -> Result<Overrides, String> {
        let overrides = self.guard.over(self.polling.overrides());
        overrides_of(&self.credentials, &self.connection, overrides, environment)
    }
}

fn rate(text: &str) -> Result<f64, String> {
    let rate = text.trim().parse().ok().filter(|rate| (0.1..=10_000.0).contains(rate));
    rate.ok_or_else(|| format!("must be a number from 0.1 to 10000, not {}", given(text)))
}

fn attribute_name(text: &str) -> Result<AttributeName, String> {
    crate::sqs::attributes::requested_name(text)
}

fn message_attribute_name(text: &str) -> Result<String, String> {
    crate::sqs::attributes::requested_custom_name(text)
}

fn count(text: &str) -> Result<u64, String> {
    let count = text.trim().parse().ok().filter(|count| *count > 0);
    count.ok_or_else(|| format!("must be a whole number from 1, not {}", given(text)))
}

fn duration(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text.trim())
        .map_err(|_| format!("must be a duration such as 30s or 5m, not {}", given(text)))
}

fn given(text: &str) -> std::borrow::Cow<'_, str> {
    if text.trim().is_empty() { "nothing".into() } else { visible(text) }
}
