//! JSON in the manifest, and in files that it names.

use std::{io::ErrorKind, path::Path};

use serde_json::Value;

use crate::manifest::{at::At, error::Problems};

/// Adds a text that is no JSON.
pub(super) fn json(at: &At, text: &str, problems: &mut Problems) {
    if let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(text) {
        let message = format!("`{}` is not JSON: {error}", at.name());
        problems.add(
            at.wrong(message, "not JSON")
                .help("write one JSON value, such as '{\"a\": null}'"),
        );
    }
}

/// Adds a file that cannot be read or holds no JSON; gives its text.
pub(super) fn file(at: &At, path: &Path, problems: &mut Problems) -> Option<String> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => {
            let message = match error.kind() {
                ErrorKind::NotFound => format!("`{}` does not exist", at.name()),
                kind => format!("`{}` cannot be read: {kind}", at.name()),
            };
            problems.add(
                at.wrong(message, "not readable")
                    .help("name a file relative to the manifest"),
            );
            return None;
        }
    };
    json(at, &text, problems);
    Some(text)
}

/// Returns the JSON of a text, if it is some.
pub(super) fn value(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok()
}
