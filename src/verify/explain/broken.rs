//! A test that came to no answer.

use crate::model::TestOutcome;

/// The outcome of a call that came to no answer.
pub(in super::super) fn broken(message: String, help: Option<String>) -> TestOutcome {
    TestOutcome::Broken {
        message,
        help,
        place: None,
    }
}
