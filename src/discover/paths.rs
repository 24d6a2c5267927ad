//! Paths: cleaned without asking the disk, shown relative to the working directory, and what lies there.

use std::path::{Component, Path, PathBuf};

/// Without `.` and `..`, told from the text alone.
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

/// Whether a path is there, taken from the working directory: a name on the command line may be one or not.
pub fn is_there(path: &Path, working_directory: &Path) -> bool {
    normalized(&working_directory.join(path)).exists()
}

/// Whether a path is a folder.
pub fn is_folder(path: &Path, working_directory: &Path) -> bool {
    normalized(&working_directory.join(path)).is_dir()
}

/// Relative to a folder, with `/`; control characters and broken names are made harmless.
pub fn relative(path: &Path, folder: &Path) -> String {
    if let Some(shown) = plainly(path, folder) {
        return shown;
    }
    carefully(path, folder)
}

fn carefully(path: &Path, folder: &Path) -> String {
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
    let text: String = text
        .chars()
        .map(|character| if character.is_control() { '\u{fffd}' } else { character })
        .collect();
    if text.is_empty() { ".".to_owned() } else { text }
}

/// The same for paths of plain characters, as nearly all are, from their texts alone.
fn plainly(path: &Path, folder: &Path) -> Option<String> {
    let (path, folder) = (plain(path)?, plain(folder)?);
    if let Some(inside) = path.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/')) {
        return Some(inside.to_owned());
    }
    let alike = path.bytes().zip(folder.bytes()).take_while(|(left, right)| left == right).count();
    // What both begin with ends with a folder; the one may lie above the other.
    let ends = |text: &str| text.len() == alike || text.as_bytes().get(alike) == Some(&b'/');
    let shared = if ends(path) && ends(folder) { alike } else { path.get(..alike)?.rfind('/')? };
    if shared == 0 {
        return Some(path.to_owned());
    }
    let up = folder.get(shared..)?.matches('/').count();
    let down = path.get(shared..)?.trim_start_matches('/');
    (!down.is_empty()).then(|| "../".repeat(up) + down)
}

/// The text of an absolute path without `.`, `..` and anything that would have to be made harmless.
fn plain(path: &Path) -> Option<&str> {
    let text = path
        .to_str()
        .filter(|text| text.len() > 1 && text.starts_with('/') && !text.ends_with('/'))?;
    let bytes = text.as_bytes();
    let mut slashes = memchr::memchr_iter(b'/', bytes).map(|at| bytes.get(at + 1));
    (slashes.all(|next| !matches!(next, Some(b'/' | b'.')))
        && bytes.iter().all(|byte| matches!(byte, b' '..=b'~' if *byte != b'\\')))
    .then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_shown_from_the_working_directory() {
        assert_eq!(relative(Path::new("/a/b/c.x"), Path::new("/a")), "b/c.x");
        assert_eq!(relative(Path::new("/a/d/c.x"), Path::new("/a/b")), "../d/c.x");
        assert_eq!(relative(Path::new("/z/c.x"), Path::new("/a/b")), "/z/c.x");
        assert_eq!(relative(Path::new("/a"), Path::new("/a")), ".");
        assert_eq!(relative(Path::new("/a/b\u{1b}c"), Path::new("/a")), "b\u{fffd}c");
        let paths = [
            "/a/b/c.x", "/a/d/c.x", "/z/c.x", "/a", "/a/b", "/a/bc/d", "/a/b/.x", "/é/x", "/a/é/x",
            "/a/ê/x", "/", "/a//b", "c/d", "/a/b/c d",
        ];
        for path in paths.map(Path::new) {
            for folder in paths.map(Path::new) {
                assert_eq!(
                    relative(path, folder),
                    carefully(path, folder),
                    "{path:?} from {folder:?}"
                );
            }
        }
        assert_eq!(normalized(Path::new("/a/./b/../c")), Path::new("/a/c"));
    }
}
