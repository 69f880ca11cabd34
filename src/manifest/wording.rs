//! What is said of one value that its schema refuses.

use super::{
    error::Finding,
    nearest,
    node::{Content, Node},
    walk::Place,
};
use jsonschema::{
    ValidationError,
    error::{TypeKind, ValidationErrorKind as Kind},
    types::JsonType,
};

/// Returns the finding for a value that has none of the types of its key.
pub(super) fn either(
    node: &Node,
    name: &str,
    context: &[Vec<ValidationError>],
    place: &Place,
) -> Finding {
    if node.text().is_some() && !place.options().is_empty() {
        return not_an_option(node, name, place);
    }
    let words = context
        .iter()
        .flatten()
        .filter_map(|error| match error.kind() {
            Kind::Type { kind } => Some(type_words(kind).to_owned()),
            Kind::Constant { expected_value } => Some(format!("`{expected_value}`")),
            _ => None,
        });
    let mut words: Vec<String> = words.collect();
    words.dedup();
    let message = format!(
        "`{name}` must be {}, got {}",
        words.join(" or "),
        kind_of(node)
    );
    // Where a boolean has its own meaning, quotes would change it.
    let text = words.iter().any(|word| word == "text") && place.options().is_empty();
    Finding::new(node.span.clone(), message, "of the wrong kind")
        .maybe_help(in_quotes(node, text).or(place.description()))
}

/// Returns the finding for any other error about one value.
pub(super) fn single(kind: &Kind, node: &Node, name: &str, place: &Place) -> Finding {
    let value = node.to_json();
    if let (Kind::Pattern { .. }, Some(alias)) = (kind, node.text().and_then(key_alias)) {
        let message = format!("`{name}` is the ARN of an alias, which Lambda does not take");
        let help = format!(
            "name the key's own ARN: `aws kms describe-key --key-id {alias}` shows it as Arn"
        );
        return Finding::new(node.span.clone(), message, "an alias").help(help);
    }
    let (message, label) = match kind {
        Kind::Type { kind } => return of_another_type(node, name, kind, place),
        Kind::Enum { .. } | Kind::Constant { .. } => return not_an_option(node, name, place),
        Kind::Minimum { limit } => (
            format!("must be at least {limit}, got {value}"),
            "too small",
        ),
        Kind::Maximum { limit } => (format!("must be at most {limit}, got {value}"), "too large"),
        Kind::MinLength { .. } | Kind::Pattern { .. } if node.text() == Some("") => {
            ("is empty".to_owned(), "empty")
        }
        Kind::MinLength { limit } => (
            format!("must have at least {limit} characters"),
            "too short",
        ),
        Kind::MaxLength { limit } => (format!("must have at most {limit} characters"), "too long"),
        Kind::MaxItems { limit: 1 } => ("must have at most one entry".to_owned(), "too many"),
        Kind::MaxItems { limit } => (format!("must have at most {limit} entries"), "too many"),
        Kind::MinProperties { .. } => ("is empty".to_owned(), "empty"),
        Kind::MaxProperties { .. } => ("has keys that exclude each other".to_owned(), "too many"),
        Kind::UniqueItems => ("has a duplicate entry".to_owned(), "not unique"),
        Kind::Pattern { .. } => (
            format!("is {value}, which is not permitted here"),
            "not permitted",
        ),
        _ => ("is not permitted".to_owned(), "not permitted"),
    };
    Finding::new(node.span.clone(), format!("`{name}` {message}"), label)
        .maybe_help(place.description())
}

/// Returns `alias/<name>` of the ARN of an alias of a KMS key.
fn key_alias(arn: &str) -> Option<&str> {
    let mut parts = arn.splitn(6, ':').skip(2);
    let (service, resource) = (parts.next()?, parts.nth(2)?);
    (service == "kms" && resource.starts_with("alias/")).then_some(resource)
}

fn of_another_type(node: &Node, name: &str, kind: &TypeKind, place: &Place) -> Finding {
    let wanted = type_words(kind);
    let message = format!("`{name}` must be {wanted}, got {}", kind_of(node));
    let number = node
        .text()
        .filter(|text| wanted.contains("number") && text.parse::<f64>().is_ok());
    let help = match number {
        Some(number) => Some(format!("write {number}, without the quotes")),
        None if wanted == "an array" => Some("put it between `[` and `]`".to_owned()),
        None => in_quotes(node, wanted == "text").or(place.description()),
    };
    Finding::new(node.span.clone(), message, "of the wrong kind").maybe_help(help)
}

/// Returns the advice for a number or truth value where text belongs.
fn in_quotes(node: &Node, wants_text: bool) -> Option<String> {
    let scalar = matches!(
        node.content,
        Content::Integer(_) | Content::Float(_) | Content::Boolean(_)
    );
    (wants_text && scalar).then(|| format!("put it in quotes: \"{}\"", node.to_json()))
}

fn not_an_option(node: &Node, name: &str, place: &Place) -> Finding {
    let value = node.to_json();
    let options: Vec<String> = place.options().iter().map(ToString::to_string).collect();
    let last_key = name.rsplit('.').next().unwrap_or_default();
    if node
        .text()
        .is_some_and(|text| nearest::is_later(last_key, text))
    {
        let message = format!("`{name} = {value}` is not supported by this release of jot");
        let help = format!("write {}", options.join(" or "));
        return Finding::new(node.span.clone(), message, "not supported yet").help(help);
    }
    let near = match node.content {
        Content::Integer(number) => nearest::number(number, &options),
        _ => nearest::name(&value.to_string(), options.iter().map(String::as_str)),
    };
    let meant = near
        .map(|near| format!("did you mean {near}? "))
        .unwrap_or_default();
    let message = format!("`{name}` cannot be {value}");
    let help = format!("{meant}expected one of {}", options.join(", "));
    Finding::new(node.span.clone(), message, "not a valid value").help(help)
}

/// Returns what a value is, in the manifest's words.
pub(super) fn kind_of(node: &Node) -> &'static str {
    match node.content {
        Content::Text(_) => "text",
        Content::Integer(_) => "a whole number",
        Content::Float(_) => "a number with a decimal point",
        Content::Boolean(true) => "`true`",
        Content::Boolean(false) => "`false`",
        Content::Array(_) => "an array",
        Content::Table(_) => "a table",
        Content::Date | Content::NotFinite | Content::TooGreat => "not JSON",
    }
}

fn type_words(kind: &TypeKind) -> &'static str {
    let TypeKind::Single(kind) = kind else {
        return "of another kind";
    };
    match kind {
        JsonType::String => "text",
        JsonType::Integer => "a whole number",
        JsonType::Number => "a number",
        JsonType::Boolean => "`true` or `false`",
        JsonType::Array => "an array",
        JsonType::Object => "a table",
        JsonType::Null => "nothing",
    }
}
