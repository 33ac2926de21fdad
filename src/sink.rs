//! Observations written elsewhere than to the screen.

pub mod export;
pub mod ndjson;

pub use ndjson::Ndjson;
