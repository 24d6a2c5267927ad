//! The only room with a disk: finds the files of interest and reads them. It looks at names, not at meaning.

mod archive;
mod changed;
mod closed;
mod descriptions;
mod folder;
mod forceignore;
mod found;
mod interest;
mod log;
mod loose;
mod memory;
mod old;
mod overlay;
mod paths;
mod read;
mod settings;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::description::{self, Description};
use crate::error::Error;
use crate::settings::Settings;
use crate::source::{Content, Encoding, FileId, Kind, Skipped, Source, Sources};
pub use changed::{Changes, changed};
pub use closed::{closed, read_again};
use descriptions::Shelf;
use folder::Collected;
use forceignore::ForceIgnores;
use found::Found;
pub use log::open_log;
pub use memory::from_memory;
pub use old::{read_baseline, seen_by};
pub use paths::{is_folder, is_there, normalized, relative};
use read::{read, read_into, source, too_large};
pub use settings::{read_settings, settings_file, text_of, values};

/// A larger file is not read. The largest profiles of public projects have 3 MB.
pub const MAX_FILE_BYTES: u64 = 32 << 20;

/// A description and the folder that its paths start from.
#[derive(Debug)]
pub struct Described {
    pub file: FileId,
    pub folder: PathBuf,
    pub description: Description,
}

/// What was found.
#[derive(Debug, Default)]
pub struct FileSet {
    pub sources: Sources,
    pub descriptions: Vec<Described>,
    /// The paths that were asked for, and those that descriptions add: absolute.
    pub roots: Vec<PathBuf>,
}

/// Finds and reads everything of interest under some paths.
///
/// # Errors
/// A path that is not there, a folder that cannot be read, a description with mistakes, and nothing to lint.
pub fn discover(paths: &[PathBuf], settings: &Settings) -> Result<FileSet, Error> {
    let mut gathering = Gathering::new(settings);
    let mut roots: Vec<PathBuf> = Vec::new();
    for path in paths {
        let root = normalized(&settings.working_directory.join(path));
        if !root.exists() {
            return Err(Error::NoSuchPath(path.clone()));
        }
        if roots.contains(&root) {
            continue;
        }
        gathering.root(&root)?;
        gathering.context_above(&root)?;
        roots.push(root);
    }
    gathering.overlay()?;
    let descriptions = gathering.descriptions(&mut OnDisk { roots: &mut roots })?;
    gathering.settings_with_allows();
    let metadata = gathering.found.iter().any(|source| source.kind.is_metadata());
    if !metadata {
        return Err(Error::NothingToLint {
            paths: paths.to_vec(),
            seen: gathering.seen,
            skipped: gathering.skipped.len(),
        });
    }
    Ok(gathering.finish(descriptions, roots))
}

/// The paths of a description on the disk, and all that were asked for so far.
struct OnDisk<'r> {
    roots: &'r mut Vec<PathBuf>,
}

impl Shelf for OnDisk<'_> {
    fn is_there(&self, path: &Path) -> bool {
        path.exists()
    }

    fn is_file(&self, path: &Path) -> bool {
        path.is_file()
    }

    fn metadata(&mut self, path: PathBuf, gathering: &mut Gathering<'_>) -> Result<(), Error> {
        let zip = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("zip"));
        if zip || !self.roots.iter().any(|root| path.starts_with(root)) {
            gathering.root(&path)?;
            gathering.context_above(&path)?;
            self.roots.push(path);
        }
        Ok(())
    }

    fn file(
        &mut self,
        path: &Path,
        kind: Kind,
        gathering: &mut Gathering<'_>,
    ) -> Result<(), Error> {
        gathering.file(path, kind)
    }
}

struct Gathering<'a> {
    settings: &'a Settings,
    found: Found,
    ignores: ForceIgnores,
    seen: usize,
    skipped: Vec<Skipped>,
}

impl<'a> Gathering<'a> {
    fn new(settings: &'a Settings) -> Self {
        Gathering {
            settings,
            found: Found::default(),
            ignores: ForceIgnores::default(),
            seen: 0,
            skipped: Vec::new(),
        }
    }
}

impl Gathering<'_> {
    fn name(&self, path: &Path) -> String {
        relative(path, &self.settings.working_directory)
    }

    /// A folder, a file or a zip that was asked for.
    fn root(&mut self, root: &Path) -> Result<(), Error> {
        let metadata = fs::metadata(root).map_err(|error| unreadable(root, &error))?;
        if metadata.is_dir() {
            return self.folder(root);
        }
        self.seen += 1;
        if !metadata.is_file() {
            self.skipped.push(Skipped { name: self.name(root), reason: "no regular file" });
            return Ok(());
        }
        let extension = root
            .extension()
            .and_then(|extension| extension.to_str())
            .unwrap_or_default()
            .to_ascii_lowercase();
        if extension == "zip" {
            return self.archive(root);
        }
        let file_name =
            root.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let kind = if matches!(extension.as_str(), "yaml" | "yml") {
            Some(Kind::Description)
        } else {
            Kind::of(&file_name)
        };
        match kind {
            Some(kind) => self.file(root, kind)?,
            None if Kind::may_be_loose(&file_name) => {
                let mut collected = Collected::default();
                loose::keep(
                    root,
                    &self.settings.working_directory,
                    metadata.len(),
                    &mut collected,
                    &mut Vec::new(),
                );
                self.skipped.append(&mut collected.skipped);
                self.found.extend(collected.sources);
            }
            None => {}
        }
        Ok(())
    }

    fn archive(&mut self, path: &Path) -> Result<(), Error> {
        let entries = archive::read(path)
            .map_err(|reason| Error::Unreadable { path: path.to_owned(), reason })?;
        self.entries(path, entries);
        Ok(())
    }

    fn entries(&mut self, path: &Path, entries: archive::Entries) {
        self.seen += entries.seen;
        let shown = self.name(path);
        self.skipped.extend(
            entries
                .skipped
                .into_iter()
                .map(|(name, reason)| Skipped { name: format!("{shown}/{name}"), reason }),
        );
        for (name, bytes) in entries.files {
            let Some(kind) = Kind::of(name.rsplit('/').next().unwrap_or(&name)) else { continue };
            let path = path.join(&name);
            let shown = format!("{shown}/{name}");
            let bytes = bytes.as_deref().map_err(Clone::clone);
            self.found.insert(source(path, shown, kind, bytes, self.settings.may_skip(kind)));
        }
    }

    /// One file that is surely wanted.
    fn file(&mut self, path: &Path, kind: Kind) -> Result<(), Error> {
        if self.found.contains(path) {
            return Ok(());
        }
        let bytes = read(path).map_err(|error| unreadable(path, &error))?;
        let bytes = bytes.as_deref().map_err(Clone::clone);
        self.found.insert(source(
            path.to_owned(),
            self.name(path),
            kind,
            bytes,
            self.settings.may_skip(kind),
        ));
        Ok(())
    }

    /// The settings become a file of the run where they allow something: findings about that point into them.
    fn settings_with_allows(&mut self) {
        let Some(allows) = &self.settings.allows else { return };
        let path = normalized(&self.settings.working_directory.join(&allows.name));
        let content = Content::Text(allows.text.clone());
        let source = Source {
            path,
            name: allows.name.clone(),
            kind: Kind::Toml,
            content,
            encoding: Encoding::Utf8 { byte_order_mark: false },
            ignored: false,
        };
        self.found.insert(source);
    }

    /// A path inside a project still belongs to it: looks upward for the project file, `.forceignore` and a description.
    fn context_above(&mut self, root: &Path) -> Result<(), Error> {
        let mut project = false;
        for folder in root.ancestors().skip(1) {
            for (name, kind) in [
                ("sfcred.yaml", Kind::Description),
                ("sfcred.yml", Kind::Description),
                ("sfdx-project.json", Kind::Project),
            ] {
                let path = folder.join(name);
                if path.is_file() && !(kind == Kind::Project && project) {
                    self.file(&path, kind)?;
                    project |= kind == Kind::Project;
                }
            }
            let ignore_file = folder.join(".forceignore");
            if ignore_file.is_file() {
                self.ignores.add(&ignore_file);
            }
            if folder.join(".git").exists() {
                break;
            }
        }
        Ok(())
    }

    /// Numbers the files in the order of their names.
    fn finish(self, described: Vec<(PathBuf, PathBuf)>, roots: Vec<PathBuf>) -> FileSet {
        let mut file_set = FileSet { roots, ..FileSet::default() };
        file_set.sources.seen = self.seen;
        file_set.sources.skipped = self.skipped;
        file_set.sources.skipped.sort();
        for mut source in self.found.into_sorted() {
            source.ignored = if source.kind.is_xml() {
                self.ignores.ignore_metadata(&source.path)
            } else {
                self.ignores.ignore(&source.path)
            };
            let folder = described
                .iter()
                .find(|(path, _)| *path == source.path)
                .map(|(_, folder)| folder.clone());
            let file = file_set.sources.add(source);
            if let Some(folder) = folder {
                let source = file_set.sources.get(file);
                // It parsed without a mistake before the files were numbered.
                if let Ok(description) = description::parse(file, &source.name, source.text()) {
                    file_set.descriptions.push(Described { file, folder, description });
                }
            }
        }
        file_set
    }
}

fn unreadable(path: &Path, error: &io::Error) -> Error {
    Error::Unreadable { path: path.to_owned(), reason: error.to_string() }
}
