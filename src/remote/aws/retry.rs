//! When a call is sent again, how often, and after what wait.
//!
//! The SDK's own retries are off: they could not be seen, and they know nothing of roles that are not assumable yet. What
//! counts as throttling and as a passing fault is AWS's table,
//! <https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html>.

use std::{
    hash::{BuildHasher, RandomState},
    time::Duration,
};

use serde::{Deserialize, Serialize};

use super::{failure::Failure, service::Call};

/// A call that will be sent again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retry {
    /// AWS's name of the operation, such as `CreateFunction`.
    pub operation: String,
    /// Why the last attempt did not succeed, in words.
    pub why: String,
    /// How many attempts there were.
    pub attempt: u32,
    /// Milliseconds until the next.
    pub wait_ms: u64,
}

/// A reason to send a call again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// Too many calls at once.
    Throttled,
    /// A fault of the service, or of the way to it.
    Passing,
    /// Lambda does not know yet of a change to a role or a repository moments ago.
    Spreading(&'static str),
    /// Another change of the resource is still going on.
    Busy,
}

impl Cause {
    /// Why this failure may pass by itself; `None` where it will not.
    pub fn of(failure: &Failure, call: &Call<'_>) -> Option<Self> {
        match failure {
            Failure::Refused {
                code,
                message,
                status,
                ..
            } => refused(code, message, *status, call),
            Failure::Unanswered { nobody, .. } => {
                (!nobody && !call.once()).then_some(Self::Passing)
            }
            Failure::Credentials(_) | Failure::Broken { .. } => None,
        }
    }

    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Throttled => "too many requests at once",
            Self::Passing => "a passing fault",
            Self::Spreading(words) => words,
            Self::Busy => "another change is still in progress",
        }
    }

    /// How many attempts there are in all.
    pub fn attempts(self) -> u32 {
        match self {
            Self::Throttled => 8,
            Self::Passing => 4,
            Self::Spreading(_) => 15,
            Self::Busy => 20,
        }
    }

    /// How long to wait after that many attempts: doubled each time up to a limit, the last half of it at random so that
    /// functions side by side do not come back together.
    pub fn wait(self, attempt: u32) -> Duration {
        let (first, most) = match self {
            Self::Throttled => (250, 10_000),
            Self::Passing => (100, 2_000),
            Self::Spreading(_) => (500, 4_000),
            Self::Busy => (200, 5_000),
        };
        let full = (first << attempt.saturating_sub(1).min(16)).min(most);
        Duration::from_millis(full / 2 + random() % (full / 2 + 1))
    }
}

fn refused(code: &str, message: &str, status: u16, call: &Call<'_>) -> Option<Cause> {
    match code {
        "InvalidParameterValueException" if message.contains("cannot be assumed by Lambda") => {
            return Some(Cause::Spreading("the role cannot be assumed by Lambda yet"));
        }
        "AccessDeniedException" | "InvalidParameterValueException"
            if message.contains("does not have permission to access the ECR image") =>
        {
            return Some(Cause::Spreading("Lambda may not read the image in ECR yet"));
        }
        "InvalidParameterValueException"
            if message.contains("execution role does not have permissions to call") =>
        {
            return Some(Cause::Spreading(
                "the role's policies are not known to Lambda yet",
            ));
        }
        "ResourceConflictException" if is_in_progress(message) => return Some(Cause::Busy),
        "ConcurrentModification"
        | "ConcurrentModificationException"
        | "OperationAbortedException"
        | "EntityTemporarilyUnmodifiable" => return Some(Cause::Busy),
        _ => {}
    }
    if status == 429 || is_throttling(code) {
        return Some(Cause::Throttled);
    }
    let passing = matches!(status, 500 | 502..=504)
        || matches!(
            code,
            "RequestTimeout" | "RequestTimeoutException" | "RequestTimeTooSkewed"
        );
    (passing && !call.once()).then_some(Cause::Passing)
}

/// Lambda's two messages for a function that is being changed; the code alone also means `exists already`.
fn is_in_progress(message: &str) -> bool {
    message.contains("in progress") || message.contains("currently in the following state: Pending")
}

/// Whether the code says that too much is asked at once.
pub(super) fn is_throttling(code: &str) -> bool {
    matches!(
        code,
        "Throttling"
            | "ThrottlingException"
            | "ThrottledException"
            | "RequestThrottledException"
            | "RequestThrottled"
            | "TooManyRequestsException"
            | "RequestLimitExceeded"
            | "BandwidthLimitExceeded"
            | "SlowDown"
            | "PriorRequestNotComplete"
            | "EC2ThrottledException"
    )
}

/// Randomness good enough to spread waits, without a crate for it.
fn random() -> u64 {
    RandomState::new().hash_one(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::remote::aws::service::Service;

    fn cause(operation: &'static str, code: &str, message: &str, status: u16) -> Option<Cause> {
        let failure = Failure::Refused {
            code: code.to_owned(),
            message: message.to_owned(),
            status,
            retry_after_ms: None,
        };
        let call = Call {
            service: Service::Lambda,
            operation,
            resource: "",
        };
        Cause::of(&failure, &call)
    }

    #[test]
    fn what_passes_by_itself_is_told_from_what_does_not() {
        let assume = "The role defined for the function cannot be assumed by Lambda.";
        let invalid = "InvalidParameterValueException";
        let conflict = "ResourceConflictException";
        let busy = "The operation cannot be performed at this time. An update is in progress for resource: arn:x";
        let pending = "The operation cannot be performed at this time. The function is currently in the following state: Pending";
        assert!(matches!(
            cause("CreateFunction", invalid, assume, 400),
            Some(Cause::Spreading(_))
        ));
        assert_eq!(cause("CreateFunction", invalid, "bad memory", 400), None);
        assert_eq!(
            cause("UpdateFunctionCode", conflict, busy, 409),
            Some(Cause::Busy)
        );
        assert_eq!(cause("Invoke", conflict, pending, 409), Some(Cause::Busy));
        let exists = "Function already exist: double";
        assert_eq!(cause("CreateFunction", conflict, exists, 409), None);
        let throttled = Some(Cause::Throttled);
        assert_eq!(cause("GetAlias", "ThrottlingException", "", 400), throttled);
        assert_eq!(
            cause("Invoke", "TooManyRequestsException", "", 429),
            throttled
        );
        assert_eq!(
            cause("GetAlias", "ServiceException", "", 500),
            Some(Cause::Passing)
        );
    }

    #[test]
    fn an_invocation_is_not_repeated_once_it_may_have_begun() {
        assert_eq!(cause("Invoke", "ServiceException", "", 500), None);
        let cut = Failure::Unanswered {
            endpoint: None,
            cause: String::new(),
            nobody: false,
        };
        let call = |operation| Call {
            service: Service::Lambda,
            operation,
            resource: "",
        };
        assert_eq!(Cause::of(&cut, &call("Invoke")), None);
        assert_eq!(Cause::of(&cut, &call("GetAlias")), Some(Cause::Passing));
    }

    #[test]
    fn waits_grow_to_a_limit() {
        for attempt in 1..40 {
            let wait = Cause::Throttled.wait(attempt).as_millis();
            let full = (250_u128 << (attempt - 1).min(16)).min(10_000);
            assert!((full / 2..=full).contains(&wait), "{attempt}: {wait}");
        }
    }
}
