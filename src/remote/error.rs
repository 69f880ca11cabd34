//! Errors of remote calls, mapped from the SDKs.

use miette::Diagnostic;
use thiserror::Error;

/// What a remote call can end in. Absence is not an error: look-ups return `Option`.
#[derive(Debug, Error, Diagnostic)]
pub enum Error {
    /// Nothing answers at the endpoint.
    #[error("{service} does not answer at {endpoint}")]
    #[diagnostic(help(
        "check the network, and what `aws.endpoint_url` and `aws.region` say, then run the command again: it goes on from what it finds"
    ))]
    Unreachable {
        /// Service, such as `Lambda`.
        service: String,
        /// Where it was looked for.
        endpoint: String,
        /// Why.
        #[source]
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The service said no, or something that jot has no special word for.
    #[error("{service} refused {operation}: {code}: {message}")]
    Refused {
        /// Service.
        service: String,
        /// Operation, such as `CreateFunction`.
        operation: String,
        /// AWS's error code.
        code: String,
        /// AWS's message.
        message: String,
        /// What to do.
        #[help]
        help: Option<String>,
    },
    /// There are no credentials, or none that are valid any more.
    #[error("{message}")]
    Credentials {
        /// What is the matter with them.
        message: String,
        /// Where they are looked for.
        #[help]
        help: String,
    },
    /// The credentials may not do this.
    #[error("{service} denies {operation} on {resource}: {message}")]
    AccessDenied {
        /// Service.
        service: &'static str,
        /// Operation.
        operation: &'static str,
        /// What it was to act on.
        resource: Box<str>,
        /// The IAM action that is missing, such as `lambda:CreateFunction`.
        action: Box<str>,
        /// AWS's message.
        message: String,
        /// What to do.
        #[help]
        help: Box<str>,
    },
    /// Neither manifest nor environment says where.
    #[error("no AWS region is set")]
    #[diagnostic(help("set `aws.region` in jot.toml, or AWS_REGION"))]
    NoRegion,
    /// It must exist for this operation, and does not.
    #[error("{service} has no {resource}")]
    #[diagnostic(help("run `jot plan` again"))]
    Missing {
        /// Service.
        service: String,
        /// What was not found.
        resource: String,
    },
    /// A resource is in a state in which it cannot be used, or something is wrong with what it was given.
    #[error("{resource}: {reason}")]
    Failed {
        /// What failed.
        resource: String,
        /// Why, with AWS's reason code where it gives one.
        reason: String,
        /// What to do.
        #[help]
        help: Option<String>,
    },
    /// The resource was changed since it was read (412, `PreconditionFailedException`).
    #[error("{resource} was changed outside jot since it was planned")]
    #[diagnostic(help("run `jot plan` again"))]
    Changed {
        /// What was changed.
        resource: String,
    },
    /// It exists already, or is busy with another change (409).
    #[error("{service} reports a conflict for {operation}: {message}")]
    #[diagnostic(help(
        "wait until the other change has ended, then run the command again: it goes on from what it finds"
    ))]
    Conflict {
        /// Service.
        service: String,
        /// Operation.
        operation: String,
        /// AWS's message.
        message: String,
    },
    /// The user asked to stop while a call waited to be repeated.
    #[error("interrupted")]
    #[diagnostic(help("run the command again: it goes on from what it finds"))]
    Interrupted,
    /// A file could not be fetched from a public release.
    #[error("cannot fetch {url}: {why}")]
    #[diagnostic(help(
        "set JOT_RIE to a copy of AWS's Lambda Runtime Interface Emulator, or `build.rie = false`"
    ))]
    Download {
        /// Where it was looked for.
        url: String,
        /// Why.
        why: String,
    },
    /// A git repository did not give what was asked of it.
    #[error("{url}: {why}")]
    Git {
        /// Its address.
        url: String,
        /// Why, in git's words or jot's.
        why: String,
        /// What to do.
        #[help]
        help: String,
    },
    /// Docker said no.
    #[error("docker: {message}")]
    Docker {
        /// Docker's message.
        message: String,
        /// What to do.
        #[help]
        help: Option<String>,
    },
    /// A connection to the daemon or a registry broke off, or a registry was unwell: the same again may succeed.
    #[error("docker: {message}")]
    BrokeOff {
        /// What broke off, and why.
        message: String,
        /// What to do.
        #[help]
        help: String,
    },
    /// A registry that jot asks itself said no, or gave no answer.
    #[error("{message}")]
    Registry {
        /// What did not succeed, and why.
        message: String,
        /// What to do.
        #[help]
        help: Option<String>,
        /// Whether the same again may succeed.
        again: bool,
    },
    /// No Docker daemon answers.
    #[error("no Docker daemon answers at {endpoint}")]
    NoDaemon {
        /// Where it was looked for.
        endpoint: String,
        /// What to do.
        #[help]
        help: String,
        /// Why.
        #[source]
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A tool of jot's that a build runs says what is wrong with the source.
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

/// The last lines that a failed build step wrote, one a line.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("it wrote:\n{}", .0.join("\n"))]
pub struct BuildOutput(pub Vec<String>);
