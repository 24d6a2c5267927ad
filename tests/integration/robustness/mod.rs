//! The result depends only on the meaning of a project, not on the notation of its files, the order in which they are
//! found, or the number of threads.

mod corpus;
mod determinism;
mod forms;
mod fuzz_replay;
mod prefilter;

pub use fuzz_replay::bodies::damage;
