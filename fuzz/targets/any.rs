//! All fuzzers: each is a binary with the name of its target.

#![no_main]

use std::sync::LazyLock;

use sfcred_fuzz::{Body, TARGETS};

static BODY: LazyLock<Body> = LazyLock::new(|| {
    let program = std::env::current_exe().expect("the path of this program");
    let (_, body) = TARGETS
        .iter()
        .find(|(name, _)| program.file_stem().is_some_and(|stem| stem == *name))
        .expect("the name of a target");
    *body
});

libfuzzer_sys::fuzz_target!(|data: &[u8]| BODY(data));
