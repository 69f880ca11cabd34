//! Errors of steps.

use std::path::PathBuf;

use miette::Diagnostic;
use thiserror::Error;

use crate::{recipe, remote};

/// Where defects are reported.
const REPORTS: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/issues");

/// Why a step failed.
#[derive(Debug, Error, Diagnostic)]
#[allow(missing_docs)] // The messages name the fields.
pub enum Error {
    /// A call to AWS or Docker failed.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Remote(remote::Error),
    /// A file that the image needs could not be downloaded.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Recipe(#[from] recipe::Error),
    /// An archive could not be made or read, or Lambda does not accept it.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Archive(#[from] recipe::archive::Error),
    /// Another run pushed different bytes under the same tag, and tags are immutable.
    #[error(
        "another run pushed the archive {tag} first, and its bytes differ from those tested here"
    )]
    #[diagnostic(help("run `jot apply` again: it takes the archive that ECR holds"))]
    Pushed {
        /// Tag of the archive in ECR.
        tag: String,
    },
    /// The user's code is wrong.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Fault(Box<recipe::fault::Drawn>),
    #[error("the source of `{title}` has {} errors", faults.len())]
    Faults {
        /// Title of the build.
        title: String,
        /// What is wrong, in the order in which it was found.
        #[related]
        faults: Vec<recipe::fault::Drawn>,
    },
    #[error("{what} needs at least {needed} MB of memory, and Docker's machine has {found} MB")]
    Memory {
        /// The build that needs it.
        what: String,
        /// Memory that it needs, in MB.
        needed: u64,
        /// Memory of Docker's machine, in MB.
        found: u64,
        /// Advice for the user.
        #[help]
        help: String,
    },
    /// A file that a build collected could not be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        #[source]
        cause: std::io::Error,
    },
    #[error("{failed} of {total} tests of `{function}` failed {stage}")]
    #[diagnostic(help("{consequence}; `jot test {function}` runs them again"))]
    TestsFailed {
        /// Key of the function in the manifest.
        function: String,
        failed: usize,
        total: usize,
        /// What was tested: `against the local image`.
        stage: String,
        /// What follows: `nothing was pushed`.
        consequence: String,
    },
    #[error("alarm {alarm} {why}: no traffic was moved")]
    #[diagnostic(help(
        "`aws cloudwatch describe-alarms --alarm-names {alarm}` says more; `jot apply \
         --ignore-alarm {alarm}` goes on without it"
    ))]
    Alarm {
        /// Name of the alarm in CloudWatch.
        alarm: String,
        /// What is wrong with it.
        why: &'static str,
    },
    #[error(
        "version {version} of `{function}` was not released: {why}; version {from} has all traffic \
         again"
    )]
    Returned {
        /// Key of the function in the manifest.
        function: String,
        /// The version that had part of the traffic.
        version: String,
        /// The version that has all of it.
        from: String,
        /// The reason, in words.
        why: String,
        /// What follows from it.
        #[help]
        help: &'static str,
    },
    /// Lambda reports that a function or version cannot run.
    #[error("Lambda could not {what} `{name}`: {reason}")]
    Failed {
        /// What it could not do, such as `create` or `provide provisioned concurrency for`.
        what: String,
        name: String,
        /// State reason code and text.
        reason: String,
        /// Advice for the user.
        #[help]
        help: String,
    },
    /// The resource was changed by others between two calls of this apply.
    #[error("`{name}` was changed outside jot since it was planned: {what}")]
    #[diagnostic(help("run `jot plan` again"))]
    Changed {
        /// Name of the function, or another resource with its kind: `bucket <name>`.
        name: String,
        /// A sentence on what differs, such as `it has another revision`.
        what: String,
    },
    /// A resource that the plan expects does not exist.
    #[error("{resource} is gone")]
    #[diagnostic(help("run `jot plan` again"))]
    Gone {
        /// What it is, with its name.
        resource: String,
    },
    #[error("{resource} was created since it was planned, and does not belong to this project")]
    #[diagnostic(help("give yours another name in jot.toml, or take it over with `jot adopt`"))]
    Foreign {
        /// What it is, with its name.
        resource: String,
    },
    #[error("the plan names {what}, which jot.toml does not have")]
    #[diagnostic(help("run `jot plan` again"))]
    Stale {
        /// The function, image or step result.
        what: String,
    },
    #[error("jot has a defect: this step stopped at {place}: {message}")]
    #[diagnostic(help(
        "parts of this step may be done; `jot apply` continues from there. Please report this \
         message and `jot --version` at {REPORTS}"
    ))]
    Panicked {
        /// Message of the panic.
        message: String,
        /// File, line and column.
        place: String,
    },
    #[error("no Docker daemon answers")]
    #[diagnostic(help("start Docker, or name another daemon with DOCKER_HOST"))]
    NoDocker,
    #[error("this needs AWS, which this command does not use")]
    #[diagnostic(help("run `jot apply`"))]
    NoAws,
    /// The user asked to stop.
    #[error("interrupted")]
    Interrupted,
}

impl From<remote::Error> for Error {
    fn from(error: remote::Error) -> Self {
        match error {
            remote::Error::Interrupted => Self::Interrupted,
            error => Self::Remote(error),
        }
    }
}
