//! Functions that were made by other means become the project's as they are.

use std::process::Command;

use serde_json::json;

use crate::{
    story::{changes, expect, increment_vector},
    support::{Project, Stack, ran, seen},
};

/// The value of a variable that nothing may print.
const CANARY: &str = "canary-7f3a91";

/// A function without a manifest, made from a deployment of jot's: its tags are removed, and its
/// settings are changed outside jot.
fn made_by_hand(stack: &Stack) {
    let theirs = increment_vector(stack, "theirs");
    expect(theirs.run(&["apply", "--yes"]), 0);
    let arn = seen::function(stack, NAME)["FunctionArn"].clone();
    let arn = arn.as_str().expect("an ARN");
    let keys = "project function target fingerprint digest inputs config entries files managed";
    let keys: Vec<String> = keys
        .split(' ')
        .map(|key| format!("tagKeys=jot:{key}"))
        .collect();
    let tags = format!("/2017-03-31/tags/{arn}");
    seen::lambda(
        stack,
        "DELETE",
        &format!("{tags}?{}", keys.join("&")),
        &json!(null),
    );
    seen::lambda(
        stack,
        "POST",
        &tags,
        &json!({ "Tags": { "team": "numerics" } }),
    );
    let settings = json!({
        "Description": "made \"by hand\"", "MemorySize": 640, "Timeout": 21,
        "Environment": { "Variables": { "TOKEN": CANARY } },
    });
    let path = format!("/2015-03-31/functions/{NAME}/configuration");
    seen::lambda(stack, "PUT", &path, &settings);
    seen::settle(stack, NAME);
}

/// Its name.
const NAME: &str = "increment-vector";

fn jot(project: &Project, arguments: &[&str]) -> Command {
    let mut command = project.jot();
    command.args(arguments).env("TOKEN", CANARY);
    command
}

#[test]
fn a_function_made_by_hand_becomes_the_projects_without_being_changed() {
    let stack = Stack::start();
    made_by_hand(&stack);
    let before = seen::function(&stack, NAME);
    let project = Project::new(&stack, "adopter");
    project.manifest("# What follows is deployed by jot.\n");
    let run = |arguments: &[&str], status| expect(ran(&mut jot(&project, arguments)), status);

    stack.proxy.reset();
    let refused = run(&["adopt", NAME], 1);
    // The version of the alias differs from what was configured since.
    assert!(
        refused.stdout.contains("alias live stays at version 1"),
        "{}",
        refused.stdout
    );
    assert!(refused.stdout.contains("[functions.increment-vector]"));
    assert!(
        changes(&stack.proxy.counts()).is_empty(),
        "asked, and not answered"
    );
    assert!(!project.text("jot.toml").contains(NAME));

    let adopted = run(&["adopt", NAME, "--yes"], 0);
    let manifest = project.text("jot.toml");
    assert!(manifest.contains("# What follows is deployed by jot."));
    assert!(
        manifest.contains("TOKEN = { from_env = \"TOKEN\" }"),
        "{manifest}"
    );
    assert!(manifest.contains("@sha256:"), "{manifest}");
    for text in [&manifest, &adopted.stdout, &adopted.stderr, &refused.stdout] {
        assert!(!text.contains(CANARY), "{text}");
    }
    let tagged = ["lambda:TagResource", "logs:TagResource"].map(|name| (name.to_owned(), 1));
    assert_eq!(changes(&stack.proxy.counts()), tagged.into());
    assert_eq!(seen::function(&stack, NAME), before);
    let tags = seen::world(&stack, "tags of increment-vector");
    assert!(format!("{tags:?}").contains("jot:adopted"), "{tags:#?}");

    let plan = run(&["plan", "--detailed-exitcode"], 0);
    assert!(plan.stdout.contains("No changes."), "{}", plan.stdout);
    assert_eq!(run(&["invoke", NAME, "[1]"], 0).stdout.trim(), "[2]");
    stack.proxy.reset();
    run(&["adopt", NAME, "--yes"], 0);
    assert!(changes(&stack.proxy.counts()).is_empty());

    // From here on it is like any other function: settings follow the manifest, and so does its
    // image once it has a responder.
    project.write(
        "jot.toml",
        &manifest.replace("memory_mb = 640", "memory_mb = 704"),
    );
    run(&["apply", "--yes"], 0);
    assert_eq!(seen::function(&stack, NAME)["MemorySize"], 704);
    let responder = "julia = { source = \"increment_vector.jl\", argument_type = \"Vector{Int}\", \
        version = \"1.5\" }";
    project.write("increment_vector.jl", "increment_vector(v) = v .+ 2\n");
    let lines: Vec<&str> = manifest
        .lines()
        .map(|line| match line.starts_with("image_uri") {
            true => responder,
            false => line,
        })
        .collect();
    project.write("jot.toml", &lines.join("\n"));
    let plan = run(&["plan"], 0);
    assert!(
        plan.stdout.contains("image_uri left the manifest"),
        "{}",
        plan.stdout
    );
    run(&["apply", "--yes"], 0);
    assert_eq!(run(&["invoke", NAME, "[1]"], 0).stdout.trim(), "[3]");
    run(&["plan", "--detailed-exitcode"], 0);
}

#[test]
fn a_declared_function_is_taken_over_and_the_next_plan_shows_what_differs() {
    let stack = Stack::start();
    made_by_hand(&stack);
    let project = increment_vector(&stack, "taker");
    // The target's suffix is part of the name in Lambda.
    let declared = project.text("jot.toml").replace(
        "[functions.increment-vector]",
        "[targets.live]\nname_suffix = \"-vector\"\n\n[functions.increment-vector]\n\
         name = \"increment\"",
    );
    project.write("jot.toml", &declared);
    let run = |arguments: &[&str], status| {
        expect(
            project.run(&[arguments, &["--target", "live"]].concat()),
            status,
        )
    };
    let refused = run(&["apply", "--yes"], 1);
    assert!(refused.stderr.contains("jot adopt increment-vector"));
    stack.proxy.reset();
    run(&["adopt", NAME, "--yes"], 0);
    assert_eq!(
        project.text("jot.toml"),
        declared,
        "it declares the function"
    );
    let tagged = ["lambda:TagResource", "logs:TagResource"].map(|name| (name.to_owned(), 1));
    assert_eq!(changes(&stack.proxy.counts()), tagged.into());
    let plan = run(&["plan", "--detailed-exitcode"], 2);
    assert!(
        plan.stdout.contains("memory_mb: 640 -> 512"),
        "{}",
        plan.stdout
    );
    run(&["apply", "--yes"], 0);
    run(&["plan", "--detailed-exitcode"], 0);
}

#[test]
fn what_cannot_be_adopted_is_told_and_nothing_is_written() {
    let stack = Stack::start();
    let theirs = increment_vector(&stack, "theirs");
    expect(theirs.run(&["apply", "--yes"]), 0);
    let project = Project::new(&stack, "adopter");
    project.manifest("");
    let before = project.text("jot.toml");
    stack.proxy.reset();
    let refused = expect(project.run(&["adopt", NAME, "--yes"]), 1);
    assert!(
        refused.stderr.contains("is already managed") && refused.stderr.contains(&theirs.name),
        "{}",
        refused.stderr
    );
    let absent = expect(project.run(&["adopt", "nowhere", "--yes"]), 1);
    assert!(
        absent.stderr.contains("function nowhere"),
        "{}",
        absent.stderr
    );
    assert!(changes(&stack.proxy.counts()).is_empty());
    assert_eq!(project.text("jot.toml"), before);
}

/// A zip archive with `double.py`, in base64; its `handler` returns its argument.
const ZIP: &str = "\
    UEsDBBQAAAAAAAAAITy0CHBpLgAAAC4AAAAJAAAAZG91YmxlLnB5ZGVmIGhhbmRsZXIoZXZlbnQsIGNvbnRleHQp\
    OgogICAgcmV0dXJuIGV2ZW50ClBLAQIUAxQAAAAAAAAAITy0CHBpLgAAAC4AAAAJAAAAAAAAAAAAAACAAQAAAABk\
    b3VibGUucHlQSwUGAAAAAAEAAQA3AAAAVQAAAAAA";

/// A function of a zip archive without a manifest.
fn zip_made_by_hand(stack: &Stack) {
    let body = json!({
        "FunctionName": NAME, "Runtime": "python3.12", "Handler": "double.handler",
        "Role": "arn:aws:iam::000000000000:role/theirs", "MemorySize": 640, "Timeout": 21,
        "Code": { "ZipFile": ZIP }, "Environment": { "Variables": { "TOKEN": CANARY } },
    });
    seen::lambda(stack, "POST", "/2015-03-31/functions", &body);
    seen::settle(stack, NAME);
}

#[test]
fn a_zip_function_is_adopted_once_it_is_declared_and_replaced_on_request_where_it_is_an_image() {
    let stack = Stack::start();
    zip_made_by_hand(&stack);
    let project = Project::new(&stack, "zipper");
    project.manifest("");
    stack.proxy.reset();
    let refused = expect(ran(&mut jot(&project, &["adopt", NAME, "--yes"])), 1);
    assert!(
        refused.stderr.contains("is a zip archive on python3.12"),
        "{}",
        refused.stderr
    );
    for line in [
        "[functions.increment-vector]",
        "handler = \"double.handler\"",
        "memory_mb = 640",
    ] {
        assert!(refused.stdout.contains(line), "{line}: {}", refused.stdout);
    }
    assert!(!format!("{}{}", refused.stdout, refused.stderr).contains(CANARY));
    assert!(changes(&stack.proxy.counts()).is_empty());

    let project = increment_vector(&stack, "zipped");
    let run = |arguments: &[&str], status| expect(ran(&mut jot(&project, arguments)), status);
    let adopted = run(&["adopt", NAME, "--yes"], 0);
    let told = "is a zip archive, and the manifest declares an image";
    assert!(adopted.stdout.contains(told), "{}", adopted.stdout);
    let changed = changes(&stack.proxy.counts());
    assert_eq!(changed, [("lambda:TagResource".to_owned(), 1)].into());
    let refused = run(&["plan"], 1);
    let told = "cannot turn it into an image in place";
    assert!(refused.stderr.contains(told), "{}", refused.stderr);
    let plan = run(&["plan", "--allow-replace"], 0);
    assert!(
        plan.stdout.contains("-/+ function increment-vector"),
        "{}",
        plan.stdout
    );
    run(&["apply", "--allow-replace", "--yes"], 0);
    assert_eq!(run(&["invoke", NAME, "[1]"], 0).stdout.trim(), "[2]");
    run(&["plan", "--detailed-exitcode"], 0);
}
