//! A package's own tests as part of its build.

use std::path::Path;

use serde_json::{Value, json};

use crate::{
    examples::{copy, folder},
    story::expect,
    support::{Project, Registry, Stack},
};

/// A package's own tests run in its build: what Julia compiles for them goes into the image, and a
/// failing one ends the build.
#[test]
fn a_package_s_own_tests_join_the_build() {
    let stack = Stack::start();
    let project = Project::new(&stack, "own-tests");
    copy(&project, &folder().join("route-length"), Path::new(""));
    let tests = "RouteLength/test/runtests.jl";
    let text = project.text(tests);
    // Differs from everything in Docker's build cache.
    let wrong = text.replace("length = 12.0", "length = 13.0") + &format!("# {}\n", project.name);
    assert_ne!(wrong, text);
    project.write(tests, &wrong);
    let built = expect(project.run(&["build"]), 1);
    let said = built.stderr.replace('│', " ");
    let told = said.split_whitespace().collect::<Vec<_>>().join(" ");
    for words in [
        "a test of the package has failed",
        "run_package_tests",
        "(length = 12.0, longest = 5.0) == (length = 13.0, longest = 5.0)",
        "RouteLength/test/runtests.jl:",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
    assert!(!told.contains("Stacktrace"), "{told}");
    project.write(tests, &format!("{text}# {}\n", project.name));
    let built = json_lines(&expect(project.run(&["build", "--format", "json"]), 0).stdout);
    let said: Vec<&str> = built
        .iter()
        .filter_map(|event| event["line"].as_str())
        .collect();
    for words in [
        "Testing RouteLength tests passed",
        "of the package's own tests",
    ] {
        assert!(
            said.iter().any(|line| line.contains(words)),
            "{words}: {said:#?}"
        );
    }
    assert_eq!(
        built.last().map(|event| &event["event"]),
        Some(&json!("summary"))
    );
}

fn json_lines(text: &str) -> Vec<Value> {
    let line = |line: &str| serde_json::from_str(line).expect("JSON");
    text.lines().map(line).collect()
}

/// They get what the tests alone depend on, and load the versions in the image.
#[test]
fn own_tests_get_their_dependencies() {
    let (stack, registry) = (Stack::start(), Registry::start());
    let project = Project::new(&stack, "tested-deps");
    project.write(
        "Boxes/Project.toml",
        "name = \"Boxes\"\nuuid = \"0b0c9e3a-6f0e-4f8e-8a35-3a0d5a2a9e13\"\nversion = \"0.1.0\"\n\n\
         [deps]\nShapes = \"3d3ea6b5-6d6c-4f6f-9d0e-0d9a6b1c8a01\"\n\n\
         [extras]\nTest = \"8dfed614-e22c-5e08-85e1-65c5234f0b40\"\n\
         Volumes = \"7f0c2b1e-58a4-4c0e-8f39-53a1f1c6be02\"\n\n\
         [targets]\ntest = [\"Test\", \"Volumes\"]\n\n\
         [compat]\njulia = \"1.5\"\nShapes = \"1\"\n",
    );
    project.write(
        "Boxes/src/Boxes.jl",
        "module Boxes\nimport Shapes\nrelease(n) = Shapes.release()\nend\n",
    );
    project.write(
        "Boxes/test/runtests.jl",
        &format!(
            "# {}\nusing Test, Boxes, Volumes\n@test Boxes.release(1) == \"1.1.0\"\n\
             @test Volumes.volume(2, 3, 4) == 24\n",
            project.name
        ),
    );
    project.manifest(&format!(
        "
[functions.release]
build = {{ network = \"host\" }}
julia = {{ source = \"Boxes\", argument_type = \"Int\", version = \"1.5\", \
    run_package_tests = true, registries = [\"{}\"] }}
tests = [{{ argument = 1, expected = \"1.1.0\" }}]
",
        registry.url("Public")
    ));
    let tested = expect(project.run(&["test"]), 0);
    assert!(tested.stdout.contains("1 passed"), "{}", tested.stdout);
}
