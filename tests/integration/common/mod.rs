//! Helpers for all tests: the cases of `fixtures/`, linting them, and folders.

pub mod cases;
pub mod samples;
pub mod yaml;

pub use crate::robustness::damage;

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use rayon::prelude::*;
use sfcred::internals::check;
use sfcred::internals::cli::{self, Environment, Status};
use sfcred::internals::error::Error;
use sfcred::internals::options::Options;
use sfcred::internals::report::Style;
use sfcred::{Report, lint, lint_in_memory};
use tempfile::TempDir;
use time::Date;
use time::macros::date;

use cases::Case;

/// The files of a project, by their paths in it.
pub type Files = BTreeMap<PathBuf, Vec<u8>>;

/// The date on which every fixture is linted.
pub const TODAY: Date = date!(2026 - 11 - 22);

pub const STYLE: Style =
    Style { width: 80, color: false, unicode: true, quiet: false, hyperlinks: false };

/// Every case with the result of linting it.
static LINTED: LazyLock<Vec<(&'static Case, Report)>> =
    LazyLock::new(|| cases::all().par_iter().map(|case| (case, linted(case))).collect());

pub fn all_linted() -> impl Iterator<Item = (&'static Case, &'static Report)> {
    LINTED.iter().map(|(case, report)| (*case, report))
}

pub fn linted(case: &Case) -> Report {
    lint_files(case.files()).unwrap_or_else(|error| panic!("{}: {error}", case.name()))
}

/// Lints a project in memory, with its own settings.
pub fn lint_files(files: Files) -> Result<Report, Error> {
    let text = files.get(Path::new("sfcred.toml")).map(|bytes| String::from_utf8_lossy(bytes));
    let options = options(Path::new("/project"), text.as_deref())?;
    lint_in_memory(files, &options)
}

/// Lints a folder, with its own settings.
pub fn lint_folder(folder: &Path) -> Result<Report, Error> {
    let text = fs::read_to_string(folder.join("sfcred.toml")).ok();
    lint(&[PathBuf::from(".")], &options(folder, text.as_deref())?)
}

/// Runs a command in a folder: its exit status, standard output and standard error. With `typed`, standard input is a
/// terminal.
pub fn run_command(
    folder: &Path,
    arguments: &[&str],
    width: usize,
    typed: Option<&str>,
) -> (Status, Vec<u8>, Vec<u8>) {
    let stdin =
        || -> Box<dyn Read + Send> { Box::new(Cursor::new(typed.unwrap_or_default().to_owned())) };
    let environment = Environment {
        working_directory: folder.to_owned(),
        today: TODAY,
        stdout_is_terminal: false,
        stderr_is_terminal: false,
        stdin_is_terminal: typed.is_some(),
        width: Some(width),
        lookup: &|_| None,
        variables: &Vec::new,
        stdin: &stdin,
        live_stdin: &stdin,
    };
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let words = std::iter::once(&"sfcred").chain(arguments).map(Into::into);
    let status = cli::run(words, &environment, &mut out, &mut err);
    (status, out, err)
}

/// The settings of a project, from the text of its `sfcred.toml`.
pub fn options(folder: &Path, text: Option<&str>) -> Result<Options, Error> {
    let mut options = Options::new(TODAY, folder.to_owned());
    if let Some(text) = text {
        let rules = check::rule_names();
        options.read("sfcred.toml", text, &rules)?;
    }
    Ok(options)
}

/// The same files, with the text of some of them replaced.
pub fn rewritten(files: &Files, change: impl Fn(&Path, &str) -> Option<Vec<u8>>) -> Files {
    let rewrite = |(path, bytes): (&PathBuf, &Vec<u8>)| {
        let changed = std::str::from_utf8(bytes).ok().and_then(|text| change(path, text));
        (path.clone(), changed.unwrap_or_else(|| bytes.clone()))
    };
    files.iter().map(rewrite).collect()
}

/// A new temporary folder that is not affected by the folders above it.
pub fn new_folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join(".git")).unwrap();
    folder
}

/// Writes a file below a folder, and creates the folders between them.
pub fn write_below(folder: &Path, name: impl AsRef<Path>, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, bytes).unwrap();
    path
}

/// Writes files into a new folder.
pub fn on_disk(files: &Files) -> TempDir {
    let folder = new_folder();
    for (path, bytes) in files {
        write_below(folder.path(), path, bytes);
    }
    folder
}

/// The files below a folder.
pub fn read_files(folder: &Path) -> Files {
    let relative = |path: PathBuf| (path.strip_prefix(folder).unwrap().to_owned(), path);
    let read = |(name, path): (PathBuf, PathBuf)| (name, fs::read(path).unwrap());
    files_below(folder).into_iter().map(relative).map(read).collect()
}

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A file of the repository.
pub fn read(name: impl AsRef<Path>) -> String {
    let path = root().join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The contents of a folder, in order.
pub fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// All files below a folder, in order.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let below = |path: PathBuf| if path.is_dir() { files_below(&path) } else { vec![path] };
    entries(folder).into_iter().flat_map(below).collect()
}

/// Copies a folder with everything in it.
pub fn copy(from: &Path, to: &Path) {
    for path in files_below(from) {
        let target = to.join(path.strip_prefix(from).unwrap());
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(path, target).unwrap();
    }
}

/// Projects of public metadata: `SFCRED_CORPUS`, or `../shared/corpus` next to the checkout. `None` if there is no
/// copy.
pub fn corpus() -> Option<PathBuf> {
    let beside = || root().join("../shared/corpus");
    let path = std::env::var_os("SFCRED_CORPUS").map_or_else(beside, PathBuf::from);
    let path = path.canonicalize().ok().filter(|path| !entries(path).is_empty());
    if path.is_none() {
        println!("there is no corpus: set SFCRED_CORPUS to a folder of projects");
    }
    path
}
