//! The files that an earlier run wrote to a folder, to compare them with those of another.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::MAX_FILE_BYTES;
use crate::source::Kind;

/// A folder with more files was not written by sfcred.
const MAX_FILES: usize = 200_000;
const MAX_DEPTH: usize = 12;

/// A file, and metadata below some folders, by their paths in `folder`. Other files are left out.
///
/// # Errors
/// The path of something that makes it unsafe to write there, such as a symbolic link.
pub fn read_folder(
    folder: &Path,
    file: &str,
    folders: &[&str],
) -> Result<BTreeMap<String, Vec<u8>>, PathBuf> {
    let mut files = BTreeMap::new();
    match folder.symlink_metadata() {
        Err(_) => return Ok(files),
        Ok(found) if !found.is_dir() => return Err(folder.to_owned()),
        Ok(_) => {}
    }
    add(folder, file, &mut files)?;
    for name in folders {
        let mut pending = vec![((*name).to_owned(), 0)];
        while let Some((name, depth)) = pending.pop() {
            let path = folder.join(&name);
            let Ok(found) = path.symlink_metadata() else { continue };
            if found.is_dir() && depth < MAX_DEPTH {
                let entries = fs::read_dir(&path).map_err(|_| path.clone())?;
                for entry in entries {
                    let entry = entry.map_err(|_| path.clone())?;
                    let own = entry.file_name().into_string().map_err(|_| path.clone())?;
                    pending.push((format!("{name}/{own}"), depth + 1));
                }
            } else if depth == 0 || files.len() > MAX_FILES || !found.is_file() {
                return Err(path);
            } else if is_metadata(&name) {
                add(folder, &name, &mut files)?;
            }
        }
    }
    Ok(files)
}

fn is_metadata(name: &str) -> bool {
    let name = name.rsplit('/').next().unwrap_or(name);
    name == ".forceignore"
        || Kind::from_file_name(name).is_some_and(|kind| {
            !matches!(kind, Kind::Project | Kind::Description | Kind::Export | Kind::Toml)
        })
}

fn add(folder: &Path, name: &str, files: &mut BTreeMap<String, Vec<u8>>) -> Result<(), PathBuf> {
    let path = folder.join(name);
    match path.symlink_metadata() {
        Err(_) => Ok(()),
        Ok(found) if found.is_file() && found.len() <= MAX_FILE_BYTES => {
            files.insert(name.to_owned(), fs::read(&path).map_err(|_| path)?);
            Ok(())
        }
        Ok(_) => Err(path),
    }
}
