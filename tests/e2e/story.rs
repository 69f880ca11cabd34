//! The main sequence: first apply, nothing to do, a one-line change, another memory setting,
//! destroy.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::{Project, Ran, Stack};

pub const FUNCTION: &str = r#"
[functions.increment-vector]
memory_mb = 512
julia = { source = "increment_vector.jl", argument_type = "Vector{Int}", version = "1.5" }
tests = [{ argument = [1, 2, 3], expected = [2, 3, 4] }]
"#;

/// Requests of an unchanged function with role, log group and alias: each row of the planner's
/// table once.
const OBSERVING: &[(&str, u64)] = &[
    ("ecr:DescribeImages", 1),
    ("ecr:DescribeRepositories", 1),
    ("ecr:GetLifecyclePolicy", 1),
    ("ecr:GetRepositoryPolicy", 1),
    ("iam:GetRole", 1),
    ("iam:ListAttachedRolePolicies", 1),
    ("lambda:GetAlias", 1),
    ("lambda:GetFunction", 2),
    ("logs:DescribeLogGroups", 1),
    ("sts:GetCallerIdentity", 1),
    ("tag:GetResources", 1),
];

/// A project with the function above.
pub fn increment_vector(stack: &Stack, label: &str) -> Project {
    let project = Project::new(stack, label);
    project.write("increment_vector.jl", "increment_vector(v) = v .+ 1\n");
    project.manifest(FUNCTION);
    project
}

/// The counts of some operations, without those that did not happen.
pub fn of(counts: &BTreeMap<String, u64>, operations: &[&str]) -> BTreeMap<String, u64> {
    let kept = operations
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), *counts.get(*name)?)));
    kept.collect()
}

/// Requests that change something.
pub fn changes(counts: &BTreeMap<String, u64>) -> BTreeMap<String, u64> {
    let changed = counts.iter().filter(|(name, _)| is_change(name));
    changed
        .map(|(name, count)| (name.clone(), *count))
        .collect()
}

/// Whether an operation changes something.
pub fn is_change(operation: &str) -> bool {
    let reads = [
        "Get",
        "Describe",
        "List",
        "BatchGet",
        "HeadBlob",
        "HeadManifest",
        "HeadObject",
        "Ping",
        "BatchCheck",
        "Filter",
    ];
    let name = operation.split(':').nth(1).unwrap_or_default();
    !reads.iter().any(|verb| name.starts_with(verb))
}

/// The number of requests to AWS's control planes: all but those of the registry's protocol and of
/// Docker, and but for calls of functions, which are Lambda's data plane.
pub fn control_plane(counts: &BTreeMap<String, u64>) -> u64 {
    let other = ["registry:", "docker:", "other:", "lambda:Invoke"];
    let control = |name: &&String| other.iter().all(|prefix| !name.starts_with(prefix));
    let names = counts.keys().filter(control);
    names.filter_map(|name| counts.get(name)).sum()
}

fn counted(pairs: &[(&str, u64)]) -> BTreeMap<String, u64> {
    pairs
        .iter()
        .map(|(name, count)| ((*name).to_owned(), *count))
        .collect()
}

/// The output of a command on stdout as JSON.
pub fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("no JSON: {ran:#?}"))
}

/// Fails with all output unless the status is the expected one.
pub fn expect(ran: Ran, status: i32) -> Ran {
    assert_eq!(
        ran.status,
        Some(status),
        "stdout:\n{}\nstderr:\n{}",
        ran.stdout,
        ran.stderr
    );
    ran
}

#[test]
fn from_a_committed_manifest_to_a_tested_function_and_back_to_nothing() {
    let stack = Stack::start();
    let project = increment_vector(&stack, "story");
    expect(project.run(&["check"]), 0);

    first_apply(&stack, &project);
    nothing_to_do(&stack, &project);
    let base_and_responder = stack_images(&stack, &project);
    assert_eq!(base_and_responder, 2, "a base image and the responder's");
    one_line(&stack, &project);
    memory(&stack, &project);
    nothing_left(&stack, &project);
}

fn first_apply(stack: &Stack, project: &Project) {
    let plan = expect(project.run(&["plan", "--detailed-exitcode"]), 2);
    assert!(
        plan.stdout
            .contains("Plan: 2 to build, 2 to push, 4 to create, 0 to update, 0 to destroy."),
        "{}",
        plan.stdout
    );
    stack.proxy.reset();
    let applied = expect(project.run(&["apply", "--yes"]), 0);
    let closing = "arn:aws:lambda:eu-west-1:000000000000:function:increment-vector:live\n\
        Next: `jot invoke increment-vector '[1,2,3]'`.\n";
    assert!(applied.stderr.ends_with(closing), "{applied:#?}");
    let counts = stack.proxy.counts();
    let made = [
        "ecr:CreateRepository",
        "iam:CreateRole",
        "logs:CreateLogGroup",
        "lambda:CreateFunction",
        "lambda:PublishVersion",
        "lambda:CreateAlias",
        "registry:PutManifest",
    ];
    let expected = [
        ("ecr:CreateRepository", 1),
        ("iam:CreateRole", 1),
        ("logs:CreateLogGroup", 1),
        ("lambda:CreateFunction", 1),
        ("lambda:PublishVersion", 1),
        ("lambda:CreateAlias", 1),
        ("registry:PutManifest", 2),
    ];
    assert_eq!(of(&counts, &made), counted(&expected), "{applied:#?}");
    assert_eq!(control_plane(&counts), 24, "{counts:#?}");
    let answer = expect(project.run(&["invoke", "increment-vector", "[41, 1]"]), 0);
    assert_eq!(json(&answer), json!([42, 2]));
}

fn nothing_to_do(stack: &Stack, project: &Project) {
    stack.proxy.reset();
    stack.proxy.gather(12);
    let plan = expect(project.run(&["plan", "--detailed-exitcode"]), 0);
    assert_eq!(stack.proxy.counts(), counted(OBSERVING), "{plan:#?}");
    assert_eq!(stack.proxy.waves(), 1);
    assert!(plan.stdout.contains("No changes."), "{}", plan.stdout);
    stack.proxy.reset();
    expect(project.run(&["apply", "--yes"]), 0);
    assert_eq!(changes(&stack.proxy.counts()), BTreeMap::new());
}

fn stack_images(stack: &Stack, project: &Project) -> usize {
    let body = format!(r#"{{"repositoryName":"{}"}}"#, project.name);
    let target = "AmazonEC2ContainerRegistry_V20150921.DescribeImages";
    let answer =
        crate::support::http::aws_json(&stack.behind(), target, &body).expect("ministack answers");
    let answer: Value = serde_json::from_slice(&answer.body).expect("JSON");
    answer["imageDetails"].as_array().expect("images").len()
}

fn one_line(stack: &Stack, project: &Project) {
    project.write("increment_vector.jl", "increment_vector(v) = v .+ 2 .- 1\n");
    let plan = expect(project.run(&["plan"]), 0);
    assert!(
        plan.stdout
            .contains("Plan: 1 to build, 1 to push, 0 to create, 1 to update, 0 to destroy."),
        "{}",
        plan.stdout
    );
    assert!(plan.stdout.contains("source changed"), "{}", plan.stdout);
    stack.proxy.reset();
    expect(project.run(&["apply", "--yes"]), 0);
    let counts = stack.proxy.counts();
    let changed = changes(&counts);
    let lambda: BTreeMap<_, _> = changed
        .iter()
        .filter(|(name, _)| name.starts_with("lambda:"))
        .collect();
    let expected = counted(&[
        ("lambda:Invoke", 1),
        ("lambda:PublishVersion", 1),
        ("lambda:TagResource", 1),
        ("lambda:UpdateAlias", 1),
        ("lambda:UpdateFunctionCode", 1),
    ]);
    assert_eq!(lambda, expected.iter().collect());
    // Those of the plan, the login, one question after the update, and the four changes above.
    assert_eq!(control_plane(&counts), 12 + 6, "{counts:#?}");
    let uploads = stack.proxy.uploads();
    // The responder's layer and the image's configuration.
    assert_eq!((uploads.blobs, uploads.manifests), (2, 1), "{uploads:?}");
    assert!(
        uploads.bytes < 1_000_000,
        "a one-line change pushed {} bytes",
        uploads.bytes
    );
    let left: Vec<_> = changed
        .keys()
        .filter(|name| {
            name.starts_with("ecr:") || name.starts_with("iam:") || name.starts_with("logs:")
        })
        .collect();
    assert!(left.is_empty(), "{left:?}");
    let answer = expect(project.run(&["invoke", "increment-vector", "[1]"]), 0);
    assert_eq!(json(&answer), json!([2]));
}

fn memory(stack: &Stack, project: &Project) {
    project.manifest(&FUNCTION.replace("512", "640"));
    let plan = expect(project.run(&["plan"]), 0);
    assert!(
        plan.stdout.contains("memory_mb: 512 -> 640"),
        "{}",
        plan.stdout
    );
    assert!(
        plan.stdout
            .contains("Plan: 0 to build, 0 to push, 0 to create, 1 to update, 0 to destroy."),
        "{}",
        plan.stdout
    );
    stack.proxy.reset();
    let applied = expect(project.run(&["apply", "--yes", "--quiet"]), 0);
    assert_eq!(applied.stdout, "", "{applied:#?}");
    let told = applied.stderr.trim_end();
    assert!(
        told.starts_with("Done") && told.ends_with(": 1 updated.") && !told.contains('\n'),
        "{applied:#?}"
    );
    let counts = stack.proxy.counts();
    let changed = changes(&counts);
    let expected = counted(&[
        ("lambda:Invoke", 1),
        ("lambda:PublishVersion", 1),
        ("lambda:TagResource", 1),
        ("lambda:UpdateAlias", 1),
        ("lambda:UpdateFunctionConfiguration", 1),
    ]);
    assert_eq!(changed, expected);
    assert_eq!(control_plane(&counts), 12 + 5, "{counts:#?}");
    assert_eq!(stack.proxy.uploads().blobs, 0);
    expect(project.run(&["plan", "--detailed-exitcode"]), 0);
}

fn nothing_left(stack: &Stack, project: &Project) {
    expect(project.run(&["destroy", "--yes"]), 0);
    stack.proxy.reset();
    let again = expect(project.run(&["destroy", "--yes"]), 0);
    assert_eq!(
        changes(&stack.proxy.counts()),
        BTreeMap::new(),
        "{again:#?}"
    );
    let plan = expect(project.run(&["plan"]), 0);
    assert!(
        plan.stdout.contains("4 to create, 0 to update"),
        "{}",
        plan.stdout
    );
}
