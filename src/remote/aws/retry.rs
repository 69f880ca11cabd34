//! Retries: when a call is sent again, how often, and after what wait.
//!
//! The SDK's own retries are off: they are invisible, and do not cover roles that cannot be assumed
//! yet. Throttling and passing faults are those of AWS's table,
//! <https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html>.

use std::{
    hash::{BuildHasher, RandomState},
    time::Duration,
};

use serde::{Deserialize, Serialize};

use super::{
    failure::{Failure, is_throttling},
    question::ATTEMPTS,
};

/// The standard library's error for a name that it cannot resolve (`lookup_host`), whatever the
/// system's reason.
const UNRESOLVED: &str = "failed to lookup address information";

/// A call that will be sent again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retry {
    /// AWS's name of the operation, such as `CreateFunction`.
    pub operation: String,
    /// Why the last attempt failed, in words.
    pub why: String,
    /// How many attempts were made.
    pub attempt: u32,
    /// Milliseconds until the next.
    pub wait_ms: u64,
}

/// A reason to send a call again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// Too many calls at once.
    Throttled,
    /// The endpoint's name cannot be resolved: repeating helps only if the network came up a
    /// moment ago.
    Unresolved,
    /// A temporary fault of the service, or of the network.
    Passing,
    /// Lambda does not know of a recent change to a role, a key or a policy yet.
    Spreading(&'static str),
    /// Lambda does not find what was pushed moments ago yet.
    Appearing(&'static str),
    /// The function cannot be called yet: nothing ran.
    Starting(&'static str),
    /// Another change of the resource is in progress.
    Busy,
}

/// A service's temporary errors, in its own codes and words; the first matching row applies.
struct Answer {
    /// Error codes; none: any.
    codes: &'static [&'static str],
    /// A part of the message.
    part: &'static str,
    cause: Cause,
}

const INVALID: &[&str] = &["InvalidParameterValueException"];

/// Errors that are retried, by code and message.
///
/// Terraform's provider waits for the same messages after a new role (terraform-provider-aws,
/// `internal/service/lambda/function.go`). The codes of Invoke are those of
/// <https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html>;
/// CodeArtifactUserPendingException came with status 500 and with 409, and passed after 40 to 106
/// s.
const ANSWERS: &[Answer] = &[
    Answer {
        codes: INVALID,
        part: "cannot be assumed by Lambda",
        cause: Cause::Spreading("the role cannot be assumed by Lambda yet"),
    },
    Answer {
        codes: &["AccessDeniedException", "InvalidParameterValueException"],
        part: "does not have permission to access the ECR image",
        cause: Cause::Spreading("Lambda may not read the image in ECR yet"),
    },
    Answer {
        codes: &["ValidationException"],
        part: "must allow AWS EventBridge Scheduler to assume the role",
        cause: Cause::Spreading("the role cannot be assumed by the EventBridge Scheduler yet"),
    },
    Answer {
        codes: INVALID,
        part: "execution role does not have permissions to call",
        cause: Cause::Spreading("the role's policies are not known to Lambda yet"),
    },
    Answer {
        codes: INVALID,
        part: "KMS key is invalid for CreateGrant",
        cause: Cause::Spreading("the role is not known to KMS yet"),
    },
    Answer {
        codes: INVALID,
        part: "not refer to a valid principal",
        cause: Cause::Spreading("the role is not known to KMS yet"),
    },
    Answer {
        codes: INVALID,
        part: "does not exist. Provide a valid source image",
        cause: Cause::Appearing("Lambda does not find the image in ECR yet"),
    },
    Answer {
        codes: &["CodeArtifactUserPendingException"],
        part: "",
        cause: Cause::Starting("Lambda is preparing the function's image"),
    },
    Answer {
        codes: &["ResourceNotReadyException"],
        part: "",
        cause: Cause::Starting("the function is inactive, and Lambda is preparing it"),
    },
    Answer {
        codes: &["SnapStartNotReadyException"],
        part: "",
        cause: Cause::Starting("Lambda is creating the snapshot"),
    },
    Answer {
        codes: &["ENINotReadyException"],
        part: "",
        cause: Cause::Starting("Lambda is creating the network interface"),
    },
    Answer {
        codes: &[],
        part: "unable to decrypt the environment variables due to an internal service error",
        cause: Cause::Starting("Lambda cannot decrypt the environment yet"),
    },
    Answer {
        codes: &["ResourceConflictException"],
        part: "in progress",
        cause: Cause::Busy,
    },
    Answer {
        codes: &["ResourceConflictException"],
        part: "currently in the following state: Pending",
        cause: Cause::Busy,
    },
    Answer {
        codes: &[
            "ConcurrentModification",
            "ConcurrentModificationException",
            "OperationAbortedException",
            "EntityTemporarilyUnmodifiable",
        ],
        part: "",
        cause: Cause::Busy,
    },
];

impl Cause {
    /// Why this failure may be temporary; `None` where it is permanent.
    ///
    /// `again`: whether the call may be sent twice although it may have been executed.
    pub fn of(failure: &Failure, again: bool) -> Option<Self> {
        match failure {
            Failure::Refused {
                code,
                message,
                status,
                ..
            } => refused(code, message, *status, again),
            Failure::Unanswered { cause, .. } if cause.contains(UNRESOLVED) => {
                Some(Self::Unresolved)
            }
            Failure::Unanswered { unreachable, .. } => {
                (!unreachable && again).then_some(Self::Passing)
            }
            Failure::Credentials(_) | Failure::Broken { .. } => None,
        }
    }

    /// The cause as a message gives it, in lower case without a full stop.
    pub fn words(self) -> &'static str {
        match self {
            Self::Throttled => "too many requests at once",
            Self::Unresolved => "the endpoint's name cannot be resolved",
            Self::Passing => "no answer, or an internal error",
            Self::Spreading(words) | Self::Appearing(words) | Self::Starting(words) => words,
            Self::Busy => "another change is still in progress",
        }
    }

    /// How many attempts this cause allows in all.
    ///
    /// A change to IAM is known everywhere after two minutes, so the attempts for it take at least
    /// that long; a function is prepared in less.
    pub fn attempts(self) -> u32 {
        match self {
            Self::Unresolved => ATTEMPTS,
            Self::Throttled | Self::Passing | Self::Appearing(_) => 8,
            Self::Spreading(_) => 58,
            Self::Starting(_) => 45,
            Self::Busy => 40,
        }
    }

    /// How long to wait after this many attempts.
    ///
    /// The wait doubles up to a limit. Its last quarter, or its last half where many calls may fail
    /// at once, is random, so that concurrent calls do not return together.
    pub fn wait(self, attempt: u32) -> Duration {
        let (first, most, spread) = match self {
            Self::Throttled => (250, 10_000, 2),
            Self::Passing | Self::Unresolved => (100, 5_000, 2),
            Self::Spreading(_) | Self::Appearing(_) | Self::Starting(_) => (500, 3_000, 4),
            Self::Busy => (200, 5_000, 2),
        };
        let full: u64 = (first << attempt.saturating_sub(1).min(16)).min(most);
        let random_part = full / spread;
        Duration::from_millis(full - random_part + random() % (random_part + 1))
    }
}

/// How often each cause occurred in one call, so that each has its own number of attempts.
#[derive(Debug, Default)]
pub(super) struct Met(Vec<(Cause, u32)>);

impl Met {
    /// Counts the cause; returns how often it has occurred.
    pub fn count(&mut self, cause: Cause) -> u32 {
        match self.0.iter_mut().find(|(known, _)| *known == cause) {
            Some((_, times)) => {
                *times += 1;
                *times
            }
            None => {
                self.0.push((cause, 1));
                1
            }
        }
    }
}

fn refused(code: &str, message: &str, status: u16, again: bool) -> Option<Cause> {
    let fits = |answer: &&Answer| {
        let named = answer.codes.is_empty() || answer.codes.contains(&code);
        named && message.contains(answer.part)
    };
    if let Some(answer) = ANSWERS.iter().find(fits) {
        return Some(answer.cause);
    }
    if status == 429 || is_throttling(code) {
        return Some(Cause::Throttled);
    }
    let passing = matches!(status, 500 | 502..=504)
        || matches!(code, "RequestTimeout" | "RequestTimeoutException");
    (passing && again).then_some(Cause::Passing)
}

/// Randomness that is good enough to spread waits, without a crate for it.
fn random() -> u64 {
    RandomState::new().hash_one(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cause(operation: &'static str, code: &str, message: &str, status: u16) -> Option<Cause> {
        let failure = Failure::Refused {
            code: code.to_owned(),
            message: message.to_owned(),
            status,
            retry_after_ms: None,
        };
        Cause::of(&failure, operation != "Invoke")
    }

    #[test]
    fn temporary_failures_are_distinguished_from_permanent_ones() {
        let assume = "The role defined for the function cannot be assumed by Lambda.";
        let invalid = "InvalidParameterValueException";
        let conflict = "ResourceConflictException";
        let busy = "The operation cannot be performed at this time. An update is in progress for \
                    resource: arn:x";
        let pending = "The operation cannot be performed at this time. The function is currently \
                       in the following state: Pending";
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
            unreachable: false,
            late: false,
        };
        assert_eq!(Cause::of(&cut, false), None);
        assert_eq!(Cause::of(&cut, true), Some(Cause::Passing));
    }

    /// The system's own error for an invalid name.
    #[test]
    fn a_name_that_cannot_be_resolved_is_looked_up_twice() {
        use std::net::ToSocketAddrs;
        let error = ("jot.invalid", 443).to_socket_addrs().unwrap_err();
        let failure = Failure::Unanswered {
            endpoint: None,
            cause: error.to_string(),
            unreachable: false,
            late: false,
        };
        // No call was sent.
        for again in [false, true] {
            let cause = Cause::of(&failure, again);
            assert_eq!(cause, Some(Cause::Unresolved), "{error}");
            assert_eq!(cause.map(Cause::attempts), Some(2));
        }
    }

    #[test]
    fn a_call_of_a_function_that_is_not_ready_began_nothing() {
        for (code, status) in [
            ("CodeArtifactUserPendingException", 500),
            ("CodeArtifactUserPendingException", 409),
            ("ResourceNotReadyException", 502),
            ("SnapStartNotReadyException", 409),
            ("ENINotReadyException", 502),
        ] {
            let cause = cause("Invoke", code, "", status);
            assert!(matches!(cause, Some(Cause::Starting(_))), "{code}");
        }
        assert_eq!(cause("Invoke", "EFSIOException", "", 410), None);
    }

    #[test]
    fn iam_is_given_two_minutes() {
        let spreading = Cause::Spreading("x");
        let waits = (1..spreading.attempts()).map(|attempt| spreading.wait(attempt));
        let waits: Vec<Duration> = waits.collect();
        assert!(waits.iter().sum::<Duration>() >= Duration::from_secs(120));
        assert!(waits.iter().all(|wait| *wait <= Duration::from_secs(3)));
    }

    #[test]
    fn each_cause_has_its_own_attempts() {
        let mut met = Met::default();
        assert_eq!(met.count(Cause::Busy), 1);
        assert_eq!(met.count(Cause::Passing), 1);
        assert_eq!(met.count(Cause::Busy), 2);
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
