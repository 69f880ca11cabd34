//! jot executes the plan that was reviewed: saved plans, and the confirmation.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use serde_json::Value;

use crate::{
    story::{changes, expect, increment_vector},
    support::{Project, Ran, Stack},
};

/// Every line of stdout as JSON.
fn events(ran: &Ran) -> Vec<Value> {
    let lines = ran.stdout.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}")))
        .collect()
}

/// At a terminal, which `script` makes, anything but `yes` is an error, and changes nothing.
fn assert_declined(project: &Project) {
    let mut terminal = Command::new("script");
    let apply = format!("{} apply", env!("CARGO_BIN_EXE_jot"));
    let kept = tempfile::NamedTempFile::new().expect("a file for what the terminal shows");
    terminal
        .args(["--quiet", "--return", "--command", &apply])
        .arg(kept.path());
    let jot = project.jot();
    for (name, value) in jot.get_envs() {
        terminal.env(name, value.unwrap_or_default());
    }
    let mut child = terminal
        .current_dir(project.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("there is no `script` to make a terminal with");
    let mut keys = child.stdin.take().expect("a stdin");
    keys.write_all(b"no\n").expect("script reads");
    let output = child.wait_with_output().expect("script ends");
    drop(keys);
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("nothing was changed"), "{said}");
}

#[test]
fn a_saved_plan_is_carried_out_where_it_fits() {
    let stack = Stack::start();
    let project = increment_vector(&stack, "saved");
    let refused = expect(project.run(&["apply"]), 1);
    for word in ["--yes", "jot plan --out"] {
        assert!(refused.stderr.contains(word), "{word}: {refused:#?}");
    }
    assert_declined(&project);
    expect(project.run(&["plan", "--out", "../plan.json"]), 0);
    let plan = expect(project.run(&["plan", "--format", "json"]), 0);
    let plan: Value = serde_json::from_str(&plan.stdout).expect("JSON");
    assert_eq!(plan["counts"]["create"], 4, "{plan:#}");
    let saved = ["apply", "--plan", "../plan.json", "--format", "json"];

    // jot.toml changed: the new image is another one.
    project.write("increment_vector.jl", "increment_vector(v) = v .+ 3 .- 2\n");
    let refused = expect(project.run(&saved), 1);
    let error = &events(&refused)[1]["error"]["message"];
    assert!(
        error.to_string().contains("build image increment-vector"),
        "{error}"
    );
    assert_eq!(changes(&stack.proxy.counts()).len(), 0);

    project.write("increment_vector.jl", "increment_vector(v) = v .+ 1\n");
    let applied = expect(project.run(&saved), 0);
    let events = events(&applied);
    assert_eq!(events[0]["event"], "began");
    let last = events.last().expect("a last line");
    assert_eq!(
        (&last["event"], &last["interrupted"]),
        (&"summary".into(), &false.into())
    );
    assert_eq!(last["not_started"], Value::Array(Vec::new()));

    // Once all is deleted the plan would fit again, but it was already executed.
    expect(project.run(&["destroy", "--yes"]), 0);
    let before = stack.proxy.counts();
    let refused = expect(project.run(&["apply", "--plan", "../plan.json"]), 1);
    for words in ["was already applied at 20", "jot plan --out ../plan.json"] {
        assert!(refused.stderr.contains(words), "{words}: {refused:#?}");
    }
    assert_eq!(stack.proxy.counts(), before);
    let shown = expect(project.run(&["show", "../plan.json"]), 0);
    for words in ["It was applied at 20", "4 to create"] {
        assert!(shown.stdout.contains(words), "{words}: {shown:#?}");
    }
}

#[test]
fn a_plan_that_cannot_be_marked_as_used_changes_nothing() {
    let stack = Stack::start();
    let project = increment_vector(&stack, "unmarked");
    project.write("plans/kept", "");
    expect(project.run(&["plan", "--out", "plans/plan.json"]), 0);
    // A folder in place of the new file is an error for root too.
    project.write("plans/plan.part/kept", "");
    let refused = expect(project.run(&["apply", "--plan", "plans/plan.json"]), 1);
    for words in [
        "plan.json as used; nothing was changed",
        "that jot can write to",
    ] {
        assert!(refused.stderr.contains(words), "{words}: {refused:#?}");
    }
    assert_eq!(changes(&stack.proxy.counts()).len(), 0);
    let shown = expect(project.run(&["show", "plans/plan.json"]), 0);
    assert!(
        shown.stdout.contains("It was not applied yet"),
        "{shown:#?}"
    );
}
