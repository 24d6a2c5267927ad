//! Everything in one file that can be there any number of times.

use sfcred::internals::graph::{Focus, Graph};
use sfcred::internals::report::{self, Format, GraphFormat, TraceFormat};
use sfcred::internals::trace::trace;
use sfcred::lint_in_memory;

use super::{
    Files, app, compare, context, external, in_memory, key, named, options, parameter, principal,
    steps, xml,
};

fn class(body: &str) -> Files {
    let text = format!("public class K {{\n{body}\n}}\n");
    vec![external(0, "x"), named(0, "E0"), ("K.cls".into(), text)]
}

fn method(body: &str) -> Files {
    class(&format!("void m() {{\n{body}\n}}"))
}

fn repeated(count: usize, part: impl Fn(usize) -> String) -> String {
    (0..count).map(part).collect()
}

fn credential(parameters: String) -> Files {
    let (name, text) = external(0, "x");
    vec![
        (
            name,
            text.replace("</ExternalCredential>", &format!("{parameters}</ExternalCredential>")),
        ),
        named(0, "E0"),
    ]
}

/// A component whose parameters are all on one line.
fn one_line(parameters: &str) -> Files {
    let inside = format!(
        "<authenticationProtocol>Oauth</authenticationProtocol>{}",
        parameters.replace('\n', "")
    );
    vec![("M.externalCredential-meta.xml".into(), xml("ExternalCredential", &inside))]
}

/// What is repeated, and the project with so many of it.
type Dimension = (&'static str, fn(usize) -> Files);

const DIMENSIONS: &[Dimension] = &[
    ("allow comments", |count| {
        class(&repeated(count, |n| {
            format!("// sfcred: allow(claim-missing) reason=\"x\"\nvoid m{n}() {{}}\n")
        }))
    }),
    ("allow comments that never end", |count| {
        class(&repeated(count, |_| "/* sfcred: allow(claim-missing) reason=\"x\"\n".to_owned()))
    }),
    ("pieces of a string", |count| {
        method(&format!("r.setEndpoint('callout:N0/x'{});", " + 'a'".repeat(count)))
    }),
    ("assignments in one expression", |count| {
        method(&format!("{} 'callout:N0/x';", repeated(count, |n| format!("a{n} = "))))
    }),
    ("variables of variables", |count| {
        let sum = |n: usize| vec![format!("a{}", n + 1); count].join(" + ");
        let body = repeated(6, |n| format!("String a{n} = {};\n", sum(n)));
        method(&format!("{body} r.setEndpoint('callout:N0/' + a0);"))
    }),
    ("conditions in one string", |count| {
        let chain = repeated(count, |n| format!("c{n} ? 'callout:N0/{n}' : "));
        method(&format!("String s = {chain}'callout:N0/x'; r.setEndpoint(s);"))
    }),
    ("conditions in brackets", |count| {
        let chain = repeated(count, |n| format!("(c{n} ? 'callout:N0/{n}' : 'x') + "));
        method(&format!("String s = {chain}'callout:N0/x'; r.setEndpoint(s);"))
    }),
    ("literals of one expression", |count| {
        method(&format!("f({}1);", repeated(count * 20, |_| "'callout:N0/x' * ".to_owned())))
    }),
    ("requests with a long variable", |count| {
        let count = count * 20;
        let requests = "r.setEndpoint(s + s);\n".repeat(count);
        method(&format!("String s = {}x;\n{requests}", "x * ".repeat(count)))
    }),
    ("strings that are doubled", |count| {
        let doubled = repeated(count, |n| format!("String s{} = s{n} + s{n};\n", n + 1));
        let sent = repeated(count, |n| format!("r.setEndpoint(s{n});\n"));
        method(&format!("String s0 = 'callout:N0/x';\n{doubled}{sent}"))
    }),
    ("times through a variable", |count| {
        let sum = "System.now().getTime() + ".repeat(count);
        let puts = "jwt.put('exp', e);\n".repeat(count);
        method(&format!("Long e = {sum}1;\n{puts}"))
    }),
    ("times of times", |count| {
        let sum = |n: usize| vec![format!("a{}", n + 1); count / 10].join(" + ");
        let sums = repeated(5, |n| format!("Long a{n} = {};\n", sum(n)));
        method(&format!("{sums}Long a5 = System.now().getTime();\njwt.put('exp', a0);"))
    }),
    ("requests in a method", |count| {
        method(&repeated(count, |n| {
            format!(
                "HttpRequest r{n} = new HttpRequest(); r{n}.setEndpoint('callout:N0/x'); r{n}.setHeader('Authorization', t);\n"
            )
        }))
    }),
    ("headers of a request", |count| {
        let headers = repeated(count, |_| "r.setHeader('Authorization', t);\n".to_owned());
        method(&format!("r.setEndpoint('callout:N0/x');\n{headers}"))
    }),
    ("tests", |count| {
        class(&repeated(count, |n| {
            format!("@IsTest static void t{n}() {{ String s = 'callout:N0/x'; }}\n")
        }))
    }),
    ("constants", |count| {
        let constants = repeated(count, |n| format!("static final String A{} = A{n};\n", n + 1));
        class(&format!("{constants}void m() {{ r.setEndpoint('callout:' + A{count}); }}"))
    }),
    ("parts of a formula", |count| {
        let formula = ["$Credential.E0.P"].repeat(count).join(" &amp; ");
        credential(parameter("AuthHeader", "H", &format!("{{!{formula}}}")))
    }),
    ("headers of a credential", |count| {
        credential(repeated(count, |n| parameter("AuthHeader", &format!("H{n}"), "x")))
    }),
    ("claims", |count| {
        credential(repeated(count, |n| parameter("JwtBodyClaim", &format!("c{}", n % 3), "x")))
    }),
    ("unknown elements on one line", |count| {
        let value = "x".repeat(200);
        one_line(&repeated(count, |n| format!("<unknown{n}>{value}</unknown{n}>")))
    }),
    ("principals with the same sequence number on one line", |count| {
        one_line(&repeated(count, |n| {
            principal(&format!("P{n}"))
                .replace("</external", "<sequenceNumber>1</sequenceNumber></external")
        }))
    }),
];

/// A credential that many callouts share, with a list of which each of their traces could repeat all entries.
fn shared(count: usize, parameters: String) -> Files {
    let mut files = credential(parameters);
    files.extend((1..count).map(|n| named(n, "E0")));
    files
}

fn formula(count: usize, part: impl Fn(usize) -> String) -> String {
    let parts: Vec<String> = (0..count).map(part).collect();
    format!("{{!{}}}", parts.join(" &amp; "))
}

/// Formulas in which every part is a finding.
const FORMULAS: &[Dimension] = &[
    ("references of a formula to other credentials", |count| {
        let formula = formula(count, |n| format!("$Credential.Other{n}.P"));
        credential(parameter("AuthHeader", "H", &formula))
    }),
    ("shared references to other credentials", |count| {
        let formula = formula(count, |n| format!("$Credential.Other{n}.P"));
        shared(count, parameter("AuthHeader", "H", &formula))
    }),
    ("shared headers with references to other credentials", |count| {
        let headers = repeated(count, |n| {
            parameter("AuthHeader", &format!("H{n}"), &format!("{{!$Credential.Other{n}.P}}"))
        });
        shared(count, headers)
    }),
];

const SHARED: &[Dimension] = &[
    ("shared claims", |count| {
        shared(count, repeated(count, |n| parameter("JwtBodyClaim", &format!("c{n}"), "x")))
    }),
    ("shared claims of one name", |count| {
        shared(count, repeated(count, |_| parameter("JwtBodyClaim", "sub", "x@acme.example")))
    }),
    ("shared header claims", |count| {
        shared(count, repeated(count, |n| parameter("JwtHeaderClaim", &format!("c{n}"), "x")))
    }),
    ("shared audiences", |count| {
        let urls: Vec<String> =
            (0..count).map(|n| format!("\"https://h{n}.my.salesforce.com\"")).collect();
        shared(count, parameter("JwtBodyClaim", "aud", &format!("[{}]", urls.join(","))))
    }),
    ("shared parameters of the request", |count| {
        shared(count, repeated(count, |n| parameter("AuthParameter", &format!("p{n}"), "x")))
    }),
    ("shared scopes", |count| {
        let words: Vec<String> = (0..count).map(|n| format!("word{n}")).collect();
        shared(count, parameter("AuthParameter", "scope", &words.join(" ")))
    }),
    ("shared principals", |count| shared(count, repeated(count, |n| principal(&format!("Q{n}"))))),
    ("a shared long value", |count| {
        shared(count, parameter("JwtBodyClaim", "sub", &"word ".repeat(count * 20)))
    }),
    ("scopes of a shared app", |count| {
        let scopes = repeated(count, |n| format!("<scopes>Scope{n}</scopes>"));
        let (name, text) = app(0);
        let mut files: Files = (0..count).map(|n| external(n, &key(0))).collect();
        files.push((name, text.replace("<scopes>Api</scopes>", &scopes)));
        files
    }),
    ("permission sets of a shared app", |count| {
        let sets = repeated(count, |n| format!("<permissionSetName>Set{n}</permissionSetName>"));
        let (name, text) = app(0);
        let mut files: Files = (0..count).map(|n| external(n, &key(0))).collect();
        files.push((name, text.replace("</ConnectedApp>", &format!("{sets}</ConnectedApp>"))));
        files
    }),
    ("external services of a named credential", |count| {
        let service = |n| {
            let inside = "<label>x</label><namedCredential>N0</namedCredential>";
            (
                format!("s/S{n}.externalServiceRegistration-meta.xml"),
                xml("ExternalServiceRegistration", inside),
            )
        };
        let files = (0..count).map(service);
        files.chain([external(0, "x"), named(0, "E0")]).collect()
    }),
];

#[test]
fn what_is_printed_grows_with_the_input() {
    for (what, project) in FORMULAS.iter().chain(SHARED).chain(DIMENSIONS) {
        let printed = |count: usize| {
            let report = lint_in_memory(in_memory(project(count)), &options()).unwrap();
            let traces = trace(&report, None).unwrap();
            let mut printed = Vec::new();
            let mut sizes = Vec::new();
            let mut add = |name: String, printed: &mut Vec<u8>| {
                sizes.push((name, printed.len() as u64));
                printed.clear();
            };
            for &format in Format::all() {
                report::write(&report, &context(format), &mut printed).unwrap();
                add(format!("{format:?}"), &mut printed);
            }
            for &format in TraceFormat::all() {
                let style = context(Format::Text).style;
                report::traces(&report, &traces, true, format, style, &mut printed).unwrap();
                add(format!("trace as {format:?}"), &mut printed);
            }
            let graph = Graph::new(&report);
            for &format in GraphFormat::all() {
                let style = context(Format::Text).style;
                report::graph(&graph, &Focus::Everything, &report, format, style, &mut printed)
                    .unwrap();
                add(format!("graph as {format:?}"), &mut printed);
            }
            sizes
        };
        for ((output, few), (_, many)) in printed(50).into_iter().zip(printed(200)) {
            compare(&format!("{output} of {what}"), few.max(1), many);
        }
    }
}

#[test]
fn traces_of_shared_formulas_take_linear_time() {
    for (what, project) in FORMULAS {
        let work = |count: usize| {
            let files = project(count);
            steps(move || {
                let report = lint_in_memory(in_memory(files), &options()).unwrap();
                drop(trace(&report, None).unwrap());
            })
        };
        compare(what, work(60), work(240));
    }
}

#[test]
fn whatever_is_repeated_in_a_file_takes_linear_time() {
    for (what, project) in DIMENSIONS {
        let work = |count: usize| {
            let files = project(count);
            steps(move || {
                let report = lint_in_memory(in_memory(files), &options()).unwrap();
                report::write(&report, &context(Format::Text), &mut Vec::new()).unwrap();
            })
        };
        compare(what, work(100), work(400));
    }
}
