#![no_main]

#[path = "../../tests/corpus/wire.rs"]
mod wire;

libfuzzer_sys::fuzz_target!(|input: &[u8]| wire::holds(input));
