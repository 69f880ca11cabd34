//! Rules that the schema cannot express: between fields, between functions, and against the files
//! that the manifest names.

mod bucket;
mod function;
mod json;
mod language;
mod lifecycle;
mod names;
mod network;
mod policy;
mod reach;
pub(super) mod references;
mod snapstart;
mod tests;
mod traffic;
mod trigger;

use std::path::Path;

use super::{at::At, error::Problems, merge::Merged};

/// Adds the problems of the merged document; its paths are relative to `root`. Works on the tree
/// and not on the types, so that it runs even where the schema found errors.
pub(super) fn check(merged: &Merged, root: &Path, problems: &mut Problems) {
    let document = At::root(merged);
    let project_tags = document
        .get("project")
        .and_then(|project| project.get("tags"));
    let region = document.get("aws").and_then(|aws| aws.get("region"));
    let functions: Vec<(String, At)> = document
        .get("functions")
        .map(|table| table.entries())
        .unwrap_or_default();
    references::of_aws(&document, problems);
    names::unique(&functions, problems);
    lifecycle::moves(&functions, problems);
    reach::chains(&functions, problems);
    bucket::overlaps(&functions, problems);
    for (key, function) in &functions {
        if function.node.entries().is_none() {
            continue;
        }
        names::check(key, function, problems);
        function::check(function, project_tags.as_ref(), problems);
        network::check(function, region.as_ref(), problems);
        snapstart::check(function, problems);
        traffic::check(function, problems);
        policy::check(function, root, problems);
        reach::check(function, region.as_ref(), problems);
        references::check(function, problems);
        trigger::check(function, region.as_ref(), problems);
        language::check(key, function, root, problems);
        lifecycle::ignored(function, problems);
        for (_, test) in function
            .get("tests")
            .map(|tests| tests.items())
            .unwrap_or_default()
        {
            tests::check(&test, root, problems);
        }
    }
}

/// Adds the problems of values that were read from elsewhere and are now in the merged document:
/// the part of [`check`] that concerns values.
pub(super) fn values(merged: &Merged, problems: &mut Problems) {
    let document = At::root(merged);
    let region = document.get("aws").and_then(|aws| aws.get("region"));
    let functions = document.get("functions").map(|table| table.entries());
    let functions = functions.unwrap_or_default();
    bucket::overlaps(&functions, problems);
    for (_, function) in &functions {
        network::check(function, region.as_ref(), problems);
        reach::check(function, region.as_ref(), problems);
        trigger::check(function, region.as_ref(), problems);
    }
}
