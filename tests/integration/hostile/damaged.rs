//! A damaged file never causes a panic, and never hides faults in other files.
//!
//! `HOSTILE_RUNS=20000 cargo test hostile` runs more cases.

use std::path::PathBuf;

use sfcred::internals::options::Options;
use sfcred::internals::report::{self, Context, Format, Style};
use sfcred::lint_in_memory;

use crate::common::cases;
use crate::common::damage::{Numbers, damaged};
use crate::common::{Files, STYLE, TODAY};

#[test]
fn damaged_files_never_panic() {
    let runs: usize =
        std::env::var("HOSTILE_RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(400);
    let all: Vec<(PathBuf, Vec<u8>)> = cases::all()
        .iter()
        .flat_map(|case| case.files())
        .filter(|(path, _)| !path.ends_with(".forceignore"))
        .collect();
    let mut numbers = Numbers(20_261_122);
    for run in 0..runs {
        let (victim, bytes) = &all[numbers.below(all.len())];
        let mut files = Files::new();
        files.insert(victim.file_name().unwrap().into(), damaged(bytes, &mut numbers));
        files.insert("Broken.externalCredential-meta.xml".into(), "<ExternalCredential><authenticationProtocol>Oauth</authenticationProtocol></ExternalCredential>".into());
        let settings = Options::new(TODAY, PathBuf::from("/project"));
        let Ok(report) = lint_in_memory(files, &settings) else { continue };
        assert!(
            report.findings.iter().any(|finding| finding.component.name == "Broken"
                && finding.rule == "flow-variant-missing"),
            "run {run}: what is wrong with another file is lost beside {}",
            victim.display()
        );
        for (format, unicode) in [(Format::Text, true), (Format::Text, false), (Format::Json, true)]
        {
            let mut printed = Vec::new();
            report::write(
                &report,
                &Context { format, style: Style { unicode, ..STYLE } },
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
