//! A panic in sfcred, on any thread, ends the run with exit code 2 and one line that quotes no file. `cargo test
//! --features forced-panic --test faults`: test files trigger the panic.

use std::fs;
use std::process::{Command, Stdio};

const MARK: &str = "Zq7Xw9Kp3vT5n8Rb2Lc6Jd4Hs1Mf0";

#[test]
fn no_panic_quotes_a_file_or_goes_unnoticed() {
    for place in ["in-a-worker", "on-the-main-thread", "in-discovery"] {
        for format in ["text", "json"] {
            for backtrace in ["0", "1", "full"] {
                let folder = tempfile::tempdir().unwrap();
                fs::create_dir(folder.path().join(".git")).unwrap();
                for number in 0..20 {
                    let text = format!(
                        "<ConnectedApp><label>forced-panic-{place}</label><oauthConfig><consumerSecret>{MARK}</consumerSecret></oauthConfig></ConnectedApp>"
                    );
                    fs::write(folder.path().join(format!("A{number}.connectedApp-meta.xml")), text)
                        .unwrap();
                }
                let mut command = Command::new(env!("CARGO_BIN_EXE_sfcred"));
                command
                    .args(["lint", "--format", format])
                    .current_dir(folder.path())
                    .env("RUST_BACKTRACE", backtrace)
                    .env("RUST_LIB_BACKTRACE", backtrace)
                    .stdin(Stdio::null());
                let output = command.output().unwrap();
                let (out, err) = (
                    String::from_utf8(output.stdout).unwrap(),
                    String::from_utf8(output.stderr).unwrap(),
                );
                assert_eq!(output.status.code(), Some(2), "{place}: {out}\n{err}");
                assert!(err.contains("error: sfcred crashed (src/"), "{place}: {err}");
                assert!(
                    out.is_empty() && !err.contains(MARK) && !err.contains("forced-panic"),
                    "{place}: {out}\n{err}"
                );
                assert!(
                    err.lines().all(|line| line.starts_with("error: sfcred crashed (src/")),
                    "{place}: {err}"
                );
            }
        }
    }
}
