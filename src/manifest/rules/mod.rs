//! Rules that the schema cannot say: between fields, between functions, and against the files that the manifest names.

mod function;
mod json;
mod language;
mod lifecycle;
mod names;
mod network;
mod policy;
mod snapstart;
mod tests;

use std::{ops::Range, path::Path};

use super::{
    error::{Finding, Problems},
    merge::Merged,
    node::{Node, Step},
};

/// Adds what the merged document breaks; its paths are relative to `root`. Works on the tree and not on the types, so that
/// it says its part even where the schema has complaints of its own.
pub(super) fn check(merged: &Merged, root: &Path, problems: &mut Problems) {
    let document = At {
        merged,
        path: Vec::new(),
        node: &merged.root,
    };
    let project_tags = document
        .get("project")
        .and_then(|project| project.get("tags"));
    let region = document.get("aws").and_then(|aws| aws.get("region"));
    let functions: Vec<(String, At)> = document
        .get("functions")
        .map(|table| table.entries())
        .unwrap_or_default();
    names::unique(&functions, problems);
    lifecycle::moves(&functions, problems);
    for (key, function) in &functions {
        if function.node.entries().is_none() {
            continue;
        }
        names::check(key, function, problems);
        function::check(function, project_tags.as_ref(), problems);
        network::check(function, region.as_ref(), problems);
        snapstart::check(function, problems);
        policy::check(function, root, problems);
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

/// A value of the merged document and the way to it.
#[derive(Clone)]
pub(super) struct At<'m> {
    pub(super) merged: &'m Merged,
    path: Vec<Step>,
    pub(super) node: &'m Node,
}

impl<'m> At<'m> {
    pub(super) fn get(&self, key: &str) -> Option<At<'m>> {
        self.node
            .get(key)
            .map(|node| self.below(Step::Key(key.to_owned()), node))
    }

    /// The text under a key, with its place.
    pub(super) fn text(&self, key: &str) -> Option<(At<'m>, &'m str)> {
        let at = self.get(key)?;
        let text = at.node.text()?;
        Some((at, text))
    }

    pub(super) fn entries(&self) -> Vec<(String, At<'m>)> {
        let entries = self.node.entries().into_iter().flatten();
        entries
            .map(|(key, node)| (key.clone(), self.below(Step::Key(key.clone()), node)))
            .collect()
    }

    pub(super) fn items(&self) -> Vec<(usize, At<'m>)> {
        let items = self.node.items().unwrap_or_default().iter().enumerate();
        items
            .map(|(index, node)| (index, self.below(Step::Index(index), node)))
            .collect()
    }

    fn below(&self, step: Step, node: &'m Node) -> At<'m> {
        let path = self.path.iter().cloned().chain([step]).collect();
        At {
            merged: self.merged,
            path,
            node,
        }
    }

    /// The path as it stands in the file.
    pub(super) fn name(&self) -> String {
        self.merged.written(&self.path, self.node.layer)
    }

    pub(super) fn span(&self) -> Range<usize> {
        self.node.span.clone()
    }

    /// A finding at the value.
    pub(super) fn wrong(&self, message: impl Into<String>, label: &str) -> Finding {
        Finding::new(self.span(), message, label)
    }

    /// A finding at the key, for what concerns a table as a whole.
    pub(super) fn wrong_key(&self, message: impl Into<String>, label: &str) -> Finding {
        Finding::new(self.node.key_span(), message, label)
    }
}
