//! Archives that expand to huge sizes, contain paths outside of their folder, have false headers, or are nested.

use std::fs::File;
use std::io::{Cursor, Read, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::{Project, Run};

const FAULTY: &str = "<ExternalCredential><authenticationProtocol>Oauth</authenticationProtocol></ExternalCredential>";

fn archive(fill: impl FnOnce(&mut ZipWriter<Cursor<Vec<u8>>>)) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    fill(&mut zip);
    zip.finish().unwrap().into_inner()
}

fn deflated() -> SimpleFileOptions {
    SimpleFileOptions::default().compression_method(CompressionMethod::Deflated)
}

fn add(zip: &mut ZipWriter<Cursor<Vec<u8>>>, name: &str, bytes: &[u8]) {
    zip.start_file(name, deflated()).unwrap();
    zip.write_all(bytes).unwrap();
}

/// Runs with the archive and the other file as two paths.
fn lint(bytes: &[u8], status: i32, words: &[&str]) -> Run {
    let project = Project::new();
    project.write("a.zip", bytes);
    project.lint(&["--format", "json", "a.zip", "beside"]).ends(status, &[]);
    project.lint(&["a.zip", "beside"]).ends(status, words)
}

#[test]
fn an_entry_that_unpacks_without_end_is_not_read() {
    let bomb = archive(|zip| {
        zip.start_file("a/Bomb.externalCredential", deflated()).unwrap();
        std::io::copy(&mut std::io::repeat(b' ').take(300 << 20), zip).unwrap();
        add(zip, "a/Faulty.externalCredential", FAULTY.as_bytes());
    });
    assert!(bomb.len() < 1 << 20);
    let run = lint(
        &bomb,
        1,
        &["Bomb.externalCredential", "33554433 bytes; the", "a.zip/a/Faulty.externalCredential"],
    );
    run.finds_the_other_fault();
}

#[test]
fn many_entries_that_unpack_together_without_end_are_refused() {
    let bomb = archive(|zip| {
        for number in 0..18 {
            zip.start_file(format!("a/Bomb{number}.connectedApp"), deflated()).unwrap();
            std::io::copy(&mut std::io::repeat(b' ').take(31 << 20), zip).unwrap();
        }
    });
    lint(&bomb, 2, &["a.zip", "the zip unpacks to more than"]);
}

#[test]
fn a_zip_inside_a_zip_is_not_opened() {
    let inner = archive(|zip| add(zip, "a/Hidden.externalCredential", FAULTY.as_bytes()));
    let outer = archive(|zip| {
        add(zip, "a/inner.zip", &inner);
        add(zip, "a/inner.externalCredential", &inner);
    });
    let run = lint(&outer, 1, &["unreadable-file"]).finds_the_other_fault();
    assert!(!run.out.contains("Hidden"), "{}", run.shortened());
}

#[test]
fn entries_that_climb_or_have_absolute_names_are_left_out() {
    let names = [
        "../Climbs.externalCredential",
        "a/../../Climbs.externalCredential",
        "/abs/Climbs.externalCredential",
        "C:\\Climbs.externalCredential",
        "..\\Climbs.externalCredential",
        "a\\..\\..\\Climbs.externalCredential",
        "\\\\host\\share\\Climbs.externalCredential",
    ];
    for name in names {
        let bytes = archive(|zip| {
            add(zip, name, FAULTY.as_bytes());
            add(zip, "in/Faulty.externalCredential", FAULTY.as_bytes());
        });
        let run = lint(&bytes, 1, &["a.zip/in/Faulty.externalCredential"]).finds_the_other_fault();
        assert!(!run.out.contains("Climbs.externalCredential:"), "{name}: {}", run.shortened());
    }
}

#[test]
fn names_with_backslashes_are_folders() {
    let bytes = archive(|zip| {
        add(zip, "unpackaged\\externalCredentials\\Faulty.externalCredential", FAULTY.as_bytes())
    });
    lint(&bytes, 1, &["a.zip/unpackaged/externalCredentials/Faulty.externalCredential"])
        .finds_the_other_fault();
}

#[test]
fn a_duplicate_entry_is_read_once() {
    // The zip writer rejects duplicate names, so the second entry is renamed afterward.
    let mut bytes = archive(|zip| {
        add(zip, "a/Twice.externalCredential", FAULTY.as_bytes());
        add(zip, "a/Twicf.externalCredential", b"<ExternalCredential>");
    });
    while let Some(at) = bytes.windows(5).position(|window| window == b"Twicf") {
        bytes[at + 4] = b'e';
    }
    lint(&bytes, 1, &["a.zip/a/Twice.externalCredential"]).finds_the_other_fault();
}

#[test]
fn an_encrypted_entry_is_reported_and_the_others_are_read() {
    let mut bytes = archive(|zip| {
        add(zip, "a/Locked.externalCredential", FAULTY.as_bytes());
        add(zip, "a/Faulty.externalCredential", FAULTY.as_bytes());
    });
    // The general purpose flag of the first entry, in its own header and in the directory.
    let central = bytes.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    bytes[6] |= 1;
    bytes[central + 8] |= 1;
    lint(
        &bytes,
        1,
        &["Locked.externalCredential", "encrypted", "a.zip/a/Faulty.externalCredential"],
    )
    .finds_the_other_fault();
}

#[test]
fn a_symbolic_link_in_a_zip_is_not_followed() {
    let bytes = archive(|zip| {
        zip.add_symlink("a/Link.externalCredential", "/etc/passwd", SimpleFileOptions::default())
            .unwrap();
        add(zip, "a/Faulty.externalCredential", FAULTY.as_bytes());
    });
    let run = lint(&bytes, 1, &["a.zip/a/Faulty.externalCredential"]).finds_the_other_fault();
    assert!(!run.out.contains("root:"), "{}", run.shortened());
}

#[test]
fn wrong_sizes_and_damaged_entries_of_a_zip_are_harmless() {
    let sound = archive(|zip| {
        add(zip, "a/First.externalCredential", &FAULTY.repeat(40).into_bytes());
        add(zip, "a/Second.externalCredential", FAULTY.as_bytes());
    });
    let central = sound.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    let mut lies = sound.clone();
    lies[central + 24..central + 28].copy_from_slice(&0xFFFF_FFF0_u32.to_le_bytes());
    let mut damaged = sound.clone();
    damaged[60..80].fill(0xFF);
    for bytes in [lies, damaged] {
        lint(&bytes, 1, &["a.zip/a/Second.externalCredential"]).finds_the_other_fault();
    }
    for length in [0, 1, 10, 100, sound.len() - 30] {
        lint(&sound[..length], 2, &["a.zip", "cannot read"]);
    }
}

#[test]
fn an_archive_in_a_folder_is_left_alone() {
    let project = Project::new();
    File::create(project.path().join("bomb.zip")).unwrap().write_all(b"PK").unwrap();
    project.says(1, &[]);
}

/// An archive in which every entry of the directory refers to the first member.
fn overlapping(count: usize) -> Vec<u8> {
    let mut bytes = archive(|zip| {
        for number in 0..count {
            zip.start_file(format!("a/Overlapping{number:04}.externalCredential"), deflated())
                .unwrap();
            if number == 0 {
                std::io::copy(&mut std::io::repeat(b' ').take(20 << 20), zip).unwrap();
            }
        }
    });
    let directory = memchr_all(&bytes, b"PK\x01\x02");
    let first = bytes[directory[0]..directory[0] + 46].to_vec();
    for at in directory {
        // Checksum, sizes, and the offset of the member.
        bytes[at + 16..at + 28].copy_from_slice(&first[16..28]);
        bytes[at + 42..at + 46].copy_from_slice(&first[42..46]);
    }
    bytes
}

fn memchr_all(bytes: &[u8], wanted: &[u8]) -> Vec<usize> {
    let windows = bytes.windows(wanted.len()).enumerate();
    windows.filter(|(_, window)| *window == wanted).map(|(at, _)| at).collect()
}

#[test]
fn entries_that_overlap_are_refused() {
    for count in [2, 200] {
        lint(&overlapping(count), 1, &["a.zip", "overlaps another one"]).finds_the_other_fault();
    }
}

#[test]
fn entries_with_the_same_name_are_refused() {
    let mut bytes = archive(|zip| {
        add(zip, "a/One.externalCredential", FAULTY.as_bytes());
        add(zip, "a/Two.externalCredential", FAULTY.as_bytes());
    });
    for at in memchr_all(&bytes, b"a/Two") {
        bytes[at..at + 5].copy_from_slice(b"a/One");
    }
    lint(&bytes, 1, &["a.zip", "several entries with this name"]).finds_the_other_fault();
}
