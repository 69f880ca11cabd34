//! The requests that jot sends to AWS, from first apply to destroy, against the policies that
//! `jot iam-policy` prints for the same manifest.

use std::collections::{BTreeMap, BTreeSet};

use jot::rights::ROWS;
use serde_json::Value;

use crate::{
    story::expect,
    support::{Project, Stack},
};

const FUNCTION: &str = r#"
[functions.double]
memory_mb = 512
logging = { retention_days = 7 }
policy_file = "policy.json"
tags = { team = "numerics" }
julia = { source = "double.jl", argument_type = "Int", version = "1.5" }
tests = [{ argument = 1, expected = 2 }]
"#;

const POLICY: &str = concat!(
    r#"{ "Version": "2012-10-17", "#,
    r#""Statement": [{ "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*" }] }"#,
);

/// The actions that the policy for a project's manifest allows, as it is now.
pub fn allowed(project: &Project, stage: &str) -> BTreeSet<String> {
    actions(&expect(project.run(&["iam-policy", stage]), 0).stdout)
}

/// The actions that a policy allows.
pub fn actions(policy: &str) -> BTreeSet<String> {
    let policy: Value = serde_json::from_str(policy).expect("JSON");
    let statements = policy["Statement"].as_array().expect("statements").iter();
    let actions = statements.flat_map(|one| match &one["Action"] {
        Value::Array(all) => all.clone(),
        one => vec![one.clone()],
    });
    let texts = actions.map(|action| action.as_str().expect("an action").to_owned());
    texts.collect()
}

/// Fails if a request since the start or the last reset is not allowed by the policy for the
/// manifest.
pub fn assert_permitted(stack: &Stack, project: &Project) {
    assert_within(&stack.proxy.counts(), &allowed(project, "--apply"));
}

/// Fails if a request is not permitted by these actions.
pub fn assert_within(counts: &BTreeMap<String, u64>, allowed: &BTreeSet<String>) {
    let denied: Vec<&String> = counts
        .keys()
        .filter(|operation| !operation.starts_with("docker:") && !permits(allowed, operation))
        .collect();
    assert!(denied.is_empty(), "not allowed: {denied:?}");
    assert!(!counts.is_empty());
}

/// Whether the action of one of the operation's rows is among these, or one row needs none.
fn permits(allowed: &BTreeSet<String>, operation: &str) -> bool {
    let rows = ROWS.iter().copied().flatten();
    let mut rows = rows.filter(|row| row.operation == Some(operation));
    rows.any(|row| row.action.is_none_or(|action| allowed.contains(action)))
}

#[test]
fn nothing_is_asked_that_the_policies_do_not_allow() {
    let stack = Stack::start();
    let project = Project::new(&stack, "policies");
    project.write("double.jl", "double(n) = 2n\n");
    project.write("policy.json", POLICY);
    project.manifest(FUNCTION);
    let reads = || {
        stack.proxy.reset();
        expect(project.run(&["plan"]), 0);
        expect(project.run(&["status"]), 0);
        assert_within(&stack.proxy.counts(), &allowed(&project, "--plan"));
        stack.proxy.reset();
    };
    reads();
    expect(project.run(&["apply", "--yes"]), 0);
    let before = allowed(&project, "--apply");
    assert_within(&stack.proxy.counts(), &before);
    reads();
    project.write("double.jl", "double(n) = n + n\n");
    project.write(
        "policy.json",
        &POLICY.replace("s3:GetObject", "s3:PutObject"),
    );
    let changed = FUNCTION
        .replace("memory_mb = 512", "memory_mb = 640")
        .replace("logging = { retention_days = 7 }\n", "")
        .replace("team", "group");
    project.manifest(&changed);
    reads();
    expect(project.run(&["apply", "--yes"]), 0);
    expect(project.run(&["invoke", "double", "2"]), 0);
    expect(project.run(&["test", "--remote"]), 0);
    expect(project.run(&["logs", "double"]), 0);
    expect(project.run(&["destroy", "--yes"]), 0);
    let after = allowed(&project, "--apply");
    assert_within(&stack.proxy.counts(), &(&before | &after));
}
