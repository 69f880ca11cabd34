//! The annotations of a wrong manifest that GitHub gets.

use std::{fs, path::Path};

use serde_json::Value;

use crate::{MANIFEST, command, documents, project};

/// The properties and the message of a workflow command, read as the runner reads them.
fn read(line: &str) -> (Vec<(String, String)>, String) {
    let line = line
        .strip_prefix("::error ")
        .unwrap_or_else(|| panic!("{line}"));
    let (properties, message) = line.split_once("::").unwrap();
    let plain = |text: &str| {
        let text = text.replace("%3A", ":").replace("%2C", ",");
        text.replace("%0D", "\r")
            .replace("%0A", "\n")
            .replace("%25", "%")
    };
    let pair = |pair: &str| {
        pair.split_once('=')
            .map(|(key, value)| (key.to_owned(), plain(value)))
    };
    (
        properties.split(',').filter_map(pair).collect(),
        plain(message),
    )
}

fn get<'a>(properties: &'a [(String, String)], key: &str) -> Option<&'a str> {
    let found = properties.iter().find(|(known, _)| known == key);
    found.map(|(_, value)| value.as_str())
}

/// What `jot check --format json` prints on stdout, and the annotations on stderr.
fn check(folder: &Path, top: &Path, more: &[&str]) -> (Value, Vec<String>) {
    let arguments = [&["check", "--format", "json"], more].concat();
    let mut check = command(folder, &arguments);
    check
        .env("GITHUB_ACTIONS", "true")
        .env("GITHUB_WORKSPACE", top);
    let output = check.output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{arguments:?}");
    let stderr = String::from_utf8(output.stderr).unwrap();
    let lines = stderr.lines().map(str::to_owned).collect();
    let stdout = std::str::from_utf8(&output.stdout).unwrap();
    documents::assert_valid(&["check"], stdout);
    (serde_json::from_slice(&output.stdout).unwrap(), lines)
}

#[test]
fn each_problem_of_each_bad_manifest_is_annotated_at_its_place() {
    let bad = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/manifest/bad");
    let mut seen = 0;
    for entry in fs::read_dir(&bad).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let target: &[&str] =
            match text.contains("[targets.prod") || path.ends_with("unknown-target.toml") {
                true => &["--target", "prod"],
                false => &[],
            };
        let file = path.display().to_string();
        let (document, lines) = check(&bad, &bad, &[&["--manifest", &file], target].concat());
        let problems = document["error"]["related"].as_array().unwrap();
        assert_eq!(lines.len(), problems.len(), "{file}: {lines:#?}");
        for (line, problem) in lines.iter().zip(problems) {
            let (properties, message) = read(line);
            let place = &problem["places"][0];
            assert_eq!(get(&properties, "file"), path.file_name().unwrap().to_str());
            assert_eq!(
                get(&properties, "line"),
                Some(place["line"].to_string().as_str())
            );
            assert_eq!(
                get(&properties, "endLine"),
                Some(place["end_line"].to_string().as_str())
            );
            assert_eq!(get(&properties, "title"), place["label"].as_str());
            assert!(
                message.starts_with(problem["message"].as_str().unwrap()),
                "{message}"
            );
            seen += 1;
        }
    }
    assert!(seen >= 60, "{seen} annotations");
}

#[test]
fn elsewhere_nobody_is_told() {
    let folder = project();
    fs::write(
        folder.path().join("jot.toml"),
        MANIFEST.replace("tests", "tets"),
    )
    .unwrap();
    let output = command(folder.path(), &["check"]).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(
        stderr.contains("tets") && !stderr.contains("::error"),
        "{stderr}"
    );
}

#[test]
fn a_manifest_below_the_top_of_the_checkout_is_named_from_there() {
    let folder = project();
    let below = folder.path().join("functions");
    fs::create_dir(&below).unwrap();
    fs::rename(
        folder.path().join("increment_vector.jl"),
        below.join("increment_vector.jl"),
    )
    .unwrap();
    fs::write(below.join("jot.toml"), MANIFEST.replace("tests", "tets")).unwrap();
    let (_, lines) = check(&below, folder.path(), &[]);
    assert_eq!(
        get(&read(&lines[0]).0, "file"),
        Some("functions/jot.toml"),
        "{lines:?}"
    );
}
