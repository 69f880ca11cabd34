//! What is not this project's is neither changed nor deleted.

use crate::{
    story::{changes, expect, increment_vector},
    support::Stack,
};

#[test]
fn another_projects_function_repository_and_role_survive() {
    let stack = Stack::start();
    let mine = increment_vector(&stack, "mine");
    let theirs = increment_vector(&stack, "theirs");
    // One account, one name: the function is the first project's.
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
    project.write("jot.toml", &format!("{manifest}\n[targets.prod]\nname_suffix = \"-prod\"\n\n[targets.prod.functions.increment-vector]\nmemory_mb = 640\n"));
    expect(project.run(&["apply", "--yes"]), 0);
    stack.proxy.reset();
    expect(project.run(&["apply", "--yes", "--target", "prod"]), 0);
    // The image is there already: what differs is how Lambda is set.
    assert_eq!(stack.proxy.uploads().blobs, 0);
    expect(project.run(&["plan", "--detailed-exitcode"]), 0);
    expect(
        project.run(&["plan", "--detailed-exitcode", "--target", "prod"]),
        0,
    );
    let destroyed = expect(project.run(&["destroy", "--yes"]), 0);
    assert!(
        destroyed.stdout.contains("repository"),
        "{}",
        destroyed.stdout
    );
    expect(
        project.run(&["plan", "--detailed-exitcode", "--target", "prod"]),
        0,
    );
    expect(
        project.run(&["invoke", "increment-vector", "[1]", "--target", "prod"]),
        0,
    );
}
