//! Writes the project of a test case to a folder: `cargo run --example case claim-missing/bad DIR`.
//!
//! `--all` in place of a name writes every case, each to `DIR/<rule>/<case>`.

#[allow(dead_code)]
#[path = "../tests/integration/common/cases.rs"]
mod cases;

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--all", folder] => {
            for case in cases::all() {
                case.write_to(&Path::new(folder).join(case.name()));
            }
        }
        [name, folder] => cases::case(name).write_to(Path::new(folder)),
        _ => {
            eprintln!("usage: cargo run --example case <RULE/CASE | --all> <DIR>");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}
