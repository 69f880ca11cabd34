//! How long a function took to start, and what that means for its first call.

use std::time::Duration;

use super::explain::Limits;
use crate::model::TestResult;

/// How a function began, as far as it matters to its first call.
#[derive(Clone, Copy, Debug)]
pub(super) enum Start {
    /// Fast enough, or nothing is known of it.
    Quick,
    /// Within the time that Lambda allows.
    Slow(Duration),
    /// Beyond it.
    TooLong(Duration),
    /// It had not begun when the call was ended. How long that was depends on the machine, so nothing is said of it.
    NeverBegan,
}

impl Start {
    /// Whether Lambda would have ended a first call that took so long.
    pub(super) fn overruns(self, took: Duration, timeout: Duration) -> bool {
        match self {
            Self::Quick | Self::NeverBegan => false,
            Self::Slow(init) => took.saturating_sub(init) > timeout,
            Self::TooLong(_) => took > timeout,
        }
    }

    /// What to say of a test that passed all the same.
    pub(super) fn note(self, result: &TestResult, limits: Limits<'_>) -> Option<String> {
        match self {
            Self::TooLong(init) if result.passed() => Some(limits.initialised_twice(init)),
            _ => None,
        }
    }
}
