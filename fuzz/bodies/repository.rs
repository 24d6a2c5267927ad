//! Bytes as a repository on the disk: with links, zips, a `.git` folder, settings and descriptions.

use std::fs;
use std::io::Write;
use std::path::{Component, Path};

use sfcred::internals::changes::changes;
use sfcred::internals::discover::disk;
use sfcred::internals::options::Options;
use sfcred::internals::pipeline::lint;
use time::macros::date;

use super::{analyze, sections, with_settings};

/// In every file outside the repository. No run shows a part of it.
const MARK: &str = "Vq7Xw9Kp3vT5n8Rb2Lc6Jd4Hs1Mf0";
/// In a path or a link, the folder outside the repository.
const OUTSIDE: &str = "OUTSIDE";

/// Each section is a file. A path that ends with ` -> TARGET` is a link, and one in `X.zip/` is an entry of that zip.
pub fn repository(data: &[u8]) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (top, outside) = (folder.path().join("repository"), folder.path().join("outside"));
    fs::create_dir_all(&top).expect("a folder");
    fs::create_dir_all(&outside).expect("a folder");
    let secret = format!(
        "<NamedCredential>\n<endpoint>{MARK}</endpoint>\n<label>{MARK}</label>\n</NamedCredential>\n"
    );
    for name in ["X.namedCredential-meta.xml", "sfcred.yaml", "sfcred.toml", "config", "Cert.crt"] {
        fs::write(outside.join(name), &secret).expect("a file");
    }
    // Whatever the repository configures, this program is not run.
    let ran = outside.join("ran");
    let program = outside.join("program");
    fs::write(&program, format!("#!/bin/sh\n: > '{}'\n", ran.display())).expect("a file");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("a mode");
    }
    let files = sections(data);
    let mut zips = std::collections::BTreeMap::<String, Vec<(String, Vec<u8>)>>::new();
    for (path, bytes) in &files {
        let path = path.to_string_lossy();
        if let Some((path, target)) = path.split_once(" -> ") {
            link(&top, path, &target.replace(OUTSIDE, &outside.to_string_lossy()));
        } else if let Some((zip, entry)) = path.split_once(".zip/") {
            zips.entry(format!("{zip}.zip")).or_default().push((entry.to_owned(), bytes.clone()));
        } else {
            let text = String::from_utf8_lossy(bytes);
            match text.contains(OUTSIDE) {
                true => {
                    write(&top, &path, text.replace(OUTSIDE, &outside.to_string_lossy()).as_bytes())
                }
                false => write(&top, &path, bytes),
            }
        }
    }
    for (path, entries) in zips {
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for (name, bytes) in entries {
            let _ = zip
                .start_file(name, zip::write::SimpleFileOptions::default())
                .and_then(|()| Ok(zip.write_all(&bytes)?));
        }
        if let Ok(bytes) = zip.finish() {
            write(&top, &path, bytes.get_ref());
        }
    }
    let options = with_settings(&files, Options::new(date!(2026 - 11 - 22), top.clone()));
    let paths = [".".into()];
    match lint(&paths, &options) {
        Ok(report) => analyze::shows_nothing_of(&report, MARK),
        Err(error) => analyze::error_without(&error, MARK),
    }
    // `--since` reads `.git` itself.
    for revision in ["HEAD", "main", "HEAD~1"] {
        if let Err(error) = changes(&disk(&paths, &options), &paths, &top, revision) {
            analyze::error_without(&error, MARK);
        }
    }
    assert!(!ran.exists(), "a program was run");
}

/// Whether a path stays in the repository: the fuzzer itself must not write elsewhere.
pub fn is_inside(path: &str) -> bool {
    !path.is_empty()
        && path.len() < 200
        && !path.contains('\0')
        && Path::new(path).components().all(|part| matches!(part, Component::Normal(_)))
}

pub fn write(top: &Path, path: &str, bytes: &[u8]) {
    let target = top.join(path);
    let inside = is_inside(path)
        && target.ancestors().take_while(|above| *above != top).all(|above| !above.is_symlink());
    if inside
        && let Some(folder) = target.parent()
        && fs::create_dir_all(folder).is_ok()
    {
        let _ = fs::write(target, bytes);
    }
}

#[cfg(unix)]
fn link(top: &Path, path: &str, to: &str) {
    let target = top.join(path);
    if is_inside(path)
        && !to.contains('\0')
        && target.ancestors().take_while(|above| *above != top).all(|above| !above.is_symlink())
        && let Some(folder) = target.parent()
        && fs::create_dir_all(folder).is_ok()
    {
        let _ = std::os::unix::fs::symlink(to, target);
    }
}

#[cfg(not(unix))]
fn link(_: &Path, _: &str, _: &str) {}
