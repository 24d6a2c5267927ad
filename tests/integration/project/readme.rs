//! What the README shows is what the command prints.

use std::process::Command;

use crate::common::{read, root};

/// The console blocks of a text: command lines and what they print.
fn blocks(text: &str) -> Vec<(String, String)> {
    let mut blocks = Vec::new();
    for block in text.split("```console\n").skip(1) {
        let block = block.split("```").next().unwrap();
        let (command, output) = block.split_once('\n').unwrap();
        blocks.push((
            command.strip_prefix("$ ").expect("a command begins with `$ `").to_owned(),
            output.to_owned(),
        ));
    }
    blocks
}

#[test]
fn every_console_block_is_what_the_command_prints() {
    let blocks = blocks(&read("README.md"));
    assert!(!blocks.is_empty(), "the README shows the command at work");
    for (command, expected) in blocks {
        let words: Vec<&str> = command.split_whitespace().collect();
        assert_eq!(words[0], "sfcred", "{command}");
        let output = Command::new(env!("CARGO_BIN_EXE_sfcred"))
            .args(&words[1..])
            .current_dir(root())
            .env_clear()
            .env("COLUMNS", "80")
            .env("LANG", "C.UTF-8")
            .output()
            .unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        assert_eq!(printed.trim_end(), expected.trim_end(), "{command}");
    }
}

/// The others name files of a reader's own: their options must be there.
#[test]
fn every_command_line_is_understood() {
    let readme = read("README.md");
    let shell = readme
        .split("```sh\n")
        .skip(1)
        .flat_map(|block| block.split("```").next().unwrap().lines());
    let mut tried = 0;
    for line in
        shell.filter_map(|line| line.split(" # ").next().unwrap().trim().strip_prefix("sfcred "))
    {
        let mut words: Vec<&str> = line.split(' ').filter(|word| !word.is_empty()).collect();
        // A message has blanks; what follows it is of no interest here.
        words.truncate(
            words.iter().position(|word| word.starts_with('"')).map_or(words.len(), |at| at + 1),
        );
        let output =
            Command::new(env!("CARGO_BIN_EXE_sfcred")).args(&words).arg("--help").output().unwrap();
        assert!(
            output.status.success(),
            "sfcred {line}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        tried += 1;
    }
    assert!(tried >= 8, "only {tried} command lines");
}
