//! Functions for the JVM, from the examples as released: a plain Java handler, and Clojure.

use std::path::Path;

use serde_json::{Value, json};

use crate::{
    examples,
    story::{changes, control_plane, expect, json as answered, of},
    support::{Project, Ran, Stack, ran},
};

/// Bytes that a changed line may push: with class-data archives, and without.
const PUSHED: [(&str, u64); 2] = [("archive", 200_000), ("none", 100_000)];

/// An example as a project of the stack's.
pub fn example(stack: &Stack, name: &str) -> Project {
    let project = Project::new(stack, name);
    examples::copy(&project, &examples::folder().join(name), Path::new(""));
    expect(project.run(&["check"]), 0);
    project
}

/// Replaces a text, which must exist, in a file of the project.
pub fn replace(project: &Project, path: &str, from: &str, to: &str) {
    let text = project.text(path);
    assert!(text.contains(from), "{path} has no {from}:\n{text}");
    project.write(path, &text.replace(from, to));
}

pub fn said(ran: &Ran) -> String {
    format!("{}{}", ran.stdout, ran.stderr)
}

/// Nothing differs, and neither the plan nor its requests need Docker.
pub fn nothing_to_do(stack: &Stack, project: &Project, requests: u64) {
    stack.proxy.reset();
    let mut jot = project.jot();
    jot.args(["plan", "--detailed-exitcode"]);
    let plan = expect(ran(jot.env("DOCKER_HOST", "unix:///nowhere")), 0);
    assert!(plan.stdout.contains("No changes."), "{}", plan.stdout);
    assert_eq!(control_plane(&stack.proxy.counts()), requests);
}

/// Applies. The result is not predicted here: the model does not include the local images of a
/// function that are removed after some builds.
pub fn applied(project: &Project) -> Ran {
    expect(ran(project.jot().args(["apply", "--yes"])), 0)
}

/// Applies a change of the code alone: only the code's image is built, and little is pushed.
pub fn one_line(stack: &Stack, project: &Project, mode: &str) {
    let plan = expect(project.run(&["plan"]), 0);
    for words in [
        "Plan: 1 to build, 1 to push, 0 to create, 1 to update, 0 to destroy.",
        "source changed: ",
        "src/",
    ] {
        let said: Vec<&str> = plan.stdout.split_whitespace().collect();
        assert!(said.join(" ").contains(words), "{words}: {}", plan.stdout);
    }
    stack.proxy.reset();
    applied(project);
    let uploads = stack.proxy.uploads();
    let most = PUSHED.iter().find(|(name, _)| *name == mode).expect(mode).1;
    assert!(uploads.bytes <= most, "{mode}: {uploads:?}");
    assert_eq!(uploads.manifests, 1, "{uploads:?}");
}

/// Fails with nothing pushed and no function touched.
pub fn refused(stack: &Stack, project: &Project, status: i32, words: &[&str]) {
    stack.proxy.reset();
    let applied = expect(project.run(&["apply", "--yes"]), status);
    // With any line breaks.
    let said = said(&applied);
    let said: Vec<&str> = said.split_whitespace().filter(|it| *it != "|").collect();
    let said = said.join(" ");
    for word in words {
        assert!(said.contains(word), "`{word}` is missing: {applied:#?}");
    }
    let changed = changes(&stack.proxy.counts());
    let touched = ["registry:PutManifest", "lambda:UpdateFunctionCode"];
    assert!(of(&changed, &touched).is_empty(), "{changed:?}");
}

#[test]
fn a_java_handler_is_deployed_changed_and_destroyed() {
    const SOURCE: &str = "src/main/java/numerics/Increment.java";
    let stack = Stack::start();
    let project = example(&stack, "java");
    // BuildKit keeps a build's output to itself if it has run the same session before.
    let own = format!(
        "STEP = 1;\n    static final String RUN = \"{}\";",
        project.name
    );
    replace(&project, SOURCE, "STEP = 1;", &own);
    let applied = expect(project.run(&["apply", "--yes"]), 0);
    assert!(
        applied
            .stdout
            .contains("base (eclipse-temurin:25-jdk, Maven)"),
        "{applied:#?}"
    );
    let answer = expect(project.run(&["invoke", "increment", "[41]"]), 0);
    assert_eq!(answered(&answer), json!([42]));
    nothing_to_do(&stack, &project, 12);

    // Another constant, in a jar of the same size: the archive of the one before would answer with
    // the old one.
    replace(&project, SOURCE, "STEP = 1", "STEP = 2");
    let wrong = ["in the exemplar session of the build", "expected"];
    refused(&stack, &project, 3, &wrong);
    replace(
        &project,
        "jot.toml",
        "expected = [2, 3, 4]",
        "expected = [3, 4, 5]",
    );
    one_line(&stack, &project, "archive");
    let answer = expect(project.run(&["invoke", "increment", "[41]"]), 0);
    assert_eq!(answered(&answer), json!([43]));

    replace(&project, "jot.toml", "memory_mb = 512", "memory_mb = 640");
    let plan = expect(project.run(&["plan"]), 0);
    let words = "Plan: 0 to build, 0 to push, 0 to create, 1 to update, 0 to destroy.";
    assert!(plan.stdout.contains(words), "{}", plan.stdout);
    expect(project.run(&["apply", "--yes"]), 0);
    nothing_to_do(&stack, &project, 12);

    replace(
        &project,
        "jot.toml",
        "numerics.Increment",
        "numerics.Incremet",
    );
    let words = [
        "no class numerics.Incremet is in the jars",
        "these handlers exist: numerics.Increment",
    ];
    refused(&stack, &project, 1, &words);
    expect(project.run(&["destroy", "--yes"]), 0);
}

/// The classes that no archive contained, by the tests of `jot test --jit-debt --format json`.
fn debt(ran: &Ran) -> usize {
    let events = ran.stdout.lines().map(serde_json::from_str::<Value>);
    let events = events.map(|event| event.expect("one event a line"));
    let tested = events.filter(|event| event["event"] == "tested");
    let counts = tested.map(|event| {
        let classes = event["result"]["compiled"].as_array();
        classes.expect("what was asked for").len()
    });
    counts.sum()
}

#[test]
fn a_clojure_function_loads_its_classes_from_archives() {
    const SOURCE: &str = "src/loader/core.clj";
    let stack = Stack::start();
    let project = example(&stack, "clojure-s3");
    let listed = expect(project.run(&["test", "--jit-debt", "--format", "json"]), 0);
    let few = debt(&listed);
    assert!((1..60).contains(&few), "{few}: {}", listed.stdout);
    let budget = |most: usize, compile: &str| {
        let table =
            format!("jvm = {{ source = \".\", compile = \"{compile}\", jit_budget = {most} }}");
        let manifest = project.text("jot.toml");
        let line = manifest.lines().find(|line| line.starts_with("jvm = "));
        replace(&project, "jot.toml", line.expect("a table"), &table);
    };
    budget(0, "archive");
    let words = ["loaded from outside the archives, and jit_budget allows 0"];
    refused(&stack, &project, 3, &words);
    budget(few + 20, "archive");
    expect(project.run(&["apply", "--yes"]), 0);
    let event = project.text("events/put.json");
    let answer = expect(project.run(&["invoke", "load-partition", &event]), 0);
    let answer: Value = answered(&answer);
    assert_eq!(answer[0]["table"], json!("orders"));
    replace(&project, SOURCE, "key #\"/\") 2 nil", "key #\"/\") 2 \"\"");
    one_line(&stack, &project, "archive");

    // Without archives nothing is replayed in the build, so the gate finds the fault.
    budget(10_000, "none");
    replace(&project, SOURCE, "key #\"/\") 2 \"\"", "key #\"/\") 1 \"\"");
    refused(&stack, &project, 3, &["orders", "nothing was pushed"]);
    replace(&project, SOURCE, "key #\"/\") 1 \"\"", "key #\"/\") 2 \"\"");
    applied(&project);
    let many = debt(&expect(
        project.run(&["test", "--jit-debt", "--format", "json"]),
        0,
    ));
    assert!(many > 20 * few, "{many} without archives, {few} with them");
    replace(&project, SOURCE, "key #\"/\") 2 \"\"", "key #\"/\") 2 nil");
    one_line(&stack, &project, "none");
    nothing_to_do(&stack, &project, 12);
    expect(project.run(&["destroy", "--yes"]), 0);
}
