//! Zips in the format of the Metadata API. Entries are read into memory only, and within limits.

use std::collections::HashSet;
use std::io::{BufReader, Read, Seek, SeekFrom};

use super::file_system::{FileSystem, Resolved};
use super::read::too_large;
use super::{MAX_FILE_BYTES, secret_candidate};
use crate::source::Kind;

const MAX_ENTRIES: usize = 200_000;
const MAX_TOTAL_BYTES: u64 = 512 << 20;
/// What any zip may unpack to, and how many times its own size a larger one may.
const MIN_TOTAL_BYTES: u64 = 64 << 20;
const MAX_RATIO: u64 = 20;

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

/// The names that several entries of the central directory have. The `zip` crate keeps only the last of them.
fn duplicates(file_system: &dyn FileSystem, archive: &Resolved) -> HashSet<Vec<u8>> {
    /// The last record has this length without its comment, which has at most 65,535 bytes.
    const LENGTH: u64 = 22;
    /// The length of a record of the directory without its name and what follows.
    const RECORD: usize = 46;
    /// A longer directory has more entries than are read.
    const MAX_DIRECTORY: u64 = 64 << 20;
    let directory = || -> Option<Vec<u8>> {
        let mut file = file_system.open(archive).ok()?;
        let start = file.metadata.length.saturating_sub(LENGTH + 65_535);
        file.content.seek(SeekFrom::Start(start)).ok()?;
        let mut tail = Vec::new();
        file.content.by_ref().take(LENGTH + 65_535).read_to_end(&mut tail).ok()?;
        let at = memchr::memmem::rfind(&tail, b"PK\x05\x06")?;
        let size = u32::from_le_bytes(tail.get(at + 12..at + 16)?.try_into().ok()?);
        let end = start + at as u64;
        file.content.seek(SeekFrom::Start(end.checked_sub(u64::from(size))?)).ok()?;
        let mut directory = Vec::new();
        let length = u64::from(size).min(MAX_DIRECTORY);
        file.content.take(length).read_to_end(&mut directory).ok()?;
        Some(directory)
    };
    let directory = directory().unwrap_or_default();
    let mut rest = directory.as_slice();
    let (mut names, mut found) = (HashSet::new(), HashSet::new());
    while rest.starts_with(b"PK\x01\x02") && rest.len() >= RECORD {
        let length = |at: usize| usize::from(u16::from_le_bytes([rest[at], rest[at + 1]]));
        let Some(name) = rest.get(RECORD..RECORD + length(28)) else { break };
        if !names.insert(name) {
            found.insert(name.to_vec());
        }
        let next = RECORD + length(28) + length(30) + length(32);
        rest = rest.get(next..).unwrap_or_default();
    }
    found
}

/// The entries some of whose bytes another entry also uses, as in archives that unpack to many times their size.
fn overlapping(archive: &mut zip::ZipArchive<impl Read + Seek>) -> HashSet<usize> {
    let mut ranges = Vec::with_capacity(archive.len());
    for index in 0..archive.len() {
        let Ok(entry) = archive.by_index_raw(index) else { continue };
        let start = entry.header_start();
        let data = entry.data_start().unwrap_or(start);
        ranges.push((start, data.saturating_add(entry.compressed_size()), index));
    }
    ranges.sort_unstable();
    let mut found = HashSet::new();
    // The entry so far that ends last.
    let mut longest: Option<(u64, usize)> = None;
    for (start, end, index) in ranges {
        if let Some((_, other)) = longest.filter(|(last, _)| start < *last) {
            found.extend([other, index]);
        }
        if longest.is_none_or(|(last, _)| end > last) {
            longest = Some((end, index));
        }
    }
    found
}

/// Reads the relevant entries.
pub fn read(file_system: &dyn FileSystem, file: &Resolved) -> Result<Entries, String> {
    let opened = file_system.open(file).map_err(|error| error.to_string())?;
    let length = opened.metadata.length;
    let bytes = BufReader::new(opened.content);
    let mut archive =
        zip::ZipArchive::new(bytes).map_err(|error| format!("not a readable zip ({error})"))?;
    if archive.len() > MAX_ENTRIES {
        return Err(format!("the zip has {} entries; the limit is {MAX_ENTRIES}", archive.len()));
    }
    let most =
        MAX_TOTAL_BYTES.min(MIN_TOTAL_BYTES.saturating_add(length.saturating_mul(MAX_RATIO)));
    let duplicates = duplicates(file_system, file);
    let overlapping = overlapping(&mut archive);
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
        if duplicates.contains(entry.name_raw()) || overlapping.contains(&index) {
            let reason = if overlapping.contains(&index) {
                "the zip entry overlaps another one"
            } else {
                "the zip has several entries with this name"
            };
            entries.files.push((name, kind, Err(reason.to_owned())));
            continue;
        }
        let mut bytes = Vec::new();
        let read = entry.by_ref().take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes);
        total += bytes.len() as u64;
        if total > most {
            return Err(format!("the zip unpacks to more than {most} bytes"));
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
