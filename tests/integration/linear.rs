//! Work grows with the input, not faster: each project is linted at one size and at four times that size.
//!
//! Work is counted in accesses to values and components of the model ([`sfcred::internals::source::work`]), on one thread. The
//! count is the same on every machine and under any load, which is why no test compares times.

use std::path::PathBuf;

use sfcred::internals::options::Options;
use sfcred::internals::source::work;
use sfcred::internals::{check, discover, link, parse};
use time::macros::date;

type Files = Vec<(String, String)>;

/// The steps that linting some files takes.
fn work_of(files: Files) -> u64 {
    let settings = Options::new(date!(2026 - 11 - 22), PathBuf::from("/project"));
    let files = files.into_iter().map(|(name, text)| (PathBuf::from(name), text.into_bytes()));
    let file_set = discover::from_memory(files, &settings).unwrap();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    pool.install(|| {
        let before = work::steps();
        let parsed = parse::parse(&file_set.sources);
        let workspace = link::link(parsed, &file_set, &settings);
        let (findings, _) = check::check(&workspace, &file_set.sources, &settings);
        drop(findings);
        work::steps() - before
    })
}

fn grows_with_the_input(what: &str, project: impl Fn(usize) -> Files) {
    let (few, many) = (work_of(project(60)), work_of(project(240)));
    assert!(few > 0, "the steps are counted with debug assertions only");
    assert!(many <= few * 5, "{what}: {few} steps, and {many} for four times the input");
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
    grows_with_the_input("chains", |count| {
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
    });
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
