//! qwatch watches message queues through HTTP gateways, in a terminal.
pub mod local;
pub mod observation;
pub mod sqs;
pub mod text;
pub mod wire;
