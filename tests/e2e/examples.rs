//! Every example as released: its tests here and in Lambda; its function deployed, called and
//! destroyed.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

use crate::{
    story::{expect, json},
    support::{Project, Stack},
};

/// An example's folder, its function, its number of tests, and a call that none of these tests
/// makes, with the answer.
type Example = (
    &'static str,
    &'static str,
    usize,
    &'static str,
    &'static str,
);

const EXAMPLES: [Example; 9] = [
    (
        "clojure-s3",
        "load-partition",
        2,
        r#"{"Records": [{"s3": {"bucket": {"name": "b"}, "object": {"key": "x/y/z/a+b"}}}]}"#,
        r#"[{"bucket": "b", "key": "x/y/z/a b", "table": "z", "path": "s3://b/x/y/z/a b"}]"#,
    ),
    (
        "clojure-s3-zip",
        "load-partition",
        2,
        r#"{"Records": [{"s3": {"bucket": {"name": "b"}, "object": {"key": "x/y/z/a+b"}}}]}"#,
        r#"[{"bucket": "b", "key": "x/y/z/a b", "table": "z", "path": "s3://b/x/y/z/a b"}]"#,
    ),
    ("count-primes", "count-primes", 3, "50", "15"),
    (
        "greet-raw",
        "greet-raw",
        3,
        r#"{"name": "Grace"}"#,
        r#"{"greeting": "Hello, Grace!"}"#,
    ),
    (
        "http-hello",
        "http-hello",
        3,
        concat!(
            r#"{"rawPath": "/count", "queryStringParameters": {"from": "1"}, "#,
            r#""requestContext": {"http": {"method": "GET"}}}"#,
        ),
        concat!(
            r#"{"statusCode": 200, "headers": {"content-type": "text/plain; charset=utf-8"}, "#,
            r#""body": "1\n"}"#,
        ),
    ),
    ("increment-vector", "increment-vector", 2, "[41]", "[42]"),
    ("java", "increment", 2, "[41]", "[42]"),
    (
        "route-length",
        "route-length",
        3,
        r#"{"points": [{"x": 0, "y": 0}, {"x": 6, "y": 8}]}"#,
        r#"{"length": 10.0, "longest": 10.0}"#,
    ),
    ("shout", "shout", 3, "\"hi\"", "\"HI\""),
];

/// The example with a test of its own: it needs a bucket and a queue.
const STORY: &str = "datalake";

/// Examples that take files from another folder next to theirs.
const BESIDE: [(&str, &str); 2] = [("clojure-s3-zip", "clojure-s3"), ("http-hello", "events")];

/// The folder of the examples.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).expect("the folder can be read");
    let name = |entry: std::io::Result<fs::DirEntry>| entry.expect("an entry").file_name();
    entries
        .map(|entry| name(entry).to_string_lossy().into_owned())
        .collect()
}

/// Copies an example's files into the project, and points its manifest at the stack.
pub fn copy(project: &Project, from: &Path, to: &Path) {
    for name in names(from) {
        let (from, to) = (from.join(&name), to.join(&name));
        if from.is_dir() {
            copy(project, &from, &to);
            continue;
        }
        let text = fs::read_to_string(&from).expect("an example's file is text");
        match name.as_str() {
            "jot.toml" => project.manifest(functions(&text)),
            _ => project.write(to, &text),
        }
    }
}

/// A manifest's text from its first function on.
fn functions(manifest: &str) -> &str {
    let at = manifest.find("[functions.").expect("a function");
    &manifest[at..]
}

#[test]
fn every_example_is_deployed_as_it_is_shipped() {
    let shipped: BTreeSet<String> = names(&folder())
        .into_iter()
        .filter(|name| folder().join(name).join("jot.toml").exists())
        .collect();
    let tried = EXAMPLES.iter().map(|(name, ..)| *name).chain([STORY]);
    assert_eq!(shipped, tried.map(str::to_owned).collect());
    let stack = Stack::start();
    for example in EXAMPLES {
        deployed(&stack, example);
    }
}

fn deployed(stack: &Stack, (name, function, tests, argument, answer): Example) {
    let project = Project::new(stack, "example");
    for (_, other) in BESIDE.iter().filter(|(one, _)| *one == name) {
        copy(
            &project,
            &folder().join(other),
            &Path::new("..").join(other),
        );
    }
    copy(&project, &folder().join(name), Path::new(""));
    expect(project.run(&["check"]), 0);
    let tested = expect(project.run(&["test"]), 0);
    assert!(
        tested.stdout.contains(&format!("{tests} passed")),
        "{}",
        tested.stdout
    );
    expect(project.run(&["apply", "--yes"]), 0);
    let called = json(&expect(project.run(&["invoke", function, argument]), 0));
    let answer: Value = serde_json::from_str(answer).expect("JSON");
    assert_eq!(called, answer, "{name}");
    let plan = expect(project.run(&["plan", "--detailed-exitcode"]), 0);
    assert!(plan.stdout.contains("No changes."), "{}", plan.stdout);
    let tested = expect(project.run(&["test", "--remote"]), 0);
    assert!(
        tested.stdout.contains(&format!("{tests} passed")),
        "{}",
        tested.stdout
    );
    expect(project.run(&["destroy", "--yes"]), 0);
}
