//! A plan with nothing to build needs no Docker daemon.

use crate::{
    story::{changes, expect, increment_vector},
    support::{Stack, ran},
};

#[test]
fn without_docker_a_plan_with_nothing_to_do_is_as_ever() {
    let stack = Stack::start();
    let project = increment_vector(&stack, "offline");
    expect(project.run(&["apply", "--yes"]), 0);
    stack.proxy.reset();
    stack.proxy.gather(12);
    let plan = ran(project
        .jot()
        .args(["plan", "--detailed-exitcode"])
        .env("DOCKER_HOST", "unix:///nowhere/docker.sock"));
    expect(plan, 0);
    assert_eq!(stack.proxy.counts().values().sum::<u64>(), 12);
    assert_eq!(stack.proxy.waves(), 1);
}

#[test]
fn without_docker_a_build_is_refused_before_anything_changes() {
    let stack = Stack::start();
    let project = increment_vector(&stack, "no-docker");
    let applied = ran(project
        .jot()
        .args(["apply", "--yes"])
        .env("DOCKER_HOST", "unix:///nowhere/docker.sock"));
    let applied = expect(applied, 1);
    assert!(applied.stderr.contains("DOCKER_HOST"), "{}", applied.stderr);
    assert!(changes(&stack.proxy.counts()).is_empty());
}
