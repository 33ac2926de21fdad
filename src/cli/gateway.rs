//! `qwatch gateway`: what can be said to it.

use std::net::SocketAddr;

use clap::{Args, ValueEnum};
use url::Url;

use super::{given, rate};
use crate::local::queue::MaxReceiveCount;
use crate::local::traffic::Scenario;
use crate::wire::Shape;

/// One line a paragraph: clap breaks them to the terminal's width.
const AFTER_HELP: &str = "\
The first line on stdout is the gateway's URL; the other queues' follow. Requests are logged on stderr (QWATCH_LOG=warn \
for failures only). SIGINT and SIGTERM let it finish the requests under way and end with 0; a second signal leaves them.

GET / receives (MaxNumberOfMessages, VisibilityTimeout, WaitTimeSeconds, AttributeName and MessageAttributeName, or \
AttributeName.1, .2 and so on, in the query). POST / sends the body: message attributes as headers X-Message-Attribute-NAME, \
MessageGroupId, MessageDeduplicationId and DelaySeconds in the query. DELETE /message?receiptHandle=HANDLE deletes. Other \
queues are at /NAME.";

/// `qwatch gateway`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub struct GatewayArgs {
    /// Where to listen; port 0 picks one. Beyond loopback only with --api-key-env
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080", value_parser = listen, env = "QWATCH_LISTEN", hide_env = true)]
    pub listen: SocketAddr,
    /// How answers are written
    #[arg(long, value_enum, default_value_t = ShapeName::QueryJson, env = "QWATCH_SHAPE", hide_env = true)]
    pub shape: ShapeName,
    /// SQS's errors come as 400 or 502; without it as 200, as from the public sample of this pattern
    #[arg(long)]
    pub status_patterns: bool,
    /// Demand the API key that this environment variable holds, as x-api-key
    #[arg(long, value_name = "VAR", env = "QWATCH_API_KEY_ENV", hide_env = true)]
    pub api_key_env: Option<String>,
    /// Requests served a second; those beyond get 429, as from a stage's throttling
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..), env = "QWATCH_THROTTLE", hide_env = true)]
    pub throttle: Option<u32>,
    /// Embedded queues, when no --queue-url is given.
    #[command(flatten)]
    pub embedded: EmbeddedArgs,
    /// A real SQS queue, by its URL, instead of embedded ones: AWS's or an emulator's
    #[arg(long, value_name = "URL", help_heading = "A real queue", value_parser = url, env = "QWATCH_QUEUE_URL", hide_env = true)]
    #[arg(conflicts_with_all = ["queue", "fifo", "max_receive_count", "traffic", "rate", "seed"])]
    pub queue_url: Option<Url>,
    /// Its region [default: what the URL names, or AWS's configuration]
    #[arg(
        long,
        help_heading = "A real queue",
        requires = "queue_url",
        env = "QWATCH_REGION",
        hide_env = true
    )]
    pub region: Option<String>,
}

/// The embedded queues of `qwatch gateway`.
#[derive(Debug, Args)]
#[command(next_help_heading = "Embedded queues")]
pub struct EmbeddedArgs {
    /// A queue's name; repeatable, the first is at / too [default: queue]
    #[arg(long, value_name = "NAME", env = "QWATCH_QUEUE", hide_env = true, value_delimiter = ',')]
    pub queue: Vec<String>,
    /// FIFO queues: names end in .fifo, and what comes without a deduplication id is deduplicated by its body
    #[arg(long)]
    pub fifo: bool,
    /// Move what was received more often to a dead-letter queue, NAME-dlq, 1 to 1000
    #[arg(long, value_name = "N", env = "QWATCH_MAX_RECEIVE_COUNT", hide_env = true)]
    pub max_receive_count: Option<MaxReceiveCount>,
    /// Producers and consumers as in the demo, on the demo's queues
    #[arg(long, value_name = "SCENARIO", value_enum, conflicts_with_all = ["queue", "fifo"], env = "QWATCH_TRAFFIC", hide_env = true)]
    pub traffic: Option<Scenario>,
    /// Messages sent a second by the traffic, 0.1 to 10000 [default: 8]
    #[arg(long, value_parser = rate, requires = "traffic", env = "QWATCH_RATE", hide_env = true)]
    pub rate: Option<f64>,
    /// The same number makes the same traffic and message ids again [default: 1]
    #[arg(long, env = "QWATCH_SEED", hide_env = true)]
    pub seed: Option<u64>,
}

/// [`Shape`] as it is named on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ShapeName {
    /// The Query protocol as JSON, as API Gateway returns it
    QueryJson,
    /// The Query protocol as XML
    Xml,
    /// AWS JSON 1.0
    AwsJson,
    /// The Query protocol as JSON, as LocalStack returns it
    Localstack,
}

impl From<ShapeName> for Shape {
    fn from(name: ShapeName) -> Self {
        match name {
            ShapeName::QueryJson => Self::QueryJson,
            ShapeName::Xml => Self::QueryXml,
            ShapeName::AwsJson => Self::AwsJson,
            ShapeName::Localstack => Self::QueryJsonOneOrMany,
        }
    }
}

/// `localhost` is spelled out: a name that resolves to several addresses would leave open which one is listened on.
fn listen(text: &str) -> Result<SocketAddr, String> {
    let text = text.trim();
    let local = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
    local.as_deref().unwrap_or(text).parse().map_err(|_| {
        format!("must be an address and a port, such as 127.0.0.1:8080 or [::1]:0, not {}", given(text))
    })
}

fn url(text: &str) -> Result<Url, String> {
    Url::parse(text.trim()).map_err(|error| format!("is no URL: {error}; `aws sqs get-queue-url` prints one"))
}
