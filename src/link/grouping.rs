//! Decides which org each file belongs to: by the description, else by the Salesforce DX project, else by the Metadata
//! API root, else by the path on the command line.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use crate::discover::FileSet;
use crate::model::{Org, OrgId};
use crate::parse::{Item, Project, project_of};
use crate::source::{FileId, Kind, normalized, relative};

pub struct Grouping<'a> {
    file_set: &'a FileSet,
    projects: &'a [Project],
    orgs: Vec<Org>,
    by_folder: HashMap<PathBuf, OrgId>,
    /// Folders that descriptions assign to orgs.
    described: HashMap<PathBuf, OrgId>,
    manifests: HashSet<PathBuf>,
    names: HashSet<String>,
    /// Files that a description names individually.
    named: HashSet<PathBuf>,
}

impl<'a> Grouping<'a> {
    pub fn new(
        file_set: &'a FileSet,
        projects: &'a [Project],
        items: &[(FileId, Item)],
    ) -> Grouping<'a> {
        let mut grouping = Grouping {
            file_set,
            projects,
            orgs: Vec::new(),
            by_folder: HashMap::new(),
            described: HashMap::new(),
            manifests: HashSet::new(),
            names: HashSet::new(),
            named: HashSet::new(),
        };
        for (file, item) in items {
            if matches!(item, Item::Manifest) {
                grouping
                    .manifests
                    .extend(file_set.sources.get(*file).path.parent().map(Path::to_owned));
            }
        }
        for described in &file_set.descriptions {
            for org in &described.description.orgs {
                let id = grouping.add(org.name.as_str().to_owned());
                let mut folders: Vec<PathBuf> = org
                    .metadata
                    .iter()
                    .map(|path| normalized(&described.folder.join(path.as_str())))
                    .collect();
                if folders.is_empty() && described.description.orgs.len() == 1 {
                    folders.push(described.folder.clone());
                }
                grouping.described.extend(folders.into_iter().map(|folder| (folder, id)));
            }
            grouping.named.extend(
                described
                    .description
                    .files()
                    .map(|path| normalized(&described.folder.join(path.as_str()))),
            );
        }
        grouping
    }

    fn add(&mut self, name: String) -> OrgId {
        self.names.insert(name.clone());
        self.orgs.push(Org { name, ..Org::default() });
        OrgId(self.orgs.len() - 1)
    }

    /// The org of a file; `None` for files that do not belong to an org.
    pub fn org_of(&mut self, file: FileId) -> Option<OrgId> {
        let source = self.file_set.sources.get(file);
        let path = source.path.as_path();
        if let Some(&id) = path.ancestors().find_map(|folder| self.described.get(folder)) {
            self.tell_project(id, path);
            return Some(id);
        }
        if self.named.contains(path)
            || matches!(source.kind, Kind::Description | Kind::Manifest | Kind::Export)
        {
            return None;
        }
        let project = project_of(self.projects, path).map(|project| project.folder.clone());
        let manifest = || {
            let mut folders = path.ancestors();
            folders.find(|folder| self.manifests.contains(*folder)).map(Path::to_owned)
        };
        let root = || {
            self.file_set
                .roots
                .iter()
                .filter(|root| path.starts_with(root))
                .min_by_key(|root| root.components().count())
                .cloned()
        };
        let folder = project
            .or_else(manifest)
            .or_else(root)
            .unwrap_or_else(|| path.parent().map(Path::to_owned).unwrap_or_default());
        let id = match self.by_folder.get(&folder) {
            Some(&id) => id,
            None => {
                let id = self.add(self.name_of(&folder));
                self.orgs[id.0].folder = Some(folder.clone());
                self.by_folder.insert(folder, id);
                id
            }
        };
        self.tell_project(id, path);
        Some(id)
    }

    /// The org of a file, if it has one already.
    pub fn known_org_of(&self, file: FileId) -> Option<OrgId> {
        let path = self.file_set.sources.get(file).path.as_path();
        let org = |folder| self.by_folder.get(folder).or_else(|| self.described.get(folder));
        path.ancestors().find_map(org).copied()
    }

    /// The name of the folder; the complete path if another org has that name.
    fn name_of(&self, folder: &Path) -> String {
        let short = folder.file_stem().map_or_else(
            || ".".to_owned(),
            |name| {
                name.to_string_lossy().chars().filter(|character| !character.is_control()).collect()
            },
        );
        if self.names.contains(&short) { relative(folder, Path::new("/")) } else { short }
    }

    fn tell_project(&mut self, id: OrgId, path: &Path) {
        let Some(project) = project_of(self.projects, path) else { return };
        let org = &mut self.orgs[id.0];
        if org.namespace.is_none() {
            org.namespace.clone_from(&project.namespace);
        }
        if org.api_version.is_none() {
            org.api_version = project.api_version;
        }
        if org.my_domain.is_none() {
            org.my_domain.clone_from(&project.login_host);
        }
    }

    /// At least one org always exists, because every finding needs one.
    pub fn into_orgs(mut self) -> Vec<Org> {
        if self.orgs.is_empty() {
            let name = self
                .file_set
                .roots
                .first()
                .map_or_else(|| ".".to_owned(), |root| self.name_of(root));
            self.add(name);
        }
        self.orgs
    }
}
