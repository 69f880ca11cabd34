//! Generates the JSON schema of the output of `--format json` from the types.

use std::{env, fs, path::Path};

use schemars::{JsonSchema, Schema, generate::SchemaSettings, transform::RecursiveTransform};
use serde_json::{Map, Value, json};

use super::{super::progress::Began, Document, FORMAT_VERSION, SCHEMA, body};
use crate::model::{Bench, Event, doctor::Diagnosis};

/// A line of the output of `jot apply`, `destroy`, `build` and `test`: `began` first, `summary`
/// last.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "only its schema is used")]
enum StreamLine {
    /// The first line.
    Began(Began<'static>),
    /// Any other line.
    Event(Event),
}

/// The JSON schema (draft 2020-12) of all documents and lines.
fn schema() -> Value {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let settings = settings.with_transform(RecursiveTransform(tidy));
    let mut generator = settings.into_generator();
    let kinds = [
        generator.subschema_for::<Document<body::Plan<'static>>>(),
        generator.subschema_for::<Document<body::SavedPlan<'static>>>(),
        generator.subschema_for::<StreamLine>(),
        generator.subschema_for::<Document<body::Status<'static>>>(),
        generator.subschema_for::<Document<body::Releases<'static>>>(),
        generator.subschema_for::<Document<body::Tests<'static>>>(),
        generator.subschema_for::<Document<Bench>>(),
        generator.subschema_for::<Document<body::Checked<'static>>>(),
        generator.subschema_for::<Document<body::Files<'static>>>(),
        generator.subschema_for::<Document<body::Answer<'static>>>(),
        generator.subschema_for::<Document<body::Accepted<'static>>>(),
        generator.subschema_for::<Document<body::Logged<'static>>>(),
        generator.subschema_for::<Document<body::Cleaned<'static>>>(),
        generator.subschema_for::<Document<body::Pruning<'static>>>(),
        generator.subschema_for::<Document<Diagnosis>>(),
        generator.subschema_for::<Document<body::Serving<'static>>>(),
        generator.subschema_for::<Document<body::Failure>>(),
    ];
    let definitions = generator.take_definitions(true);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": format!("jot --format json, version {FORMAT_VERSION}"),
        "description": "Everything that jot prints on stdout with --format json. format_version \
            changes when a field is removed or changes meaning. Fields, kinds of actions and kinds \
            of events may be added at any time: ignore those that you do not know. An invalid \
            command line is reported on stderr, as text.",
        "anyOf": kinds,
        "$defs": sorted(definitions),
    })
}

fn sorted(definitions: Map<String, Value>) -> Value {
    let mut all: Vec<(String, Value)> = definitions.into_iter().collect();
    all.sort_by(|(one, _), (other, _)| one.cmp(other));
    Value::Object(all.into_iter().collect())
}

/// Leaves objects open for future fields; removes meaningless integer formats; joins the lines of
/// doc comments and removes their links.
fn tidy(schema: &mut Schema) {
    let Some(object) = schema.as_object_mut() else {
        return;
    };
    let closed = object.get("additionalProperties") == Some(&Value::Bool(false));
    if closed && object.contains_key("properties") {
        object.shift_remove("additionalProperties");
    }
    object.shift_remove("format");
    if let Some(Value::String(text)) = object.get_mut("description") {
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        *text = words.replace("[`", "`").replace("`]", "`");
    }
}

/// Fails unless the text is valid for that kind of document.
pub fn assert_valid(kind: &str, text: &str) {
    let mut schema = schema();
    schema["anyOf"] = json!([true]);
    schema["$ref"] = json!(format!("#/$defs/{kind}"));
    let value: Value = serde_json::from_str(text).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let wrong: Vec<String> = validator
        .iter_errors(&value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}\n{text}");
}

#[test]
fn the_schema_is_fresh() {
    let file = format!("schema/output.v{FORMAT_VERSION}.schema.json");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(&file);
    let fresh = format!("{:#}\n", schema());
    if env::var_os("JOT_UPDATE_SCHEMA").is_some() {
        fs::write(&path, &fresh).unwrap();
    } else {
        assert!(
            SCHEMA == fresh,
            "{file} is stale: run `JOT_UPDATE_SCHEMA=1 cargo test --lib fresh`, and increase \
                format_version if a field was removed"
        );
    }
}

#[test]
#[should_panic(expected = "format_version")]
fn a_document_without_a_version_is_refused() {
    assert_valid("FilesDocument", r#"{"files": []}"#);
}
