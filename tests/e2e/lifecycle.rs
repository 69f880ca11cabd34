//! What is left to others, what moves to another key, and what leaves the manifest.

use serde_json::json;

use crate::{
    story::{changes, expect},
    support::{Project, Stack, seen},
};

/// Functions of one source by these keys, each with further lines.
fn manifest(project: &Project, functions: &[(&str, &str)]) {
    project.write("increment_vector.jl", "increment_vector(v) = v .+ 1\n");
    let function = |(key, more): &(&str, &str)| {
        format!(
            "[functions.{key}]\nhandler = \"increment_vector\"\n{more}\n\
             julia = {{ source = \"increment_vector.jl\", argument_type = \"Vector{{Int}}\", version = \"1.5\" }}\n\
             tests = [{{ argument = [1], expected = [2] }}]\n\n"
        )
    };
    let all: Vec<String> = functions.iter().map(function).collect();
    project.manifest(&all.concat());
}

fn says(text: &str, words: &[&str]) {
    // Lines are wrapped at the terminal's width.
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for word in words {
        assert!(text.contains(word), "`{word}` is missing:\n{text}");
    }
}

#[test]
fn what_left_the_manifest_goes_only_on_request() {
    let stack = Stack::start();
    let project = Project::new(&stack, "undeclared");
    manifest(&project, &[("stays", ""), ("goes", "")]);
    expect(project.run(&["apply", "--yes"]), 0);
    let stays = seen::world(&stack, "stays");
    assert!(stays.len() >= 6, "{stays:#?}");

    manifest(&project, &[("stays", "")]);
    let plan = expect(project.run(&["plan", "--detailed-exitcode"]), 0);
    let said = [
        "function goes is not in the manifest",
        "--delete-undeclared",
        "No changes.",
    ];
    says(&plan.stdout, &said);
    stack.proxy.reset();
    expect(project.run(&["apply", "--yes"]), 0);
    assert_eq!(changes(&stack.proxy.counts()).len(), 0);

    let save = [
        "plan",
        "--delete-undeclared",
        "--detailed-exitcode",
        "--out",
        "../plan.json",
    ];
    expect(project.run(&save), 2);
    stack.proxy.reset();
    expect(project.run(&["apply", "--plan", "../plan.json"]), 0);
    let changed = changes(&stack.proxy.counts());
    let deleted = [
        "lambda:DeleteFunction",
        "iam:DeleteRole",
        "iam:DetachRolePolicy",
        "logs:DeleteLogGroup",
    ];
    assert_eq!(changed, deleted.map(|name| (name.to_owned(), 1)).into());
    assert_eq!(seen::world(&stack, "goes").len(), 0);
    assert_eq!(seen::world(&stack, "stays"), stays);
    let plan = expect(project.run(&["plan", "--detailed-exitcode"]), 0);
    assert!(!plan.stdout.contains("goes"), "{}", plan.stdout);
}

#[test]
fn a_function_that_moved_works_under_its_new_key_before_the_old_one_goes() {
    let stack = Stack::start();
    let project = Project::new(&stack, "moved");
    manifest(&project, &[("older", "")]);
    expect(project.run(&["apply", "--yes"]), 0);
    stack.proxy.reset();

    let protected = "lifecycle = { moved_from = \"older\", prevent_destroy = true }";
    manifest(&project, &[("newer", protected)]);
    let refused = expect(project.run(&["apply", "--yes"]), 1);
    says(
        &refused.stderr,
        &["older", "functions.newer.lifecycle.prevent_destroy"],
    );
    let from = "lifecycle = { moved_from = \"older\" }";
    manifest(&project, &[("newer", from)]);
    let plan = expect(project.run(&["plan"]), 0);
    says(
        &plan.stdout,
        &[
            "function older goes once newer takes traffic",
            "its triggers",
        ],
    );
    assert_eq!(changes(&stack.proxy.counts()).len(), 0);

    let applied = expect(project.run(&["apply", "--yes"]), 0);
    let place = |word: &str| applied.stderr.rfind(word).expect(&applied.stderr);
    assert!(place("set alias live of newer: done") < place("delete function older: done"));
    assert_eq!(
        stack.proxy.uploads().blobs,
        0,
        "nothing is built for another name"
    );
    assert_eq!(seen::world(&stack, "older").len(), 0);
    let plan = expect(project.run(&["plan", "--detailed-exitcode"]), 0);
    says(
        &plan.stdout,
        &["nothing of older is left", "moved_from can go"],
    );
    let answer = expect(project.run(&["invoke", "newer", "[1]"]), 0);
    assert_eq!(answer.stdout.trim(), "[2]");

    // Where the name in Lambda stays, its owner's name is all that changes.
    let named = "name = \"newer\"\nlifecycle = { moved_from = \"newer\" }";
    manifest(&project, &[("newest", named)]);
    stack.proxy.reset();
    expect(project.run(&["apply", "--yes"]), 0);
    let tagged = ["lambda:TagResource", "iam:TagRole"].map(|name| (name.to_owned(), 1));
    assert_eq!(changes(&stack.proxy.counts()), tagged.into());
    expect(project.run(&["plan", "--detailed-exitcode"]), 0);
}

#[test]
fn what_is_left_to_others_survives_every_apply() {
    let stack = Stack::start();
    let project = Project::new(&stack, "ignore");
    let more = |timeout: u32| {
        format!(
            "memory_mb = 512\ntimeout_s = {timeout}\nenvironment = {{ FLAG = \"off\", LEVEL = \"info\" }}\n\
             tags = {{ team = \"a\" }}\n\
             lifecycle = {{ ignore = [\"memory_mb\", \"environment.FLAG\", \"environment.EXTRA\", \"tags.owner\"] }}"
        )
    };
    manifest(&project, &[("shared", &more(20))]);
    expect(project.run(&["apply", "--yes"]), 0);
    let made = seen::function(&stack, "shared");
    assert_eq!(
        (
            &made["MemorySize"],
            &made["Environment"]["Variables"]["FLAG"]
        ),
        (&json!(512), &json!("off"))
    );

    let variables = json!({ "FLAG": "on", "EXTRA": "canary", "LEVEL": "info" });
    let theirs = json!({ "MemorySize": 640, "Environment": { "Variables": variables } });
    seen::lambda(
        &stack,
        "PUT",
        "/2015-03-31/functions/shared/configuration",
        &theirs,
    );
    let arn = made["FunctionArn"].as_str().expect("an ARN");
    seen::lambda(
        &stack,
        "POST",
        &format!("/2017-03-31/tags/{arn}"),
        &json!({ "Tags": { "owner": "them" } }),
    );
    expect(project.run(&["plan", "--detailed-exitcode"]), 0);

    manifest(&project, &[("shared", &more(21))]);
    let applied = expect(project.run(&["apply", "--yes"]), 0);
    assert!(!format!("{applied:?}").contains("canary"), "{applied:#?}");
    let now = seen::function(&stack, "shared");
    assert_eq!(
        (&now["MemorySize"], &now["Timeout"]),
        (&json!(640), &json!(21))
    );
    assert_eq!(now["Environment"]["Variables"], variables);
    expect(project.run(&["plan", "--detailed-exitcode"]), 0);
}
