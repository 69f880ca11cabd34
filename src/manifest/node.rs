//! The manifest as a tree in which every value has its position in the file and the layer that set
//! it.

use std::{collections::BTreeMap, fmt::Write, ops::Range};

use serde_json::Value;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// Which part of the file set a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layer {
    /// `[project]`, `[aws]`, `[functions.*]`.
    Base,
    /// `[defaults]`.
    Defaults,
    /// `[targets.X.defaults]`.
    TargetDefaults,
    /// `[targets.X.aws]`, `[targets.X.functions.*]`.
    Target,
}

/// A value in its place.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Node {
    /// Bytes of the value; for a table with a header, of the header.
    pub span: Range<usize>,
    /// Bytes of the key, where it has one.
    pub key: Option<Range<usize>>,
    pub layer: Layer,
    pub content: Content,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Content {
    Text(String),
    Integer(i64),
    Float(f64),
    Boolean(bool),
    Array(Vec<Node>),
    Table(BTreeMap<String, Node>),
    /// A date or time, which JSON does not have.
    Date,
    /// An infinity, or not a number.
    NotFinite,
    /// A whole number that does not fit 64 bits.
    TooGreat,
}

/// One step from a value to a value in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Key(String),
    Index(usize),
}

impl Node {
    /// Returns the tree of a document or value, all of it in layer [`Layer::Base`].
    pub fn read(value: &Spanned<DeValue>) -> Self {
        Self {
            span: value.span(),
            key: None,
            layer: Layer::Base,
            content: content(value.get_ref()),
        }
    }

    /// Returns a table that is in no file.
    pub fn table(entries: BTreeMap<String, Node>) -> Self {
        Self {
            span: 0..0,
            key: None,
            layer: Layer::Base,
            content: Content::Table(entries),
        }
    }

    /// Returns the same tree as set by another layer.
    pub fn in_layer(mut self, layer: Layer) -> Self {
        self.set_layer(layer);
        self
    }

    fn set_layer(&mut self, layer: Layer) {
        self.layer = layer;
        match &mut self.content {
            Content::Array(items) => items.iter_mut().for_each(|item| item.set_layer(layer)),
            Content::Table(entries) => entries
                .values_mut()
                .for_each(|entry| entry.set_layer(layer)),
            _ => {}
        }
    }

    /// Returns the bytes of the key, or of the value if it has no key.
    pub fn key_span(&self) -> Range<usize> {
        self.key.clone().unwrap_or_else(|| self.span.clone())
    }

    /// Returns the value under a key of a table.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries()?.get(key)
    }

    /// Returns the value that the steps lead to.
    pub fn at(&self, path: &[Step]) -> Option<&Node> {
        path.iter()
            .try_fold(self, |node, step| match (step, &node.content) {
                (Step::Key(key), Content::Table(entries)) => entries.get(key),
                (Step::Index(index), Content::Array(items)) => items.get(*index),
                _ => None,
            })
    }

    /// Returns the value that the steps lead to.
    pub fn at_mut(&mut self, path: &[Step]) -> Option<&mut Node> {
        path.iter()
            .try_fold(self, |node, step| match (step, &mut node.content) {
                (Step::Key(key), Content::Table(entries)) => entries.get_mut(key),
                (Step::Index(index), Content::Array(items)) => items.get_mut(*index),
                _ => None,
            })
    }

    /// Returns a table's entries.
    pub fn entries(&self) -> Option<&BTreeMap<String, Node>> {
        match &self.content {
            Content::Table(entries) => Some(entries),
            _ => None,
        }
    }

    /// Returns a table's entries.
    pub fn entries_mut(&mut self) -> Option<&mut BTreeMap<String, Node>> {
        match &mut self.content {
            Content::Table(entries) => Some(entries),
            _ => None,
        }
    }

    /// Returns an array's items.
    pub fn items(&self) -> Option<&[Node]> {
        match &self.content {
            Content::Array(items) => Some(items),
            _ => None,
        }
    }

    /// Returns the text, if the value is one.
    pub fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether it is a date or number that JSON cannot represent; a separate rule reports that
    /// once.
    pub fn is_unusable(&self) -> bool {
        matches!(
            self.content,
            Content::Date | Content::NotFinite | Content::TooGreat
        )
    }

    /// Returns the JSON that the schema is checked against; null if JSON cannot represent the
    /// value.
    pub fn to_json(&self) -> Value {
        match &self.content {
            Content::Text(text) => text.as_str().into(),
            Content::Integer(number) => (*number).into(),
            Content::Float(number) => (*number).into(),
            Content::Boolean(truth) => (*truth).into(),
            Content::Array(items) => items.iter().map(Node::to_json).collect(),
            Content::Table(entries) => Value::Object(
                entries
                    .iter()
                    .map(|(key, node)| (key.clone(), node.to_json()))
                    .collect(),
            ),
            Content::Date | Content::NotFinite | Content::TooGreat => Value::Null,
        }
    }
}

/// Returns the tree's root for a whole document.
pub(super) fn document(table: &DeTable) -> Node {
    Node::table(entries(table))
}

fn entries(table: &DeTable) -> BTreeMap<String, Node> {
    let entry = |(key, value): (&Spanned<_>, _)| {
        let name: &std::borrow::Cow<str> = key.get_ref();
        (
            name.to_string(),
            Node {
                key: Some(key.span()),
                ..Node::read(value)
            },
        )
    };
    table.iter().map(entry).collect()
}

fn content(value: &DeValue) -> Content {
    match value {
        DeValue::String(text) => Content::Text(text.to_string()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or(Content::TooGreat, Content::Integer),
        DeValue::Float(number) => match number.as_str().parse::<f64>() {
            Ok(number) if number.is_finite() => Content::Float(number),
            _ => Content::NotFinite,
        },
        DeValue::Boolean(truth) => Content::Boolean(*truth),
        DeValue::Datetime(_) => Content::Date,
        DeValue::Array(items) => Content::Array(items.iter().map(Node::read).collect()),
        DeValue::Table(table) => Content::Table(entries(table)),
    }
}

/// Returns a path as the manifest would write it: `functions.increment-vector.tests[0].name`.
pub(super) fn dotted(path: &[Step]) -> String {
    let mut text = String::new();
    for step in path {
        // Writing to a string cannot fail.
        let _ = match step {
            Step::Key(key) if text.is_empty() => write!(text, "{}", quoted(key)),
            Step::Key(key) => write!(text, ".{}", quoted(key)),
            Step::Index(index) => write!(text, "[{index}]"),
        };
    }
    text
}

/// Returns a key as TOML writes it, in quotes where it needs them.
pub(super) fn quoted(key: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if !key.is_empty() && key.chars().all(bare) {
        key.to_owned()
    } else {
        format!("{key:?}")
    }
}
