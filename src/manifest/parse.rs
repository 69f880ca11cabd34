//! From text to tree: TOML 1.0, every syntax error in one run.

use std::{collections::BTreeSet, ops::Range};

use toml::de::DeTable;

use super::{
    error::{Finding, Problems},
    node::{self, Content, Node, Step, dotted},
    toml10,
};

/// A document that was read as far as it could be.
pub(super) struct Parsed {
    pub root: Node,
    /// The lines with syntax errors, counted from 0: their content is missing or misread in the
    /// tree.
    pub broken: BTreeSet<usize>,
}

/// Returns the tree of a text. Adds a problem for text that is not TOML 1.0 or not representable in
/// JSON.
pub(super) fn parse(text: &str, problems: &mut Problems) -> Parsed {
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut broken = BTreeSet::new();
    for error in errors {
        let span = error.span().unwrap_or(text.len()..text.len());
        // What follows an error on the same line is mostly its echo.
        if broken.insert(line(text, span.start)) {
            problems.add(syntax(text, span, error.message()));
        }
    }
    broken.extend(under_broken_headers(text, &broken));
    for finding in toml10::check(text) {
        if !broken.contains(&line(text, finding.span.start)) {
            problems.add(finding);
        }
    }
    let root = node::document(table.get_ref());
    unusable(&root, &mut Vec::new(), problems);
    Parsed { root, broken }
}

/// Returns the number of the line that a byte is in, from 0.
pub(super) fn line(text: &str, offset: usize) -> usize {
    text.bytes()
        .take(offset)
        .filter(|byte| *byte == b'\n')
        .count()
}

/// Returns the lines below a broken `[header]` up to the next one: they were read as part of
/// another table.
fn under_broken_headers(text: &str, broken: &BTreeSet<usize>) -> Vec<usize> {
    let mut lost = false;
    let mut lines = Vec::new();
    for (number, line) in text.lines().enumerate() {
        if line.trim_start().starts_with('[') {
            lost = broken.contains(&number);
        }
        if lost {
            lines.push(number);
        }
    }
    lines
}

fn syntax(text: &str, span: Range<usize>, message: &str) -> Finding {
    let (what, expected) = message
        .split_once(", expected ")
        .map_or((message, None), |(a, b)| (a, Some(b)));
    let label = expected.map_or_else(
        || "here".to_owned(),
        |expected| format!("expected {expected}"),
    );
    let span = match what {
        "duplicate key" => whole_header(text, span),
        _ => span,
    };
    let named = text.get(span.clone()).unwrap_or_default();
    let (message, help) = match what {
        "duplicate key" => (
            format!("duplicate key `{named}`"),
            "keep one of them: TOML allows each key, and each [table] header, only once".to_owned(),
        ),
        "string values must be quoted" | "invalid value" => (
            format!("not TOML: {what}"),
            "put text between quotes, such as \"text\"".to_owned(),
        ),
        _ => (
            format!("not TOML: {what}"),
            "correct the syntax at the marked place; https://toml.io/en/v1.0.0".to_owned(),
        ),
    };
    Finding::new(span, message, label).help(help)
}

/// Returns the name in a table's header if the span is its closing bracket; otherwise the span.
fn whole_header(text: &str, span: Range<usize>) -> Range<usize> {
    let bracket = text
        .get(span.clone())
        .is_some_and(|text| text.starts_with(']'));
    let before = text.get(..span.start).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    let header = line.trim_start_matches([' ', '\t', '[']);
    match bracket && !header.is_empty() {
        true => span.start - header.len()..span.start,
        false => span,
    }
}

/// Adds dates, non-finite numbers and numbers that are too large. JSON has none of them, and no key
/// of the manifest takes one.
fn unusable(node: &Node, path: &mut Vec<Step>, problems: &mut Problems) {
    match &node.content {
        Content::Table(entries) => {
            for (key, entry) in entries {
                path.push(Step::Key(key.clone()));
                unusable(entry, path, problems);
                path.pop();
            }
        }
        Content::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                path.push(Step::Index(index));
                unusable(item, path, problems);
                path.pop();
            }
        }
        Content::Date | Content::NotFinite | Content::TooGreat => problems.add(no_json(node, path)),
        _ => {}
    }
}

fn no_json(node: &Node, path: &[Step]) -> Finding {
    let (what, advice) = match node.content {
        Content::Date => ("a date or time", "write it as text, in quotes"),
        Content::NotFinite => ("not a finite number", "write a finite number"),
        _ => (
            "beyond the 64 bits of a TOML integer",
            "write a smaller number",
        ),
    };
    let data = path.iter().find_map(|step| match step {
        Step::Key(key) if key == "argument" || key == "expected" => Some(key),
        _ => None,
    });
    let (message, help) = match (data, &node.content) {
        (Some(key), Content::TooGreat) => (
            format!("`{}` is {what}", dotted(path)),
            format!(
                "write the whole value as JSON text in `{key}_json`, where numbers have no limit"
            ),
        ),
        (Some(key), _) => (
            format!("`{}` is {what}, which JSON cannot represent", dotted(path)),
            format!("{advice}, or write the whole value as JSON text in `{key}_json`"),
        ),
        (None, _) => (
            format!(
                "`{}` is {what}, and no key of the manifest takes one",
                dotted(path)
            ),
            advice.to_owned(),
        ),
    };
    Finding::new(node.span.clone(), message, "not in JSON").help(help)
}
