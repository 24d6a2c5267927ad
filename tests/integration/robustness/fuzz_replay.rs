//! Runs the code of the fuzzers on the stable compiler, with every input that once failed and with damaged fixtures.
//!
//! `FUZZ_RUNS=20000 cargo test fuzz_replay` runs more cases; `fuzz/` contains the fuzzers themselves.

#[path = "../../../fuzz/bodies/mod.rs"]
pub mod bodies;

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Write};
use std::panic::catch_unwind;

use bodies::TARGETS;

use crate::common::damage::{Numbers, damaged};
use crate::common::samples::labeled;
use crate::common::{cases, entries, root};

/// The fault that an input causes; `None` if there is none.
fn fault(body: fn(&[u8]), data: &[u8]) -> Option<&'static str> {
    catch_unwind(|| body(data)).is_err().then_some("panics")
}

#[test]
fn past_failures_do_not_fail_again() {
    let mut faults = Vec::new();
    let mut replayed = 0;
    for folder in entries(&root().join("fuzz/regressions")) {
        let name = folder.file_name().unwrap().to_str().unwrap();
        let (_, body) = TARGETS
            .iter()
            .find(|(target, _)| *target == name)
            .unwrap_or_else(|| panic!("`{name}` is not a target"));
        for path in entries(&folder) {
            replayed += 1;
            faults.extend(
                fault(*body, &fs::read(&path).unwrap())
                    .map(|fault| format!("{}: {fault}", path.display())),
            );
        }
    }
    assert!(replayed > 0, "fuzz/regressions is empty");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_target_has_its_fuzzer() {
    let manifest = fs::read_to_string(root().join("fuzz/Cargo.toml")).unwrap();
    for (name, _) in TARGETS {
        let fuzzer = format!("name = \"{name}\"\npath = \"targets/any.rs\"");
        assert!(manifest.contains(&fuzzer), "{name}");
    }
    assert_eq!(manifest.matches("[[bin]]").count(), TARGETS.len());
    let fuzzer = fs::read_to_string(root().join("fuzz/targets/any.rs")).unwrap();
    assert!(fuzzer.contains("TARGETS") && fuzzer.contains("BODY(data)"));
}

/// What a hostile pull request adds to a repository: links that lead outside, and programs for git to run.
const HOSTILE: &str = "
==> .git/HEAD <==
ref: refs/heads/main
==> .git/config <==
[core]
	fsmonitor = OUTSIDE/program
	hooksPath = OUTSIDE
[include]
	path = OUTSIDE/config
[diff]
	external = OUTSIDE/program
[filter \"x\"]
	clean = OUTSIDE/program
==> .gitattributes <==
* filter=x diff=x
==> .gitignore -> OUTSIDE/config <==
==> L.namedCredential-meta.xml -> OUTSIDE/X.namedCredential-meta.xml <==
==> linked -> OUTSIDE <==
==> nested/sfcred.yaml -> ../../outside/sfcred.yaml <==
==> nested/sfdx-project.json <==
{\"packageDirectories\":[{\"path\":\"OUTSIDE\"}],\"replacements\":[{\"glob\":\"**\",\"stringToReplace\":\"a\",\"replaceWithFile\":\"OUTSIDE/config\"}]}
==> a.zip/../../outside/X.namedCredential-meta.xml <==
<NamedCredential/>
==> a.zip/b/Y.namedCredential <==
<NamedCredential/>
";

/// Small inputs for every target.
fn seeds() -> BTreeMap<&'static str, Vec<Vec<u8>>> {
    let mut seeds: BTreeMap<&'static str, Vec<Vec<u8>>> =
        TARGETS.iter().map(|(name, _)| (*name, Vec::new())).collect();
    let mut add = |target: &'static str, seed: Vec<u8>| seeds.get_mut(target).unwrap().push(seed);
    for case in cases::all() {
        let mut whole = Vec::new();
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (path, bytes) in case.files().into_iter().filter(|(_, bytes)| bytes.len() < 6000) {
            whole.extend_from_slice(format!("==> {} <==\n", path.display()).as_bytes());
            whole.extend_from_slice(&bytes);
            whole.push(b'\n');
            zip.start_file(path.to_string_lossy(), zip::write::SimpleFileOptions::default())
                .unwrap();
            zip.write_all(&bytes).unwrap();
            let text = String::from_utf8_lossy(&bytes);
            text.split("sfcred: ")
                .skip(1)
                .for_each(|rest| add("allows", rest.lines().next().unwrap_or_default().into()));
            let extension = path.extension().unwrap_or_default().to_str().unwrap();
            let target = match extension {
                "xml" => "xml",
                "yaml" | "yml" => "description",
                "toml" => "settings",
                "crt" | "jks" | "key" => "certificate",
                "cls" | "trigger" => "apex",
                _ => continue,
            };
            add(target, bytes);
        }
        let changes = |at: usize| u8::try_from((at * 37 + whole.len()) % 256).unwrap();
        let changes: Vec<u8> = (0..24).map(changes).collect();
        add("editor", [&whole, &b"==> changes <==\n"[..], &changes].concat());
        add("mutated", [&whole, &b"==> changes <==\n"[..], &changes].concat());
        add("repository", [&whole, HOSTILE.as_bytes()].concat());
        add("project", whole);
        add("zip", zip.finish().unwrap().into_inner());
    }
    labeled().into_iter().for_each(|sample| add("log", sample.bytes));
    seeds
}

#[test]
fn damaged_seeds_never_panic() {
    let runs: usize =
        std::env::var("FUZZ_RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(120);
    let seeds = seeds();
    let mut faults = Vec::new();
    for (name, body) in TARGETS {
        let seeds = &seeds[name];
        assert!(!seeds.is_empty(), "{name} has no seed");
        let mut numbers = Numbers(20_261_122);
        for run in 0..runs {
            let data = damaged(&seeds[numbers.below(seeds.len())], &mut numbers);
            if let Some(fault) = fault(*body, &data) {
                let path = std::env::temp_dir().join(format!("sfcred-{name}-{run}"));
                fs::write(&path, &data).unwrap();
                faults.push(format!("{name}: {} {fault}", path.display()));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
