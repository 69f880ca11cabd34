//! Says in the manifest's own words, and at its own places, what a schema finds wrong.

use jsonschema::{
    ValidationError,
    error::{TypeKind, ValidationErrorKind as Kind},
    paths::LocationSegment,
};
use serde_json::Value;

use super::{
    error::Finding,
    limits::RESERVED_VARIABLES,
    nearest,
    node::{Content, Layer, Node, Step},
    walk::Place,
};

/// How a path is written in the file, given the layer that set its value.
pub(super) type Written<'a> = &'a dyn Fn(&[Step], Layer) -> String;

/// Gives what a schema finds wrong in a tree, one finding a place.
///
/// In a tree that is not complete nothing is said to be missing.
pub(super) fn findings(
    schema: &Value,
    root: &Node,
    complete: bool,
    written: Written,
) -> Vec<Finding> {
    let validator = match jsonschema::draft7::new(schema) {
        Ok(validator) => validator,
        // The schema is made of this crate's own types and a test compiles it, so this says that jot is broken.
        Err(error) => {
            return vec![Finding::new(
                0..0,
                format!("jot's schema is not valid: {error}"),
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
                    None => found.push(either(node, &name, context, &place)),
                }
            }
            Kind::Required { .. } if !self.complete => {}
            Kind::Required { property } => found.push(self.missing(node, &path, &name, property)),
            kind => found.push(single(kind, node, &name, error.instance(), &place)),
        }
    }

    /// Adds `1024.0` where a whole number stands: JSON Schema takes it for one, TOML and serde do not.
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
                        "`{}` is {}, and must be a whole number",
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
                "remove the key; jot {} does without it",
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
            let help = "choose another name: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html";
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

/// Gives the kind of table that a path leads to: `function` for functions and defaults, otherwise the last key, where the
/// table of one environment variable counts as `environment`.
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

/// Gives the errors of the one branch that is of the value's type, if there is one.
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

fn either(node: &Node, name: &str, context: &[Vec<ValidationError>], place: &Place) -> Finding {
    if node.text().is_some() && !place.options().is_empty() {
        return not_an_option(node, name, &node.to_json(), place);
    }
    let words = context
        .iter()
        .flatten()
        .filter_map(|error| match error.kind() {
            Kind::Type { kind } => Some(type_words(kind)),
            Kind::Constant { expected_value } => Some(expected_value.to_string()),
            _ => None,
        });
    let mut words: Vec<String> = words.collect();
    words.dedup();
    let message = format!(
        "`{name}` is {}, and must be {}",
        kind_of(node),
        words.join(" or ")
    );
    Finding::new(node.span.clone(), message, "of the wrong kind").maybe_help(place.description())
}

/// Gives the finding for an error about one value.
fn single(kind: &Kind, node: &Node, name: &str, instance: &Value, place: &Place) -> Finding {
    let finding = |message: String, label: &str| {
        Finding::new(node.span.clone(), message, label).maybe_help(place.description())
    };
    match kind {
        Kind::Type { kind } => {
            let message = format!(
                "`{name}` is {}, and must be {}",
                kind_of(node),
                type_words(kind)
            );
            let unquoted = node
                .text()
                .filter(|text| type_words(kind) != "text" && text.parse::<f64>().is_ok());
            match unquoted {
                Some(text) => finding(message, "of the wrong kind")
                    .help(format!("write {text}, without the quotes")),
                None => finding(message, "of the wrong kind"),
            }
        }
        Kind::Enum { .. } | Kind::Constant { .. } => not_an_option(node, name, instance, place),
        Kind::Minimum { limit } => finding(
            format!("`{name}` is {instance}, and the least is {limit}"),
            "too small",
        ),
        Kind::Maximum { limit } => finding(
            format!("`{name}` is {instance}, and the most is {limit}"),
            "too great",
        ),
        Kind::MinLength { limit: 1 } => finding(format!("`{name}` is empty"), "empty"),
        Kind::MinLength { limit } => finding(
            format!("`{name}` has fewer than {limit} characters"),
            "too short",
        ),
        Kind::MaxLength { limit } => finding(
            format!("`{name}` has more than {limit} characters"),
            "too long",
        ),
        Kind::UniqueItems => finding(format!("`{name}` names something twice"), "not unique"),
        Kind::Pattern { .. } => finding(
            format!("`{name}` is {instance}, which is not permitted there"),
            "not permitted",
        ),
        _ => finding(format!("`{name}` is not permitted"), "not permitted"),
    }
}

fn not_an_option(node: &Node, name: &str, instance: &Value, place: &Place) -> Finding {
    let options: Vec<String> = place.options().iter().map(ToString::to_string).collect();
    let last_key = name.rsplit('.').next().unwrap_or_default();
    if node
        .text()
        .is_some_and(|text| nearest::is_later(last_key, text))
    {
        let message = format!("`{name} = {instance}` is not supported by this release of jot");
        return Finding::new(node.span.clone(), message, "not supported yet")
            .help(format!("write {}", options.join(" or ")));
    }
    let near = nearest::name(&instance.to_string(), options.iter().map(String::as_str));
    let meant = near
        .map(|near| format!("did you mean {near}? "))
        .unwrap_or_default();
    let message = format!("`{name}` is {instance}, which is not one of its values");
    Finding::new(node.span.clone(), message, "not one of its values")
        .help(format!("{meant}Permitted are {}", options.join(", ")))
}

fn kind_of(node: &Node) -> &'static str {
    match node.content {
        Content::Text(_) => "text",
        Content::Integer(_) => "a whole number",
        Content::Float(_) => "a number with a decimal point",
        Content::Boolean(_) => "true or false",
        Content::Array(_) => "an array",
        Content::Table(_) => "a table",
        Content::Date | Content::Number => "not JSON",
    }
}

fn type_words(kind: &TypeKind) -> String {
    let TypeKind::Single(kind) = kind else {
        return "of another kind".to_owned();
    };
    match kind.to_string().as_str() {
        "string" => "text",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "true or false",
        "array" => "an array",
        "object" => "a table",
        other => other,
    }
    .to_owned()
}
