//! What a function runs: the source of exactly one language, or an existing image.

use std::path::Path;

use serde_json::json;

use crate::manifest::{at::At, error::Problems};
use crate::manifest::{
    languages::{self, FIRST, KEYS},
    nearest,
    node::Layer,
};

/// Adds missing and multiple sources, and what the rules of the language find.
pub(super) fn check(key: &str, function: &At, root: &Path, problems: &mut Problems) {
    let image = function.get("image_uri");
    let tables: Vec<(&str, At)> = KEYS
        .iter()
        .filter_map(|name| Some((*name, function.get(name)?)))
        .collect();
    let archive = tables
        .iter()
        .any(|(name, table)| languages::is_archive(name, table));
    if let Some(at) = function.get("runtime_update").filter(|_| !archive) {
        let message = format!(
            "`{}` has no effect on an image, which has its own runtime",
            at.name()
        );
        let help = "remove it: Lambda updates the runtime of zip archives only";
        problems.add(at.wrong_key(message, "not a zip archive").help(help));
    }
    unwrap(function, tables.first().map(|(name, _)| *name), problems);
    if let Some(at) = function.get("layers").filter(|_| !archive) {
        layers_of_an_image(&at, problems);
    }
    match (tables.as_slice(), image) {
        ([(name, table)], None) => {
            languages::check(name, (key, function), table, root, problems);
        }
        ([], None) => missing(key, function, problems),
        ([], Some(_)) => {}
        ([(name, table), ..], Some(image)) => {
            let message = format!("`{}` has a source and an `image_uri`", function.name());
            let finding = image.wrong(message, "this image exists already");
            let finding = finding.other(table.node.key_span(), "jot would build one");
            problems.add(finding.help(remove(name)));
        }
        ([(_, first), (name, second), ..], None) => {
            let message = format!("`{}` has sources in two languages", function.name());
            let finding = second.wrong_key(message, "the second");
            let finding = finding.other(first.node.key_span(), "the first");
            problems.add(finding.help(remove(name)));
        }
    }
}

/// Only jot's own runtime can unwrap the outcome of another function.
fn unwrap(function: &At, language: Option<&str>, problems: &mut Problems) {
    let wanted = function
        .get("unwrap")
        .filter(|at| at.node.to_json() == json!(true));
    let runtime = match language {
        Some(name) => languages::foreign_runtime(name),
        None => function
            .get("image_uri")
            .map(|_| "the runtime in its image"),
    };
    if let (Some(at), Some(runtime)) = (wanted, runtime) {
        let message = format!(
            "`{}` has no effect: {runtime} passes events on unchanged",
            at.name()
        );
        let help = "remove it, and have the handler read `responsePayload` of the event";
        problems.add(at.wrong_key(message, "not jot's runtime").help(help));
    }
}

/// <https://docs.aws.amazon.com/lambda/latest/dg/chapter-layers.html>
fn layers_of_an_image(layers: &At, problems: &mut Problems) {
    // An empty list asks for none.
    if layers.items().is_empty() {
        return;
    }
    let message = format!(
        "`{}` is for zip archives, but this function is an image",
        layers.name()
    );
    let help = "Lambda supports layers for zip archives only: copy their files into the image, \
        with `build.dockerfile_extra` or a base image that has them; or set `package = \"zip\"` if \
        the language supports it";
    problems.add(layers.wrong_key(message, "not a zip archive").help(help));
}

fn remove(name: &str) -> String {
    format!("remove one of them; `unset = [\"{name}\"]` removes what [defaults] sets")
}

fn missing(key: &str, function: &At, problems: &mut Problems) {
    let later = nearest::LATER_LANGUAGES
        .iter()
        .any(|language| function.node.get(language).is_some());
    if later {
        return;
    }
    let declared = &function.merged.declared;
    let help = if function.node.layer == Layer::Target && !declared.iter().any(|name| name == key) {
        match nearest::name(key, declared.iter().map(String::as_str)) {
            Some(near) => format!("`[functions]` has no `{key}`; did you mean `{near}`?"),
            None => format!(
                "`[functions]` has no `{key}` to override; it has {}",
                nearest::list(declared)
            ),
        }
    } else {
        FIRST.to_owned()
    };
    let message = format!("`{}` has no source", function.name());
    problems.add(function.wrong_key(message, "no source").help(help));
}
