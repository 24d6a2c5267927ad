#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sfcred_fuzz::repository(data));
