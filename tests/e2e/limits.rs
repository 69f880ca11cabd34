//! The local gate has the limits of Lambda.

use crate::{
    story::expect,
    support::{Project, Ran, Registry, Stack},
};

/// Builds a function from this script and runs its only test.
fn tested(label: &str, script: &str, test: &str, settings: &str, status: i32) -> Ran {
    let stack = Stack::start();
    let project = Project::new(&stack, label);
    project.write("responder.jl", script);
    project.manifest(&format!(
        r#"
[functions.responder]
{settings}
julia = {{ source = "responder.jl", argument_type = "Int", version = "1.5" }}
tests = [{{ {test}, exemplar = false }}]
"#
    ));
    expect(project.run(&["test"]), status)
}

#[test]
fn writing_to_the_root_fails_and_the_remedy_is_tmp() {
    let script = "responder(n) = write(\"/written\", \"x\")";
    let ran = tested("root", script, "argument = 1, expected = 1", "", 3);
    assert!(ran.stdout.contains("/tmp"), "{}", ran.stdout);
}

#[test]
fn tmp_is_writable() {
    let script = "responder(n) = write(\"/tmp/written\", \"x\"^n)";
    tested("tmp", script, "argument = 5, expected = 5", "", 0);
}

#[test]
fn too_much_memory_names_the_setting_and_the_next_size() {
    let script = "responder(n) = sum(ones(UInt8, n * 1024 * 1024))";
    let ran = tested("memory", script, "argument = 600", "memory_mb = 512", 3);
    for word in ["memory_mb", "512", "1024"] {
        assert!(
            ran.stdout.contains(word),
            "`{word}` is missing:\n{}",
            ran.stdout
        );
    }
}

#[test]
fn overrunning_the_timeout_names_it() {
    let script = "responder(n) = (sleep(n); n)";
    let ran = tested(
        "timeout",
        script,
        "argument = 20, expected = 20",
        "timeout_s = 2",
        3,
    );
    assert!(ran.stdout.contains("timeout_s"), "{}", ran.stdout);
}

#[test]
fn the_user_is_nobody_that_passwd_knows() {
    let script = "responder(n) = (uid = ccall(:getuid, Cuint, ()); Int(uid) != 0 \
        && !any(l -> split(l, ':')[3] == string(uid), \
        isfile(\"/etc/passwd\") ? readlines(\"/etc/passwd\") : String[]))";
    tested("uid", script, "argument = 1, expected = true", "", 0);
}

/// A package that keeps files next to its own, as some do in a depot of theirs.
#[test]
fn a_depot_that_wants_to_write_is_told_where() {
    let script = "responder(n) = write(joinpath(DEPOT_PATH[2], \"kept\"), \"x\")";
    let ran = tested("depot", script, "argument = 1, expected = 1", "", 3);
    for words in [
        "Read-only file system",
        "first(DEPOT_PATH)",
        "`julia.dependencies`",
    ] {
        assert!(ran.stdout.contains(words), "{words}: {}", ran.stdout);
    }
}

/// Docker writes /etc/hosts anew for every container, so a cache that depends on it is stale in the
/// next one.
#[test]
fn a_stale_cache_fails_the_gate() {
    let script = "include_dependency(\"/etc/hosts\")\nresponder(n) = n";
    let ran = tested("stale", script, "argument = 1, expected = 1", "", 3);
    for words in [
        "compiled code is used",
        "/tmp/.julia/compiled",
        "`include_dependency`",
    ] {
        assert!(ran.stdout.contains(words), "{words}: {}", ran.stdout);
    }
    assert!(ran.stdout.contains("1 passed, 1 failed"), "{}", ran.stdout);
}

/// Initialises for 11 seconds and more in Lambda, and immediately while its image is built.
const SLOW: &str = "__init__() = haskey(ENV, \"SLOW\") && sleep(11)\nresponder(n) = n";
const SLOWLY: &str = "environment = { SLOW = \"1\" }";

#[test]
fn an_initialisation_over_ten_seconds_is_noted() {
    let test = "argument = 1, expected = 1";
    let ran = tested("slow-start", SLOW, test, SLOWLY, 0);
    for words in [
        "1 passed",
        "Lambda ends that after 10 s",
        "snapstart = true",
    ] {
        assert!(ran.stdout.contains(words), "{words}: {}", ran.stdout);
    }
}

/// Lambda would repeat it within the call.
#[test]
fn an_initialisation_over_ten_seconds_and_the_timeout_fails() {
    let settings = format!("timeout_s = 10\n{SLOWLY}");
    let test = "argument = 1, expected = 1";
    let ran = tested("late-start", SLOW, test, &settings, 3);
    for words in [
        "it initialised for 1",
        "which may take timeout_s = 10",
        "snapstart = true",
    ] {
        assert!(ran.stdout.contains(words), "{words}: {}", ran.stdout);
    }
}

#[test]
fn an_initialisation_that_never_ends_fails() {
    let script = SLOW.replace("sleep(11)", "sleep(10_000)");
    let settings = format!("timeout_s = 2\n{SLOWLY}");
    let test = "argument = 1, expected = 1";
    let ran = tested("no-start", &script, test, &settings, 3);
    for words in [
        "its initialisation ended neither within the 10 s",
        "nor within the call, which may take timeout_s = 2",
        "snapstart = true",
    ] {
        assert!(ran.stdout.contains(words), "{words}: {}", ran.stdout);
    }
}

/// Before jot's runtime runs, no process can report an error; a system image runs `__init__` that
/// early.
#[test]
fn a_failing_init_shows_its_cause_in_every_compile_mode() {
    let (stack, registry) = (Stack::start(), Registry::start());
    let project = Project::new(&stack, "init");
    project.write(
        "responder.jl",
        "__init__() = haskey(ENV, \"DB_URL\") || error(\"DB_URL is not set\")\nresponder(n) = n\n",
    );
    let public = registry.url("Public");
    let manifest = |compile: &str| {
        project.manifest(&format!(
            "
[functions.responder]
build = {{ network = \"host\" }}
julia = {{ source = \"responder.jl\", argument_type = \"Int\", version = \"1.5\", \
    compile = \"{compile}\", registries = [\"{public}\"], \
    exemplar_environment = {{ DB_URL = \"x\" }} }}
tests = [{{ argument = 1, expected = 1, exemplar = false }}]
"
        ));
    };
    for (compile, how) in [
        ("precompile", "it failed with ErrorException: __init__ of"),
        (
            "sysimage",
            "the process ended while Julia started (exit status 1): ErrorException: __init__ of",
        ),
    ] {
        manifest(compile);
        let ran = expect(project.run(&["test"]), 3);
        for words in [how, "DB_URL is not set"] {
            assert!(ran.stdout.contains(words), "{words}: {}", ran.stdout);
        }
    }
}
