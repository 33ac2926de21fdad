//! qwatch watches message queues through HTTP gateways, in a terminal.
pub mod config;
pub mod observation;
pub mod source;
pub mod sqs;
pub mod text;
pub mod watch;
pub mod wire;
