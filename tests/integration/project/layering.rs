//! Dependencies point one way: down the layers of the crate root, and without cycles inside each folder.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use regex::Regex;

use crate::common::{files_below, read, root};

/// The modules of the crate root. Each may import only modules above it.
const LAYERS: &[&str] = &[
    "source",
    "metadata_xml",
    "threads",
    "schema",
    "nearest",
    "pattern",
    "model",
    "finding",
    "fingerprint",
    "mask",
    "error",
    "baseline",
    "settings",
    "options",
    "suppress",
    "rule",
    "description",
    "discover",
    "atomic_write",
    "changes",
    "replacements",
    "parse",
    "link",
    "check",
    "explain",
    "pipeline",
    "filter",
    "autofix",
    "init",
    "new",
    "migrate",
    "pull",
    "trace",
    "diagnose",
    "graph",
    "report",
    "lsp",
    "mcp",
    "cli",
];

/// A module path below the crate, such as `["model", "host"]`.
type Module = Vec<String>;

/// The code of each module, without comments and unit tests.
fn modules() -> BTreeMap<Module, String> {
    let folder = root().join("src");
    let comment = Regex::new(r"(?m)//.*$").unwrap();
    files_below(&folder)
        .iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .filter(|path| !path.ends_with("main.rs") && !path.ends_with("lib.rs"))
        .map(|path| {
            let text = read(path);
            let code = text.split("#[cfg(test)]").next().unwrap();
            (module(path.strip_prefix(&folder).unwrap()), comment.replace_all(code, "").into())
        })
        .collect()
}

fn module(path: &Path) -> Module {
    let parts = path.with_extension("");
    let parts = parts.iter().map(|part| part.to_string_lossy().into_owned());
    parts.filter(|part| part != "mod").collect()
}

/// Every absolute path that the code of a module names, `use` trees expanded.
fn paths(own: &Module, code: &str) -> BTreeSet<Module> {
    let start = Regex::new(r"\b(?:crate|super|self)(?:::super)*::").unwrap();
    let mut found = BTreeSet::new();
    for at in start.find_iter(code) {
        let mut base = match at.as_str() {
            "crate::" => Vec::new(),
            "self::" => own.clone(),
            supers => own[..own.len().saturating_sub(supers.matches("super").count())].to_vec(),
        };
        expand(&mut base, &code[at.end()..], &mut found);
    }
    found
}

/// Reads a path or a tree of paths that starts after `base`, and returns its length in bytes.
fn expand(base: &mut Module, rest: &str, found: &mut BTreeSet<Module>) -> usize {
    if let Some(inside) = rest.strip_prefix('{') {
        let mut at = 0;
        while at < inside.len() && !inside[at..].starts_with('}') {
            let step = expand(base, &inside[at..], found);
            at += step.max(1);
        }
        return at + 2;
    }
    let name = rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap();
    if name.is_empty() {
        return 0;
    }
    base.push(name.to_owned());
    found.insert(base.clone());
    let after = &rest[name.len()..];
    let taken = match after.strip_prefix("::") {
        Some(more) => name.len() + 2 + expand(base, more, found),
        None => name.len(),
    };
    base.pop();
    taken
}

/// The module that a path ends in: re-exports are followed to the module that defines the item.
fn resolve(path: &Module, modules: &BTreeMap<Module, String>) -> Module {
    let mut module: Module = Vec::new();
    for (index, part) in path.iter().enumerate() {
        let mut child = module.clone();
        child.push(part.clone());
        if modules.contains_key(&child) {
            module = child;
            continue;
        }
        let Some(code) = modules.get(&module) else { break };
        let export = Regex::new(&format!(
            r"pub(?:\([a-z]+\))? use ([a-z_]+)::(?:\{{[^}}]*\b{part}\b[^}}]*\}}|{part}\b)"
        ));
        if let Some(export) = export.unwrap().captures(code) {
            let mut target = module.clone();
            target.push(export[1].to_owned());
            target.extend(path[index..].iter().cloned());
            if target.len() <= path.len() + 1 && modules.contains_key(&target[..=module.len()]) {
                return resolve(&target, modules);
            }
        }
        break;
    }
    module
}

/// The dependencies between sibling modules, for each folder.
fn dependencies() -> BTreeMap<Module, BTreeMap<String, BTreeSet<String>>> {
    let modules = modules();
    let mut folders: BTreeMap<Module, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
    for (own, code) in &modules {
        for path in paths(own, code) {
            let target = resolve(&path, &modules);
            let shared = own.iter().zip(&target).take_while(|(one, other)| one == other).count();
            if shared < own.len() && shared < target.len() {
                let siblings = folders.entry(own[..shared].to_vec()).or_default();
                siblings.entry(own[shared].clone()).or_default().insert(target[shared].clone());
            }
        }
    }
    folders
}

#[test]
fn a_layer_imports_only_layers_above_it() {
    let listed: BTreeSet<&str> = LAYERS.iter().copied().collect();
    let folder = root().join("src");
    let existing: BTreeSet<String> = modules().keys().map(|module| module[0].clone()).collect();
    let existing: BTreeSet<&str> = existing.iter().map(String::as_str).collect();
    assert_eq!(listed, existing, "LAYERS lists the modules in {}", folder.display());
    let position = |name: &str| LAYERS.iter().position(|layer| *layer == name).unwrap();
    let mut faults = Vec::new();
    for (module, targets) in &dependencies()[&Vec::new()] {
        for target in targets.iter().filter(|target| position(target) > position(module)) {
            faults.push(format!("`{module}` imports `{target}`, which is a layer below it"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn siblings_in_a_folder_import_each_other_without_cycles() {
    let mut faults = Vec::new();
    for (folder, mut open) in dependencies() {
        // Modules without open dependencies are removed until only cycles are left.
        loop {
            let pending: BTreeSet<String> = open.keys().cloned().collect();
            let before = open.len();
            open.retain(|_, targets| targets.iter().any(|target| pending.contains(target)));
            if open.len() == before {
                break;
            }
        }
        for (module, targets) in &open {
            let cyclic: Vec<&str> = targets
                .iter()
                .filter(|name| open.contains_key(*name))
                .map(String::as_str)
                .collect();
            faults.push(format!("{}::{module} -> {}", folder.join("::"), cyclic.join(", ")));
        }
    }
    assert!(faults.is_empty(), "cyclic imports:\n{}", faults.join("\n"));
}

#[test]
fn only_discover_reads_the_disk_and_only_atomic_write_writes() {
    let runs = Regex::new(r"process::\{?.*Command|Command::new\(").unwrap();
    let reads =
        Regex::new(r"std::fs|File::open|fs::read|\.exists\(\)|is_file\(\)|is_dir\(\)").unwrap();
    let writes = Regex::new(r"fs::(?:write|rename|copy|remove|create_dir|hard_link|set_permissions)|File::create|OpenOptions|set_permissions").unwrap();
    let mut faults = Vec::new();
    for (module, code) in modules() {
        let reader = matches!(module[0].as_str(), "discover" | "atomic_write");
        if !reader && reads.is_match(&code) || module[0] != "atomic_write" && writes.is_match(&code)
        {
            faults.push(module.join("::"));
        }
        if !matches!(module[0].as_str(), "changes" | "pull") && runs.is_match(&code) {
            faults.push(format!("{} runs a program", module.join("::")));
        }
    }
    assert!(faults.is_empty(), "these modules touch the disk: {faults:?}");
}

/// Everything else that is printed passes the printer, which makes it harmless.
#[test]
fn only_formats_with_rules_of_their_own_are_printed_verbatim() {
    const VERBATIM: &[&str] = &[
        "completions.rs",
        "diagnose.rs",
        "graph.rs",
        "inspect.rs",
        "lint.rs",
        "lsp.rs",
        "man.rs",
        "mcp.rs",
        "migrate.rs",
        "output.rs",
        "schema.rs",
        "target_org.rs",
        "trace.rs",
    ];
    let prints =
        Regex::new(r"\be?print(?:ln)?!|\bdbg!|io::std(?:out|err)\b|\bstd(?:out|err)\(\)").unwrap();
    let mut faults = Vec::new();
    for path in files_below(&root().join("src")) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name == "main.rs" || path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let text = read(&path);
        let code = text.split("#[cfg(test)]").next().unwrap();
        let is_command = path.parent().unwrap().ends_with("src/cli");
        let found = [
            (prints.is_match(code) && name != "changed.rs", "prints on its own"),
            (
                code.contains(".verbatim()") && !(is_command && VERBATIM.contains(&name.as_str())),
                "prints verbatim",
            ),
            (
                is_command
                    && code.contains("dyn Write")
                    && !matches!(name.as_str(), "output.rs" | "progress.rs"),
                "writes to something else than the printer",
            ),
        ];
        faults.extend(
            found
                .iter()
                .filter(|(is_fault, _)| *is_fault)
                .map(|(_, fault)| format!("{name} {fault}")),
        );
    }
    assert!(faults.is_empty(), "{faults:#?}");
}
