//! What holds for a function of any language, package and mode: drift is corrected without a build,
//! and without an alias a failing test restores the previous code.

use std::{collections::BTreeMap, path::Path};

use serde_json::json;

use crate::{
    by_hand::Somebody,
    examples,
    jvm::replace,
    story::{changes, expect, json as answered, of},
    support::{Project, Stack},
};

/// Settings that were changed outside jot are corrected, without a build or a push.
pub fn drift_is_put_right(stack: &Stack, project: &Project, function: &str) {
    let somebody = Somebody::new(stack, &project.name).at(function);
    somebody.sets_memory(1024);
    somebody.points_the_alias_at("$LATEST");
    let plan = expect(project.run(&["plan", "--detailed-exitcode"]), 2);
    for words in ["memory_mb: 1024 -> ", "it points at $LATEST"] {
        assert!(plan.stdout.contains(words), "{words}: {}", plan.stdout);
    }
    stack.proxy.reset();
    expect(project.run(&["apply", "--yes"]), 0);
    let counts = stack.proxy.counts();
    assert_eq!(of(&counts, &["registry:PutManifest"]), BTreeMap::new());
    assert_eq!(stack.proxy.uploads().blobs, 0);
    expect(project.run(&["plan", "--detailed-exitcode"]), 0);
}

/// After `fails` has changed the code so that only Lambda finds the fault, the previous code is
/// restored: the function has no alias.
pub fn the_code_before_is_put_back(
    stack: &Stack,
    project: &Project,
    function: &str,
    fails: &dyn Fn(),
) {
    expect(project.run(&["apply", "--yes", function]), 0);
    expect(project.run(&["plan", "--detailed-exitcode", function]), 0);
    fails();
    stack.proxy.reset();
    let applied = expect(project.run(&["apply", "--yes", function]), 3);
    let changed = changes(&stack.proxy.counts());
    let code = changed.get("lambda:UpdateFunctionCode");
    assert_eq!(code, Some(&2), "{changed:?}\n{}", applied.stderr);
    assert_eq!(changed.get("lambda:PublishVersion"), None, "{changed:?}");
}

/// The plain Java handler in this form: drift is corrected; then, without an alias, code that
/// answers wrongly in Lambda alone is reverted.
fn java_cell(java: u8, compile: &str, package: &str) {
    const SOURCE: &str = "src/main/java/numerics/Increment.java";
    let stack = Stack::start();
    let project = Project::new(&stack, "java-cell");
    examples::copy(&project, &examples::folder().join("java"), Path::new(""));
    let table = format!("java = \"{java}\", compile = \"{compile}\", package = \"{package}\"");
    let whole = format!("source = \".\", {table}");
    replace(&project, "jot.toml", "source = \".\"", &whole);
    expect(project.run(&["apply", "--yes"]), 0);
    drift_is_put_right(&stack, &project, "increment");
    expect(project.run(&["destroy", "--yes"]), 0);

    let without = "memory_mb = 512\ndeploy = { alias = false }";
    replace(&project, "jot.toml", "memory_mb = 512", without);
    the_code_before_is_put_back(&stack, &project, "increment", &|| {
        let here = [("FUNCTION_NAME", "exemplar"), ("LOG_STREAM_NAME", "local")]
            .map(|(name, value)| {
                format!("\"{value}\".equals(System.getenv(\"AWS_LAMBDA_{name}\"))")
            })
            .join(" || ");
        let step = format!("number + ({here} ? 1 : 3)");
        replace(&project, SOURCE, "number + STEP", &step);
    });
    let answer = expect(project.run(&["invoke", "increment", "[41]"]), 0);
    assert_eq!(answered(&answer), json!([42]));
}

#[test]
fn a_java_image_drifts_and_goes_back() {
    java_cell(21, "archive", "image");
}

#[test]
fn a_java_image_without_archives_drifts_and_goes_back() {
    java_cell(25, "none", "image");
}

#[test]
fn a_binary_in_an_image_drifts_and_goes_back() {
    java_cell(25, "native", "image");
}

#[test]
fn a_binary_in_a_zip_drifts_and_goes_back() {
    java_cell(25, "native", "zip");
}

#[test]
fn an_image_of_any_dockerfile_drifts_and_goes_back() {
    let stack = Stack::start();
    let project = crate::dockerfile::project(&stack, "dockerfile-cell");
    expect(project.run(&["apply", "--yes"]), 0);
    drift_is_put_right(&stack, &project, "count");
    expect(project.run(&["destroy", "--yes"]), 0);

    let shout = "[functions.shout]\n";
    replace(
        &project,
        "jot.toml",
        shout,
        &format!("{shout}deploy = {{ alias = false }}\n"),
    );
    the_code_before_is_put_back(&stack, &project, "shout", &|| {
        let shouted = "uc(\"\\\"$said\\\"\")";
        let writable = format!("-w \"/\" ? '\"lost\"' : {shouted}");
        replace(&project, "app/runtime.pl", shouted, &writable);
    });
}
