//! The index of a git repository: which files it tracks. Read without git, in versions 2 to 4.

/// A tracked path.
#[derive(Clone, Debug)]
pub struct IndexEntry {
    /// Relative to the top of the working tree, with `/`.
    pub name: Box<[u8]>,
    pub mode: u32,
    /// In hexadecimal digits.
    pub object: String,
    /// Whether a merge left several versions.
    pub conflicts: bool,
    /// Whether a sparse checkout leaves the file out of the working tree.
    pub skips_worktree: bool,
    pub stat: IndexStat,
}

/// What git noted about a file when it last compared it. Only the lower 32 bits of each number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IndexStat {
    pub changed: (u32, u32),
    pub modified: (u32, u32),
    pub inode: u32,
    pub length: u32,
}

/// The mode of a submodule.
pub const SUBMODULE: u32 = 0o160_000;
/// The mode of a folder that a sparse checkout leaves out as a whole.
pub const FOLDER: u32 = 0o040_000;

/// The index of a repository, sorted by name.
#[derive(Clone, Debug, Default)]
pub struct Index {
    pub entries: Vec<IndexEntry>,
}

impl Index {
    /// Parses an index. `hash_length` is that of the objects, in bytes.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn parse(bytes: &[u8], hash_length: usize) -> Result<Index, &'static str> {
        let mut input = Input(bytes);
        if input.take(4).ok_or(DAMAGED)? != b"DIRC" {
            return Err(DAMAGED);
        }
        let version = input.number().ok_or(DAMAGED)?;
        if !(2..=4).contains(&version) {
            return Err("its index has an unsupported version");
        }
        let count = input.number().ok_or(DAMAGED)?;
        let mut entries: Vec<IndexEntry> = Vec::new();
        for _ in 0..count {
            let last = entries.last().map_or(&b""[..], |entry| &entry.name);
            let entry = input.entry(version, hash_length, last).ok_or(DAMAGED)?;
            // The entry replaces one of the shared index.
            if entry.name.is_empty() {
                return Err(SPLIT);
            }
            // A path must not lead out of the working tree.
            if !is_inside(&entry.name) {
                return Err(DAMAGED);
            }
            entries.push(entry);
        }
        while let Some(name) = input.take(4) {
            if name == b"link" {
                return Err(SPLIT);
            }
            let Some(length) = input.number() else { break };
            // The checksum at the end has no length.
            if input.take(length as usize).is_none() {
                break;
            }
        }
        entries.sort_by(|left, right| left.name.cmp(&right.name));
        Ok(Index { entries })
    }

    /// Whether a path is tracked, or is a submodule.
    pub fn contains(&self, name: &[u8]) -> bool {
        self.entries.binary_search_by(|entry| (*entry.name).cmp(name)).is_ok()
    }

    /// The entries that begin with a prefix.
    pub fn starting_with<'i>(&'i self, prefix: &'i [u8]) -> impl Iterator<Item = &'i IndexEntry> {
        let start = self.entries.partition_point(|entry| &*entry.name < prefix);
        self.entries[start..].iter().take_while(move |entry| entry.name.starts_with(prefix))
    }
}

const DAMAGED: &str = "its index is damaged";
const SPLIT: &str = "its index is split; run `git update-index --no-split-index`";

fn is_inside(name: &[u8]) -> bool {
    let name = name.strip_suffix(b"/").unwrap_or(name);
    name.split(|byte| *byte == b'/')
        .all(|part| !matches!(part, b"" | b"." | b"..") && !part.eq_ignore_ascii_case(b".git"))
        && !(cfg!(windows) && name.iter().any(|byte| matches!(byte, b'\\' | b':')))
}

struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u32> {
        let bytes = self.take(4)?;
        Some(u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }

    fn short(&mut self) -> Option<u16> {
        let bytes = self.take(2)?;
        Some(u16::from_be_bytes([bytes[0], bytes[1]]))
    }

    fn entry(&mut self, version: u32, hash_length: usize, last: &[u8]) -> Option<IndexEntry> {
        let before = self.0.len();
        let changed = (self.number()?, self.number()?);
        let modified = (self.number()?, self.number()?);
        let (_device, inode, mode) = (self.number()?, self.number()?, self.number()?);
        let (_user, _group, length) = (self.number()?, self.number()?, self.number()?);
        let object = self.take(hash_length)?.iter().map(|byte| format!("{byte:02x}")).collect();
        let flags = self.short()?;
        let extended = if flags & 0x4000 != 0 { self.short()? } else { 0 };
        let kept = if version == 4 { last.len().checked_sub(self.variable_number()?)? } else { 0 };
        let end = memchr::memchr(0, self.0)?;
        let name = [&last[..kept], self.take(end)?].concat();
        let padding = if version == 4 {
            1
        } else {
            // At least one zero byte, up to a multiple of eight.
            8 - (before - self.0.len()) % 8
        };
        self.take(padding)?;
        Some(IndexEntry {
            name: name.into(),
            mode,
            object,
            conflicts: flags & 0x3000 != 0,
            skips_worktree: extended & 0x4000 != 0,
            stat: IndexStat { changed, modified, inode, length },
        })
    }

    /// A number of seven bits per byte, as in the offsets of packs.
    fn variable_number(&mut self) -> Option<usize> {
        let mut byte = self.take(1)?[0];
        let mut value = usize::from(byte & 0x7F);
        while byte & 0x80 != 0 {
            byte = self.take(1)?[0];
            value = value.checked_add(1)?.checked_mul(128)? + usize::from(byte & 0x7F);
        }
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An index of version 2 with one entry.
    fn index(name: &[u8]) -> Vec<u8> {
        let mut bytes = b"DIRC\0\0\0\x02\0\0\0\x01".to_vec();
        bytes.extend([[0, 0, 0, 7]; 10].concat());
        bytes.extend([0xAB; 20]);
        bytes.extend((name.len() as u16).to_be_bytes());
        bytes.extend(name);
        bytes.extend(vec![0; 8 - (62 + name.len()) % 8]);
        bytes.extend([0; 20]);
        bytes
    }

    #[test]
    fn entries_are_found_by_name_and_prefix() {
        let index = Index::parse(&index(b"hub/a.key"), 20).unwrap();
        assert!(index.contains(b"hub/a.key") && !index.contains(b"hub/a"));
        assert_eq!(index.starting_with(b"hub/").count(), 1);
        assert_eq!(index.starting_with(b"hub/b").count(), 0);
        assert_eq!(index.entries[0].object, "ab".repeat(20));
        assert_eq!(index.entries[0].stat.length, 7);
    }

    #[test]
    fn damaged_indexes_and_paths_that_lead_outside_are_refused() {
        let whole = index(b"hub/a.key");
        for length in 0..whole.len() - 20 {
            assert!(Index::parse(&whole[..length], 20).is_err(), "{length}");
        }
        for name in
            [&b"../a"[..], b"/etc/passwd", b"a/../../b", b".git/config", b"a//b", b"a/.GIT/b"]
        {
            assert!(Index::parse(&index(name), 20).is_err(), "{name:?}");
        }
        let mut many = whole;
        many[8..12].copy_from_slice(&[0xFF; 4]);
        assert!(Index::parse(&many, 20).is_err());
    }
}
