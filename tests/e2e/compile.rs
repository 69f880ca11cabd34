//! What is compiled while an image is built, and what is still compiled when it runs.

use crate::{
    story::expect,
    support::{Project, Registry, Stack},
};

const SCRIPT: &str =
    "struct Point\n    x::Float64\n    y::Float64\nend\nlength_of(p) = sqrt(p.x^2 + p.y^2)\n";

fn function(key: &str, julia: &str, expected: &str) -> String {
    format!(
        "[functions.{key}]\nhandler = \"length_of\"\nmemory_mb = 1769\nbuild = {{ network = \"host\" }}\n\
         julia = {{ source = \"points.jl\", argument_type = \"Point\", version = \"1.5\", {julia} }}\n\
         tests = [{{ name = \"right angle\", argument = {{ x = 3.0, y = 4.0 }}, expected = {expected} }}]\n\n"
    )
}

/// The build tells its exemplars' answers, and one that is not the expected one ends it.
#[test]
fn a_wrong_exemplar_ends_the_build() {
    let stack = Stack::start();
    let project = Project::new(&stack, "wrong");
    // Unlike what any run before has left in Docker's build cache: a build that is not run tells no answers, and leaves them to
    // the gate before the push.
    project.write("points.jl", &format!("{SCRIPT}# {}\n", project.name));
    project.manifest(&function("wrong", "compile = \"precompile\"", "6.0"));
    let ran = project.run(&["build"]);
    assert_eq!(ran.status, Some(3), "{ran:?}");
    for words in [
        "right angle",
        "expected 6",
        "got 5",
        "in the exemplar session of the build",
    ] {
        assert!(ran.stderr.contains(words), "{words}: {ran:?}");
    }
    // Nothing of it is kept, so the next build stops there too.
    assert_eq!(project.run(&["build"]).status, Some(3));
    project.manifest(&function("wrong", "compile = \"precompile\"", "5.0"));
    expect(project.run(&["test"]), 0);
}

/// Without a budget nothing is counted; with one that is too small the local gate fails, and names what to do.
#[test]
fn a_budget_of_methods_is_a_gate() {
    let stack = Stack::start();
    let project = Project::new(&stack, "budget");
    project.write("points.jl", SCRIPT);
    project.manifest(&function(
        "points",
        "compile = \"none\", jit_budget = 0",
        "5.0",
    ));
    let ran = project.run(&["test"]);
    assert_eq!(ran.status, Some(3), "{ran:?}");
    assert!(
        ran.stderr.contains("jit_budget allows 0") || ran.stdout.contains("jit_budget allows 0"),
        "{ran:?}"
    );
    stack.proxy.reset();
    let applied = project.run(&["apply", "--yes"]);
    assert_eq!(applied.status, Some(3), "{applied:?}");
    for words in [
        "compiled at run time, and jit_budget allows 0",
        "`jot test --jit-debt` lists them",
        "nothing was pushed",
    ] {
        assert!(applied.stderr.contains(words), "{words}: {applied:?}");
    }
    let pushed = stack.proxy.counts().get("registry:PutManifest").copied();
    assert_eq!(pushed, None, "{applied:?}");
    project.manifest(&function(
        "points",
        "compile = \"none\", jit_budget = 1000",
        "5.0",
    ));
    assert_eq!(project.run(&["test"]).status, Some(0));
    let listed = project.run(&["test", "--jit-debt"]);
    assert!(
        listed.stdout.contains("compiled at run time") && listed.stdout.contains("length_of"),
        "{listed:?}"
    );
}

/// A system image holds what the exemplars need, a failing one too, its base no image of Julia's own, and it starts without a standard library.
#[test]
fn a_system_image_leaves_nothing_to_compile() {
    let (stack, registry) = (Stack::start(), Registry::start());
    let project = Project::new(&stack, "sysimage");
    let failing = "p.x < 0 ? throw(DomainError(p.x, \"no length\")) : sqrt";
    project.write("points.jl", &SCRIPT.replace("sqrt", failing));
    let public = registry.url("Public");
    let manifest = function(
        "points",
        &format!(
            "compile = \"sysimage\", jit_budget = 0, registries = [\"{public}\"], exemplar_environment = {{ MODE = \"build\" }}"
        ),
        "5.0",
    );
    let test = ", { argument = { x = -1.0, y = 0.0 }, expected_error = \"DomainError\" }]";
    project.manifest(&manifest.replace("}]", &format!("}}{test}")));
    let listed = expect(project.run(&["test", "--jit-debt"]), 0).stdout;
    assert!(
        listed.contains("2 passed") && !listed.contains("precompile("),
        "{listed}"
    );
}
