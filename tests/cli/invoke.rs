//! Calls of a function, and its log.

use std::{fs, path::Path, time::Duration};

use crate::{
    MANIFEST, command, documents,
    endpoint::{Answer, Endpoint},
    jot, project, shown,
};

/// A project with that endpoint as its AWS.
fn project_at(endpoint: &Endpoint) -> tempfile::TempDir {
    let folder = project();
    let manifest = MANIFEST.replace("http://127.0.0.1:1", &endpoint.url);
    fs::write(folder.path().join("jot.toml"), manifest).unwrap();
    folder
}

/// In base64: `START RequestId: 8f507cfc Version: 3`, `adding<tab>1`, `END RequestId: 8f507cfc` and
/// a report with 2.51 ms, 408 ms billed, 89 of 512 MB, 404.68 ms of init.
const LOG: &str = "\
    U1RBUlQgUmVxdWVzdElkOiA4ZjUwN2NmYyBWZXJzaW9uOiAzCmFkZGluZwkxCkVORCBSZXF1ZXN0SWQ6IDhmNTA3Y2Zj\
    ClJFUE9SVCBSZXF1ZXN0SWQ6IDhmNTA3Y2ZjCUR1cmF0aW9uOiAyLjUxIG1zCUJpbGxlZCBEdXJhdGlvbjogNDA4IG1z\
    CU1lbW9yeSBTaXplOiA1MTIgTUIJTWF4IE1lbW9yeSBVc2VkOiA4OSBNQglJbml0IER1cmF0aW9uOiA0MDQuNjggbXMJ\
    Cg==";

/// Answers a call with `[2,3]`, as version 3 of the function.
fn increments() -> Answer {
    Answer {
        headers: &[
            ("x-amzn-requestid", "8f507cfc"),
            ("x-amz-executed-version", "3"),
            ("x-amz-log-result", LOG),
        ],
        ..Answer::of(200, "[2,3]")
    }
}

/// How jot ends and what it prints, with the duration of a call hidden.
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
         Answered in <time>: version 3, request 8f507cfc, init 405 ms, billed 408 ms, \
         89 of 512 MB.\n"
    );
    let logged = jot(folder.path(), &[&called[..], &["--log"]].concat());
    assert!(logged.contains("\nadding  1\nAnswered in "), "{logged}");
    assert!(
        !logged.contains("REPORT") && !logged.contains('\t'),
        "{logged}"
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
         Follow its log with `jot logs increment-vector --follow`.\n"
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
    assert!(said.contains("has no option `--qualifer`"), "{said}");
    assert!(said.contains("did you mean `--qualifier`?"), "{said}");
}

/// Two calls of a deployed function, in two environments; the second failed.
const EVENTS: &str = concat!(
    r#"{"events":["#,
    r#"{"timestamp":1000,"eventId":"1","logStreamName":"a","#,
    r#""message":"START RequestId: 8f507cfc Version: 3\n"},"#,
    r#"{"timestamp":1100,"eventId":"2","logStreamName":"a","message":"adding\t1\n"},"#,
    r#"{"timestamp":1200,"eventId":"3","logStreamName":"b","#,
    r#""message":"START RequestId: 9a618d0d Version: 4\n"},"#,
    r#"{"timestamp":1300,"eventId":"4","logStreamName":"a","#,
    r#""message":"REPORT RequestId: 8f507cfc\tDuration: 2.51 ms\tBilled Duration: 408 ms\t"#,
    r#"Memory Size: 512 MB\tMax Memory Used: 89 MB\tInit Duration: 404.68 ms\t\n"},"#,
    r#"{"timestamp":1400,"eventId":"5","logStreamName":"b","#,
    r#""message":"ERROR RequestId: 9a618d0d DomainError: no root\n"},"#,
    r#"{"timestamp":1500,"eventId":"6","logStreamName":"b","#,
    r#""message":"REPORT RequestId: 9a618d0d\tDuration: 3 ms\tBilled Duration: 3 ms\t"#,
    r#"Memory Size: 512 MB\tMax Memory Used: 90 MB\t\n"}"#,
    "]}",
);

const GROUPS: &str = r#"{"logGroups":[{"logGroupName":"/aws/lambda/increment-vector"}]}"#;

#[test]
fn calls_are_a_line_each_and_chosen_by_what_they_are() {
    let endpoint = Endpoint::start(|request| {
        let head = request.head.to_lowercase();
        match head.contains("describeloggroups") {
            true => Answer::of(200, GROUPS),
            false => Answer::of(200, EVENTS),
        }
    });
    let folder = project_at(&endpoint);
    let of = |options: &[&str]| {
        let said = jot(
            folder.path(),
            &[&["logs", "--since", "1h"], options].concat(),
        );
        let (before, after) = said.split_once("--- stdout\n").unwrap();
        assert_eq!(before, "status: 0\n");
        let (shown, told) = after.split_once("--- stderr\n").unwrap();
        (shown.to_owned(), told.to_owned())
    };
    let first = "1970-01-01 00:00:01  2.5 ms    init 405 ms     408 ms   89/512 MB     8f507cfc\n";
    let second = "1970-01-01 00:00:01  3.0 ms                    3.0 ms   90/512 MB     9a618d0d  \
        DomainError: no root\n";
    let (shown, told) = of(&[]);
    assert_eq!(shown, format!("{first}{second}"));
    assert!(told.starts_with("time  "), "{told}");
    for options in [
        &["--errors"][..],
        &["-n", "1"],
        &["--request", "9a6"],
        &["--version", "4"],
        &["--filter", "no root"],
    ] {
        assert_eq!(of(options).0, second, "{options:?}");
    }
    let (shown, _) = of(&["--lines", "--filter", "adding"]);
    assert_eq!(shown, format!("{first}  | adding  1\n"));
    let (shown, told) = of(&["--filter", "nothing of it"]);
    assert_eq!(shown, "");
    assert!(
        told.starts_with("No such calls in the last 1 hour"),
        "{told}"
    );
}

#[test]
fn programs_get_an_object_a_call_and_the_times_are_asked_for() {
    let endpoint = Endpoint::start(|_| Answer::of(200, EVENTS));
    let folder = project_at(&endpoint);
    let times = [
        "--since",
        "1970-01-01T00:00:01Z",
        "--until",
        "1970-01-01T00:00:02Z",
    ];
    let words = [&["logs"], &times[..]].concat();
    let output = command(folder.path(), &[&words[..], &["--json"]].concat())
        .output()
        .unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    documents::assert_valid(&words, &stdout);
    let calls: Vec<serde_json::Value> = stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(calls.len(), 2);
    assert_eq!(calls[0]["duration_ms"], 2.51);
    assert_eq!(calls[0]["lines"][0]["message"], "adding\t1");
    assert_eq!(calls[1]["error"], "DomainError: no root");
    let asked = endpoint.asked().remove(0);
    assert!(asked.body.contains(r#""startTime":1000"#), "{asked:?}");
    assert!(asked.body.contains(r#""endTime":2000"#), "{asked:?}");
}

#[test]
fn an_endpoint_that_never_answers_is_asked_twice_and_then_given_up() {
    let endpoint = Endpoint::start(|_| Answer {
        after: Duration::from_secs(600),
        ..Answer::of(200, EVENTS)
    });
    let folder = project_at(&endpoint);
    let mut asking = command(folder.path(), &["logs"]);
    let output = asking.env("JOT_ANSWER_TIMEOUT", "0.5").output().unwrap();
    let said = shown(folder.path(), &output);
    assert!(said.starts_with("status: 1\n"), "{said}");
    assert!(
        said.contains("CloudWatch Logs does not answer at"),
        "{said}"
    );
    assert!(said.contains("no answer within 0.5 s"), "{said}");
    assert!(said.contains("Asking CloudWatch Logs."), "{said}");
    let asked = endpoint.asked();
    assert_eq!(asked.len(), 2, "{asked:#?}");
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
                concat!(
                    r#"{"__type":"ResourceNotFoundException","#,
                    r#""message":"The specified log group does not exist."}"#,
                ),
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
