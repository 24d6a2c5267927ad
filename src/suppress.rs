//! Applies allows to findings. Counts what each allow covers, so that an allow that covers nothing can be reported.

use std::collections::HashMap;
use std::path::PathBuf;

use globset::{GlobSet, GlobSetBuilder};
use time::Date;

use crate::finding::Finding;
use crate::model::{Allow, AllowScope, Workspace};
use crate::options::Options;
use crate::source::{FileId, Sources, work};

/// What the allows of a run cover, by their position in [`Workspace::allows`].
#[derive(Debug)]
pub struct Suppressions {
    covered: Vec<usize>,
    /// Whether the run checks everything that the allow can cover.
    complete: Vec<bool>,
}

impl Suppressions {
    /// `rules` are the names of all rules; an allow for a rule that does not run is not complete.
    pub fn new(workspace: &Workspace, options: &Options, rules: &[&str]) -> Suppressions {
        let filtered: Vec<&str> =
            rules.iter().copied().filter(|rule| !options.selection.runs(rule)).collect();
        let is_complete =
            |allow: &Allow| allow.is_whole_scope && !filtered.iter().any(|rule| allow.names(rule));
        Suppressions {
            covered: vec![0; workspace.allows.len()],
            complete: workspace.allows.iter().map(is_complete).collect(),
        }
    }

    /// Divides findings into those to report and those that are allowed. An expired allow suppresses
    /// nothing, but the findings it covers are counted.
    pub fn divide(
        &mut self,
        findings: Vec<Finding>,
        workspace: &Workspace,
        sources: &Sources,
        options: &Options,
    ) -> (Vec<Finding>, Vec<Finding>) {
        let mut index = AllowIndex::new(&workspace.allows);
        let mut allowed = Vec::new();
        let mut reported = Vec::new();
        for finding in findings {
            if options.settings.is_never_allowed(finding.rule) {
                reported.push(finding);
                continue;
            }
            let mut is_allowed = false;
            for position in index.candidates(&finding, sources) {
                let allow = &workspace.allows[position];
                if covers(allow, &finding, sources) {
                    self.covered[position] += 1;
                    is_allowed |= !allow.is_past(workspace.today);
                }
            }
            if is_allowed && !options.no_allows {
                allowed.push(finding);
            } else {
                reported.push(finding);
            }
        }
        (reported, allowed)
    }

    /// The allows that cover nothing, although the run checks everything that they can cover.
    pub fn unused<'w>(&self, workspace: &'w Workspace) -> impl Iterator<Item = &'w Allow> {
        let counts = self.covered.iter().zip(&self.complete);
        workspace
            .allows
            .iter()
            .zip(counts)
            .filter(|(_, (covered, complete))| **complete && **covered == 0)
            .map(|(allow, _)| allow)
    }

    /// The expired allows that would cover a finding.
    pub fn expired<'w>(&self, workspace: &'w Workspace) -> impl Iterator<Item = &'w Allow> {
        workspace
            .allows
            .iter()
            .zip(&self.covered)
            .filter(|(allow, covered)| {
                allow.fault.is_none() && **covered > 0 && allow.is_past(workspace.today)
            })
            .map(|(allow, _)| allow)
    }
}

/// The allows by their scope, so that a finding is compared with few of them.
pub struct AllowIndex<'w> {
    allows: &'w [Allow],
    by_line: HashMap<(FileId, usize), Vec<usize>>,
    /// By type and name in lower case.
    by_component: HashMap<(String, String), Vec<usize>>,
    paths: GlobSet,
    /// The folder of the settings file, to which all paths are relative.
    folder: PathBuf,
    /// The allows of each glob in `paths`.
    path_allows: Vec<Vec<usize>>,
    /// Allows without a component or path.
    others: Vec<usize>,
    /// The allows whose path matches a file, for the files looked up so far.
    by_file: HashMap<FileId, Vec<usize>>,
}

impl<'w> AllowIndex<'w> {
    pub fn new(allows: &'w [Allow]) -> AllowIndex<'w> {
        let mut by_line: HashMap<_, Vec<usize>> = HashMap::new();
        let mut by_component: HashMap<_, Vec<usize>> = HashMap::new();
        let mut globs = GlobSetBuilder::new();
        let mut path_allows: Vec<Vec<usize>> = Vec::new();
        let mut globs_by_text: HashMap<&str, usize> = HashMap::new();
        let mut settings_folder = PathBuf::new();
        let mut others = Vec::new();
        for (position, allow) in
            allows.iter().enumerate().filter(|(_, allow)| allow.fault.is_none())
        {
            match &allow.scope {
                AllowScope::Lines { place, last } => {
                    for line in [*last, last + 1] {
                        by_line.entry((place.file, line)).or_default().push(position);
                    }
                }
                AllowScope::Files { component: Some((kind, name)), .. } => {
                    let key = (kind.to_ascii_lowercase(), name.to_ascii_lowercase());
                    by_component.entry(key).or_default().push(position);
                }
                AllowScope::Files { path: Some(path), folder, .. } => {
                    settings_folder.clone_from(folder);
                    let glob = *globs_by_text.entry(path.glob().glob()).or_insert_with(|| {
                        globs.add(path.glob().clone());
                        path_allows.push(Vec::new());
                        path_allows.len() - 1
                    });
                    path_allows[glob].push(position);
                }
                AllowScope::Files { .. } => others.push(position),
            }
        }
        // Each glob is valid, but the set may be too large for one automaton; then they are tried in
        // turn.
        let paths = globs.build().unwrap_or_else(|_| {
            others.extend(path_allows.drain(..).flatten());
            GlobSet::empty()
        });
        AllowIndex {
            allows,
            by_line,
            by_component,
            paths,
            folder: settings_folder,
            path_allows,
            others,
            by_file: HashMap::new(),
        }
    }

    /// The first allow that suppresses a finding on a day.
    pub fn covering(
        &mut self,
        finding: &Finding,
        sources: &Sources,
        today: Date,
    ) -> Option<&'w Allow> {
        let allows = self.allows;
        let is_covering = |position: &usize| {
            let allow = &allows[*position];
            !allow.is_past(today) && covers(allow, finding, sources)
        };
        let candidates = self.candidates(finding, sources);
        candidates.into_iter().filter(is_covering).min().map(|position| &allows[position])
    }

    fn candidates(&mut self, finding: &Finding, sources: &Sources) -> Vec<usize> {
        let place = finding.primary.span;
        let mut found = self.others.clone();
        if !self.by_line.is_empty() {
            let line = sources.position(place.file, place.start).line;
            found.extend(self.by_line.get(&(place.file, line)).into_iter().flatten());
        }
        if !self.by_component.is_empty() {
            let component = &finding.component;
            let key =
                (component.type_name.to_ascii_lowercase(), component.name.to_ascii_lowercase());
            found.extend(self.by_component.get(&key).into_iter().flatten());
        }
        if !self.by_file.contains_key(&place.file) {
            self.by_file.insert(place.file, self.allows_for_path(place.file, sources));
        }
        found.extend(&self.by_file[&place.file]);
        found
    }

    fn allows_for_path(&self, file: FileId, sources: &Sources) -> Vec<usize> {
        let path = &sources.get(file).path;
        let inside = path.strip_prefix(&self.folder).unwrap_or(path);
        let globs = self.paths.matches(inside).into_iter();
        globs.flat_map(|glob| &self.path_allows[glob]).copied().collect()
    }
}

fn covers(allow: &Allow, finding: &Finding, sources: &Sources) -> bool {
    work::step();
    if allow.fault.is_some() || !allow.names(finding.rule) {
        return false;
    }
    let place = finding.primary.span;
    match &allow.scope {
        AllowScope::Lines { place: comment, last } => {
            place.file == comment.file && {
                let line = sources.position(place.file, place.start).line;
                line == *last || line == last + 1
            }
        }
        AllowScope::Files { folder, path, component } => {
            let file = &sources.get(place.file).path;
            let inside = file.strip_prefix(folder).unwrap_or(file);
            let is_named = |(kind, name): &(String, String)| {
                finding.component.type_name.eq_ignore_ascii_case(kind)
                    && finding.component.name.eq_ignore_ascii_case(name)
            };
            path.as_ref().is_none_or(|path| path.is_match(inside))
                && component.as_ref().is_none_or(is_named)
        }
    }
}
