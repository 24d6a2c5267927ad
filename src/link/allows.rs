//! The allows of a run: those in comments, and those in `sfcred.toml` with their places.

use crate::discover::FileSet;
use crate::model::{Allow, AllowScope};
use crate::settings::Settings;
use crate::source::{Kind, Located, Span};

/// All allows. One from the settings is judged only when everything below the settings was looked at.
pub fn all(inline: Vec<Allow>, file_set: &FileSet, settings: &Settings) -> Vec<Allow> {
    let mut allows = inline;
    for allow in allows.iter_mut().filter(|allow| settings.is_never_allowed(&allow.rule.value)) {
        allow.fault =
            Some("`never-allow` in `sfcred.toml` says that it must not be allowed".to_owned());
        allow.forbidden = true;
    }
    let file = file_set.sources.iter().find(|(_, source)| source.kind == Kind::Toml);
    let Some(((file, source), written)) = file.zip(settings.allows.as_ref()) else { return allows };
    let folder = source.path.parent().map(std::path::Path::to_owned).unwrap_or_default();
    let analysis = file_set.roots.iter().any(|root| folder.starts_with(root));
    allows.extend(written.entries.iter().map(|entry| {
        Allow {
            rule: Located::new(
                entry.rule.value.clone(),
                Span::new(file, entry.rule.start, entry.rule.end),
            ),
            scope: AllowScope::Files {
                folder: folder.clone(),
                path: entry.path.clone(),
                component: entry.component.clone(),
            },
            until: entry
                .until
                .as_ref()
                .map(|until| Located::new(until.value, Span::new(file, until.start, until.end))),
            fault: None,
            forbidden: false,
            whole: Some(Span::new(file, entry.whole.start, entry.whole.end)),
            silenced: 0,
            analysis,
        }
    }));
    allows
}
