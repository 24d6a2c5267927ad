//! Zips in the format of the Metadata API. Entries are read into memory only, and within limits.

use std::io::{BufReader, Read, Seek};

use super::file_system::{FileSystem, Resolved};
use super::read::too_large;
use super::{MAX_FILE_BYTES, secret_candidate};
use crate::source::Kind;

const MAX_ENTRIES: usize = 200_000;
const MAX_TOTAL_BYTES: u64 = 512 << 20;

/// The content of an archive.
#[derive(Default)]
pub struct Entries {
    /// Names of relevant entries, with their bytes or the reason why they were not read.
    pub files: Vec<(String, Kind, Result<Vec<u8>, String>)>,
    pub seen: usize,
    pub skipped: Vec<(String, &'static str)>,
}

impl Entries {
    /// An entry that needs a password or an unknown compression method, or whose header is damaged.
    fn add_unreadable(&mut self, archive: &mut zip::ZipArchive<impl Read + Seek>, index: usize) {
        let Ok(entry) = archive.by_index_raw(index) else {
            self.skipped.push((format!("entry {}", index + 1), "damaged"));
            return;
        };
        let reason = if entry.encrypted() {
            "the zip entry is encrypted"
        } else {
            "the zip entry uses an unsupported compression method; use stored or deflated entries"
        };
        let name = entry.enclosed_name().map(|name| name.to_string_lossy().replace('\\', "/"));
        if let Some((kind, name)) = name.and_then(|name| Some((kind_of(&name)?, name)))
            && kind != Kind::SecretCandidate
        {
            self.files.push((name, kind, Err(reason.to_owned())));
        }
    }
}

fn file_name(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

fn kind_of(name: &str) -> Option<Kind> {
    Kind::from_file_name(file_name(name))
        .or_else(|| Kind::may_be_secret(file_name(name)).then_some(Kind::SecretCandidate))
}

/// Whether an entry that may contain a secret is not worth keeping.
fn is_harmless(name: &str, kind: Kind, bytes: &[u8]) -> bool {
    kind == Kind::SecretCandidate
        && (bytes.len() as u64 > secret_candidate::limit(file_name(name)).0
            || !secret_candidate::may_hold_secret(file_name(name), bytes))
}

/// Reads the relevant entries.
pub fn read(file_system: &dyn FileSystem, file: &Resolved) -> Result<Entries, String> {
    let file = file_system.open(file).map_err(|error| error.to_string())?;
    let bytes = BufReader::new(file.content);
    let mut archive =
        zip::ZipArchive::new(bytes).map_err(|error| format!("not a readable zip ({error})"))?;
    if archive.len() > MAX_ENTRIES {
        return Err(format!("the zip has {} entries; the limit is {MAX_ENTRIES}", archive.len()));
    }
    let mut entries = Entries::default();
    let mut total = 0;
    for index in 0..archive.len() {
        let Ok(mut entry) = archive.by_index(index) else {
            entries.seen += 1;
            entries.add_unreadable(&mut archive, index);
            continue;
        };
        if entry.is_dir() {
            continue;
        }
        entries.seen += 1;
        let raw_name = entry.name().map(std::borrow::Cow::into_owned).unwrap_or_default();
        let shown: String =
            raw_name.chars().filter(|character| !character.is_control()).take(200).collect();
        let absolute =
            raw_name.starts_with(['/', '\\']) || raw_name.as_bytes().get(1) == Some(&b':');
        let Some(name) = entry.enclosed_name().filter(|_| !absolute) else {
            entries.skipped.push((shown, "path leads outside of the zip"));
            continue;
        };
        let name = name.to_string_lossy().replace('\\', "/");
        let Some(kind) = kind_of(&name) else { continue };
        if entry.is_symlink() {
            entries.skipped.push((shown, "symbolic link"));
            continue;
        }
        let mut bytes = Vec::new();
        let read = entry.by_ref().take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes);
        total += bytes.len() as u64;
        if total > MAX_TOTAL_BYTES {
            return Err(format!("the zip unpacks to more than {MAX_TOTAL_BYTES} bytes"));
        }
        let content = match read {
            Err(_) => Err("the zip entry is damaged".to_owned()),
            Ok(_) if bytes.len() as u64 > MAX_FILE_BYTES => Err(too_large(bytes.len() as u64)),
            Ok(_) => Ok(bytes),
        };
        if !content.as_ref().is_ok_and(|bytes| is_harmless(&name, kind, bytes)) {
            entries.files.push((name, kind, content));
        }
    }
    Ok(entries)
}
