//! The program as a shell sees it: what it refuses, what it sends, what it prints, and how it ends.

#[path = "cli/configured.rs"]
mod configured;
#[path = "cli/help.rs"]
mod help;
#[path = "cli/layers.rs"]
mod layers;
#[path = "cli/refused.rs"]
mod refused;
#[path = "cli/support.rs"]
mod support;
#[path = "cli/tail.rs"]
mod tail;
