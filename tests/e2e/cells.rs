//! What holds for a function of any language, package and mode: drift is put right without a build,
//! and without an alias a failing test puts the code before back.

use std::{collections::BTreeMap, path::Path};

use crate::{
    by_hand::Somebody,
    examples,
    story::{changes, expect, of},
    support::{Project, Stack},
};

/// Settings that somebody changed are put right, without a build or a push.
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

/// After `fails` has changed the code so that only Lambda finds the fault, the code before is put
/// back: the function has no alias.
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

/// Replaces a text that must be there in a file of the project.
fn replace(project: &Project, path: &str, from: &str, to: &str) {
    let text = project.text(path);
    assert!(text.contains(from), "{path} has no {from}:\n{text}");
    project.write(path, &text.replace(from, to));
}

/// The emulator's containers have a writable root, those of jot and Lambda have not.
#[test]
fn a_java_image_drifts_and_goes_back() {
    let stack = Stack::start();
    let project = Project::new(&stack, "java-cell");
    examples::copy(&project, &examples::folder().join("java"), Path::new(""));
    let manifest = project.text("jot.toml");
    // The build has a writable root too.
    let manifest = manifest.replace("expected =", "exemplar = false, expected =");
    project.write("jot.toml", &manifest);
    expect(project.run(&["apply", "--yes"]), 0);
    drift_is_put_right(&stack, &project, "increment");
    expect(project.run(&["destroy", "--yes"]), 0);

    let without = "memory_mb = 512\ndeploy = { alias = false }";
    replace(&project, "jot.toml", "memory_mb = 512", without);
    the_code_before_is_put_back(&stack, &project, "increment", &|| {
        let source = "src/main/java/numerics/Increment.java";
        let writable = "java.nio.file.Files.isWritable(java.nio.file.Path.of(\"/\"))";
        let step = format!("STEP = {writable} ? 3 : 1;");
        replace(&project, source, "STEP = 1;", &step);
    });
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
