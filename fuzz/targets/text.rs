#![no_main]

#[path = "../../tests/corpus/text.rs"]
mod text;

libfuzzer_sys::fuzz_target!(|input: &[u8]| text::holds(input));
