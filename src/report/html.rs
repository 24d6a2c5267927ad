//! Pages: one file without anything from elsewhere, which needs no script to be read.
//!
//! The content security policy allows exactly the style and the script of the page, by their digests.

use std::io;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::canvas;
use super::ladder::{Ladders, class};
use super::sanitize::single_line;
use super::xml::escaped;
use super::{Style, VERSION};
use crate::pipeline::Report;
use crate::trace::{State, Trace, Verdict};

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
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.3em .6em;border-bottom:1px solid var(--line)}\
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

/// The picture of a trace, which scrolls on a narrow screen, and its steps as text.
fn ladder(ladders: &Ladders<'_>, report: &Report, trace: &Trace<'_>) -> io::Result<String> {
    let style = Style { width: 100, color: false, unicode: true, quiet: false, hyperlinks: false };
    let mut steps = Vec::new();
    super::trace::write(report, std::slice::from_ref(trace), false, style, &mut steps)?;
    Ok(format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Picture of {}\">\n{}</div>\n<details>\n<summary>All steps as text</summary>\n<pre tabindex=\"0\">{}</pre>\n</details>\n",
        escaped(&single_line(&ladders.name(trace))),
        ladders.inline(trace),
        preformatted(&String::from_utf8_lossy(&steps))
    ))
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
            ladder(&ladders, report, trace)?
        )?;
    }
    out.write_all(b"</main>\n</body>\n</html>\n")
}
