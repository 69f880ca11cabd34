//! Documents for programs, as in `schema/output.v1.schema.json`.
//!
//! Each document has `format_version`; in a stream the first line has it. It changes when a field
//! is removed or changes meaning. New fields, kinds of steps and kinds of events may be added at
//! any time: readers should ignore what they do not know.

mod body;
mod layout;
#[cfg(test)]
mod schema;

use miette::Diagnostic;
use schemars::JsonSchema;
use serde::Serialize;

use crate::model::{
    Bench, LoggedCall, Plan, Problem, SavedPlan, TestResult, clean::Removal, doctor::Diagnosis,
    prune::Pruned,
};

use super::{Counts, ReleaseRow, StatusRow};

pub use crate::model::plan::PLAN_FORMAT_VERSION as FORMAT_VERSION;
pub use body::{Accepted, Answer, Breakdown, Checked, Serving};
pub use layout::pretty;

/// The JSON schema (draft 2020-12) of all documents and lines. A test generates the file from the
/// types.
pub const SCHEMA: &str = include_str!("../../schema/output.v1.schema.json");

// The description belongs to the body: a comment here would replace it in the schema.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "{T}Document")]
struct Document<T> {
    /// The version of the format: changes when a field is removed or changes meaning.
    #[schemars(extend("const" = FORMAT_VERSION))]
    format_version: u32,
    #[serde(flatten)]
    body: T,
}

impl<T> Document<T> {
    fn of(body: T) -> Self {
        Self {
            format_version: FORMAT_VERSION,
            body,
        }
    }
}

/// The plan as a document: its own fields, and `counts`.
pub fn plan(plan: &Plan) -> String {
    document(plan_body(plan))
}

/// A saved plan as a document: its fields, and when it was saved and used.
pub fn saved(saved: &SavedPlan) -> String {
    let SavedPlan {
        saved_at,
        used_at,
        plan,
    } = saved;
    document(body::SavedPlan {
        saved_at,
        used_at: used_at.as_deref(),
        plan: plan_body(plan),
    })
}

fn plan_body(plan: &Plan) -> body::Plan<'_> {
    let Plan {
        format_version: _,
        jot_version,
        project,
        target,
        account,
        region,
        purpose,
        undeclared,
        retry,
        images_from,
        steps,
        notes,
        held,
        shifting,
        unknown,
        unread,
        seen: _,
    } = plan;
    body::Plan {
        jot_version,
        project,
        target: target.as_deref(),
        account,
        region,
        purpose: *purpose,
        undeclared: *undeclared,
        retry: *retry,
        images_from: images_from.as_deref(),
        counts: Counts::of(plan),
        steps,
        notes,
        held,
        shifting,
        unknown,
        unread,
    }
}

/// Test results as a document, with the numbers of passed and failed tests.
pub fn tests(tests: &[TestResult]) -> String {
    let passed = tests.iter().filter(|test| test.passed()).count();
    document(body::Tests {
        passed,
        failed: tests.len() - passed,
        tests,
    })
}

/// Deployed functions as a document.
pub fn status(functions: &[StatusRow]) -> String {
    document(body::Status { functions })
}

/// Published versions as a document.
pub fn releases(releases: &[ReleaseRow]) -> String {
    document(body::Releases { releases })
}

/// Benchmark results as a document.
pub fn bench(bench: &Bench) -> String {
    document(bench)
}

/// The result of `jot check` as a document.
pub fn checked(checked: &Checked) -> String {
    document(checked)
}

/// The removals of `jot clean` as a document.
pub fn cleaned(removals: &[Removal]) -> String {
    document(body::Cleaned { removals })
}

/// The decision for each image of the repository, as a document.
pub fn pruned(repository: &str, images: &[Pruned]) -> String {
    document(body::Pruning { repository, images })
}

/// The results of `jot doctor` as a document.
pub fn diagnosis(diagnosis: &Diagnosis) -> String {
    document(diagnosis)
}

/// Written files as a document.
pub fn files(files: &[String]) -> String {
    document(body::Files { files })
}

/// A function's answer as a document.
pub fn answer(answer: &Answer) -> String {
    document(answer)
}

/// An accepted asynchronous call as a document.
pub fn accepted(accepted: &Accepted) -> String {
    document(accepted)
}

/// A call in a function's log, as a document on one line.
pub fn logged(function: &str, call: &LoggedCall) -> String {
    one_line(&Document::of(body::Logged { function, call }))
}

/// The address of a running function, as a document on one line.
pub fn serving(serving: &Serving) -> String {
    one_line(&Document::of(serving))
}

/// The error as a document on one line, for use among other documents.
pub fn failure(error: &dyn Diagnostic) -> String {
    let error = Problem::from_diagnostic(error);
    one_line(&Document::of(body::Failure { error }))
}

/// The value with `format_version`, as a JSON document of several lines.
fn document(body: impl Serialize) -> String {
    text(serde_json::to_string_pretty(&Document::of(body)))
}

/// The value as one line of JSON.
pub(super) fn one_line(value: &impl Serialize) -> String {
    text(serde_json::to_string(value))
}

/// The text, or an error document: a reader of JSON always gets JSON.
fn text(written: serde_json::Result<String>) -> String {
    let text = written.unwrap_or_else(|error| {
        let message = error.to_string();
        let error = serde_json::json!({ "message": message, "help": null, "causes": [] });
        serde_json::json!({ "format_version": FORMAT_VERSION, "error": error }).to_string()
    });
    text + "\n"
}

#[cfg(test)]
mod cases {
    use insta::assert_snapshot;

    use super::super::fixture;
    use super::*;
    use crate::model::LoggedLine;

    /// The text, after it passed the schema of that kind of document.
    fn valid(kind: &str, text: String) -> String {
        schema::assert_valid(kind, &text);
        text
    }

    #[test]
    fn a_plan_with_its_counts() {
        assert_snapshot!("plan", valid("PlanDocument", plan(&fixture::change())));
        for one in [fixture::first(), fixture::destroy(), fixture::replace()] {
            valid("PlanDocument", plan(&one));
        }
    }

    #[test]
    fn an_empty_plan() {
        assert_snapshot!(
            "empty_plan",
            valid("PlanDocument", plan(&fixture::nothing()))
        );
    }

    #[test]
    fn results_of_tests() {
        let results = [fixture::passed(), fixture::different(), fixture::broken()];
        assert_snapshot!("tests", valid("TestsDocument", tests(&results)));
    }

    #[test]
    fn what_a_benchmark_measured() {
        for one in [fixture::sizes(), fixture::modes(), fixture::in_lambda()] {
            valid("BenchDocument", bench(&one));
        }
    }

    #[test]
    fn status_rows() {
        let row = StatusRow {
            function: "sum".to_owned(),
            ..StatusRow::default()
        };
        assert_snapshot!("status", valid("StatusDocument", status(&[row])));
    }

    #[test]
    fn answers_keep_every_digit() {
        let log = vec!["START", "END"];
        let answered = |payload| Answer::new("sum", Some("live"), payload, log.clone());
        let text = valid(
            "AnswerDocument",
            answer(&answered("12345678901234567890.10")),
        );
        assert!(
            text.contains("\"answer\": 12345678901234567890.10"),
            "{text}"
        );
        let text = valid("AnswerDocument", answer(&answered("no \"JSON\"")));
        assert!(text.contains(r#""answer": "no \"JSON\"""#), "{text}");
    }

    #[test]
    fn other_documents() {
        let all = [
            valid(
                "CheckedDocument",
                checked(&Checked {
                    manifest: "jot.toml".to_owned(),
                    target: None,
                    functions: vec!["sum"],
                }),
            ),
            valid(
                "AcceptedDocument",
                accepted(&Accepted {
                    function: "sum",
                    qualifier: Some("live"),
                    request_id: Some("8f507cfc"),
                }),
            ),
            valid("FilesDocument", files(&["jot.toml".to_owned()])),
            valid(
                "LoggedDocument",
                logged(
                    "sum",
                    &LoggedCall {
                        at: "2026-01-02T03:04:05.006Z".to_owned(),
                        lines: vec![LoggedLine::default()],
                        ..LoggedCall::default()
                    },
                ),
            ),
            valid(
                "ServingDocument",
                serving(&Serving {
                    function: "sum",
                    url: "http://127.0.0.1:9000/",
                }),
            ),
        ];
        assert_snapshot!("others", all.concat());
    }
}
