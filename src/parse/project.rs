//! `sfdx-project.json`: package directories, namespace, API version, and what a deployment replaces.

use std::collections::HashMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use crate::model::{Host, OrgId, Unreadable, Url};
use crate::pattern::Patterns;
use crate::replacements::{Replacement, replacements};
use crate::source::{FileId, Located, Source, Span, Syntax, Text, normalized};

/// One Salesforce DX project.
#[derive(Debug)]
pub struct Project {
    pub file: FileId,
    pub folder: PathBuf,
    pub name: Option<String>,
    pub namespace: Option<String>,
    /// `sourceApiVersion` as a whole number; `"64"` and `"64.0"` are equal.
    pub api_version: Option<u32>,
    pub package_directories: Vec<PathBuf>,
    /// Directories that are built into second-generation packages.
    pub packages: Vec<PackageDirectory>,
    /// `sfdcLoginUrl`, if it is a My Domain.
    pub login_host: Option<Located<Host>>,
    replacements: Vec<Replacement>,
}

/// A package directory with a package name.
#[derive(Debug)]
pub struct PackageDirectory {
    pub path: PathBuf,
    pub package: Text,
    pub dependencies: Vec<String>,
    /// Folders that are deployed with the package but are not part of it.
    pub unpackaged: Vec<PathBuf>,
}

impl Project {
    /// The byte ranges of a file that a deployment replaces.
    ///
    /// In order, and without overlaps.
    pub fn replaced(&self, path: &Path, content: &str) -> Vec<Range<usize>> {
        if self.replacements.is_empty() {
            return Vec::new();
        }
        let inside = path.strip_prefix(&self.folder).unwrap_or(path);
        let mut ranges: Vec<Range<usize>> = self
            .replacements
            .iter()
            .filter(|entry| entry.applies_to(inside))
            .flat_map(|entry| entry.ranges(content))
            .collect();
        ranges.sort_by_key(|range| (range.start, range.end));
        ranges.dedup_by(|next, last| {
            let overlaps = next.start < last.end;
            if overlaps {
                last.end = last.end.max(next.end);
            }
            overlaps
        });
        ranges
    }
}

/// Parses a project file. Unknown entries are ignored.
pub fn parse(
    file: FileId,
    source: &Source,
    patterns: &mut Patterns,
) -> Result<Project, Box<Unreadable>> {
    let text = source.text();
    let folder = source.path.parent().map(Path::to_owned).unwrap_or_default();
    let json: Value = serde_json::from_str(text).map_err(|error| {
        let start: usize =
            text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
        let at =
            text.floor_char_boundary((start + error.column().saturating_sub(1)).min(text.len()));
        let message = format!("not valid JSON: {error}");
        let span = Span::new(file, at, text.ceil_char_boundary(at + 1));
        Box::new(Unreadable {
            type_name: "sfdx-project.json",
            name: "sfdx-project".into(),
            file,
            message,
            span,
            related: None,
            org: OrgId::default(),
        })
    })?;
    let string = |key: &str| {
        json.get(key).and_then(Value::as_str).map(str::trim).filter(|value| !value.is_empty())
    };
    let version = json.get("sourceApiVersion").and_then(|version| {
        version
            .as_str()
            .map(str::to_owned)
            .or_else(|| version.as_f64().map(|number| number.to_string()))
    });
    let directories = json
        .get("packageDirectories")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let places = package_places(text);
    let login_host = string("sfdcLoginUrl").and_then(|url| {
        let host = Host::parse(&Url::parse(url).host);
        let at = text.find(url)?;
        host.is_my_domain().then(|| Located::new(host, Span::new(file, at, at + url.len())))
    });
    Ok(Project {
        file,
        name: string("name").map(str::to_owned),
        namespace: string("namespace").map(str::to_owned),
        api_version: version.and_then(|version| {
            version.split('.').next().and_then(|major| major.trim().parse().ok())
        }),
        package_directories: directories
            .iter()
            .filter_map(|directory| directory.get("path")?.as_str())
            .map(|path| folder.join(path))
            .collect(),
        packages: directories
            .iter()
            .filter_map(|directory| package(directory, file, &places, &folder))
            .collect(),
        login_host,
        replacements: replacements(&json, patterns),
        folder,
    })
}

/// The first place of each package name in a project file.
fn package_places(text: &str) -> HashMap<&str, Range<usize>> {
    static PACKAGE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r#""package"\s*:\s*"([^"]*)""#).expect("a constant pattern"));
    let mut places = HashMap::new();
    for name in PACKAGE.captures_iter(text).filter_map(|found| found.get(1)) {
        places.entry(name.as_str()).or_insert(name.range());
    }
    places
}

fn package(
    directory: &Value,
    file: FileId,
    places: &HashMap<&str, Range<usize>>,
    folder: &Path,
) -> Option<PackageDirectory> {
    let name = directory.get("package")?.as_str().filter(|name| !name.trim().is_empty())?;
    let place = places.get(name)?;
    let dependency = |entry: &Value| {
        entry.get("package")?.as_str().map(|name| name.split('@').next().unwrap_or(name).to_owned())
    };
    let unpackaged = ["unpackagedMetadata", "seedMetadata"].into_iter().filter_map(|key| {
        directory.get(key)?.get("path")?.as_str().map(|path| normalized(&folder.join(path)))
    });
    Some(PackageDirectory {
        path: normalized(&folder.join(directory.get("path")?.as_str()?)),
        package: Text::at(name, Span::new(file, place.start, place.end), Syntax::Verbatim),
        dependencies: directory
            .get("dependencies")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(dependency)
            .collect(),
        unpackaged: unpackaged.collect(),
    })
}
