//! Errors of remote calls, mapped from the SDKs.

use miette::Diagnostic;
use thiserror::Error;

/// Why a remote call failed.
///
/// Absence is not an error: look-ups return `Option`.
#[derive(Debug, Error, Diagnostic)]
pub enum Error {
    /// The endpoint does not answer.
    #[error("{service} does not answer at {endpoint}")]
    #[diagnostic(help(
        "check the network, and what `aws.endpoint_url` and `aws.region` say, then run the command \
         again: it continues from the present state"
    ))]
    Unreachable {
        /// Service, such as `Lambda`.
        service: String,
        /// The endpoint.
        endpoint: String,
        /// The underlying error.
        #[source]
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The service refused the operation.
    #[error("{service} refused {operation}: {code}: {message}")]
    Refused {
        /// Name of the AWS service.
        service: String,
        /// Operation, such as `CreateFunction`.
        operation: String,
        /// AWS's error code.
        code: String,
        /// AWS's message.
        message: String,
        /// Advice for the user.
        #[help]
        help: Option<String>,
    },
    /// Credentials are missing or no longer valid.
    #[error("{message}")]
    Credentials {
        /// What is wrong with them.
        message: String,
        /// Where jot looks for them.
        #[help]
        help: String,
    },
    /// The credentials may not do this.
    #[error("{service} denies {operation} on {resource}: {message}")]
    AccessDenied {
        /// Name of the AWS service.
        service: &'static str,
        /// Name of the API operation.
        operation: &'static str,
        /// The resource.
        resource: Box<str>,
        /// The IAM action that is missing, such as `lambda:CreateFunction`.
        action: Box<str>,
        /// AWS's message.
        message: String,
        /// Advice for the user.
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
    Missing {
        /// Name of the AWS service.
        service: String,
        /// The missing resource.
        resource: String,
    },
    /// A resource is in an unusable state, or has an invalid input.
    #[error("{resource}: {reason}")]
    Failed {
        /// What failed.
        resource: String,
        /// Why, with AWS's reason code if it has one.
        reason: String,
        /// Advice for the user.
        #[help]
        help: Option<String>,
    },
    /// The resource was changed since it was read (412, `PreconditionFailedException`).
    #[error("{resource} was changed outside jot since it was planned")]
    #[diagnostic(help("run `jot plan` again"))]
    Changed {
        /// The changed resource.
        resource: String,
    },
    /// It exists already, or another change is in progress (409).
    #[error("{service} reports a conflict for {operation}: {message}")]
    #[diagnostic(help(
        "wait until the other change has ended, then run the command again: it continues from the \
         present state"
    ))]
    Conflict {
        /// Name of the AWS service.
        service: String,
        /// Name of the API operation.
        operation: String,
        /// AWS's message.
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
    Download {
        /// Where it was looked for.
        url: String,
        /// The reason, in words.
        why: String,
    },
    /// A git repository lacks what was requested.
    #[error("{url}: {why}")]
    Git {
        /// Its address.
        url: String,
        /// Why, in git's words or jot's.
        why: String,
        /// Advice for the user.
        #[help]
        help: String,
    },
    /// Docker reported an error.
    #[error("docker: {message}")]
    Docker {
        /// Docker's message.
        message: String,
        /// Advice for the user.
        #[help]
        help: Option<String>,
    },
    /// A connection to the daemon or a registry broke off, or a registry is down: repeating may
    /// succeed.
    #[error("docker: {message}")]
    BrokeOff {
        /// What broke off, and why.
        message: String,
        /// Advice for the user.
        #[help]
        help: String,
    },
    /// A registry that jot calls itself refused, or did not answer.
    #[error("{message}")]
    Registry {
        /// What failed, and why.
        message: String,
        /// Advice for the user.
        #[help]
        help: Option<String>,
        /// Whether repeating may succeed.
        again: bool,
    },
    /// The Docker daemon does not answer.
    #[error("no Docker daemon answers at {endpoint}")]
    NoDaemon {
        /// Its address.
        endpoint: String,
        /// Advice for the user.
        #[help]
        help: String,
        /// The underlying error.
        #[source]
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A tool of jot's in a build reports a fault in the source.
    #[error("{image} cannot be built: {reason}")]
    Source {
        /// The image's title.
        image: String,
        /// What is wrong.
        reason: String,
        /// The last lines that the step wrote.
        #[source]
        output: Option<BuildOutput>,
    },
    /// A step of a Dockerfile failed.
    #[error("the build of {image} failed {step}: {reason}")]
    Build {
        /// The image's title.
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
