//! Manifests in the documents are valid. A part of one is completed with what every manifest needs.

use std::{fs, path::Path};

use jot::manifest;
use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme};
use toml::{Table, Value};

use crate::{assert_none, markdown};

/// The tables at the top of a manifest.
const TOP: [&str; 5] = ["project", "aws", "defaults", "functions", "targets"];
/// The tables of a function; one of them says what it runs.
const RUNS: [&str; 4] = ["julia", "jvm", "dockerfile", "image_uri"];

/// The manifest that a block is, or is a part of.
///
/// # Errors
/// It is not TOML.
fn completed(block: &str) -> Result<String, toml::de::Error> {
    let mut text = block.to_owned();
    let mut table: Table = text.parse()?;
    if !table.keys().any(|key| TOP.contains(&key.as_str())) {
        // Keys of one function.
        let lacks = table.contains_key("jvm") && !table.contains_key("handler");
        let handler = if lacks {
            "handler = \"example.Handler\"\n"
        } else {
            ""
        };
        text = format!("[functions.example]\n{handler}{text}");
        table = text.parse()?;
    }
    if !table.contains_key("project") {
        text += "\n[project]\nname = \"example\"\n";
    }
    let functions = table.get("functions").and_then(Value::as_table);
    for (key, function) in functions.into_iter().flatten() {
        let runs = |name: &&str| function.get(*name).is_some();
        if !RUNS.iter().any(runs) {
            text += &source(key);
        }
    }
    let called = table.values().flat_map(called);
    let known = |name: &String| functions.is_some_and(|all| all.contains_key(name));
    let mut missing: Vec<String> = called.filter(|name| !known(name)).collect();
    missing.sort();
    missing.dedup();
    text.extend(missing.iter().map(|name| source(name)));
    Ok(text)
}

/// A source for a function that names none.
fn source(key: &str) -> String {
    format!(
        "\n[functions.{key}.julia]\nsource = \"example.jl\"\n\
         argument_type = \"Dict{{String,Any}}\"\n"
    )
}

/// The functions that this value calls: `{ function = "store" }`.
fn called(value: &Value) -> Vec<String> {
    match value {
        Value::Table(table) => {
            let own = table
                .get("function")
                .and_then(Value::as_str)
                .map(str::to_owned);
            let below = table.values().flat_map(called);
            own.into_iter().chain(below).collect()
        }
        Value::Array(all) => all.iter().flat_map(called).collect(),
        _ => Vec::new(),
    }
}

/// Makes the files that a manifest names, as far as its check reads them.
fn make_files(value: &Value, root: &Path) {
    let Some(table) = value.as_table() else {
        if let Some(all) = value.as_array() {
            all.iter().for_each(|one| make_files(one, root));
        }
        return;
    };
    for (key, inner) in table {
        let text = |name: &str| inner.get(name).and_then(Value::as_str);
        match (key.as_str(), text("source"), inner.as_str()) {
            ("julia", Some(source), _) if source.ends_with(".jl") => write(root, source, ""),
            ("julia", Some(source), _) if !source.contains([':', '@']) => {
                write(root, &format!("{source}/Project.toml"), "");
            }
            ("jvm", Some(source), _) if source.ends_with(".jar") => write(root, source, ""),
            ("jvm", Some(source), _) => write(root, &format!("{source}/project.clj"), ""),
            ("dockerfile", Some(source), _) => {
                let file = text("file").unwrap_or("Dockerfile");
                write(root, &format!("{source}/{file}"), "FROM scratch\n");
            }
            ("argument_file" | "expected_file", _, Some(path)) => write(root, path, "{}"),
            ("policy_file", _, Some(path)) => {
                write(root, path, r#"{"Version": "2012-10-17", "Statement": []}"#);
            }
            _ => {}
        }
        make_files(inner, root);
    }
}

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// What jot's check says of a manifest and each of its targets.
fn check(text: &str) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    // Sources may be in folders next to it.
    let root = folder.path().join("one/two");
    fs::create_dir_all(&root).unwrap();
    let table: Table = text.parse().map_err(|error| format!("{error}"))?;
    make_files(&Value::Table(table), &root);
    let path = root.join(manifest::FILE);
    let read = |target: Option<&str>| {
        manifest::read(&path, text, target).map_err(|error| rendered(&error))
    };
    let targets = read(None)?.targets;
    targets
        .iter()
        .try_for_each(|target| read(Some(target)).map(drop))
}

fn rendered(error: &dyn Diagnostic) -> String {
    let mut text = String::new();
    let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor());
    handler
        .with_links(false)
        .render_report(&mut text, error)
        .unwrap();
    text
}

#[test]
fn manifests_are_valid() {
    let mut wrong = Vec::new();
    let mut held = 0;
    for document in markdown::documents() {
        for block in document.blocks() {
            if block.language() != "toml" {
                continue;
            }
            held += 1;
            let text = completed(&block.text).map_err(|error| error.to_string());
            // `toml,other` is TOML of another program.
            let other = block.words.iter().any(|word| word == "other");
            let checked = text.and_then(|text| if other { Ok(()) } else { check(&text) });
            if let Err(fault) = checked {
                let place = format!("{}:{}", document.path.display(), block.line);
                wrong.push(format!("{place}: {fault}"));
            }
        }
    }
    assert_none(&wrong);
    assert!(held >= 30, "only {held} manifests were found");
}

#[test]
fn json_is_json() {
    let mut wrong = Vec::new();
    for document in markdown::documents() {
        let blocks = document.blocks().into_iter();
        for block in blocks.filter(|block| block.language() == "json") {
            if let Err(error) = serde_json::from_str::<serde_json::Value>(&block.text) {
                wrong.push(format!(
                    "{}:{}: {error}",
                    document.path.display(),
                    block.line
                ));
            }
        }
    }
    assert_none(&wrong);
}

#[test]
fn a_part_of_a_manifest_is_completed_and_checked() {
    let good = [
        "memory_mb = 512",
        "[functions.f.async]\non_success = { function = \"store\" }",
        "[targets.prod.aws]\nregion = \"eu-west-1\"",
        "jvm = { source = \"loader\" }\nhandler = \"a.B\"",
    ];
    for part in good {
        assert_eq!(check(&completed(part).unwrap()), Ok(()), "{part}");
    }
    let bad = [
        "memory = 512",
        "[functions.f.url]\nauth = \"nobody\"",
        "[targets.prod.aws]\nregoin = \"eu-west-1\"",
        // TOML 1.1, which is not TOML 1.0.
        "tags = {\n  a = \"b\",\n}",
    ];
    for part in bad {
        let checked = completed(part).map_err(|error| error.to_string());
        assert!(checked.and_then(|text| check(&text)).is_err(), "{part}");
    }
}
