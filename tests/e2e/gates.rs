//! A failing test stops the apply, and traffic stays where it was.

use serde_json::json;

use crate::{
    story::{changes, expect, increment_vector, json},
    support::{Project, Stack},
};

#[test]
fn a_failing_local_gate_pushes_nothing() {
    let stack = Stack::start();
    let project = increment_vector(&stack, "local-gate");
    // The build would find it by the same test.
    let manifest = project.text("jot.toml");
    project.write(
        "jot.toml",
        &manifest.replace("expected =", "exemplar = false, expected ="),
    );
    project.write("increment_vector.jl", "increment_vector(v) = v .+ 3\n");
    let applied = expect(project.run(&["apply", "--yes"]), 3);
    let said = format!("{}{}", applied.stdout, applied.stderr);
    // The difference is readable: the expected value, the answer, and where they differ.
    for word in ["test 1", "expected", "[0]", "nothing was pushed"] {
        assert!(said.contains(word), "`{word}` is missing:\n{said}");
    }
    let changed = changes(&stack.proxy.counts());
    let pushed: Vec<_> = changed
        .keys()
        .filter(|name| name.contains("PutManifest") || name.contains("CreateFunction"))
        .collect();
    assert!(pushed.is_empty(), "{changed:?}");
    let tested = expect(project.run(&["test"]), 3);
    assert!(tested.stdout.contains("0 passed, 1 failed"), "{tested:#?}");
}

#[test]
fn a_second_call_in_one_process_is_made_even_for_one_test() {
    let stack = Stack::start();
    let project = Project::new(&stack, "second-call");
    project.write(
        "once.jl",
        "const CALLS = Ref(0)\nonce(n::Int) = (CALLS[] += 1) == 1 ? n : error(\"used up\")\n",
    );
    project.manifest(
        "[functions.once]\n\
         julia = { source = \"once.jl\", argument_type = \"Int\", version = \"1.5\" }\n\
         tests = [{ argument = 1, expected = 1, exemplar = false }]\n",
    );
    let applied = expect(project.run(&["apply", "--yes"]), 3);
    let said = format!("{}{}", applied.stdout, applied.stderr);
    for word in ["test 1, called again", "used up", "nothing was pushed"] {
        assert!(said.contains(word), "`{word}` is missing:\n{said}");
    }
}

/// The emulator's containers have a writable root, jot's and Lambda's do not: a way to pass in the
/// former and fail in the latter.
const WRITER: &str = r#"
function writer(n::Int)
    if n > 0
        try
            write("/written", "x")
        catch
            return n
        end
        return -n
    end
    return n
end
"#;

/// The function above with one test of this argument, more settings, and something after its end.
/// The build does not replay it: the root is writable in a build.
pub fn writer(project: &Project, argument: i64, settings: &str, after: &str) {
    project.write("writer.jl", &format!("{WRITER}{after}"));
    project.manifest(&format!(
        r#"
[functions.writer]
{settings}
julia = {{ source = "writer.jl", argument_type = "Int", version = "1.5" }}
tests = [{{ argument = {argument}, expected = {argument}, exemplar = false }}]
"#
    ));
}

#[test]
fn a_failing_remote_gate_leaves_the_alias() {
    let stack = Stack::start();
    let project = Project::new(&stack, "remote-gate");
    writer(&project, 0, "", "");
    expect(project.run(&["apply", "--yes"]), 0);
    writer(&project, 1, "", "# another version\n");
    stack.proxy.reset();
    let applied = expect(project.run(&["apply", "--yes"]), 3);
    assert!(
        applied
            .stderr
            .contains("the alias `live` stays where it was"),
        "{}",
        applied.stderr
    );
    let changed = changes(&stack.proxy.counts());
    assert_eq!(
        changed.get("lambda:PublishVersion"),
        Some(&1),
        "{changed:?}"
    );
    assert_eq!(changed.get("lambda:UpdateAlias"), None, "{changed:?}");
    assert_eq!(changed.get("lambda:TagResource"), None, "{changed:?}");
    let status = json(&expect(project.run(&["status", "--format", "json"]), 0));
    assert_eq!(status["functions"][0]["version"], json!("1"), "{status}");
    // After the fix, the next apply takes the traffic over.
    writer(&project, 0, "", "");
    expect(project.run(&["apply", "--yes"]), 0);
    expect(project.run(&["plan", "--detailed-exitcode"]), 0);
}

#[test]
fn remote_tests_run_alone() {
    let stack = Stack::start();
    let project = increment_vector(&stack, "remote-test");
    expect(project.run(&["apply", "--yes"]), 0);
    stack.proxy.reset();
    let tested = expect(project.run(&["test", "--remote"]), 0);
    assert!(tested.stdout.contains("1 passed"), "{}", tested.stdout);
    assert_eq!(stack.proxy.counts().get("lambda:Invoke"), Some(&1));
}
