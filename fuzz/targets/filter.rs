#![no_main]

#[path = "../../tests/corpus/filter.rs"]
mod filter;

libfuzzer_sys::fuzz_target!(|input: &[u8]| filter::holds(input));
