//! Pages: one file without anything from elsewhere, which needs no script to be read.
//!
//! The content security policy allows exactly the style and the script of the page, by their digests.

use std::collections::BTreeSet;
use std::io;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::canvas;
use super::closing::{closing, stale};
use super::entry::{Entry, entries, entries_of};
use super::ladder::{Ladders, class, not_shown};
use super::layout::{UNBROKEN, count, number};
use super::links::page;
use super::sanitize::{single_line, without_commands};
use super::terminal_markdown as markdown;
use super::text::{FindingPrinter, error_messages};
use super::unchecked::unchecked;
use super::{Context, Style, VERSION, xml};
use crate::check;
use crate::finding::{Finding, Label};
use crate::graph::{Direction, Graph, Node, NodeKind};
use crate::mask;
use crate::pipeline::Report;
use crate::trace::{State, Trace, Verdict, not_traced, trace};

const CSS: &str = "\
:root{color-scheme:light dark;--text:#1f2328;--muted:#59636e;--ground:#fff;--panel:#f6f8fa;--line:#d1d9e0;--link:#0550ae;\
--error:#b3141f;--warning:#7d4e00;--note:#0550ae;--ok:#1a7f37}\
@media(prefers-color-scheme:dark){:root{--text:#f0f6fc;--muted:#9198a1;--ground:#0d1117;--panel:#151b23;--line:#3d444d;\
--link:#4493f8;--error:#ff7b72;--warning:#e3b341;--note:#79c0ff;--ok:#3fb950}}\
*{box-sizing:border-box}\
body{margin:0 auto;max-width:84rem;padding:1rem;font:1rem/1.5 system-ui,\"Segoe UI\",\"DejaVu Sans\",sans-serif;color:var(--text);background:var(--ground)}\
h1{font-size:1.6rem;margin:.2em 0}h2{font-size:1.3rem;margin:1.6em 0 .4em;border-bottom:1px solid var(--line)}h3{font-size:1rem;margin:.2em 0}\
p,ul,ol{margin:.4em 0}li,p,h3,dd,td,summary{overflow-wrap:anywhere}a{color:var(--link)}\
code,pre{font-family:ui-monospace,\"DejaVu Sans Mono\",monospace;font-size:.875rem;unicode-bidi:isolate}\
code{background:var(--panel);padding:.1em .3em;border-radius:.3em}\
pre{background:var(--panel);border:1px solid var(--line);border-radius:.4em;padding:.6em;overflow-x:auto;margin:.4em 0;line-height:1.35}\
.scroll{overflow-x:auto;border:1px solid var(--line);border-radius:.4em;margin:.4em 0}.scroll svg{display:block}\
summary{cursor:pointer;padding:.3em 0;font-weight:600}\
.muted{color:var(--muted)}.error,.fails{color:var(--error)}.warning,.unknown{color:var(--warning)}.note{color:var(--note)}.ok{color:var(--ok)}\
.finding{border:1px solid var(--line);border-left:.3rem solid currentColor;border-radius:.4em;padding:.5em .8em;margin:.6em 0;content-visibility:auto;contain-intrinsic-size:auto 22rem}\
.finding>*{color:var(--text)}.finding .muted{color:var(--muted)}.finding .badge{color:inherit}\
.finding.error{border-left-color:var(--error)}.finding.warning{border-left-color:var(--warning)}.finding.note{border-left-color:var(--note)}\
.error>h3>.badge{color:var(--error)}.warning>h3>.badge{color:var(--warning)}.note>h3>.badge{color:var(--note)}\
table{border-collapse:collapse;width:100%}.scroll table{min-width:52rem}th,td{text-align:left;vertical-align:top;padding:.3em .6em;border-bottom:1px solid var(--line)}\
form{display:flex;flex-wrap:wrap;gap:.6em 1em;align-items:end;background:var(--panel);border:1px solid var(--line);border-radius:.4em;padding:.6em}\
form[hidden]{display:none}fieldset{border:0;margin:0;padding:0;display:flex;flex-wrap:wrap;gap:.3em .8em}\
label{display:inline-flex;flex-wrap:wrap;gap:.3em;align-items:center;max-width:100%}\
input,select,button{font:inherit;color:inherit;background:var(--ground);border:1px solid var(--muted);border-radius:.3em;padding:.2em .5em;max-width:100%}\
input[type=checkbox]{width:1.1em;height:1.1em}select{max-width:16rem}\
:focus-visible{outline:3px solid var(--link);outline-offset:2px}\
.skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:1rem;background:var(--ground);padding:.5em}\
@media print{body{max-width:none;padding:0;font-size:.8rem}form,.skip{display:none}.scroll{overflow:visible;border:0}\
.scroll svg{width:100%;height:auto}pre{white-space:pre-wrap}.finding{content-visibility:visible;break-inside:avoid}\
details::details-content{content-visibility:visible;display:block;height:auto}}";

/// The style of text that pages quote.
const PLAIN: Style =
    Style { width: 100, color: false, unicode: true, quiet: false, hyperlinks: false };

/// The start of a page, up to its content.
fn head(title: &str, script: &str) -> String {
    let style = format!("{CSS}{}", canvas::STYLE);
    let digest = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)));
    let script_source =
        if script.is_empty() { String::new() } else { format!("; script-src {}", digest(script)) };
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src {}{script_source}; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <title>{}</title>\n<style>{style}</style>\n</head>\n<body>\n",
        digest(&style),
        escaped(&single_line(title))
    )
}

/// A text with code between backticks.
fn inline(text: &str) -> String {
    let text = single_line(text);
    let parts: Vec<&str> = text.split('`').collect();
    // Without its end, a backtick is an ordinary character.
    let closed = parts.len() - (parts.len() + 1) % 2;
    let mut result = String::new();
    for (index, part) in parts.iter().enumerate() {
        if index >= closed {
            result += &escaped(&format!("`{part}"));
        } else if index % 2 == 1 {
            result += &format!("<code>{}</code>", escaped(part));
        } else {
            result += &escaped(part);
        }
    }
    result
}

/// The picture of a trace, which scrolls on a narrow screen, and its steps as text. The number makes its label unique.
fn ladder(
    ladders: &Ladders<'_>,
    report: &Report,
    order: usize,
    trace: &Trace<'_>,
) -> io::Result<String> {
    let mut steps = Vec::new();
    super::trace::write(report, std::slice::from_ref(trace), false, PLAIN, &mut steps)?;
    Ok(format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Picture {}: {}\">\n{}</div>\n<details>\n<summary>All steps as text</summary>\n<pre tabindex=\"0\">{}</pre>\n</details>\n",
        order + 1,
        escaped(&single_line(&ladders.name(trace))),
        ladders.inline(trace),
        preformatted(&String::from_utf8_lossy(&steps))
    ))
}

/// Text of the page. The page can be printed to the log of a build server, so it contains no command to one either.
fn escaped(text: &str) -> String {
    xml::escaped(&without_commands(text))
}

/// Text whose line breaks are kept. They are written as references, so that no line of the page begins with text of a
/// file.
fn preformatted(text: &str) -> String {
    escaped(text.trim_end())
}

fn verdict_class(verdict: &Verdict<'_>) -> &'static str {
    match verdict {
        Verdict::Issued | Verdict::NoExchange => class(State::Ok),
        Verdict::Unknown { .. } => class(State::Unknown),
        Verdict::Fails { .. } => class(State::Fails),
    }
}

/// Writes traces as a page.
pub(super) fn traces(
    report: &Report,
    traces: &[Trace<'_>],
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let ladders = Ladders::new(&report.sources);
    out.write_all(head("sfcred trace", "").as_bytes())?;
    write!(
        out,
        "<header>\n<h1>sfcred trace</h1>\n<p class=\"muted\">As of {}, sfcred {VERSION}</p>\n</header>\n<main>\n",
        report.workspace.today
    )?;
    if traces.len() > 1 {
        out.write_all(b"<nav aria-label=\"Traces\">\n<ul>\n")?;
        for (index, trace) in traces.iter().enumerate() {
            writeln!(
                out,
                "<li><a href=\"#trace-{index}\">{}</a>: <span class=\"{}\">{}</span></li>",
                escaped(&single_line(&ladders.name(trace))),
                verdict_class(&trace.verdict),
                escaped(&single_line(&ladders.verdict(trace)))
            )?;
        }
        out.write_all(b"</ul>\n</nav>\n")?;
    }
    for (index, trace) in traces.iter().enumerate() {
        write!(
            out,
            "<section id=\"trace-{index}\">\n<h2>{}</h2>\n<p class=\"{}\">{}</p>\n{}</section>\n",
            escaped(&single_line(&ladders.name(trace))),
            verdict_class(&trace.verdict),
            inline(&ladders.verdict(trace)),
            ladder(&ladders, report, index, trace)?
        )?;
    }
    let more = not_traced(report, traces);
    if more > 0 {
        writeln!(out, "<p>{}</p>", not_shown(more))?;
    }
    out.write_all(b"</main>\n</body>\n</html>\n")
}

// --- the report of a run ---

/// The maximum number of bytes of the findings of a page; the others are counted.
const FINDINGS_LIMIT: usize = 16 << 20;
/// The maximum number of pictures, and of rows of a table.
const MAX_LADDERS: usize = 100;
const MAX_ROWS: usize = 500;
/// The maximum number of places of a finding that are quoted.
const MAX_PLACES: usize = 10;
/// The days that the time line of certificates shows.
const TIME_LINE: i64 = 3 * 365;

const SCRIPT: &str = "\
\"use strict\";\
(()=>{\
const form=document.getElementById(\"filter\");\
const openTarget=()=>{const target=location.hash&&document.getElementById(location.hash.slice(1));\
const details=target&&target.closest(\"details\");if(details){details.open=true;target.scrollIntoView();}};\
addEventListener(\"hashchange\",openTarget);openTarget();\
addEventListener(\"beforeprint\",()=>document.querySelectorAll(\"details\").forEach((details)=>{details.open=true;}));\
if(!form)return;\
const findings=[...document.querySelectorAll(\"article.finding\")];\
const shown=document.getElementById(\"shown\");\
for(const name of [\"rule\",\"org\",\"component\"]){\
const values=[...new Set(findings.map((finding)=>finding.dataset[name]))].filter(Boolean).sort();\
for(const value of values.slice(0,1000))form.elements[name].add(new Option(value,value));\
}\
const texts=new Map();\
const text=(finding)=>{if(!texts.has(finding))texts.set(finding,finding.textContent.toLowerCase());return texts.get(finding);};\
const apply=()=>{\
const words=form.elements.text.value.toLowerCase().split(/\\s+/).filter(Boolean);\
const severities=new Set([...form.querySelectorAll(\"[name=severity]:checked\")].map((box)=>box.value));\
let count=0;\
for(const finding of findings){\
const data=finding.dataset;\
const matches=severities.has(data.severity)\
&&[\"rule\",\"org\",\"component\"].every((name)=>!form.elements[name].value||form.elements[name].value===data[name])\
&&words.every((word)=>text(finding).includes(word));\
if(finding.hidden===matches)finding.hidden=!matches;\
count+=matches;\
}\
shown.textContent=`Showing ${count.toLocaleString(\"en\")} of ${findings.length.toLocaleString(\"en\")} findings`;\
};\
let timer;\
form.addEventListener(\"input\",()=>{clearTimeout(timer);timer=setTimeout(apply,80);});\
form.addEventListener(\"submit\",(event)=>event.preventDefault());\
form.addEventListener(\"reset\",()=>setTimeout(apply));\
form.hidden=false;\
apply();\
})();";

/// Writes the report of a run as a page.
pub(super) fn write(report: &Report, _: &Context, out: &mut dyn io::Write) -> io::Result<()> {
    let graph = Graph::new(report);
    out.write_all(head("sfcred report", SCRIPT).as_bytes())?;
    out.write_all(b"<a class=\"skip\" href=\"#findings\">Skip to the findings</a>\n")?;
    write!(
        out,
        "<header>\n<h1>sfcred report</h1>\n<p>{}</p>\n<p class=\"muted\">As of {}, sfcred {VERSION}</p>\n</header>\n<main>\n",
        inline(&closing(report).replace(UNBROKEN, " ")),
        report.workspace.today
    )?;
    not_checked(report, out)?;
    findings(report, out)?;
    suppressed(report, out)?;
    connections(&graph, out)?;
    ladders(report, out)?;
    certificates(&graph, report, out)?;
    rule_pages(report, out)?;
    write!(out, "</main>\n<script>{SCRIPT}</script>\n</body>\n</html>\n")
}

fn not_checked(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let lines: Vec<String> = stale(report).into_iter().chain(unchecked(report)).collect();
    if lines.is_empty() {
        return Ok(());
    }
    out.write_all(b"<section aria-labelledby=\"unchecked\">\n<h2 id=\"unchecked\">What was not checked</h2>\n<ul>\n")?;
    for line in lines {
        writeln!(out, "<li>{}</li>", inline(&line.replace(UNBROKEN, " ")))?;
    }
    out.write_all(b"</ul>\n</section>\n")
}

fn findings(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    out.write_all(b"<section aria-labelledby=\"findings\">\n<h2 id=\"findings\" tabindex=\"-1\">Findings</h2>\n")?;
    let mut order: Vec<usize> = (0..report.findings.len()).collect();
    order.sort_by_key(|&index| std::cmp::Reverse(report.findings[index].severity));
    if order.is_empty() {
        return out.write_all(b"<p>None.</p>\n</section>\n");
    }
    out.write_all(FORM.as_bytes())?;
    let entries = entries(report);
    let mut printer = FindingPrinter::new(&report.sources);
    let mut used = 0;
    let mut left_out = 0;
    for index in order {
        if used > FINDINGS_LIMIT {
            left_out += 1;
            continue;
        }
        let text = article(&report.findings[index], &entries[index], &mut printer);
        used += text.len();
        out.write_all(text.as_bytes())?;
    }
    if left_out > 0 {
        let findings = count(left_out, "finding").replace(UNBROKEN, " ");
        writeln!(
            out,
            "<p><strong>{findings} not shown</strong>: a page is limited to 16 MiB of findings. The other formats contain all of them.</p>"
        )?;
    }
    out.write_all(b"</section>\n")
}

const FORM: &str = "\
<form id=\"filter\" hidden aria-label=\"Filter of the findings\">\n\
<label>Text <input type=\"search\" name=\"text\"></label>\n\
<fieldset>\n<legend>Severity</legend>\n\
<label><input type=\"checkbox\" name=\"severity\" value=\"error\" checked> error</label>\n\
<label><input type=\"checkbox\" name=\"severity\" value=\"warning\" checked> warning</label>\n\
<label><input type=\"checkbox\" name=\"severity\" value=\"note\" checked> note</label>\n\
</fieldset>\n\
<label>Rule <select name=\"rule\"><option value=\"\">all</option></select></label>\n\
<label>Org <select name=\"org\"><option value=\"\">all</option></select></label>\n\
<label>Component <select name=\"component\"><option value=\"\">all</option></select></label>\n\
<button type=\"reset\">Show all</button>\n\
<output id=\"shown\" role=\"status\"></output>\n\
</form>\n";

/// A finding with its excerpts.
fn article(finding: &Finding, entry: &Entry<'_>, printer: &mut FindingPrinter<'_>) -> String {
    let labels: Vec<&Label> =
        std::iter::once(&finding.primary).chain(&finding.related).take(MAX_PLACES).collect();
    let component = format!("{} {}", entry.component.type_name, entry.component.name);
    let org = entry.org.unwrap_or_default();
    let mut text = format!(
        "<article class=\"finding {0}\" id=\"f-{1}\" data-severity=\"{0}\" data-rule=\"{2}\" data-org=\"{3}\" data-component=\"{4}\">\n<h3><span class=\"badge\">{0}</span> {5}</h3>\n",
        entry.severity,
        entry.fingerprint,
        entry.rule,
        escaped(&single_line(org)),
        escaped(&single_line(&component)),
        inline(&entry.message),
    );
    let in_org = if org.is_empty() { String::new() } else { format!(", org `{org}`") };
    text += &format!(
        "<p class=\"muted\"><a href=\"#rule-{0}\">{0}</a>, {1}: {2}</p>\n",
        entry.rule,
        inline(&format!("{component}{in_org}")),
        escaped(&entry.place()),
    );
    let excerpts = printer.excerpts(&labels, finding.severity, PLAIN);
    text += &format!("<pre tabindex=\"0\">{}</pre>\n", preformatted(&excerpts));
    let more = (finding.related.len() + 1).saturating_sub(MAX_PLACES) + finding.unlisted;
    if more > 0 {
        text += &format!("<p>and {}</p>\n", count(more, "more place").replace(UNBROKEN, " "));
    }
    for (heading, message) in error_messages(finding) {
        text += &format!("<p>{}: {}</p>\n", heading.trim(), inline(&mask::text(&message)));
    }
    if let Some(help) = &entry.help {
        text += &format!("<p>help: {}</p>\n", inline(help));
    }
    if let Some(fix) = &entry.fix {
        let how = if fix.safe { "--fix" } else { "--fix --unsafe-fixes" };
        text += &format!("<p>fix: {} (<code>{how}</code>)</p>\n", inline(&fix.title));
    }
    text + "</article>\n"
}

/// The findings that an allow or the baseline suppresses.
fn suppressed(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let baselined = report.baseline.as_ref().map_or(&[][..], |baseline| &baseline.findings);
    for (id, heading, findings) in [
        ("allowed", "Allowed findings", report.allowed.as_slice()),
        ("baselined", "Findings of the baseline", baselined),
    ] {
        if findings.is_empty() {
            continue;
        }
        write!(out, "<section aria-labelledby=\"{id}\">\n<h2 id=\"{id}\">{heading}</h2>\n<ul>\n")?;
        for entry in entries_of(&findings[..findings.len().min(MAX_ROWS)], report) {
            writeln!(
                out,
                "<li><span class=\"{0}\">{0}</span> <a href=\"{1}\">{2}</a>: {3} <span class=\"muted\">{4}</span></li>",
                entry.severity,
                page(entry.rule),
                entry.rule,
                inline(&entry.message),
                escaped(&entry.place())
            )?;
        }
        more_rows(findings.len(), out)?;
        out.write_all(b"</ul>\n</section>\n")?;
    }
    Ok(())
}

/// Counts the rows of a list that are not shown.
fn more_rows(rows: usize, out: &mut dyn io::Write) -> io::Result<()> {
    if rows > MAX_ROWS {
        writeln!(out, "<li>and {} more</li>", number(rows - MAX_ROWS))?;
    }
    Ok(())
}

/// A node as `name` and its org.
fn named(node: &Node) -> String {
    let org = node.org.as_ref().filter(|org| !org.is_empty());
    let org = org.map_or(String::new(), |org| format!(" in org `{org}`"));
    format!("{} `{}`{org}", node.kind.noun(), node.name)
}

/// Which org trusts which one.
fn connections(graph: &Graph, out: &mut dyn io::Write) -> io::Result<()> {
    if graph.connections.is_empty() {
        return Ok(());
    }
    out.write_all(b"<section aria-labelledby=\"trust\">\n<h2 id=\"trust\">Who trusts whom</h2>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table of logins\">\n<table>\n<thead><tr><th scope=\"col\">App</th><th scope=\"col\">accepts</th><th scope=\"col\">Flow</th><th scope=\"col\">As user</th><th scope=\"col\">Scopes</th><th scope=\"col\">Findings</th></tr></thead>\n<tbody>\n")?;
    for connection in graph.connections.iter().take(MAX_ROWS) {
        let rules = connection.marks.rules.iter();
        let rules: Vec<String> = rules
            .map(|mark| format!("<span class=\"{}\">{}</span>", mark.severity, mark.rule))
            .collect();
        let scopes = connection.scopes.as_ref().map(|scopes| scopes.join(", "));
        writeln!(
            out,
            "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            inline(&named(&graph.nodes[connection.app])),
            inline(&named(&graph.nodes[connection.credential])),
            connection.flow.label(),
            escaped(&single_line(connection.user.as_deref().unwrap_or("not in the files"))),
            escaped(&single_line(scopes.as_deref().unwrap_or("not in the files"))),
            if rules.is_empty() { "none".to_owned() } else { rules.join(", ") }
        )?;
    }
    out.write_all(b"</tbody>\n</table>\n</div>\n")?;
    if graph.connections.len() > MAX_ROWS {
        writeln!(out, "<p>and {} more</p>", number(graph.connections.len() - MAX_ROWS))?;
    }
    out.write_all(b"</section>\n")
}

/// The pictures of the callouts, if the run judges everything that decides whether they work.
fn ladders(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let is_complete = report.judges_everything && report.filtered.findings == 0;
    let everything = report.everything.as_deref();
    let report = everything.unwrap_or(report);
    let Ok(traces) = trace(report, None) else { return Ok(()) };
    out.write_all(b"<section aria-labelledby=\"callouts\">\n<h2 id=\"callouts\">Callouts, step by step</h2>\n")?;
    if !is_complete && everything.is_none() {
        return out.write_all(b"<p>Not shown, because this run does not judge everything that decides whether a callout works: rules are turned off or not selected, <code>.forceignore</code> excludes files, or findings are hidden. <code>sfcred trace --format html</code> judges everything.</p>\n</section>\n");
    }
    let ladders = Ladders::new(&report.sources);
    for (index, trace) in traces.iter().take(MAX_LADDERS).enumerate() {
        write!(
            out,
            "<details class=\"trace\">\n<summary>{}: <span class=\"{}\">{}</span></summary>\n{}</details>\n",
            escaped(&single_line(&ladders.name(trace))),
            verdict_class(&trace.verdict),
            escaped(&single_line(&ladders.verdict(trace))),
            ladder(&ladders, report, index, trace)?
        )?;
    }
    if traces.len() > MAX_LADDERS {
        writeln!(
            out,
            "<p>and {} more; <code>sfcred trace --format html</code> shows all.</p>",
            number(traces.len() - MAX_LADDERS)
        )?;
    }
    out.write_all(b"</section>\n")
}

/// The certificates by their last day, and what depends on them directly.
fn certificates(graph: &Graph, report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let mut all: Vec<usize> = (0..graph.nodes.len())
        .filter(|&number| {
            matches!(graph.nodes[number].kind, NodeKind::Certificate | NodeKind::AppCertificate)
        })
        .collect();
    if all.is_empty() {
        return Ok(());
    }
    all.sort_by_key(|&number| {
        let expires = graph.nodes[number].expires;
        (expires.is_none(), expires, number)
    });
    let dependents = graph.neighbors(Direction::Dependents);
    out.write_all(b"<section aria-labelledby=\"certificates\">\n<h2 id=\"certificates\">Certificates</h2>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table of certificates\">\n<table>\n<thead><tr><th scope=\"col\">Certificate</th><th scope=\"col\">Last day</th><th scope=\"col\">Left</th><th scope=\"col\">Next three years</th><th scope=\"col\">Used by</th></tr></thead>\n<tbody>\n")?;
    for &number in all.iter().take(MAX_ROWS) {
        let node = &graph.nodes[number];
        let days = node.expires.map(|day| (day - graph.today).whole_days());
        let class = match days {
            None => "off",
            Some(days) if days < 0 => "fails",
            Some(days) if days <= i64::from(report.workspace.certificate_warning_days) => "unknown",
            Some(_) => "ok",
        };
        let left = match days {
            None => "unknown".to_owned(),
            Some(days) if days < 0 => format!("expired {} days ago", -days),
            Some(1) => "1 day".to_owned(),
            Some(days) => format!("{days} days"),
        };
        let users: Vec<String> = dependents[number]
            .iter()
            .take(MAX_PLACES)
            .map(|&edge| inline(&named(&graph.nodes[graph.edges[edge].from])))
            .collect();
        let more = dependents[number].len().saturating_sub(MAX_PLACES);
        let more = if more > 0 { format!(", and {more} more") } else { String::new() };
        writeln!(
            out,
            "<tr><td>{}</td><td>{}</td><td class=\"{class}\">{left}</td><td>{}</td><td>{}{more}</td></tr>",
            inline(&named(node)),
            node.expires.map_or("unknown".to_owned(), |day| day.to_string()),
            bar(days, class),
            if users.is_empty() { "nothing in the files".to_owned() } else { users.join("<br>") }
        )?;
    }
    out.write_all(b"</tbody>\n</table>\n</div>\n")?;
    if all.len() > MAX_ROWS {
        writeln!(out, "<p>and {} more</p>", number(all.len() - MAX_ROWS))?;
    }
    out.write_all(b"</section>\n")
}

/// The days that are left, as the length of a line.
fn bar(days: Option<i64>, class: &str) -> String {
    let length = days.unwrap_or_default().clamp(0, TIME_LINE) * 140 / TIME_LINE;
    format!(
        "<svg class=\"picture\" aria-hidden=\"true\" viewBox=\"0 0 148 16\" width=\"148\" height=\"16\"><path class=\"off dotted\" d=\"M4 8 H144\"/><path class=\"{class}\" d=\"M4 3 V13 M4 8 H{0} M{0} 3 V13\"/></svg>",
        4 + length
    )
}

/// The pages of the rules that found something.
fn rule_pages(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let names: BTreeSet<&str> = report.findings.iter().map(|finding| finding.rule).collect();
    if names.is_empty() {
        return Ok(());
    }
    out.write_all(b"<section aria-labelledby=\"rules\">\n<h2 id=\"rules\">Rules</h2>\n")?;
    for name in names {
        let Some(rule) = check::rule(name) else { continue };
        let rule_page = rule.page();
        write!(
            out,
            "<details>\n<summary>{name}</summary>\n<div id=\"rule-{name}\">\n{}<p><a href=\"{}\">{name}</a>",
            markdown::html(&rule_page.body, &escaped),
            page(name),
        )?;
        for reference in &rule_page.head.references {
            if reference.starts_with("https://") {
                let reference = escaped(reference);
                write!(out, "<br><a href=\"{reference}\">{reference}</a>")?;
            }
        }
        out.write_all(b"</p>\n</div>\n</details>\n")?;
    }
    out.write_all(b"</section>\n")
}
