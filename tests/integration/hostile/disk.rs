//! Everything on a disk that is not a plain file: links, pipes, devices, endless files, names that are not UTF-8, and changes during a run.

use std::ffi::OsString;
use std::fs::{self, File};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{Limits, Project, USUAL, run};

const FAULTY: &str = "<ExternalCredential><authenticationProtocol>Oauth</authenticationProtocol></ExternalCredential>";

#[test]
fn a_sparse_file_of_two_gigabytes_is_reported_and_not_read() {
    let project = Project::new();
    for name in
        ["Huge.externalCredential-meta.xml", "Huge.cls", "Huge.crt", "huge.key", "huge.json"]
    {
        File::create(project.path().join(name)).unwrap().set_len(2 << 30).unwrap();
    }
    let limits = Limits { megabytes: 512, ..USUAL };
    project
        .lint_within(&[], limits)
        .ends(1, &["Huge.externalCredential-meta.xml", "2147483648 bytes; the"])
        .finds_the_other_fault();
    project
        .lint_within(&["Huge.externalCredential-meta.xml", "beside"], limits)
        .ends(1, &[])
        .finds_the_other_fault();
}

#[test]
fn settings_and_descriptions_of_two_gigabytes_end_the_run() {
    for name in ["sfcred.toml", "sfcred.yaml", "a.zip"] {
        let project = Project::new();
        File::create(project.path().join(name)).unwrap().set_len(2 << 30).unwrap();
        let limits = Limits { megabytes: 512, ..USUAL };
        let arguments: &[&str] = if name == "a.zip" { &["a.zip"] } else { &[] };
        project.lint_within(arguments, limits).ends(2, &[name, "cannot read"]);
    }
}

#[test]
fn an_ignore_file_of_two_gigabytes_is_not_read() {
    let project = Project::new();
    File::create(project.path().join(".forceignore")).unwrap().set_len(2 << 30).unwrap();
    project
        .lint_within(&[], Limits { megabytes: 512, ..USUAL })
        .ends(1, &[])
        .finds_the_other_fault();
}

#[test]
fn symbolic_links_lead_nowhere() {
    let project = Project::new();
    let outside = Project::new();
    let secret = outside.write("Outside.externalCredential-meta.xml", FAULTY);
    symlink(".", project.path().join("loop")).unwrap();
    symlink("../..", project.path().join("beside/up")).unwrap();
    symlink("b.externalCredential-meta.xml", project.path().join("a.externalCredential-meta.xml"))
        .unwrap();
    symlink("a.externalCredential-meta.xml", project.path().join("b.externalCredential-meta.xml"))
        .unwrap();
    symlink(&secret, project.path().join("Linked.externalCredential-meta.xml")).unwrap();
    symlink(outside.path(), project.path().join("outside")).unwrap();
    symlink("/dev/zero", project.path().join("Zero.connectedApp-meta.xml")).unwrap();
    let run = project.says(1, &["skipped"]);
    assert!(
        !run.out.contains("Outside") && !run.out.contains("Linked.externalCredential-meta.xml:"),
        "{}",
        run.shortened()
    );
}

#[test]
fn a_link_named_on_the_command_line_is_followed_or_refused() {
    let project = Project::new();
    symlink("beside", project.path().join("link")).unwrap();
    project.lint(&["link"]).ends(1, &["flow-variant-missing"]);
    symlink("loop", project.path().join("loop")).unwrap();
    project.lint(&["loop"]).ends(2, &["loop"]);
    project.lint(&["loop/x"]).ends(2, &["loop/x"]);
}

fn pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[test]
fn pipes_and_devices_are_not_read() {
    let project = Project::new();
    for name in ["Pipe.externalCredential-meta.xml", "Pipe.cls", "pipe.key", ".env"] {
        pipe(&project.path().join(name));
    }
    project.says(1, &["skipped"]);
    project
        .lint(&["Pipe.externalCredential-meta.xml", "beside"])
        .ends(1, &[])
        .finds_the_other_fault();
    project.lint(&["Pipe.externalCredential-meta.xml"]).ends(2, &["nothing to lint", "1 skipped"]);
    project.lint(&["/dev/zero"]).ends(2, &["nothing to lint", "1 skipped"]);
    project.lint(&["/dev/null", "beside"]).ends(1, &[]).finds_the_other_fault();
}

#[test]
fn a_pipe_in_place_of_a_settings_or_ignore_file_does_not_block() {
    for name in ["sfcred.yaml", "sfcred.toml", ".forceignore", "sfdx-project.json", "a.zip"] {
        let project = Project::new();
        pipe(&project.path().join(name));
        project.lint(&[]).ends(1, &[]).finds_the_other_fault();
        project.lint(&["beside"]).ends(1, &["flow-variant-missing"]);
    }
    let project = Project::new();
    pipe(&project.path().join("pipe"));
    project.lint(&["--config", "pipe"]).ends(2, &["pipe"]);
    project.lint(&["--config", "/dev/zero"]).ends(2, &["/dev/zero"]);
    project.lint(&["--config", "beside"]).ends(2, &["beside"]);
    project.write(
        "sfcred.yaml",
        "orgs: { a: { metadata: pipe, assignments: pipe, certificates: { X: pipe } } }",
    );
    project.lint(&[]).ends(2, &["pipe"]);
}

#[test]
fn a_description_may_name_devices_and_loops_and_nothing_hangs() {
    let project = Project::new();
    symlink("loop", project.path().join("loop")).unwrap();
    for path in ["/dev/zero", "loop", "../../../../../../../../dev/zero", "\"a\\0b\"", "\"\"", "."]
    {
        project.write("sfcred.yaml", format!("orgs: {{ a: {{ metadata: [beside, {path}] }} }}"));
        let run = project.lint(&[]);
        assert!(matches!(run.status, Some(1 | 2)), "{path}: {}", run.shortened());
        project.write(
            "sfcred.yaml",
            format!("orgs: {{ a: {{ metadata: beside, assignments: {path} }} }}"),
        );
        let run = project.lint(&[]);
        assert!(matches!(run.status, Some(1 | 2)), "{path}: {}", run.shortened());
    }
}

#[test]
fn files_and_folders_without_read_permission_are_reported() {
    let project = Project::new();
    let path = project.write("locked/Locked.externalCredential-meta.xml", FAULTY);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o0)).unwrap();
    if File::open(&path).is_ok() {
        // Skipped for root, who can read everything.
        return;
    }
    project.lint(&[]).ends(2, &["Locked.externalCredential-meta.xml", "cannot read"]);
}

#[test]
fn names_that_are_not_unicode_are_shown_safely() {
    let project = Project::new();
    for (number, prefix) in [
        &b"\xFF\xFE"[..],
        b"\x1b[31mred\x1b[0m",
        b"a\nb",
        b"\xE2\x80\xAEgnp",
        b"a\rb",
        b"`$(id)`",
        b"::error::x",
        b"a b'\"c",
        b"%0A%1b",
        b"\xC0\x80",
        b"-x",
    ]
    .iter()
    .enumerate()
    {
        let name = [*prefix, format!("{number}.externalCredential-meta.xml").as_bytes()].concat();
        fs::write(project.path().join(OsString::from_vec(name)), FAULTY).unwrap();
        fs::create_dir(project.path().join(OsString::from_vec([*prefix, b"folder"].concat())))
            .unwrap();
        fs::write(
            project
                .path()
                .join(OsString::from_vec([*prefix, b"folder"].concat()))
                .join(format!("In{number}.externalCredential-meta.xml")),
            FAULTY,
        )
        .unwrap();
    }
    for format in ["text", "json"] {
        let run = project.lint(&["--format", format]).ends(1, &[]).finds_the_other_fault();
        assert!(run.out.matches("flow-variant-missing").count() >= 23, "{}", run.shortened());
        assert!(
            !run.out.contains(|character: char| (character.is_control() && character != '\n')
                || character == '\u{202e}'),
            "{}",
            run.shortened()
        );
    }
}

#[test]
fn paths_that_are_not_unicode_are_accepted() {
    let project = Project::new();
    let name = OsString::from_vec(b"\xFF\x1b[31m.externalCredential-meta.xml".to_vec());
    fs::write(project.path().join(&name), FAULTY).unwrap();
    let arguments = |name: OsString| ["lint".into(), "--today".into(), "2026-11-22".into(), name];
    run(project.path(), &arguments(name), USUAL).ends(1, &["flow-variant-missing"]);
    let run =
        run(project.path(), &arguments(OsString::from_vec(b"\xFF\x1b[31m\n".to_vec())), USUAL)
            .ends(2, &["does not exist"]);
    assert!(!run.err.contains('\u{1b}'), "{}", run.shortened());
}

#[test]
fn a_path_of_many_levels_and_a_long_name_are_read() {
    let project = Project::new();
    let mut folder = project.path().to_owned();
    for _ in 0..200 {
        folder.push("a-folder");
    }
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(format!("{}.externalCredential-meta.xml", "L".repeat(220))), FAULTY)
        .unwrap();
    project.says(1, &["LLLLLLLL"]);
}

#[test]
fn files_that_come_go_and_change_never_hide_the_others() {
    let project = Project::new();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let folder = project.path().join("moving");
            let mut round = 0_usize;
            while !stop.load(Ordering::Relaxed) {
                round += 1;
                fs::create_dir_all(&folder).unwrap();
                for number in 0..30 {
                    let path = folder.join(format!("M{number}.externalCredential-meta.xml"));
                    fs::write(&path, FAULTY.repeat(1 + round % 50)).unwrap();
                    fs::write(folder.join(format!("m{number}.key")), "x".repeat(round % 4000))
                        .unwrap();
                }
                for number in 0..30 {
                    let path = folder.join(format!("M{number}.externalCredential-meta.xml"));
                    if number % 3 == 0 {
                        fs::remove_file(&path).unwrap();
                        symlink("/dev/zero", &path).unwrap();
                    } else {
                        File::create(&path).unwrap().set_len((number as u64) << 20).unwrap();
                    }
                }
                fs::remove_dir_all(&folder).unwrap();
            }
        });
        let runs: Vec<_> = (0..40).map(|_| project.lint(&["--format", "json"])).collect();
        stop.store(true, Ordering::Relaxed);
        for run in runs {
            run.ends(1, &[]).finds_the_other_fault();
        }
    });
}
