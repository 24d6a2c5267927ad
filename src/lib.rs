//! Checks Salesforce credential metadata for problems, before a deployment or after a failed callout.
//!
//! [`lint`] checks files on disk, [`lint_in_memory`] files that an editor, a browser or a test holds. Both return a
//! [`Report`] with [`Finding`]s.
//!
//! ```
//! use std::path::PathBuf;
//!
//! use sfcred::{Options, lint_in_memory};
//!
//! let options = Options::new(time::macros::date!(2026 - 11 - 22), PathBuf::from("/project"));
//! let path = PathBuf::from("namedCredentials/Spoke.namedCredential-meta.xml");
//! let text = "<NamedCredential><endpoint>http://acme.my.salesforce.com</endpoint></NamedCredential>";
//!
//! let report = lint_in_memory([(path, text.into())], &options)?;
//! assert!(report.findings.iter().any(|finding| finding.rule == "url-not-https"));
//! # Ok::<(), sfcred::Error>(())
//! ```
//!
//! # Modules
//!
//! Data flows one way: `discover` finds and reads files, `parse` turns each into types of the `model`, `link` connects
//! them across files and orgs, `check` runs the rules, `suppress` and `baseline` divide the findings, `report` and
//! `trace` print them. `pipeline` runs these steps; `autofix` re-runs them in memory.

mod atomic_write;
mod autofix;
mod baseline;
mod changes;
mod check;
mod cli;
mod description;
mod diagnose;
mod discover;
mod error;
mod explain;
mod filter;
mod finding;
mod fingerprint;
mod graph;
mod init;
mod link;
mod lsp;
mod mask;
mod mcp;
mod metadata_xml;
mod migrate;
mod model;
mod nearest;
mod new;
mod options;
mod parse;
mod pattern;
mod pipeline;
mod pull;
mod replacements;
mod report;
mod rule;
mod schema;
mod settings;
mod source;
mod suppress;
mod threads;
mod trace;

pub use error::Error;
pub use finding::{Finding, Severity};
pub use options::Options;
pub use pipeline::{Report, lint, lint_in_memory};
pub use source::Span;

/// All rules, sorted by name.
pub fn rules() -> &'static [rule::Rule] {
    &check::RULES
}

/// The parts that the program, the tests, the benchmarks and the fuzzers of this repository use. Not a stable API.
#[doc(hidden)]
pub mod internals {
    pub mod autofix {
        pub use crate::autofix::*;
    }
    pub mod changes {
        pub use crate::changes::*;
    }
    pub mod check {
        pub use crate::check::*;
    }
    pub mod cli {
        pub use crate::cli::*;
    }
    pub mod description {
        pub use crate::description::*;
    }
    pub mod diagnose {
        pub use crate::diagnose::*;
    }
    pub mod discover {
        pub use crate::discover::*;
    }
    pub mod error {
        pub use crate::error::*;
    }
    pub mod explain {
        pub use crate::explain::*;
    }
    pub mod finding {
        pub use crate::finding::*;
    }
    pub mod graph {
        pub use crate::graph::*;
    }
    pub mod init {
        pub use crate::init::*;
    }
    pub mod link {
        pub use crate::link::*;
    }
    pub mod lsp {
        pub use crate::lsp::*;
    }
    pub mod migrate {
        pub use crate::migrate::*;
    }
    pub mod model {
        pub use crate::model::*;
    }
    pub mod new {
        pub use crate::new::*;
    }
    pub mod options {
        pub use crate::options::*;
    }
    pub mod parse {
        pub use crate::parse::*;
    }
    pub mod pipeline {
        pub use crate::pipeline::*;
    }
    pub mod report {
        pub use crate::report::*;
    }
    pub mod rule {
        pub use crate::rule::*;
    }
    pub mod schema {
        pub use crate::schema::*;
    }
    pub mod source {
        pub use crate::source::*;
    }
    pub mod threads {
        pub use crate::threads::*;
    }
    pub mod trace {
        pub use crate::trace::*;
    }
}
