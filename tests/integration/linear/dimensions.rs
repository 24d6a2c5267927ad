//! Everything in one file that can be there any number of times.

use sfcred::internals::report::{self, Format};
use sfcred::lint_in_memory;

use super::{
    Files, compare, context, external, in_memory, named, options, parameter, principal, steps, xml,
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
