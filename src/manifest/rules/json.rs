//! JSON in the manifest, and in files that it names.

use std::{fs, io::ErrorKind, path::Path};

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
    let text = match read(path) {
        Ok(text) => text,
        Err(error) => {
            let message = match error {
                ErrorKind::NotFound => format!("`{}` does not exist", at.name()),
                // A device or a pipe may have no end.
                ErrorKind::Unsupported => format!("`{}` must be a regular file", at.name()),
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

/// Returns the text of a file; `Unsupported` for what is neither a regular file nor a directory.
fn read(path: &Path) -> Result<String, ErrorKind> {
    let kind = fs::metadata(path)
        .map_err(|error| error.kind())?
        .file_type();
    if !kind.is_file() && !kind.is_dir() {
        return Err(ErrorKind::Unsupported);
    }
    fs::read_to_string(path).map_err(|error| error.kind())
}

/// Returns the JSON of a text, if it is some.
pub(super) fn value(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok()
}
