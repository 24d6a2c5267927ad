//! The JSON Schemas in `schemas/`, for the files that users write and for the output formats. This module does not
//! validate data.

/// One schema.
#[derive(Clone, Copy, Debug)]
pub struct Schema {
    pub name: &'static str,
    /// A short description.
    pub about: &'static str,
    /// The public URL, which is also its `$id`.
    pub url: &'static str,
    /// The whole file.
    pub text: &'static str,
}

/// Builds a schema from its name, which determines the file and the URL.
macro_rules! schema {
    ($name:literal, $about:literal) => {
        Schema {
            name: $name,
            about: $about,
            url: concat!(
                "https://raw.githubusercontent.com/sfcred/sfcred/main/schemas/sfcred-",
                $name,
                "-1.json"
            ),
            text: include_str!(concat!("../schemas/sfcred-", $name, "-1.json")),
        }
    };
}

pub const SETTINGS: Schema = schema!("settings", "`sfcred.toml`: how to lint");
pub const DESCRIPTION: Schema =
    schema!("description", "`sfcred.yaml`: which orgs there are, and what metadata cannot say");
pub const NEW: Schema = schema!("new", "what `sfcred new --answers` reads");
pub const BASELINE: Schema = schema!("baseline", "what `sfcred lint --write-baseline` writes");

/// All schemas, starting with those of the files that users write.
pub const ALL: &[Schema] = &[
    SETTINGS,
    DESCRIPTION,
    NEW,
    // The output formats.
    schema!("lint", "what `sfcred lint --format json` writes"),
    schema!("rules", "what `sfcred rules --format json` writes"),
    schema!("statistics", "what `sfcred lint --statistics --format json` writes"),
    BASELINE,
    schema!("trace", "what `sfcred trace --format json` writes"),
    schema!("graph", "what `sfcred graph --format json` writes"),
    schema!("diagnose", "what `sfcred diagnose --format json` writes"),
    schema!("migrate", "what `sfcred migrate --format json` writes"),
];
