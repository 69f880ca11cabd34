//! Errors of remote calls, mapped from the SDKs.

use miette::Diagnostic;
use thiserror::Error;

/// Why a remote call failed.
///
/// Absence is not an error: look-ups return `Option`.
#[derive(Debug, Error, Diagnostic)]
#[allow(missing_docs)] // The messages name the fields.
pub enum Error {
    #[error("{service} does not answer at {endpoint}")]
    #[diagnostic(help(
        "check the network, and what `aws.endpoint_url` and `aws.region` say, then run the command \
         again: it continues from the present state"
    ))]
    Unreachable {
        /// Service, such as `Lambda`.
        service: String,
        endpoint: String,
        #[source]
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
    #[error("{service} refused {operation}: {code}: {message}")]
    Refused {
        service: String,
        /// Operation, such as `CreateFunction`.
        operation: String,
        code: String,
        message: String,
        #[help]
        help: Option<String>,
    },
    /// Credentials are missing or no longer valid.
    #[error("{message}")]
    Credentials {
        message: String,
        /// Where jot looks for them.
        #[help]
        help: String,
    },
    #[error("{service} denies {operation} on {resource}: {message}")]
    AccessDenied {
        service: &'static str,
        operation: &'static str,
        resource: Box<str>,
        /// The IAM action that is missing, such as `lambda:CreateFunction`.
        action: Box<str>,
        message: String,
        #[help]
        help: Box<str>,
    },
    /// Neither the manifest nor the environment sets a region.
    #[error("no AWS region is set")]
    #[diagnostic(help("set `aws.region` in jot.toml, or AWS_REGION"))]
    NoRegion,
    /// A resource that this operation requires does not exist.
    #[error("{service} has no {resource}")]
    #[diagnostic(help("run `jot plan` again"))]
    Missing { service: String, resource: String },
    /// A resource is in an unusable state, or has an invalid input.
    #[error("{resource}: {reason}")]
    Failed {
        resource: String,
        /// Why, with AWS's reason code if it has one.
        reason: String,
        #[help]
        help: Option<String>,
    },
    /// The resource was changed since it was read (412, `PreconditionFailedException`).
    #[error("{resource} was changed outside jot since it was planned")]
    #[diagnostic(help("run `jot plan` again"))]
    Changed { resource: String },
    /// It exists already, or another change is in progress (409).
    #[error("{service} reports a conflict for {operation}: {message}")]
    #[diagnostic(help(
        "wait until the other change has ended, then run the command again: it continues from the \
         present state"
    ))]
    Conflict {
        service: String,
        operation: String,
        message: String,
    },
    /// The user asked to stop while a call waited to be repeated.
    #[error("interrupted")]
    #[diagnostic(help("run the command again: it continues from the present state"))]
    Interrupted,
    /// A file could not be downloaded from a public release.
    #[error("cannot fetch {url}: {why}")]
    #[diagnostic(help(
        "set JOT_RIE to a copy of AWS's Lambda Runtime Interface Emulator, or `build.rie = false`"
    ))]
    Download { url: String, why: String },
    /// A git repository lacks what was requested.
    #[error("{url}: {why}")]
    Git {
        url: String,
        /// Why, in git's words or jot's.
        why: String,
        #[help]
        help: String,
    },
    #[error("docker: {message}")]
    Docker {
        message: String,
        #[help]
        help: Option<String>,
    },
    /// A connection to the daemon or a registry broke off, or a registry is down: repeating may
    /// succeed.
    #[error("docker: {message}")]
    BrokeOff {
        /// What broke off, and why.
        message: String,
        #[help]
        help: String,
    },
    /// A registry that jot calls itself refused, or did not answer.
    #[error("{message}")]
    Registry {
        /// What failed, and why.
        message: String,
        #[help]
        help: Option<String>,
        /// Whether repeating may succeed.
        again: bool,
    },
    #[error("no Docker daemon answers at {endpoint}")]
    NoDaemon {
        endpoint: String,
        #[help]
        help: String,
        #[source]
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A tool of jot's in a build reports a fault in the source.
    #[error("{image} cannot be built: {reason}")]
    Source {
        image: String,
        reason: String,
        /// The last lines that the step wrote.
        #[source]
        output: Option<BuildOutput>,
    },
    /// A step of a Dockerfile failed.
    #[error("the build of {image} failed {step}: {reason}")]
    Build {
        image: String,
        /// Where: `at [2/5] RUN make`, or `while compiling packages`.
        step: String,
        /// Why, such as `exit status 2`.
        reason: String,
        /// The last lines that the step wrote.
        #[source]
        output: Option<BuildOutput>,
    },
}

/// The last lines that a failed build step wrote, one per line.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("it wrote:\n{}", .0.join("\n"))]
pub struct BuildOutput(pub Vec<String>);
