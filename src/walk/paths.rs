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
    if let Some(inside) = plainly_inside(path, folder) {
        return inside.to_owned();
    }
    let shown: PathBuf = match path.strip_prefix(folder) {
        Ok(inside) => inside.to_owned(),
        Err(_) => {
            let shared = path.components().zip(folder.components()).take_while(|(left, right)| left == right).count();
            if shared <= 1 {
                path.to_owned()
            } else {
                let up = folder.components().count() - shared;
                std::iter::repeat_n(Component::ParentDir, up).chain(path.components().skip(shared)).collect()
            }
        }
    };
    let text = shown.to_string_lossy();
    let text = if cfg!(windows) { text.replace('\\', "/") } else { text.into_owned() };
    let text: String = text.chars().map(|character| if character.is_control() { '\u{fffd}' } else { character }).collect();
    if text.is_empty() { ".".to_owned() } else { text }
}

/// What follows a folder in a path of plain characters: thousands of paths are no more than that.
fn plainly_inside<'a>(path: &'a Path, folder: &Path) -> Option<&'a str> {
    let (path, folder) = (path.to_str()?, folder.to_str()?);
    let inside = path.strip_prefix(folder)?.strip_prefix('/')?;
    let plain = !folder.is_empty() && !inside.is_empty() && !inside.starts_with(['/', '.']) && !inside.ends_with('/');
    (plain && !inside.contains("//") && !inside.contains("/.") && inside.bytes().all(|byte| matches!(byte, b' '..=b'~' if byte != b'\\'))).then_some(inside)
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
        assert_eq!(normalized(Path::new("/a/./b/../c")), Path::new("/a/c"));
    }
}
