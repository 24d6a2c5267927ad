//! A repository cannot make any command read or write files outside of it: neither with a path in one of its files nor
//! with a link.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::{Project, Run, USUAL, run};
use crate::common::{cases::case, new_folder, write_below};

/// A word of the file outside that must not be in any output.
const WORD: &str = "hunter2elsewhere";
const CREDENTIAL: &str = "Elsewhere.externalCredential-meta.xml";
/// How a path is refused.
const REFUSED: &str = "leads outside of the given paths";

/// A repository, and beside it a folder that does not belong to it.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Place {
        let place = Place { folder: new_folder() };
        fs::create_dir(place.path("repository")).ok();
        case("setups/connected-app").write_to(&place.path("repository"));
        fs::create_dir(place.path("repository/.git")).unwrap();
        place.write("outside/netrc", format!("machine acme.example login x password {WORD}\n"));
        place.write("outside/settings.toml", format!("{WORD} = \"{WORD}\"\n"));
        place.write("outside/orgs.yaml", format!("{WORD}: {{ {WORD}: 1 }}\n"));
        place.write("outside/data.json", format!("{{ \"{WORD}\": \"{WORD}\" ]\n"));
        place.write(&format!("outside/tree/{CREDENTIAL}"), FAULTY);
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        write_below(self.folder.path(), name, text)
    }

    /// Makes a name in the repository a link.
    fn link(&self, name: &str, target: impl AsRef<Path>) {
        let path = self.path("repository").join(name);
        fs::remove_file(&path).ok();
        symlink(target, path).unwrap();
    }

    fn run(&self, arguments: &[&str]) -> Run {
        let arguments: Vec<_> = arguments.iter().map(Into::into).collect();
        run(&self.path("repository"), &arguments, USUAL)
    }

    fn lint(&self, arguments: &[&str]) -> Run {
        self.run(&[&["lint", "--today", "2026-11-22"], arguments].concat())
    }

    /// Asserts that every command that reads a project refuses it and quotes nothing.
    fn refuses(&self, words: &[&str]) {
        for command in [
            &["lint"][..],
            &["lint", "hub", "spoke"],
            &["lint", "hub"],
            &["lint", "--format", "json"],
            &["lint", "--format", "github"],
            &["lint", "--fix"],
            &["lint", "--diff"],
            &["lint", "--show-files"],
            &["trace"],
            &["diagnose", "--message", "audience is invalid"],
            &["init", "--dry-run"],
            &["migrate", "--all"],
            &["migrate", "--all", "--write"],
        ] {
            let run = self.run(command).ends(2, words);
            assert_hidden(&run);
        }
    }
}

const FAULTY: &str = "<ExternalCredential><authenticationProtocol>Oauth</authenticationProtocol></ExternalCredential>";

fn assert_hidden(run: &Run) {
    assert!(!run.out.contains(WORD) && !run.err.contains(WORD), "{}", run.shortened());
    assert!(!run.out.contains(CREDENTIAL), "{}", run.shortened());
}

#[test]
fn a_description_names_nothing_outside() {
    let place = Place::new();
    let absolute = place.path("outside/netrc");
    place.link("hub/linked.crt", "../../outside/netrc");
    place.link("linked-tree", "../outside/tree");
    place.link("twice", "linked-tree/..");
    let folder = ["../outside", "../outside/tree", "linked-tree", "twice/tree", "..", "/", "/proc"];
    let file = [
        "../outside/netrc",
        absolute.to_str().unwrap(),
        "hub/../../outside/netrc",
        "hub/linked.crt",
        "../outside/none",
        "/proc/self/environ",
        "/proc/self/cwd/../outside/netrc",
        "/dev/stdin",
        "/etc/passwd",
    ];
    for path in folder {
        place.write(
            "repository/sfcred.yaml",
            format!("orgs: {{ hub: {{ metadata: [hub, {path}] }}, spoke: {{ metadata: spoke }} }}"),
        );
        place.refuses(&[REFUSED, "--allow-outside"]);
    }
    for path in file {
        for entry in [
            format!("certificates: {{ X: {path} }}"),
            format!("assignments: {path}"),
            format!("users: {path}"),
            format!("connected_apps: {{ X: {{ certificate: {path} }} }}"),
        ] {
            place.write(
                "repository/sfcred.yaml",
                format!("orgs: {{ hub: {{ metadata: hub, {entry} }} }}"),
            );
            let run = place.lint(&[]).ends(2, &[REFUSED]);
            assert_hidden(&run);
        }
    }
}

#[test]
fn a_description_names_files_beside_it_and_in_its_repository() {
    let place = Place::new();
    let certificate = "force-app/main/default/certs/Hub_Org.crt";
    place.link("hub/inside.crt", certificate);
    for path in [certificate, "inside.crt", "../hub/inside.crt", "./x/../inside.crt"] {
        place.write(
            "repository/hub/sfcred.yaml",
            format!("orgs: {{ hub: {{ metadata: ., certificates: {{ X: {path} }} }}, spoke: {{ metadata: ../spoke }} }}"),
        );
        fs::remove_file(place.path("repository/sfcred.yaml")).ok();
        for paths in [&["hub"][..], &[], &["hub", "spoke"]] {
            place.lint(paths).ends(0, &["2 orgs"]);
        }
    }
    // Without a repository, the folder of the description counts.
    fs::remove_dir_all(place.path("repository/.git")).unwrap();
    fs::remove_file(place.path("repository/hub/sfcred.yaml")).unwrap();
    place.write(
        "repository/sfcred.yaml",
        "orgs: { hub: { metadata: hub }, spoke: { metadata: spoke } }",
    );
    place.lint(&["hub"]).ends(0, &["2 orgs"]);
}

#[test]
fn configuration_that_is_a_link_outside_is_refused() {
    for (name, target) in [
        ("sfcred.toml", "../outside/settings.toml"),
        ("sfcred.toml", "../outside/netrc"),
        ("sfcred.toml", "/proc/self/environ"),
        ("sfcred.yaml", "../outside/orgs.yaml"),
        ("sfcred.yaml", "../outside/netrc"),
        ("sfcred.yml", "/etc/passwd"),
        (".forceignore", "../outside/netrc"),
        ("sfdx-project.json", "../outside/data.json"),
    ] {
        let place = Place::new();
        place.link(name, target);
        place.refuses(&[name, REFUSED]);
    }
    for name in ["sfcred.yaml", ".forceignore", "sfdx-project.json"] {
        let place = Place::new();
        place.link(&format!("hub/{name}"), "../../outside/data.json");
        place.refuses(&[name]);
    }
}

#[test]
fn configuration_that_is_a_link_to_another_kind_of_file_is_not_quoted() {
    let place = Place::new();
    place.write("repository/.env", format!("TOKEN={WORD}\n"));
    for name in ["sfcred.toml", "sfcred.yaml", "sfdx-project.json"] {
        place.link(name, ".env");
        place.refuses(&[name]);
        fs::remove_file(place.path("repository").join(name)).unwrap();
    }
    place.write("repository/sfcred.yaml", "orgs: { hub: { certificates: { X: hub.crt } } }");
    place.link("hub.crt", ".env");
    assert_hidden(&place.lint(&[]).ends(2, &["hub.crt", "another kind"]));
    fs::remove_file(place.path("repository/sfcred.yaml")).unwrap();
    place.link("hub/X.namedCredential-meta.xml", "../.env");
    assert_hidden(&place.lint(&["hub/X.namedCredential-meta.xml", "spoke"]).ends(1, &["skipped"]));
}

#[test]
fn configuration_that_is_a_link_inside_is_used() {
    let place = Place::new();
    place.write("repository/config/settings.toml", "fail-on = \"never\"\n");
    place.write(
        "repository/config/orgs.yaml",
        "orgs: { hub: { metadata: hub }, spoke: { metadata: spoke } }",
    );
    place.link("sfcred.toml", "config/settings.toml");
    place.link("sfcred.yaml", "config/orgs.yaml");
    place.lint(&["--show-settings"]).ends(0, &["fail-on = \"never\""]);
    place.lint(&[]).ends(0, &["2 orgs"]);
    place.lint(&["hub"]).ends(0, &["2 orgs"]);
}

#[test]
fn a_file_that_is_not_a_certificate_is_not_quoted() {
    let place = Place::new();
    for (name, text) in [
        ("token", WORD.to_owned()),
        ("token.txt", format!("TOKEN={WORD}\nOTHER={WORD}\n")),
        ("key.pem", format!("{WORD}\n-----BEGIN CERTIFICATE-----\n{WORD}\n")),
    ] {
        place.write(&format!("repository/{name}"), text);
        for entry in [
            format!("certificates: {{ X: {name} }}"),
            format!("connected_apps: {{ X: {{ certificate: {name} }} }}"),
        ] {
            place.write(
                "repository/sfcred.yaml",
                format!(
                    "orgs: {{ hub: {{ metadata: hub, {entry} }}, spoke: {{ metadata: spoke }} }}"
                ),
            );
            for format in ["text", "json", "compact", "sarif"] {
                assert_hidden(&place.lint(&["--format", format]).ends(1, &[]));
            }
        }
    }
}

#[test]
fn settings_and_projects_name_nothing_outside() {
    let place = Place::new();
    for path in ["../outside/data.json", "/etc/passwd", "/proc/self/environ", "../outside/none"] {
        place.write("repository/sfcred.toml", format!("baseline = \"{path}\"\n"));
        assert_hidden(&place.lint(&[]).ends(2, &[REFUSED]));
        place.write("repository/sfcred.toml", format!("[env.uat]\nfile = \"{path}\"\n"));
        assert_hidden(&place.lint(&["--env", "uat"]).ends(2, &[REFUSED]));
        place.write("repository/sfcred.toml", "[env.uat]\n");
        place.write(
            "repository/hub/sfdx-project.json",
            format!("{{ \"packageDirectories\": [{{ \"path\": \"force-app\" }}], \"replacements\": [{{ \"glob\": \"**/*.xml\", \"stringToReplace\": \"https\", \"replaceWithFile\": \"{}\" }}] }}", path.replace("../", "../../")),
        );
        assert_hidden(&place.lint(&["--env", "uat"]).ends(2, &["leads outside"]));
    }
    fs::remove_file(place.path("repository/hub/sfdx-project.json")).unwrap();
    fs::remove_file(place.path("repository/sfcred.toml")).unwrap();
    case("setups/connected-app").write_to(&place.path("repository"));
    place.link("hub/.env.uat", "../../outside/netrc");
    assert_hidden(&place.lint(&["--env", "uat"]).ends(2, &["leads outside"]));
}

#[test]
fn a_given_path_that_is_a_link_of_the_repository_is_refused() {
    let place = Place::new();
    place.link("tree", "../outside/tree");
    place.link("metadata.zip", "../outside/metadata.zip");
    place.link("old.json", "../outside/data.json");
    place.link("settings.toml", "../outside/settings.toml");
    place.link("debug.log", "../outside/netrc");
    for arguments in [
        &["tree"][..],
        &["tree/Elsewhere.externalCredential-meta.xml"],
        &["metadata.zip"],
        &["hub", "--baseline", "old.json"],
        &["hub", "--write-baseline", "old.json"],
        &["hub", "--config", "settings.toml"],
        &["hub", "--env-file", "debug.log"],
    ] {
        assert_hidden(&place.lint(arguments).ends(2, &[REFUSED, "--allow-outside"]));
    }
    assert_hidden(&place.run(&["diagnose", "debug.log"]).ends(2, &[REFUSED]));
    assert_hidden(&place.run(&["trace", "tree"]).ends(2, &[REFUSED]));
    assert_hidden(&place.run(&["init", "tree", "--dry-run"]).ends(2, &[REFUSED]));
    // Other folders of the machine are the choice of the user.
    place.lint(&["../outside/tree"]).ends(1, &[CREDENTIAL]);
    symlink(place.path("outside/tree"), place.path("own")).unwrap();
    place.lint(&["../own"]).ends(1, &[CREDENTIAL]);
}

#[test]
fn a_file_that_was_given_for_something_else_is_not_quoted() {
    let place = Place::new();
    for arguments in [
        &["hub", "--baseline", "../outside/data.json"][..],
        &["hub", "--baseline", "../outside/netrc"],
        &["hub", "--config", "../outside/netrc"],
    ] {
        assert_hidden(&place.lint(arguments).ends(2, &["outside/"]));
    }
}

#[test]
fn the_user_can_allow_folders_outside() {
    let place = Place::new();
    place.write("outside/orgs.yaml", "orgs: { hub: { metadata: hub } }");
    place.link("sfcred.yaml", "../outside/orgs.yaml");
    place.write("elsewhere/x.txt", "");
    place.lint(&["--allow-outside", "../elsewhere"]).ends(2, &[REFUSED]);
    let allowed = ["--allow-outside", "../elsewhere", "--allow-outside", "../outside"];
    place.lint(&allowed).ends(0, &["2 orgs"]);
    place.run(&[&["trace"], &allowed[..]].concat()).ends(0, &["Spoke_Org"]);
    place
        .run(&[&["diagnose", "--message", "audience is invalid"], &allowed[..]].concat())
        .ends(0, &[]);
    place.run(&[&["init", "--dry-run"], &allowed[..]].concat()).ends(0, &[]);
    place.lint(&["--allow-outside", "../none"]).ends(2, &["`../none` is not a folder"]);
    // Only the command line allows it.
    place.write("repository/sfcred.toml", "allow-outside = [\"../outside\"]\n");
    place.lint(&[]).ends(2, &["unknown key"]);
}

#[test]
fn nothing_is_written_through_a_link_that_leaves_the_repository() {
    let place = Place::new();
    let target = place.write("outside/target", "untouched");
    place.link("out.sarif", "../outside/target");
    place.link("new.sarif", "../outside/new");
    place.link("reports", "../outside");
    for file in ["out.sarif", "new.sarif", "reports/target", "reports/new", "./hub/../out.sarif"] {
        place.lint(&["-o", &format!("sarif={file}")]).ends(2, &[REFUSED]);
        place.lint(&["hub", "-o", &format!("sarif={file}")]).ends(2, &[REFUSED]);
    }
    place.lint(&["--write-baseline", "new.sarif"]).ends(2, &[REFUSED]);
    assert_eq!(fs::read_to_string(&target).unwrap(), "untouched");
    assert!(!place.path("outside/new").exists());
    place.link("inside.sarif", "hub/inside.sarif");
    place.write("repository/hub/inside.sarif", "");
    place.lint(&["-o", "sarif=inside.sarif"]).ends(0, &[]);
    place.lint(&["-o", "sarif=../outside/target"]).ends(0, &[]);
    place.lint(&["-o", "sarif=out.sarif", "--allow-outside", "../outside"]).ends(0, &[]);
    place
        .lint(&["-o", "sarif=inside.sarif", "-o", "json=hub/inside.sarif"])
        .ends(2, &["two reports"]);
}

#[test]
fn a_fix_is_not_written_through_a_link_that_leaves_the_repository() {
    let project = Project::new();
    let text = "[[allow]]\nrule = \"claim-missing\"\npath = \"beside/**\"\nreason = \"x\"\n";
    project.write("allows/sfcred.toml", text);
    let outside = new_folder();
    let target = write_below(outside.path(), "sfcred.toml", text);
    symlink(&target, project.path().join("sfcred.toml")).unwrap();
    project.lint(&["--fix"]).ends(2, &[REFUSED]);
    assert_eq!(fs::read_to_string(&target).unwrap(), text);
}
