//! What a function is called with, and which one.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use crate::{
    story::{expect, increment_vector, json},
    support::{Ran, Stack},
};

/// A function that takes the answers of others.
const UNWRAPPING: &str = r#"
[functions.increment-vector]
unwrap = true
julia = { source = "increment_vector.jl", argument_type = "Vector{Int}", version = "1.5" }
tests = [
  { argument = [1, 2, 3], expected = [2, 3, 4] },
  { argument_file = "envelope.json", expected = [42, 43] },
]
"#;

/// What Lambda delivers to a destination.
const ENVELOPE: &str = r#"{
  "version": "1.0",
  "requestContext": { "functionArn": "arn:aws:lambda:eu-west-1:123456789012:function:load:live", "condition": "Success" },
  "requestPayload": { "key": "a" },
  "responseContext": { "statusCode": 200, "executedVersion": "1" },
  "responsePayload": [41, 42]
}
"#;

/// Runs a command with something piped into it.
fn piped(command: &mut Command, input: &str) -> Ran {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("jot starts");
    let mut stdin = child.stdin.take().expect("stdin is piped");
    // It may have ended before it reads.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    let output = child.wait_with_output().expect("jot ends");
    Ran {
        status: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

#[test]
fn an_argument_comes_from_where_it_is_and_a_test_s_is_said() {
    let stack = Stack::start();
    let project = increment_vector(&stack, "invoke");
    project.write("argument.json", "[7]");
    project.write("envelope.json", ENVELOPE);
    project.manifest(UNWRAPPING);
    expect(project.run(&["apply", "--yes"]), 0);
    let answer = |arguments: &[&str]| {
        let ran = expect(project.run(arguments), 0);
        assert!(!ran.stderr.contains("argument of test"), "{ran:#?}");
        ran.stdout.trim().to_owned()
    };
    assert_eq!(answer(&["invoke", "increment-vector", "[1]"]), "[2]");
    assert_eq!(answer(&["invoke", "increment-*", "[1]"]), "[2]");
    // The only function need not be named.
    assert_eq!(answer(&["invoke", "[1]"]), "[2]");
    assert_eq!(answer(&["invoke", "@argument.json"]), "[8]");
    assert_eq!(answer(&["invoke", "--file", "argument.json"]), "[8]");
    for arguments in [
        &["invoke"][..],
        &["invoke", "-"],
        &["invoke", "increment-vector"],
    ] {
        let ran = expect(piped(project.jot().args(arguments), "[41]\n"), 0);
        assert_eq!(ran.stdout.trim(), "[42]", "{arguments:?}");
    }
    // An answer of another function comes without what Lambda puts around it.
    for arguments in [
        &["invoke", "@envelope.json"][..],
        &["invoke", "@envelope.json", "--local"],
    ] {
        let ran = expect(project.run(arguments), 0);
        assert_eq!(json(&ran), serde_json::json!([42, 43]), "{arguments:?}");
    }
    let ran = expect(project.run(&["invoke"]), 0);
    assert_eq!(ran.stdout.trim(), "[2, 3, 4]");
    assert!(
        ran.stderr
            .contains(", the argument of test `test 1`, to increment-vector:live."),
        "{ran:#?}"
    );

    stack.proxy.reset();
    let ran = expect(
        piped(project.jot().args(["invoke", "increment-vector"]), ""),
        1,
    );
    assert!(ran.stderr.contains("stdin is empty"), "{ran:#?}");
    assert!(!stack.proxy.counts().contains_key("lambda:Invoke"));
}
