//! The project is consistent: rule pages are complete, modules are layered, the README is correct.

mod answers;
mod docs;
mod index;
mod layering;
mod readme;
mod rule_book;
mod supply;

use std::path::{Path, PathBuf};

use crate::common::{entries, root};

/// The files of a folder, in order.
fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let mut paths = entries(&root().join(folder));
    paths.retain(|path| path.extension().is_some_and(|found| found == extension));
    paths
}

fn stem(path: &Path) -> String {
    path.file_stem().expect("a name").to_string_lossy().into_owned()
}
