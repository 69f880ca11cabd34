//! Errors of remote calls, mapped from the SDKs.

use miette::Diagnostic;
use thiserror::Error;

/// What a remote call can end in. Absence is not an error: look-ups return `Option`.
#[derive(Debug, Error, Diagnostic)]
pub enum Error {
    /// Nothing answers at the endpoint.
    #[error("{service} does not answer at {endpoint}")]
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
    /// Somebody changed the resource since it was read (412, `PreconditionFailedException`).
    #[error("{resource} was changed meanwhile")]
    #[diagnostic(help("run `jot plan` again"))]
    Changed {
        /// What was changed.
        resource: String,
    },
    /// It exists already, or is busy with another change (409).
    #[error("{service} reports a conflict for {operation}: {message}")]
    Conflict {
        /// Service.
        service: String,
        /// Operation.
        operation: String,
        /// AWS's message.
        message: String,
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
    /// A step of a Dockerfile failed.
    #[error("the build of {image} failed at {step}: {reason}")]
    Build {
        /// The image's title.
        image: String,
        /// The step, such as `[2/5] RUN make`.
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
