//! What is not this project's is neither changed nor deleted.

use serde_json::json;

use crate::{
    story::{changes, expect, increment_vector},
    support::{Stack, seen},
};

#[test]
fn another_projects_function_repository_and_role_survive() {
    let stack = Stack::start();
    let mine = increment_vector(&stack, "mine");
    let theirs = increment_vector(&stack, "theirs");
    // One account, one name: the function belongs to the first project.
    expect(mine.run(&["apply", "--yes"]), 0);
    stack.proxy.reset();
    let refused = expect(theirs.run(&["apply", "--yes"]), 1);
    assert!(refused.stderr.contains("jot adopt"), "{}", refused.stderr);
    assert!(
        changes(&stack.proxy.counts()).is_empty(),
        "{:?}",
        stack.proxy.counts()
    );
    stack.proxy.reset();
    expect(theirs.run(&["destroy", "--yes"]), 0);
    assert!(
        changes(&stack.proxy.counts()).is_empty(),
        "{:?}",
        stack.proxy.counts()
    );
    expect(mine.run(&["plan", "--detailed-exitcode"]), 0);
}

#[test]
fn two_targets_live_side_by_side() {
    let stack = Stack::start();
    let project = increment_vector(&stack, "targets");
    let manifest = std::fs::read_to_string(project.path().join("jot.toml")).expect("a manifest");
    project.write(
        "jot.toml",
        &format!(
            "{manifest}\n[targets.dev]\nname_suffix = \"-dev\"\n\n[targets.prod]\n\
             name_suffix = \"-prod\"\n\n\
             [targets.prod.functions.increment-vector]\nmemory_mb = 640\n"
        ),
    );
    let run = |target: &str, arguments: &[&str], status: i32| {
        expect(
            project.run(&[arguments, &["--target", target]].concat()),
            status,
        )
    };
    run("dev", &["apply", "--yes"], 0);
    let dev = seen::world(&stack, "-dev");
    assert!(dev.len() >= 6, "{dev:#?}");
    stack.proxy.reset();
    run("prod", &["apply", "--yes"], 0);
    // The image exists already: what differs is the configuration in Lambda.
    assert_eq!(stack.proxy.uploads().blobs, 0);
    assert_eq!(seen::world(&stack, "-dev"), dev);
    let prod = seen::world(&stack, "-prod");
    assert!(prod.len() >= 6, "{prod:#?}");

    for (target, other) in [("dev", "-prod"), ("prod", "-dev")] {
        let planned = run(target, &["plan", "--detailed-exitcode"], 0);
        assert!(!planned.stdout.contains(other), "{}", planned.stdout);
        // What the other target has is not undeclared here.
        run(
            target,
            &["plan", "--detailed-exitcode", "--delete-undeclared"],
            0,
        );
    }
    run("dev", &["apply", "--yes", "--delete-undeclared"], 0);
    let destroyed = run("dev", &["destroy", "--yes"], 0);
    assert!(
        destroyed.stdout.contains("repository"),
        "{}",
        destroyed.stdout
    );
    assert_eq!(seen::world(&stack, "-dev").len(), 0);
    assert_eq!(seen::world(&stack, "-prod"), prod);
    run("prod", &["plan", "--detailed-exitcode"], 0);
    run("prod", &["invoke", "increment-vector", "[1]"], 0);
}

#[test]
fn what_bears_no_tag_of_the_project_is_never_touched() {
    let stack = Stack::start();
    let project = increment_vector(&stack, "own");
    expect(project.run(&["apply", "--yes"]), 0);
    // Names with jot's prefix, and resources of another owner next to them.
    let code = json!({ "ImageUri": "127.0.0.1:1/strange@sha256:\
        0000000000000000000000000000000000000000000000000000000000000000" });
    seen::lambda(
        &stack,
        "POST",
        "/2015-03-31/functions",
        &json!({ "FunctionName": "strange", "PackageType": "Image",
            "Role": "arn:aws:iam::000000000000:role/jot/jot-strange-00000000", "Code": code }),
    );
    seen::settle(&stack, "strange");
    seen::form(
        &stack,
        "Action=CreateRole&RoleName=jot-strange-00000000&Path=/jot/&AssumeRolePolicyDocument={}",
    );
    let group = json!({ "logGroupName": "/aws/lambda/strange" });
    seen::call(&stack, "Logs_20140328.CreateLogGroup", &group);
    let ecr = "AmazonEC2ContainerRegistry_V20150921.CreateRepository";
    seen::call(&stack, ecr, &json!({ "repositoryName": "strange" }));
    let strange = seen::world(&stack, "strange");
    assert_eq!(strange.len(), 7, "{strange:#?}");

    expect(project.run(&["apply", "--yes", "--delete-undeclared"]), 0);
    assert_eq!(seen::world(&stack, "strange"), strange);
    expect(project.run(&["destroy", "--yes"]), 0);
    assert_eq!(seen::world(&stack, "strange"), strange);

    // A log under the function's own name, without a function that shows its owner.
    let group = json!({ "logGroupName": "/aws/lambda/increment-vector" });
    seen::call(&stack, "Logs_20140328.CreateLogGroup", &group);
    let destroyed = expect(project.run(&["destroy", "--yes"]), 0);
    let note = "log group /aws/lambda/increment-vector stays: it has no tag jot:project";
    let said = format!("{}{}", destroyed.stdout, destroyed.stderr);
    assert!(said.contains(note), "{said}");
    assert_eq!(seen::world(&stack, "/aws/lambda/increment-vector").len(), 1);
}
