//! What Lambda does not give, the local gate does not give either.

use crate::{
    story::expect,
    support::{Project, Ran, Stack},
};

/// Builds a function from this script and runs its one test.
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
    let script = "responder(n) = (uid = ccall(:getuid, Cuint, ()); Int(uid) != 0 && !any(l -> split(l, ':')[3] == string(uid), \
                  isfile(\"/etc/passwd\") ? readlines(\"/etc/passwd\") : String[]))";
    tested("uid", script, "argument = 1, expected = true", "", 0);
}
