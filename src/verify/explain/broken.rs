//! Tests without an answer.

use crate::model::TestOutcome;

/// The outcome of a call without an answer.
pub(in super::super) fn broken(message: String, help: Option<String>) -> TestOutcome {
    TestOutcome::Broken {
        message,
        help,
        place: None,
    }
}
