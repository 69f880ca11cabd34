//! Rules for a function's tests: which keys go together, and whether their content is JSON.

use std::path::Path;

use super::json::{file, json};
use crate::manifest::{at::At, error::Problems, limits::ARGUMENT_BYTES, nearest};

const ARGUMENT: [&str; 3] = ["argument", "argument_file", "argument_json"];
const EXPECTED: [&str; 4] = [
    "expected",
    "expected_file",
    "expected_json",
    "expected_error",
];

/// Adds what is wrong with one test.
pub(super) fn check(test: &At, root: &Path, problems: &mut Problems) {
    if test.node.entries().is_none() {
        return;
    }
    let arguments = present(test, &ARGUMENT);
    if arguments.is_empty() {
        let message = format!("`{}` has no argument", test.name());
        problems.add(
            test.wrong(message, "no argument")
                .help(format!("add one of {}", nearest::list(&ARGUMENT))),
        );
    }
    only_one(test, &arguments, problems);
    only_one(test, &present(test, &EXPECTED), problems);
    tolerance(test, problems);
    if let Some(at) = test.get("argument") {
        size(&at, at.node.to_json().to_string().len(), problems);
    }
    for key in ["argument_json", "expected_json"] {
        if let Some((at, text)) = test.text(key) {
            json(&at, text, problems);
            if key == "argument_json" {
                size(&at, text.trim().len(), problems);
            }
        }
    }
    for key in ["argument_file", "expected_file"] {
        if let Some((at, path)) = test.text(key).filter(|(_, path)| !path.is_empty()) {
            let text = file(&at, &root.join(path), problems);
            if let Some(text) = text.filter(|_| key == "argument_file") {
                size(&at, text.trim().len(), problems);
            }
        }
    }
}

/// Adds an argument that Lambda would refuse after the image was pushed and a version published.
fn size(at: &At, bytes: usize, problems: &mut Problems) {
    if bytes > ARGUMENT_BYTES {
        let message = format!(
            "`{}` must be at most {ARGUMENT_BYTES} bytes, got {bytes}",
            at.name()
        );
        problems.add(at.wrong(message, "too large").help(
            "Lambda takes 6 MB in a call: test with less, or let the function read the rest \
                from S3",
        ));
    }
}

fn present<'k>(test: &At, keys: &[&'k str]) -> Vec<&'k str> {
    keys.iter()
        .copied()
        .filter(|key| test.get(key).is_some())
        .collect()
}

fn only_one(test: &At, keys: &[&str], problems: &mut Problems) {
    let [first, second, ..] = keys else { return };
    let (Some(kept), Some(extra)) = (test.get(first), test.get(second)) else {
        return;
    };
    let message = format!(
        "`{}` has {}, and a test has only one of them",
        test.name(),
        nearest::list(keys)
    );
    let finding = extra
        .wrong_key(message, "second")
        .other(kept.node.key_span(), "first");
    problems.add(finding.help(format!("keep one of {}", nearest::list(keys))));
}

fn tolerance(test: &At, problems: &mut Problems) {
    let Some(tolerance) = test.get("tolerance") else {
        return;
    };
    if EXPECTED[..3].iter().all(|key| test.get(key).is_none()) {
        let message = format!("`{}` has no expected value to apply to", tolerance.name());
        problems.add(
            tolerance
                .wrong_key(message, "nothing to compare")
                .help(format!(
                    "add one of {}, or remove it",
                    nearest::list(&EXPECTED[..3])
                )),
        );
    }
}
