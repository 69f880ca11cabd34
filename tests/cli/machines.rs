//! What programs read: every document, also an error, has the form of the schema.

use std::fs;

use crate::{MANIFEST, command, documents, jot, project};

/// Runs jot with `--format json`; returns stdout once it is valid.
fn json(folder: &std::path::Path, arguments: &[&str], status: i32) -> String {
    let all = [arguments, &["--format", "json"]].concat();
    let output = command(folder, &all).output().unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{stdout}{stderr}");
    documents::assert_valid(arguments, &stdout);
    stdout
}

#[test]
fn what_needs_neither_docker_nor_aws_is_valid() {
    let folder = project();
    assert!(json(folder.path(), &["check"], 0).contains("\"increment-vector\""));
    let rie = folder.path().join("rie");
    fs::write(&rie, "an emulator").unwrap();
    let context = ["build", "--context", "context", "--format", "json"];
    let mut build = command(folder.path(), &context);
    let output = build.env("JOT_RIE", &rie).output().unwrap();
    documents::assert_valid(&context[..3], std::str::from_utf8(&output.stdout).unwrap());
    let empty = tempfile::tempdir().unwrap();
    assert!(json(empty.path(), &["init", "numerics"], 0).contains("jot.toml"));
}

#[test]
fn errors_of_every_command_are_valid() {
    let folder = project();
    let wrong = MANIFEST.replace("tests =", "tets =");
    fs::write(folder.path().join("jot.toml"), wrong).unwrap();
    let commands: [&[&str]; 13] = [
        &["check"],
        &["plan"],
        &["apply", "--yes"],
        &["destroy", "--yes"],
        &["build"],
        &["build", "--context", "context"],
        &["test"],
        &["test", "--remote"],
        &["status"],
        &["invoke", "increment-vector", "1"],
        &["logs", "increment-vector"],
        &["bench"],
        &["bench", "--remote"],
    ];
    for arguments in commands {
        let stdout = json(folder.path(), arguments, 1);
        assert!(stdout.contains("did you mean `tests`?"), "{stdout}");
    }
}

#[test]
fn a_stream_that_ends_before_it_began_has_a_summary_that_says_so() {
    let folder = project();
    let stdout = json(folder.path(), &["apply", "--yes"], 1);
    let last: serde_json::Value = serde_json::from_str(stdout.lines().last().unwrap()).unwrap();
    assert_eq!(
        (&last["event"], &last["error"]),
        (&"summary".into(), &true.into())
    );
    assert!(stdout.contains("\"event\":\"error\""), "{stdout}");
}

#[test]
fn the_schema_is_printed_as_it_is_checked_in() {
    let folder = tempfile::tempdir().unwrap();
    let kept = include_str!("../../schema/output.v1.schema.json");
    assert_eq!(
        jot(folder.path(), &["generate", "schema", "output"]),
        format!("status: 0\n--- stdout\n{kept}--- stderr\n")
            .replace(env!("CARGO_PKG_VERSION"), "<version>")
    );
}

#[test]
fn a_document_with_a_field_that_the_schema_lacks_is_refused() {
    let good = r#"{"format_version": 1, "files": []}"#;
    documents::assert_valid(&["init"], good);
    let more = good.replace("[]", "[], \"more\": 1");
    assert!(std::panic::catch_unwind(|| documents::assert_valid(&["init"], &more)).is_err());
    let summary = concat!(
        r#"{"event":"summary","done":[],"failed":[],"stopped":[],"not_started":[],"#,
        r#""interrupted":false,"tests_failed":false,"error":true}"#,
    );
    let began = r#"{"event":"began","format_version":1,"jot_version":"0.1.0","steps":[]}"#;
    documents::assert_valid(&["apply"], &format!("{began}\n{summary}\n"));
    for wrong in [
        format!("{began}\n"),
        format!("{summary}\n"),
        format!("{began}\n{}\n", summary.replace("\"error\"", "\"eror\"")),
        format!("{began}\n{summary}\n{summary}\n"),
    ] {
        let refused = std::panic::catch_unwind(|| documents::assert_valid(&["apply"], &wrong));
        assert!(refused.is_err(), "{wrong}");
    }
}
