//! The reading of one resource.

use super::values::{Resolved, Template};
use crate::carry::{
    paths::Base,
    settings::printable,
    yaml::{Node, Value},
};

/// What the reading of one resource needs.
pub struct Reading<'a> {
    pub template: &'a Template,
    /// What paths are relative to.
    pub base: &'a Base,
    /// The id of the resource, for notes.
    pub resource: String,
    /// What has no equivalent.
    pub notes: &'a mut Vec<String>,
}

impl Reading<'_> {
    /// Reports something of a property of the resource.
    pub fn note(&mut self, property: &str, text: &str) {
        let resource = &self.resource;
        let property = printable(property);
        self.notes.push(format!("{resource}.{property}: {text}"));
    }

    /// Reports that a property was left out.
    pub fn no_equivalent(&mut self, property: &str) {
        self.note(property, "no equivalent, left out.");
    }

    /// The text of a property, with a note if only CloudFormation knows it.
    pub fn text(&mut self, property: &str, node: &Node) -> Option<String> {
        match self.template.resolve(node) {
            Resolved::Text(text) => Some(text),
            Resolved::Nothing => None,
            Resolved::Open(written) => {
                let text = format!("only CloudFormation knows {written}: set it by hand.");
                self.note(property, &text);
                None
            }
        }
    }

    /// The number of a property, with a note where it is none.
    pub fn number(&mut self, property: &str, node: &Node) -> Option<i64> {
        let text = self.text(property, node)?;
        let number = text.trim().parse().ok();
        if number.is_none() {
            self.note(property, "not a number, left out.");
        }
        number
    }

    /// The texts of a sequence, or of a single value.
    pub fn texts(&mut self, property: &str, node: &Node) -> Vec<String> {
        if node.tag.is_none() && matches!(node.value, Value::Sequence(_)) {
            let items = node.items().iter();
            return items.filter_map(|item| self.text(property, item)).collect();
        }
        let text = self.text(property, node);
        text.into_iter().collect()
    }
}
