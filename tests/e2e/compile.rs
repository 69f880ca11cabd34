//! What is compiled while an image is built, and what is still compiled when it runs.

use crate::{
    story::expect,
    support::{Project, Registry, Stack, docker::docker},
};

const SCRIPT: &str =
    "struct Point\n    x::Float64\n    y::Float64\nend\nlength_of(p) = sqrt(p.x^2 + p.y^2)\n";

fn function(key: &str, julia: &str, expected: &str) -> String {
    format!(
        "[functions.{key}]\nhandler = \"length_of\"\nmemory_mb = 1769\n\
         build = {{ network = \"host\" }}\n\
         julia = {{ source = \"points.jl\", argument_type = \"Point\", version = \"1.5\", \
         {julia} }}\n\
         tests = [{{ name = \"right angle\", argument = {{ x = 3.0, y = 4.0 }}, \
         expected = {expected} }}]\n\n"
    )
}

/// The build prints its exemplars' answers, and a wrong one ends it.
#[test]
fn a_wrong_exemplar_ends_the_build() {
    let stack = Stack::start();
    let project = Project::new(&stack, "wrong");
    // Differs from everything in Docker's build cache: a cached build prints no answers, and leaves
    // them to the gate before the push.
    project.write("points.jl", &format!("{SCRIPT}# {}\n", project.name));
    let more = "tests = [{ name = \"fine\", argument = { x = 6.0, y = 8.0 }, expected = 10.0 }, \
                { name = \"longer\", argument = { x = 5.0, y = 12.0 }, expected = 14.0 }, {";
    let wrong = function("wrong", "compile = \"precompile\"", "6.0").replace("tests = [{", more);
    project.manifest(&wrong);
    let ran = project.run(&["build"]);
    assert_eq!(ran.status, Some(3), "{ran:?}");
    // All wrong answers are reported, not the first alone.
    for words in [
        "right angle",
        "expected 6",
        "got 5",
        "longer",
        "expected 14",
        "got 13",
        "2 of 3 tests of `wrong` failed in the exemplar session of the build",
    ] {
        assert!(ran.stderr.contains(words), "{words}: {ran:?}");
    }
    // Nothing of it is kept, so the next build fails at the same place. BuildKit ends a step a
    // moment after jot dropped the build; a build that begins before that would share it.
    std::thread::sleep(std::time::Duration::from_secs(5));
    assert_eq!(project.run(&["build"]).status, Some(3));
    project.manifest(&function("wrong", "compile = \"precompile\"", "5.0"));
    expect(project.run(&["test"]), 0);
}

/// Without a budget nothing is counted; with one that is too small the local gate fails, and says
/// what to do.
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
        listed.stdout.contains("prepared at run time") && listed.stdout.contains("length_of"),
        "{listed:?}"
    );
}

/// A system image contains what the exemplars need, also a failing one; its base has no system
/// image of Julia's own, and it starts without a standard library.
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
            "compile = \"sysimage\", jit_budget = 0, registries = [\"{public}\"], \
             exemplar_environment = {{ MODE = \"build\" }}"
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

/// A line of the base's Dockerfile that replaces Julia with a script: each start of it leaves a
/// line in the image that is being built.
const COUNTED: &str = concat!(
    r#"RUN ["/bin/sh", "-c", ""#,
    "julia=$(julia -e 'print(joinpath(Sys.BINDIR, Base.julia_exename()))'); ",
    "mv $julia $julia-itself; { echo '#!/bin/sh'; ",
    "echo '[ ! -d /jot/build ] || { mkdir -p /jot/out; ",
    r#"echo \"$*\" | head -n 1 >> /jot/out/starts; }'; "#,
    r#"echo exec $julia-itself '\"$@\"'; } > $julia; chmod +x $julia"]"#,
);

/// Starting Julia takes most of the time of a build after a changed line. One start runs the build,
/// one compiles and loads the responder, with one below it that writes the cache, and one proves
/// that the function's start uses the cache. Exemplars need a session, and another pair that
/// compiles what it has traced.
#[test]
fn a_changed_line_is_built_with_few_starts_of_julia() {
    let stack = Stack::start();
    let project = Project::new(&stack, "starts");
    let functions = ["none", "precompile"].map(|mode| {
        let counted = format!("network = \"host\", dockerfile_extra = '''{COUNTED}'''");
        let julia = format!("compile = \"{mode}\"");
        function(mode, &julia, "5.0").replace("network = \"host\"", &counted)
    });
    project.manifest(&functions.concat());
    project.write("points.jl", SCRIPT);
    expect(project.run(&["build"]), 0);
    project.write("points.jl", &format!("{SCRIPT}# {}\n", project.name));
    for (mode, count) in [("none", 4), ("precompile", 7)] {
        expect(project.run(&["build", mode]), 0);
        let filter = format!("label=dev.jot.project={}", project.name);
        let images = docker(&["image", "ls", "--filter", &filter, "--format", "{{.ID}}"]);
        let newest = images.lines().next().expect("the image that was just made");
        let starts = docker(&["run", "--rm", "--entrypoint", "/bin/cat", newest, "/starts"]);
        assert_eq!(starts.lines().count(), count, "{mode}:\n{starts}");
    }
}
