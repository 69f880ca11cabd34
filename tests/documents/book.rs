//! The book is complete and current: its summary, its reference, the messages that it explains, its
//! words.

use std::{fs, path::PathBuf, process::Command};

use crate::{
    assert_none,
    markdown::{self, Document},
};

fn page(name: &str) -> Document {
    markdown::read(&markdown::root().join("docs/src").join(name))
}

/// The texts of all source files, without their tests.
fn sources() -> Vec<String> {
    let mut paths = Vec::new();
    markdown::walk(&markdown::root().join("src"), &mut paths);
    let texts = paths
        .iter()
        .filter_map(|path| fs::read_to_string(path).ok());
    let own = |text: String| match text.split_once("#[cfg(test)]\nmod tests {") {
        Some((before, _)) => before.to_owned(),
        None => text,
    };
    texts.map(own).map(|text| joined(&text)).collect()
}

/// The text without the line breaks that a `\` at a line's end takes out of a string.
fn joined(text: &str) -> String {
    let mut joined = String::new();
    for line in text.lines() {
        match joined.strip_suffix('\\') {
            Some(before) => joined = format!("{before}{}", line.trim_start()),
            None => {
                joined.push('\n');
                joined.push_str(line);
            }
        }
    }
    joined
}

#[test]
fn the_summary_lists_every_page_once() {
    let folder = markdown::root().join("docs/src");
    let mut paths = Vec::new();
    markdown::walk(&folder, &mut paths);
    let pages = paths.iter().map(|path| path.strip_prefix(&folder).unwrap());
    let mut pages: Vec<PathBuf> = pages
        .filter(|path| path.extension().is_some_and(|ending| ending == "md"))
        .filter(|path| !path.ends_with("SUMMARY.md"))
        .map(PathBuf::from)
        .collect();
    pages.sort();
    let links = page("SUMMARY.md").links().into_iter();
    let mut listed: Vec<PathBuf> = links.map(|(_, target)| PathBuf::from(target)).collect();
    listed.sort();
    assert_eq!(listed, pages);
}

#[test]
fn the_reference_is_what_jot_says_of_itself() {
    let folder = tempfile::tempdir().unwrap();
    let script = markdown::root().join("scripts/reference");
    let output = Command::new(script)
        .arg(env!("CARGO_BIN_EXE_jot"))
        .arg(folder.path())
        .output()
        .expect("scripts/reference runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    for name in ["keys.md", "commands.md"] {
        let made = fs::read_to_string(folder.path().join(name)).unwrap();
        let kept = page(&format!("reference/{name}")).text;
        // Without this, whole pages would be shown.
        let differs = made
            .lines()
            .zip(kept.lines())
            .find(|(one, other)| one != other);
        assert!(
            made == kept,
            "docs/src/reference/{name} is stale: run `scripts/reference JOT` with this jot; \
             first difference: {differs:?}"
        );
    }
}

/// The parts of a heading that a message has in this order; `…` is what differs.
fn parts(heading: &str) -> Vec<&str> {
    heading
        .split('…')
        .filter(|part| !part.trim().is_empty())
        .collect()
}

/// Whether a line has all parts, in this order.
fn has(line: &str, parts: &[&str]) -> bool {
    let mut rest = line;
    parts.iter().all(|part| match rest.find(part) {
        Some(at) => {
            rest = &rest[at + part.len()..];
            true
        }
        None => false,
    })
}

#[test]
fn what_troubleshooting_explains_are_messages_of_jot() {
    let sources = sources();
    let headings = page("troubleshooting.md").headings().into_iter();
    let messages: Vec<String> = headings
        .filter(|(level, _)| *level == 3)
        .map(|(_, text)| text)
        .collect();
    assert!(messages.len() >= 30, "{} messages", messages.len());
    let is_message = |message: &String| {
        let parts = parts(message);
        let letters: usize = parts.iter().map(|part| part.trim().len()).sum();
        let mut lines = sources.iter().flat_map(|text| text.lines());
        letters >= 8 && lines.any(|line| has(line, &parts))
    };
    let wrong: Vec<String> = messages
        .iter()
        .filter(|message| !is_message(message))
        .map(|message| format!("no source file says: {message}"))
        .collect();
    assert_none(&wrong);
    let unknown = "jot has no such message at all".to_owned();
    assert!(!is_message(&unknown));
}

#[test]
fn the_words_of_the_glossary_are_used() {
    let documents = markdown::documents().into_iter();
    let others = documents.filter(|document| !document.path.ends_with("glossary.md"));
    let mut texts: Vec<String> = others.map(|document| document.text).collect();
    texts.extend(sources());
    let texts: Vec<String> = texts.iter().map(|text| text.to_lowercase()).collect();
    let glossary = page("glossary.md").text;
    let rows = glossary.lines().filter_map(|line| line.strip_prefix("| "));
    let first = rows.filter_map(|row| row.split(" | ").next());
    let words: Vec<&str> = first
        .filter(|cell| *cell != "word" && !cell.starts_with("---"))
        .flat_map(|cell| cell.split(", "))
        .collect();
    assert!(words.len() >= 20, "{words:?}");
    let unused = words.iter().filter(|word| {
        let word = word.to_lowercase();
        !texts.iter().any(|text| text.contains(&word))
    });
    let wrong: Vec<String> = unused.map(|word| format!("nothing says: {word}")).collect();
    assert_none(&wrong);
}
