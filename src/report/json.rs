//! Documents for programs. Each carries `format_version`, which changes when a field goes or changes meaning.

mod layout;

use serde::Serialize;

use crate::model::{Plan, Step, TestResult, plan::Purpose};

use super::{Counts, StatusRow};

pub use layout::pretty;

/// The version of the documents other than plans, and of the stream of events.
pub const FORMAT_VERSION: u32 = 1;

/// A plan and its counts.
#[derive(Serialize)]
struct PlanDocument<'a> {
    format_version: u32,
    jot_version: &'a str,
    project: &'a str,
    target: Option<&'a str>,
    account: &'a str,
    region: &'a str,
    purpose: Purpose,
    counts: Counts,
    steps: &'a [Step],
    notes: &'a [String],
    unknown: &'a [String],
}

/// The plan as a document: its own fields, and `counts`.
pub fn plan(plan: &Plan) -> String {
    let Plan {
        format_version,
        jot_version,
        project,
        target,
        account,
        region,
        purpose,
        steps,
        notes,
        unknown,
    } = plan;
    document(&PlanDocument {
        format_version: *format_version,
        jot_version,
        project,
        target: target.as_deref(),
        account,
        region,
        purpose: *purpose,
        counts: Counts::of(plan),
        steps,
        notes,
        unknown,
    })
}

#[derive(Serialize)]
struct TestsDocument<'a> {
    format_version: u32,
    passed: usize,
    failed: usize,
    tests: &'a [TestResult],
}

/// The results of tests as a document, with how many passed and failed.
pub fn tests(tests: &[TestResult]) -> String {
    let passed = tests.iter().filter(|test| test.passed()).count();
    document(&TestsDocument {
        format_version: FORMAT_VERSION,
        passed,
        failed: tests.len() - passed,
        tests,
    })
}

#[derive(Serialize)]
struct StatusDocument<'a> {
    format_version: u32,
    functions: &'a [StatusRow],
}

/// What is deployed as a document.
pub fn status(functions: &[StatusRow]) -> String {
    document(&StatusDocument {
        format_version: FORMAT_VERSION,
        functions,
    })
}

/// The value as a JSON document of many lines, the last one ended.
pub fn document(value: &impl Serialize) -> String {
    text(serde_json::to_string_pretty(value))
}

/// The value as one line of JSON, ended.
pub(super) fn one_line(value: &impl Serialize) -> String {
    text(serde_json::to_string(value))
}

/// The text, or an error document: a reader of JSON gets JSON in any case.
fn text(written: serde_json::Result<String>) -> String {
    let text = written.unwrap_or_else(|error| {
        serde_json::json!({ "error": { "message": error.to_string() } }).to_string()
    });
    text + "\n"
}

#[cfg(test)]
mod cases {
    use insta::assert_snapshot;

    use super::super::fixture;
    use super::*;

    #[test]
    fn a_plan_with_its_counts() {
        assert_snapshot!("plan", plan(&fixture::change()));
    }

    #[test]
    fn an_empty_plan() {
        assert_snapshot!("empty_plan", plan(&fixture::nothing()));
    }

    #[test]
    fn results_of_tests() {
        let results = [fixture::passed(), fixture::different(), fixture::broken()];
        assert_snapshot!("tests", tests(&results));
    }

    #[test]
    fn status_rows() {
        let row = StatusRow {
            function: "sum".to_owned(),
            ..StatusRow::default()
        };
        assert_snapshot!("status", status(&[row]));
    }
}
