//! What `--fix` leaves behind: all files changed or none, each as before except for its text, and no temporary file.

use std::fs;
use std::io::Read;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::process::{Command, Stdio};

use super::{Project, Run};
use crate::common::cases::case;

/// A project with a safe fix in the hub.
fn project() -> (Project, std::path::PathBuf) {
    let project = Project::new();
    fs::remove_dir_all(project.path().join("beside")).unwrap();
    case("audience-trailing-slash/bad").write_to(project.path());
    let file = project.path().join(
        "hub/force-app/main/default/externalCredentials/Spoke_Org.externalCredential-meta.xml",
    );
    assert!(file.exists());
    (project, file)
}

fn leftovers(project: &Project) -> Vec<std::path::PathBuf> {
    crate::common::files_below(project.path())
        .into_iter()
        .filter(|path| path.file_name().unwrap().to_string_lossy().starts_with(".sfcred"))
        .collect()
}

fn fixes(run: Run) {
    run.ends(0, &["All checks passed"]);
}

#[test]
fn mode_owner_and_extended_attributes_are_kept() {
    let (project, file) = project();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o664)).unwrap();
    // Only root can give a file away.
    let given = chown(&file, Some(1234), Some(2345)).is_ok();
    let has_attributes = xattr::set(&file, "user.sfcred", b"kept").is_ok();
    fixes(project.lint(&["--fix"]));
    let metadata = fs::metadata(&file).unwrap();
    assert_eq!(metadata.permissions().mode() & 0o7777, 0o664);
    if given {
        assert_eq!((metadata.uid(), metadata.gid()), (1234, 2345));
    }
    if has_attributes {
        assert_eq!(xattr::get(&file, "user.sfcred").unwrap().as_deref(), Some(&b"kept"[..]));
    }
    assert!(leftovers(&project).is_empty());
}

#[test]
fn a_fix_that_is_interrupted_leaves_the_old_or_the_new_file_and_nothing_else() {
    for delay in 0..24 {
        let (project, file) = project();
        let before = fs::read(&file).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_sfcred"))
            .args(["lint", "--fix"])
            .current_dir(project.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(delay));
        let signal = if delay % 2 == 0 { "-INT" } else { "-TERM" };
        Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        let mut out = String::new();
        child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
        child.wait().unwrap();
        assert!(leftovers(&project).is_empty(), "{delay}");
        let after = fs::read(&file).unwrap();
        let whole = project.lint(&["--fix"]);
        let fixed = fs::read(&file).unwrap();
        assert!(after == before || after == fixed, "{delay}: {}", whole.shortened());
    }
}
