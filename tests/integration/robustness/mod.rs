//! The result depends on what a project means, not on how its files are written, in which order they are found or how many threads there are.

mod corpus;
mod determinism;
mod forms;
mod fuzz_replay;
mod prefilter;
