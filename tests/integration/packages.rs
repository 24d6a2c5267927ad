//! The packages for other package managers, as far as they can be tested without a network. `.ci/packages` installs and runs
//! each with its real client.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::common::{new_folder, read, root};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Whether a program is installed. In continuous integration it must be.
fn installed(name: &str) -> bool {
    let there = Command::new(name).arg("--version").stdin(Stdio::null()).output().is_ok();
    assert!(there || std::env::var_os("SFCRED_CI").is_none(), "`{name}` is not installed");
    if !there {
        eprintln!("SKIPPED: `{name}` is not installed");
    }
    there
}

/// The target of this machine, and what Node calls it.
fn system() -> (String, String) {
    let arch = if cfg!(target_arch = "aarch64") { ("aarch64", "arm64") } else { ("x86_64", "x64") };
    let system = if cfg!(target_os = "macos") {
        ("apple-darwin", "darwin")
    } else {
        ("unknown-linux-gnu", "linux")
    };
    (format!("{}-{}", arch.0, system.0), format!("{}-{}", system.1, arch.1))
}

/// Builds the npm packages, with a small program that prints its arguments in place of the real one.
fn build(folder: &Path, target: &str) {
    let program = folder.join("program");
    fs::write(&program, "#!/bin/sh\necho \"$SFCRED_INSTALLED_BY: $*\"\nexit \"$#\"\n").unwrap();
    let output = Command::new(root().join("packages/build.mjs"))
        .arg(folder.join("packages"))
        .arg(format!("{target}={}", program.display()))
        .env("SFCRED_HOST", env!("CARGO_BIN_EXE_sfcred"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output));
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned()
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&read(path)).unwrap()
}

#[test]
fn the_npm_package_starts_the_program_for_the_system() {
    if !installed("node") {
        return;
    }
    let folder = new_folder();
    let (target, name) = system();
    build(folder.path(), &target);
    let packages = folder.path().join("packages");
    let run = |arguments: &[&str]| {
        let mut command = Command::new("node");
        command.arg(packages.join("02-sfcred/sfcred.js")).args(arguments);
        command.env_remove("SFCRED_INSTALLED_BY").output().unwrap()
    };
    let manifest = json(&packages.join("02-sfcred/package.json"));
    for (package, version) in manifest["optionalDependencies"].as_object().unwrap() {
        assert_eq!(version, VERSION, "{package}");
    }
    assert!(manifest.get("scripts").is_none(), "nothing runs when the package is installed");

    let output = run(&["lint"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output).contains("is not installed"), "{}", text(&output));

    let modules = packages.join("02-sfcred/node_modules/@sfcred");
    let platform = packages.join(format!("01-sfcred+cli-{name}"));
    fs::create_dir_all(&modules).unwrap();
    symlink(&platform, modules.join(format!("cli-{name}"))).unwrap();
    for arguments in [&[][..], &["a b"], &["lint", "--", "$(x)"]] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(i32::try_from(arguments.len()).unwrap()));
        assert_eq!(text(&output), format!("npm: {}\n", arguments.join(" ")));
    }

    let path = platform.join("package.json");
    let older = read(&path).replace(VERSION, "0.0.9");
    fs::write(&path, older).unwrap();
    let output = run(&["lint"]);
    assert_eq!(output.status.code(), Some(2));
    let said = text(&output);
    assert!(said.contains("0.0.9") && said.contains(&format!("sfcred@{VERSION}")), "{said}");
}

#[test]
fn the_plugin_for_the_salesforce_cli_has_the_options_of_the_program() {
    if !installed("node") {
        return;
    }
    let folder = new_folder();
    build(folder.path(), &system().0);
    let plugin = folder.path().join("packages/03-sf-sfcred");
    let commands = json(&plugin.join("commands.json"));
    let mut checked = 0;
    for command in commands.as_array().unwrap() {
        let name = command["name"].as_str().unwrap();
        let help =
            Command::new(env!("CARGO_BIN_EXE_sfcred")).args([name, "--help"]).output().unwrap();
        for line in text(&help).lines().map(str::trim).filter(|line| line.starts_with('-')) {
            let Some((_, option)) = line.split_once("--") else { continue };
            let option = option.split([' ', '<']).next().unwrap();
            if option == "help" {
                continue;
            }
            let flag = &command["flags"][option];
            assert!(flag.is_object(), "{name} --{option}");
            assert_eq!(flag["value"].is_string(), line.contains('<'), "{name} --{option}");
            checked += 1;
        }
        assert!(!command["examples"].as_array().unwrap().is_empty(), "{name}");
    }
    assert!(checked > 100, "only {checked} options");
    let manifest = json(&plugin.join("oclif.manifest.json"));
    assert_eq!(manifest["commands"].as_object().unwrap().len(), 8);
    assert_eq!(json(&plugin.join("package.json"))["dependencies"]["sfcred"], VERSION);
}
