//! Quick fixes. A fix is offered only if the fix machinery accepts it: it removes its finding and causes no new error.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range as Bytes;
use std::path::{Path, PathBuf};

use gen_lsp_types::{CodeAction, CodeActionKind, Diagnostic, TextEdit};
use similar::{Algorithm, DiffTag, capture_diff_slices};

use super::diagnostics::{Places, diagnostic};
use super::place::{Encoding, Lines};
use super::project::{Buffers, Project, Run};
use crate::autofix::{FixRequest, autofix};
use crate::baseline::{self, Entry};
use crate::discover;
use crate::finding::Finding;
use crate::mask;
use crate::options::Options;
use crate::report;
use crate::source::{FileId, Kind, Source, decode};

/// The edits of some files.
pub type Edits = BTreeMap<PathBuf, Vec<TextEdit>>;

/// An action without the form in which the client takes its edits.
pub struct Offer {
    pub action: CodeAction,
    pub edits: Edits,
    /// A file that the edits create.
    pub created: Option<PathBuf>,
}

/// The reason that an allow starts with.
const REASON: &str = "TODO: say why this is correct";

/// What the actions of a request are about.
pub struct Asked<'a> {
    pub project: &'a Project,
    pub run: &'a Run,
    pub buffers: &'a Buffers,
    pub encoding: Encoding,
    pub file: FileId,
    pub bytes: Bytes<usize>,
    /// Whether an action of this kind is asked for.
    pub wants: &'a dyn Fn(&str) -> bool,
    pub creates_files: bool,
}

impl Asked<'_> {
    /// All actions for the findings in the range.
    pub fn offers(&self) -> Vec<Offer> {
        let mut places = Places::new(&self.run.report.sources, self.encoding);
        let mut offers = Vec::new();
        let is_touched = |finding: &&Finding| {
            let place = finding.primary.span;
            let range = place.range();
            place.file == self.file
                && range.start <= self.bytes.end
                && self.bytes.start <= range.end.max(range.start)
        };
        if (self.wants)("quickfix") {
            for finding in self.run.report.findings.iter().filter(is_touched) {
                let shown = diagnostic(finding, &mut places);
                offers.extend(self.fix(finding, &shown));
                if !self.run.options.settings.is_never_allowed(finding.rule) {
                    offers.extend(self.allow_here(finding, &shown));
                    offers.extend(self.allow_in_settings(finding, &shown));
                    offers.extend(self.baseline_entry(finding, &shown));
                }
            }
        }
        if (self.wants)("source.fixAll.sfcred") {
            offers.extend(self.fix_all());
        }
        offers
    }

    /// Why a file cannot be changed. What is open is changed in the editor.
    fn obstacle(&self, source: &Source) -> Option<&'static str> {
        if self.buffers.contains_key(&source.path) {
            return None;
        }
        let roots = [self.project.root.clone()];
        let disk = discover::disk(&roots, &self.run.options);
        discover::write_obstacle(&disk, &source.path, &roots)
    }

    /// The edits of some fixes; `None` if the fix machinery rejects them.
    fn fixed(&self, include_unsafe: bool, wanted: &dyn Fn(&Finding) -> bool) -> Option<Edits> {
        let request =
            FixRequest { include_unsafe, wanted, write_obstacle: &|source| self.obstacle(source) };
        let fixed = autofix(self.run.files(), self.run.options.clone(), &request);
        let mut edits = Edits::new();
        for changed in &fixed.changed {
            let source = fixed.report.sources.get(changed.file);
            let found = text_edits(&changed.text, source.text(), self.encoding);
            edits.insert(source.path.clone(), found);
        }
        (!edits.is_empty()).then_some(edits)
    }

    fn fix(&self, finding: &Finding, shown: &Diagnostic) -> Option<Offer> {
        let fix = finding.fix.as_ref()?;
        let is_same = |other: &Finding| {
            other.rule == finding.rule
                && other.primary.span == finding.primary.span
                && other.message == finding.message
        };
        let edits = self.fixed(true, &is_same)?;
        let title = mask::text(&fix.title);
        let title = match fix.is_safe() {
            true => format!("sfcred: {title}"),
            false => format!("sfcred: {title} (unsafe: review the result)"),
        };
        let action = quick_fix(title, shown);
        Some(Offer {
            action: CodeAction { is_preferred: Some(fix.is_safe()), ..action },
            edits,
            created: None,
        })
    }

    fn fix_all(&self) -> Option<Offer> {
        let file = self.file;
        let is_here = |finding: &Finding| {
            let edits = finding.fix.iter().flat_map(|fix| &fix.edits);
            finding.primary.span.file == file
                && edits.into_iter().all(|edit| edit.span().file == file)
        };
        let has_any = self.run.report.findings.iter().any(|finding| {
            is_here(finding) && finding.fix.as_ref().is_some_and(crate::finding::Fix::is_safe)
        });
        let edits = has_any.then(|| self.fixed(false, &is_here)).flatten()?;
        let action = CodeAction {
            title: "sfcred: apply all safe fixes in this file".to_owned(),
            kind: Some(CodeActionKind::from("source.fixAll.sfcred".to_owned())),
            ..CodeAction::default()
        };
        Some(Offer { action, edits, created: None })
    }

    /// A comment above the line, or else at its end.
    fn allow_here(&self, finding: &Finding, shown: &Diagnostic) -> Option<Offer> {
        let source = self.run.report.sources.get(self.file);
        let text = source.text();
        let content = format!("sfcred: allow({}) reason=\"{REASON}\"", finding.rule);
        let comment = match source.kind {
            Kind::Apex => format!("// {content}"),
            Kind::Description => format!("# {content}"),
            Kind::SecretCandidate if !text.trim_start().starts_with('<') => format!("# {content}"),
            Kind::SecretCandidate => format!("<!-- {content} -->"),
            kind if kind.is_xml() => format!("<!-- {content} -->"),
            _ => return None,
        };
        let start = text.floor_char_boundary(finding.primary.span.range().start.min(text.len()));
        let line = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let end = text[start..].find('\n').map_or(text.len(), |length| start + length);
        let end = line + text[line..end].trim_end_matches('\r').len();
        let rest = &text[line..end];
        let indent = &rest[..rest.len() - rest.trim_start_matches([' ', '\t']).len()];
        let line_end = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let above = (line, format!("{indent}{comment}{line_end}"));
        let behind = (end, format!(" {comment}"));
        let (at, inserted) = [above, behind].into_iter().find(|(at, inserted)| {
            let new = format!("{}{inserted}{}", &text[..*at], &text[*at..]);
            self.run.is_allowed_by(self.file, new, finding)
        })?;
        let lines = Lines::new(text, self.encoding);
        let edit = TextEdit::new(lines.range(text, at..at), inserted);
        let title = format!("sfcred: allow {} here", finding.rule);
        let edits = Edits::from([(source.path.clone(), vec![edit])]);
        Some(Offer { action: quick_fix(title, shown), edits, created: None })
    }

    fn allow_in_settings(&self, finding: &Finding, shown: &Diagnostic) -> Option<Offer> {
        let path = self.run.options.settings_path();
        let text = self.project.settings_text(&path);
        let folder = path.parent()?;
        let component = &finding.component;
        let is_shown = mask::name(&component.name) == component.name;
        let is_component =
            !matches!(component.type_name, "File" | "sfcred.toml" | "sfcred.yaml" | "");
        let scope = if is_shown && is_component {
            format!("component = {}", toml(&format!("{}:{}", component.type_name, component.name)))
        } else {
            let path = &self.run.report.sources.get(finding.primary.span.file).path;
            let inside = path.strip_prefix(folder).ok()?.to_string_lossy().replace('\\', "/");
            format!("path = {}", toml(&globset::escape(&inside)))
        };
        let table = format!(
            "[[allow]]\nrule = {}\n{scope}\nreason = {}\n",
            toml(finding.rule),
            toml(REASON)
        );
        let old = text.unwrap_or_default();
        let separator = match old.trim_end().is_empty() {
            true => "",
            false if old.ends_with('\n') => "\n",
            false => "\n\n",
        };
        let new = format!("{old}{separator}{table}");
        let mut options =
            Options::new(self.run.options.today, self.run.options.working_directory.clone());
        let is_valid = options.read("sfcred.toml", &new, &crate::check::rule_names()).is_ok();
        if !is_valid || text.is_none() && !self.creates_files {
            return None;
        }
        let lines = Lines::new(old, self.encoding);
        let edit =
            TextEdit::new(lines.range(old, old.len()..old.len()), format!("{separator}{table}"));
        let title = format!("sfcred: allow {} in sfcred.toml", finding.rule);
        let created = text.is_none().then(|| path.clone());
        let edits = Edits::from([(path, vec![edit])]);
        Some(Offer { action: quick_fix(title, shown), edits, created })
    }

    /// An entry of the baseline that the settings name.
    fn baseline_entry(&self, finding: &Finding, shown: &Diagnostic) -> Option<Offer> {
        let baseline = self.run.options.baseline.as_ref()?;
        let path =
            crate::source::normalized(&self.run.options.working_directory.join(&baseline.name));
        let old = self.text_of(&path)?;
        let file = &self.run.report.sources.get(finding.primary.span.file).path;
        let mut entries: Vec<Entry> = baseline.entries.clone();
        let file = discover::relative(file, &baseline.folder);
        entries.push(baseline::entry(finding, file));
        entries.sort();
        let new = report::baseline(&entries);
        let edits = Edits::from([(path, text_edits(&old, &new, self.encoding))]);
        let title = format!("sfcred: add this {} to the baseline", finding.rule);
        Some(Offer { action: quick_fix(title, shown), edits, created: None })
    }

    fn text_of(&self, path: &Path) -> Option<String> {
        if let Some(text) = self.buffers.get(path) {
            return Some(text.clone());
        }
        let roots = std::slice::from_ref(&self.project.root);
        let disk = discover::disk(roots, &self.run.options);
        let (_, bytes) = discover::reload(&disk, path).ok()?;
        decode(bytes).ok().map(|(text, _)| text)
    }
}

fn quick_fix(title: String, shown: &Diagnostic) -> CodeAction {
    CodeAction {
        title,
        kind: Some(CodeActionKind::from("quickfix".to_owned())),
        diagnostics: Some(vec![shown.clone()]),
        ..CodeAction::default()
    }
}

/// A TOML string.
fn toml(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// The edits that make one text of another, line by line and without what both have in common.
pub fn text_edits(old: &str, new: &str, encoding: Encoding) -> Vec<TextEdit> {
    let lines = Lines::new(old, encoding);
    let (old_lines, new_lines): (Vec<&str>, Vec<&str>) =
        (old.split_inclusive('\n').collect(), new.split_inclusive('\n').collect());
    let offsets = |lines: &[&str]| {
        let mut at = 0;
        let mut offsets = vec![0];
        for line in lines {
            at += line.len();
            offsets.push(at);
        }
        offsets
    };
    let (old_at, new_at) = (offsets(&old_lines), offsets(&new_lines));
    let mut edits = Vec::new();
    for operation in capture_diff_slices(Algorithm::Histogram, &old_lines, &new_lines) {
        if operation.tag() == DiffTag::Equal {
            continue;
        }
        let place = |range: Bytes<usize>, at: &[usize]| {
            let offset = |index: usize| at.get(index).copied().unwrap_or_default();
            offset(range.start)..offset(range.end)
        };
        let (from, to) =
            (place(operation.old_range(), &old_at), place(operation.new_range(), &new_at));
        let (before, after) = (&old[from.clone()], &new[to]);
        let start: usize = before
            .chars()
            .zip(after.chars())
            .take_while(|(left, right)| left == right)
            .map(|(character, _)| character.len_utf8())
            .sum();
        let end: usize = before[start..]
            .chars()
            .rev()
            .zip(after[start..].chars().rev())
            .take_while(|(left, right)| left == right)
            .map(|(character, _)| character.len_utf8())
            .sum();
        let range = lines.range(old, from.start + start..from.end - end);
        edits.push(TextEdit::new(range, after[start..after.len() - end].to_owned()));
    }
    edits
}

impl Run {
    /// Whether a new text of a file allows a finding and changes no other.
    fn is_allowed_by(&self, file: FileId, text: String, finding: &Finding) -> bool {
        let mut files = self.files();
        files.sources.rewrite(file, text);
        let report = self.again(files, file);
        let counted = |findings: &[Finding]| {
            let mut counts: HashMap<(&'static str, String, String), isize> = HashMap::new();
            for finding in findings {
                let key = (finding.rule, finding.component.name.clone(), finding.message.clone());
                *counts.entry(key).or_default() += 1;
            }
            counts
        };
        let (before, after) = (counted(&self.report.findings), counted(&report.findings));
        let key = (finding.rule, finding.component.name.clone(), finding.message.clone());
        after.get(&key).copied().unwrap_or_default() < before.get(&key).copied().unwrap_or_default()
            && after.iter().all(|(key, count)| before.get(key).is_some_and(|old| count <= old))
            && report.allowed.len() > self.report.allowed.len()
    }
}
