//! What a fuzzer found worth keeping, and what it found broken, holds in every test run: the inputs in `fuzz/corpus` go
//! through the same functions as `fuzz/run` sends ten million others through.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking")]

mod app;
mod body;
mod config;
mod filter;
mod keys;
mod large;
mod text;
mod wire;

use std::path::Path;

/// Each input by itself; the last that was named is the one that failed.
fn holds_for_all(target: &str, holds: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut inputs: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    inputs.sort();
    assert!(!inputs.is_empty(), "nothing is in {}", folder.display());
    for input in inputs {
        println!("{}", input.display());
        holds(&std::fs::read(input).unwrap());
    }
}

#[test]
fn every_answer_is_messages_or_a_fault_and_messages_come_back_in_every_shape() {
    holds_for_all("wire", wire::holds);
}

#[test]
fn every_filter_judges_or_points_at_the_character_that_is_wrong() {
    holds_for_all("filter", filter::holds);
}

#[test]
fn every_config_file_is_settings_or_a_sentence_with_its_line() {
    holds_for_all("config", config::holds);
}

#[test]
fn every_key_is_read_as_it_is_written() {
    holds_for_all("keys", keys::holds);
}

#[test]
fn every_text_is_harmless_once_it_is_visible() {
    holds_for_all("text", text::holds);
}

#[test]
fn every_body_is_peeled_masked_and_read_by_token() {
    holds_for_all("body", body::holds);
}

#[test]
fn whatever_is_pressed_and_received_is_drawn_and_nothing_of_it_steers() {
    holds_for_all("app", app::holds);
}
