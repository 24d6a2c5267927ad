//! One folder of the workspace: what `sfcred lint` would report in it, with the unsaved buffers of the editor.
//!
//! A change of a file that decides nothing about other files replaces it in memory: only this file is parsed again. All
//! other changes read the folder again.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use time::Date;

use crate::check;
use crate::discover::{self, Edited, Origin, Overlay};
use crate::error::{ConfigError, DiscoveryError, Error, Mistake};
use crate::options::Options;
use crate::parse::Cache;
use crate::pipeline::{self, Report};
use crate::settings::Level;
use crate::source::{FileId, Kind, Source, Sources, encode_as};

/// The texts of the open documents, by path.
pub type Buffers = BTreeMap<PathBuf, String>;

/// A folder with more projects is refused: linting it takes seconds, and projects that many are not edited together.
pub const MAX_PROJECTS: usize = 200;

/// A folder, and the result of its last run.
pub struct Project {
    /// The working directory of the runs.
    pub root: PathBuf,
    /// What is linted: the folder, or a single file.
    paths: Vec<PathBuf>,
    today: Date,
    /// Settings and descriptions when they last had no mistake. They are used while they have one.
    sound: Buffers,
    is_linted: bool,
    pub run: Option<Run>,
    /// The mistakes in settings and descriptions.
    pub mistakes: Vec<Mistakes>,
    /// Why the folder could not be linted, as a sentence.
    pub failure: Option<String>,
}

/// The mistakes in one file.
pub struct Mistakes {
    pub path: PathBuf,
    pub text: String,
    pub mistakes: Vec<Mistake>,
}

/// A run, and what the next one can use of it.
pub struct Run {
    pub options: Options,
    /// Without the sources, which the report has.
    files: discover::FileSet,
    pub report: Report,
    cache: Cache,
    by_path: HashMap<PathBuf, FileId>,
    /// The report that traces read, if it is not the same.
    judged: OnceCell<Report>,
}

impl Project {
    pub fn folder(root: PathBuf, today: Date) -> Project {
        let paths = vec![root.clone()];
        Project {
            root,
            paths,
            today,
            sound: Buffers::new(),
            is_linted: false,
            run: None,
            mistakes: Vec::new(),
            failure: None,
        }
    }

    /// A file without a project around it.
    pub fn single_file(path: &Path, today: Date) -> Project {
        let root = path.parent().unwrap_or(path).to_owned();
        Project { paths: vec![path.to_owned()], ..Project::folder(root, today) }
    }

    /// The text of the settings, without mistakes.
    pub fn settings_text(&self, path: &Path) -> Option<&str> {
        self.sound.get(path).map(String::as_str)
    }

    /// Whether the file is part of what is linted.
    pub fn covers(&self, path: &Path) -> bool {
        let roots = self.run.iter().flat_map(|run| &run.files.roots);
        self.paths.iter().chain(roots).any(|root| path.starts_with(root))
            || self.run.as_ref().is_some_and(|run| run.by_path.contains_key(path))
    }

    /// Whether a change of the file can change the result. Files above the folder can be settings or descriptions.
    fn depends_on(&self, path: &Path) -> bool {
        self.covers(path) || path.parent().is_some_and(|folder| self.root.starts_with(folder))
    }

    /// Lints again if a file that matters changed.
    pub fn update(&mut self, changed: &BTreeSet<PathBuf>, buffers: &Buffers) {
        let changed: Vec<&PathBuf> = changed.iter().filter(|path| self.depends_on(path)).collect();
        if self.is_linted && changed.is_empty() {
            return;
        }
        if self.mistakes.is_empty()
            && let Some(run) = &mut self.run
            && let Some(edited) = run.edited(&changed, buffers, &self.paths)
        {
            run.replace(edited);
        } else {
            self.is_linted = true;
            self.lint(buffers);
        }
    }

    /// Makes the next update read everything again.
    pub fn forget(&mut self) {
        self.is_linted = false;
        self.run = None;
    }

    /// Lints everything.
    fn lint(&mut self, buffers: &Buffers) {
        self.mistakes.clear();
        self.failure = None;
        let known = self.run.take();
        let mut unsaved: BTreeMap<PathBuf, Vec<u8>> = buffers
            .iter()
            .map(|(path, text)| {
                let source = known.as_ref().and_then(|run| run.source(path));
                (path.clone(), bytes(text, source))
            })
            .collect();
        drop(known);
        // Each attempt replaces one file with mistakes by its last version without.
        let mut replaced = BTreeSet::new();
        loop {
            match self.attempt(&unsaved) {
                Ok(run) => {
                    self.run = run;
                    return;
                }
                Err(Error::Config(ConfigError::Mistakes { name, text, mistakes })) => {
                    let path = crate::source::normalized(&self.root.join(&name));
                    self.mistakes.push(Mistakes { path: path.clone(), text, mistakes });
                    let Some(sound) = self.sound.get(&path) else { return };
                    if !replaced.insert(path.clone()) {
                        return;
                    }
                    unsaved.insert(path, sound.clone().into_bytes());
                }
                Err(error) => {
                    self.failure = Some(error.to_string());
                    return;
                }
            }
        }
    }

    fn attempt(&mut self, unsaved: &BTreeMap<PathBuf, Vec<u8>>) -> Result<Option<Run>, Error> {
        let mut options = Options::new(self.today, self.root.clone());
        let overlay = Overlay::new(discover::disk(&self.paths, &options), unsaved.clone());
        match discover::settings_file(&overlay, &self.root)? {
            Some((name, text)) => {
                options.read(&name, &text, &check::rule_names())?;
                self.sound.insert(options.settings_path(), text);
            }
            None => drop(self.sound.remove(&options.settings_path())),
        }
        if let Some(path) = &options.settings.baseline_file {
            let settings = options.settings_path();
            let origin = Origin::File(&settings);
            options.baseline = discover::read_baseline(&overlay, path, origin, &self.root)?;
        }
        let files = match discover::discover_in(&overlay, &self.paths, &options) {
            Ok(files) => files,
            Err(Error::Discovery(DiscoveryError::NothingToLint { .. })) => return Ok(None),
            Err(error) => return Err(error),
        };
        for (_, source) in files.sources.iter() {
            if source.kind == Kind::Description {
                self.sound.insert(source.path.clone(), source.text().to_owned());
            }
        }
        let projects =
            files.sources.iter().filter(|(_, source)| source.kind == Kind::Project).count();
        if projects > MAX_PROJECTS {
            self.failure = Some(format!(
                "this folder contains {projects} Salesforce projects; the editor checks at most {MAX_PROJECTS} together, so open one of them, or run `sfcred lint` in a terminal"
            ));
            return Ok(None);
        }
        Ok(Some(Run::new(files, options)))
    }
}

impl Run {
    fn new(mut files: discover::FileSet, options: Options) -> Run {
        let mut cache = Cache::default();
        let analysis = pipeline::analyze_again(&mut files, &options, &mut cache);
        let by_path =
            files.sources.iter().map(|(file, source)| (source.path.clone(), file)).collect();
        let report = analysis.report(std::mem::take(&mut files.sources), 0);
        Run { options, files, report, cache, by_path, judged: OnceCell::new() }
    }

    pub fn file(&self, path: &Path) -> Option<FileId> {
        self.by_path.get(path).copied()
    }

    fn source(&self, path: &Path) -> Option<&Source> {
        self.file(path).map(|file| self.report.sources.get(file))
    }

    /// The files as they are now, for a run that changes them.
    pub fn files(&self) -> discover::FileSet {
        discover::FileSet { sources: self.report.sources.clone(), ..self.files.clone() }
    }

    /// The report if one file had another text, which `files` have.
    pub fn again(&self, mut files: discover::FileSet, changed: FileId) -> Report {
        let mut cache = self.cache.clone();
        cache.forget(changed, &files.sources);
        let analysis = pipeline::analyze_again(&mut files, &self.options, &mut cache);
        analysis.report(files.sources, 0)
    }

    /// Reads the report of a run by all rules and on all files, as `trace` does.
    pub fn with_judged<T>(&self, read: impl FnOnce(&Report) -> T) -> T {
        let is_complete = self.options.settings.rules.iter().all(|(_, level)| *level != Level::Off)
            && self.report.workspace.context_count() == 0;
        if is_complete {
            return read(&self.report);
        }
        read(self.judged.get_or_init(|| {
            let options = Options { judge_everything: true, ..self.options.clone() };
            let mut files = self.files();
            let analysis = pipeline::analyze(&mut files, &options);
            analysis.report(files.sources, 0)
        }))
    }

    /// The changed files, if they can be replaced in memory.
    fn edited(
        &self,
        changed: &[&PathBuf],
        buffers: &Buffers,
        paths: &[PathBuf],
    ) -> Option<Vec<(FileId, Source)>> {
        let disk = discover::disk(paths, &self.options);
        let mut edited = Vec::new();
        for &path in changed {
            let source = self.source(path);
            let bytes = match buffers.get(path) {
                Some(text) => Some(bytes(text, source)),
                None => discover::reload(&disk, path).ok().map(|(_, bytes)| bytes),
            };
            match discover::edited(path, source, bytes.as_deref(), &self.options) {
                Edited::Nothing => {}
                Edited::One(source) => edited.push((self.file(path)?, *source)),
                Edited::Everything => return None,
            }
        }
        Some(edited)
    }

    fn replace(&mut self, edited: Vec<(FileId, Source)>) {
        if edited.is_empty() {
            return;
        }
        self.judged = OnceCell::new();
        let mut sources: Sources = std::mem::take(&mut self.report.sources);
        for (file, source) in edited {
            self.cache.forget(file, &sources);
            sources.replace(file, source);
        }
        self.files.sources = sources;
        let analysis = pipeline::analyze_again(&mut self.files, &self.options, &mut self.cache);
        self.report = analysis.report(std::mem::take(&mut self.files.sources), 0);
    }
}

/// The text of a buffer, as the editor would save it.
fn bytes(text: &str, source: Option<&Source>) -> Vec<u8> {
    encode_as(text, source.map(|source| source.encoding))
}
