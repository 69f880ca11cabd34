//! A place in the merged document.

use std::ops::Range;

use super::{
    error::Finding,
    merge::Merged,
    node::{Node, Step, dotted},
};

/// A value of the merged document and the way to it.
#[derive(Clone)]
pub(super) struct At<'m> {
    pub(super) merged: &'m Merged,
    path: Vec<Step>,
    pub(super) node: &'m Node,
}

impl<'m> At<'m> {
    /// The merged document itself, with an empty path.
    pub(super) fn root(merged: &'m Merged) -> At<'m> {
        At {
            merged,
            path: Vec::new(),
            node: &merged.root,
        }
    }

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

    /// The way to it in the merged document.
    pub(super) fn steps(&self) -> &[Step] {
        &self.path
    }

    /// The path in the merged document.
    pub(super) fn path(&self) -> String {
        dotted(&self.path)
    }

    /// The path as written in the file.
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
