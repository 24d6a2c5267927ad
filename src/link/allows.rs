//! The allows of a run: those in comments, and those in `sfcred.toml` with their locations.

use crate::discover::FileSet;
use crate::model::{Allow, AllowScope};
use crate::options::Options;
use crate::source::{Kind, Located, Span};

/// All allows. One from the settings can cover files of the whole folder of the settings, which the run may not include.
pub fn all(inline: Vec<Allow>, file_set: &FileSet, options: &Options) -> Vec<Allow> {
    let mut allows = inline;
    for allow in
        allows.iter_mut().filter(|allow| options.settings.is_never_allowed(&allow.rule.value))
    {
        allow.fault = Some("`never-allow` in `sfcred.toml` forbids it".to_owned());
        allow.forbidden = true;
    }
    let file = file_set.sources.iter().find(|(_, source)| source.kind == Kind::Toml);
    let Some(((file, source), written)) = file.zip(options.settings.allows.as_ref()) else {
        return allows;
    };
    let folder = source.path.parent().map(std::path::Path::to_owned).unwrap_or_default();
    let is_whole_scope = file_set.roots.iter().any(|root| folder.starts_with(root));
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
            is_whole_scope,
        }
    }));
    allows
}
