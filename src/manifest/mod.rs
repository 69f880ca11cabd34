//! `jot.toml`: its types, how it is found, read, merged and validated.

pub mod address;
mod at;
mod aws;
mod checker;
mod deploy;
mod document;
mod either;
mod error;
mod explain;
mod ignorable;
pub mod languages;
pub mod limits;
mod logging;
mod merge;
pub mod nearest;
mod node;
mod parse;
mod reach;
mod reference;
mod resolved;
mod rules;
mod schema;
mod shape;
mod toml10;
mod trigger;
pub mod types;
mod unset;
mod version;
mod walk;
mod wording;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    thread,
};

pub use document::Document;
pub use error::{Error, Problem};
pub use resolved::{Misfit, misfit};
pub use schema::WRITTEN as SCHEMA;
pub use types::Manifest;

use error::{Finding, Problems};
use merge::Merged;
use node::{Node, dotted};
use parse::Parsed;

/// The name of the file.
pub const FILE: &str = "jot.toml";

/// A manifest that was read, merged and found valid.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// Its content. Every function's `name` has the target's suffix already.
    pub manifest: Manifest,
    /// The file's absolute path.
    pub path: PathBuf,
    /// The absolute path of the manifest's folder, to which its paths are relative.
    pub root: PathBuf,
    /// The target that `--target` or `JOT_TARGET` chose; `None`: the manifest without an overlay.
    pub target: Option<String>,
    /// The target's suffix on function and role names; empty for none.
    pub name_suffix: String,
    /// Every target that the file has.
    pub targets: Vec<String>,
    /// Where the file refers to values from elsewhere, by their place in the merged document, such
    /// as `functions.increment-vector.vpc.subnets[0]`.
    pub references: BTreeMap<String, Spot>,
    /// What the file says, to hold values to its rules that are read later.
    pub document: Document,
}

/// A place in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// The path as written in the file, such as `defaults.vpc.subnets[0]`.
    pub written: String,
    /// The line, from 1.
    pub line: usize,
}

/// Returns the manifest of the example, which shows every key.
pub fn example() -> &'static str {
    include_str!("../../jot.example.toml")
}

/// Returns the path of the nearest `jot.toml`, in `start` or a folder above it.
///
/// # Errors
/// [`Error::NotFound`] if no folder has one.
pub fn find(start: &Path) -> Result<PathBuf, Error> {
    let absolute = std::path::absolute(start).unwrap_or_else(|_| start.to_owned());
    let found = absolute
        .ancestors()
        .map(|folder| folder.join(FILE))
        .find(|path| path.is_file());
    found.ok_or(Error::NotFound { start: absolute })
}

/// Returns the manifest at a path, with the overlay of a target merged.
///
/// # Errors
/// [`Error::Unreadable`], [`Error::NotText`], or [`Error::Invalid`] with every problem.
pub fn load(path: &Path, target: Option<&str>) -> Result<Loaded, Error> {
    let unreadable = |cause| Error::Unreadable {
        path: path.to_owned(),
        cause,
    };
    let bytes = std::fs::read(path).map_err(unreadable)?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let lines = error.as_bytes()[..good]
            .split(|byte| *byte == b'\n')
            .count();
        Error::NotText {
            path: path.to_owned(),
            line: lines,
        }
    })?;
    read(
        &std::path::absolute(path).map_err(unreadable)?,
        &text,
        target,
    )
}

/// Returns the manifest with this text, which is or will be at an absolute path.
///
/// # Errors
/// [`Error::Invalid`] with every problem.
pub fn read(path: &Path, text: &str, target: Option<&str>) -> Result<Loaded, Error> {
    let root = path.parent().map(Path::to_owned).unwrap_or_default();

    let mut problems = Problems::new(path, text, target);
    let Parsed {
        root: written,
        broken,
    } = parse::parse(text, &mut problems);
    if let Some(refusal) = version::check(&written, env!("CARGO_PKG_VERSION"), &mut problems) {
        let mut problems = Problems::new(path, text, target);
        problems.add(refusal);
        return Err(problems.into_error());
    }
    let merged = merge::merge(&written, target, &mut problems);
    for finding in against_schemas(&written, &merged, broken.is_empty()) {
        if !broken.contains(&parse::line(text, finding.span.start)) {
            problems.add(finding);
        }
    }
    // Findings about keys that a broken line hides wait until the line can be read.
    if broken.is_empty() {
        rules::check(&merged, &root, &mut problems);
    }
    if !problems.is_empty() {
        return Err(problems.into_error());
    }

    let mut manifest: Manifest =
        serde_json::from_value(merged.root.to_json()).map_err(|error| {
            problems.add(Finding::new(
                0..0,
                format!("the manifest cannot be read: {error}"),
                "somewhere in it",
            ));
            problems.into_error()
        })?;
    let name_suffix = merged
        .suffix
        .as_ref()
        .and_then(Node::text)
        .unwrap_or_default()
        .to_owned();
    add_suffix(&mut manifest, &name_suffix);
    Ok(Loaded {
        references: spots(&merged, text),
        manifest,
        path: path.to_owned(),
        root,
        target: merged.target.clone(),
        name_suffix,
        targets: merge::targets(&written),
        document: Document::new(merged, text),
    })
}

/// Returns the errors of the schemas: for the file as written, so that layers which the target does
/// not use are checked too, and for the merged document. Both are checked at the same time.
fn against_schemas(written: &Node, merged: &Merged, complete: bool) -> Vec<Finding> {
    thread::scope(|scope| {
        let of_merged = scope.spawn(|| {
            let name: explain::Written = &|path, layer| merged.written(path, layer);
            explain::findings(&checker::MERGED, &merged.root, complete, name)
        });
        let name: explain::Written = &|path, _| dotted(path);
        let mut found = explain::findings(&checker::WRITTEN, written, complete, name);
        found.extend(
            of_merged
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
        );
        found
    })
}

/// Returns the places of all values that come from elsewhere.
fn spots(merged: &Merged, text: &str) -> BTreeMap<String, Spot> {
    let spots = document::references(merged).into_iter().map(|at| {
        let spot = Spot {
            written: at.name(),
            line: parse::line(text, at.span().start) + 1,
        };
        (at.path(), spot)
    });
    spots.collect()
}

fn add_suffix(manifest: &mut Manifest, suffix: &str) {
    if suffix.is_empty() {
        return;
    }
    for (key, function) in &mut manifest.functions {
        let name = function.name.as_ref().unwrap_or(key);
        function.name = Some(format!("{name}{suffix}"));
    }
}

#[cfg(test)]
mod tests;
