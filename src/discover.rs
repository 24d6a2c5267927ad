//! File discovery. Selects files by name and reads them; their content is not interpreted here.

mod archive;
mod baseline;
mod boundary;
mod descriptions;
mod disk;
mod earlier;
mod editable;
mod file_system;
mod folder;
mod forceignore;
mod git_ignores;
mod git_index;
mod ignore_files;
mod inputs;
mod left_out;
mod memory;
mod overlay;
mod path_index;
mod prefilter;
mod read;
mod repository;
mod secret_candidate;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::description::{self, Description};
use crate::error::{DiscoveryError, Error, UsageError};
use crate::options::Options;
use crate::source::{Content, Encoding, FileId, Kind, Skipped, Source, Sources};
pub use crate::source::{normalized, relative};
pub use baseline::{baseline_scope, read_baseline};
pub use boundary::{Origin, Unresolved};
pub use disk::Disk;
pub use earlier::read_folder;
pub use editable::{create_obstacle, reload, write_obstacle};
pub use file_system::{
    Entry, FileSystem, FileType, Found, Ignored, Metadata, OpenFile, ReadSeek, Resolved, Tracked,
    VisitError, Visitor,
};
use folder::FolderContents;
use forceignore::ForceIgnores;
pub use git_index::{FOLDER, Index, IndexEntry, SUBMODULE};
use inputs::SETTINGS_FILE;
pub use inputs::{open_log, read_bytes, read_settings, read_texts, read_variables, settings_file};
pub use memory::Memory;
pub use overlay::{Overlay, project_around};
use path_index::PathIndex;
pub use read::{Edited, edited};
use read::{read, source};
pub use repository::{Repository, TreeState};

/// Larger files are not read. The largest profiles in public projects are 3 MB in size.
pub const MAX_FILE_BYTES: u64 = 32 << 20;

/// A description, and the folder that its paths are relative to.
#[derive(Clone, Debug)]
pub struct Described {
    pub file: FileId,
    pub folder: PathBuf,
    pub description: Description,
}

/// The files of a run.
#[derive(Clone, Debug, Default)]
pub struct FileSet {
    pub sources: Sources,
    pub descriptions: Vec<Described>,
    /// The given paths, and those that descriptions add. Absolute.
    pub roots: Vec<PathBuf>,
}

/// Finds and reads the relevant files under some paths of the disk.
///
/// # Errors
/// A path that does not exist, a folder that cannot be read, a description with mistakes, and nothing to lint.
pub fn discover(paths: &[PathBuf], options: &Options) -> Result<FileSet, Error> {
    discover_in(&disk(paths, options), paths, options)
}

/// The disk for a run with these paths.
pub fn disk(paths: &[PathBuf], options: &Options) -> Disk {
    Disk::new(paths, &options.working_directory, &options.allow_outside)
}

/// [`discover`] over files in memory, by their paths relative to the working directory, and the zips among them.
///
/// # Errors
/// A zip that cannot be read, a description with mistakes, and nothing to lint.
pub fn from_memory(
    files: impl IntoIterator<Item = (PathBuf, Vec<u8>)>,
    options: &Options,
) -> Result<FileSet, Error> {
    let memory = Memory::new(&options.working_directory, files);
    let zips = memory.paths().filter(|path| is_zip(path)).map(Path::to_owned);
    let paths: Vec<PathBuf> = std::iter::once(PathBuf::from(".")).chain(zips).collect();
    discover_in(&memory, &paths, options)
}

/// [`discover`] over any file system.
///
/// # Errors
/// See [`discover`].
pub fn discover_in(
    file_system: &dyn FileSystem,
    paths: &[PathBuf],
    options: &Options,
) -> Result<FileSet, Error> {
    let mut discovery = Discovery::new(file_system, options);
    for path in paths {
        let root = normalized(&options.working_directory.join(path));
        let found = file_system
            .resolve(&root, Origin::CommandLine)
            .map_err(|reason| refused(path, reason))?;
        if !discovery.roots.contains(&root) {
            discovery.root(found)?;
        }
    }
    discovery.unsaved_buffer()?;
    let described = discovery.descriptions()?;
    discovery.settings_with_allows();
    let may_have_content = |kind: Kind| kind.is_metadata() || kind == Kind::Apex;
    if !discovery.found.iter().any(|source| may_have_content(source.kind)) {
        return Err(DiscoveryError::NothingToLint {
            paths: paths.to_vec(),
            seen: discovery.seen,
            skipped: discovery.skipped.len(),
        }
        .into());
    }
    Ok(discovery.finish(described))
}

/// The files found so far.
struct Discovery<'a> {
    file_system: &'a dyn FileSystem,
    options: &'a Options,
    roots: Vec<PathBuf>,
    found: PathIndex,
    ignores: ForceIgnores,
    seen: usize,
    skipped: Vec<Skipped>,
    /// What ignore files leave out, and whether it is a folder.
    left_out: BTreeMap<PathBuf, bool>,
}

impl<'a> Discovery<'a> {
    /// Reads a `.forceignore`.
    fn add_ignore_file(&mut self, file: &Resolved) {
        if let Some(reason) = self.ignores.add(self.file_system, file) {
            let name = relative(&file.path, &self.options.working_directory);
            self.skipped.push(Skipped { name, reason });
        }
    }

    fn new(file_system: &'a dyn FileSystem, options: &'a Options) -> Self {
        Discovery {
            file_system,
            options,
            roots: Vec::new(),
            found: PathIndex::default(),
            ignores: ForceIgnores::default(),
            seen: 0,
            skipped: Vec::new(),
            left_out: BTreeMap::new(),
        }
    }

    fn name(&self, path: &Path) -> String {
        relative(path, &self.options.working_directory)
    }

    /// A folder, a file or a zip whose content is linted.
    fn root(&mut self, root: Resolved) -> Result<(), Error> {
        match root.metadata.file_type {
            FileType::Folder => self.folder(&root, Ignored::LeaveOut)?,
            FileType::File => self.root_file(&root)?,
            FileType::Symlink | FileType::Device | FileType::Other => {
                self.seen += 1;
                let name = self.name(&root.path);
                self.skipped.push(Skipped { name, reason: NOT_REGULAR });
            }
        }
        self.context_above(&root.path)?;
        self.reconsider(&root.path)?;
        self.roots.push(root.path);
        Ok(())
    }

    fn root_file(&mut self, root: &Resolved) -> Result<(), Error> {
        self.seen += 1;
        let path = &root.path;
        if !root.has_own_extension() {
            let name = self.name(path);
            self.skipped.push(Skipped { name, reason: "symbolic link to another kind of file" });
            return Ok(());
        }
        if is_zip(path) {
            return self.archive(root);
        }
        let file_name = file_name(path);
        let is_yaml = ["yaml", "yml"].iter().any(|yaml| has_extension(path, yaml));
        let kind = if is_yaml { Some(Kind::Description) } else { Kind::from_file_name(&file_name) };
        match kind {
            Some(kind) => self.file(root, kind)?,
            None if Kind::may_be_secret(&file_name) => {
                let mut contents = FolderContents::default();
                let mut buffer = Vec::new();
                let name = self.name(path);
                folder::keep_secret_candidate(
                    self.file_system.open(root),
                    path,
                    name,
                    &mut contents,
                    &mut buffer,
                );
                self.skipped.append(&mut contents.skipped);
                self.found.extend(contents.sources);
            }
            None => {}
        }
        Ok(())
    }

    fn archive(&mut self, file: &Resolved) -> Result<(), Error> {
        let path = &file.path;
        let entries = archive::read(self.file_system, file)
            .map_err(|reason| Error::unreadable(path, reason))?;
        self.seen += entries.seen;
        let shown = self.name(path);
        self.skipped.extend(
            entries
                .skipped
                .into_iter()
                .map(|(name, reason)| Skipped { name: format!("{shown}/{name}"), reason }),
        );
        for (name, kind, bytes) in entries.files {
            let path = path.join(&name);
            let shown = format!("{shown}/{name}");
            let bytes = bytes.as_deref().map_err(Clone::clone);
            self.found.insert(source(
                path,
                shown,
                kind,
                bytes,
                prefilter::applies_to(kind, self.options),
            ));
        }
        Ok(())
    }

    /// One file of a known kind.
    fn file(&mut self, file: &Resolved, kind: Kind) -> Result<(), Error> {
        let path = &file.path;
        if self.found.contains(path) {
            return Ok(());
        }
        let bytes = read(self.file_system, file).map_err(|error| Error::unreadable(path, error))?;
        let bytes = bytes.as_deref().map_err(Clone::clone);
        self.found.insert(source(
            path.to_owned(),
            self.name(path),
            kind,
            bytes,
            prefilter::applies_to(kind, self.options),
        ));
        Ok(())
    }

    /// Adds the settings file if it has `[[allow]]` tables: findings about them point into it.
    fn settings_with_allows(&mut self) {
        let Some(allows) = &self.options.settings.allows else { return };
        let path = normalized(&self.options.working_directory.join(&allows.name));
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

    /// Looks upward for the project file, `.forceignore` and the description that apply to a path, up to the
    /// root of its repository.
    fn context_above(&mut self, root: &Path) -> Result<(), Error> {
        let mut project = false;
        for folder in root.ancestors().skip(1) {
            for (name, kind) in GOVERNING {
                if *kind == Some(Kind::Project) && project {
                    continue;
                }
                let found = self.governing(&folder.join(name))?;
                project |= found && *kind == Some(Kind::Project);
            }
            let git = folder.join(".git");
            if self.file_system.resolve(&git, Origin::File(&git)).is_ok() {
                break;
            }
        }
        Ok(())
    }

    /// Adds the file whose content comes from standard input or an editor, in place of the saved one.
    fn unsaved_buffer(&mut self) -> Result<(), Error> {
        let Some((path, bytes)) = &self.options.unsaved else { return Ok(()) };
        let name = file_name(path);
        let kind = Kind::from_file_name(&name)
            .or_else(|| Kind::may_be_secret(&name).then_some(Kind::SecretCandidate));
        let Some(kind) = kind else {
            return Err(UsageError::UnsupportedStdinPath { path: path.clone() }.into());
        };
        self.seen += usize::from(!self.found.contains(path));
        let is_whole = bytes.len() as u64 <= MAX_FILE_BYTES;
        let bytes = is_whole
            .then_some(bytes.as_slice())
            .ok_or_else(|| format!("standard input has more than {MAX_FILE_BYTES} bytes"));
        self.found.insert(source(
            path.clone(),
            self.name(path),
            kind,
            bytes,
            prefilter::applies_to(kind, self.options),
        ));
        self.context_above(path)
    }

    /// Reads a file that governs its folder. Returns whether it exists.
    ///
    /// # Errors
    /// It cannot be read, or is a link to a file outside.
    fn governing(&mut self, path: &Path) -> Result<bool, Error> {
        let file = self.file_system.file(path, path).map_err(|reason| refused(path, reason))?;
        let Some(file) = file else { return Ok(false) };
        let name = file_name(path);
        // A link to another such file is not a second one.
        if file.real.file_name() != path.file_name() && governs(&file_name(&file.real)) {
            return Ok(true);
        }
        match GOVERNING.iter().find(|(known, _)| *known == name) {
            Some((_, Some(kind))) => self.file(&file, *kind)?,
            Some((_, None)) | None => self.add_ignore_file(&file),
        }
        Ok(true)
    }

    /// Numbers the files, sorted by name. `described` are the paths of the descriptions.
    fn finish(self, described: Vec<PathBuf>) -> FileSet {
        let left_out = self.shown_left_out();
        let mut file_set = FileSet { roots: self.roots, ..FileSet::default() };
        file_set.sources.seen = self.seen;
        file_set.sources.skipped = self.skipped;
        let not_applied = self.ignores.not_applied().iter();
        file_set.sources.skipped.extend(not_applied.map(|path| Skipped {
            name: relative(path, &self.options.working_directory),
            reason: ignore_files::TOO_MANY,
        }));
        file_set.sources.skipped.extend(self.found.not_read());
        file_set.sources.skipped.sort();
        file_set.sources.left_out = left_out;
        for mut source in self.found.into_sorted() {
            source.ignored = if source.kind.is_xml() {
                self.ignores.ignore_metadata(&source.path)
            } else {
                self.ignores.ignore(&source.path)
            };
            let is_described = source.kind == Kind::Description && described.contains(&source.path);
            let file = file_set.sources.add(source);
            if is_described {
                let source = file_set.sources.get(file);
                let folder = source.path.parent().map(Path::to_owned).unwrap_or_default();
                // It parsed without a mistake before the files were numbered.
                if let Ok(description) = description::parse(file, &source.name, source.text()) {
                    file_set.descriptions.push(Described { file, folder, description });
                }
            }
        }
        file_set
    }
}

/// The files that concern everything in their folder; those without a kind are read by [`ForceIgnores`].
const GOVERNING: &[(&str, Option<Kind>)] = &[
    ("sfcred.yaml", Some(Kind::Description)),
    ("sfcred.yml", Some(Kind::Description)),
    (PROJECT_FILE, Some(Kind::Project)),
    (IGNORE_FILE, None),
];
const IGNORE_FILE: &str = ".forceignore";
const PROJECT_FILE: &str = "sfdx-project.json";

/// The name of the description in a folder, if it has one.
pub fn description_in(disk: &Disk, folder: &Path) -> Option<&'static str> {
    let mut names = GOVERNING.iter().filter(|(_, kind)| *kind == Some(Kind::Description));
    names.find(|(name, _)| disk.exists(&folder.join(name))).map(|(name, _)| *name)
}

/// Whether a change of a file with this name affects all others below its folder.
pub fn affects_folder(file_name: &str) -> bool {
    file_name == SETTINGS_FILE || governs(file_name)
}

fn governs(file_name: &str) -> bool {
    GOVERNING.iter().any(|(known, _)| *known == file_name)
}

/// Why a path cannot be read.
fn refused(path: &Path, reason: Unresolved) -> Error {
    match reason {
        Unresolved::NotFound => Error::no_such_path(path),
        Unresolved::Outside => Error::outside(path),
        Unresolved::OtherKind => Error::unreadable(path, OTHER_KIND),
        Unresolved::Io(error) => Error::unreadable(path, error),
    }
}

/// The reason for refusing a link that hides what kind of file it leads to.
const OTHER_KIND: &str = "it is a symbolic link to a file with another extension";

/// The reason for skipping a pipe or a device.
const NOT_REGULAR: &str = "not a regular file";
/// The reason for skipping a file that was deleted after its folder was listed.
const DELETED: &str = "deleted before it was read";
/// The reason for skipping a path that the system cannot open.
const TOO_LONG: &str = "the path is too long";

fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn has_extension(path: &Path, wanted: &str) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(wanted))
}

fn is_zip(path: &Path) -> bool {
    has_extension(path, "zip")
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILES: &[(&str, &str)] = &[
        (".gitignore", "ignored/\n*.key\n!kept.key\n"),
        ("hub/X.externalCredential-meta.xml", "<ExternalCredential/>"),
        ("hub/.hidden/Y.externalCredential-meta.xml", "<ExternalCredential/>"),
        ("hub/.sfdx/.env", SECRET),
        ("hub/node_modules/a/.env", SECRET),
        ("hub/.git/Z.externalCredential-meta.xml", "<ExternalCredential/>"),
        ("hub/.forceignore", "**/Ignored.cls\n"),
        ("hub/Ignored.cls", "class Ignored { String url = 'callout:X'; }"),
        ("ignored/Z.externalCredential-meta.xml", "<ExternalCredential/>"),
        ("sub/.gitignore", "!ignored/\n/Z.cls\n"),
        ("sub/ignored/Z.externalCredential-meta.xml", "<ExternalCredential/>"),
        ("sub/Z.cls", "class Z { String url = 'callout:Z'; }"),
        ("a.key", SECRET),
        ("kept.key", SECRET),
        ("sfcred.yaml", "orgs: { hub: { metadata: hub, assignments: a.json } }"),
        ("a.json", "{}"),
        ("notes.txt", "nothing"),
    ];
    const SECRET: &str =
        "force://PlatformCLI::5Aep861GqXkPwZnRt0bYcJ9dLmS2@acme.my.salesforce.com\n";

    fn options(folder: &Path) -> Options {
        Options::new(time::macros::date!(2026 - 11 - 22), folder.to_owned())
    }

    /// The discovered files, with everything that later phases can see of them.
    fn listed(file_set: &FileSet) -> Vec<String> {
        let mut lines: Vec<String> = file_set
            .sources
            .iter()
            .map(|(_, source)| {
                format!("{} {:?} {:?} {}", source.name, source.kind, source.content, source.ignored)
            })
            .collect();
        lines.push(format!("{} {:?}", file_set.sources.seen, file_set.sources.skipped));
        lines
    }

    #[test]
    fn disk_and_memory_give_identical_results() {
        let folder = tempfile::tempdir().unwrap();
        // A repository's root, so that nothing above the folder is found.
        std::fs::create_dir(folder.path().join(".git")).unwrap();
        for (path, text) in FILES {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let options = options(folder.path());
        let files =
            FILES.iter().map(|(path, text)| (PathBuf::from(path), text.as_bytes().to_vec()));
        let memory = Memory::new(folder.path(), files);
        for paths in [
            vec!["."],
            vec!["hub"],
            vec!["sub", "hub/X.externalCredential-meta.xml"],
            vec!["ignored"],
        ] {
            let paths: Vec<PathBuf> = paths.into_iter().map(PathBuf::from).collect();
            let on_disk = discover(&paths, &options).unwrap();
            let in_memory = discover_in(&memory, &paths, &options).unwrap();
            assert_eq!(listed(&on_disk), listed(&in_memory), "{paths:?}");
            assert_eq!(on_disk.roots, in_memory.roots);
            assert_eq!(on_disk.descriptions.len(), in_memory.descriptions.len());
        }
        let names: Vec<String> = discover(&[".".into()], &options)
            .unwrap()
            .sources
            .iter()
            .map(|(_, source)| source.name.clone())
            .collect();
        assert_eq!(
            names,
            [
                "a.json",
                "hub/.sfdx/.env",
                "hub/Ignored.cls",
                "hub/X.externalCredential-meta.xml",
                "kept.key",
                "sfcred.yaml",
                "sub/ignored/Z.externalCredential-meta.xml",
            ]
        );
    }

    #[test]
    fn missing_files_are_errors() {
        let options = options(Path::new("/project"));
        let files = [
            ("hub/X.externalCredential-meta.xml", "<ExternalCredential/>"),
            ("sfcred.yaml", "orgs: { hub: { metadata: hub, assignments: a.json } }"),
        ];
        let files = files.map(|(path, text)| (PathBuf::from(path), text.as_bytes().to_vec()));
        assert!(matches!(from_memory(files, &options), Err(Error::Config(_))));
        assert!(matches!(
            from_memory([], &options),
            Err(Error::Discovery(DiscoveryError::NothingToLint { .. }))
        ));
        let memory = Memory::new(Path::new("/project"), []);
        assert!(matches!(
            discover_in(&memory, &["none".into()], &options),
            Err(Error::Discovery(DiscoveryError::NoSuchPath { .. }))
        ));
    }
}
