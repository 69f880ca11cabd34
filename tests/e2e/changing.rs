//! Functions that change while jot works on them, and late answers of AWS: jot continues if the
//! change is its own or has no effect, and stops the apply at a real difference.

use std::sync::Arc;

use serde_json::Value;

use crate::{
    proxy::{Fault, Hook},
    story::{control_plane, expect, increment_vector},
    support::{Project, Ran, Stack, http},
};

/// A project that was applied, with another memory setting since.
fn changed(label: &str) -> (Stack, Project) {
    let stack = Stack::start();
    let project = increment_vector(&stack, label);
    expect(project.run(&["apply", "--yes"]), 0);
    let manifest = project.text("jot.toml");
    project.write("jot.toml", &manifest.replace("512", "640"));
    stack.proxy.reset();
    (stack, project)
}

/// Changes the function's settings outside jot.
fn outside(stack: &Stack, body: &'static str) -> Hook {
    let behind = stack.behind();
    Arc::new(move || {
        let path = "increment-vector/configuration";
        let answer = http::aws_lambda(&behind, "PUT", path, body);
        let answer = answer.expect("ministack answers");
        assert_eq!(answer.status, 200, "{}", answer.text());
    })
}

fn count(stack: &Stack, operation: &str) -> u64 {
    stack
        .proxy
        .counts()
        .get(operation)
        .copied()
        .unwrap_or_default()
}

fn retries(ran: &Ran) -> Vec<String> {
    let lines = ran.stdout.lines();
    let events = lines.filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let retries = events.filter(|event| event["event"] == "retry");
    retries
        .filter_map(|event| Some(event["why"].as_str()?.to_owned()))
        .collect()
}

/// GetFunction's answer for a function that is being updated.
fn in_progress(text: &str) -> String {
    let Ok(mut answer) = serde_json::from_str::<Value>(text) else {
        return text.to_owned();
    };
    answer["Configuration"]["LastUpdateStatus"] = "InProgress".into();
    answer.to_string()
}

#[test]
fn a_change_that_goes_on_when_planned_is_settled_before_the_first_request() {
    let (stack, project) = changed("busy");
    // The function and the version that serves, as observed.
    stack
        .proxy
        .fault("lambda:GetFunction", Fault::Rewritten(in_progress), 2);
    expect(project.run(&["apply", "--yes"]), 0);
    assert_eq!(count(&stack, "lambda:UpdateFunctionConfiguration"), 1);
    // Two for the plan, one until the update has ended, one after it.
    assert_eq!(count(&stack, "lambda:GetFunction"), 4);
    expect(project.run(&["plan", "--detailed-exitcode"]), 0);
}

#[test]
fn another_revision_of_the_same_function_is_gone_on_with() {
    let (stack, project) = changed("same");
    let hook = outside(&stack, "{}");
    stack
        .proxy
        .fault("lambda:UpdateFunctionConfiguration", Fault::Beside(hook), 1);
    expect(project.run(&["apply", "--yes"]), 0);
    assert_eq!(count(&stack, "lambda:UpdateFunctionConfiguration"), 2);
    expect(project.run(&["plan", "--detailed-exitcode"]), 0);
}

#[test]
fn another_setting_since_the_plan_stops_the_apply() {
    let (stack, project) = changed("other");
    let hook = outside(&stack, r#"{"Timeout": 77}"#);
    stack
        .proxy
        .fault("lambda:UpdateFunctionConfiguration", Fault::Beside(hook), 1);
    let ran = expect(project.run(&["apply", "--yes", "--format", "json"]), 1);
    for words in [
        "`increment-vector` was changed outside jot since it was planned: it has other settings",
        "run `jot plan` again",
    ] {
        assert!(ran.stdout.contains(words), "{}", ran.stdout);
    }
    assert_eq!(count(&stack, "lambda:UpdateFunctionConfiguration"), 1);
    assert_eq!(count(&stack, "lambda:PublishVersion"), 0);
}

#[test]
fn a_gate_s_call_that_is_not_answered_is_repeated() {
    let (stack, project) = changed("gate-lost");
    stack.proxy.fault("lambda:Invoke", Fault::Lost, 1);
    let ran = expect(project.run(&["apply", "--yes", "--format", "json"]), 0);
    assert_eq!(retries(&ran), ["Invoke: no answer, or an internal error"]);
    assert_eq!(count(&stack, "lambda:Invoke"), 2);
    // A user's call is sent once.
    stack.proxy.fault("lambda:Invoke", Fault::Lost, 1);
    expect(project.run(&["invoke", "increment-vector", "[1]"]), 1);
    assert_eq!(count(&stack, "lambda:Invoke"), 3);
}

/// Fails at its first call in Lambda: the emulator's root is writable, that of jot's gate is not.
const FIRST_TIME: &str = r#"
function newcomer(n::Int)
    isfile("/known") && return n
    try
        write("/known", "x")
    catch
        return n
    end
    error("AccessDenied: not authorized to perform: s3:GetObject")
end
"#;

#[test]
fn a_new_role_gets_a_second_chance_at_the_first_gate() {
    let stack = Stack::start();
    let project = Project::new(&stack, "spreading");
    project.write("newcomer.jl", FIRST_TIME);
    project.manifest(
        r#"
[functions.newcomer]
julia = { source = "newcomer.jl", argument_type = "Int", version = "1.5" }
tests = [{ argument = 7, expected = 7, exemplar = false }]
"#,
    );
    let ran = expect(project.run(&["apply", "--yes", "--format", "json"]), 0);
    let why = "test 1: the function answered with an error, and its role is new";
    assert_eq!(retries(&ran), [why]);
    assert_eq!(count(&stack, "lambda:Invoke"), 2);
}

/// GetResources' answer without the tags of ownership, as it may be for some moments after they
/// were written.
fn lagging(text: &str) -> String {
    text.replace("jot:project", "jot:was-project")
}

#[test]
fn tags_of_the_repository_that_get_resources_lags_behind_with_are_asked_of_ecr() {
    let stack = Stack::start();
    let project = increment_vector(&stack, "lagging");
    expect(project.run(&["apply", "--yes"]), 0);
    stack.proxy.reset();
    stack
        .proxy
        .fault("tag:GetResources", Fault::Rewritten(lagging), 1);
    expect(project.run(&["plan", "--detailed-exitcode"]), 0);
    let counts = stack.proxy.counts();
    assert_eq!(counts.get("ecr:ListTagsForResource"), Some(&1));
    assert_eq!(control_plane(&counts), 13);
}
