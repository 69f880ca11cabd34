//! Generates the JSON schemas from the types.

use std::{borrow::Cow, collections::BTreeMap};

use schemars::{
    JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings, json_schema,
    transform::RecursiveTransform,
};
use serde_json::{Map, Value, json};

use super::super::{
    languages,
    limits::{keys, pattern},
    types::{Aws, Function, Manifest, Project},
};

/// jot.toml: the functions of a project, and where they run.
#[derive(JsonSchema)]
#[schemars(title = "jot.toml", deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is used")]
struct Written {
    /// The project: a table `[project]` with at least a `name`.
    project: Project,
    /// Account, region and credentials to act with. The AWS SDK's default chain decides absent
    /// keys.
    aws: Option<Aws>,
    /// Has the shape of a function and is merged under every function.
    defaults: Option<FunctionLayer>,
    /// Every function that the project declares, by key: 1 to 64 letters, digits, `-` and `_`.
    #[schemars(transform = keys::functions)]
    functions: Option<BTreeMap<String, FunctionLayer>>,
    /// Overlays; `--target NAME` or JOT_TARGET chooses one: 1 to 64 letters, digits and `_
    /// . -`.
    #[schemars(transform = keys::targets)]
    targets: Option<BTreeMap<String, Target>>,
}

/// What differs for one target, such as `prod`.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is used")]
struct Target {
    /// Suffix of the name of every function, and so of its role: 1 to 63 letters, digits, `-` and
    /// `_`.
    #[schemars(regex(pattern = pattern::SUFFIX))]
    name_suffix: Option<String>,
    /// Laid over `[aws]`.
    aws: Option<AwsLayer>,
    /// Laid over every function.
    defaults: Option<FunctionLayer>,
    /// Laid over the function of the same key.
    #[schemars(transform = keys::functions)]
    functions: Option<BTreeMap<String, FunctionLayer>>,
}

/// A function, or a part of one that is laid over another.
struct FunctionLayer;

impl JsonSchema for FunctionLayer {
    fn schema_name() -> Cow<'static, str> {
        "Function".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        layer(Function::json_schema(generator))
    }
}

/// `[aws]`, laid over another.
struct AwsLayer;

impl JsonSchema for AwsLayer {
    fn schema_name() -> Cow<'static, str> {
        "TargetAws".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        layer(Aws::json_schema(generator))
    }
}

/// Returns the schema of a table that overrides others of its kind: nothing is required of it, and
/// it may have `unset`.
fn layer(mut schema: Schema) -> Schema {
    let unset = json_schema!({
        "description": "Keys of earlier layers that this one removes, as dotted paths below this \
            table, such as `deploy.alias`.",
        "type": "array",
        "items": { "type": "string", "minLength": 1 },
    });
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        properties.insert("unset".to_owned(), unset.into());
    }
    schema
}

/// Returns the schema of `jot.toml` as it is written.
pub fn written() -> Value {
    let mut schema = generate::<Written>();
    // The keys of a language's table may come from different layers; only the merged document must
    // have them all.
    for name in languages::DEFINITIONS {
        let table = schema.pointer_mut(&format!("/definitions/{name}"));
        if let Some(table) = table.and_then(Value::as_object_mut) {
            table.shift_remove("required");
        }
    }
    schema
}

/// Returns the schema of the merged document.
pub fn merged() -> Value {
    generate::<Manifest>()
}

fn generate<T: JsonSchema>() -> Value {
    SchemaSettings::draft07()
        .with_transform(RecursiveTransform(tidy))
        .into_generator()
        .into_root_schema_for::<T>()
        .to_value()
}

/// Removes what TOML does not have (null), what does not help a reader (integer formats), defaults
/// of whole tables, and the line breaks of doc comments.
fn tidy(schema: &mut Schema) {
    let Some(object) = schema.as_object_mut() else {
        return;
    };
    if object
        .get("default")
        .is_some_and(|default| !default.is_string() && !default.is_boolean())
    {
        object.shift_remove("default");
    }
    if object
        .get("format")
        .and_then(Value::as_str)
        .is_some_and(|format| format.contains("int") || format == "double")
    {
        object.shift_remove("format");
    }
    if let Some(Value::String(text)) = object.get_mut("description") {
        *text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|kind| kind != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            object.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(branches)) = object.get_mut("anyOf") {
        branches.retain(|branch| branch.get("type").is_none_or(|kind| kind != "null"));
        if branches.len() == 1 {
            single_branch(object);
        }
    }
}

/// Replaces `anyOf` with its one remaining branch, as `allOf` if it has other keywords next to it:
/// in draft 7, a `$ref` rules out its siblings.
fn single_branch(object: &mut Map<String, Value>) {
    let Some(Value::Array(mut branches)) = object.shift_remove("anyOf") else {
        return;
    };
    let Some(Value::Object(branch)) = branches.pop() else {
        return;
    };
    if object.is_empty() {
        *object = branch;
    } else {
        object.insert("allOf".to_owned(), json!([branch]));
    }
}
