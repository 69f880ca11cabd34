//! `jot.toml`: parse, merge, schema and rules.

use std::{collections::BTreeMap, path::Path};

use crate::{
    manifest::{Error, Loaded, read},
    report::{self, Format, Style},
};

/// A folder that does not exist, so that no file decides.
const PATH: &str = "/jot-fuzz/jot.toml";
/// Folders with files that have no end.
const ENDLESS: [&str; 2] = ["/dev/", "/proc/"];
/// The highest number of targets that are read.
const TARGETS: usize = 3;

/// Reads a manifest without a target and for its targets.
///
/// The result is the same each time. Each place of an error is in the text and between characters,
/// the problems are in the order of the text, and the error can be printed. In a manifest that
/// loads, names end with the target's suffix, and references are on lines of the text.
pub fn manifest(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if ENDLESS.iter().any(|folder| text.contains(folder)) {
        return;
    }
    let targets = twice(text, None);
    for target in targets.iter().take(TARGETS) {
        twice(text, Some(target));
    }
    twice(text, Some("absent"));
}

/// Reads the text for a target; returns the targets that it has if it loads.
fn twice(text: &str, target: Option<&str>) -> Vec<String> {
    let path = Path::new(PATH);
    match (read(path, text, target), read(path, text, target)) {
        (Ok(loaded), Ok(again)) => {
            assert_eq!(loaded.manifest, again.manifest, "read twice");
            loads(text, target, &loaded);
            loaded.targets
        }
        (Err(error), Err(again)) => {
            assert_eq!(error.to_string(), again.to_string(), "read twice");
            located(text, &error);
            Vec::new()
        }
        (one, other) => panic!("read twice: {one:?}, then {other:?}"),
    }
}

fn loads(text: &str, target: Option<&str>, loaded: &Loaded) {
    assert_eq!(loaded.target.as_deref(), target, "the chosen target");
    for (key, function) in &loaded.manifest.functions {
        let name = function.name.as_ref().unwrap_or(key);
        assert!(name.ends_with(&loaded.name_suffix), "the suffix of {name}");
    }
    let lines = text.split('\n').count();
    for (place, spot) in &loaded.references {
        let inside = (1..=lines).contains(&spot.line);
        assert!(inside, "{place} is on line {} of {lines}", spot.line);
    }
    let values = loaded.references.keys();
    let values: BTreeMap<String, &str> = values.map(|place| (place.clone(), "x")).collect();
    if let Err(error) = loaded.document.with_values(&loaded.path, &values) {
        located(text, &error);
    }
}

/// Holds an error to its places, and prints it.
fn located(text: &str, error: &Error) {
    let Error::Invalid { problems, .. } = error else {
        panic!("must be about the text, got {error:?}");
    };
    assert!(!problems.is_empty(), "an error has a problem");
    let mut before = 0;
    for problem in problems {
        for label in &problem.labels {
            let span = label.offset()..label.offset() + label.len();
            let marked = text.get(span.clone());
            let message = &problem.message;
            assert!(marked.is_some(), "{message}: {span:?} is not in the text");
        }
        let start = problem.labels.first().map_or(0, |label| label.offset());
        assert!(before <= start, "problems are in the order of the text");
        before = start;
    }
    let style = Style::plain();
    assert!(!report::problem::text(error, &style).is_empty());
    let json = Style {
        format: Format::Json,
        ..style
    };
    let json = report::problem::text(error, &json);
    let json: Result<serde_json::Value, _> = serde_json::from_str(&json);
    assert!(json.is_ok(), "an error is a JSON document: {json:?}");
}
