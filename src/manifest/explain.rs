//! Turns the errors of a schema into messages with the manifest's own words and positions.

use jsonschema::{ValidationError, error::ValidationErrorKind as Kind, paths::LocationSegment};
use serde_json::Value;

use super::{
    checker::Checker,
    error::Finding,
    limits::RESERVED_VARIABLES,
    nearest,
    node::{Content, Layer, Node, Step},
    walk::Place,
    wording::{self, kind_of},
};

/// How a path is written in the file, given the layer that set its value.
pub(super) type Written<'a> = &'a dyn Fn(&[Step], Layer) -> String;

/// Returns the errors that a schema finds in a tree, one for each place.
///
/// In an incomplete tree, nothing is reported as missing.
pub(super) fn findings(
    checker: &Result<Checker, String>,
    root: &Node,
    complete: bool,
    written: Written,
) -> Vec<Finding> {
    let Checker { schema, validator } = match checker {
        Ok(checker) => checker,
        Err(error) => {
            return vec![Finding::new(
                0..0,
                format!("jot's own schema is not valid: {error}"),
                "any manifest",
            )];
        }
    };
    let instance = root.to_json();
    let explain = Explain {
        schema,
        root,
        complete,
        written,
    };
    let mut found = Vec::new();
    for error in validator.iter_errors(&instance) {
        explain.error(&error, &mut found);
    }
    explain.fractions(root, &mut Vec::new(), &mut found);
    found
}

struct Explain<'a> {
    schema: &'a Value,
    root: &'a Node,
    complete: bool,
    written: Written<'a>,
}

impl Explain<'_> {
    fn error(&self, error: &ValidationError, found: &mut Vec<Finding>) {
        let path: Vec<Step> = error.instance_path().into_iter().map(step).collect();
        let Some(node) = self.root.at(&path) else {
            return;
        };
        if node.is_unusable() {
            return;
        }
        let place = Place::find(self.schema, &path);
        let name = (self.written)(&path, node.layer);
        match error.kind() {
            Kind::AdditionalProperties { unexpected } => {
                found.extend(
                    unexpected
                        .iter()
                        .map(|key| self.unknown(&path, key, &place)),
                );
            }
            Kind::PropertyNames { error } => {
                found.extend(self.bad_key(&path, error.instance().as_str(), &place))
            }
            Kind::AnyOf { context } | Kind::OneOfNotValid { context } => {
                match fitting(context, error) {
                    Some(branch) => branch.iter().for_each(|error| self.error(error, found)),
                    None => found.push(wording::either(node, &name, context, &place)),
                }
            }
            Kind::Required { .. } if !self.complete || has_later(node, &path) => {}
            Kind::Required { property } => found.push(self.missing(node, &path, &name, property)),
            kind => found.push(wording::single(kind, node, &name, &place)),
        }
    }

    /// Adds `1024.0` where a whole number is expected: JSON Schema accepts it, TOML and serde do
    /// not.
    fn fractions(&self, node: &Node, path: &mut Vec<Step>, found: &mut Vec<Finding>) {
        let below: Vec<(Step, &Node)> = match &node.content {
            Content::Table(entries) => entries
                .iter()
                .map(|(key, node)| (Step::Key(key.clone()), node))
                .collect(),
            Content::Array(items) => items
                .iter()
                .enumerate()
                .map(|(index, node)| (Step::Index(index), node))
                .collect(),
            Content::Float(number) if number.fract() == 0.0 => {
                let place = Place::find(self.schema, path);
                if place.is_integer() {
                    let message = format!(
                        "`{}` must be a whole number, got {}",
                        (self.written)(path, node.layer),
                        kind_of(node)
                    );
                    found.push(
                        Finding::new(node.span.clone(), message, "of the wrong kind")
                            .help(format!("write {number}")),
                    );
                }
                return;
            }
            _ => return,
        };
        for (step, node) in below {
            path.push(step);
            self.fractions(node, path, found);
            path.pop();
        }
    }

    fn unknown(&self, path: &[Step], key: &str, place: &Place) -> Finding {
        let (span, layer) = self.key(path, key);
        let name = (self.written)(&join(path, key), layer);
        if nearest::is_later(table(path), key) {
            return Finding::new(
                span,
                format!("`{name}` is not supported by this release of jot"),
                "not supported yet",
            )
            .help(format!(
                "remove the key: jot {} would not act on it",
                env!("CARGO_PKG_VERSION")
            ));
        }
        let keys = place.keys();
        let help = match nearest::name(key, keys.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("remove it; the keys here are {}", nearest::list(&keys)),
        };
        Finding::new(
            span,
            format!("`{name}` is not a key of the manifest"),
            "unknown key",
        )
        .help(help)
    }

    fn bad_key(&self, path: &[Step], key: Option<&str>, place: &Place) -> Option<Finding> {
        let key = key?;
        let (span, layer) = self.key(path, key);
        let name = (self.written)(&join(path, key), layer);
        if table(path) == "environment" && RESERVED_VARIABLES.contains(&key) {
            let message = format!("`{name}` is a variable that Lambda sets itself");
            let help = "choose another name: \
                https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html";
            return Some(Finding::new(span, message, "reserved").help(help));
        }
        let finding = Finding::new(
            span,
            format!("`{name}` has a key that is not permitted"),
            "not permitted as a key",
        );
        Some(finding.maybe_help(place.description()))
    }

    fn missing(&self, node: &Node, path: &[Step], name: &str, property: &Value) -> Finding {
        let key = property.as_str().unwrap_or_default();
        let whole = if name.is_empty() {
            "the manifest".to_owned()
        } else {
            format!("`{name}`")
        };
        let about = Place::find(self.schema, &join(path, key)).description();
        let help = about.map(|about| format!("add `{key}`: {about}"));
        Finding::new(
            node.key_span(),
            format!("{whole} lacks `{key}`"),
            format!("`{key}` is missing"),
        )
        .maybe_help(help)
    }

    fn key(&self, path: &[Step], key: &str) -> (std::ops::Range<usize>, Layer) {
        let node = self.root.at(&join(path, key));
        node.map_or((0..0, Layer::Base), |node| (node.key_span(), node.layer))
    }
}

/// Whether a table has a key of a later release. Nothing else is then reported about it.
fn has_later(node: &Node, path: &[Step]) -> bool {
    node.entries().is_some_and(|entries| {
        entries
            .keys()
            .any(|key| nearest::is_later(table(path), key))
    })
}

fn step(segment: LocationSegment) -> Step {
    match segment {
        LocationSegment::Property(key) => Step::Key(key.into_owned()),
        LocationSegment::Index(index) => Step::Index(index),
    }
}

fn join(path: &[Step], key: &str) -> Vec<Step> {
    path.iter()
        .cloned()
        .chain([Step::Key(key.to_owned())])
        .collect()
}

/// Returns the kind of table that a path leads to: `function` for functions and defaults, otherwise
/// the last key. The table of one environment variable counts as `environment`.
fn table(path: &[Step]) -> &str {
    let keys: Vec<&str> = path
        .iter()
        .filter_map(|step| {
            if let Step::Key(key) = step {
                Some(key.as_str())
            } else {
                None
            }
        })
        .collect();
    match keys.as_slice() {
        [.., "functions", _] | [.., "defaults"] => "function",
        [.., "environment", _] | [.., "environment"] => "environment",
        [.., last] => last,
        [] => "",
    }
}

/// Returns the errors of the one branch that has the value's type, if it exists.
fn fitting<'e>(
    context: &'e [Vec<ValidationError<'static>>],
    whole: &ValidationError,
) -> Option<&'e Vec<ValidationError<'static>>> {
    let of_type = |error: &ValidationError| {
        !matches!(
            error.kind(),
            Kind::Type { .. } | Kind::Constant { .. } | Kind::Enum { .. }
        )
    };
    context.iter().find(|branch| {
        branch
            .iter()
            .all(|error| error.instance_path() != whole.instance_path() || of_type(error))
    })
}
