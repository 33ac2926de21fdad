//! qwatch watches message queues through HTTP gateways, in a terminal.
//!
//! Everything is an [`Observation`](observation::Observation): one poll of one endpoint. Nothing else flows.
//!
//! ```text
//!   gateway URL ─┐                                 ┌─▶ watch ──&App──▶ ui ──▶ terminal
//!                ├─▶ source ──bounded channel of───┤   (folds them)
//!   embedded  ───┘            Observation          └─▶ sink ──▶ NDJSON
//! ```
//!
//! The rooms, each using those before it only:
//!
//! | room | what it is |
//! |---|---|
//! | [`text`] | untrusted text made visible |
//! | [`files`] | files of the user's own, whole or not at all |
//! | [`json`] | JSON by token, as it is written |
//! | [`envelope`] | what a body is wrapped in, peeled off |
//! | [`sqs`] | the vocabulary: messages, attributes, receive parameters with SQS's limits |
//! | [`mask`] | values hidden while a screen is shared |
//! | [`aws`] | credentials by AWS's chain, and signatures |
//! | [`filter`] | the language in which messages are looked for |
//! | [`wire`] | bytes to messages or a fault, and messages to bytes |
//! | [`observation`] | what flows |
//! | [`guard`] | whether one more poll would do harm |
//! | [`source`] | where it comes from: HTTP, and when to poll |
//! | [`watch`] | what it adds up to: messages, series, latency, faults |
//! | [`sink`] | where else it goes |
//! | [`jq`] | expressions on a body, in a process of their own |
//! | [`keys`] | everything that a key can do |
//! | [`config`] | flags, environment, file and defaults, settled into endpoints |
//! | [`app`] | the terminal program's state: `update(Event) -> Vec<Effect>` |
//! | [`ui`] | draws it, one file a pane |
//! | [`terminal`], [`signals`] | the loop that awaits, and the terminal put back |
//! | [`doctor`] | what is wrong with a gateway, found by asking it gently |
//! | [`local`] | the embedded gateway: queues with SQS's rules behind HTTP |
//! | [`commands`], [`cli`] | what can be said on the command line, and done about it |

pub mod app;
pub mod aws;
pub mod cli;
pub mod commands;
pub mod config;
pub mod doctor;
pub mod envelope;
pub mod files;
pub mod filter;
pub mod guard;
pub mod jq;
pub mod json;
pub mod keys;
pub mod local;
pub mod mask;
pub mod observation;
pub mod signals;
pub mod sink;
pub mod source;
pub mod sqs;
pub mod terminal;
pub mod text;
pub mod ui;
pub mod watch;
pub mod wire;
