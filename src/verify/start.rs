//! How long a function took to start, and what that means for its first call.

use std::time::Duration;

use super::explain::Limits;
use crate::model::TestResult;

/// How a function started, as far as its first call depends on it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Start {
    /// Fast enough, or unknown.
    Quick,
    /// It took this long, within Lambda's limit.
    Slow(Duration),
    /// It took this long, beyond Lambda's limit.
    TooLong(Duration),
    /// It had not started when the call was ended; how long that was depends on the machine, so it
    /// is not reported.
    NeverBegan,
}

impl Start {
    /// Whether Lambda would have ended a first call of this length.
    pub(super) fn overruns(self, took: Duration, timeout: Duration) -> bool {
        match self {
            Self::Quick | Self::NeverBegan => false,
            Self::Slow(init) => took.saturating_sub(init) > timeout,
            Self::TooLong(_) => took > timeout,
        }
    }

    /// The note on a test that passed nevertheless.
    pub(super) fn note(self, result: &TestResult, limits: Limits<'_>) -> Option<String> {
        match self {
            Self::TooLong(init) if result.passed() => Some(limits.initialised_twice(init)),
            _ => None,
        }
    }
}
