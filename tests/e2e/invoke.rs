//! Arguments of calls, and which function is called.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use serde_json::Value;

use crate::{
    dockerfile::{DOCKERFILE, RUNTIME},
    story::{expect, increment_vector, json},
    support::{Project, Ran, Stack},
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
  "requestContext": {
    "functionArn": "arn:aws:lambda:eu-west-1:123456789012:function:load:live",
    "condition": "Success"
  },
  "requestPayload": { "key": "a" },
  "responseContext": { "statusCode": 200, "executedVersion": "1" },
  "responsePayload": [41, 42]
}
"#;

/// Runs a command with this text as its standard input.
fn piped(command: &mut Command, input: &str) -> Ran {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("jot starts");
    let mut stdin = child.stdin.take().expect("stdin is piped");
    // It may end before it reads.
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
    // An answer of another function comes without Lambda's envelope.
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

/// One in Julia, and one in Perl: jot has no library for either.
const MARKING: &str = r#"
[functions.increment-vector]
memory_mb = 512
julia = { source = "increment_vector.jl", argument_type = "Vector{Int}", version = "1.5" }

[functions.count]
memory_mb = 256
dockerfile = { source = "app", stage = "release" }
build = { args = { BASE = "julia:1.5" } }
"#;

#[test]
fn lines_that_the_source_marks_are_timed_in_every_language() {
    let stack = Stack::start();
    let project = Project::new(&stack, "marks");
    let julia = "function increment_vector(v)\n    println(\"JOT_MARK begun\")\n\
        \x20   sleep(0.05)\n    println(\"JOT_MARK slept\")\n    v .+ 1\nend\n";
    project.write("increment_vector.jl", julia);
    let perl = RUNTIME.replace(
        "    my ($id) =",
        "    print \"JOT_MARK begun\\n\"; select(undef, undef, undef, 0.05); \
         print \"JOT_MARK slept\\n\";\n    my ($id) =",
    );
    assert_ne!(perl, RUNTIME);
    project.write("app/runtime.pl", &format!("$| = 1;\n{perl}"));
    project.write("app/word", "hello\n");
    project.write("app/Dockerfile", DOCKERFILE);
    project.manifest(MARKING);
    expect(project.run(&["apply", "--yes"]), 0);
    for function in ["increment-vector", "count"] {
        let invoke = ["invoke", function, "[1]", "--log"];
        // ministack does not always return the log of a call, or not its last line.
        let whole = |more: &[&str], words: &str, of_report: &dyn Fn(&str) -> bool| {
            let mut tries = (0..10).map(|_| expect(project.run(&[&invoke[..], more].concat()), 0));
            let found = tries.find(|ran| {
                let printed = ran.stdout.clone() + &ran.stderr;
                printed.contains(words) && of_report(&printed)
            });
            found.expect("a call with its log")
        };
        let timed = |printed: &str| !printed.contains("\"duration_ms\": null");
        let answer = json(&whole(&["--format", "json"], "\"at_ms\": ", &timed));
        let apart = &answer["breakdown"];
        marked(&apart["marks"]);
        for part in ["duration_ms", "overhead_ms", "billed_ms"] {
            assert!(apart[part].is_f64(), "{part}: {apart}");
        }
        let timed = |printed: &str| printed.contains("  duration ");
        let shown = whole(&[], "  slept\n", &timed).stderr;
        for words in [
            "  total ",
            "  overhead ",
            "  duration ",
            "  begun\n",
            "  slept\n",
        ] {
            assert!(shown.contains(words), "{words}: {shown}");
        }
        let local = [&invoke[..], &["--local", "--format", "json"]].concat();
        let local = json(&expect(project.run(&local), 0));
        marked(&local["breakdown"]["marks"]);
        let logged = expect(project.run(&["logs", function, "--format", "json"]), 0);
        let calls = logged.stdout.lines();
        let calls = calls.map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
        let marks: Vec<Value> = calls.map(|call| call["marks"].clone()).collect();
        let first = marks.iter().find(|all| **all != serde_json::json!([]));
        marked(first.expect("a call with marks"));
        let lines = expect(project.run(&["logs", function, "--lines"]), 0).stdout;
        assert!(lines.contains("  slept\n"), "{lines}");
    }
}

/// Asserts that both marks exist, with times in order.
fn marked(marks: &Value) {
    let names = [&marks[0]["name"], &marks[1]["name"]];
    assert_eq!(names, ["begun", "slept"], "{marks}");
    let times = [0, 1].map(|at: usize| marks[at]["at_ms"].as_f64().expect("a time"));
    assert!(times[0] <= times[1], "{marks}");
}
