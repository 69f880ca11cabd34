//! A tree of YAML that keeps tags and places: CloudFormation writes its functions as tags.

use std::{collections::HashMap, rc::Rc};

use yaml_rust2::{
    parser::{Event, Parser, Tag},
    scanner::{Marker, TScalarStyle},
};

use super::error::Fault;

/// How deep nodes may nest, through aliases as well.
const DEPTH: usize = 100;
/// The most nodes of a document, counting those that aliases repeat each time.
const NODES: usize = 1_000_000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// The tag's name without `!`, such as `Ref`; none for YAML's own tags.
    pub tag: Option<String>,
    /// Line in the file, counted from 1.
    pub line: usize,
    pub value: Value,
    height: usize,
    nodes: usize,
}

/// What a node holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Nothing: `null`, `~`, or an empty plain scalar.
    Null,
    /// Any other scalar, as it is written.
    Scalar(String),
    Sequence(Vec<Rc<Node>>),
    /// A mapping in the order of the file; keys that are no scalars are left out.
    Mapping(Vec<(String, Rc<Node>)>),
}

impl Node {
    /// Makes a node of a value.
    pub fn new(value: Value, line: usize) -> Self {
        let below: Vec<&Self> = match &value {
            Value::Sequence(items) => items.iter().map(Rc::as_ref).collect(),
            Value::Mapping(entries) => entries.iter().map(|(_, node)| node.as_ref()).collect(),
            Value::Null | Value::Scalar(_) => Vec::new(),
        };
        let height = below.iter().map(|node| node.height + 1).max();
        let nodes = below
            .iter()
            .fold(1, |sum: usize, node| sum.saturating_add(node.nodes));
        Self {
            height: height.unwrap_or(0),
            nodes,
            tag: None,
            line,
            value,
        }
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Rc<Self>> {
        let mut entries = self.entries().iter();
        entries.find(|(own, _)| own == key).map(|(_, node)| node)
    }

    /// The value at the end of a path of keys.
    pub fn at(&self, path: &[&str]) -> Option<&Rc<Self>> {
        let (first, rest) = path.split_first()?;
        let node = self.get(first)?;
        match rest.is_empty() {
            true => Some(node),
            false => node.at(rest),
        }
    }

    /// The scalar's text, of a node without a tag.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar(text) if self.tag.is_none() => Some(text),
            _ => None,
        }
    }

    /// The entries of a mapping; none of anything else.
    pub fn entries(&self) -> &[(String, Rc<Self>)] {
        match &self.value {
            Value::Mapping(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a sequence; none of anything else.
    pub fn items(&self) -> &[Rc<Self>] {
        match &self.value {
            Value::Sequence(items) => items,
            _ => &[],
        }
    }
}

/// Reads the first document of a text. Like AWS's tools, it accepts `[-, x]` as a list of two
/// scalars, which YAML 1.2 does not.
///
/// # Errors
/// The position of invalid YAML, or of too deep nesting.
pub fn read(text: &str) -> Result<Node, Fault> {
    parse(text).or_else(|fault| parse(&with_quoted_dashes(text)).map_err(|_| fault))
}

/// The text with quotes around each `-` that is a separate item in `[...]`.
fn with_quoted_dashes(text: &str) -> String {
    let mut quoted = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('-') {
        let begins = before.trim_end_matches(' ').ends_with(['[', ',']);
        let ends = after.trim_start_matches(' ').starts_with([',', ']']);
        quoted += before;
        quoted += if begins && ends { "\"-\"" } else { "-" };
        rest = after;
    }
    quoted + rest
}

fn parse(text: &str) -> Result<Node, Fault> {
    let mut parser = Parser::new_from_str(text);
    let mut builder = Builder::default();
    loop {
        let (event, place) = parser.next_token().map_err(|error| {
            let message = error.info().to_owned();
            fault(error.marker(), format!("invalid YAML: {message}"))
        })?;
        match event {
            Event::StreamEnd => break,
            Event::DocumentEnd if builder.root.is_some() => break,
            event => builder.take(event, place)?,
        }
    }
    let root = builder.root.ok_or_else(|| Fault {
        line: 1,
        column: 1,
        message: "the file is empty".to_owned(),
    })?;
    Ok((*root).clone())
}

fn fault(place: &Marker, message: String) -> Fault {
    Fault {
        line: place.line().max(1),
        column: place.col() + 1,
        message,
    }
}

/// A collection that is still open.
struct Open {
    anchor: usize,
    tag: Option<String>,
    place: Marker,
    is_mapping: bool,
    /// Keys and values in turn of a mapping; items of a sequence.
    nodes: Vec<Rc<Node>>,
}

#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    anchors: HashMap<usize, Rc<Node>>,
    root: Option<Rc<Node>>,
}

impl Builder {
    fn take(&mut self, event: Event, place: Marker) -> Result<(), Fault> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let mut node = Node::new(scalar(text, style), place.line());
                node.tag = own_tag(tag);
                self.add(node, anchor, &place)
            }
            Event::SequenceStart(anchor, tag) => self.begin(anchor, tag, place, false),
            Event::MappingStart(anchor, tag) => self.begin(anchor, tag, place, true),
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            Event::Alias(anchor) => match self.anchors.get(&anchor).cloned() {
                Some(node) => self.place(node, &place),
                None => Err(fault(&place, "an alias refers to itself".to_owned())),
            },
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart
            | Event::DocumentEnd => Ok(()),
        }
    }

    fn begin(
        &mut self,
        anchor: usize,
        tag: Option<Tag>,
        place: Marker,
        is_mapping: bool,
    ) -> Result<(), Fault> {
        if self.open.len() >= DEPTH {
            return Err(too_deep(&place));
        }
        self.open.push(Open {
            anchor,
            tag: own_tag(tag),
            place,
            is_mapping,
            nodes: Vec::new(),
        });
        Ok(())
    }

    fn end(&mut self) -> Result<(), Fault> {
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        let value = match open.is_mapping {
            true => Value::Mapping(pairs(open.nodes)),
            false => Value::Sequence(open.nodes),
        };
        let mut node = Node::new(value, open.place.line());
        node.tag = open.tag;
        self.add(node, open.anchor, &open.place)
    }

    fn add(&mut self, node: Node, anchor: usize, place: &Marker) -> Result<(), Fault> {
        let node = Rc::new(node);
        if anchor > 0 {
            self.anchors.insert(anchor, Rc::clone(&node));
        }
        self.place(node, place)
    }

    fn place(&mut self, node: Rc<Node>, place: &Marker) -> Result<(), Fault> {
        if node.height + self.open.len() > DEPTH {
            return Err(too_deep(place));
        }
        if node.nodes > NODES {
            return Err(fault(
                place,
                format!("the document has more than {NODES} nodes"),
            ));
        }
        match self.open.last_mut() {
            Some(open) => open.nodes.push(node),
            None => self.root = Some(node),
        }
        Ok(())
    }
}

fn too_deep(place: &Marker) -> Fault {
    fault(place, format!("nodes nest deeper than {DEPTH}"))
}

fn scalar(text: String, style: TScalarStyle) -> Value {
    let plain = style == TScalarStyle::Plain;
    match text.as_str() {
        "" | "~" | "null" | "Null" | "NULL" if plain => Value::Null,
        _ => Value::Scalar(text),
    }
}

/// The name of a tag that is the document's own: `!Ref`.
fn own_tag(tag: Option<Tag>) -> Option<String> {
    tag.filter(|tag| tag.handle == "!").map(|tag| tag.suffix)
}

fn pairs(nodes: Vec<Rc<Node>>) -> Vec<(String, Rc<Node>)> {
    let mut pairs = Vec::new();
    let mut nodes = nodes.into_iter();
    while let (Some(key), Some(value)) = (nodes.next(), nodes.next()) {
        if let Value::Scalar(text) = &key.value {
            pairs.push((text.clone(), value));
        }
    }
    pairs
}

/// The same tree of JSON, which has no places.
pub fn of_json(document: serde_json::Value) -> Node {
    let value = match document {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(it) => Value::Scalar(it.to_string()),
        serde_json::Value::Number(it) => Value::Scalar(it.to_string()),
        serde_json::Value::String(it) => Value::Scalar(it),
        serde_json::Value::Array(items) => {
            let items = items.into_iter().map(|item| Rc::new(of_json(item)));
            Value::Sequence(items.collect())
        }
        serde_json::Value::Object(entries) => {
            let entries = entries.into_iter();
            let entries = entries.map(|(key, item)| (key, Rc::new(of_json(item))));
            Value::Mapping(entries.collect())
        }
    };
    Node::new(value, 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_and_places_are_kept() {
        let root = read(
            "A: !Ref B\nC:\n  - !Sub '${X}'\n  - !GetAtt\n    - R\n    - Arn\nD: 'null'\nE: ~\n",
        )
        .unwrap();
        assert_eq!(root.get("A").unwrap().tag.as_deref(), Some("Ref"));
        let items = root.get("C").unwrap().items();
        assert_eq!((items[0].tag.as_deref(), items[0].line), (Some("Sub"), 3));
        assert_eq!(items[1].tag.as_deref(), Some("GetAtt"));
        assert_eq!(items[1].items().len(), 2);
        assert_eq!(root.get("D").unwrap().text(), Some("null"));
        assert_eq!(root.get("E").unwrap().value, Value::Null);
    }

    #[test]
    fn a_dash_may_be_an_item() {
        let root = read("A: !Split [ -, !Split [-, 'a-,b'] ]\nB: [a, -]\n").unwrap();
        assert_eq!(root.get("A").unwrap().items()[0].text(), Some("-"));
        assert_eq!(root.get("B").unwrap().items()[1].text(), Some("-"));
        let fault = read("A: [-, x\nB: }\n").unwrap_err();
        assert_eq!(fault.line, 1);
    }

    #[test]
    fn aliases_are_followed_and_neither_loops_nor_depth_end_the_process() {
        let root = read("a: &x {b: 1}\nc: *x\n").unwrap();
        assert_eq!(root.at(&["c", "b"]).unwrap().text(), Some("1"));
        assert!(read("a: &x [*x]").is_err());
        let deep = "[".repeat(100_000);
        assert!(read(&deep).is_err());
        let steps = (1..300).map(|n| format!("k{n}: &a{n} [*a{}]\n", n - 1));
        let bomb = format!("k0: &a0 x\n{}", steps.collect::<String>());
        assert!(read(&bomb).unwrap_err().message.contains("deeper"));
        let steps = (1..60).map(|n| format!("k{n}: &a{n} [*a{}, *a{}]\n", n - 1, n - 1));
        let bomb = format!("k0: &a0 x\n{}", steps.collect::<String>());
        assert!(read(&bomb).unwrap_err().message.contains("nodes"));
        assert!(read("").is_err());
    }
}
