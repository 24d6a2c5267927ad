//! `--fix` on every case that offers a fix, in several encodings: the findings are fixed, no new ones appear, a second
//! run changes nothing, and the patch of `--diff` gives the same bytes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use sfcred::internals::cli::Status;
use sfcred::internals::model::App;
use sfcred::internals::pipeline::Report;
use sfcred::internals::trace::{Verdict, trace};
use tempfile::TempDir;

use crate::common::cases::Case;
use crate::common::{all_linted, lint_folder, on_disk, read_files, rewritten, run_command};

struct Run {
    status: Status,
    out: Vec<u8>,
    err: String,
}

fn run(folder: &Path, arguments: &[&str]) -> Run {
    let arguments = [&["lint", "--threads", "1"], arguments].concat();
    let (status, out, err) = run_command(folder, &arguments, 120, None);
    Run { status, out, err: String::from_utf8(err).unwrap() }
}

fn findings(folder: &Path, arguments: &[&str]) -> Vec<Value> {
    let run = run(folder, &[arguments, &["--format", "json"]].concat());
    assert_ne!(run.status, Status::NoRun, "{}: {}", folder.display(), run.err);
    let value: Value = serde_json::from_slice(&run.out).unwrap();
    value["findings"].as_array().unwrap().clone()
}

/// The cases that offer a fix.
fn offering() -> impl Iterator<Item = &'static Case> {
    let offers = |(case, report): (&'static Case, &Report)| {
        report.findings.iter().any(|finding| finding.fix.is_some()).then_some(case)
    };
    all_linted().filter_map(offers)
}

/// A form of a project: the bytes of a file in that form, or `None` to leave the file unchanged.
type Form = fn(&str, &str) -> Option<Vec<u8>>;

fn as_it_is(_: &str, _: &str) -> Option<Vec<u8>> {
    None
}

fn of_windows(name: &str, text: &str) -> Option<Vec<u8>> {
    let known = ["xml", "cls", "trigger", "yaml", "yml", "toml"]
        .iter()
        .any(|extension| name.ends_with(&format!(".{extension}")));
    (known && !text.contains('\r'))
        .then(|| [b"\xEF\xBB\xBF".as_slice(), text.replace('\n', "\r\n").as_bytes()].concat())
}

fn utf_16(name: &str, text: &str) -> Option<Vec<u8>> {
    let wide = || {
        [0xFEFF]
            .into_iter()
            .chain(text.replace("UTF-8", "UTF-16").encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect()
    };
    (name.ends_with(".xml") && text.contains("UTF-8")).then(wide)
}

fn with_tabs(name: &str, text: &str) -> Option<Vec<u8>> {
    (name.ends_with(".xml") && !text.contains('\t')).then(|| tabbed(text).into_bytes())
}

/// The indentation in tabs instead of groups of four spaces.
fn tabbed(text: &str) -> String {
    text.split_inclusive('\n')
        .map(|line| {
            let rest = line.trim_start_matches("    ");
            "\t".repeat((line.len() - rest.len()) / 4) + rest
        })
        .collect()
}

fn latin_1(name: &str, text: &str) -> Option<Vec<u8>> {
    let comment = |text: &str| {
        [text.replace("UTF-8", "ISO-8859-1").trim_end().as_bytes(), b"\n<!-- \xE4\xF6\xFC -->"]
            .concat()
    };
    (name.ends_with(".xml") && text.contains("UTF-8") && text.is_ascii()).then(|| comment(text))
}

fn in_form(case: &Case, form: Form) -> TempDir {
    on_disk(&rewritten(&case.files(), |path, text| {
        let marked = text.starts_with('\u{feff}');
        if marked { None } else { form(&path.to_string_lossy(), text) }
    }))
}

/// The number of findings by rule, component and field. After an unsafe fix, a rule may report another field of the same component.
fn counted<'f>(
    findings: impl IntoIterator<Item = &'f Value>,
    mode: &Mode,
) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for finding in findings {
        let field =
            if mode.arguments.is_empty() { finding["fingerprint"].as_str().unwrap() } else { "" };
        *counts
            .entry(format!("{} {} {field}", finding["rule"], finding["component"]))
            .or_default() += 1;
    }
    counts
}

struct Mode {
    arguments: &'static [&'static str],
    /// The fixes that are rejected, as `rule: reason`.
    refused: &'static [&'static str],
}

/// No safe fix is rejected.
const SAFE: Mode = Mode { arguments: &[], refused: &[] };
/// A fix that causes another error is not applied. Both must be fixed together, by hand.
const UNSAFE: Mode = Mode {
    arguments: &["--unsafe-fixes"],
    refused: &[
        "principal-missing: it would cause an error of `principal-unknown`",
        "direct-jwt-to-salesforce: it would cause an error of `audience-host-wrong`",
        "direct-jwt-to-salesforce: it would cause an error of `token-endpoint-missing`",
    ],
};

fn holds(form: Form, mode: &Mode) {
    let mut faults = Vec::new();
    let mut changed = 0;
    for case in offering() {
        let shown = case.name();
        let folder = in_form(case, form);
        let wanted = |finding: &&Value| {
            !finding["fix"].is_null()
                && (finding["fix"]["safe"] == true || !mode.arguments.is_empty())
        };
        let old = read_files(folder.path());
        let before = findings(folder.path(), &[]);
        let fixed = run(folder.path(), &[&["--fix"], mode.arguments].concat());
        if fixed.status == Status::NoRun {
            faults.push(format!("{shown}: {}", fixed.err));
            continue;
        }
        let unwrapped = fixed.err.replace('\n', " ");
        let refused: Vec<&str> = unwrapped.split("Not fixed: ").skip(1).collect();
        let expected = |line: &&str| {
            mode.refused.iter().any(|refused| refused.split(": ").all(|part| line.contains(part)))
        };
        if let Some(line) = refused.iter().find(|line| !expected(line)) {
            faults.push(format!("{shown}: {line}"));
        }
        let after = findings(folder.path(), &[]);
        if refused.is_empty()
            && let Some(left) = after.iter().find(wanted)
        {
            faults.push(format!("{shown}: {} is left: {}", left["rule"], left["message"]));
        }
        let known = counted(&before, mode);
        let new = counted(
            after
                .iter()
                .filter(|finding| mode.arguments.is_empty() || finding["severity"] == "error"),
            mode,
        );
        if let Some((new, _)) =
            new.iter().find(|(key, count)| known.get(*key).is_none_or(|known| known < count))
        {
            faults.push(format!("{shown}: {new} is new"));
        }
        let once = read_files(folder.path());
        changed += usize::from(once != old);
        let again = run(folder.path(), &[&["--fix"], mode.arguments].concat());
        if read_files(folder.path()) != once {
            faults.push(format!("{shown}: a second run changes it again: {}", again.err));
        }
        let other = in_form(case, form);
        if let Err(fault) = patched(other.path(), mode, &old, &once) {
            faults.push(format!("{shown}: {fault}"));
        }
    }
    assert!(changed > 30, "only {changed} projects are changed");
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

/// Applies the patch of `--diff`, and compares the result with `--fix`.
fn patched(
    folder: &Path,
    mode: &Mode,
    old: &BTreeMap<PathBuf, Vec<u8>>,
    expected: &BTreeMap<PathBuf, Vec<u8>>,
) -> Result<(), String> {
    let diff = run(folder, &[&["--diff"], mode.arguments].concat());
    if read_files(folder) != *old {
        return Err("`--diff` writes".into());
    }
    if (diff.status == Status::Findings) != (old != expected) {
        return Err(format!("`--diff` ends with {:?}", diff.status));
    }
    if diff.out.is_empty() && diff.err.contains("Not in the patch") || old == expected {
        return Ok(());
    }
    let mut git = Command::new("git")
        .args(["apply", "-"])
        .current_dir(folder)
        .env("GIT_CEILING_DIRECTORIES", folder.parent().unwrap())
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut git.stdin.take().unwrap(), &diff.out).unwrap();
    let output = git.wait_with_output().unwrap();
    if !output.status.success() {
        return Err(format!(
            "git refuses the patch: {}\n{}",
            String::from_utf8_lossy(&output.stderr),
            String::from_utf8_lossy(&diff.out)
        ));
    }
    let filtered =
        |name: &Path| diff.err.contains(&format!("Not in the patch: {}", name.display()));
    match read_files(folder)
        .iter()
        .find(|(name, bytes)| expected.get(*name) != Some(bytes) && !filtered(name))
    {
        Some((name, _)) => Err(format!(
            "the patch gives another {}:\n{}",
            name.display(),
            String::from_utf8_lossy(&diff.out)
        )),
        None => Ok(()),
    }
}

#[test]
fn safe_fixes() {
    holds(as_it_is, &SAFE);
}

#[test]
fn safe_fixes_with_crlf_and_a_byte_order_mark() {
    holds(of_windows, &SAFE);
}

#[test]
fn safe_fixes_in_utf_16() {
    holds(utf_16, &SAFE);
}

#[test]
fn safe_fixes_in_latin_1_without_a_final_newline() {
    holds(latin_1, &SAFE);
}

#[test]
fn unsafe_fixes() {
    holds(as_it_is, &UNSAFE);
}

#[test]
fn unsafe_fixes_with_crlf_and_a_byte_order_mark() {
    holds(of_windows, &UNSAFE);
}

/// The text of each file after all fixes, without what distinguishes the forms.
fn fixed_texts(case: &Case, form: Form) -> BTreeMap<PathBuf, String> {
    let folder = in_form(case, form);
    run(folder.path(), &["--fix", "--unsafe-fixes"]);
    let text = |bytes: Vec<u8>| {
        let text = if bytes.starts_with(&[0xFF, 0xFE]) {
            let units: Vec<u16> =
                bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
            String::from_utf16_lossy(&units)
        } else {
            String::from_utf8_lossy(&bytes).into_owned()
        };
        let plain = text.replace(['\r', '\u{feff}'], "").replace("UTF-16", "UTF-8");
        tabbed(&plain)
    };
    read_files(folder.path()).into_iter().map(|(path, bytes)| (path, text(bytes))).collect()
}

#[test]
fn a_file_is_fixed_alike_in_every_encoding_and_indentation() {
    let mut faults = Vec::new();
    for case in offering() {
        let plain = fixed_texts(case, as_it_is);
        let forms: [(&str, Form); 3] =
            [("Windows", of_windows), ("UTF-16", utf_16), ("tabs", with_tabs)];
        for (name, form) in forms {
            let other = fixed_texts(case, form);
            let different = plain.iter().find(|(path, text)| other.get(*path) != Some(*text));
            faults.extend(different.map(|(path, text)| {
                format!(
                    "{} in {name}: {}\n{text}\n---\n{:?}",
                    case.name(),
                    path.display(),
                    other.get(path)
                )
            }));
        }
    }
    assert!(faults.is_empty(), "{}\n{} faults", faults.join("\n"), faults.len());
}

/// How far the callouts of a project get: for each credential, whether it works, and how much of it fails.
fn progress(report: &Report) -> BTreeMap<String, (u8, std::cmp::Reverse<usize>)> {
    let traces = trace(report, None).unwrap_or_default();
    let reached = traces.iter().map(|trace| {
        let verdict = match trace.verdict {
            Verdict::Fails { .. } => 0,
            Verdict::Unknown { .. } => 1,
            Verdict::Issued | Verdict::NoExchange => 2,
        };
        let failures: usize = trace
            .steps
            .iter()
            .map(|step| {
                let checks = step.checks.iter().map(|check| check.failures.len());
                step.failures.len() + checks.sum::<usize>()
            })
            .sum();
        (trace.name.clone(), (verdict, std::cmp::Reverse(failures)))
    });
    reached.collect()
}

/// What an app allows its clients and users: each is something that stops working without it.
fn allowed(report: &Report) -> Vec<(String, Vec<&'static str>)> {
    let is_on = |app: &App, path: &str| app.field(path).is_some_and(|switch| switch.is_true());
    let apps = report.workspace.apps().map(|(_, app)| {
        let strict_addresses = app
            .ip_relaxation()
            .is_some_and(|policy| policy.as_str().eq_ignore_ascii_case("enforce"));
        let allows = [
            ("users authorize it themselves", app.self_authorization().is_some()),
            ("clients without PKCE", app.required_code_challenge().is_none()),
            ("clients without a secret", is_on(app, "oauthConfig/isConsumerSecretOptional")),
            ("any address", !strict_addresses),
            ("client credentials", app.uses_client_credentials()),
            ("JWT bearer", app.has_certificate()),
        ];
        let allowed = allows.into_iter().filter(|(_, allows)| *allows).map(|(what, _)| what);
        (app.component.name.clone(), allowed.collect())
    });
    apps.collect()
}

#[test]
fn safe_fixes_never_leave_less_that_works() {
    let mut faults = Vec::new();
    let mut compared = 0;
    for case in offering() {
        let shown = case.name();
        let folder = in_form(case, as_it_is);
        let lint = || lint_folder(folder.path()).unwrap();
        let before = lint();
        let (reached, could) = (progress(&before), allowed(&before));
        run(folder.path(), &["--fix"]);
        let after = lint();
        let (reaches, can) = (progress(&after), allowed(&after));
        for (name, now) in &reached {
            compared += 1;
            if reaches.get(name).is_none_or(|then| then < now) {
                faults.push(format!(
                    "{shown}: `{name}` got {now:?}, and then {:?}",
                    reaches.get(name)
                ));
            }
        }
        for ((name, before), (_, after)) in could.iter().zip(&can) {
            compared += 1;
            let lost = before.iter().filter(|what| !after.contains(what));
            faults.extend(lost.map(|what| format!("{shown}: `{name}` no longer allows {what}")));
        }
    }
    assert!(compared > 200, "only {compared} credentials and apps");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
