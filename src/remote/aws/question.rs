//! Timeouts of read-only calls.
//!
//! An endpoint that accepts requests and never answers gets half a minute.

use std::time::Duration;

use super::profile::variable;

/// How long an attempt may take.
const USUAL: Duration = Duration::from_secs(15);
/// How many attempts to make where no answer comes in time.
pub(super) const ATTEMPTS: u32 = 2;
/// The variable that sets the timeout of an attempt in seconds.
const VARIABLE: &str = "JOT_ANSWER_TIMEOUT";

/// The timeout of an attempt, by the environment.
pub(super) fn limit() -> Duration {
    of(variable(VARIABLE).as_deref())
}

fn of(said: Option<&str>) -> Duration {
    let seconds = said.and_then(|seconds| seconds.parse().ok());
    let said = seconds.and_then(|seconds| Duration::try_from_secs_f32(seconds).ok());
    said.filter(|said| !said.is_zero()).unwrap_or(USUAL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_taken_and_anything_else_is_not() {
        assert_eq!(of(Some("0.5")), Duration::from_millis(500));
        for said in [None, Some("0"), Some("-1"), Some("soon"), Some("NaN")] {
            assert_eq!(of(said), USUAL, "{said:?}");
        }
    }
}
