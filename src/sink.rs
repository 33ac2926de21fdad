//! Observations written elsewhere than to the screen.

pub mod ndjson;

pub use ndjson::Ndjson;
