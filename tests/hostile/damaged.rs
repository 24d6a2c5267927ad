//! A damaged file makes nothing panic, and never hides what is wrong with the others.
//!
//! `HOSTILE_RUNS=20000 cargo test --test hostile` looks longer.

use std::fs;
use std::path::{Path, PathBuf};

use sfcred::pipeline::lint;
use sfcred::report::{self, Context, Format, Style};
use sfcred::settings::Settings;
use time::macros::date;

use crate::damage::{Numbers, damaged};

fn files_below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files_below(&path, found) } else { found.push(path) }
    }
    found.sort();
}

#[test]
fn damaged_files_never_make_it_panic() {
    let runs: usize =
        std::env::var("HOSTILE_RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(400);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut all = Vec::new();
    files_below(&root, &mut all);
    all.retain(|path| {
        !path.ends_with(".forceignore")
            && path.extension().is_none_or(|extension| extension != "txt")
    });
    let mut numbers = Numbers(20_261_122);
    for run in 0..runs {
        let folder = tempfile::tempdir().unwrap();
        let victim = &all[numbers.below(all.len())];
        let bytes = damaged(&fs::read(victim).unwrap(), &mut numbers);
        let name = victim.file_name().unwrap();
        fs::write(folder.path().join(name), &bytes).unwrap();
        let sound = folder.path().join("Broken.externalCredential-meta.xml");
        fs::write(&sound, "<ExternalCredential><authenticationProtocol>Oauth</authenticationProtocol></ExternalCredential>").unwrap();
        let settings = Settings::new(date!(2026 - 11 - 22), folder.path().to_owned());
        let Ok(report) = lint(&[PathBuf::from(".")], &settings) else { continue };
        assert!(
            report
                .findings
                .iter()
                .any(|finding| finding.component.name == "Broken"
                    && finding.rule == "principal-missing"),
            "run {run}: what is wrong with another file is lost beside {}",
            victim.display()
        );
        for (format, unicode) in [(Format::Text, true), (Format::Text, false), (Format::Json, true)]
        {
            let mut printed = Vec::new();
            report::write(
                &report,
                &Context {
                    format,
                    style: Style {
                        width: 80,
                        color: false,
                        unicode,
                        quiet: false,
                        hyperlinks: false,
                    },
                },
                &mut printed,
            )
            .unwrap();
            let text = String::from_utf8(printed).unwrap();
            assert!(
                !text.contains(['\u{1b}', '\0', '\u{202e}']),
                "run {run}: a control character of {} is printed",
                victim.display()
            );
        }
    }
}
