//! From a function's answer to the outcome of its test.

use super::{
    compare::difference,
    explain::{Limits, Seen},
    json::{Json, parse},
};
use crate::model::{Expected, Hints, Place, Test, TestOutcome};

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Reply {
    /// The text of a response.
    Value(String),
    /// An error object of Lambda's.
    Failure {
        /// `errorType` of the error object.
        kind: String,
        /// `errorMessage` of the error object.
        message: String,
        /// The whole body: the emulator does not mark errors, so a response may merely look like
        /// one.
        body: String,
    },
}

impl Reply {
    /// Reads a body that may be an error.
    ///
    /// Every error object of Lambda's has a text as `errorMessage`, and except for timeouts one as
    /// `errorType`.
    pub(super) fn guess(body: String) -> Self {
        match error_object(&body) {
            Some((Some(kind), Some(message))) => Self::Failure {
                kind,
                message,
                body,
            },
            _ => Self::Value(body),
        }
    }

    /// Reads a body that is known to be an error.
    pub(super) fn error(body: String) -> Self {
        let (kind, message) = error_object(&body).unwrap_or_default();
        Self::Failure {
            kind: kind.unwrap_or_else(|| "an error without a type".to_owned()),
            message: message.unwrap_or_default(),
            body,
        }
    }
}

/// Whether a body is an error document, as the emulator passes it on.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html#runtimes-api-invokeerror>
pub fn is_error(body: &[u8]) -> bool {
    let found = std::str::from_utf8(body).ok().and_then(error_object);
    matches!(found, Some((Some(_), Some(_))))
}

/// The message of an error document, in a sentence.
pub fn error_message(body: &str) -> String {
    let (kind, message) = error_object(body).unwrap_or_default();
    let (kind, message) = (kind.unwrap_or_default(), message.unwrap_or_default());
    match message.starts_with(&kind) {
        true => message,
        false => format!("{kind}: {message}"),
    }
}

fn error_object(body: &str) -> Option<(Option<String>, Option<String>)> {
    let Ok(Json::Object(mut pairs)) = parse(body) else {
        return None;
    };
    let mut text = |key: &str| match pairs.remove(key) {
        Some(Json::Text(text)) => Some(text),
        _ => None,
    };
    Some((text("errorType"), text("errorMessage")))
}

/// The outcome of `test` with this reply.
pub(super) fn judge(test: &Test, reply: &Reply, limits: Limits<'_>, seen: &Seen) -> TestOutcome {
    match (&test.expected, reply) {
        // A stream handler may write nothing at all.
        (Expected::Anything, Reply::Value(actual)) if actual.trim().is_empty() => {
            TestOutcome::Passed
        }
        (Expected::Anything, Reply::Value(actual)) => match parse(actual) {
            Ok(_) => TestOutcome::Passed,
            Err(error) => no_json(&error),
        },
        (Expected::Json(expected), Reply::Value(actual)) => {
            difference(expected, actual, test.tolerance)
        }
        // Known errors have an error's body too, but a test that expects exactly that body passes.
        (Expected::Json(expected), Reply::Failure { body, .. })
            if difference(expected, body, test.tolerance) == TestOutcome::Passed =>
        {
            TestOutcome::Passed
        }
        (Expected::Error(expected), Reply::Failure { kind, .. }) if kind == expected => {
            TestOutcome::Passed
        }
        (Expected::Error(expected), Reply::Value(actual)) => TestOutcome::Different {
            expected: format!("an error of type {expected}"),
            actual: parse(actual).map_or_else(|_| actual.clone(), |json| json.pretty()),
            place: format!("expected the error {expected}, got an answer"),
        },
        (Expected::Error(expected), Reply::Failure { kind, message, .. })
            if !kind.starts_with("Runtime.") && !kind.starts_with("Sandbox.") =>
        {
            TestOutcome::Different {
                expected: format!("an error of type {expected}"),
                actual: format!("an error of type {kind}: {message}"),
                place: format!("expected the error {expected}, got {kind}"),
            }
        }
        (
            _,
            Reply::Failure {
                kind,
                message,
                body,
            },
        ) => {
            let message = limits.hints.with_own_paths(message);
            match limits.failed(kind, &message, seen) {
                TestOutcome::Broken { message, help, .. } => TestOutcome::Broken {
                    message,
                    help,
                    place: place(body, limits.hints).map(Box::new),
                },
                outcome => outcome,
            }
        }
    }
}

/// The place of the innermost frame of an error in the user's files, by the user's name of the
/// file.
///
/// The content of the line is unknown here.
pub fn place(body: &str, hints: &Hints) -> Option<Place> {
    let Ok(Json::Object(mut pairs)) = parse(body) else {
        return None;
    };
    let Some(Json::List(frames)) = pairs.remove("stackTrace") else {
        return None;
    };
    frames.into_iter().find_map(|frame| {
        let Json::Text(frame) = frame else {
            return None;
        };
        let own = hints.with_own_paths(&frame);
        let place = frame_place(&own)?;
        let sources = hints.sources.as_ref();
        let named = || sources?.is_own(place.file.as_deref()?).then_some(());
        (own != frame || named().is_some()).then_some(place)
    })
}

/// The place of `function at file:line`.
fn frame_place(frame: &str) -> Option<Place> {
    let (function, place) = frame.rsplit_once(" at ")?;
    let (file, line) = place.rsplit_once(':')?;
    let line = line.parse().ok()?;
    let named = function.starts_with(|c: char| c.is_alphabetic() || c == '_');
    Some(Place {
        file: Some(file.to_owned()),
        line,
        column: 1,
        end_line: line,
        end_column: 1,
        label: Some(match named {
            true => format!("in `{function}`"),
            false => "here".to_owned(),
        }),
        excerpt: None,
    })
}

/// Lambda passes on what a function answers, but its callers could not read this.
fn no_json(error: &str) -> TestOutcome {
    TestOutcome::Broken {
        message: format!("the answer is not JSON: {error}"),
        help: Some("make the function answer with JSON: text must be in quotes".to_owned()),
        place: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::hints::Sources;

    fn outcome(expected: Expected, body: &str) -> TestOutcome {
        let test = Test {
            name: "t".to_owned(),
            argument: "1".to_owned(),
            expected,
            tolerance: None,
            exemplar: true,
        };
        let limits = Limits {
            memory_mb: 128,
            timeout_s: 3,
            hints: &Hints {
                sources: Some(Sources {
                    image: "env/R/src/".to_owned(),
                    here: "sums/".to_owned(),
                    scope: String::new(),
                    suffix: ".jl".to_owned(),
                }),
                ..Hints::default()
            },
        };
        judge(
            &test,
            &Reply::guess(body.to_owned()),
            limits,
            &Seen::default(),
        )
    }

    const ERROR: &str = "{\"errorType\":\"DomainError\",\"errorMessage\":\"-1\",\"stackTrace\":[]}";

    #[test]
    fn an_expected_error_is_recognised_by_its_type() {
        assert_eq!(
            outcome(Expected::Error("DomainError".to_owned()), ERROR),
            TestOutcome::Passed
        );
        let other = outcome(Expected::Error("BoundsError".to_owned()), ERROR);
        assert!(matches!(other, TestOutcome::Different { place, actual, .. }
            if place == "expected the error BoundsError, got DomainError"
                && actual.ends_with(": -1")));
        let value = outcome(
            Expected::Error("DomainError".to_owned()),
            "{\"errorType\":1}",
        );
        assert!(matches!(
            value,
            TestOutcome::Different { place, .. } if place.ends_with("got an answer")
        ));
    }

    #[test]
    fn an_error_is_reported_with_its_place_in_the_users_files() {
        let body = "{\"errorType\":\"E\",\"errorMessage\":\"no\",\
                    \"stackTrace\":[\"sum at ./reduce.jl:1\",\
                    \"total at /opt/jot/env/R/src/sums.jl:7\",\
                    \"main at /opt/jot/env/R/src/main.jl:2\"]}";
        let named = body.replace("/opt/jot/env/R/src/", "sums/");
        for body in [body, &named] {
            let TestOutcome::Broken { message, place, .. } = outcome(Expected::Anything, body)
            else {
                panic!("it is broken");
            };
            assert_eq!(message, "it failed with E: no");
            let place = place.map(|place| (place.file, place.line, place.label));
            let expected = ("sums/sums.jl", 7, "in `total`");
            let expected = (
                Some(expected.0.to_owned()),
                expected.1,
                Some(expected.2.to_owned()),
            );
            assert_eq!(place, Some(expected));
        }
    }

    #[test]
    fn an_unexpected_error_is_a_failure_in_words() {
        for expected in [Expected::Anything, Expected::Json("1".to_owned())] {
            assert!(
                matches!(outcome(expected, ERROR), TestOutcome::Broken { message, .. }
                if message == "it failed with DomainError: -1")
            );
        }
    }

    #[test]
    fn an_answer_that_is_not_json_passes_no_test() {
        for expected in [Expected::Anything, Expected::Json("1".to_owned())] {
            for answer in ["1.0 ± 1", "{\"a\":}", "plain text", "NaN"] {
                let outcome = outcome(expected.clone(), answer);
                assert_ne!(outcome, TestOutcome::Passed, "{answer}");
            }
        }
        let outcome = outcome(Expected::Anything, "1.0 ± 1");
        assert!(matches!(outcome, TestOutcome::Broken { message, .. }
            if message.starts_with("the answer is not JSON: ")));
    }

    #[test]
    fn a_response_that_looks_like_an_error_may_be_expected() {
        assert_eq!(
            outcome(Expected::Json(ERROR.to_owned()), ERROR),
            TestOutcome::Passed
        );
    }

    #[test]
    fn a_crash_is_a_crash_also_where_an_error_is_expected() {
        let crash = "{\"errorType\":\"Runtime.ExitError\",\"errorMessage\":\"signal: killed\"}";
        let expected = Expected::Error("DomainError".to_owned());
        assert!(matches!(
            outcome(expected, crash),
            TestOutcome::Broken { .. }
        ));
    }

    #[test]
    fn a_known_error_needs_no_type() {
        let reply =
            Reply::error("{\"errorMessage\":\"1 Task timed out after 3.00 seconds\"}".to_owned());
        let Reply::Failure { kind, message, .. } = reply else {
            panic!()
        };
        assert_eq!(kind, "an error without a type");
        assert!(message.contains("timed out"));
    }
}
