//! Names composed of several keys: the function's name with its suffix, the handler's default, the
//! extra tags.

use std::collections::BTreeMap;

use crate::manifest::limits::{FUNCTION_NAME, IMAGE_TAG};
use crate::manifest::{
    at::At,
    error::{Finding, Problems},
};

/// Adds what is wrong with the names of one function.
pub(super) fn check(key: &str, function: &At, problems: &mut Problems) {
    let name = lambda_name(key, function);
    length(&name, function, problems);
    let tags = function
        .get("build")
        .and_then(|build| build.get("extra_tags"));
    for (_, tag) in tags.map(|tags| tags.items()).unwrap_or_default() {
        extra_tag(key, &name, &tag, problems);
    }
}

/// The tag is pushed as `<function>.<tag>`, and counted with the longer of the function's names.
fn extra_tag(key: &str, name: &str, tag: &At, problems: &mut Problems) {
    let Some(text) = tag.node.text() else { return };
    let whole = key.len().max(name.len()) + 1 + text.len();
    if whole > IMAGE_TAG {
        let message = format!(
            "`{}` with the function's name must be at most {IMAGE_TAG} characters, got {whole}",
            tag.name()
        );
        problems.add(
            tag.wrong(message, "too long")
                .help("shorten the tag: it is pushed as `<function>.<tag>`"),
        );
    }
    if key.starts_with('-') || name.starts_with('-') {
        let message = format!(
            "`{}` becomes a tag that begins with `-`, because the function's name does",
            tag.name()
        );
        problems.add(
            tag.wrong(message, "not an image tag")
                .help("rename the function, or remove `extra_tags`"),
        );
    }
}

/// Adds functions that would be one and the same in Lambda.
pub(super) fn unique(functions: &[(String, At)], problems: &mut Problems) {
    let place = |at: &At| {
        at.get("name")
            .map_or_else(|| at.node.key_span(), |name| name.span())
    };
    let mut functions: Vec<&(String, At)> = functions.iter().collect();
    functions.sort_by_key(|(_, function)| place(function).start);
    let mut seen: BTreeMap<String, &At> = BTreeMap::new();
    for (key, function) in functions {
        let name = lambda_name(key, function);
        let Some(first) = seen.get(&name) else {
            seen.insert(name, function);
            continue;
        };
        let message = format!(
            "`{}` and `{}` are both named `{name}` in Lambda",
            first.name(),
            function.name()
        );
        let finding = Finding::new(place(function), message, "second").other(place(first), "first");
        problems.add(finding.help("give one of them another `name`"));
    }
}

/// Returns the Lambda function's name: its `name` or key, and the target's suffix.
fn lambda_name(key: &str, function: &At) -> String {
    let name = function.text("name").map_or(key, |(_, name)| name);
    let suffix = function
        .merged
        .suffix
        .as_ref()
        .and_then(|suffix| suffix.text());
    format!("{name}{}", suffix.unwrap_or_default())
}

/// The schema refuses a name or key that is too long without the suffix.
fn length(name: &str, function: &At, problems: &mut Problems) {
    let Some(suffix) = &function.merged.suffix else {
        return;
    };
    let own = name.len() - suffix.text().map_or(0, str::len);
    if name.len() <= FUNCTION_NAME || own > FUNCTION_NAME {
        return;
    }
    let named = function.get("name");
    let place = named.map_or_else(|| function.node.key_span(), |name| name.span());
    let message = format!(
        "`{}` becomes `{name}` with the target's suffix: {} characters; the limit is \
            {FUNCTION_NAME}",
        function.name(),
        name.len()
    );
    let finding = Finding::new(place, message, "too long with the suffix")
        .other(suffix.span.clone(), "the suffix");
    problems.add(finding.help("shorten `name_suffix`, or give the function a shorter `name`"));
}
