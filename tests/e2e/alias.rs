//! A function without an alias: its tests run on `$LATEST`, and after a failure jot restores the
//! previous code. A function with a renamed alias: the new alias has all that the old one had.

use serde_json::{Value, json};

use crate::{
    dockerfile,
    gates::writer,
    story::{changes, expect},
    support::{Project, Stack, http, seen},
};

const NO_ALIAS: &str = "deploy = { alias = false }";

#[test]
fn without_an_alias_a_failing_test_puts_the_code_back() {
    let stack = Stack::start();
    let project = Project::new(&stack, "no-alias");
    writer(&project, 0, NO_ALIAS, "");
    expect(project.run(&["apply", "--yes"]), 0);
    expect(project.run(&["plan", "--detailed-exitcode"]), 0);
    writer(&project, 1, NO_ALIAS, "# another version\n");
    stack.proxy.reset();
    expect(project.run(&["apply", "--yes"]), 3);
    let changed = changes(&stack.proxy.counts());
    assert_eq!(
        changed.get("lambda:UpdateFunctionCode"),
        Some(&2),
        "{changed:?}"
    );
    assert_eq!(changed.get("lambda:PublishVersion"), None, "{changed:?}");
    // The earlier manifest describes what runs again, and no tag of it is lost.
    writer(&project, 0, NO_ALIAS, "");
    let plan = expect(project.run(&["plan"]), 0);
    assert!(
        plan.stdout
            .contains("0 to build, 0 to push, 0 to create, 0 to update")
            || plan.stdout.contains("No changes."),
        "{}",
        plan.stdout
    );
}

/// Without statements: the emulator keeps one policy per function, for all aliases, and so refuses
/// a second statement with the same id.
const RENAMED: &str = r#"
[functions.count]
memory_mb = 256
dockerfile = { source = "app", stage = "release" }
build = { args = { BASE = "julia:1.5" } }
tests = [{ argument = 12, expected = 2 }]
url = { auth = "iam" }
async = { retries = 1 }
triggers.jobs = { sqs = "arn:aws:sqs:eu-west-1:000000000000:jobs" }
"#;

#[test]
fn another_name_makes_another_alias_and_ends_the_one_before() {
    let stack = Stack::start();
    let project = dockerfile::project(&stack, "alias-renamed");
    let queue = json!({ "QueueName": "jobs" });
    seen::call(&stack, "AmazonSQS.CreateQueue", &queue);
    project.manifest(RENAMED);
    expect(project.run(&["apply", "--yes"]), 0);
    stack.proxy.reset();
    expect(project.run(&["plan", "--detailed-exitcode"]), 0);
    assert_eq!(stack.proxy.counts().get("lambda:ListAliases"), None);

    project.manifest(&format!("{RENAMED}deploy = {{ alias = \"prod\" }}\n"));
    let plan = expect(project.run(&["plan", "--detailed-exitcode"]), 2);
    let line = "-/+ alias live of count";
    assert!(plan.stdout.contains(line), "{}", plan.stdout);
    expect(project.run(&["apply", "--yes"]), 0);
    expect(project.run(&["plan", "--detailed-exitcode"]), 0);
    let aliases = get(&stack, "/2015-03-31/functions/count/aliases");
    let aliases = aliases["Aliases"].as_array().cloned().unwrap_or_default();
    let names: Vec<&Value> = aliases.iter().map(|one| &one["Name"]).collect();
    assert_eq!(names, ["prod"]);
    let mappings = get(&stack, "/2015-03-31/event-source-mappings");
    let mappings = mappings["EventSourceMappings"].as_array().cloned();
    let mappings = mappings.unwrap_or_default();
    let called: Vec<&str> = mappings
        .iter()
        .filter_map(|one| one["FunctionArn"].as_str())
        .collect();
    assert!(
        matches!(called.as_slice(), [one] if one.ends_with(":function:count:prod")),
        "{called:?}"
    );
}

fn get(stack: &Stack, path: &str) -> Value {
    let answer = http::aws_rest(&stack.behind(), "lambda", ("GET", path), "");
    let answer = answer.expect("ministack answers");
    serde_json::from_slice(&answer.body).expect("JSON")
}
