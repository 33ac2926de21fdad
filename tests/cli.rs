//! The program as a shell sees it: what it refuses, what it sends, what it prints, and how it ends.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking")]

#[path = "cli/configured.rs"]
mod configured;
#[path = "cli/gateway.rs"]
mod gateway;
#[path = "cli/help.rs"]
mod help;
#[path = "cli/layers.rs"]
mod layers;
#[path = "cli/refused.rs"]
mod refused;
#[path = "cli/secrets.rs"]
mod secrets;
#[path = "cli/sigv4.rs"]
mod sigv4;
#[path = "cli/streams.rs"]
mod streams;
#[path = "cli/support.rs"]
mod support;
#[path = "cli/tail.rs"]
mod tail;
