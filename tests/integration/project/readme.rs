//! The README shows exactly what the commands print.
//!
//! `UPDATE=1 cargo test --test project readme` records the console blocks of README.md again.

use std::fs;
use std::process::Command;

use regex::{Captures, Regex};

use crate::common::{read, root};

/// The output of a command in a console block. The command can end in `| head -n N` or `| tail -n N`.
fn printed(command: &str) -> String {
    let (command, filter) = command.split_once(" | ").unwrap_or((command, ""));
    let words = words(command);
    assert_eq!(words[0], "sfcred", "{command}");
    let output = Command::new(env!("CARGO_BIN_EXE_sfcred"))
        .args(&words[1..])
        .current_dir(root())
        .env_clear()
        .env("COLUMNS", "80")
        .env("LANG", "C.UTF-8")
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<&str> = text.trim_end().lines().collect();
    let count = |number: &str| number.parse::<usize>().unwrap().min(lines.len());
    let shown = match filter.split(' ').collect::<Vec<_>>()[..] {
        [""] => &lines[..],
        ["head", "-n", number] => &lines[..count(number)],
        ["tail", "-n", number] => &lines[lines.len() - count(number)..],
        _ => panic!("`{filter}` is neither `head -n N` nor `tail -n N`"),
    };
    shown.join("\n")
}

/// The words of a command line; a word in double quotes can contain spaces.
fn words(command: &str) -> Vec<String> {
    let word = Regex::new(r#""([^"]*)"|\S+"#).unwrap();
    word.captures_iter(command)
        .map(|found| found.get(1).unwrap_or_else(|| found.get(0).unwrap()).as_str().to_owned())
        .collect()
}

#[test]
fn every_console_block_is_what_the_command_prints() {
    let path = root().join("README.md");
    let block = Regex::new(r"(?ms)^```console\n\$ (.*?)\n.*?^```$").unwrap();
    let text = read(&path);
    let mut blocks = 0;
    let expected = block.replace_all(&text, |found: &Captures| {
        blocks += 1;
        format!("```console\n$ {}\n{}\n```", &found[1], printed(&found[1]))
    });
    assert!(blocks >= 3, "the README shows `lint`, `trace` and `diagnose`");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, expected.as_ref()).unwrap();
    } else {
        for (shown, printed) in text.lines().zip(expected.lines()) {
            assert_eq!(shown, printed, "`UPDATE=1 cargo test --test project readme` updates it");
        }
        assert_eq!(text, expected);
    }
}

/// The other examples name files that do not exist here; their commands and options must exist.
#[test]
fn every_command_line_is_understood() {
    let readme = read(root().join("README.md"));
    let shell = readme
        .split("```sh\n")
        .skip(1)
        .flat_map(|block| block.split("```").next().unwrap().lines());
    let mut tried = 0;
    for line in
        shell.filter_map(|line| line.split(" # ").next().unwrap().trim().strip_prefix("sfcred "))
    {
        let words = words(line);
        let output =
            Command::new(env!("CARGO_BIN_EXE_sfcred")).args(&words).arg("--help").output().unwrap();
        assert!(
            output.status.success(),
            "sfcred {line}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        tried += 1;
    }
    assert!(tried >= 12, "only {tried} command lines");
}
