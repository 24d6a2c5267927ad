//! Work grows linearly with the input: each project is linted at one size and at four times that size, and so is each
//! command. `benches/growth.py` does the same with instruction counts.
//!
//! Work is counted in accesses to values and components of the model ([`sfcred::internals::source::work`]), on one thread. The
//! count is the same on every machine and under any load, which is why no test compares times.

mod dimensions;
mod rules;

use std::io::Write;
use std::path::{Path, PathBuf};

use sfcred::internals::autofix::{FixRequest, autofix};
use sfcred::internals::diagnose::{self, Diagnosis};
use sfcred::internals::migrate;
use sfcred::internals::options::Options;
use sfcred::internals::report::{Context, Format, Style, TraceFormat};
use sfcred::internals::source::work;
use sfcred::internals::trace::trace;
use sfcred::internals::{discover, init, report};
use sfcred::{Report, lint_in_memory};
use time::macros::date;

type Files = Vec<(String, String)>;

pub fn options() -> Options {
    Options::new(date!(2026 - 11 - 22), PathBuf::from("/project"))
}

fn in_memory(files: Files) -> impl Iterator<Item = (PathBuf, Vec<u8>)> {
    files.into_iter().map(|(name, text)| (PathBuf::from(name), text.into_bytes()))
}

/// The number of steps that a function takes, on one thread.
pub fn steps(work: impl FnOnce() + Send) -> u64 {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    pool.install(|| {
        let before = work::steps();
        work();
        work::steps() - before
    })
}

pub fn compare(what: &str, few: u64, many: u64) {
    assert!(few > 0, "the steps are counted with debug assertions only");
    assert!(many <= few * 5, "{what}: {few} steps, and {many} for four times the input");
}

fn grows_with_the_input(what: &str, project: impl Fn(usize) -> Files) {
    let lint = |count| {
        let files = project(count);
        steps(move || drop(lint_in_memory(in_memory(files), &options()).unwrap()))
    };
    compare(what, lint(60), lint(240));
}

/// Compares the steps of a command, including those of its lint run.
fn command_grows_with_the_input(
    what: &str,
    project: impl Fn(usize) -> Files,
    command: impl Fn(&Report) + Sync,
) {
    let run = |count| {
        let files = project(count);
        let command = &command;
        steps(move || command(&lint_in_memory(in_memory(files), &options()).unwrap()))
    };
    compare(what, run(60), run(240));
}

fn context(format: Format) -> Context {
    let style = Style { width: 80, color: false, unicode: true, quiet: false, hyperlinks: false };
    Context { format, style }
}

fn xml(root: &str, inside: &str) -> String {
    format!("<{root} xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n{inside}</{root}>\n")
}

fn parameter(kind: &str, name: &str, value: &str) -> String {
    let holder = if kind == "SigningCertificate" { "certificate" } else { "parameterValue" };
    let value =
        if value.is_empty() { String::new() } else { format!("<{holder}>{value}</{holder}>") };
    format!(
        "<externalCredentialParameters><parameterGroup>{name}</parameterGroup><parameterName>{name}</parameterName><parameterType>{kind}</parameterType>{value}</externalCredentialParameters>\n"
    )
}

fn principal(name: &str) -> String {
    parameter("NamedPrincipal", name, "")
}

fn external(number: usize, issuer: &str) -> (String, String) {
    let parameters = [
        parameter("AuthProtocolVariant", "v", "JwtBearer"),
        parameter("AuthProviderUrl", "u", "https://acme.my.salesforce.com/services/oauth2/token"),
        parameter("JwtBodyClaim", "iss", issuer),
        parameter("JwtBodyClaim", "aud", "https://login.salesforce.com"),
        parameter("SigningCertificate", "c", &format!("C{number}")),
        principal("P"),
    ];
    (
        format!("e/E{number}.externalCredential-meta.xml"),
        xml(
            "ExternalCredential",
            &format!(
                "<authenticationProtocol>Oauth</authenticationProtocol>\n{}",
                parameters.concat()
            ),
        ),
    )
}

fn named(number: usize, external: &str) -> (String, String) {
    let inside = format!(
        "<namedCredentialParameters><parameterName>Url</parameterName><parameterType>Url</parameterType><parameterValue>https://acme.my.salesforce.com</parameterValue></namedCredentialParameters><namedCredentialParameters><externalCredential>{external}</externalCredential><parameterName>E</parameterName><parameterType>Authentication</parameterType></namedCredentialParameters><namedCredentialType>SecuredEndpoint</namedCredentialType>"
    );
    (format!("n/N{number}.namedCredential-meta.xml"), xml("NamedCredential", &inside))
}

fn grant(reference: &str) -> String {
    format!(
        "<externalCredentialPrincipalAccesses><enabled>true</enabled><externalCredentialPrincipal>{reference}</externalCredentialPrincipal></externalCredentialPrincipalAccesses>\n"
    )
}

fn set(number: usize, grants: &str) -> (String, String) {
    (
        format!("p/S{number}.permissionset-meta.xml"),
        xml("PermissionSet", &format!("{grants}<label>S{number}</label>")),
    )
}

fn key(number: usize) -> String {
    format!("3MVG9{number:a>80}", number = format!("{number}"))
}

fn app(number: usize) -> (String, String) {
    let inside = format!(
        "<contactEmail>a@b.example</contactEmail><label>A{number}</label><oauthConfig><consumerKey>{}</consumerKey><isAdminApproved>true</isAdminApproved><scopes>Api</scopes></oauthConfig>",
        key(number)
    );
    (format!("a/A{number}.connectedApp-meta.xml"), xml("ConnectedApp", &inside))
}

fn class(number: usize, name: &str) -> (String, String) {
    (
        format!("k/K{number}.cls"),
        format!("public class K{number} {{ void m() {{ r.setEndpoint('callout:{name}/x'); }} }}"),
    )
}

#[test]
fn principals_of_one_credential() {
    for known in [true, false] {
        grows_with_the_input(&format!("principals, known: {known}"), |count| {
            let principals: String = (0..count).map(|n| principal(&format!("P{n}"))).collect();
            let prefix = if known { "P" } else { "Unknown-principal-" };
            let grants: String = (0..count).map(|n| grant(&format!("M-{prefix}{n}"))).collect();
            let inside =
                format!("<authenticationProtocol>Oauth</authenticationProtocol>\n{principals}");
            vec![
                ("M.externalCredential-meta.xml".into(), xml("ExternalCredential", &inside)),
                set(0, &grants),
            ]
        });
    }
}

#[test]
fn whole_chains() {
    grows_with_the_input("chains", chains);
}

#[test]
fn permission_sets_in_groups() {
    grows_with_the_input("groups", |count| {
        let group = |n: usize| {
            let inside = format!("<label>G{n}</label><permissionSets>S{n}</permissionSets>");
            (format!("g/G{n}.permissionsetgroup-meta.xml"), xml("PermissionSetGroup", &inside))
        };
        let mut files: Files =
            (0..count).flat_map(|n| [set(n, &grant("E0-P")), group(n)]).collect();
        files.extend([external(0, "x"), named(0, "E0")]);
        files
    });
}

#[test]
fn components_of_one_name() {
    grows_with_the_input("copies", |count| {
        let mut files: Files = (0..count)
            .map(|n| (format!("d{n}/S.permissionset-meta.xml"), set(n, &grant("E0-P")).1))
            .collect();
        files.extend([external(0, "x"), named(0, "E0")]);
        files
    });
}

#[test]
fn parts_of_external_client_apps() {
    grows_with_the_input("parts", |count| {
        (0..count)
            .flat_map(|n| {
                let part = |suffix: &str, root: &str| {
                    let inside = format!(
                        "<externalClientApplication>A{n}</externalClientApplication><label>x</label>"
                    );
                    (format!("a/A{n}.{suffix}-meta.xml"), xml(root, &inside))
                };
                [
                    (
                        format!("a/A{n}.eca-meta.xml"),
                        xml("ExternalClientApplication", "<label>x</label>"),
                    ),
                    part("ecaGlblOauth", "ExtlClntAppGlobalOauthSettings"),
                    part("ecaOauth", "ExtlClntAppOauthSettings"),
                ]
            })
            .collect()
    });
}

#[test]
fn hard_coded_endpoints() {
    grows_with_the_input("endpoints", |count| {
        let methods: String = (0..count)
            .map(|n| {
                format!("void m{n}() {{ r.setEndpoint('https://h{n}.my.salesforce.com/x'); }}\n")
            })
            .collect();
        let mut files: Files = (0..count).map(|n| named(n, "E")).collect();
        files.push(("M.cls".into(), format!("public class M {{\n{methods}}}")));
        files
    });
}

fn chains(count: usize) -> Files {
    (0..count)
        .flat_map(|n| {
            [
                external(n, &key(n)),
                named(n, &format!("E{n}")),
                set(n, &grant(&format!("E{n}-P"))),
                app(n),
                class(n, &format!("N{n}")),
            ]
        })
        .collect()
}

/// Callouts, each covered by an allow on the line above.
fn allowed(count: usize) -> Files {
    let methods: String = (0..count)
        .map(|n| {
            format!(
                "// sfcred: allow(named-credential-not-found) reason=\"known\"\nvoid m{n}() {{ r.setEndpoint('callout:Lost{n}x/x'); }}\n"
            )
        })
        .collect();
    let class = ("K.cls".to_owned(), format!("public class K {{\n{methods}}}\n"));
    vec![external(0, "x"), named(0, "E0"), class]
}

#[test]
fn formats() {
    for &format in Format::all() {
        for (what, project) in [("chains", chains as fn(usize) -> Files), ("allowed", allowed)] {
            let what = format!("{format:?} of {what}");
            command_grows_with_the_input(&what, project, |report| {
                report::write(report, &context(format), &mut Vec::new()).unwrap();
                report::write_statistics(report, &context(format), &mut Vec::new()).unwrap();
            });
        }
    }
}

#[test]
fn drafts() {
    command_grows_with_the_input("init", chains, |report| {
        drop(init::draft(report, Path::new("/project")));
    });
}

#[test]
fn migrations() {
    let legacy = |number: usize| {
        let inside = format!(
            "<endpoint>https://l{number}.example.com</endpoint><label>L</label><principalType>Anonymous</principalType><protocol>NoAuthentication</protocol>"
        );
        (format!("n/L{number}.namedCredential-meta.xml"), xml("NamedCredential", &inside))
    };
    let each = |count: usize| -> Files {
        (0..count).flat_map(|n| [legacy(n), class(n, &format!("L{n}"))]).collect()
    };
    let one =
        |count: usize| -> Files { (0..count).map(|n| class(n, "L0")).chain([legacy(0)]).collect() };
    // One class with all keys, and one app with many elements.
    let keys = |count: usize| -> Files {
        let all: String = (0..count).map(|n| format!("String k{n} = '{}';\n", key(n))).collect();
        let class =
            format!("public class K {{ void m() {{ r.setEndpoint('callout:N0'); }}\n{all}}}");
        chains(count).into_iter().chain([("K.cls".into(), class)]).collect()
    };
    let elements = |count: usize| -> Files {
        let many: String = (0..count)
            .map(|n| format!("<permissionSetName>S{n}</permissionSetName><x{n}>1</x{n}>"))
            .collect();
        let (name, text) = app(0);
        let text = text.replace("</oauthConfig>", &format!("</oauthConfig>{many}"));
        (0..count).map(|n| set(n, "")).chain([(name, text)]).collect()
    };
    let projects: [(&str, &dyn Fn(usize) -> Files); 4] =
        [("each", &each), ("one", &one), ("keys", &keys), ("elements", &elements)];
    for (what, project) in projects {
        command_grows_with_the_input(&format!("migrate {what}"), project, |report| {
            let (workspace, sources) = (&report.workspace, &report.sources);
            let credentials = migrate::legacy(workspace, None);
            let request = migrate::Request { switch: true, ..migrate::Request::default() };
            let plans = migrate::plan(workspace, sources, &credentials, &request);
            let names: Vec<String> =
                workspace.apps().map(|(_, app)| app.component.name.clone()).collect();
            let (apps, _) = migrate::select_apps(workspace, &names, None);
            let of_apps = migrate::plan_apps(workspace, sources, &apps);
            assert_eq!(plans.len() + of_apps.len(), credentials.len() + names.len());
        });
    }
}

#[test]
fn diagnoses() {
    command_grows_with_the_input("diagnose", chains, |report| {
        let mut log: &[u8] = b"invalid_grant: user hasn't approved this consumer\n";
        let reading = diagnose::read(&mut log).unwrap();
        drop(Diagnosis::new("a log".to_owned(), reading, None, Some((report, &options()))));
    });
}

#[test]
fn fixes() {
    let of_one_file = |count: usize| {
        let grants: String = (0..count).map(|n| grant(&format!("E0 - P{n}"))).collect();
        vec![external(0, "x"), named(0, "E0"), set(0, &grants)]
    };
    for (what, project) in
        [("chains", &chains as &dyn Fn(usize) -> Files), ("one file", &of_one_file)]
    {
        let fix = |count| {
            let files = project(count);
            steps(move || {
                let file_set = discover::from_memory(in_memory(files), &options()).unwrap();
                let request = FixRequest {
                    include_unsafe: true,
                    wanted: &|_| true,
                    write_obstacle: &|_| None,
                };
                drop(autofix(file_set, options(), &request));
            })
        };
        compare(&format!("fixes of {what}"), fix(60), fix(240));
    }
}

#[test]
fn zips() {
    let lint = |count| {
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for (name, text) in chains(count) {
            zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        }
        let zip = zip.finish().unwrap().into_inner();
        steps(move || {
            let files = [(PathBuf::from("package.zip"), zip)];
            drop(lint_in_memory(files, &options()).unwrap());
        })
    };
    compare("zip", lint(60), lint(240));
}

#[test]
fn permission_sets_without_a_user() {
    grows_with_the_input("unassigned", |count| {
        let sets: String =
            (0..count).map(|n| format!("      S{n}:\n        assigned_to: []\n")).collect();
        let description = format!(
            "orgs:\n  hub:\n    my_domain: hub.my.salesforce.com\n    metadata: .\n    permission_sets:\n{sets}"
        );
        let mut files: Files = (0..count).map(|n| set(n, &grant("E0-P"))).collect();
        files.extend([external(0, "x"), named(0, "E0"), ("sfcred.yaml".to_owned(), description)]);
        files
    });
}

/// Users who run callouts, each with a permission set of its own, or all with one group of all permission sets.
#[test]
fn users_and_permission_sets() {
    for grouped in [false, true] {
        grows_with_the_input(&format!("users, grouped: {grouped}"), |count| {
            let names: Vec<String> = (0..count).map(|n| format!("u{n}@example.com")).collect();
            let has = |n: usize| if grouped { "G".to_owned() } else { format!("S{n}") };
            let users: String = (0..count)
                .map(|n| format!("      {}:\n        permission_sets: [{}]\n", names[n], has(n)))
                .collect();
            let description = format!(
                "orgs:\n  hub:\n    my_domain: hub.my.salesforce.com\n    metadata: .\n    callouts_run_as: [{}]\n    users:\n{users}",
                names.join(", ")
            );
            let mut files: Files = (0..count)
                .flat_map(|n| {
                    [
                        set(n, &grant(&format!("E{n}-P"))),
                        external(n, "x"),
                        named(n, &format!("E{n}")),
                    ]
                })
                .collect();
            let members: String =
                (0..count).map(|n| format!("<permissionSets>S{n}</permissionSets>")).collect();
            let group = xml("PermissionSetGroup", &format!("<label>G</label>{members}"));
            files.push(("G.permissionsetgroup-meta.xml".to_owned(), group));
            files.push(("sfcred.yaml".to_owned(), description));
            files
        });
    }
}

/// References to names that are like known ones.
#[test]
fn misspelled_names() {
    let profile = |n: usize| {
        let inside = "<custom>true</custom>";
        (format!("f/Integration {n}.profile-meta.xml"), xml("Profile", inside))
    };
    grows_with_the_input("misspelled", |count| {
        (0..count)
            .flat_map(|n| {
                let (place, text) = app(n);
                let approved = format!("</oauthConfig><permissionsetName>Sx{n}</permissionsetName><profileName>Integratoin {n}</profileName>");
                [
                    external(n, "x"),
                    named(n, &format!("Ex{n}")),
                    set(n, &grant(&format!("Ey{n}-P"))),
                    (place, text.replace("</oauthConfig>", &approved)),
                    class(n, &format!("Nx{n}")),
                    profile(n),
                ]
            })
            .collect()
    });
}

#[test]
fn traces() {
    let misspelled = |count: usize| {
        let grants: String = (0..count).map(|n| grant(&format!("Ex{n}-Q"))).collect();
        let mut files = chains(count);
        files.push(set(count, &grants));
        files
    };
    let malformed = |count: usize| {
        let malformed = |n: usize| set(count + n, &grant(&format!("E{n} - P")));
        chains(count).into_iter().chain((0..count).map(malformed)).collect()
    };
    for (what, project) in [
        ("chains", &chains as &dyn Fn(usize) -> Files),
        ("misspelled grants", &misspelled),
        ("malformed grants", &malformed),
        ("one key", &one_key),
        ("one credential that many permission sets grant", &one_grantee),
    ] {
        command_grows_with_the_input(&format!("traces of {what}"), project, |report| {
            drop(trace(report, None).unwrap());
        });
    }
}

/// Named credentials that share an external credential, and permission sets that grant it.
fn one_grantee(count: usize) -> Files {
    let mut files = vec![external(0, "x")];
    files.extend((0..count).flat_map(|n| [named(n, "E0"), set(n, &grant("E0-P"))]));
    files
}

/// Chains whose apps all have the same consumer key.
fn one_key(count: usize) -> Files {
    let chains = chains(count).into_iter().enumerate();
    chains.map(|(file, (name, text))| (name, text.replace(&key(file / 5), &key(0)))).collect()
}

#[test]
fn what_traces_print() {
    let printed = |count, format| {
        let report = lint_in_memory(in_memory(one_key(count)), &options()).unwrap();
        let traces = trace(&report, None).unwrap();
        let mut printed = Vec::new();
        report::traces(&report, &traces, true, format, context(Format::Text).style, &mut printed)
            .unwrap();
        printed.len() as u64
    };
    for &format in TraceFormat::all() {
        compare("bytes of traces of one key", printed(60, format), printed(240, format));
    }
}

#[test]
fn projects_and_their_packages() {
    grows_with_the_input("projects", |count| {
        (0..count)
            .flat_map(|n| {
                let manifest = format!(
                    "{{\"packageDirectories\": [{{\"path\": \"e\", \"package\": \"P{n}\"}}]}}"
                );
                let inside = |(name, text): (String, String)| (format!("x{n}/{name}"), text);
                [
                    (format!("x{n}/sfdx-project.json"), manifest),
                    inside(external(n, "x")),
                    inside(named(n, &format!("E{n}"))),
                ]
            })
            .collect()
    });
}

#[test]
fn same_keys() {
    grows_with_the_input("same keys", |count| {
        (0..count)
            .flat_map(|n| {
                let (name, text) = app(n);
                [(name, text.replace(&key(n), &key(0))), external(n, &key(0))]
            })
            .collect()
    });
}
