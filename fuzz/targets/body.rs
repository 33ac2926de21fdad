#![no_main]

#[path = "../../tests/corpus/body.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|input: &[u8]| body::holds(input));
