//! A project in which every name and value is a command or markup in some format.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use quick_xml::Reader;
use quick_xml::events::Event;
use regex::Regex;
use sfcred::internals::pipeline::Report;
use sfcred::internals::report::Format;

use super::{STYLE, own_project, written};
use crate::common::{Files, all_linted, lint_files};
use crate::pictures::is_self_contained;

/// The value as written in XML. It contains a secret.
const ATTACK: &str = "::error title=x::pwned&#10;::error::pwned&#13;&#10;::stop-commands::x&#10;##vso[task.setvariable variable=x]pwned ##[error]pwned ##teamcity[x] ]]&gt;&lt;script&gt;pwned&lt;/script&gt; | `code` ``` @everyone #1 [x](https://evil.example) &lt;!-- --&gt; \u{202e}\u{200b}\u{9b}31m =1+1,\";";
const SECRET: &str = "00D5g00000ABCde!AQEAQSECRETSECRETSECRETSECRET";

/// The places in an external credential that can contain such a value, each with the rule that reports it.
fn hostile() -> Report {
    let mut files = own_project();
    files.retain(|path, _| path.starts_with("hub") || path.starts_with("spoke"));
    let names = [
        "=1+1,`x`",
        "::error::pwned",
        "##vso[task.complete]pwned",
        "<script>@everyone",
        "@everyone | [x](https:evil) `",
    ];
    let values = [
        ("<parameterValue>3MVG9", format!("<parameterValue>{ATTACK}")),
        ("<parameterValue>integration@", format!("<parameterValue>{ATTACK}")),
        ("<certificate>Hub_Org", format!("<certificate>{ATTACK}")),
        ("&quot;https://test.", format!("&quot;{ATTACK}https://test.")),
        ("<parameterValue>JwtBearer", format!("<parameterValue>{ATTACK}")),
        ("<parameterValue>RS256", format!("<parameterValue>{ATTACK}")),
        ("<parameterValue>https://billing", format!("<parameterValue>{ATTACK}https://billing")),
        ("<parameterValue>https://billing", format!("<parameterValue>{SECRET}https://billing")),
    ];
    let main = Path::new("hub/force-app/main/default");
    let text = |files: &Files, path: PathBuf| String::from_utf8(files[&path].clone()).unwrap();
    let credentials = main.join("externalCredentials");
    let credential = text(&files, credentials.join("Spoke_Org.externalCredential-meta.xml"));
    for (index, (sound, attack)) in values.iter().enumerate() {
        let name = names[index % names.len()].replace('/', "");
        assert!(credential.contains(sound), "{sound}");
        let broken = credential.replacen(sound, attack, 1);
        let path = credentials.join(format!("{name}{index}.externalCredential-meta.xml"));
        files.insert(path, broken.into_bytes());
    }
    let sets = main.join("permissionsets");
    let set = text(&files, sets.join("Spoke_Callout.permissionset-meta.xml"));
    files.insert(
        sets.join("::error::pwned.permissionset-meta.xml"),
        set.replace("Spoke_Org-", ATTACK).into_bytes(),
    );
    files.insert(
        "hub/::notice::pwned.externalCredential-meta.xml".into(),
        "<ExternalCredential>".into(),
    );
    let report = lint_files(files).unwrap();
    let quoted = report.findings.iter().filter(|finding| finding.message.contains("pwned")).count();
    assert!(
        quoted >= 5,
        "only {quoted} messages quote the attack: {:#?}",
        report.findings.iter().map(|finding| &finding.message).collect::<Vec<_>>()
    );
    report
}

#[test]
fn no_format_obeys_what_a_file_holds() {
    let report = hostile();
    for &format in Format::all() {
        let text = written(&report, format, STYLE);
        assert!(text.contains("pwned"), "{format:?} shows nothing of it");
        assert!(!text.contains("SECRETSECRET"), "{format:?} shows a secret");
        obeys_nothing(format, &text);
    }
}

#[test]
fn no_format_obeys_what_a_fixture_holds() {
    for (_, report) in all_linted().step_by(7) {
        for &format in Format::all() {
            obeys_nothing(format, &written(report, format, STYLE));
        }
    }
}

fn obeys_nothing(format: Format, text: &str) {
    let hidden = |character: char| {
        (character.is_control()
            && character != '\n'
            && (character != '\r' || format != Format::Csv))
            || ('\u{202a}'..='\u{202e}').contains(&character)
    };
    assert!(
        !text.contains(hidden),
        "{format:?} prints {:?}",
        text.chars().find(|character| hidden(*character))
    );
    for line in text.lines() {
        let commands = ["##vso[", "##[", "##teamcity["]
            .iter()
            .map(|command| line.matches(command).count())
            .sum::<usize>();
        let allowed =
            usize::from(format == Format::Azure && line.starts_with("##vso[task.logissue type="));
        assert_eq!(commands, allowed, "{format:?}: {line}");
        if line.trim_start().starts_with("::") {
            assert!(format == Format::Github, "{format:?}: {line}");
            assert!(
                [
                    "::error file=",
                    "::warning file=",
                    "::notice ",
                    "::group::sfcred",
                    "::endgroup::"
                ]
                .iter()
                .any(|known| line.starts_with(known)),
                "{line}"
            );
        }
    }
    match format {
        Format::Sarif => sarif_has_no_links(text),
        Format::Junit => is_xml_of(
            text,
            &[
                "testsuites",
                "testsuite",
                "properties",
                "property",
                "testcase",
                "failure",
                "system-out",
                "system-err",
            ],
        ),
        Format::Checkstyle => is_xml_of(text, &["checkstyle", "file", "error"]),
        Format::Json | Format::Gitlab => {
            drop(serde_json::from_str::<serde_json::Value>(text).unwrap())
        }
        Format::Markdown => is_markdown_of_ours(text),
        Format::Csv => is_a_table(text),
        Format::Html => is_self_contained(text),
        Format::Text | Format::Compact | Format::Jsonl | Format::Github | Format::Azure => {}
    }
}

fn sarif_has_no_links(text: &str) {
    let value: serde_json::Value = serde_json::from_str(text).unwrap();
    for result in value["runs"][0]["results"].as_array().unwrap() {
        assert!(!result["message"]["text"].as_str().unwrap().contains("]("), "{result}");
        assert!(!result["locations"].as_array().unwrap().is_empty());
    }
}

fn is_xml_of(text: &str, elements: &[&str]) {
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = true;
    loop {
        match reader.read_event().unwrap() {
            Event::Eof => break,
            Event::Start(element) | Event::Empty(element) => {
                let name = element.name();
                let name = String::from_utf8_lossy(name.as_ref().as_ref()).into_owned();
                assert!(elements.contains(&name.as_str()), "<{name}>");
                element.attributes().for_each(|attribute| drop(attribute.unwrap()));
            }
            Event::Comment(_) | Event::CData(_) | Event::PI(_) | Event::DocType(_) => {
                panic!("nothing of that kind is ours")
            }
            Event::End(_) | Event::Text(_) | Event::Decl(_) | Event::GeneralRef(_) => {}
        }
    }
}

/// Code spans with one to five backticks.
static CODE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"`{5} .*? `{5}|`{5}.*?`{5}|`{4}.*?`{4}|`{3}.*?`{3}|`{2}.*?`{2}|`[^`]*`").unwrap()
});
/// Markup that sfcred itself writes outside of code.
static OURS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"<!-- sfcred -->|</?details>|</?summary>|<br>|\[\]\(https://github\.com/sfcred/sfcred/blob/main/rules/[a-z0-9-]+\.md\)").unwrap()
});

fn is_markdown_of_ours(text: &str) {
    assert!(text.chars().count() <= 65_536);
    let fences = |line: &&str| !matches!(*line, "```mermaid" | "```");
    for line in text.lines().filter(fences) {
        let line = CODE.replace_all(&line.replace("\\`", "").replace("\\]", ""), "").into_owned();
        let line = OURS.replace_all(&line, "").into_owned();
        for markup in ["<", "](", "@everyone", "://", "`"] {
            assert!(!line.contains(markup), "`{markup}` in {line}");
        }
    }
}

/// Every row has as many cells as the header, and no cell is a formula.
fn is_a_table(text: &str) {
    let rows: Vec<Vec<String>> = text.split_terminator("\r\n").map(cells).collect();
    assert!(rows.iter().all(|row| row.len() == rows[0].len()), "{text}");
    for cell in rows.iter().flatten() {
        assert!(!cell.trim_start().starts_with(['=', '+', '-', '@']), "{cell}");
    }
}

fn cells(row: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    for character in row.chars() {
        match character {
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            other => cells.last_mut().unwrap().push(other),
        }
    }
    cells
}
