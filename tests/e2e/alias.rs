//! A function without an alias: its tests run on `$LATEST`, and a failure puts the code before back.

use crate::{
    gates::writer,
    story::{changes, expect},
    support::{Project, Stack},
};

const NO_ALIAS: &str = "deploy = { alias = false }";

#[test]
fn without_an_alias_a_failing_test_puts_the_code_back() {
    let stack = Stack::start();
    let project = Project::new(&stack, "no-alias");
    writer(&project, 0, NO_ALIAS, "");
    expect(project.run(&["apply", "--yes"]), 0);
    expect(project.run(&["plan", "--detailed-exitcode"]), 0);
    writer(&project, 1, NO_ALIAS, "# another version\n");
    stack.proxy.reset();
    expect(project.run(&["apply", "--yes"]), 3);
    let changed = changes(&stack.proxy.counts());
    assert_eq!(
        changed.get("lambda:UpdateFunctionCode"),
        Some(&2),
        "{changed:?}"
    );
    assert_eq!(changed.get("lambda:PublishVersion"), None, "{changed:?}");
    // The manifest as it was describes what runs again, and nothing was forgotten about it.
    writer(&project, 0, NO_ALIAS, "");
    let plan = expect(project.run(&["plan"]), 0);
    assert!(
        plan.stdout
            .contains("0 to build, 0 to push, 0 to create, 0 to update")
            || plan.stdout.contains("No changes."),
        "{}",
        plan.stdout
    );
}
