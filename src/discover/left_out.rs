//! Files that an ignore file matches and that are read nevertheless: what git tracks, because an ignore file has no effect
//! on it, and without an index everything in package directories that can hold a credential.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::boundary::Origin;
use super::file_system::{Ignored, Tracked};
use super::{Discovery, PROJECT_FILE, file_name, normalized};
use crate::error::Error;
use crate::source::{Kind, LeftOut};

impl Discovery<'_> {
    /// Reads what must not be left out of a root.
    ///
    /// # Errors
    /// A file or folder that cannot be read.
    pub(super) fn reconsider(&mut self, root: &Path) -> Result<(), Error> {
        let left_out: Vec<(PathBuf, bool)> = self
            .left_out
            .range(root.to_owned()..)
            .take_while(|(path, _)| path.starts_with(root))
            .map(|(path, is_folder)| (path.clone(), *is_folder))
            .collect();
        let mut tops: HashMap<PathBuf, PathBuf> = HashMap::new();
        let mut tracked: HashMap<PathBuf, Option<Tracked>> = HashMap::new();
        for (path, _) in &left_out {
            let folder = path.parent().unwrap_or(root);
            if tops.contains_key(folder) {
                continue;
            }
            let top = self.repository(folder);
            if !tracked.contains_key(&top) {
                tracked.insert(top.clone(), self.file_system.tracked(folder));
            }
            tops.insert(folder.to_owned(), top);
        }
        let index_of = |path: &Path| {
            let top = tops.get(path.parent().unwrap_or(root))?;
            tracked.get(top)?.as_ref()
        };
        for (path, is_folder) in &left_out {
            // The project file can be ignored itself.
            let project = if *is_folder { path.join(PROJECT_FILE) } else { path.clone() };
            if index_of(path).is_none() && file_name(&project) == PROJECT_FILE {
                self.governing(&project)?;
            }
        }
        let package_directories = self.package_directories();
        for (path, is_folder) in left_out {
            match index_of(&path) {
                Some(tracked) => {
                    let paths = self.tracked_below(root, tracked, &path);
                    self.files(root, &paths)?;
                    if !is_folder && !paths.is_empty() {
                        self.left_out.remove(&path);
                    }
                }
                None => self.packaged_below(root, &path, is_folder, &package_directories)?,
            }
        }
        Ok(())
    }

    fn repository(&self, folder: &Path) -> PathBuf {
        let is_top = |folder: &&Path| {
            let git = folder.join(".git");
            self.file_system.resolve(&git, Origin::File(&git)).is_ok()
        };
        folder.ancestors().find(is_top).unwrap_or(folder).to_owned()
    }

    /// The tracked files at a path or below it that could matter and exist.
    fn tracked_below(&self, root: &Path, tracked: &Tracked, path: &Path) -> Vec<PathBuf> {
        let Some(name) = tracked.repository.name(path) else { return Vec::new() };
        let is_at = |other: &[u8]| {
            other.strip_prefix(&name[..]).is_some_and(|rest| rest.is_empty() || rest[0] == b'/')
        };
        tracked
            .index
            .starting_with(&name)
            .filter(|entry| is_at(&entry.name))
            .map(|entry| tracked.repository.path(&entry.name))
            .filter(|path| self.is_plain(root, path))
            .collect()
    }

    /// Whether a path is a regular file that could matter, and no link is on the way.
    fn is_plain(&self, root: &Path, path: &Path) -> bool {
        let name = file_name(path);
        let may_matter = Kind::from_file_name(&name).is_some() || Kind::may_be_secret(&name);
        may_matter
            && self
                .file_system
                .resolve(path, Origin::File(path))
                .is_ok_and(|found| found.is_file() && found.is_same_below(root))
    }

    fn packaged_below(
        &mut self,
        root: &Path,
        path: &Path,
        is_folder: bool,
        package_directories: &BTreeSet<PathBuf>,
    ) -> Result<(), Error> {
        if path.ancestors().any(|above| package_directories.contains(above)) {
            if is_folder {
                self.left_out.remove(path);
                return self.whole(path);
            }
            if self.is_plain(root, path) && may_hold_credential(path) {
                self.files(root, &[path.to_owned()])?;
                self.left_out.remove(path);
            }
            return Ok(());
        }
        let mut last: Option<&Path> = None;
        let below = package_directories.range(path.to_owned()..);
        for folder in below.take_while(|folder| folder.starts_with(path)) {
            // One package directory can be inside of another.
            if !last.is_some_and(|last| folder.starts_with(last)) {
                self.whole(folder)?;
                last = Some(folder);
            }
        }
        Ok(())
    }

    /// Reads everything below a folder, ignored or not.
    fn whole(&mut self, folder: &Path) -> Result<(), Error> {
        match self.file_system.resolve(folder, Origin::File(folder)) {
            Ok(found) if found.is_folder() => self.folder(&found, Ignored::Visit),
            _ => Ok(()),
        }
    }

    /// The package directories of all projects found so far.
    fn package_directories(&self) -> BTreeSet<PathBuf> {
        let mut directories = BTreeSet::new();
        for source in self.found.iter().filter(|source| source.kind == Kind::Project) {
            let json: Value = serde_json::from_str(source.text()).unwrap_or_default();
            let folder = source.path.parent().unwrap_or(Path::new(""));
            let listed = json.get("packageDirectories").and_then(Value::as_array);
            let paths =
                listed.into_iter().flatten().filter_map(|entry| entry.get("path")?.as_str());
            directories.extend(paths.map(|path| normalized(&folder.join(path))));
        }
        directories
    }

    /// What is left out after all, for the report.
    pub(super) fn shown_left_out(&self) -> Vec<LeftOut> {
        let shown = self
            .left_out
            .iter()
            .map(|(path, is_folder)| LeftOut { name: self.name(path), is_folder: *is_folder });
        shown.collect()
    }
}

/// Apex holds no credential.
fn may_hold_credential(path: &Path) -> bool {
    Kind::from_file_name(&file_name(path)) != Some(Kind::Apex)
}
