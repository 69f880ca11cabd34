//! Resources with what is sensitive or unknown of them.

use serde_json::{Map, Value};

use crate::carry::settings::printable;

/// A resource of a state or plan.
#[derive(Debug)]
pub struct Resource<'a> {
    /// Its address, such as `module.a.aws_lambda_function.b[0]`.
    pub address: String,
    /// Its type, such as `aws_lambda_function`.
    pub kind: &'a str,
    pub values: &'a Map<String, Value>,
    sensitive: &'a Value,
    unknown: &'a Value,
}

/// The value of an attribute, as far as it is known.
#[derive(Debug, PartialEq)]
pub enum Attribute<'a> {
    /// Not set: absent, `null` or empty.
    Absent,
    Known(&'a Value),
    /// Marked as sensitive, wholly or in part.
    Sensitive,
    /// Only known after `terraform apply`.
    Unknown,
}

/// Attributes that the provider computes if the configuration does not set them.
const COMPUTED: [&str; 4] = [
    "architectures",
    "ephemeral_storage",
    "logging_config",
    "tracing_config",
];

const NOTHING: &Value = &Value::Null;

/// Returns every managed resource, those of modules included.
pub fn all(document: &Value) -> Vec<Resource<'_>> {
    let values = document.get("planned_values").or(document.get("values"));
    let root = values.and_then(|values| values.get("root_module"));
    let changes = document.get("resource_changes").and_then(Value::as_array);
    let changes: Vec<(&str, &Value)> = changes
        .into_iter()
        .flatten()
        .filter_map(|change| {
            let unknown = change.get("change")?.get("after_unknown")?;
            Some((change.get("address")?.as_str()?, unknown))
        })
        .collect();
    let mut resources = Vec::new();
    let mut modules: Vec<&Value> = root.into_iter().collect();
    while let Some(module) = modules.pop() {
        let list = |key: &str| {
            module
                .get(key)
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
        };
        modules.extend(list("child_modules"));
        resources.extend(list("resources").filter_map(|one| resource(one, &changes)));
    }
    resources.sort_by(|one, other| one.address.cmp(&other.address));
    resources
}

fn resource<'a>(value: &'a Value, changes: &[(&str, &'a Value)]) -> Option<Resource<'a>> {
    let mode = value.get("mode").and_then(Value::as_str);
    let address = value.get("address")?.as_str()?;
    let unknown = changes.iter().find(|(changed, _)| *changed == address);
    (mode != Some("data")).then_some(())?;
    Some(Resource {
        address: printable(address),
        kind: value.get("type")?.as_str()?,
        values: value.get("values")?.as_object()?,
        sensitive: value.get("sensitive_values").unwrap_or(NOTHING),
        unknown: unknown.map_or(NOTHING, |(_, unknown)| *unknown),
    })
}

impl<'a> Resource<'a> {
    /// The attribute at a path. Blocks are lists of one object, which a path passes through.
    pub fn attribute(&self, path: &[&str]) -> Attribute<'a> {
        if marks(self.sensitive, path) {
            return Attribute::Sensitive;
        }
        if marks(self.unknown, path) {
            return Attribute::Unknown;
        }
        let (first, rest) = match path.split_first() {
            Some(parts) => parts,
            None => return Attribute::Absent,
        };
        match self.values.get(*first).and_then(|value| below(value, rest)) {
            Some(value) if !is_empty(value) => Attribute::Known(value),
            _ => Attribute::Absent,
        }
    }

    /// The text at a path, with a note where it must not or cannot be written.
    pub fn text(&self, path: &[&str], notes: &mut Vec<String>) -> Option<String> {
        self.known(path, notes)?.as_str().map(str::to_owned)
    }

    /// The number at a path.
    pub fn number(&self, path: &[&str], notes: &mut Vec<String>) -> Option<i64> {
        self.known(path, notes)?.as_i64()
    }

    /// The texts of a list at a path.
    pub fn texts(&self, path: &[&str], notes: &mut Vec<String>) -> Vec<String> {
        let list = self.known(path, notes).and_then(Value::as_array);
        let texts = list.into_iter().flatten().filter_map(Value::as_str);
        texts.map(str::to_owned).collect()
    }

    /// The value at a path, with a note where it must not or cannot be written.
    pub fn known(&self, path: &[&str], notes: &mut Vec<String>) -> Option<&'a Value> {
        let reason = match self.attribute(path) {
            Attribute::Known(value) => return Some(value),
            Attribute::Absent => return None,
            Attribute::Sensitive => "is sensitive and was not written",
            Attribute::Unknown if COMPUTED.contains(&path[0]) => return None,
            Attribute::Unknown => "is known after apply only",
        };
        let property = path.join(".");
        notes.push(format!(
            "{}.{property} {reason}: set it by hand.",
            self.address
        ));
        None
    }

    /// The entries of a map, with what is sensitive or unknown in it marked.
    pub fn entries(&self, path: &[&str]) -> Vec<(String, Attribute<'a>)> {
        let Some((first, rest)) = path.split_first() else {
            return Vec::new();
        };
        let values = self.values.get(*first).and_then(|value| below(value, rest));
        let values = values.and_then(Value::as_object);
        let unknown = below(self.unknown, path).and_then(Value::as_object);
        let known = values.into_iter().flatten().map(|(name, value)| {
            let path = [path, &[name.as_str()]].concat();
            let attribute = match () {
                () if marks(self.sensitive, &path) => Attribute::Sensitive,
                () if marks(self.unknown, &path) => Attribute::Unknown,
                () => Attribute::Known(value),
            };
            (name.clone(), attribute)
        });
        let later = unknown.into_iter().flatten();
        let later = later
            .filter(|(name, mark)| {
                **mark == Value::Bool(true) && values.is_none_or(|all| !all.contains_key(*name))
            })
            .map(|(name, _)| (name.clone(), Attribute::Unknown));
        known.chain(later).collect()
    }

    /// Region and account of a function, of its own ARN.
    pub fn place(&self) -> Option<(String, String)> {
        let arn = self.values.get("arn")?.as_str()?;
        let mut parts = arn.split(':').skip(3);
        let (region, account) = (parts.next()?, parts.next()?);
        let plain = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        let valid = account.len() == 12 && plain(region) && plain(account) && !region.is_empty();
        valid.then(|| (region.to_owned(), account.to_owned()))
    }
}

/// What is at a path below a value.
fn below<'a>(value: &'a Value, path: &[&str]) -> Option<&'a Value> {
    let Some((first, rest)) = path.split_first() else {
        return Some(value);
    };
    let object = match value {
        Value::Array(items) => items.first()?,
        other => other,
    };
    below(object.get(*first)?, rest)
}

/// Whether a tree of marks has one at the path, above it, or below it.
fn marks(tree: &Value, path: &[&str]) -> bool {
    match (tree, path.split_first()) {
        (Value::Bool(mark), _) => *mark,
        (Value::Array(items), None) => items.iter().any(|item| marks(item, path)),
        (Value::Object(entries), None) => entries.values().any(|entry| marks(entry, path)),
        (Value::Array(items), Some(_)) => items.first().is_some_and(|item| marks(item, path)),
        (Value::Object(entries), Some((first, rest))) => {
            entries.get(*first).is_some_and(|entry| marks(entry, rest))
        }
        _ => false,
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(entries) => entries.is_empty(),
        _ => false,
    }
}
