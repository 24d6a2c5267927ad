//! Small inputs that ask for much memory or many threads, and files that could be left out without a word.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use super::{Limits, Project, USUAL};

const FAULTY: &str = "<ExternalCredential><authenticationProtocol>Oauth</authenticationProtocol></ExternalCredential>";

/// A run must not need more than 64 MiB and 12 times its input. The address space also contains the program, stacks and
/// memory that the allocator keeps.
fn within(input_bytes: usize) -> Limits {
    Limits { megabytes: 64 + 12 * (input_bytes as u64 >> 20) + 400, ..USUAL }
}

#[test]
fn millions_of_elements_are_refused() {
    let project = Project::new();
    let text = format!("<ExternalCredential>{}</ExternalCredential>", "<a/>".repeat(2_000_000));
    for number in 0..4 {
        project.write(&format!("Many{number}.externalCredential-meta.xml"), &text);
    }
    project
        .lint_within(&[], within(4 * text.len()))
        .ends(1, &["Many3.externalCredential-meta.xml", "elements, which is the limit"])
        .finds_the_other_fault();
}

#[test]
fn large_ignore_files_are_not_applied_and_hide_nothing() {
    for text in ["*".repeat(5 << 20), "*a*b*\n".repeat(500_000), "x".repeat(30 << 20)] {
        for name in [".gitignore", "beside/.gitignore", ".forceignore"] {
            let project = Project::new();
            project.write(name, &text);
            project
                .lint_within(&["-v"], within(text.len()))
                .ends(1, &["skipped", name, "over the limits"])
                .finds_the_other_fault();
        }
    }
}

#[test]
fn many_ignore_files_are_not_applied_and_hide_nothing() {
    let text: String = (0..4_000).map(|line| format!("*a{line}*b[c-z]*\n")).collect();
    for name in [".gitignore", ".forceignore"] {
        let project = Project::new();
        for folder in 0..40 {
            project.write(&format!("f{folder}/{name}"), &text);
        }
        project.write("other/.gitignore", "*.xml\n");
        project.write("other/Seen.externalCredential-meta.xml", FAULTY);
        let limits = Limits { megabytes: 500, ..within(40 * text.len()) };
        let run = project.lint_within(&["-v"], limits);
        let run = run.ends(1, &["skipped", name, "together are over the limits"]);
        let run = run.finds_the_other_fault();
        assert_eq!(run.out.contains("other/Seen"), name == ".gitignore", "{}", run.shortened());
    }
}

#[test]
fn many_paths_of_allows_are_refused_with_one_message() {
    let project = Project::new();
    let allow = |path: &str| {
        format!("[[allow]]\nrule = \"url-not-https\"\npath = \"{path}\"\nreason = \"x\"\n\n")
    };
    let many: String = (0..100_000).map(|number| allow(&format!("spoke/{number}/**"))).collect();
    project.write("sfcred.toml", &many);
    let run = project.lint_within(&[], within(many.len()));
    let run = run.ends(2, &["all paths of `[[allow]]` together are too large"]);
    assert!(run.err.lines().count() < 30, "{}", run.shortened());
    // The same path many times is one pattern.
    let equal = allow("spoke/**").repeat(10_000);
    project.write("sfcred.toml", &equal);
    project.lint_within(&[], within(equal.len())).ends(1, &[]).finds_the_other_fault();
}

#[test]
fn other_ignore_files_still_apply() {
    let project = Project::new();
    project.write("a/.gitignore", "*".repeat(5 << 20));
    project.write("a/Seen.externalCredential-meta.xml", FAULTY);
    project.write("b/.gitignore", "Hidden*\n");
    project.write("b/Hidden.externalCredential-meta.xml", FAULTY);
    let run = project.lint(&[]).ends(1, &["a/Seen"]).finds_the_other_fault();
    assert!(!run.out.contains("Hidden"), "{}", run.shortened());
}

#[test]
fn a_git_file_of_one_gigabyte_is_not_read() {
    let project = Project::new();
    fs::create_dir(project.path().join("sub")).unwrap();
    fs::File::create(project.path().join("sub/.git")).unwrap().set_len(1 << 30).unwrap();
    project.lint_within(&[], within(0)).ends(1, &[]).finds_the_other_fault();
}

#[test]
fn an_absurd_number_of_threads_is_clamped() {
    let project = Project::new();
    for threads in ["1", "65535", "18446744073709551615"] {
        project.lint(&["--threads", threads]).ends(1, &[]).finds_the_other_fault();
    }
}

#[test]
fn long_patterns_are_refused() {
    let settings = |text: String, words: &[&str]| {
        let project = Project::new();
        project.write("sfcred.toml", text);
        project.lint(&[]).ends(2, words);
    };
    for glob in ["*".repeat(100_000), "[a-z]".repeat(100_000), "?".repeat(100_000)] {
        settings(
            format!("[[allow]]\nrule = \"claim-missing\"\npath = \"{glob}\"\nreason = \"x\"\n"),
            &["the glob pattern is too long"],
        );
        let project = Project::new();
        project.write(
            "sfdx-project.json",
            format!("{{\"packageDirectories\": [{{\"path\": \".\"}}], \"replacements\": [{{\"glob\": \"{glob}\", \"stringToReplace\": \"a\", \"replaceWithEnv\": \"B\"}}]}}"),
        );
        project.says(1, &[]);
    }
    let rules: String = (0..400)
        .map(|number| {
            format!("[[forbid]]\ntype = \"ExternalCredential\"\nfield = \"label\"\npattern = '[\\w\\s]{{150}}{number}'\n")
        })
        .collect();
    settings(rules, &["invalid regular expression", "all patterns together are"]);
}

#[test]
fn custom_rules_report_a_limited_number_of_places() {
    const NUMBER: usize = 150;
    let project = Project::new();
    for number in 0..NUMBER {
        project.write(
            &format!("a/A{number}.namedCredential-meta.xml"),
            "<NamedCredential xmlns=\"http://soap.sforce.com/2006/04/metadata\"><label>A</label></NamedCredential>",
        );
    }
    let rule = "[[forbid]]\ntype = \"NamedCredential\"\nfield = \"label\"\n";
    project.write("sfcred.toml", rule.repeat(NUMBER));
    let run = project.lint(&["--select", "custom", "-o", "json"]);
    let places = run.out.matches("\"rule\": \"custom\"").count();
    assert!((NUMBER..10_000 + NUMBER).contains(&places), "{places}");
    assert!(run.out.contains("more places of this rule are not listed"), "{}", run.shortened());
}

#[test]
fn replacements_that_grow_end_the_run() {
    let growing = r#"{"glob": "**/*", "regexToReplace": "(a) b", "replaceWithEnv": "GROW"}"#;
    let project = Project::new();
    project.write(
        "sfdx-project.json",
        format!(
            "{{\"packageDirectories\": [{{\"path\": \".\"}}], \"replacements\": [{}]}}",
            [growing; 10].join(", ")
        ),
    );
    project.write(
        "Grown.externalCredential-meta.xml",
        format!("{FAULTY}<!--{}-->", "a b ".repeat(100)),
    );
    // None matches what another one wrote.
    for value in ["a b ".repeat(10), "$1".repeat(500), "aa ".repeat(1000)] {
        project.write(".env.test", format!("GROW={value}\n"));
        let run = project.lint_within(&["--env", "test"], within(0));
        run.ends(1, &[]).finds_the_other_fault();
    }
    project.write(".env.test", format!("GROW={}\n", "x".repeat(1 << 20)));
    project.lint_within(&["--env", "test"], within(0)).ends(2, &["write or search too much text"]);
}

#[test]
fn endless_devices_and_pipes_are_refused() {
    let project = Project::new();
    let program = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sfcred"));
        command.current_dir(project.path()).env_clear().stdin(Stdio::null());
        command
    };
    let run = program().args(["diagnose", "/dev/zero"]).output().unwrap();
    assert_eq!(run.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&run.stderr).contains("it is a device"));
    let pipe = project.path().join("summary");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let run = program()
        .args(["lint", "--format", "github"])
        .env("GITHUB_STEP_SUMMARY", &pipe)
        .output()
        .unwrap();
    assert_eq!(run.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&run.stdout).contains("could not write the job summary"));
}

#[test]
fn apex_in_any_encoding_is_read() {
    let class = "// caf\u{e9}\npublic class K { void m() { r.setEndpoint('callout:Lost/x'); } }\n";
    let wide =
        |bytes: fn(u16) -> [u8; 2]| class.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    let latin: Vec<u8> = class.chars().map(|letter| letter as u8).collect();
    let odd = [class.as_bytes(), b"// \xFF\n"].concat();
    for bytes in [latin, odd, wide(u16::to_le_bytes), wide(u16::to_be_bytes)] {
        let project = Project::new();
        project.write("Hub.namedCredential-meta.xml", "<NamedCredential><label>Hub</label><namedCredentialType>SecuredEndpoint</namedCredentialType></NamedCredential>");
        project.write("K.cls", bytes);
        project.says(1, &["named-credential-not-found", "K.cls"]);
    }
}

#[test]
fn a_class_over_the_limit_is_reported() {
    let project = Project::new();
    project.write("Long.cls", vec![b' '; 33 << 20]);
    project.says(1, &["unreadable-file", "Long.cls", "the limit is"]);
}

#[test]
fn standard_input_over_the_limit_is_reported() {
    let project = Project::new();
    let mut child = Command::new(env!("CARGO_BIN_EXE_sfcred"))
        .args(["lint", "-", "--stdin-path", "Long.cls"])
        .current_dir(project.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // The program stops reading at the limit.
    let _ = child.stdin.take().unwrap().write_all(&vec![b' '; 34 << 20]);
    let run = child.wait_with_output().unwrap();
    assert_eq!(run.status.code(), Some(1));
    let out = String::from_utf8_lossy(&run.stdout).into_owned();
    assert!(out.contains("unreadable-file") && out.contains("standard input has"), "{out}");
}

#[test]
fn help_that_cannot_be_written_is_an_error() {
    for arguments in [&["--help"][..], &["--version"], &["lint", "--help"]] {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let run = Command::new(env!("CARGO_BIN_EXE_sfcred"))
            .args(arguments)
            .stdout(full)
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        assert_eq!(run.status.code(), Some(2), "{arguments:?}");
        assert!(String::from_utf8_lossy(&run.stderr).contains("cannot write the output"));
    }
}

#[test]
fn two_reports_to_one_file_through_a_link_are_refused() {
    let project = Project::new();
    project.write("out.json", "");
    std::os::unix::fs::symlink("out.json", project.path().join("link.json")).unwrap();
    project
        .lint(&["-o", "json=out.json", "-o", "sarif=link.json"])
        .ends(2, &["two reports would be written to"]);
}
