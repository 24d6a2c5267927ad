//! Plans to migrate named credentials and connected apps, as text and as JSON; the schema of the JSON is `schemas/sfcred-migrate-1.json`.

use std::io;
use std::path::Path;

use serde::Serialize;

use super::json::write_json;
use super::layout::count;
use super::terminal_markdown::{bold, entry};
use super::{Style, VERSION};
use crate::mask;
use crate::migrate::{AppCaller, AppMapping, AppMigration, Difference, Migration, NewFile, State};
use crate::model::{Named, Unreadable};
use crate::pipeline::Report;
use crate::source::{Span, relative};

/// What is not part of a single plan.
pub struct Outcome<'a> {
    pub apps: Vec<AppMigration<'a>>,
    /// Named credentials and connected apps whose files could not be parsed.
    pub unreadable: Vec<&'a Unreadable>,
    /// The working directory.
    pub folder: &'a Path,
    /// Files whose changes a patch cannot show, and why.
    pub not_in_patch: Vec<(String, &'static str)>,
    /// The files that were written, if any should be.
    pub written: Option<Vec<String>>,
}

/// Places to list for one difference; the rest are only counted.
const MAX_PLACES: usize = 10;

/// Writes the plans, or what was written.
///
/// # Errors
/// Those of `out`.
pub fn text(
    migrations: &[Migration<'_>],
    outcome: &Outcome<'_>,
    report: &Report,
    style: Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    if outcome.written.is_some() {
        return notes(migrations, outcome, report, style, out);
    }
    let mut lines = Vec::new();
    for migration in migrations {
        one(migration, outcome, report, style, &mut lines);
        lines.push(String::new());
    }
    for app in &outcome.apps {
        one_app(app, report, style, &mut lines);
        lines.push(String::new());
    }
    lines.extend(unreadable(outcome, report, style));
    if !migrations.is_empty() || outcome.apps.is_empty() {
        lines.push(summary(migrations, outcome, style));
    }
    if !outcome.apps.is_empty() {
        lines.push(entry("", APPS_ARE_MOVED, style));
    }
    lines.iter().try_for_each(|line| writeln!(out, "{line}"))
}

/// Writes what was written or is in the patch, and what is not and why.
///
/// # Errors
/// Those of `out`.
pub fn notes(
    migrations: &[Migration<'_>],
    outcome: &Outcome<'_>,
    report: &Report,
    style: Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let mut lines = Vec::new();
    for migration in migrations {
        let edits = &migration.edits;
        let is_unchanged = edits.created.is_empty()
            && edits.changes.is_empty()
            && edits.rewritten.is_empty()
            && edits.removed.is_empty();
        let state = state(migration);
        match &migration.state {
            State::Refused { .. } => lines.push(entry("", &state, style)),
            State::Possible | State::Added { .. } | State::Current if is_unchanged => {
                lines.push(entry("", &state, style));
            }
            State::Possible | State::Added { .. } | State::Current => {
                let steps = &migration.steps;
                let steps = steps.iter().map(|step| entry("  next: ", step, style));
                if outcome.written.is_some() {
                    lines.push(entry("", &state, style));
                    lines.extend(steps);
                }
            }
        }
        if let Some(reason) = &migration.kept_because {
            lines.push(entry("  ", &format!("its file is kept: {reason}"), style));
        }
    }
    for app in &outcome.apps {
        if app.files.is_empty() {
            lines.push(entry("", &app_state(app), style));
        } else {
            lines.push(entry("", ONLY_FOR_COMPARISON, style));
        }
    }
    lines.extend(unreadable(outcome, report, style));
    for (name, reason) in &outcome.not_in_patch {
        let name = mask::name(name);
        let hint = if outcome.apps.is_empty() { ". `--write` changes it" } else { "" };
        lines.push(entry("", &format!("Not in the patch: {name}: {reason}{hint}"), style));
    }
    match outcome.written.as_deref() {
        Some([]) => lines.push("Nothing to write".to_owned()),
        Some(files) => {
            lines.push(format!("Wrote {}:", count(files.len(), "file")));
            lines.extend(files.iter().map(|file| entry("  ", &mask::name(file), style)));
        }
        None => {}
    }
    lines.iter().try_for_each(|line| writeln!(out, "{line}"))
}

/// One sentence about a credential.
fn state(migration: &Migration<'_>) -> String {
    let name = mask::name(migration.credential.name());
    match &migration.state {
        State::Possible => format!("`{name}` can be migrated"),
        State::Added { successor } => {
            format!("`{name}` is already migrated to `{}`", mask::name(successor))
        }
        State::Current => format!("`{name}` is not a legacy named credential: nothing to migrate"),
        State::Refused { reason } => format!("`{name}` cannot be migrated: {reason}"),
    }
}

fn one(
    migration: &Migration<'_>,
    outcome: &Outcome<'_>,
    report: &Report,
    style: Style,
    lines: &mut Vec<String>,
) {
    let several = report.workspace.orgs.len() > 1;
    let org = if several {
        format!(" (org `{}`)", mask::name(&migration.org.name))
    } else {
        String::new()
    };
    lines.push(entry("", &format!("{}{org}", state(migration)), style));
    lines.push(entry("  ", &place(migration.credential.component.place, report), style));
    let heading =
        |lines: &mut Vec<String>, text: &str| lines.push(bold(&format!("  {text}"), style));
    let edits = &migration.edits;
    if !edits.created.is_empty() {
        heading(lines, "New files");
        for file in &edits.created {
            lines.push(entry("    ", &mask::name(&relative(&file.path, outcome.folder)), style));
        }
    }
    if !migration.mappings.is_empty() {
        heading(lines, "Elements");
        let from = |from: &str| format!("    {from:<27} ");
        for mapping in &migration.mappings {
            lines.push(entry(&from(mapping.from), &mapping.to, style));
        }
    }
    if migration.names.is_some() {
        heading(lines, "To enter again");
        let all = migration.typed_again;
        lines.extend(all.iter().map(|what| entry("    - ", what, style)));
        if all.is_empty() {
            lines.push("    nothing".to_owned());
        }
    }
    if !matches!(migration.state, State::Current) {
        heading(lines, "Callers");
        for caller in &migration.callers {
            let namespace = caller
                .namespace
                .map_or(String::new(), |namespace| format!(" ({})", mask::name(namespace)));
            let obstacle =
                caller.obstacle().map_or(String::new(), |obstacle| format!(": {obstacle}"));
            let text = format!(
                "{} `{}`{namespace}, {}{obstacle}",
                caller.kind.noun(),
                mask::name(caller.name),
                place(caller.place, report)
            );
            lines.push(entry("    - ", &text, style));
        }
        if migration.callers.is_empty() {
            lines.push("    none in these files".to_owned());
        }
    }
    differences(&migration.differences, report, style, lines);
    if let Some(reason) = &migration.kept_because {
        lines.push(entry("  ", &format!("The old file is kept: {reason}"), style));
    }
    steps(&migration.steps, style, lines);
}

fn differences(all: &[Difference], report: &Report, style: Style, lines: &mut Vec<String>) {
    if all.is_empty() {
        return;
    }
    lines.push(bold("  Different afterwards", style));
    for difference in all {
        lines.push(entry("    - ", &difference.text, style));
        for span in difference.places.iter().take(MAX_PLACES) {
            lines.push(entry("      ", &place(*span, report), style));
        }
        let more = difference.places.len().saturating_sub(MAX_PLACES);
        if more > 0 {
            lines.push(format!("      and {}", count(more, "more place")));
        }
    }
}

fn steps(all: &[String], style: Style, lines: &mut Vec<String>) {
    if all.is_empty() {
        return;
    }
    lines.push(bold("  Steps", style));
    for (index, step) in all.iter().enumerate() {
        lines.push(entry(&format!("    {}. ", index + 1), step, style));
    }
}

/// Why no option writes the files of an external client app.
const APPS_ARE_MOVED: &str = "Salesforce migrates a connected app itself and keeps its consumer \
                              key, so sfcred writes no files for it; `--diff` shows how they would \
                              look";
const ONLY_FOR_COMPARISON: &str = "The files of the external client app are for comparison, and \
                                   lack the consumer key: deploying them creates a second app \
                                   with another key";

/// One sentence about an app.
fn app_state(app: &AppMigration<'_>) -> String {
    let name = mask::name(app.app.name());
    match &app.state {
        State::Possible => format!("The connected app `{name}` can become an external client app"),
        State::Added { successor } => format!(
            "The connected app `{name}` is already migrated to the external client app `{}`",
            mask::name(successor)
        ),
        State::Current => format!("`{name}` is an external client app: nothing to migrate"),
        State::Refused { reason } => {
            format!("The connected app `{name}` cannot be migrated: {reason}")
        }
    }
}

fn one_app(app: &AppMigration<'_>, report: &Report, style: Style, lines: &mut Vec<String>) {
    let several = report.workspace.orgs.len() > 1;
    let org =
        if several { format!(" (org `{}`)", mask::name(&app.org.name)) } else { String::new() };
    lines.push(entry("", &format!("{}{org}", app_state(app)), style));
    lines.push(entry("  ", &place(app.app.component.place, report), style));
    if !app.mappings.is_empty() {
        lines.push(bold("  Elements", style));
        for mapping in &app.mappings {
            let text = format!("`{}`: {}", mask::name(&mapping.from), mapping.to);
            lines.push(entry("    - ", &text, style));
        }
    }
    if !matches!(app.state, State::Current) {
        lines.push(bold("  Callers", style));
        for caller in &app.callers {
            let text = format!("{}, {}", mask::text(&caller.what), place(caller.place, report));
            lines.push(entry("    - ", &text, style));
        }
        if app.callers.is_empty() {
            lines.push("    none in these files".to_owned());
        }
    }
    differences(&app.differences, report, style, lines);
    steps(&app.steps, style, lines);
}

fn unreadable(outcome: &Outcome<'_>, report: &Report, style: Style) -> Vec<String> {
    let line = |file: &&Unreadable| {
        let name = mask::name(&file.name);
        let place = place(file.span, report);
        entry(
            "",
            &format!("`{name}` cannot be migrated: its file could not be parsed ({place})"),
            style,
        )
    };
    outcome.unreadable.iter().map(line).collect()
}

fn summary(migrations: &[Migration<'_>], outcome: &Outcome<'_>, style: Style) -> String {
    let total = migrations.len() + outcome.unreadable.len();
    let with = |wanted: &dyn Fn(&State) -> bool| {
        migrations.iter().filter(|migration| wanted(&migration.state)).count()
    };
    let possible = with(&|state| matches!(state, State::Possible));
    let refused = with(&|state| matches!(state, State::Refused { .. })) + outcome.unreadable.len();
    let mut text = match total {
        0 => "No legacy named credential in these files".to_owned(),
        _ => format!(
            "{}: {possible} can be migrated, {refused} cannot",
            count(total, "named credential")
        ),
    };
    let done = total - possible - refused;
    if done > 0 {
        text += &format!(", {done} already migrated");
    }
    if possible > 0 {
        text += "; `--diff` shows the new files, `--write` creates them";
    }
    entry("", &text, style)
}

fn place(span: Span, report: &Report) -> String {
    let position = report.sources.position(span.file, span.start);
    let name = &report.sources.get(span.file).name;
    format!("{}:{}:{}", mask::name(name), position.line, position.column)
}

pub const SCHEMA: &str =
    "https://raw.githubusercontent.com/sfcred/sfcred/main/schemas/sfcred-migrate-1.json";

#[derive(Serialize)]
struct Document {
    schema: &'static str,
    version: &'static str,
    migrations: Vec<OneMigration>,
    apps: Vec<OneApp>,
}

#[derive(Default, Serialize)]
struct OneApp {
    app: String,
    org: Option<String>,
    file: String,
    state: &'static str,
    reason: Option<String>,
    successor: Option<String>,
    /// As they would look; no option writes them.
    new_files: Vec<OneFile>,
    elements: Vec<OneElement>,
    callers: Vec<OneAppCaller>,
    differences: Vec<OneDifference>,
    steps: Vec<String>,
}

#[derive(Serialize)]
struct OneAppCaller {
    what: String,
    place: OnePlace,
}

#[derive(Default, Serialize)]
struct OneMigration {
    credential: String,
    org: Option<String>,
    file: String,
    state: &'static str,
    reason: Option<String>,
    successor: Option<String>,
    new_files: Vec<OneFile>,
    elements: Vec<OneElement>,
    enter_again: Vec<&'static str>,
    callers: Vec<OneCaller>,
    differences: Vec<OneDifference>,
    steps: Vec<String>,
    kept_because: Option<String>,
}

#[derive(Serialize)]
struct OneFile {
    r#type: &'static str,
    name: String,
    file: String,
}

#[derive(Serialize)]
struct OneElement {
    from: String,
    to: String,
}

#[derive(Serialize)]
struct OneCaller {
    kind: &'static str,
    name: String,
    namespace: Option<String>,
    place: OnePlace,
    /// Why sfcred does not change it.
    obstacle: Option<&'static str>,
}

#[derive(Serialize)]
struct OneDifference {
    text: String,
    places: Vec<OnePlace>,
}

#[derive(Serialize)]
struct OnePlace {
    file: String,
    line: usize,
    column: usize,
}

/// Writes the plans as JSON.
///
/// # Errors
/// Those of `out`.
pub fn json(
    migrations: &[Migration<'_>],
    outcome: &Outcome<'_>,
    report: &Report,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let planned = migrations.iter().map(|migration| planned(migration, outcome, report));
    let (unreadable_apps, unreadable): (Vec<&Unreadable>, Vec<&Unreadable>) =
        outcome.unreadable.iter().copied().partition(|file| file.type_name == "ConnectedApp");
    let org =
        |file: &Unreadable| report.workspace.orgs.get(file.org.0).map(|org| mask::name(&org.name));
    let path = |file: &Unreadable| mask::name(&report.sources.get(file.file).name);
    let reason = || Some("its file could not be parsed".to_owned());
    let unreadable = unreadable.into_iter().map(|file| OneMigration {
        credential: mask::name(&file.name),
        org: org(file),
        file: path(file),
        state: "refused",
        reason: reason(),
        ..OneMigration::default()
    });
    let apps = outcome.apps.iter().map(|app| planned_app(app, outcome, report));
    let unreadable_apps = unreadable_apps.into_iter().map(|file| OneApp {
        app: mask::name(&file.name),
        org: org(file),
        file: path(file),
        state: "refused",
        reason: reason(),
        ..OneApp::default()
    });
    let apps = apps.chain(unreadable_apps).collect();
    let migrations = planned.chain(unreadable).collect();
    write_json(&Document { schema: SCHEMA, version: VERSION, migrations, apps }, out)
}

/// The state, the reason and the successor.
fn state_words(state: &State) -> (&'static str, Option<String>, Option<String>) {
    match state {
        State::Possible => ("possible", None, None),
        State::Added { successor } => ("migrated", None, Some(mask::name(successor))),
        State::Current => ("current", None, None),
        State::Refused { reason } => ("refused", Some(mask::text(reason).into_owned()), None),
    }
}

fn one_file(file: &NewFile, outcome: &Outcome<'_>) -> OneFile {
    OneFile {
        r#type: file.type_name,
        name: mask::name(&file.name),
        file: mask::name(&relative(&file.path, outcome.folder)),
    }
}

fn one_difference(difference: &Difference, report: &Report) -> OneDifference {
    OneDifference {
        text: mask::text(&difference.text).into_owned(),
        places: difference.places.iter().map(|span| one_place(*span, report)).collect(),
    }
}

fn planned_app(app: &AppMigration<'_>, outcome: &Outcome<'_>, report: &Report) -> OneApp {
    let (state, reason, successor) = state_words(&app.state);
    let text = |text: &String| mask::text(text).into_owned();
    let element = |mapping: &AppMapping| OneElement {
        from: mask::name(&mapping.from),
        to: text(&mapping.to),
    };
    let caller = |caller: &AppCaller| OneAppCaller {
        what: text(&caller.what),
        place: one_place(caller.place, report),
    };
    OneApp {
        app: mask::name(app.app.name()),
        org: Some(mask::name(&app.org.name)),
        file: mask::name(&report.sources.get(app.app.component.place.file).name),
        state,
        reason,
        successor,
        new_files: app.files.iter().map(|file| one_file(file, outcome)).collect(),
        elements: app.mappings.iter().map(element).collect(),
        callers: app.callers.iter().map(caller).collect(),
        differences: app.differences.iter().map(|one| one_difference(one, report)).collect(),
        steps: app.steps.iter().map(text).collect(),
    }
}

fn planned(migration: &Migration<'_>, outcome: &Outcome<'_>, report: &Report) -> OneMigration {
    let (state, reason, successor) = state_words(&migration.state);
    let text = |text: &String| mask::text(text).into_owned();
    OneMigration {
        credential: mask::name(migration.credential.name()),
        org: Some(mask::name(&migration.org.name)),
        file: mask::name(&report.sources.get(migration.credential.component.place.file).name),
        state,
        reason,
        successor,
        new_files: migration.edits.created.iter().map(|file| one_file(file, outcome)).collect(),
        elements: migration
            .mappings
            .iter()
            .map(|mapping| OneElement { from: mapping.from.to_owned(), to: text(&mapping.to) })
            .collect(),
        enter_again: migration.typed_again.to_vec(),
        callers: migration
            .callers
            .iter()
            .map(|caller| OneCaller {
                kind: caller.kind.noun(),
                name: mask::name(caller.name),
                namespace: caller.namespace.map(mask::name),
                place: one_place(caller.place, report),
                obstacle: caller.obstacle(),
            })
            .collect(),
        differences: migration
            .differences
            .iter()
            .map(|difference| one_difference(difference, report))
            .collect(),
        steps: migration.steps.iter().map(text).collect(),
        kept_because: migration.kept_because.as_ref().map(text),
    }
}

fn one_place(span: Span, report: &Report) -> OnePlace {
    let position = report.sources.position(span.file, span.start);
    OnePlace {
        file: mask::name(&report.sources.get(span.file).name),
        line: position.line,
        column: position.column,
    }
}
