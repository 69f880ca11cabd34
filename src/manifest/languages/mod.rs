//! The languages of sources: for each one the table of the function, its patterns and its own
//! rules.

mod dockerfile;
mod julia;
mod jvm;
mod streaming;

use std::path::Path;

pub use dockerfile::Dockerfile;
pub use julia::{Compile, Defined, Droppable, Julia, Outline};
pub use jvm::{Jvm, JvmCompile, Native, OPTIONS, PROJECTS, Package};

use super::{at::At, error::Problems};

/// The keys of a function that hold a language's table.
pub(super) const KEYS: &[&str] = &["julia", "jvm", "dockerfile"];

/// What to add to a function that has no source.
pub(super) const FIRST: &str = "add `julia = { source = \"...\", argument_type = \"...\" }`, \
    `jvm = { source = \"...\" }`, `dockerfile = { source = \"...\" }`, or `image_uri` for an image \
    that exists already";

/// The definitions in the schema of the languages' tables. Their keys may come from different
/// layers.
#[cfg(test)]
pub(super) const DEFINITIONS: &[&str] = &["Julia", "Jvm", "Dockerfile"];

/// Whether a table of the language `name` makes a zip archive.
pub(super) fn is_archive(name: &str, table: &At) -> bool {
    match name {
        "jvm" => jvm::is_archive(table),
        _ => false,
    }
}

/// What receives the events of a function in the language `name` and passes them to the handler
/// unchanged; `None` for jot's own runtime.
pub(super) fn foreign_runtime(name: &str) -> Option<&'static str> {
    match name {
        "jvm" => Some("AWS's client for Java"),
        "dockerfile" => Some("the runtime in its image"),
        _ => None,
    }
}

/// Adds what is wrong with a function's table of the language `name`.
pub(super) fn check(
    name: &str,
    (key, function): (&str, &At),
    table: &At,
    root: &Path,
    problems: &mut Problems,
) {
    match name {
        "dockerfile" => dockerfile::check(function, table, root, problems),
        "julia" => julia::check(key, function, table, root, problems),
        "jvm" => jvm::check(function, table, root, problems),
        _ => {}
    }
}
