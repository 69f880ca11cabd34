//! The tests of a function.

use super::project::Project;
use crate::{manifest::types::Test, model::Expected, recipe::Error};

#[test]
fn tests_are_read_from_toml_text_and_files() {
    let mut project = Project::new();
    project.write(
        "events/put.json",
        " {\"n\": 9007199254740993, \"x\": 1.0} \n",
    );
    project.function().tests = vec![
        Test {
            argument: Some(serde_json::json!([9007199254740993_i64, 0.1, "é"])),
            ..Test::default()
        },
        Test {
            name: Some("put".to_owned()),
            argument_file: Some("events/put.json".to_owned()),
            expected_json: Some("1e0".to_owned()),
            exemplar: Some(false),
            ..Test::default()
        },
        Test {
            argument_json: Some("null".to_owned()),
            expected_error: Some("DomainError".to_owned()),
            ..Test::default()
        },
    ];
    let desired = project.desired().unwrap();
    let tests = &desired.functions["increment-vector"].tests;
    let read: Vec<_> = tests
        .iter()
        .map(|test| (test.name.as_str(), test.argument.as_str(), test.exemplar))
        .collect();
    let put = "{\"n\": 9007199254740993, \"x\": 1.0}";
    let first = "[9007199254740993,0.1,\"é\"]";
    assert_eq!(
        read,
        [
            ("test 1", first, true),
            ("put", put, false),
            ("test 3", "null", true)
        ]
    );
    let expected: Vec<_> = tests.iter().map(|test| test.expected.clone()).collect();
    let error = Expected::Error("DomainError".to_owned());
    assert_eq!(
        expected,
        [Expected::Anything, Expected::Json("1e0".to_owned()), error]
    );
}

#[test]
fn tests_that_cannot_be_distinguished_or_read_are_refused() {
    let named = |name: &str| Test {
        name: Some(name.to_owned()),
        argument_json: Some("1".to_owned()),
        ..Test::default()
    };
    let json = |text: &str| Test {
        argument_json: Some(text.to_owned()),
        ..Test::default()
    };
    let mut project = Project::new();
    for tests in [
        vec![named("a"), named("a")],
        vec![named("test 2"), json("1")],
        vec![Test::default()],
    ] {
        project.function().tests = tests;
        assert!(matches!(project.desired(), Err(Error::Test { .. })));
    }
    for text in ["", "[1,]", "{'a': 1}", "1 2", "0x10", "NaN"] {
        project.function().tests = vec![json(text)];
        let error = project.desired().unwrap_err().to_string();
        assert_eq!(
            error,
            "function `increment-vector`, test `test 1`: `argument_json` is not JSON"
        );
    }
}
