//! Finds out why a Salesforce credential setup does not work, before a deployment or after a failed callout.

pub mod atomic_write;
pub mod autofix;
pub mod baseline;
pub mod check;
pub mod cli;
pub mod description;
pub mod diagnose;
pub mod discover;
pub mod error;
pub mod explain;
pub mod filter;
pub mod finding;
pub mod fingerprint;
pub mod init;
pub mod link;
pub mod model;
pub mod nearest;
pub mod options;
pub mod parse;
pub mod pipeline;
pub mod replacements;
pub mod report;
pub mod rule;
pub mod schema;
pub mod settings;
pub mod source;
pub mod suppress;
pub mod trace;

pub use pipeline::{Report, lint};
