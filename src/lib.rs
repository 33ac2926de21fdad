//! qwatch watches message queues through HTTP gateways, in a terminal.
pub mod app;
pub mod cli;
pub mod commands;
pub mod config;
pub mod local;
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
