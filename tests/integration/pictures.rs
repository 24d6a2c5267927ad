//! Pictures of every case: well-formed, without anything that overlaps or overflows, and with text that is never markup.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use regex::Regex;
use serde_json::Value;
use sfcred::internals::cli::Status;
use sfcred::internals::graph::{Focus, Graph, NodeKind};
use sfcred::internals::model::Named;
use sfcred::internals::pipeline::Report;
use sfcred::internals::report::{self, Context, Format, GraphFormat, TraceFormat};
use sfcred::internals::source::Span;
use sfcred::internals::trace::trace;
use sfcred::lint_in_memory;
use sha2::{Digest, Sha256};
use unicode_width::UnicodeWidthStr;

use crate::common::cases::case;
use crate::common::{Files, STYLE, all_linted, lint_files, on_disk, options, run_command};

/// A rectangle: left, top, right, bottom.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Area(f64, f64, f64, f64);

impl Area {
    fn overlaps(self, other: Area) -> bool {
        self.0 < other.2 && other.0 < self.2 && self.1 < other.3 && other.1 < self.3
    }

    fn holds(self, other: Area) -> bool {
        self.0 <= other.0 && self.1 <= other.1 && other.2 <= self.2 && other.3 <= self.3
    }
}

/// What a picture shows, measured.
#[derive(Debug, Default)]
struct Picture {
    width: f64,
    height: f64,
    panels: Vec<Area>,
    boxes: Vec<Area>,
    texts: Vec<(String, Area)>,
    /// The straight lines and marks of arrows.
    lines: Vec<Area>,
    titles: Vec<String>,
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = element.attributes().map(Result::unwrap);
    let mut found = found.filter(|known| known.key.as_ref() == name);
    found.next().map(|known| known.value.into_owned())
}

fn number(element: &BytesStart<'_>, name: &str) -> f64 {
    attribute(element, name).map_or(0.0, |value| value.parse().unwrap())
}

/// Reads a picture, and fails if it is not well-formed or contains an element that pictures do not have.
fn read(svg: &str) -> Picture {
    let mut picture = Picture::default();
    let mut reader = Reader::from_str(svg);
    reader.config_mut().check_end_names = true;
    // Class, left, baseline and anchor of the text that is read.
    let mut open: Option<(String, f64, f64, bool, String)> = None;
    let mut title: Option<String> = None;
    loop {
        match reader.read_event().unwrap() {
            Event::Eof => break,
            event @ (Event::Start(_) | Event::Empty(_)) => {
                let (Event::Start(element) | Event::Empty(element)) = &event else { continue };
                let class = attribute(element, "class").unwrap_or_default();
                let name = element.name().as_ref().to_owned();
                match name.as_str() {
                    "svg" => {
                        picture.width = number(element, "width");
                        picture.height = number(element, "height");
                    }
                    "rect" => {
                        let (x, y) = (number(element, "x"), number(element, "y"));
                        let (width, height) = (number(element, "width"), number(element, "height"));
                        let area = Area(x, y, x + width, y + height);
                        match class.as_str() {
                            "ground" => {}
                            "panel" => picture.panels.push(area),
                            _ => picture.boxes.push(area),
                        }
                    }
                    "text" => {
                        let middle = attribute(element, "text-anchor").is_some();
                        let at = (number(element, "x"), number(element, "y"));
                        open = Some((class, at.0, at.1, middle, String::new()));
                    }
                    "path" => picture.lines.extend(lines(&attribute(element, "d").unwrap())),
                    "title" => title = Some(String::new()),
                    "g" | "style" => {}
                    other => panic!("<{other}> is not an element of pictures"),
                }
            }
            Event::Text(text) => {
                let text = text.as_ref().to_owned();
                if let Some(title) = &mut title {
                    title.push_str(&text);
                } else if let Some(open) = &mut open {
                    open.4.push_str(&text);
                }
            }
            Event::GeneralRef(reference) => {
                let character = match reference.as_ref() {
                    "amp" => "&",
                    "lt" => "<",
                    "gt" => ">",
                    "quot" => "\"",
                    "apos" => "'",
                    "#10" => "\n",
                    "#35" => "#",
                    other => panic!("&{other};"),
                };
                if let Some(title) = &mut title {
                    title.push_str(character);
                } else if let Some(open) = &mut open {
                    open.4.push_str(character);
                }
            }
            Event::End(element) => match element.name().as_ref() {
                "title" => picture.titles.extend(title.take()),
                "text" => {
                    let (class, x, y, middle, text) = open.take().unwrap();
                    let size = match class.split(' ').next().unwrap() {
                        "small" => 11.0,
                        "plain" => 12.0,
                        "strong" => 13.0,
                        "head" => 15.0,
                        other => panic!("text of class {other}"),
                    };
                    // A measure of its own, which is less exact than that of the program.
                    let width = size * 0.55 * text.width() as f64;
                    let left = if middle { x - width / 2.0 } else { x };
                    let area = Area(left, y - size * 0.8, left + width, y + size * 0.25);
                    picture.texts.push((text, area));
                }
                _ => {}
            },
            Event::Decl(_) => {}
            other => panic!("{other:?} is not a part of pictures"),
        }
    }
    picture
}

/// The areas of the straight lines of a path; of other segments, only their ends count.
fn lines(path: &str) -> Vec<Area> {
    let mut areas = Vec::new();
    let mut words: Vec<String> = Vec::new();
    for character in path.chars() {
        if character.is_ascii_alphabetic() {
            words.push(character.to_string());
            words.push(String::new());
        } else if character == ' ' || character == ',' {
            words.push(String::new());
        } else {
            words.last_mut().unwrap().push(character);
        }
    }
    words.retain(|word| !word.is_empty());
    let (mut x, mut y) = (0.0, 0.0);
    let mut command = String::new();
    let mut at = 0;
    while at < words.len() {
        if words[at].chars().all(|character| character.is_ascii_alphabetic()) {
            command.clone_from(&words[at]);
            at += 1;
            continue;
        }
        let number = |offset: usize| words[at + offset].parse::<f64>().unwrap();
        let (next, used) = match command.as_str() {
            "M" | "L" => ((number(0), number(1)), 2),
            "l" => ((x + number(0), y + number(1)), 2),
            "H" => ((number(0), y), 1),
            "h" => ((x + number(0), y), 1),
            "V" => ((x, number(0)), 1),
            "v" => ((x, y + number(0)), 1),
            "C" => ((number(4), number(5)), 6),
            "c" => ((x + number(4), y + number(5)), 6),
            other => panic!("{other} in {path}"),
        };
        if command != "M" && !matches!(command.as_str(), "C") {
            areas.push(Area(x.min(next.0), y.min(next.1), x.max(next.0), y.max(next.1)));
        }
        (x, y) = next;
        at += used;
    }
    areas
}

/// What overlaps or overflows in a picture.
fn faults(picture: &Picture) -> Vec<String> {
    let mut faults = Vec::new();
    let whole = Area(0.0, 0.0, picture.width, picture.height);
    let areas = picture.boxes.iter().chain(&picture.panels).chain(&picture.lines);
    faults
        .extend(areas.filter(|area| !whole.holds(**area)).map(|area| format!("outside: {area:?}")));
    for (index, one) in picture.boxes.iter().enumerate() {
        if picture.boxes[..index].iter().any(|other| one.overlaps(*other)) {
            faults.push(format!("boxes overlap at {one:?}"));
        }
        if picture.lines.iter().any(|line| one.overlaps(*line)) {
            faults.push(format!("a line crosses the box at {one:?}"));
        }
    }
    for (index, (text, area)) in picture.texts.iter().enumerate() {
        if !whole.holds(*area) {
            faults.push(format!("`{text}` leaves the picture"));
        }
        let others = picture.texts[..index].iter();
        for (other, _) in others.filter(|(_, other)| area.overlaps(*other)) {
            faults.push(format!("`{text}` and `{other}` overlap"));
        }
        let frames = picture.boxes.iter().chain(&picture.panels);
        for frame in frames.filter(|frame| area.overlaps(**frame) && !frame.holds(*area)) {
            faults.push(format!("`{text}` leaves its frame {frame:?}"));
        }
        if picture.lines.iter().any(|line| area.overlaps(*line)) {
            faults.push(format!("a line crosses `{text}`"));
        }
    }
    faults
}

fn traced(report: &Report, format: TraceFormat) -> Option<String> {
    let traces = trace(report, None).ok()?;
    let mut bytes = Vec::new();
    report::traces(report, &traces, false, format, STYLE, &mut bytes).unwrap();
    Some(String::from_utf8(bytes).unwrap())
}

#[test]
fn no_trace_overlaps_or_overflows() {
    let mut seen = 0;
    let mut found = Vec::new();
    for (case, report) in all_linted() {
        let Some(svg) = traced(report, TraceFormat::Svg) else { continue };
        let picture = read(&svg);
        assert!(picture.boxes.len() >= 10, "{}", case.name());
        found.extend(faults(&picture).into_iter().map(|fault| format!("{}: {fault}", case.name())));
        seen += 1;
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert!(seen > 500, "only {seen} pictures");
}

#[test]
fn faults_of_pictures_are_noticed() {
    let svg =
        traced(&lint_files(case("setups/broken-certificate").files()).unwrap(), TraceFormat::Svg)
            .unwrap();
    assert_eq!(faults(&read(&svg)), Vec::<String>::new());
    let text = "<text class=\"strong\" x=\"32\" y=\"138\">SpokeLimits</text>";
    assert!(svg.contains(text), "{svg}");
    for (broken, expected) in [
        (text.replace("SpokeLimits", &"x".repeat(60)), "leaves its frame"),
        (text.replace("138", "122"), "overlap"),
        (
            format!(
                "{text}<text class=\"plain\" x=\"450\" y=\"134\">x</text><rect class=\"box\" x=\"10\" y=\"100\" width=\"99\" height=\"9\"/>"
            ),
            "boxes overlap",
        ),
        (
            format!("{text}<text class=\"plain\" x=\"400\" y=\"130\">xxxxxx</text>"),
            "a line crosses `xxxxxx`",
        ),
        (text.replace("x=\"32\"", "x=\"980\""), "leaves the picture"),
    ] {
        let found = faults(&read(&svg.replace(text, &broken)));
        assert!(found.iter().any(|fault| fault.contains(expected)), "{expected}: {found:?}");
    }
}

/// A project whose names are markup, very long, wide, or change how text is shown.
fn hostile() -> Files {
    let names = [
        "<script>alert(1)</script>".to_owned(),
        "]]>\"'&amp;--><img src=x onerror=alert(1)>".to_owned(),
        "\u{202e}gro.live\u{200b}".to_owned(),
        "N".repeat(10_000),
        "漢字".repeat(100),
        "👩‍🚀".repeat(80),
        "##vso[task.complete]::error::x".to_owned(),
        "%%{init: {}}%% end; click n0 call alert()".to_owned(),
    ];
    let sound = case("setups/broken-certificate").files();
    let mut files = Files::new();
    for (number, name) in names.iter().enumerate() {
        for (path, bytes) in &sound {
            let escaped =
                name.replace('&', "&amp;").replace('<', "&lt;").replace(['\u{202e}'], "&#8238;");
            let text = String::from_utf8_lossy(bytes)
                .replace("Spoke_Org", &format!("A{number}{escaped}"))
                .replace("SpokePrincipal", &format!("P{number}{escaped}"))
                .replace("integration@", &format!("{escaped}@"))
                .replace("Hub Access", &escaped);
            let short: String = name.chars().filter(|other| *other != '/').take(40).collect();
            let path = path.to_string_lossy().replace("Spoke_Org", &format!("A{number}{short}"));
            files.insert(
                Path::new(&number.to_string()).join(PathBuf::from(path)),
                text.into_bytes(),
            );
        }
    }
    files
}

#[test]
fn hostile_names_stay_text() {
    let report = lint_files(hostile()).unwrap();
    let svg = traced(&report, TraceFormat::Svg).unwrap();
    let picture = read(&svg);
    assert_eq!(faults(&picture), Vec::<String>::new());
    assert!(picture.texts.iter().any(|(text, _)| text.contains("<script>")), "no name is shown");
    assert!(picture.titles.iter().any(|title| title.contains("<img")), "no full name is shown");
    let html = traced(&report, TraceFormat::Html).unwrap();
    for text in [&svg, &html] {
        for markup in ["<script", "<img", "]]>", "\u{202e}", "\u{200b}", "##vso["] {
            assert!(!text.contains(markup), "{markup}");
        }
        assert!(text.lines().all(|line| !line.trim_start().starts_with("::")));
    }
    assert!(svg.len() < 1_000_000, "{} bytes", svg.len());
}

// --- graphs ---

fn graph(report: &Report, focus: &Focus, format: GraphFormat) -> String {
    let graph = Graph::new(report).focused(focus).unwrap();
    let mut bytes = Vec::new();
    report::graph(&graph, focus, report, format, STYLE, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn everything(report: &Report, format: GraphFormat) -> String {
    graph(report, &Focus::Everything, format)
}

#[test]
fn no_graph_overlaps_or_overflows() {
    let mut found = Vec::new();
    for (case, report) in all_linted() {
        let picture = read(&everything(report, GraphFormat::Svg));
        found.extend(faults(&picture).into_iter().map(|fault| format!("{}: {fault}", case.name())));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_graph_keeps_to_its_schema_and_is_complete() {
    let schema: Value =
        serde_json::from_str(&crate::common::read("schemas/sfcred-graph-1.json")).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let mut faulty = 0;
    for (case, report) in all_linted() {
        let value: Value = serde_json::from_str(&everything(report, GraphFormat::Json)).unwrap();
        let problems: Vec<String> =
            schema.iter_errors(&value).map(|problem| problem.to_string()).collect();
        assert!(problems.is_empty(), "{}: {problems:?}", case.name());
        let list = |name: &str| value[name].as_array().unwrap().clone();
        let ids: Vec<String> =
            list("nodes").iter().map(|node| node["id"].as_str().unwrap().to_owned()).collect();
        let unique: BTreeSet<&String> = ids.iter().collect();
        assert_eq!(unique.len(), ids.len(), "{}: {ids:?}", case.name());
        for edge in list("edges") {
            for end in ["from", "to"] {
                let id = edge[end].as_str().unwrap().to_owned();
                assert!(unique.contains(&id), "{}: {id}", case.name());
            }
            faulty += usize::from(!edge["findings"].as_array().unwrap().is_empty());
        }
        let connections = report.workspace.app_uses().count();
        assert_eq!(list("connections").len(), connections, "{}", case.name());
        // A repeated run gives the same bytes.
        assert_eq!(everything(report, GraphFormat::Dot), everything(report, GraphFormat::Dot));
    }
    assert!(faulty > 300, "only {faulty} faulty edges");
}

#[test]
fn every_credential_of_the_files_is_in_the_graph() {
    for (case, report) in all_linted() {
        let graph = Graph::new(report);
        let names = |kind: NodeKind| -> BTreeSet<&Span> {
            let nodes = graph.nodes.iter().filter(|node| node.kind == kind);
            nodes.filter_map(|node| node.place.as_ref()).collect()
        };
        for org in &report.workspace.orgs {
            for (kind, all) in [
                (
                    NodeKind::NamedCredential,
                    org.named_credentials.iter().map(Named::component).collect::<Vec<_>>(),
                ),
                (
                    NodeKind::ExternalCredential,
                    org.external_credentials.iter().map(Named::component).collect(),
                ),
                (NodeKind::App, org.apps.iter().map(Named::component).collect()),
                (NodeKind::Certificate, org.certificates.iter().map(Named::component).collect()),
            ] {
                let mut names_in_org = BTreeSet::new();
                for component in all {
                    // Versions of one component are one node.
                    if names_in_org.insert(component.name.to_ascii_lowercase()) {
                        let known = names(kind);
                        assert!(
                            known.contains(&component.place),
                            "{}: {}",
                            case.name(),
                            component.name
                        );
                    }
                }
            }
        }
    }
}

/// The edges of a graph as text, one a line, without the other lines.
fn edges(report: &Report) -> String {
    let graph = Graph::new(report);
    let line = |edge: &sfcred::internals::graph::Edge| {
        let rules: Vec<&str> = edge.marks.rules.iter().map(|mark| mark.rule).collect();
        format!(
            "{} {} {} {}",
            graph.nodes[edge.from].id,
            edge.kind.name(),
            graph.nodes[edge.to].id,
            rules.join(" ")
        )
    };
    graph.edges.iter().map(|edge| line(edge).trim_end().to_owned() + "\n").collect()
}

#[test]
fn a_fault_is_marked_where_it_is() {
    for (name, line) in [
        (
            "setups/broken-certificate",
            "hub/external-credential:Spoke_Org logs in to spoke/app:Hub_Org certificate-mismatch",
        ),
        (
            "setups/broken-audience",
            "hub/external-credential:Spoke_Org logs in to host:billing--uat.sandbox.my.salesforce.com audience-environment-mismatch",
        ),
        (
            "setups/broken-grant",
            "hub/principal:Spoke_Org-SpokePrincipal belongs to hub/external-credential:Spoke_Org principal-not-granted",
        ),
        (
            "setups/broken-grant",
            "hub/named-credential:Spoke_Org authenticates with hub/external-credential:Spoke_Org",
        ),
    ] {
        let edges = edges(&lint_files(case(name).files()).unwrap());
        assert!(edges.lines().any(|known| known == line), "{name}:\n{edges}");
    }
    let sound = edges(&lint_files(case("setups/connected-app").files()).unwrap());
    assert!(
        sound.contains(
            "spoke/app-certificate:Hub_Org has the same key as hub/certificate:Hub_Org\n"
        ),
        "{sound}"
    );
    assert!(sound.lines().all(|line| !line.contains("-mismatch")), "{sound}");
}

#[test]
fn a_question_shows_a_part_of_the_graph() {
    let report = lint_files(case("setups/client-credentials").files()).unwrap();
    let text = graph(&report, &Focus::WhoCan("spoke_org".into()), GraphFormat::Text);
    for line in [
        "Who can use `spoke_org`\n",
        "  user: `batch@acme.example.uat`\n",
        "  permission set: `Spoke_Callout`\n",
        "      user `batch@acme.example.uat` has it\n",
    ] {
        assert!(text.contains(line), "{line}{text}");
    }
    let around = graph(&report, &Focus::Around("Spoke_Callout".into()), GraphFormat::Text);
    assert!(around.contains("app `Hub_Org`") && !around.contains("SpokeLimits"), "{around}");
    let report = lint_files(case("setups/broken-certificate").files()).unwrap();
    let certificates = graph(&report, &Focus::Certificates, GraphFormat::Text);
    let expected = "certificate `Hub_Org` in org `hub` (18:bc:e1:da:7d:51), valid until 2036-01-01, 3327 days left\n  external credential `Spoke_Org` signs with it  error[certificate-mismatch]\n    named credential `Spoke_Org` authenticates with it\n      Apex `SpokeLimits` calls it\n";
    assert!(certificates.contains(expected), "{certificates}");
    let unknown = Graph::new(&report).focused(&Focus::Around("Spoke_Orgs".into())).unwrap_err();
    assert!(unknown.to_string().contains("Spoke_Orgs"), "{unknown}");
}

/// Every line of a Mermaid diagram is one that sfcred writes, whatever names contain.
fn is_mermaid_of_ours(text: &str) {
    static LINE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
        r#"^(?:flowchart LR|  end|  subgraph n_\w+\["[^"]*"\]| {2,4}n_\w+(?:\[|\(|\[/|\(\[|\[\[|\{\{|>)"[^"]*"(?:\]|\)|/\]|\]\)|\]\]|\}\})(?::::(?:faulty|doubtful|absent))?|  n_\w+ (?:-->|--x|-\.->)\|"[^"]*"\| n_\w+|  classDef [a-z]+ [a-z0-9#:,-]+(?: \d)?)$"#,
    )
    .unwrap()
    });
    for found in text.lines() {
        assert!(LINE.is_match(found), "{found}");
        let bare = found.replace("<br>", "");
        for markup in ["<", "%%", "`", "$", "javascript:"] {
            assert!(!bare.contains(markup) || markup == "javascript:", "{markup}: {found}");
        }
    }
}

#[test]
fn graphs_of_hostile_names_are_harmless() {
    let report = lint_files(hostile()).unwrap();
    let picture = read(&everything(&report, GraphFormat::Svg));
    assert_eq!(faults(&picture), Vec::<String>::new());
    is_mermaid_of_ours(&everything(&report, GraphFormat::Mermaid));
    for &format in GraphFormat::all() {
        let text = everything(&report, format);
        for markup in ["\u{202e}", "\u{200b}", "##vso[", "\u{1b}"] {
            // The printer of the program makes text harmless; this is what passes it.
            assert!(!text.contains(markup) || format == GraphFormat::Text, "{format:?}: {markup}");
        }
        assert!(text.lines().all(|line| !line.trim_start().starts_with("::")), "{format:?}");
    }
    let dot = everything(&report, GraphFormat::Dot);
    for line in dot.lines() {
        let quotes = line.replace("\\\\", "").replace("\\\"", "").matches('"').count();
        assert!(quotes.is_multiple_of(2), "{line}");
    }
}

#[test]
fn mermaid_of_every_case_has_no_other_lines() {
    for (_, report) in all_linted() {
        is_mermaid_of_ours(&everything(report, GraphFormat::Mermaid));
    }
}

// --- pages ---

#[test]
fn a_page_contains_everything_it_needs() {
    let report = lint_files(case("setups/broken-certificate").files()).unwrap();
    let html = traced(&report, TraceFormat::Html).unwrap();
    is_self_contained(&html);
    assert!(html.contains("certificate-mismatch"));
}

/// The elements that pages have, with their attributes.
const ELEMENTS: &[(&str, &[&str])] = &[
    ("html", &["lang"]),
    ("head", &[]),
    ("meta", &["charset", "http-equiv", "content", "name"]),
    ("title", &[]),
    ("style", &[]),
    ("script", &[]),
    ("body", &[]),
    ("header", &[]),
    ("main", &[]),
    ("nav", &["aria-label"]),
    ("section", &["id", "aria-labelledby"]),
    ("article", &["class", "id", "data-severity", "data-rule", "data-org", "data-component"]),
    ("h1", &[]),
    ("h2", &["id", "tabindex"]),
    ("h3", &[]),
    ("p", &["class"]),
    ("div", &["class", "id", "tabindex", "role", "aria-label", "aria-labelledby"]),
    ("span", &["class"]),
    ("a", &["href", "class"]),
    ("ul", &[]),
    ("ol", &[]),
    ("li", &[]),
    ("strong", &[]),
    ("em", &[]),
    ("code", &[]),
    ("pre", &["tabindex"]),
    ("br", &[]),
    ("details", &["class"]),
    ("summary", &[]),
    ("table", &[]),
    ("thead", &[]),
    ("tbody", &[]),
    ("tr", &[]),
    ("th", &["scope"]),
    ("td", &["class"]),
    ("form", &["id", "hidden", "aria-label"]),
    ("fieldset", &[]),
    ("legend", &[]),
    ("label", &[]),
    ("input", &["type", "name", "value", "checked"]),
    ("select", &["name"]),
    ("option", &["value"]),
    ("button", &["type"]),
    ("output", &["id", "role"]),
    ("svg", &["xmlns", "class", "role", "viewBox", "width", "height", "aria-hidden"]),
    ("rect", &["class", "x", "y", "width", "height", "rx"]),
    ("path", &["class", "d"]),
    ("text", &["class", "x", "y", "text-anchor"]),
    ("g", &[]),
];

static TAG: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"^<(/?)([a-z0-9]+)((?: [a-zA-Z-]+(?:="[^"]*")?)*)(/?)>"#).unwrap()
});
static ATTRIBUTE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#" ([a-zA-Z-]+)(?:="([^"]*)")?"#).unwrap());

/// Whether a page loads nothing, runs only its own script, and has no other elements and attributes than those of pages,
/// each with its end.
pub fn is_self_contained(html: &str) {
    let rest = html.strip_prefix("<!DOCTYPE html>\n").expect("a page");
    let between = |begin: &str, end: &str| {
        rest.split_once(begin).map(|(_, rest)| rest.split_once(end).unwrap().0.to_owned())
    };
    let digest =
        |text: String| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text.as_bytes())));
    let style = digest(between("<style>", "</style>").unwrap());
    let script = between("<script>", "</script>")
        .map_or(String::new(), |script| format!("; script-src {}", digest(script)));
    let policy = between("http-equiv=\"Content-Security-Policy\" content=\"", "\"").unwrap();
    assert_eq!(
        policy,
        format!(
            "default-src 'none'; style-src {style}{script}; base-uri 'none'; form-action 'none'"
        )
    );
    let mut open: Vec<String> = Vec::new();
    let mut at = 0;
    while let Some(start) = rest[at..].find('<').map(|found| at + found) {
        let found = TAG.captures(&rest[start..]);
        let found = found
            .unwrap_or_else(|| panic!("a `<` that does not start a tag: {:.80}", &rest[start..]));
        at = start + found[0].len();
        let name = &found[2];
        if !found[1].is_empty() {
            assert_eq!(open.pop().as_deref(), Some(name), "{:.80}", &rest[start..]);
            continue;
        }
        let known = ELEMENTS.iter().find(|(known, _)| *known == name);
        let (_, attributes) = known.unwrap_or_else(|| panic!("<{name}>"));
        for pair in ATTRIBUTE.captures_iter(&found[3]) {
            assert!(attributes.contains(&&pair[1]), "`{}` of <{name}>", &pair[1]);
            if &pair[1] == "href" {
                assert!(
                    pair[2].starts_with('#') || pair[2].starts_with("https://"),
                    "{}",
                    &pair[2]
                );
            }
        }
        if matches!(name, "style" | "script") {
            at += rest[at..].find("</").unwrap();
        }
        if found[4].is_empty() && !matches!(name, "meta" | "br" | "input") {
            open.push(name.to_owned());
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn other_markup_in_a_page_is_noticed() {
    let report = lint_files(case("setups/connected-app").files()).unwrap();
    let html = page(&report);
    is_self_contained(&html);
    for (from, to) in [
        ("<h1>", "<h1><img src=\"x\">"),
        ("<h1>", "<h1 onclick=\"x\">"),
        ("<h1>", "<h1><b>"),
        ("<h1>", "<h1></p>"),
        ("</style>", " </style>"),
        ("\"use strict\"", "\"use strict\" "),
    ] {
        let broken = html.replacen(from, to, 1);
        assert_ne!(broken, html, "{from}");
        assert!(std::panic::catch_unwind(|| is_self_contained(&broken)).is_err(), "{to}");
    }
}

fn page(report: &Report) -> String {
    let mut bytes = Vec::new();
    let context = Context { format: Format::Html, style: STYLE };
    report::write(report, &context, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// Lints a project in memory, also files that `.forceignore` excludes.
fn judged(files: Files) -> Report {
    let text = files.get(Path::new("sfcred.toml")).map(|bytes| String::from_utf8_lossy(bytes));
    let mut options = options(Path::new("/project"), text.as_deref()).unwrap();
    options.judge_everything = true;
    lint_in_memory(files, &options).unwrap()
}

#[test]
fn the_page_of_a_run_has_all_parts() {
    let report = judged(case("setups/broken-certificate").files());
    let html = page(&report);
    is_self_contained(&html);
    for part in [
        "<p>Found 1 error.",
        "data-rule=\"certificate-mismatch\" data-org=\"hub\" data-component=\"ExternalCredential Spoke_Org\"",
        "&lt;certificate&gt;Hub_Org&lt;/certificate&gt;",
        "<p>Salesforce says: ",
        "<p>help: upload the public certificate of <code>Hub_Org</code>",
        "<h2 id=\"trust\">Who trusts whom</h2>",
        "<td>app <code>Hub_Org</code> in org <code>spoke</code></td>",
        "<summary>Spoke_Org in org hub: <span class=\"fails\">Fails at step 7",
        "<td>2036-01-01</td><td class=\"ok\">3327 days</td>",
        "<div id=\"rule-certificate-mismatch\">",
        "<h3>How to fix it</h3>",
    ] {
        assert!(html.contains(part), "{part}\n{html}");
    }
    let sound = page(&lint_files(case("setups/calling-org").files()).unwrap());
    assert!(sound.contains("<h2 id=\"unchecked\">What was not checked</h2>"), "{sound}");
    assert!(sound.contains("<p>None.</p>"), "{sound}");
}

#[test]
fn a_page_calls_no_callout_ok_that_was_not_judged() {
    let mut files = case("setups/broken-certificate").files();
    files.insert("sfcred.toml".into(), b"[rules]\ncertificate-mismatch = \"off\"\n".to_vec());
    let html = page(&lint_files(files).unwrap());
    assert!(html.contains("does not judge everything"), "{html}");
    assert!(!html.contains("class=\"trace\""), "{html}");
    let mut files = case("setups/broken-certificate").files();
    let allow = "[[allow]]\nrule = \"certificate-mismatch\"\npath = \"**\"\nreason = \"renewed tomorrow\"\n";
    files.insert("sfcred.toml".into(), allow.as_bytes().to_vec());
    let html = page(&judged(files));
    assert!(html.contains("<h2 id=\"allowed\">Allowed findings</h2>"), "{html}");
    assert!(html.contains("<span class=\"fails\">Fails at step 7"), "{html}");
}

#[test]
fn a_page_judges_callouts_by_all_rules() {
    let mut files = case("setups/broken-certificate").files();
    files.insert("sfcred.toml".into(), b"[rules]\ncertificate-mismatch = \"off\"\n".to_vec());
    let folder = on_disk(&files);
    let arguments = ["lint", "--today", "2026-11-22", "--format", "html"];
    let (status, html, error) = run_command(folder.path(), &arguments, 80, None);
    assert_eq!(status, Status::Clean, "{}", String::from_utf8_lossy(&error));
    let html = String::from_utf8(html).unwrap();
    assert!(html.contains("<p>None.</p>"), "{html}");
    assert!(html.contains("<span class=\"fails\">Fails at step 7"), "{html}");
}

#[test]
fn a_page_of_hostile_names_contains_only_its_own_markup() {
    let report = lint_files(hostile()).unwrap();
    let html = page(&report);
    is_self_contained(&html);
    is_self_contained(&traced(&report, TraceFormat::Html).unwrap());
    assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "no name is shown");
}

#[test]
fn markdown_shows_where_the_errors_are() {
    let written = |name: &str| {
        let report = lint_files(case(name).files()).unwrap();
        let mut bytes = Vec::new();
        let context = Context { format: Format::Markdown, style: STYLE };
        report::write(&report, &context, &mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    };
    let text = written("setups/broken-certificate");
    let diagram = text.split_once("\n```mermaid\n").unwrap().1.split_once("\n```\n").unwrap().0;
    is_mermaid_of_ours(diagram);
    assert!(diagram.contains("--x|\"logs in to: certificate-mismatch\"|"), "{diagram}");
    assert!(!diagram.contains("SpokeLimits"), "{diagram}");
    assert!(!written("setups/connected-app").contains("mermaid"));
}
