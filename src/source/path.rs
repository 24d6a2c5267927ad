//! Paths as text: normalized, and relative to a folder. Nothing here reads the disk.

use std::path::{Component, Path, PathBuf};

/// Without `.` and `..`. Symbolic links are not resolved.
pub fn normalized(path: &Path) -> PathBuf {
    let mut result = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                if !result.pop() {
                    result.push("..");
                }
            }
            other => result.push(other),
        }
    }
    if result.as_os_str().is_empty() { PathBuf::from(".") } else { result }
}

/// How a path is shown: relative to a folder, with `/`, and without control characters and invalid Unicode.
pub fn relative(path: &Path, folder: &Path) -> String {
    let shown: PathBuf = match path.strip_prefix(folder) {
        Ok(inside) => inside.to_owned(),
        Err(_) => {
            let shared = path
                .components()
                .zip(folder.components())
                .take_while(|(left, right)| left == right)
                .count();
            if shared <= 1 {
                path.to_owned()
            } else {
                let up = folder.components().count() - shared;
                std::iter::repeat_n(Component::ParentDir, up)
                    .chain(path.components().skip(shared))
                    .collect()
            }
        }
    };
    let text = shown.to_string_lossy();
    let text = if cfg!(windows) { text.replace('\\', "/") } else { text.into_owned() };
    let text = text.replace(char::is_control, "\u{fffd}");
    if text.is_empty() { ".".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_shown_relative_to_the_working_directory() {
        assert_eq!(relative(Path::new("/a/b/c.x"), Path::new("/a")), "b/c.x");
        assert_eq!(relative(Path::new("/a/d/c.x"), Path::new("/a/b")), "../d/c.x");
        assert_eq!(relative(Path::new("/z/c.x"), Path::new("/a/b")), "/z/c.x");
        assert_eq!(relative(Path::new("/a"), Path::new("/a")), ".");
        assert_eq!(relative(Path::new("/a/b\u{1b}c"), Path::new("/a")), "b\u{fffd}c");
        assert_eq!(relative(Path::new("/a/bc/d"), Path::new("/a/b")), "../bc/d");
        assert_eq!(normalized(Path::new("/a/./b/../c")), Path::new("/a/c"));
    }
}
