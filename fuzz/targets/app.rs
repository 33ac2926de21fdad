#![no_main]

#[path = "../../tests/corpus/app.rs"]
mod app;

libfuzzer_sys::fuzz_target!(|input: &[u8]| app::holds(input));
