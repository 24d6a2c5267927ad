//! Folders of the tests.

use std::fs;
use std::path::Path;

/// Copies a folder with all that it holds.
pub fn copy(from: &Path, to: &Path) {
    copy_with(from, to, &|from, to| fs::copy(from, to).map(|_| ()).unwrap());
}

/// Copies a folder, each file in a way of one's own.
pub fn copy_with(from: &Path, to: &Path, file: &dyn Fn(&Path, &Path)) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_with(&path, &target, file);
        } else {
            file(&path, &target);
        }
    }
}
