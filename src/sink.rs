//! Observations written elsewhere than to the screen.

pub mod export;
mod line;
pub mod ndjson;

pub use ndjson::Ndjson;
