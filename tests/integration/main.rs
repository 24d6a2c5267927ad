//! The integration tests, in one program so that the library is linked once.

mod cases;
mod cli;
mod common;
mod description;
mod diagnose;
mod fixing;
mod flows;
mod formats;
mod hostile;
mod hosts;
mod init;
mod integrations;
mod linear;
mod lsp;
mod mcp;
mod migrate;
mod new;
mod packages;
mod pictures;
mod project;
mod pull;
mod robustness;
mod schemas;
mod secrets;
mod trace;
