//! No bytes make it panic, and a damaged file never hides what is wrong with the others.
//!
//! `HOSTILE_RUNS=20000 cargo test --test hostile` looks longer.

use std::fs;
use std::path::{Path, PathBuf};

use sfcred::lint;
use sfcred::report::{self, Context, Format, Style};
use sfcred::settings::Settings;
use time::macros::date;

/// A generator of numbers that gives the same ones every time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % limit.max(1)
    }
}

fn files_below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files_below(&path, found) } else { found.push(path) }
    }
    found.sort();
}

const SPICE: &[&[u8]] = &[
    b"<",
    b">",
    b"&",
    b"\"",
    b"]]>",
    b"<![CDATA[",
    b"<!--",
    b"&#0;",
    b"&#x10FFFF;",
    b"\xFF",
    b"\xEF\xBB\xBF",
    b"\0",
    b"{{",
    b"${",
    b"'",
    b"\r\n",
    b"\x1b]0;x\x07",
    b"\xE2\x80\xAE",
    b"-",
    b"*",
    b"!",
    b"99999999999999999999",
    b"https://",
    b"@",
    b"[",
    b"{!",
    b"\xF0\x9F\x98\x80",
    b"=",
    b"-----BEGIN CERTIFICATE-----",
];

fn damaged(bytes: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=numbers.below(4) {
        let at = numbers.below(bytes.len() + 1);
        match numbers.below(5) {
            0 => bytes.truncate(at),
            1 => drop(bytes.splice(at..at, SPICE[numbers.below(SPICE.len())].iter().copied())),
            2 if at < bytes.len() => bytes[at] = numbers.below(256) as u8,
            3 => {
                let end = (at + numbers.below(40)).min(bytes.len());
                bytes.drain(at..end);
            }
            _ => {
                let end = (at + numbers.below(200)).min(bytes.len());
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
        }
    }
    bytes
}

#[test]
fn damaged_files_never_make_it_panic() {
    let runs: usize = std::env::var("HOSTILE_RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(400);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut all = Vec::new();
    files_below(&root, &mut all);
    all.retain(|path| !path.ends_with(".forceignore") && path.extension().is_none_or(|extension| extension != "txt"));
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
        let Ok(outcome) = lint(&[PathBuf::from(".")], &settings) else { continue };
        assert!(
            outcome.findings.iter().any(|finding| finding.component.name == "Broken" && finding.rule == "principal-missing"),
            "run {run}: what is wrong with another file is lost beside {}",
            victim.display()
        );
        for (format, unicode) in [(Format::Text, true), (Format::Text, false), (Format::Json, true)] {
            let mut printed = Vec::new();
            report::write(&outcome, &Context { format, style: Style { width: 80, color: false, unicode, quiet: false, hyperlinks: false } }, &mut printed).unwrap();
            let text = String::from_utf8(printed).unwrap();
            assert!(!text.contains(['\u{1b}', '\0', '\u{202e}']), "run {run}: a control character of {} is printed", victim.display());
        }
    }
}
