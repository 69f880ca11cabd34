//! Ignore files: `.dockerignore`, and what a build writes in its form.

use crate::recipe::ignore::{Rules, parse};

/// Paths to match in addition to those in the text.
const PATHS: [&str; 6] = [
    "a",
    "a/b/c",
    "src/main.o",
    "README.md",
    ".git/config",
    "café/x.o",
];
/// The highest number of lines that are taken as paths.
const LINES: usize = 32;

/// Parses an ignore file and matches paths, among them its own lines.
///
/// A line that is refused is quoted with its number. Comments and empty rules decide nothing. What
/// is below an ignored folder is ignored too, unless a rule is an exception. A line without
/// wildcards matches its own path and what is below it alone.
pub fn ignore(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    for line in text.lines().filter(|line| is_plain(line)).take(LINES) {
        only_itself(line);
    }
    let rules = match parse(text) {
        Ok(rules) => rules,
        Err(bad) => {
            let text = text.strip_prefix('\u{feff}').unwrap_or(text);
            let line = text.lines().nth(bad.number - 1);
            assert_eq!(line, Some(bad.text.as_str()), "the line of the error");
            return;
        }
    };
    let commented = format!("{text}\n# a comment\n\n");
    let commented = parse(&commented).expect("a comment is no error");
    let after = rules.clone().after(Rules::default());
    for path in text.lines().take(LINES).chain(PATHS) {
        let ignored = rules.ignore(path);
        assert_eq!(commented.ignore(path), ignored, "a comment and {path:?}");
        assert_eq!(after.ignore(path), ignored, "no rules and {path:?}");
        if ignored && rules.have_no_exceptions() {
            let below = format!("{path}/below");
            assert!(rules.ignore(&below), "{below:?} is in an ignored folder");
        }
    }
}

/// Whether a line is a path that means itself: no wildcard, comment or exception, nothing to trim,
/// and no part that is resolved.
fn is_plain(line: &str) -> bool {
    let special = line.contains(['*', '?', '[', '\\']) || line.starts_with(['#', '!', '\u{feff}']);
    let resolved = line.split('/').any(|part| matches!(part, "" | "." | ".."));
    !special && !resolved && line.trim() == line
}

fn only_itself(line: &str) {
    let rules = parse(line).expect("a plain path is no error");
    assert!(rules.ignore(line), "{line:?} matches itself");
    assert!(rules.ignore(&format!("{line}/x")), "{line:?} is a folder");
    assert!(!rules.ignore(&format!("{line}x")), "{line:?} is no prefix");
}
