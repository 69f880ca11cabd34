//! Puts the layers over each other: defaults, function, target defaults, target function. Tables
//! merge, arrays replace, `unset` removes what earlier layers set. Every value keeps its place in
//! the file.

use std::collections::BTreeMap;

use super::{
    error::{Finding, Problems},
    nearest,
    node::{Content, Layer, Node, Step, dotted},
    reference::{COMPANIONS, SOURCES},
    unset,
};

/// The document of one target.
#[derive(Clone, Debug)]
pub(super) struct Merged {
    /// `project`, `aws` and `functions`.
    pub root: Node,
    /// The chosen target, where the file has it.
    pub target: Option<String>,
    /// `targets.NAME.name_suffix` of the chosen target.
    pub suffix: Option<Node>,
    /// The keys of `[functions]`, without those that only the target has.
    pub declared: Vec<String>,
}

impl Merged {
    /// Returns the path of a value as written in the file: `targets.prod.defaults.memory_mb` for
    /// the merged document's `functions.f.memory_mb`.
    pub fn written(&self, path: &[Step], layer: Layer) -> String {
        let target = [
            Step::Key("targets".into()),
            Step::Key(self.target.clone().unwrap_or_default()),
        ];
        let defaults =
            || std::iter::once(Step::Key("defaults".into())).chain(path.iter().skip(2).cloned());
        let steps: Vec<Step> = match layer {
            Layer::Base => path.to_vec(),
            Layer::Defaults => defaults().collect(),
            Layer::Target => target.into_iter().chain(path.iter().cloned()).collect(),
            Layer::TargetDefaults => target.into_iter().chain(defaults()).collect(),
        };
        dotted(&steps)
    }
}

/// Returns the merged document of a target, or of none. Adds a problem for an unknown target and
/// for an `unset` that names nothing.
pub(super) fn merge(written: &Node, target: Option<&str>, problems: &mut Problems) -> Merged {
    let overlay = target.and_then(|name| find_target(written, name, problems));
    let mut root = BTreeMap::new();
    if let Some(project) = written.get("project") {
        root.insert("project".to_owned(), project.clone());
    }
    if let Some(aws) = aws(written, overlay, problems) {
        root.insert("aws".to_owned(), aws);
    }
    if let Some(functions) = functions(written, overlay, problems) {
        root.insert("functions".to_owned(), functions);
    }
    let declared = written.get("functions").and_then(Node::entries);
    Merged {
        root: Node::table(root),
        target: overlay.and(target).map(str::to_owned),
        suffix: overlay
            .and_then(|overlay| overlay.get("name_suffix"))
            .cloned(),
        declared: declared
            .map(|entries| entries.keys().cloned().collect())
            .unwrap_or_default(),
    }
}

/// Returns the names of the targets that a file has.
pub(super) fn targets(written: &Node) -> Vec<String> {
    let entries = written.get("targets").and_then(Node::entries);
    entries
        .map(|entries| entries.keys().cloned().collect())
        .unwrap_or_default()
}

fn find_target<'n>(written: &'n Node, name: &str, problems: &mut Problems) -> Option<&'n Node> {
    let found = written.get("targets").and_then(|targets| targets.get(name));
    if found.is_none() {
        let names = targets(written);
        let help = match nearest::name(name, names.iter().map(String::as_str)) {
            Some(near) => format!(
                "did you mean `--target {near}`? The targets are {}",
                nearest::list(&names)
            ),
            None if names.is_empty() => {
                format!("the file has no targets; `[targets.{name}]` would declare this one")
            }
            None => format!(
                "the targets are {}; `--target` or JOT_TARGET chooses one",
                nearest::list(&names)
            ),
        };
        let (span, label) = match written.get("targets") {
            Some(targets) => (targets.key_span(), "targets are declared here"),
            None => (0..0, "the file declares no targets"),
        };
        problems
            .add(Finding::new(span, format!("target `{name}` does not exist"), label).help(help));
    }
    found
}

fn aws(written: &Node, overlay: Option<&Node>, problems: &mut Problems) -> Option<Node> {
    let base = written.get("aws").cloned();
    let Some(over) = overlay.and_then(|overlay| overlay.get("aws")) else {
        return base;
    };
    Some(lay(base, over.clone().in_layer(Layer::Target), problems))
}

fn functions(written: &Node, overlay: Option<&Node>, problems: &mut Problems) -> Option<Node> {
    let base = written.get("functions");
    let above = overlay.and_then(|overlay| overlay.get("functions"));
    let table = base.or(above)?;
    let keys = |node: Option<&Node>| {
        node.and_then(Node::entries)
            .map(|entries| entries.keys().cloned())
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
    };
    let mut merged = BTreeMap::new();
    for key in keys(base).into_iter().chain(keys(above)) {
        if merged.contains_key(&key) {
            continue;
        }
        let layers = [
            (written.get("defaults"), Layer::Defaults),
            (base.and_then(|functions| functions.get(&key)), Layer::Base),
            (
                overlay.and_then(|overlay| overlay.get("defaults")),
                Layer::TargetDefaults,
            ),
            (
                above.and_then(|functions| functions.get(&key)),
                Layer::Target,
            ),
        ];
        let function = layers
            .into_iter()
            .filter_map(|(layer, name)| Some(layer?.clone().in_layer(name)))
            .fold(None, |under, over| Some(lay(under, over, problems)));
        merged.extend(function.map(|function| (key, function)));
    }
    // A `functions` that is not a table stays unchanged, for the schema to refuse.
    let content = if table.entries().is_some() {
        Content::Table(merged)
    } else {
        table.content.clone()
    };
    Some(Node {
        content,
        ..table.clone()
    })
}

/// Returns one layer merged over the earlier ones, after removing what its `unset` names.
fn lay(under: Option<Node>, mut over: Node, problems: &mut Problems) -> Node {
    let unset = over
        .entries_mut()
        .and_then(|entries| entries.remove("unset"));
    let mut under = under.unwrap_or_else(|| Node {
        content: Content::Table(BTreeMap::new()),
        ..over.clone()
    });
    if let Some(unset) = unset {
        unset::apply(&unset, &mut under, problems);
    }
    merge_into(&mut under, over);
    under
}

/// Whether a table is one value: a reference to where the value comes from.
fn is_source(node: &Node) -> bool {
    node.entries().is_some_and(|entries| {
        let source = |key: &String| SOURCES.contains(&key.as_str());
        let companion = |key: &String| COMPANIONS.iter().any(|(name, _)| name == key);
        entries.keys().any(source) && entries.keys().all(|key| source(key) || companion(key))
    })
}

/// Merges tables, replaces everything else.
fn merge_into(under: &mut Node, over: Node) {
    let both = matches!(
        (&under.content, &over.content),
        (Content::Table(_), Content::Table(_))
    );
    if !both || is_source(&over) {
        *under = over;
        return;
    }
    // A missing key is reported at the function's own header, where a reader looks for it.
    if under.layer != Layer::Base {
        (under.span, under.key, under.layer) = (over.span, over.key, over.layer);
    }
    let (Content::Table(entries), Content::Table(additions)) = (&mut under.content, over.content)
    else {
        return;
    };
    for (key, node) in additions {
        match entries.get_mut(&key) {
            Some(old) => merge_into(old, node),
            None => {
                entries.insert(key, node);
            }
        }
    }
}

#[cfg(test)]
#[path = "merge_tests.rs"]
mod tests;
