//! AWS: CloudFormation, ECR, EventBridge, IAM, Lambda, CloudWatch Logs, Parameter Store, S3,
//! Secrets Manager, SNS, STS, Resource Groups Tagging.
//!
//! Every operation goes through `call`: one rate limiter for each service, bounded and visible
//! retries, errors in jot's words. Absence is `None`, and deleting a missing resource succeeds.

mod advice;
pub(super) mod call;
mod chain;
mod clients;
mod clock;
mod cloudformation;
mod connect;
mod credentials;
mod ecr;
mod failure;
pub(super) mod http;
mod iam;
mod iam_simulation;
mod lambda;
mod limit;
mod listen;
mod logs;
mod metrics;
pub(super) mod profile;
pub mod push;
mod question;
mod reading;
mod refusal;
mod retry;
mod s3;
mod secrets;
mod service;
mod ssm;
mod sts;
mod tagging;
pub(super) mod trust;
mod unavailable;

pub use iam_simulation::Attempt;
pub use lambda::{Change, NewZip, Pointed, Running, Waited, ZipCode, is_settled, state_help};
pub use listen::{RetryListener, WaitListener};
pub use metrics::Asked;
pub use retry::Retry;
pub use s3::CodeObject;
pub use sts::Caller;

use std::{collections::BTreeMap, sync::Arc, time::SystemTime};

use tokio::sync::watch;

use super::Error;
use crate::model::Config;

/// Clients for one account and region.
///
/// Clones share connections, credentials and rate limits; each has its own listener.
#[derive(Clone)]
pub struct Aws {
    shared: Arc<clients::Shared>,
    listener: Option<RetryListener>,
    /// Holds true once the user asked to stop.
    stop: Option<watch::Receiver<bool>>,
    /// The account of the repositories, if it is not that of the credentials.
    registry: Option<String>,
}

impl Aws {
    /// These clients, with a listener for waits before a request; only the first one counts.
    pub fn with_wait_listener(self, listener: WaitListener) -> Self {
        self.shared.keys.set_wait_listener(listener);
        self
    }

    /// These clients, with a listener of their own: a step of apply reports its retries as events.
    pub fn with_retry_listener(mut self, listener: RetryListener) -> Self {
        self.listener = Some(listener);
        self
    }

    /// These clients, which stop waiting once `stop` holds true: a call that would be repeated ends
    /// in [`Error::Interrupted`].
    pub fn until(mut self, stop: watch::Receiver<bool>) -> Self {
        self.stop = Some(stop);
        self
    }

    /// These clients, which finish every call even if the user asks to stop.
    pub fn to_the_end(mut self) -> Self {
        self.stop = None;
        self
    }

    /// These clients, for the repositories of another account.
    pub fn of_registry(mut self, account: &str) -> Self {
        self.registry = Some(account.to_owned());
        self
    }

    /// The region of all services except IAM.
    pub fn region(&self) -> &str {
        &self.shared.region
    }

    pub(in crate::remote) fn trust(&self) -> &trust::Trust {
        self.shared.http.trust()
    }

    /// When the credentials end for good; `None` if that is not known, or if they are renewed.
    pub async fn credentials_end(&self) -> Option<SystemTime> {
        self.shared.keys.end().await
    }

    /// Number of requests sent so far, including repeated ones and those for credentials.
    pub fn requests(&self) -> u64 {
        self.shared.http.sent()
    }
}

impl std::fmt::Debug for Aws {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Aws")
            .field("region", &self.shared.region)
            .field("endpoint", &self.shared.endpoint)
            .finish_non_exhaustive()
    }
}

/// What Lambda needs to create a function.
#[derive(Clone, Debug)]
pub struct NewFunction<'a> {
    /// The function's name in Lambda.
    pub name: &'a str,
    /// The image by its digest: `host/repository@sha256:...`.
    pub image_uri: &'a str,
    /// ARN of the execution role.
    pub role: &'a str,
    /// Lambda's name of the architecture: `x86_64` or `arm64`.
    pub architecture: &'a str,
    /// Settings; absent memory and timeout get jot's defaults for creation.
    pub config: &'a Config,
    /// Tags by key, set at creation.
    pub tags: &'a BTreeMap<String, String>,
}

/// The answer of an invocation.
#[derive(Clone, Debug, PartialEq)]
pub struct Invocation {
    /// Response body, or the error object where `function_error` is set.
    pub payload: Vec<u8>,
    /// `Unhandled` where the function failed.
    pub function_error: Option<String>,
    /// The version that answered.
    pub version: Option<String>,
    /// Lambda's id of the request.
    pub request_id: Option<String>,
    /// The last 4 KB of log, decoded, if requested.
    pub log: String,
}

/// A resource that the Resource Groups Tagging API found by a tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tagged {
    /// ARN of the resource, which contains its service.
    pub arn: String,
    /// All its tags by key, not only those searched for.
    pub tags: BTreeMap<String, String>,
}

/// One line of a function's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEvent {
    /// Unix time in milliseconds.
    pub at_ms: i64,
    /// CloudWatch's id, which identifies the event.
    pub id: String,
    /// Its log stream, which belongs to one execution environment.
    pub stream: String,
    /// The text of the line, as the function or Lambda wrote it.
    pub message: String,
}

/// The error for a request that the SDK cannot build.
fn unbuildable(what: &str, cause: &dyn std::fmt::Display) -> Error {
    Error::Failed {
        resource: what.to_owned(),
        reason: cause.to_string(),
        help: None,
    }
}

/// The error for an answer without a required field.
fn incomplete(what: &str, field: &str) -> Error {
    Error::Failed {
        resource: what.to_owned(),
        reason: format!("the answer has no {field}"),
        help: Some(
            "check whether `aws.endpoint_url` is an emulator that does not support this".to_owned(),
        ),
    }
}
