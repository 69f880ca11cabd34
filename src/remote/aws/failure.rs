//! Failures of calls, read once from the SDK's error, as plain data.

use std::{borrow::Cow, error::Error as StdError, time::Duration};

use aws_smithy_runtime_api::{
    client::{orchestrator::HttpResponse, result::SdkError},
    http::Headers,
};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::{
    advice::{advice, denial, is_clock},
    chain::{deepest, find},
    http::{Unanswered, explained},
    service::Call,
    unavailable::Unavailable,
};
use crate::{
    model::{redacted, secret::REDACTED},
    remote::Error,
};

/// Why a call failed.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Failure {
    /// The service answered with an error.
    Refused {
        code: String,
        message: String,
        status: u16,
        /// Milliseconds after which the service allows the call to be repeated.
        retry_after_ms: Option<u64>,
    },
    /// No answer came, or not a complete one.
    Unanswered {
        endpoint: Option<String>,
        cause: String,
        /// Whether the connection was refused: repeating will not help.
        unreachable: bool,
        /// Whether it timed out.
        late: bool,
    },
    /// Credentials could not be loaded.
    Credentials(Unavailable),
    /// The request could not be made, or the answer could not be read.
    Broken { cause: String },
}

/// The endpoint of calls, as far as the manifest sets it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub endpoint: &'a str,
}

impl Failure {
    /// Reads the SDK's error, and removes every secret from AWS's message.
    pub fn of<E>(error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + StdError + 'static,
    {
        match Self::read(error) {
            Self::Refused {
                code,
                message,
                status,
                retry_after_ms,
            } => Self::Refused {
                code,
                message: redacted(&without_environment(&message)).into_owned(),
                status,
                retry_after_ms,
            },
            Self::Unanswered {
                endpoint,
                cause,
                unreachable,
                late,
            } => Self::Unanswered {
                endpoint,
                cause: redacted(&cause).into_owned(),
                unreachable,
                late,
            },
            // The text about credentials is jot's own.
            Self::Credentials(unavailable) => Self::Credentials(unavailable),
            Self::Broken { cause } => Self::Broken {
                cause: redacted(&cause).into_owned(),
            },
        }
    }

    fn read<E>(error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + StdError + 'static,
    {
        match error {
            SdkError::ServiceError(answer) => Self::Refused {
                code: answer.err().code().unwrap_or("Unknown").to_owned(),
                message: answer.err().message().unwrap_or_default().to_owned(),
                status: answer.raw().status().as_u16(),
                retry_after_ms: retry_after(answer.raw().headers()),
            },
            SdkError::ResponseError(answer) if answer.raw().status().is_server_error() => {
                Self::Refused {
                    code: answer.raw().status().as_u16().to_string(),
                    message: "the answer is not one of AWS's".to_owned(),
                    status: answer.raw().status().as_u16(),
                    retry_after_ms: retry_after(answer.raw().headers()),
                }
            }
            // The connection broke off within the answer.
            SdkError::ResponseError(_) if find::<hyper::Error>(error).is_some() => {
                Self::Unanswered {
                    endpoint: None,
                    cause: deepest(error).to_string(),
                    unreachable: false,
                    late: false,
                }
            }
            SdkError::TimeoutError(_) => Self::Unanswered {
                endpoint: None,
                cause: "the answer took too long".to_owned(),
                unreachable: false,
                late: true,
            },
            other => Self::within(other),
        }
    }

    /// Searches the causes for a known one.
    fn within(error: &(dyn StdError + 'static)) -> Self {
        if let Some(why) = find::<Unavailable>(error) {
            return Self::Credentials(why.clone());
        }
        let cause = explained(deepest(error).to_string());
        match find::<Unanswered>(error) {
            Some(unanswered) => Self::Unanswered {
                endpoint: Some(unanswered.endpoint.clone()),
                unreachable: is_unreachable(error),
                late: false,
                cause,
            },
            None => Self::Broken { cause },
        }
    }

    /// When to repeat the call, if the service says so.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused { retry_after_ms, .. } => retry_after_ms.map(Duration::from_millis),
            _ => None,
        }
    }

    /// Whether it timed out.
    pub fn is_late(&self) -> bool {
        matches!(self, Self::Unanswered { late: true, .. })
    }

    /// The error for the caller, in one sentence.
    pub fn into_error(self, call: &Call<'_>, place: &Place<'_>) -> Error {
        match self {
            Self::Refused {
                code,
                message,
                status,
                ..
            } => refused(call, code, message, status),
            Self::Unanswered {
                endpoint: at,
                cause,
                ..
            } => Error::Unreachable {
                service: call.service.name().to_owned(),
                endpoint: at.unwrap_or_else(|| place.endpoint.to_owned()),
                cause: cause.into(),
            },
            Self::Credentials(Unavailable { message, help }) => match help {
                Some(help) => Error::Credentials { message, help },
                None => credentials(message),
            },
            Self::Broken { cause } => Error::Failed {
                resource: call.resource.to_owned(),
                reason: format!(
                    "{} gave no usable answer to {}: {cause}",
                    call.service.name(),
                    call.operation
                ),
                help: Some("run again with `-v`".to_owned()),
            },
        }
    }
}

/// The message without the environment that it quotes, if any.
///
/// AWS quotes it as JSON after `String measured:` where the environment is too large, and as `Value
/// '{NAME=value}'` where it breaks a rule.
fn without_environment(message: &str) -> Cow<'_, str> {
    let quoted = message.to_ascii_lowercase().contains("environment");
    let Some(start) = message.find('{').filter(|_| quoted) else {
        return Cow::Borrowed(message);
    };
    let end = message.rfind('}').map_or(message.len(), |at| at + 1);
    let rest = message.get(end..).filter(|_| end > start).unwrap_or("");
    Cow::Owned(format!("{}{REDACTED}{rest}", &message[..start]))
}

/// The error for an answer with one of AWS's codes.
///
/// Those that are common to all services are in
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html>.
fn refused(call: &Call<'_>, code: String, message: String, status: u16) -> Error {
    let service = call.service.name().to_owned();
    let operation = call.operation.to_owned();
    let resource = call.resource.to_owned();
    match code.as_str() {
        code if is_clock(code, &message) => Error::Credentials {
            message: format!("the clock of this machine differs from AWS's: {message}"),
            help: "set the clock of this machine, then run the command again".to_owned(),
        },
        "ExpiredToken" | "ExpiredTokenException" | "TokenRefreshRequired" => {
            credentials("the AWS credentials have expired".to_owned())
        }
        "InvalidClientTokenId"
        | "UnrecognizedClientException"
        | "InvalidAccessKeyId"
        | "SignatureDoesNotMatch"
        | "InvalidSignatureException"
        | "IncompleteSignature"
        | "MissingAuthenticationToken"
        | "MissingAuthenticationTokenException" => not_valid(&message),
        "AccessDenied" | "AccessDeniedException" | "UnauthorizedOperation" | "NotAuthorized" => {
            let action = denied_action(&message).unwrap_or_else(|| call.action());
            Error::AccessDenied {
                service: call.service.name(),
                operation: call.operation,
                resource: resource.into(),
                help: denial(&action, &message),
                action: action.into(),
                message,
            }
        }
        "PreconditionFailed" | "PreconditionFailedException" => Error::Changed { resource },
        // A creation lacks something other than what it creates: AWS's message says what.
        code if is_missing(code) && !call.operation.starts_with("Create") => {
            Error::Missing { service, resource }
        }
        code if is_conflict(code) => Error::Conflict {
            service,
            operation,
            message,
        },
        _ => Error::Refused {
            help: help_for(&code, &message, status, call),
            service,
            operation,
            code,
            message,
        },
    }
}

fn is_missing(code: &str) -> bool {
    matches!(
        code,
        "ResourceNotFoundException"
            | "NoSuchEntity"
            | "NoSuchEntityException"
            | "RepositoryNotFoundException"
            | "RepositoryPolicyNotFoundException"
            | "LifecyclePolicyNotFoundException"
            | "ImageNotFoundException"
            | "ProvisionedConcurrencyConfigNotFoundException"
            | "NotFound"
            | "NoSuchKey"
    )
}

fn is_conflict(code: &str) -> bool {
    matches!(
        code,
        "ResourceConflictException"
            | "ConflictException"
            | "ResourceInUseException"
            | "ResourceAlreadyExistsException"
            | "EntityAlreadyExists"
            | "EntityAlreadyExistsException"
            | "RepositoryAlreadyExistsException"
            | "ConcurrentModification"
            | "ConcurrentModificationException"
            | "OperationAbortedException"
            | "DeleteConflict"
            | "DeleteConflictException"
    )
}

/// Advice for a refusal that has none in its message.
fn help_for(code: &str, message: &str, status: u16, call: &Call<'_>) -> Option<String> {
    if let Some(help) = advice(code, message) {
        return Some(help.to_owned());
    }
    let help = match code {
        "InvalidParameterValueException" | "ValidationException" | "ValidationError" => {
            format!(
                "{} does not accept a setting of {}; `jot check` lists the limits that it knows",
                call.service.name(),
                call.resource
            )
        }
        code if status == 429 || is_throttling(code) => {
            "run the command again later, or ask AWS for a higher rate: it continues from the \
             present state"
                .to_owned()
        }
        _ if status >= 500 => format!(
            "the fault is {}'s: run the command again later, it continues from the present state",
            call.service.name()
        ),
        _ => return None,
    };
    Some(help)
}

fn credentials(message: String) -> Error {
    let help = "sign in again, or use other credentials: AWS_PROFILE, `aws.profile` in jot.toml, \
                or AWS_ACCESS_KEY_ID with AWS_SECRET_ACCESS_KEY";
    Error::Credentials {
        message,
        help: help.to_owned(),
    }
}

/// The error for invalid credentials.
///
/// A region that the account did not enable rejects its credentials too.
/// <https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html>
fn not_valid(message: &str) -> Error {
    match credentials(format!("the AWS credentials are not valid: {message}")) {
        Error::Credentials { message, help } => Error::Credentials {
            message,
            help: format!(
                "{help}; where they are valid in other regions, enable `aws.region` for the account"
            ),
        },
        other => other,
    }
}

/// The action in AWS's message: `... is not authorized to perform: iam:PassRole on resource: ...`.
fn denied_action(message: &str) -> Option<String> {
    let (_, rest) = message.split_once("not authorized to perform: ")?;
    let action = rest.split_whitespace().next()?;
    action.contains(':').then(|| action.to_owned())
}

/// The SDKs' retry header, in milliseconds.
fn retry_after(headers: &Headers) -> Option<u64> {
    headers.get("x-amz-retry-after")?.parse().ok()
}

fn is_unreachable(error: &(dyn StdError + 'static)) -> bool {
    use std::io::ErrorKind::{
        AddrNotAvailable, ConnectionRefused, HostUnreachable, NetworkUnreachable,
    };
    find::<std::io::Error>(error).is_some_and(|cause| {
        matches!(
            cause.kind(),
            ConnectionRefused | HostUnreachable | NetworkUnreachable | AddrNotAvailable
        )
    })
}

/// Whether the code reports too many requests.
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

#[cfg(test)]
#[path = "failure_tests.rs"]
mod tests;
