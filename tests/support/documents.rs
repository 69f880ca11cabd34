//! The output of `--format json`, checked against the schema in the repository, which is closed
//! here: a field that it lacks fails.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use jsonschema::Validator;
use serde_json::{Map, Value, json};

const SCHEMA: &str = include_str!("../../schema/output.v1.schema.json");

/// Fails unless stdout is what the command prints with `--format json`, according to the schema.
/// `words` is the command line without `--format json`.
pub fn assert_valid(words: &[&str], stdout: &str) {
    let documents = serde_json::Deserializer::from_str(stdout).into_iter::<Value>();
    let documents: Vec<Value> = documents
        .map(|document| document.unwrap_or_else(|error| panic!("no JSON: {error}: {stdout}")))
        .collect();
    let command = words.first().copied().unwrap_or_default();
    let has = |option: &str| words.contains(&option);
    if command == "run" || command == "test" && has("--watch") {
        return assert_run(&documents);
    }
    let kind = match command {
        "apply" | "destroy" => "StreamLine",
        "build" if !has("--context") => "StreamLine",
        "test" if !has("--remote") => "StreamLine",
        "build" | "init" => "FilesDocument",
        "check" => "CheckedDocument",
        "plan" => "PlanDocument",
        "show" => "SavedPlanDocument",
        "status" => "StatusDocument",
        "test" => "TestsDocument",
        "invoke" if has("--async") => "AcceptedDocument",
        "invoke" => "AnswerDocument",
        "logs" => "LoggedDocument",
        "bench" => "BenchDocument",
        "clean" => "CleanedDocument",
        "prune" => "PruningDocument",
        "doctor" => "DiagnosisDocument",
        other => panic!("nothing is known of what {other} prints"),
    };
    if kind == "StreamLine" {
        assert_eq!(stdout.lines().count(), documents.len(), "{stdout}");
        return assert_stream(&documents);
    }
    if kind != "LoggedDocument" {
        assert_eq!(documents.len(), 1, "{words:?}: {stdout}");
    }
    for document in &documents {
        assert_one(kind, document);
    }
}

/// A run is a stream for each build, and a document for each time that the function answers;
/// watched tests are a stream each time.
fn assert_run(documents: &[Value]) {
    let is_event = |document: &Value| document.get("event").is_some();
    for part in
        documents.chunk_by(|one, next| is_event(one) && is_event(next) && one["event"] != "summary")
    {
        match part {
            [one] if !is_event(one) => assert_one("ServingDocument", one),
            stream => assert_stream(stream),
        }
    }
}

/// A document of a command, or the error that it ended in.
fn assert_one(kind: &str, document: &Value) {
    match document.get("error") {
        Some(error) if error.is_object() => assert_kind("FailureDocument", document),
        _ => assert_kind(kind, document),
    }
}

/// A stream begins with `began` and ends with `summary`, and neither occurs anywhere else.
fn assert_stream(documents: &[Value]) {
    let events: Vec<&str> = documents
        .iter()
        .filter_map(|document| document["event"].as_str())
        .collect();
    assert_eq!(events.len(), documents.len(), "{documents:#?}");
    assert_eq!(
        (events[0], events[events.len() - 1]),
        ("began", "summary"),
        "{documents:#?}"
    );
    let ends = |event: &&&str| **event == "began" || **event == "summary";
    assert_eq!(events.iter().filter(ends).count(), 2, "{documents:#?}");
    assert_eq!(documents[0]["format_version"], 1, "{documents:#?}");
    for document in documents {
        assert_kind("StreamLine", document);
    }
}

/// Fails unless the document is of that kind.
fn assert_kind(kind: &str, document: &Value) {
    let validator = validator(kind);
    let wrong: Vec<String> = validator
        .iter_errors(document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(wrong.is_empty(), "{kind}: {wrong:#?}\n{document:#}");
}

/// The validator for documents of that kind, made once.
fn validator(kind: &str) -> Arc<Validator> {
    static ALL: Mutex<BTreeMap<String, Arc<Validator>>> = Mutex::new(BTreeMap::new());
    // A test that failed with the lock has left the map complete.
    let mut all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
    let made = || Arc::new(make(kind));
    all.entry(kind.to_owned()).or_insert_with(made).clone()
}

fn make(kind: &str) -> Validator {
    let mut schema: Value = serde_json::from_str(SCHEMA).expect("the schema is JSON");
    let definitions = schema["$defs"].as_object().expect("definitions").clone();
    assert!(definitions.contains_key(kind), "no definition {kind}");
    close(&mut schema, &definitions);
    schema["anyOf"] = json!([true]);
    schema["$ref"] = json!(format!("#/$defs/{kind}"));
    jsonschema::validator_for(&schema).expect("a schema")
}

/// Allows no other properties of objects than those in the schema.
fn close(node: &mut Value, definitions: &Map<String, Value>) {
    match node {
        Value::Object(object) => {
            if object.contains_key("properties") {
                inline(object, definitions);
                object.insert("additionalProperties".to_owned(), json!(false));
            }
            for (key, inner) in object.iter_mut() {
                // The names of properties are no keywords.
                match (key.as_str(), inner) {
                    ("properties" | "$defs", Value::Object(inner)) => {
                        inner.values_mut().for_each(|one| close(one, definitions));
                    }
                    (_, inner) => close(inner, definitions),
                }
            }
        }
        Value::Array(all) => all.iter_mut().for_each(|one| close(one, definitions)),
        _ => {}
    }
}

/// Puts the properties of what the object refers to next to its own: a tag and the tagged value are
/// one object.
fn inline(object: &mut Map<String, Value>, definitions: &Map<String, Value>) {
    let Some(Value::String(path)) = object.remove("$ref") else {
        return;
    };
    let name = path.trim_start_matches("#/$defs/");
    let other = &definitions[name];
    for key in ["properties", "required"] {
        match (object.get_mut(key), &other[key]) {
            (Some(Value::Object(mine)), Value::Object(theirs)) => mine.extend(theirs.clone()),
            (Some(Value::Array(mine)), Value::Array(theirs)) => mine.extend(theirs.clone()),
            (mine, theirs) => panic!("{name}: {mine:?} and {theirs:?}"),
        }
    }
}
