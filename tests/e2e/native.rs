//! Native binaries of functions for the JVM, as image and as zip, made by the stand-in for GraalVM
//! that `scripts/java` builds: it links an executable, and finds only those classes by name that
//! are in the metadata.

use serde_json::json;

use crate::{
    jvm::{applied, example, nothing_to_do, refused, replace, said},
    story::{changes, expect, json as answered, of},
    support::{Project, Stack, ran},
};

const SOURCE: &str = "src/main/java/numerics/Increment.java";
const TABLE: &str = "jvm = { source = \".\" }";

/// The plain Java handler, as a binary in this package.
fn binary(stack: &Stack, package: &str) -> Project {
    let project = example(stack, "java");
    let table =
        format!("jvm = {{ source = \".\", compile = \"native\", package = \"{package}\" }}");
    replace(&project, "jot.toml", TABLE, &table);
    // BuildKit keeps a build's output to itself if it has run the same session before.
    let own = format!(
        "STEP = 1;\n    static final String RUN = \"{}\";",
        project.name
    );
    replace(&project, SOURCE, "STEP = 1;", &own);
    expect(project.run(&["check"]), 0);
    project
}

/// Only the setting changes: nothing is built or pushed.
fn more_memory(project: &Project) {
    replace(project, "jot.toml", "memory_mb = 512", "memory_mb = 640");
    let plan = expect(project.run(&["plan"]), 0);
    let words = "Plan: 0 to build, 0 to push, 0 to create, 1 to update, 0 to destroy.";
    assert!(plan.stdout.contains(words), "{}", plan.stdout);
    applied(project);
}

#[test]
fn a_binary_in_an_image_says_which_metadata_is_missing() {
    let stack = Stack::start();
    let project = binary(&stack, "image");
    let created = applied(&project);
    assert!(said(&created).contains("1 to build"), "{created:#?}");
    let answer = expect(project.run(&["invoke", "increment", "[41]"]), 0);
    assert_eq!(answered(&answer), json!([42]));
    nothing_to_do(&stack, &project, 12);
    more_memory(&project);

    // The argument decides which class is looked up by name, in a test that the build does not
    // replay.
    project.write(
        "src/main/java/numerics/Named.java",
        "package numerics;\n\npublic final class Named {}\n",
    );
    replace(
        &project,
        SOURCE,
        "        return numbers",
        "        find(numbers.size());\n        return numbers",
    );
    replace(
        &project,
        SOURCE,
        "    @Override",
        "    private static void find(int size) {\n\
         \x20       String[] names = {\"numerics.Increment\", \"numerics.Named\"};\n\
         \x20       try {\n            Class.forName(names[size % 2]);\n\
         \x20       } catch (ClassNotFoundException missing) {\n\
         \x20           throw new IllegalStateException(missing);\n        }\n    }\n\n\
         \x20   @Override",
    );
    replace(
        &project,
        "jot.toml",
        "expected = [2, 3, 4] }",
        "expected = [2, 3, 4], exemplar = false }",
    );
    let words = [
        "the binary has no metadata of numerics.Named",
        "jot build --metadata DIR",
        "nothing was pushed",
    ];
    refused(&stack, &project, 3, &words);

    // Replayed, the agent collects it.
    replace(&project, "jot.toml", ", exemplar = false", "");
    let plan = expect(project.run(&["plan"]), 0);
    let words = "Plan: 1 to build, 1 to push, 0 to create, 1 to update, 0 to destroy.";
    assert!(plan.stdout.contains(words), "{}", plan.stdout);
    stack.proxy.reset();
    let applied = expect(ran(project.jot().args(["apply", "--yes", "-v"])), 0);
    assert!(
        said(&applied).contains("the tracing agent collected"),
        "{applied:#?}"
    );
    assert_eq!(stack.proxy.uploads().manifests, 1);
    let written = expect(
        ran(project.jot().args(["build", "--metadata", "review"])),
        0,
    );
    assert!(written.stderr.contains("Nothing to build"), "{written:#?}");
    let collected = project.text("review/increment/reachability-metadata.json");
    assert!(collected.contains("\"numerics.Named\""), "{collected}");
    expect(project.run(&["destroy", "--yes"]), 0);
}

#[test]
fn a_binary_in_a_zip_is_deployed_changed_and_destroyed() {
    let stack = Stack::start();
    let project = binary(&stack, "zip");
    applied(&project);
    let answer = expect(project.run(&["invoke", "increment", "[41]"]), 0);
    assert_eq!(answered(&answer), json!([42]));
    stack.proxy.reset();
    let mut jot = project.jot();
    jot.args(["plan", "--detailed-exitcode"]);
    let plan = expect(ran(jot.env("DOCKER_HOST", "unix:///nowhere")), 0);
    assert!(plan.stdout.contains("No changes."), "{}", plan.stdout);
    more_memory(&project);
    replace(&project, SOURCE, "STEP = 1", "STEP = 2");
    replace(
        &project,
        "jot.toml",
        "expected = [2, 3, 4]",
        "expected = [3, 4, 5]",
    );
    stack.proxy.reset();
    applied(&project);
    let changed = changes(&stack.proxy.counts());
    let touched = of(
        &changed,
        &["lambda:UpdateFunctionCode", "registry:PutManifest"],
    );
    assert_eq!(
        touched.values().copied().collect::<Vec<_>>(),
        [1, 1],
        "{changed:?}"
    );
    let answer = expect(project.run(&["invoke", "increment", "[41]"]), 0);
    assert_eq!(answered(&answer), json!([43]));
    expect(project.run(&["destroy", "--yes"]), 0);
}
