//! Tests of a function, and their results.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};

use super::{problem::Place, redacted};

/// What a test expects of the answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expected {
    /// Any answer that is not an error.
    Anything,
    /// This JSON value, as text: numbers compare exactly, 2^53 and beyond too.
    Json(String),
    /// An error with this `errorType`.
    Error(String),
}

/// One test of a function. JSON is kept as text so that no number loses a digit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Test {
    /// Its name in reports: the manifest's, or `test 1`.
    pub name: String,
    /// The argument, a JSON text.
    pub argument: String,
    /// What the answer must be.
    pub expected: Expected,
    /// For floats: the largest absolute or relative difference that passes.
    pub tolerance: Option<f64>,
    /// Whether the exemplar session replays it.
    pub exemplar: bool,
}

/// How one test ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", into = "written::TestOutcome")]
pub enum TestOutcome {
    /// The answer, or the error, is the expected one.
    Passed,
    /// Answered something else: the lines of a readable difference.
    Different {
        /// Pretty-printed JSON, or `an error of type ...`.
        expected: String,
        /// Pretty-printed JSON, or `an error of type ...` with its message.
        actual: String,
        /// Where the first difference is, such as `[2].x: expected 3, got 4`.
        place: String,
    },
    /// Did not answer: crashed, ran out of memory or time, or could not start.
    Broken {
        /// What happened, one sentence.
        message: String,
        /// What to do about it.
        help: Option<String>,
        /// Where in the user's files, where an error names one.
        #[serde(default)]
        place: Option<Box<Place>>,
    },
}

impl JsonSchema for TestOutcome {
    fn schema_name() -> Cow<'static, str> {
        written::TestOutcome::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        written::TestOutcome::json_schema(generator)
    }
}

/// As programs read it: with the values themselves.
mod written {
    use schemars::JsonSchema;
    use serde::Serialize;
    use serde_json::value::RawValue;

    use super::super::problem::Place;

    /// How one test ended.
    #[derive(Serialize, JsonSchema)]
    #[serde(rename_all = "snake_case")]
    pub enum TestOutcome {
        /// As expected.
        Passed,
        /// Answered something else: the lines of a readable difference, and both values.
        Different {
            /// Expected value, pretty-printed.
            expected: String,
            /// Actual value, pretty-printed.
            actual: String,
            /// Where the first difference is, such as `[2].x: expected 3, got 4`.
            place: String,
            /// The expected value itself; absent where it is no JSON.
            #[serde(skip_serializing_if = "Option::is_none")]
            #[schemars(with = "Option<serde_json::Value>")]
            expected_value: Option<Box<RawValue>>,
            /// The actual value itself; absent where it is no JSON.
            #[serde(skip_serializing_if = "Option::is_none")]
            #[schemars(with = "Option<serde_json::Value>")]
            actual_value: Option<Box<RawValue>>,
        },
        /// Did not answer: crashed, ran out of memory or time, or could not start.
        Broken {
            /// What happened, one sentence.
            message: String,
            /// What to do about it.
            help: Option<String>,
            /// Where in the user's files, where an error names one.
            #[serde(skip_serializing_if = "Option::is_none")]
            place: Option<Box<Place>>,
        },
    }

    impl From<super::TestOutcome> for TestOutcome {
        fn from(outcome: super::TestOutcome) -> Self {
            // On one line, for output as a stream; no digit of a number is lost.
            let value = |text: &str| {
                let value: Box<RawValue> = serde_json::from_str(text).ok()?;
                RawValue::from_string(compact(value.get())).ok()
            };
            match outcome {
                super::TestOutcome::Passed => Self::Passed,
                super::TestOutcome::Different {
                    expected,
                    actual,
                    place,
                } => Self::Different {
                    expected_value: value(&expected),
                    actual_value: value(&actual),
                    expected,
                    actual,
                    place,
                },
                super::TestOutcome::Broken {
                    message,
                    help,
                    place,
                } => Self::Broken {
                    message,
                    help,
                    place,
                },
            }
        }
    }

    /// JSON without the space between its parts.
    fn compact(json: &str) -> String {
        let (mut inside, mut escaped) = (false, false);
        let keep = |letter: &char| {
            let keeps = inside || !letter.is_ascii_whitespace();
            match letter {
                '"' if !escaped => inside = !inside,
                _ => {}
            }
            escaped = inside && *letter == '\\' && !escaped;
            keeps
        };
        json.chars().filter(keep).collect()
    }

    #[cfg(test)]
    mod tests {
        #[test]
        fn values_are_json_on_one_line_with_every_digit() {
            let outcome = super::super::TestOutcome::Different {
                expected: "{\n  \"a b\\\" c\": 12345678901234567890.10\n}".to_owned(),
                actual: "no JSON".to_owned(),
                place: String::new(),
            };
            let text = serde_json::to_string(&outcome).unwrap();
            let value = r#""expected_value":{"a b\" c":12345678901234567890.10}"#;
            assert!(text.contains(value), "{text}");
            assert!(!text.contains("actual_value"), "{text}");
        }
    }
}

/// One test that ran.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TestResult {
    /// The function's key.
    pub function: String,
    /// The test's name.
    pub test: String,
    /// How it ended.
    pub outcome: TestOutcome,
    /// Wall time of the call in milliseconds.
    pub millis: u64,
    /// The last lines that the function wrote while it ran, for a failure.
    pub log: Vec<String>,
    /// The names in the user's code that were compiled for it at run time, if asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compiled: Option<Vec<String>>,
    /// How many others were compiled for it, of the language and of jot's runtime.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub compiled_beside: usize,
    /// A remark on a passed test, such as a reason that Lambda would take longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

fn is_zero(number: &usize) -> bool {
    *number == 0
}

impl TestResult {
    /// Whether the answer was the expected one; a test without an answer failed.
    pub fn passed(&self) -> bool {
        self.outcome == TestOutcome::Passed
    }

    /// The same with secrets removed from what the function answered or wrote.
    #[must_use]
    pub fn redacted(mut self) -> Self {
        let clean = |text: &mut String| *text = redacted(text).into_owned();
        match &mut self.outcome {
            TestOutcome::Passed => {}
            TestOutcome::Different {
                expected,
                actual,
                place,
            } => [expected, actual, place].into_iter().for_each(clean),
            TestOutcome::Broken { message, help, .. } => {
                clean(message);
                help.iter_mut().for_each(clean);
            }
        }
        self.log.iter_mut().for_each(clean);
        self
    }
}
