//! The work of every rule, in projects that consist of copies of each bad case.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use regex::{Captures, Regex};
use sfcred::internals::check::RULES;
use sfcred::internals::finding::Findings;
use sfcred::internals::graph::Graph;
use sfcred::internals::rule::Check;
use sfcred::internals::trace::trace;
use sfcred::lint_in_memory;

use super::steps;
use crate::common::cases::{self, Case};
use crate::common::{Files, options};

static KEY: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\b3MVG9[\w.]{80}").unwrap());
static HOST: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"([A-Za-z0-9]+)((?:--[a-z0-9]+)?(?:\.[a-z]+)?\.my\.salesforce\.com)").unwrap()
});
static ORG: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?m)^  (\w+):$").unwrap());

/// The smaller number of copies. So many unknown names are always compared with the known ones; see `nearest`.
const FEW: usize = 50;

/// How the copies of a project lie in a larger one.
#[derive(Clone, Copy, Debug)]
enum Layout {
    /// All components in the folders of the first, as one org.
    OneOrg,
    /// Each copy in its own folder, with its own orgs.
    ManyOrgs,
}

/// The name of the component of a metadata file.
fn component(path: &Path) -> Option<&str> {
    let (name, rest) = path.file_name()?.to_str()?.split_once('.')?;
    let is_component = name.len() > 2 && !rest.starts_with("settings");
    (is_component && (rest.contains("-meta.xml") || rest.contains("cls") || rest == "crt"))
        .then_some(name)
}

/// A project of many copies of another, with other names, keys and, in several orgs, hosts.
fn copies(files: &Files, count: usize, layout: Layout) -> Files {
    let mut names: BTreeSet<&str> = files.keys().filter_map(|path| component(path)).collect();
    if let (Layout::ManyOrgs, Some(text)) = (layout, files.get(Path::new("sfcred.yaml"))) {
        let text = std::str::from_utf8(text).unwrap_or_default();
        names.extend(ORG.captures_iter(text).map(|org| org.get(1).unwrap().as_str()));
    }
    let alternatives: Vec<String> = names.iter().rev().map(|name| regex::escape(name)).collect();
    let words = Regex::new(&format!(r"(</?)?\b({})\b", alternatives.join("|"))).unwrap();
    let renamed = |text: &str, number: usize| -> String {
        if number == 0 {
            return text.to_owned();
        }
        let text = words.replace_all(text, |found: &Captures<'_>| {
            let is_element = found.get(1).is_some();
            if is_element { found[0].to_owned() } else { format!("{}{number}", &found[0]) }
        });
        let text =
            KEY.replace_all(&text, |key: &Captures<'_>| format!("{}{number:04}", &key[0][..81]));
        match layout {
            Layout::OneOrg => text.into_owned(),
            Layout::ManyOrgs => HOST.replace_all(&text, format!("${{1}}x{number}$2")).into_owned(),
        }
    };
    let mut all = Files::new();
    for number in 0..count {
        for (path, bytes) in files {
            let is_component = component(path).is_some();
            let once = match layout {
                Layout::OneOrg => !is_component,
                Layout::ManyOrgs => path.ends_with("sfcred.toml"),
            };
            if once {
                all.entry(path.clone()).or_insert_with(|| bytes.clone());
                continue;
            }
            let place = match layout {
                Layout::OneOrg => {
                    let name = path.file_name().unwrap().to_str().unwrap();
                    path.with_file_name(renamed(name, number))
                }
                Layout::ManyOrgs => {
                    Path::new(&format!("x{number}")).join(renamed(path.to_str().unwrap(), number))
                }
            };
            let bytes = match std::str::from_utf8(bytes) {
                Ok(text) => renamed(text, number).into_bytes(),
                Err(_) => bytes.clone(),
            };
            all.insert(place, bytes);
        }
    }
    all
}

/// The steps of the lint, of a trace of every callout, of the graph, and of each rule.
fn work(case: &Case, files: Files) -> Vec<(&'static str, u64)> {
    let text = files.get(Path::new("sfcred.toml")).map(|bytes| String::from_utf8_lossy(bytes));
    let options = options(Path::new("/project"), text.as_deref()).unwrap();
    let mut report = None;
    let lint = steps(|| report = Some(lint_in_memory(files, &options)));
    let report = report.unwrap().unwrap_or_else(|error| panic!("{}: {error}", case.name()));
    // A project without a credential has nothing to trace.
    let traces = steps(|| drop(trace(&report, None)));
    let graph = steps(|| drop(Graph::new(&report)));
    let mut all = vec![("lint", lint), ("trace", traces), ("graph", graph)];
    for rule in RULES.iter() {
        if let Check::Files(check) = rule.check {
            all.push((rule.name, steps(|| check(&report.workspace, &mut Findings::default()))));
        }
    }
    all
}

/// What grows faster than the input, in copies of a case.
fn faults(case: &Case, layout: Layout) -> Vec<String> {
    let files = case.files();
    let few = work(case, copies(&files, FEW, layout));
    let many = work(case, copies(&files, 4 * FEW, layout));
    few.into_iter()
        .zip(many)
        .filter(|((_, few), (_, many))| *many > 5 * few)
        .map(|((what, few), (_, many))| {
            let case = case.name();
            format!(
                "{what}, {layout:?} of {case}: {few} steps, and {many} for four times the input"
            )
        })
        .collect()
}

#[test]
fn every_rule_grows_with_copies_of_a_bad_case() {
    let next = AtomicUsize::new(0);
    let mut rules = BTreeSet::new();
    let bad = cases::all().iter().filter(|case| case.is_bad());
    let cases: Vec<&Case> = bad.filter(|case| rules.insert(&case.rule)).collect();
    // Threads of their own: a thread of a pool that waits for another pool takes on the next case.
    let run = || {
        let mut found = Vec::new();
        while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            found.extend(faults(case, Layout::OneOrg));
            found.extend(faults(case, Layout::ManyOrgs));
        }
        found
    };
    let found: Vec<String> = std::thread::scope(|scope| {
        let count = std::thread::available_parallelism().map_or(1, usize::from);
        let threads: Vec<_> = (0..count).map(|_| scope.spawn(run)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert!(found.is_empty(), "{found:#?}");
}
