//! Messages of AWS, Docker and a function are printed without the values that must not be shown.

use crate::{
    proxy::Fault,
    story::expect,
    support::{Project, Ran, Stack, ran},
};

const CANARY: &str = "canary-5e1d44b8-secret";
/// Too short to be redacted in a text: only AWS's quotation of a whole environment contains it.
const PIN: &str = "31";

const FUNCTION: &str = r#"
[functions.whisper]
environment = { WORD = { from_env = "CANARY" }, PIN = { from_env = "PIN" } }
memory_mb = 512
julia = { source = "whisper.jl", argument_type = "Int", version = "1.5", compile = "none" }
tests = [{ argument = 1, expected = 22, exemplar = false }]
"#;

/// AWS's words for an environment over 4 KB.
const TOO_LARGE: &str = "Lambda was unable to configure your environment variables because the \
    environment variables you have provided exceeded the 4KB limit. String measured: \
    {\"WORD\":\"canary-5e1d44b8-secret\",\"PIN\":\"31\"}";
/// AWS's words for an environment that breaks a rule.
const INVALID: &str = "1 validation error detected: Value '{WORD=canary-5e1d44b8-secret, PIN=31}' \
    at 'environment.variables' failed to satisfy constraint: Map value must satisfy constraint";
const ELSEWHERE: &str = "the value canary-5e1d44b8-secret is not permitted";

fn whisper(stack: &Stack, label: &str, source: &str) -> Project {
    let project = Project::new(stack, label);
    project.write("whisper.jl", source);
    project.manifest(FUNCTION);
    project
}

fn run(project: &Project, arguments: &[&str]) -> Ran {
    ran(project
        .jot()
        .args(arguments)
        .env("CANARY", CANARY)
        .env("PIN", PIN))
}

/// Fails if the value was printed, or if `words` were not: then the message is missing.
fn said(ran: &Ran, words: &str) {
    let all = format!("{}{}", ran.stdout, ran.stderr);
    assert!(!all.contains(CANARY), "{all}");
    // A long message is broken into lines, with a border before each.
    let unbroken = all.split_whitespace().filter(|word| *word != "│");
    let unbroken = unbroken.collect::<Vec<_>>().join(" ");
    assert!(unbroken.contains(words), "{all}");
}

#[test]
fn what_aws_says_of_an_environment_is_printed_without_it() {
    let stack = Stack::start();
    let project = whisper(&stack, "said", "whisper(n) = length(ENV[\"WORD\"])\n");
    let invalid = "InvalidParameterValueException";
    // A registry's message arrives through Docker.
    let denied = Fault::Refused(403, "DENIED", ELSEWHERE);
    stack.proxy.fault("registry:PutManifest", denied, 1);
    let refused = expect(run(&project, &["apply", "--yes", "-vv"]), 1);
    said(&refused, "the value (sensitive) is not");
    for (message, words) in [
        (TOO_LARGE, "String measured: (sensitive)"),
        (INVALID, "Value '(sensitive)' at"),
        (ELSEWHERE, "the value (sensitive) is not"),
    ] {
        stack.proxy.fault(
            "lambda:CreateFunction",
            Fault::Refused(400, invalid, message),
            1,
        );
        let refused = expect(run(&project, &["apply", "--yes", "-vv"]), 1);
        said(&refused, words);
        assert!(!refused.stderr.contains("PIN"), "{}", refused.stderr);
    }
    expect(run(&project, &["apply", "--yes"]), 0);
    project.manifest(&FUNCTION.replace("512", "640"));
    for format in ["human", "json"] {
        let operation = "lambda:UpdateFunctionConfiguration";
        stack
            .proxy
            .fault(operation, Fault::Refused(400, invalid, TOO_LARGE), 1);
        let apply = ["apply", "--yes", "--format", format];
        said(&expect(run(&project, &apply), 1), "measured: (sensitive)");
    }
}

#[test]
fn what_a_function_says_in_a_gate_is_printed_without_its_secrets() {
    let stack = Stack::start();
    let source = "whisper(n) = (println(\"I say \", ENV[\"WORD\"]); ENV[\"WORD\"])\n";
    let project = whisper(&stack, "answered", source);
    for format in ["human", "json"] {
        let failed = expect(run(&project, &["test", "--format", format]), 3);
        said(&failed, "I say (sensitive)");
        assert!(failed.stdout.contains("(sensitive)"), "{}", failed.stdout);
    }
}

#[test]
fn what_a_build_writes_is_printed_without_its_secrets() {
    let stack = Stack::start();
    let project = whisper(&stack, "written", "whisper(n) = 22\n");
    let build = "build = { secrets = { word = { from_env = \"CANARY\" } }, dockerfile_extra = \
        \"RUN --mount=type=secret,id=word echo building with $(cat /run/secrets/word) && \
        exit 7\" }\n\
        julia =";
    project.manifest(&FUNCTION.replace("julia =", build));
    for arguments in [
        &["build"][..],
        &["build", "-v"],
        &["build", "--format", "json"],
    ] {
        said(
            &expect(run(&project, arguments), 1),
            "building with (sensitive)",
        );
    }
}
