//! What is not managed, what moves to another key, and what is removed from the manifest.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::{
    proxy::Fault,
    story::{changes, expect},
    support::{Project, Stack, http, ran, seen},
};

/// Functions of one source with these keys, each with further lines.
fn manifest(project: &Project, functions: &[(&str, &str)]) {
    project.write("increment_vector.jl", "increment_vector(v) = v .+ 1\n");
    let function = |(key, more): &(&str, &str)| {
        format!(
            "[functions.{key}]\nhandler = \"increment_vector\"\n{more}\n\
             julia = {{ source = \"increment_vector.jl\", argument_type = \"Vector{{Int}}\", \
             version = \"1.5\" }}\n\
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

/// Deletes a function and its log group, as a user who does not know of roles does.
fn deleted_by_hand(stack: &Stack, name: &str) {
    let path = format!("/2015-03-31/functions/{name}");
    seen::lambda(stack, "DELETE", &path, &Value::Null);
    let group = json!({ "logGroupName": format!("/aws/lambda/{name}") });
    seen::call(stack, "Logs_20140328.DeleteLogGroup", &group);
}

#[test]
fn a_destroy_finds_what_is_no_longer_declared_and_says_what_goes() {
    let stack = Stack::start();
    let project = Project::new(&stack, "whole");
    let all = [("one", ""), ("two", ""), ("three", ""), ("four", "")];
    manifest(&project, &all);
    expect(project.run(&["apply", "--yes"]), 0);
    manifest(&project, &[("one", ""), ("two", "")]);
    deleted_by_hand(&stack, "four");
    assert_eq!(seen::world(&stack, "four").len(), 1, "its role is left");

    let told = expect(ran(project.jot().arg("destroy")), 1);
    let words = [
        "function three",
        "not in jot.toml",
        "role jot-four-",
        "its logs are lost for good",
        "its 2 images are lost for good",
        "0 to update, 11 to destroy",
    ];
    says(&told.stdout, &words);

    // A named function goes alone, also if only its name in Lambda or its old key is known.
    let nowhere = expect(ran(project.jot().args(["destroy", "five", "--yes"])), 1);
    says(
        &nowhere.stderr,
        &["`five` is neither in jot.toml nor a function of"],
    );
    let three = expect(ran(project.jot().args(["destroy", "three", "--yes"])), 0);
    says(&three.stdout, &["named on the command line", "repository"]);
    assert_eq!(seen::world(&stack, "three").len(), 0);
    assert!(seen::world(&stack, "one").len() >= 6);
    let one = expect(project.run(&["destroy", "one", "--yes"]), 0);
    says(&one.stdout, &["named on the command line"]);
    let again = expect(project.run(&["destroy", "one", "--yes"]), 0);
    says(&again.stdout, &["nothing of the selection was found"]);
    assert!(
        !again.stdout.contains("manages nothing"),
        "{}",
        again.stdout
    );

    expect(project.run(&["destroy", "--yes"]), 0);
    assert_eq!(
        seen::world(&stack, "").len(),
        0,
        "{:#?}",
        seen::world(&stack, "")
    );
    let again = expect(project.run(&["destroy", "--yes"]), 0);
    says(
        &again.stdout,
        &["Nothing to destroy.", "jot manages nothing in"],
    );
}

#[test]
fn a_destroy_leaves_what_was_adopted_and_tells_what_it_could_not_see() {
    let stack = Stack::start();
    let project = Project::new(&stack, "kept");
    manifest(&project, &[("kept", "")]);
    expect(project.run(&["apply", "--yes"]), 0);
    let arn = seen::function(&stack, "kept")["FunctionArn"].clone();
    let tags = format!("/2017-03-31/tags/{}", arn.as_str().expect("an ARN"));
    let adopted = json!({ "Tags": { "jot:adopted": "true" } });
    seen::lambda(&stack, "POST", &tags, &adopted);
    expect(project.run(&["plan", "--detailed-exitcode"]), 0);

    let before = seen::world(&stack, "");
    let told = expect(project.run(&["destroy", "--yes"]), 0);
    let words = [
        "function kept stays with its log group: it existed before jot",
        "jot destroy --adopted kept",
        "repository",
        "Nothing to destroy in",
        "see the notes",
    ];
    says(&told.stdout, &words);
    manifest(&project, &[("another", "")]);
    expect(project.run(&["destroy", "--yes"]), 0);
    let plan = expect(project.run(&["apply", "--yes", "--delete-undeclared"]), 0);
    says(
        &plan.stdout,
        &["function kept is not in the manifest. It stays with its role and log group"],
    );
    expect(project.run(&["destroy", "another", "--yes"]), 0);
    assert_eq!(seen::world(&stack, ""), before);

    let words = "User is not authorized to perform: iam:ListRoles";
    let denied = Fault::Refused(403, "AccessDenied", words);
    stack.proxy.fault("iam:ListRoles", denied, u32::MAX);
    let told = expect(project.run(&["destroy", "--yes"]), 1);
    says(
        &told.stdout,
        &["not read: the roles below /jot/", "see the notes"],
    );
    assert!(!told.stdout.contains("manages nothing"), "{}", told.stdout);
    stack.proxy.reset();
    manifest(&project, &[("kept", "")]);

    late_lines(&stack, &project);
}

/// Lambda delivers the logs of a function after its log group was deleted.
fn late_lines(stack: &Stack, project: &Project) {
    let behind = stack.behind();
    let late: Arc<dyn Fn() + Send + Sync> = Arc::new(move || {
        let group = r#"{"logGroupName":"/aws/lambda/kept"}"#;
        let made = http::aws_json(&behind, "Logs_20140328.CreateLogGroup", group);
        assert_eq!(made.expect("ministack answers").status, 200);
    });
    stack.proxy.judge(move |operation, nth| {
        // The first request is the observation's.
        let again = operation == "logs:DescribeLogGroups" && nth == 2;
        again.then(|| Fault::Beside(late.clone()))
    });
    let destroyed = expect(project.run(&["destroy", "--yes", "--adopted"]), 0);
    says(
        &destroyed.stderr,
        &["/aws/lambda/kept was recreated", "deleted it again"],
    );
    assert_eq!(
        seen::world(stack, "").len(),
        0,
        "{:#?}",
        seen::world(stack, "")
    );
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
            "function older is deleted once newer takes traffic",
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
        &["nothing of older is left", "remove lifecycle.moved_from"],
    );
    let answer = expect(project.run(&["invoke", "newer", "[1]"]), 0);
    assert_eq!(answer.stdout.trim(), "[2]");

    // If the name in Lambda stays, only its owner's name changes.
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
            "memory_mb = 512\ntimeout_s = {timeout}\n\
             environment = {{ FLAG = \"off\", LEVEL = \"info\" }}\n\
             tags = {{ team = \"a\" }}\n\
             lifecycle = {{ ignore = [\"memory_mb\", \"environment.FLAG\", \"environment.EXTRA\", \
             \"tags.owner\"] }}"
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
