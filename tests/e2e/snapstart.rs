//! SnapStart: jot waits for versions that start from a snapshot, and SnapStart can be switched off
//! again.

use serde_json::{Value, json};

use crate::{
    story::expect,
    support::{Project, Stack, http},
};

fn manifest(project: &Project, line: &str) {
    project.write("draw.jl", "draw(n) = length(rand(n))\n");
    project.manifest(&format!(
        "[functions.draw]\nmemory_mb = 1024\n{line}\n\
         julia = {{ source = \"draw.jl\", argument_type = \"Int\", version = \"1.5\" }}\n\
         tests = [{{ argument = 3, expected = 3 }}]\n"
    ));
}

/// The configuration of a version or alias, requested without jot.
fn configuration(stack: &Stack, qualifier: &str) -> Value {
    let path = format!("draw?Qualifier={qualifier}");
    let answer = http::aws_lambda(&stack.behind(), "GET", &path, "").expect("ministack answers");
    let found: Value = serde_json::from_slice(&answer.body).expect("JSON");
    found["Configuration"].clone()
}

fn snapstart(on: &str, status: &str) -> Value {
    json!({ "ApplyOn": on, "OptimizationStatus": status })
}

#[test]
fn a_version_with_a_snapshot_is_waited_for_and_snapstart_goes_off_again() {
    let stack = Stack::start();
    let project = Project::new(&stack, "snapstart");
    manifest(&project, "snapstart = true");
    stack.proxy.reset();
    expect(project.run(&["apply", "--yes"]), 0);
    // While a snapshot is made its version is Pending; the alias was moved to one that is not.
    let live = configuration(&stack, "live");
    assert_eq!(
        (&live["Version"], &live["State"], &live["SnapStart"]),
        (
            &json!("1"),
            &json!("Active"),
            &snapstart("PublishedVersions", "On")
        )
    );
    // A version that is Pending refuses every call: it was called once only, and that call
    // succeeded.
    assert_eq!(stack.proxy.counts().get("lambda:Invoke"), Some(&1));
    assert_eq!(
        configuration(&stack, "$LATEST")["SnapStart"],
        snapstart("PublishedVersions", "Off")
    );
    expect(project.run(&["plan", "--detailed-exitcode"]), 0);
    expect(project.run(&["invoke", "draw", "5"]), 0);

    manifest(&project, "snapstart = false");
    let plan = expect(project.run(&["plan", "--detailed-exitcode"]), 2);
    assert!(
        plan.stdout.contains("snapstart: true -> false"),
        "{}",
        plan.stdout
    );
    expect(project.run(&["apply", "--yes"]), 0);
    let live = configuration(&stack, "live");
    assert_eq!(
        (&live["Version"], &live["SnapStart"]),
        (&json!("2"), &snapstart("None", "Off"))
    );
    expect(project.run(&["plan", "--detailed-exitcode"]), 0);
    expect(project.run(&["destroy", "--yes"]), 0);
}
