//! What `--format json` prints, held to the checked-in schema, which is closed here: a field that it lacks fails.

use serde_json::{Map, Value, json};

const SCHEMA: &str = include_str!("../../schema/output.v1.schema.json");

/// Fails unless stdout is what the command is to print with `--format json`, by the schema. `words` is the command line without
/// `--format json`.
pub fn assert_valid(words: &[&str], stdout: &str) {
    let documents = serde_json::Deserializer::from_str(stdout).into_iter::<Value>();
    let documents: Vec<Value> = documents
        .map(|document| document.unwrap_or_else(|error| panic!("no JSON: {error}: {stdout}")))
        .collect();
    let command = words.first().copied().unwrap_or_default();
    let has = |option: &str| words.contains(&option);
    let kind = match command {
        "apply" | "destroy" => "StreamLine",
        "build" if !has("--context") => "StreamLine",
        "test" if !has("--remote") => "StreamLine",
        "build" | "init" => "FilesDocument",
        "check" => "CheckedDocument",
        "plan" => "PlanDocument",
        "status" => "StatusDocument",
        "test" => "TestsDocument",
        "invoke" => "AnswerDocument",
        "logs" => "LogLineDocument",
        other => panic!("nothing is known of what {other} prints"),
    };
    let failed =
        |document: &&Value| document.get("event").is_none() && document.get("error").is_some();
    if kind == "StreamLine" {
        assert_stream(stdout, &documents);
    } else if kind != "LogLineDocument" {
        assert_eq!(documents.len(), 1, "{words:?}: {stdout}");
    }
    for document in &documents {
        let kind = match kind {
            "StreamLine" => kind,
            _ if failed(&document) => "FailureDocument",
            _ => kind,
        };
        assert_kind(kind, document);
    }
}

/// A stream has a document a line, begins with `began` and ends with `summary`, and neither stands anywhere else.
fn assert_stream(stdout: &str, documents: &[Value]) {
    assert_eq!(stdout.lines().count(), documents.len(), "{stdout}");
    let events: Vec<&str> = documents
        .iter()
        .filter_map(|document| document["event"].as_str())
        .collect();
    assert_eq!(events.len(), documents.len(), "{stdout}");
    assert_eq!(
        (events[0], events[events.len() - 1]),
        ("began", "summary"),
        "{stdout}"
    );
    let ends = |event: &&&str| **event == "began" || **event == "summary";
    assert_eq!(events.iter().filter(ends).count(), 2, "{stdout}");
    assert_eq!(documents[0]["format_version"], 1, "{stdout}");
}

/// Fails unless the document is one of that kind.
fn assert_kind(kind: &str, document: &Value) {
    let mut schema: Value = serde_json::from_str(SCHEMA).expect("the schema is JSON");
    let definitions = schema["$defs"].as_object().expect("definitions").clone();
    assert!(definitions.contains_key(kind), "no definition {kind}");
    close(&mut schema, &definitions);
    schema["anyOf"] = json!([true]);
    schema["$ref"] = json!(format!("#/$defs/{kind}"));
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let wrong: Vec<String> = validator
        .iter_errors(document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(wrong.is_empty(), "{kind}: {wrong:#?}\n{document:#}");
}

/// Lets objects have no other properties than those that stand in the schema.
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

/// Puts the properties of what the object refers to beside its own: a tag and what is tagged are one object.
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
