#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| jot::fuzzing::plan(data));
