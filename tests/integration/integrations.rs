//! Runs the configurations for build servers, code hosts and hooks as these would run them, with the built program on
//! the path. No network is needed: a fake `curl` serves the files of this repository. `.ci/integrations` validates the
//! files against the schemas of the services, and runs the real pre-commit.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output};

use regex::Regex;
use serde_json::Value;
use sfcred::internals::source::Kind;
use tempfile::TempDir;

use crate::common::cases::{self, case};
use crate::common::yaml::from_yaml;
use crate::common::{read, root};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A simulated machine: a folder of programs, and a project.
struct Place {
    folder: TempDir,
}

impl Place {
    /// A machine with the project of a case in a git repository.
    fn with(name: &str) -> Place {
        let place = Place { folder: tempfile::tempdir().unwrap() };
        case(name).write_to(&place.project());
        for folder in ["bin", "home", "runner"] {
            fs::create_dir(place.path(folder)).unwrap();
        }
        for arguments in [
            &["init", "--quiet", "--initial-branch=main"][..],
            &["remote", "add", "origin", "."],
            &["add", "."],
            &[
                "-c",
                "user.name=T",
                "-c",
                "user.email=t@example.com",
                "commit",
                "--quiet",
                "--message",
                "all",
            ],
        ] {
            assert!(
                Command::new("git")
                    .args(arguments)
                    .current_dir(place.project())
                    .status()
                    .unwrap()
                    .success()
            );
        }
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn project(&self) -> PathBuf {
        self.path("project")
    }

    fn has_sfcred(self) -> Place {
        fs::copy(env!("CARGO_BIN_EXE_sfcred"), self.path("bin/sfcred")).unwrap();
        self
    }

    /// Adds a fake program that records its arguments.
    fn has(self, name: &str, script: &str) -> Place {
        let path = self.path("bin").join(name);
        fs::write(
            &path,
            format!(
                "#!/bin/sh\nprintf '%s|' '{name}' \"$@\" >>\"{}\"\necho >>\"{}\"\n{script}\n",
                self.path("calls").display(),
                self.path("calls").display()
            ),
        )
        .unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        self
    }

    /// A fake `curl` that serves only this repository and the archives of `releases`.
    fn has_curl(self) -> Place {
        let script = format!(
            "out= url=\nwhile [ $# -gt 0 ]; do case $1 in --output) out=$2; shift;; --retry) shift;; -*) ;; *) url=$1;; esac; shift; done\n\
             case $url in\n\
             https://raw.githubusercontent.com/sfcred/sfcred/v{VERSION}/*) file={}/${{url#https://raw.githubusercontent.com/sfcred/sfcred/v{VERSION}/}};;\n\
             https://github.com/sfcred/sfcred/releases/download/v{VERSION}/*) file={}/${{url##*/}};;\n\
             *) echo \"curl: no such thing: $url\" >&2; exit 22;;\nesac\n\
             if [ -n \"$out\" ]; then cp \"$file\" \"$out\"; else cat \"$file\"; fi",
            root().display(),
            self.path("releases").display()
        );
        self.has("curl", &script)
    }

    /// Creates the release archive for this machine, and its checksum.
    fn has_release(self) -> Place {
        let target = self.script(
            "sh",
            "case $(uname -s) in Darwin) s=apple-darwin;; *) s=unknown-linux-musl;; esac; case $(uname -m) in arm64|aarch64) m=aarch64;; *) m=x86_64;; esac; printf %s \"$m-$s\"",
            &[],
        );
        let name = format!("sfcred-{}", String::from_utf8(target.stdout).unwrap());
        fs::create_dir_all(self.path("releases").join(&name)).unwrap();
        fs::copy(env!("CARGO_BIN_EXE_sfcred"), self.path("releases").join(&name).join("sfcred"))
            .unwrap();
        let made =
            self.script("sh", &format!("cd \"$HOME/../releases\" && tar -czf {name}.tar.gz {name} && (sha256sum {name}.tar.gz || shasum -a 256 {name}.tar.gz) > SHA256SUMS"), &[]);
        assert!(made.status.success(), "{made:?}");
        self
    }

    /// Runs a script in the project.
    fn script(&self, shell: &str, script: &str, environment: &[(&str, &str)]) -> Output {
        let path = format!("{}:/usr/local/bin:/usr/bin:/bin", self.path("bin").display());
        let mut command = Command::new(shell);
        command
            .arg("-e")
            .arg("-c")
            .arg(script)
            .current_dir(self.project())
            .env_clear()
            .env("PATH", path)
            .env("HOME", self.path("home"))
            .env("LANG", "C.UTF-8");
        command.envs(environment.iter().copied()).output().unwrap()
    }

    fn calls(&self) -> Vec<String> {
        fs::read_to_string(self.path("calls"))
            .unwrap_or_default()
            .lines()
            .map(str::to_owned)
            .collect()
    }
}

fn output_text(output: &Output) -> String {
    format!(
        "{:?}\n{}{}",
        output.status.code(),
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

// --- the installer ---

#[test]
fn the_installer_verifies_the_published_checksum() {
    let place = Place::with("claim-missing/good").has_curl().has_release();
    let install = format!("{}/integrations/install.sh {VERSION} \"$HOME/bin\"", root().display());
    let done = place.script("sh", &install, &[]);
    assert!(
        done.status.success() && output_text(&done).contains(&format!("sfcred {VERSION}")),
        "{}",
        output_text(&done)
    );
    assert!(place.path("home/bin/sfcred").is_file());

    let mirror = format!("file://{}", place.path("mirror").display());
    let refused = place.script("sh", &install, &[("SFCRED_RELEASES", &mirror)]);
    assert!(
        !refused.status.success() && output_text(&refused).contains("cannot download file://"),
        "{}",
        output_text(&refused)
    );

    fs::remove_file(place.path("home/bin/sfcred")).unwrap();
    let sums = place.path("releases/SHA256SUMS");
    let text = fs::read_to_string(&sums).unwrap();
    for (changed, reason) in [
        (
            format!("{}{}", if text.starts_with('0') { '1' } else { '0' }, &text[1..]),
            "does not match SHA256SUMS",
        ),
        (String::new(), "has no entry for"),
    ] {
        fs::write(&sums, changed).unwrap();
        let refused = place.script("sh", &install, &[]);
        assert!(
            !refused.status.success() && output_text(&refused).contains(reason),
            "{}",
            output_text(&refused)
        );
        assert!(!place.path("home/bin/sfcred").exists());
    }
}

#[test]
fn the_installer_leaves_the_right_version_alone_and_refuses_odd_ones() {
    let place = Place::with("claim-missing/good").has_sfcred().has("curl", "exit 9");
    let install = |version: &str| {
        place.script(
            "sh",
            &format!("{}/integrations/install.sh '{version}' \"$HOME/bin\"", root().display()),
            &[],
        )
    };
    assert!(output_text(&install(VERSION)).contains("is already installed"));
    assert!(output_text(&install("9.9.9")).contains("cannot download"));
    for odd in ["../x", "1;id", "1 2"] {
        assert!(output_text(&install(odd)).contains("invalid version"), "{odd}");
    }
    assert_eq!(place.calls().len(), 1, "only one of them is worth a download");
}

// --- the GitHub action ---

/// The steps of `action.yml`: their scripts and variables, with the inputs inserted.
fn steps(inputs: &[(&str, &str)]) -> Vec<(String, Vec<(String, String)>)> {
    let action = from_yaml(&read("action.yml"));
    let value = |name: &str| match inputs.iter().find(|(input, _)| *input == name) {
        Some((_, value)) => (*value).to_owned(),
        None => action["inputs"][name]["default"]
            .as_str()
            .unwrap_or_else(|| panic!("the input {name} has a default"))
            .to_owned(),
    };
    let steps = action["runs"]["steps"].as_array().unwrap();
    let of = |step: &Value| {
        assert_eq!(step["shell"], "bash");
        let environment = step["env"].as_object().unwrap().iter().map(|(name, text)| {
            let input = text
                .as_str()
                .and_then(|text| text.strip_prefix("${{ inputs.")?.strip_suffix(" }}"))
                .unwrap_or_else(|| panic!("{name} is an input: {text}"));
            (name.clone(), value(input))
        });
        (step["run"].as_str().unwrap().to_owned(), environment.collect())
    };
    steps.iter().map(of).collect()
}

/// Runs the steps in order, as a runner does, until one fails.
fn act(place: &Place, inputs: &[(&str, &str)]) -> (Output, String) {
    let runner = |name: &str| place.path("runner").join(name).display().to_string();
    for name in ["output", "path", "summary"] {
        fs::write(runner(name), "").unwrap();
    }
    let given = [
        ("GITHUB_ACTION_PATH", root().display().to_string()),
        ("GITHUB_OUTPUT", runner("output")),
        ("GITHUB_PATH", runner("path")),
        ("GITHUB_STEP_SUMMARY", runner("summary")),
        ("RUNNER_TEMP", runner("")),
        ("RUNNER_OS", "Linux".to_owned()),
    ];
    let mut last = None;
    for (run, variables) in steps(inputs) {
        let added = fs::read_to_string(runner("path")).unwrap();
        let script =
            added.lines().rev().map(|folder| format!("PATH={folder}:$PATH\n")).collect::<String>()
                + &run;
        let environment: Vec<(&str, &str)> = given
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .chain(variables.iter().map(|(name, value)| (name.as_str(), value.as_str())))
            .collect();
        let output = place.script("bash", &script, &environment);
        let failed = !output.status.success();
        last = Some(output);
        if failed {
            break;
        }
    }
    (last.unwrap(), fs::read_to_string(runner("output")).unwrap())
}

#[test]
fn no_input_of_the_action_is_ever_part_of_a_script() {
    for (run, _) in steps(&[]) {
        assert!(!run.contains("${{"), "{run}");
    }
    let place = Place::with("claim-missing/good").has("sfcred", "exit 0");
    let evil = "x $(touch evil) `touch evil`; touch evil";
    let (output, _) = act(
        &place,
        &[
            ("paths", &format!("hub\n\n{evil}\r\n--quiet")),
            ("args", "--threads 1 *"),
            ("fail-on", evil),
            ("sarif-file", "a b.sarif"),
            ("format", "text"),
        ],
    );
    assert!(output.status.success(), "{}", output_text(&output));
    assert!(!place.project().join("evil").exists());
    let expected = format!(
        "sfcred|lint|-o|text|-o|sarif=a b.sarif|--fail-on|{evil}|--threads|1|*|--|hub|{evil}|--quiet|"
    );
    assert_eq!(place.calls().last(), Some(&expected));
}

#[test]
fn the_action_installs_a_release_and_ends_as_the_program_ends() {
    for (status, expected) in [(0, "exit-status=0"), (1, "exit-status=1"), (2, "exit-status=2")] {
        let place = Place::with("claim-missing/good").has_curl().has_release();
        let stub = place.path("releases/stub");
        fs::write(&stub, format!("#!/bin/sh\n[ \"$1\" != --version ] || exit 0\nexit {status}\n"))
            .unwrap();
        // Replaces the released program, so that the step ends with the given status.
        let replaced = place.script("sh", "cd \"$HOME/../releases\" && for f in *.tar.gz; do n=${f%.tar.gz}; cp stub $n/sfcred && chmod 755 $n/sfcred && tar -czf $f $n && (sha256sum $f || shasum -a 256 $f) > SHA256SUMS; done", &[]);
        assert!(replaced.status.success(), "{}", output_text(&replaced));
        let (output, outputs) = act(&place, &[]);
        assert_eq!(output.status.code(), Some(status), "{}", output_text(&output));
        assert_eq!(outputs.trim(), expected);
    }
}

#[test]
fn the_action_installs_on_windows_with_powershell() {
    let place = Place::with("claim-missing/good").has("pwsh", "");
    let runner = place.path("runner").display().to_string();
    let path = place.path("runner/path").display().to_string();
    let done = place.script(
        "bash",
        &format!("{}/integrations/action.sh install", root().display()),
        &[("RUNNER_OS", "Windows"), ("RUNNER_TEMP", &runner), ("GITHUB_PATH", &path)],
    );
    assert!(done.status.success(), "{}", output_text(&done));
    let folder = format!("{runner}/sfcred/bin");
    let expected = format!(
        "pwsh|-NoProfile|-File|{}/integrations/install.ps1|-Version|{VERSION}|-Folder|{folder}|",
        root().display()
    );
    assert_eq!(place.calls(), [expected]);
    assert_eq!(fs::read_to_string(path).unwrap().trim(), folder);
}

#[test]
fn the_action_annotates_sums_up_and_writes_sarif() {
    let inputs = [("sarif-file", "out.sarif"), ("args", "--today 2026-11-22")];
    let place = Place::with("claim-missing/bad").has_sfcred();
    let (output, outputs) = act(&place, &inputs);
    assert_eq!(output.status.code(), Some(1), "{}", output_text(&output));
    assert!(output_text(&output).contains("::error "), "{}", output_text(&output));
    assert!(
        outputs.contains("exit-status=1") && outputs.contains("sarif-file=out.sarif"),
        "{outputs}"
    );
    let sarif: Value =
        serde_json::from_str(&fs::read_to_string(place.project().join("out.sarif")).unwrap())
            .unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    assert!(fs::read_to_string(place.path("runner/summary")).unwrap().contains("claim-missing"));
    let (output, outputs) = act(&place, &[("fail-on", "never"), ("args", "--today 2026-11-22")]);
    assert!(
        output.status.success() && outputs.contains("exit-status=0"),
        "{}",
        output_text(&output)
    );
}

// --- GitLab ---

#[test]
fn the_gitlab_job_writes_its_reports() {
    let job = from_yaml(&read("integrations/gitlab-ci.yml"))["sfcred"].clone();
    let lines = |key: &str| {
        job[key]
            .as_array()
            .unwrap()
            .iter()
            .map(|line| line.as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
            .join("\n")
    };
    let variables: Vec<(&str, &str)> = job["variables"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
        .collect();
    assert!(variables.contains(&("SFCRED_VERSION", VERSION)));
    // The job installs the program, so the simulated machine does not have it yet.
    let place = Place::with("claim-missing/good").has_curl().has_release();
    let before = lines("before_script").replace("/usr/local/bin", "\"$HOME/bin\"");
    let installed = place.script("sh", &before, &variables);
    assert!(
        installed.status.success() && place.path("home/bin/sfcred").is_file(),
        "{}",
        output_text(&installed)
    );
    for (fixture, status) in [("claim-missing/good", 0), ("claim-missing/bad", 1)] {
        let place = Place::with(fixture).has_sfcred();
        let output = place.script(
            "sh",
            &format!("{}\n{}", lines("before_script"), lines("script")),
            &variables,
        );
        assert_eq!(output.status.code(), Some(status), "{}", output_text(&output));
        for report in job["artifacts"]["reports"].as_object().unwrap().values() {
            assert!(
                place.project().join(report.as_str().unwrap()).is_file(),
                "{report} is written"
            );
        }
    }
}

// --- docs/ci.md ---

/// The code blocks of the page, each with its language.
fn blocks() -> Vec<(String, String)> {
    let page = read("docs/ci.md");
    let fence = Regex::new(r"(?ms)^```([a-z]*)\n(.*?)^```$").unwrap();
    fence.captures_iter(&page).map(|found| (found[1].to_owned(), found[2].to_owned())).collect()
}

/// The scripts of a pipeline, in order: the values of `run`, `script` and similar keys.
fn scripts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(entries) => {
            for (key, value) in entries {
                match (key.as_str(), value) {
                    ("run" | "script", Value::String(script)) => found.push(script.clone()),
                    ("script", Value::Array(lines)) if lines.iter().all(Value::is_string) => found
                        .push(
                            lines.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("\n"),
                        ),
                    _ => scripts(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| scripts(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn every_block_of_the_page_runs() {
    let step = Regex::new(r"(?m)^\s*sh '([^']*)'$").unwrap();
    let mut ran = 0;
    for (language, text) in blocks() {
        let mut found = Vec::new();
        match language.as_str() {
            "sh" => found.push(text.clone()),
            // `.ci/packages` parses the installer; no other machine has PowerShell.
            "powershell" => {}
            "yaml" => scripts(&from_yaml(&text), &mut found),
            "groovy" => found.extend(step.captures_iter(&text).map(|found| found[1].to_owned())),
            other => panic!("a block of `{other}`: say how it is tested"),
        }
        let script = found.join("\n");
        if script.is_empty() {
            continue;
        }
        // If the page installs the program, it must not be on the path already.
        let installs = script.contains("install.sh");
        let place = Place::with("claim-missing/good")
            .has_curl()
            .has_release()
            .has("cargo", "")
            .has("docker", "")
            .has("sf", "");
        let place = if installs { place } else { place.has_sfcred() };
        let workspace = place.path("home").display().to_string();
        let output = place.script(
            "sh",
            &format!("PATH=\"$PATH:$HOME/.local/bin\"\n{script}"),
            &[("WORKSPACE", &workspace)],
        );
        assert!(output.status.success(), "{script}\n{}", output_text(&output));
        ran += 1;
    }
    assert!(ran >= 4, "only {ran} blocks were run");
}

#[test]
fn a_deployment_does_not_start_if_there_are_findings() {
    let gate = blocks().into_iter().find(|(_, text)| text.contains("sf project deploy")).unwrap().1;
    for (fixture, deployed) in [("claim-missing/good", true), ("claim-missing/bad", false)] {
        let place = Place::with(fixture).has_sfcred().has("sf", "");
        let output = place.script("sh", &gate, &[]);
        assert_eq!(
            place.calls().iter().any(|call| call.starts_with("sf|project|deploy|start")),
            deployed,
            "{}",
            output_text(&output)
        );
        assert_eq!(output.status.success(), deployed);
    }
}

#[test]
fn what_a_branch_breaks_is_reported() {
    let since =
        blocks().into_iter().find(|(_, text)| text.contains("--since origin/main")).unwrap().1;
    let place = Place::with("claim-missing/good").has_sfcred();
    assert!(place.script("sh", &since, &[]).status.success());
    let broken = place.script(
        "sh",
        "git switch --quiet --create feature
         file=$(find . -name 'Spoke_Org.externalCredential-meta.xml')
         sed 's/test\\.salesforce/login.salesforce/' \"$file\" > changed && mv changed \"$file\"
         git -c user.name=T -c user.email=t@example.com commit --quiet --all --message change",
        &[],
    );
    assert!(broken.status.success(), "{}", output_text(&broken));
    let output = place.script("sh", &since, &[]);
    assert_eq!(output.status.code(), Some(1), "{}", output_text(&output));
    assert!(
        output_text(&output).contains("audience-environment-mismatch"),
        "{}",
        output_text(&output)
    );
}

#[test]
fn inputs_and_hooks_named_on_the_page_exist() {
    let action = from_yaml(&read("action.yml"));
    let hooks = from_yaml(&read(".pre-commit-hooks.yaml"));
    let mut uses = 0;
    for (language, text) in blocks() {
        if language != "yaml" {
            continue;
        }
        let block = from_yaml(&text);
        for step in
            block["jobs"]["sfcred"]["steps"].as_array().into_iter().flatten().filter(|step| {
                step["uses"].as_str().is_some_and(|uses| uses.starts_with("sfcred/sfcred@"))
            })
        {
            uses += 1;
            for input in step["with"].as_object().unwrap().keys() {
                assert!(action["inputs"].get(input).is_some(), "the action has no input {input}");
            }
        }
        for hook in block["repos"][0]["hooks"].as_array().into_iter().flatten() {
            uses += 1;
            assert!(
                hooks.as_array().unwrap().iter().any(|known| known["id"] == hook["id"]),
                "{hook}"
            );
        }
    }
    assert_eq!(uses, 4);
}

#[test]
fn every_version_number_in_the_documents_is_the_current_one() {
    let version = Regex::new(
        r"(?:/v|@v|#v|tag v|rev: v|-- |VERSION: \x22|install\.sh |sfcred@|-Version |version: \x22)([0-9]+\.[0-9]+\.[0-9]+)",
    )
    .unwrap();
    let mut named = 0;
    for name in [
        "README.md",
        "docs/ci.md",
        "integrations/gitlab-ci.yml",
        "integrations/install.sh",
        "integrations/mega-linter-plugin-sfcred/sfcred.megalinter-descriptor.yml",
        "skills/sfcred/SKILL.md",
    ] {
        for found in version.captures_iter(&read(name)) {
            assert_eq!(&found[1], VERSION, "{name}");
            named += 1;
        }
    }
    assert!(named > 8, "only {named} versions");
}

// --- pre-commit ---

#[test]
fn pre_commit_hooks_run_for_every_file_that_is_read() {
    let hooks = from_yaml(&read(".pre-commit-hooks.yaml"));
    let hooks = hooks.as_array().unwrap();
    assert_eq!(hooks.len(), 2);
    for hook in hooks {
        assert_eq!(
            (hook["entry"].as_str(), hook["pass_filenames"].as_bool()),
            (Some("sfcred lint"), Some(false))
        );
        let files = Regex::new(hook["files"].as_str().unwrap()).unwrap();
        let mut looked_at = 0;
        let paths = cases::all().iter().flat_map(|case| case.files().into_keys());
        for path in paths {
            let name = path.file_name().unwrap().to_string_lossy();
            let wanted = Kind::from_file_name(&name).is_some() || Kind::may_be_secret(&name);
            looked_at += usize::from(wanted);
            assert!(!wanted || files.is_match(&format!("force-app/{name}")), "{name}");
        }
        assert!(looked_at > 1000, "only {looked_at} files of the fixtures are looked at");
        for name in [
            "sfdx-project.json",
            "sfcred.yaml",
            "sfcred.yml",
            "hub/sfcred.toml",
            ".env",
            "ci/.gitlab-ci.yml",
            "package.xml",
            ".forceignore",
        ] {
            assert!(files.is_match(name), "{name}");
        }
        for name in [
            "logo.svg",
            "force-app/A.object-meta.xml",
            "force-app/a.js",
            "force-app/A.layout-meta.xml",
        ] {
            assert!(!files.is_match(name), "{name}");
        }
    }
}

// --- releases ---

#[test]
fn an_archive_of_a_release_holds_manuals_and_completions() {
    let folder = tempfile::tempdir().unwrap();
    let made = Command::new(root().join(".ci/package"))
        .arg("x86_64-unknown-linux-musl")
        .arg(env!("CARGO_BIN_EXE_sfcred"))
        .arg(folder.path())
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", output_text(&made));
    let listed = Command::new("tar")
        .arg("-tzf")
        .arg(folder.path().join("sfcred-x86_64-unknown-linux-musl.tar.gz"))
        .output()
        .unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    for name in [
        "/sfcred\n",
        "/LICENSE-APACHE",
        "/LICENSE-MIT",
        "/README.md",
        "/man/sfcred.1",
        "/completions/sfcred.bash",
        "/completions/_sfcred\n",
        "/completions/sfcred.fish",
        "/completions/_sfcred.ps1",
    ] {
        assert!(listed.contains(name), "{name} in {listed}");
    }
}

#[test]
fn a_release_has_what_the_installer_asks_for() {
    let workflow = from_yaml(&read(".github/workflows/release.yml"));
    let targets: Vec<&str> = workflow["jobs"]["build"]["strategy"]["matrix"]["include"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["target"].as_str().unwrap())
        .collect();
    for machine in ["x86_64", "aarch64"] {
        for system in ["unknown-linux-musl", "unknown-linux-gnu", "apple-darwin"] {
            assert!(
                targets.contains(&format!("{machine}-{system}").as_str()),
                "{machine}-{system}: {targets:?}"
            );
        }
    }
    assert!(targets.contains(&"x86_64-pc-windows-msvc"));
    let official = Regex::new(r"^actions/[a-z-]+@v[0-9]+$").unwrap();
    for (name, job) in workflow["jobs"].as_object().unwrap() {
        // Run by hand, the workflow publishes nothing and uses no secret.
        let text = job.to_string();
        let publishes = !["build", "assemble"].contains(&name.as_str());
        let only_for_tags = |name: &str| {
            workflow["jobs"][name]["if"].as_str() == Some("github.event_name == 'push'")
        };
        assert_eq!(
            publishes,
            only_for_tags(name) || only_for_tags(&job["needs"].to_string().replace('"', "")),
            "{name}"
        );
        assert!(publishes || !text.contains("secrets."), "{name}");
        for uses in job["steps"].as_array().unwrap().iter().filter_map(|step| step["uses"].as_str())
        {
            assert!(official.is_match(uses), "{uses}");
        }
    }
}

#[test]
fn the_image_builds_with_the_lock_file_and_runs_unprivileged() {
    let text = read("Dockerfile");
    let from: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("FROM ")).collect();
    assert_eq!(from.len(), 2);
    let rust = read("Cargo.toml")
        .lines()
        .find_map(|line| {
            line.strip_prefix("rust-version = ").map(|version| version.trim_matches('"').to_owned())
        })
        .unwrap();
    assert!(
        from[0].starts_with(&format!("rust:{rust}-")),
        "built with the version that Cargo.toml asks for: {}",
        from[0]
    );
    assert_eq!(from[1], "scratch");
    assert!(text.contains("--locked") && text.contains("USER 65532:65532"));
}
