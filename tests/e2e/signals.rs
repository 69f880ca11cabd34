//! SIGINT and SIGTERM: nothing more is started, nothing is left behind, and the next apply finishes.

use std::{
    net::{Ipv4Addr, TcpListener},
    time::Duration,
};

use nix::sys::signal::Signal;
use serde_json::Value;

use crate::{
    proxy::Fault,
    story::{expect, increment_vector},
    support::{Project, Ran, Running, Stack, docker},
};

/// Containers that jot started for this project and did not remove.
pub fn containers(project: &Project) -> Vec<String> {
    let format = "{{.Label \"dev.jot.run\"}}";
    let all = docker::docker(&[
        "ps",
        "--all",
        "--filter",
        "label=dev.jot.run",
        "--format",
        format,
    ]);
    let mine = |run: &&str| run.starts_with(&project.name);
    all.lines().filter(mine).map(str::to_owned).collect()
}

/// The last event of `--format json`.
fn summary(ran: &Ran) -> Value {
    let last = ran.stdout.lines().last().expect("a summary");
    let last: Value = serde_json::from_str(last).expect("JSON");
    assert_eq!(last["event"], "summary", "{ran:#?}");
    last
}

fn apply(project: &Project) -> Running {
    Running::start(project.jot().args(["apply", "--yes", "--format", "json"]))
}

/// A project whose build sleeps while it loads the responder, and whose test sleeps while it is called.
fn sleeper(stack: &Stack, label: &str, loading: u32, calling: u32) -> Project {
    let project = Project::new(stack, label);
    project.write(
        "sleeper.jl",
        &format!("println(\"loading\"); sleep({loading})\nsleeper(n) = (sleep({calling}); n)\n"),
    );
    project.manifest(
        r#"
[functions.sleeper]
timeout_s = 300
julia = { source = "sleeper.jl", argument_type = "Int", version = "1.5" }
tests = [{ argument = 1, expected = 1, exemplar = false }]
"#,
    );
    project
}

#[test]
fn an_interrupted_build_goes_no_further() {
    let stack = Stack::start();
    let project = sleeper(&stack, "stop-build", 300, 0);
    let mut running = apply(&project);
    running.until(&["\"progress\"", "build.jl"]);
    running.signal(Signal::SIGINT);
    let ran = expect(running.end(), 130);
    let summary = summary(&ran);
    assert_eq!(summary["interrupted"], true);
    let stopped = summary["stopped"].to_string();
    assert!(stopped.contains("build:"), "{summary}");
    let left = summary["not_started"].to_string();
    assert!(left.contains("push:") && !left.contains("build:"), "{left}");
    let counts = stack.proxy.counts();
    assert!(!counts.contains_key("lambda:CreateFunction"), "{counts:?}");
    assert_eq!(containers(&project), Vec::<String>::new());
}

#[test]
fn an_interrupted_push_is_finished_by_the_next_apply() {
    let stack = Stack::start();
    let project = sleeper(&stack, "stop-push", 0, 0);
    let mut running = apply(&project);
    running.until(&["\"progress\"", "push:", "\"bytes\""]);
    running.signal(Signal::SIGTERM);
    let ran = expect(running.end(), 143);
    let stopped = summary(&ran)["stopped"].to_string();
    assert!(stopped.contains("push:"), "{ran:?}");
    let counts = stack.proxy.counts();
    assert!(!counts.contains_key("lambda:CreateFunction"), "{counts:?}");
    expect(project.run(&["apply", "--yes"]), 0);
    expect(project.run(&["plan", "--detailed-exitcode"]), 0);
}

#[test]
fn an_interrupted_gate_leaves_no_container_and_the_next_apply_finishes() {
    let stack = Stack::start();
    let project = sleeper(&stack, "stop-gate", 0, 300);
    let mut running = Running::start(project.jot().args(["test", "--format", "json"]));
    running.until(&["\"started\"", "test-local"]);
    running.signal(Signal::SIGTERM);
    let ran = expect(running.end(), 143);
    assert_eq!(summary(&ran)["interrupted"], true);
    assert_eq!(containers(&project), Vec::<String>::new());
    project.write("sleeper.jl", "sleeper(n) = n\n");
    expect(project.run(&["apply", "--yes"]), 0);
    expect(project.run(&["plan", "--detailed-exitcode"]), 0);
}

#[test]
fn a_second_signal_ends_at_once() {
    let stack = Stack::start();
    let project = increment_vector(&stack, "stop-twice");
    // A change of AWS is let return: the first signal alone does not end it soon.
    let slow = Fault::Slow(Duration::from_secs(30));
    stack.proxy.fault("iam:CreateRole", slow, u32::MAX);
    let mut running = apply(&project);
    running.until(&["\"started\"", "role:"]);
    running.signal(Signal::SIGINT);
    running.signal(Signal::SIGTERM);
    let ran = running.end();
    assert!(matches!(ran.status, Some(130 | 143)), "{ran:#?}");
    assert!(!ran.stdout.contains("\"summary\""), "{ran:#?}");
}

#[test]
fn a_signal_ends_the_wait_before_another_attempt() {
    let stack = Stack::start();
    let project = increment_vector(&stack, "stop-wait");
    let not_yet = Fault::Refused(
        409,
        "ConcurrentModification",
        "The role is being changed by another request.",
    );
    stack.proxy.fault("iam:CreateRole", not_yet, u32::MAX);
    let mut running = apply(&project);
    running.until(&["\"retry\"", "role:"]);
    running.signal(Signal::SIGINT);
    let ran = expect(running.end(), 130);
    let stopped = summary(&ran)["stopped"].to_string();
    assert!(stopped.contains("role:"), "{ran:?}");
    let asked = stack.proxy.counts()["iam:CreateRole"];
    assert!(asked < 20, "asked {asked} times");
}

#[test]
fn a_signal_before_the_work_changes_nothing() {
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
    let address = silent.local_addr().expect("an address");
    let stack = Stack::start();
    let project = increment_vector(&stack, "stop-early");
    let manifest = std::fs::read_to_string(project.path().join("jot.toml")).expect("a manifest");
    let mute = manifest.replace(&stack.proxy.url(), &format!("http://{address}"));
    project.write("jot.toml", &mute);
    for (signal, status) in [(Signal::SIGINT, 130), (Signal::SIGTERM, 143)] {
        let running = apply(&project);
        // It asks, and is never answered.
        let asked = silent.accept().expect("jot asks");
        running.signal(signal);
        let ran = expect(running.end(), status);
        assert!(ran.stderr.contains("nothing was changed"), "{ran:#?}");
        drop(asked);
        while pending(&silent) {}
    }
}

/// Takes one more connection of the ones that a jot made before it ended, if there is any.
fn pending(listener: &TcpListener) -> bool {
    listener.set_nonblocking(true).expect("a setting");
    let taken = listener.accept().is_ok();
    listener.set_nonblocking(false).expect("a setting");
    taken
}
