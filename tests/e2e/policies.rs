//! What jot really asks of AWS, from first apply to destroy, against the policies of `examples/ci`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
};

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

const POLICY: &str = r#"{ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*" }] }"#;

/// The action that permits an operation, as the proxy names it.
/// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html>
fn action(operation: &str) -> &str {
    match operation {
        "lambda:Invoke" => "lambda:InvokeFunction",
        "registry:GetVersion" => "ecr:GetAuthorizationToken",
        "registry:HeadBlob" => "ecr:BatchCheckLayerAvailability",
        "registry:GetBlob" => "ecr:GetDownloadUrlForLayer",
        "registry:StartBlob" => "ecr:InitiateLayerUpload",
        "registry:PatchBlob" => "ecr:UploadLayerPart",
        "registry:PutBlob" => "ecr:CompleteLayerUpload",
        "registry:PutManifest" => "ecr:PutImage",
        "registry:GetManifest" | "registry:HeadManifest" => "ecr:BatchGetImage",
        other => other,
    }
}

fn allowed(name: &str) -> BTreeSet<String> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("examples/ci/policies");
    let text = fs::read_to_string(folder.join(name)).expect("the policy is there");
    let policy: Value = serde_json::from_str(&text).expect("JSON");
    let statements = policy["Statement"].as_array().expect("statements").iter();
    let actions = statements.flat_map(|one| one["Action"].as_array().expect("actions"));
    let texts = actions.map(|action| action.as_str().expect("an action").to_owned());
    texts.collect()
}

/// Fails where an operation was asked that the policy does not allow.
fn within(counts: &BTreeMap<String, u64>, policy: &str) {
    let allowed = allowed(policy);
    let denied: Vec<&str> = counts
        .keys()
        .map(|operation| action(operation))
        .filter(|action| !allowed.contains(*action))
        .collect();
    assert!(denied.is_empty(), "not in {policy}: {denied:?}");
    assert!(!counts.is_empty());
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
        within(&stack.proxy.counts(), "plan.json");
        stack.proxy.reset();
    };
    reads();
    expect(project.run(&["apply", "--yes"]), 0);
    within(&stack.proxy.counts(), "apply.json");
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
    within(&stack.proxy.counts(), "apply.json");
}
