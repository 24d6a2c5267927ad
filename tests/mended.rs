//! `--fix` over every project of `fixtures/` that offers a fix, in several forms: what it fixes is gone, nothing new appears, a second run
//! changes nothing, and the patch of `--diff` comes to the same bytes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use serde_json::Value;
use sfcred::cli::{self, Machine, Status};
use tempfile::TempDir;
use time::macros::date;

struct Run {
    status: Status,
    out: Vec<u8>,
    err: String,
}

fn run(folder: &Path, arguments: &[&str]) -> Run {
    let machine = Machine {
        working_directory: folder.to_owned(),
        today: date!(2026 - 11 - 22),
        stdout_is_terminal: false,
        stderr_is_terminal: false,
        stdin_is_terminal: false,
        width: Some(120),
        environment: &|_| None,
        variables: &Vec::new,
        stdin: &|| Box::new(std::io::empty()),
    };
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let arguments = ["sfcred", "lint", "--threads", "1"].iter().chain(arguments).map(Into::into);
    let status = cli::run(arguments, &machine, &mut out, &mut err);
    Run { status, out, err: String::from_utf8(err).unwrap() }
}

fn findings(folder: &Path, arguments: &[&str]) -> Vec<Value> {
    let run = run(folder, &[arguments, &["--format", "json"]].concat());
    assert_ne!(run.status, Status::NoRun, "{}: {}", folder.display(), run.err);
    let value: Value = serde_json::from_slice(&run.out).unwrap();
    value["findings"].as_array().unwrap().clone()
}

/// The projects that offer a fix.
static PROJECTS: LazyLock<Vec<PathBuf>> = LazyLock::new(|| {
    let folders = |path: &Path| -> Vec<PathBuf> {
        fs::read_dir(path)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.is_dir())
            .collect()
    };
    let all: Vec<PathBuf> = folders(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures"))
        .iter()
        .flat_map(|rule| folders(rule))
        .collect();
    let mut offering: Vec<PathBuf> = all
        .into_iter()
        .filter(|project| findings(project, &[]).iter().any(|finding| !finding["fix"].is_null()))
        .collect();
    offering.sort();
    assert!(offering.len() > 100, "only {} projects offer a fix", offering.len());
    offering
});

/// A form of a project: which files are written in which other way.
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

fn latin_1(name: &str, text: &str) -> Option<Vec<u8>> {
    let comment = |text: &str| {
        [text.replace("UTF-8", "ISO-8859-1").trim_end().as_bytes(), b"\n<!-- \xE4\xF6\xFC -->"]
            .concat()
    };
    (name.ends_with(".xml") && text.contains("UTF-8") && text.is_ascii()).then(|| comment(text))
}

fn copy(from: &Path, to: &Path, form: Form) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target, form);
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        let changed = std::str::from_utf8(&bytes)
            .ok()
            .filter(|text| !text.starts_with('\u{feff}'))
            .and_then(|text| form(&path.to_string_lossy(), text));
        fs::write(target, changed.unwrap_or(bytes)).unwrap();
    }
}

fn copied(project: &Path, form: Form) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join(".git")).unwrap();
    copy(project, folder.path(), form);
    folder
}

fn bytes_of(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(
                bytes_of(&path).into_iter().map(|(name, bytes)| {
                    (PathBuf::from(path.file_name().unwrap()).join(name), bytes)
                }),
            );
        } else {
            all.insert(path.file_name().unwrap().into(), fs::read(&path).unwrap());
        }
    }
    all
}

/// How often each rule speaks about each field of each component. After a fix that a person agreed to, it may speak about what is left.
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
    /// What a project says that could not be fixed, as `rule: reason`.
    refused: &'static [&'static str],
}

/// Nothing is left to be fixed mechanically.
const SAFE: Mode = Mode { arguments: &[], refused: &[] };
/// A fix that only uncovers the next error is not made: a person must mend both together.
const UNSAFE: Mode = Mode {
    arguments: &["--unsafe-fixes"],
    refused: &[
        "principal-missing: it would bring an error of `principal-not-granted`",
        "direct-jwt-to-salesforce: it would bring an error of `token-endpoint-missing`",
    ],
};

fn holds(form: Form, mode: &Mode) {
    let mut faults = Vec::new();
    let mut changed = 0;
    for project in PROJECTS.iter() {
        let shown = project.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap().display();
        let folder = copied(project, form);
        let wanted = |finding: &&Value| {
            !finding["fix"].is_null()
                && (finding["fix"]["safe"] == true || !mode.arguments.is_empty())
        };
        let old = bytes_of(folder.path());
        let before = findings(folder.path(), &[]);
        let fixed = run(folder.path(), &[&["--fix"], mode.arguments].concat());
        if fixed.status == Status::NoRun {
            faults.push(format!("{shown}: {}", fixed.err));
            continue;
        }
        let unwrapped = fixed.err.replace('\n', " ");
        let refused: Vec<&str> = unwrapped.split("not fixed: ").skip(1).collect();
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
        let once = bytes_of(folder.path());
        changed += usize::from(once != old);
        let again = run(folder.path(), &[&["--fix"], mode.arguments].concat());
        if bytes_of(folder.path()) != once {
            faults.push(format!("{shown}: a second run changes it again: {}", again.err));
        }
        let other = copied(project, form);
        if let Err(fault) = patched(other.path(), mode, &old, &once) {
            faults.push(format!("{shown}: {fault}"));
        }
    }
    assert!(changed > 30, "only {changed} projects are changed");
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

/// Applies the patch of `--diff`, and compares.
fn patched(
    folder: &Path,
    mode: &Mode,
    old: &BTreeMap<PathBuf, Vec<u8>>,
    expected: &BTreeMap<PathBuf, Vec<u8>>,
) -> Result<(), String> {
    let diff = run(folder, &[&["--diff"], mode.arguments].concat());
    if bytes_of(folder) != *old {
        return Err("`--diff` writes".into());
    }
    if (diff.status == Status::Findings) != (old != expected) {
        return Err(format!("`--diff` ends with {:?}", diff.status));
    }
    if diff.out.is_empty() && diff.err.contains("not in the patch") || old == expected {
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
        |name: &Path| diff.err.contains(&format!("not in the patch: {}", name.display()));
    match bytes_of(folder)
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
fn safe_fixes_with_windows_line_ends_and_a_byte_order_mark() {
    holds(of_windows, &SAFE);
}

#[test]
fn safe_fixes_in_utf_16() {
    holds(utf_16, &SAFE);
}

#[test]
fn safe_fixes_in_latin_1_without_a_last_line_end() {
    holds(latin_1, &SAFE);
}

#[test]
fn unsafe_fixes() {
    holds(as_it_is, &UNSAFE);
}

#[test]
fn unsafe_fixes_with_windows_line_ends_and_a_byte_order_mark() {
    holds(of_windows, &UNSAFE);
}
