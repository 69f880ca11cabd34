//! Calls of a function, and its log.

use std::{fs, path::Path, time::Duration};

use crate::{
    MANIFEST, command, documents,
    endpoint::{Answer, Endpoint},
    jot, project, shown,
};

/// A project whose AWS is that endpoint.
fn project_at(endpoint: &Endpoint) -> tempfile::TempDir {
    let folder = project();
    let manifest = MANIFEST.replace("http://127.0.0.1:1", &endpoint.url);
    fs::write(folder.path().join("jot.toml"), manifest).unwrap();
    folder
}

/// Answers a call with `[2,3]`, as version 3 of the function.
fn increments() -> Answer {
    Answer {
        headers: &[
            ("x-amzn-requestid", "8f507cfc"),
            ("x-amz-executed-version", "3"),
            // START RequestId: 8f507cfc
            ("x-amz-log-result", "U1RBUlQgUmVxdWVzdElkOiA4ZjUwN2NmYwo="),
        ],
        ..Answer::of(200, "[2,3]")
    }
}

/// How jot ends and what it prints, the time that a call took hidden.
fn timeless(folder: &Path, arguments: &[&str]) -> String {
    let said = jot(folder, arguments);
    let Some((before, rest)) = said.split_once(" in ") else {
        return said;
    };
    let end = rest.find([':', '.']).unwrap_or(0);
    let end = match rest[end..].starts_with('.') && rest.contains(" s:") {
        true => rest.find(':').unwrap_or(end),
        false => end,
    };
    format!("{before} in <time>{}", &rest[end..])
}

#[test]
fn a_call_says_what_is_sent_and_how_it_ended() {
    let endpoint = Endpoint::start(|_| increments());
    let folder = project_at(&endpoint);
    fs::write(folder.path().join("event.json"), "[1, 2]\n").unwrap();
    let called = ["invoke", "increment-vector", "@event.json"];
    assert_eq!(
        timeless(folder.path(), &called),
        "status: 0\n--- stdout\n[2, 3]\n--- stderr\n\
         Sending 7 bytes from event.json to increment-vector:live.\n\
         START RequestId: 8f507cfc\n\
         Answered in <time>: version 3, request 8f507cfc.\n"
    );
    let asked = endpoint.asked().remove(0);
    assert_eq!(asked.body, "[1, 2]\n");
    assert!(
        asked
            .head
            .starts_with("POST /2015-03-31/functions/increment-vector/invocations?Qualifier=live"),
        "{asked:?}"
    );
    let quiet = jot(folder.path(), &["invoke", "[1]", "--quiet"]);
    assert_eq!(quiet, "status: 0\n--- stdout\n[2, 3]\n--- stderr\n");
}

#[test]
fn an_error_of_the_function_is_told_with_its_request() {
    let endpoint = Endpoint::start(|_| Answer {
        headers: &[
            ("x-amzn-requestid", "8f507cfc"),
            ("x-amz-function-error", "Unhandled"),
        ],
        ..Answer::of(200, r#"{"errorMessage":"no"}"#)
    });
    let folder = project_at(&endpoint);
    let said = timeless(folder.path(), &["invoke", "[1]"]);
    assert!(said.starts_with("status: 1\n"), "{said}");
    assert!(
        said.ends_with("Failed (Unhandled) in <time>: request 8f507cfc.\n"),
        "{said}"
    );
}

#[test]
fn a_slow_call_says_what_it_waits_for() {
    let endpoint = Endpoint::start(|_| Answer {
        after: Duration::from_millis(600),
        ..increments()
    });
    let folder = project_at(&endpoint);
    let said = jot(folder.path(), &["invoke", "[1]"]);
    assert!(
        said.contains("\nWaiting for increment-vector:live to answer.\n"),
        "{said}"
    );
}

#[test]
fn a_call_that_lambda_makes_later_is_accepted() {
    let endpoint = Endpoint::start(|_| Answer::of(202, ""));
    let folder = project_at(&endpoint);
    let words = ["invoke", "increment-vector", "[1]", "--async"];
    let output = command(folder.path(), &words).output().unwrap();
    assert_eq!(
        shown(folder.path(), &output),
        "status: 0\n--- stdout\nLambda accepted the call: request 8f507cfc.\n--- stderr\n\
         Sending 3 bytes to increment-vector:live.\n\
         `jot logs increment-vector --follow` shows what it writes.\n"
    );
    let asked = endpoint.asked().remove(0);
    let head = asked.head.to_lowercase();
    assert!(head.contains("x-amz-invocation-type: event"), "{head}");
    let output = command(folder.path(), &[&words[..], &["--json"]].concat())
        .output()
        .unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    documents::assert_valid(&words, &stdout);
    assert!(stdout.contains("\"request_id\": \"8f507cfc\""), "{stdout}");
}

#[test]
fn an_option_that_does_not_exist_is_an_error_with_the_nearest() {
    let folder = project();
    let said = jot(
        folder.path(),
        &["invoke", "increment-vector", "--qualifer", "7"],
    );
    assert!(said.starts_with("status: 1\n"), "{said}");
    assert!(said.contains("'--qualifer'"), "{said}");
    assert!(said.contains("'--qualifier'"), "{said}");
}

/// Log lines of a function that is deployed.
const EVENTS: &str = r#"{"events":[
    {"timestamp":1000,"eventId":"1","message":"first\n"},
    {"timestamp":2000,"eventId":"2","message":"REPORT RequestId: 8f507cfc\tDuration: 2 ms\t\n"},
    {"timestamp":3000,"eventId":"3","message":"last\n"}
]}"#;

#[test]
fn the_last_lines_of_a_log_come_without_tabs_and_filtered_by_cloudwatch() {
    let endpoint = Endpoint::start(|_| Answer::of(200, EVENTS));
    let folder = project_at(&endpoint);
    let words = ["logs", "-n", "2", "--since", "1h", "--filter", "a-b"];
    assert_eq!(
        jot(folder.path(), &words),
        "status: 0\n--- stdout\n\
         1970-01-01T00:00:02.000Z REPORT RequestId: 8f507cfc  Duration: 2 ms\n\
         1970-01-01T00:00:03.000Z last\n--- stderr\n"
    );
    let asked = endpoint.asked().remove(0);
    assert!(
        asked.body.contains(r#""filterPattern":"\"a-b\"""#),
        "{asked:?}"
    );
}

#[test]
fn a_time_that_cannot_be_read_is_told_with_the_forms() {
    let folder = project();
    let said = jot(folder.path(), &["logs", "--since", "yesterday"]);
    assert!(said.starts_with("status: 1\n"), "{said}");
    assert!(said.contains("90s, 10m, 1h or 2d"), "{said}");
}

#[test]
fn the_log_of_a_function_that_was_never_deployed_is_an_error() {
    let endpoint = Endpoint::start(|request| {
        let head = request.head.to_lowercase();
        match () {
            () if head.contains("describeloggroups") => Answer::of(200, r#"{"logGroups":[]}"#),
            () if head.contains("filterlogevents") => Answer::of(
                400,
                r#"{"__type":"ResourceNotFoundException","message":"The specified log group does not exist."}"#,
            ),
            () => Answer {
                headers: &[("x-amzn-errortype", "ResourceNotFoundException")],
                ..Answer::of(404, r#"{"Type":"User","Message":"Function not found"}"#)
            },
        }
    });
    let folder = project_at(&endpoint);
    let said = jot(folder.path(), &["logs"]);
    assert!(said.starts_with("status: 1\n"), "{said}");
    assert!(
        said.contains("function increment-vector is not in Lambda"),
        "{said}"
    );
    assert!(
        said.contains("`jot apply increment-vector` deploys it"),
        "{said}"
    );
}
