//! What ends a benchmark in Lambda early.

use miette::Diagnostic;
use thiserror::Error;

use crate::remote;

/// Why a benchmark has no result.
#[derive(Debug, Error, Diagnostic)]
pub enum Error {
    /// AWS refused something.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Remote(#[from] remote::Error),
    /// The user asked to stop. The copies are deleted.
    #[error("interrupted")]
    Interrupted,
    /// Lambda cannot run the copy.
    #[error("Lambda cannot run the copy {name}: {reason}")]
    #[diagnostic(help("`jot status` tells whether the function itself runs"))]
    Broken {
        /// The copy's name.
        name: String,
        /// What Lambda says.
        reason: String,
    },
    /// A cold start cannot be forced.
    #[error(
        "Lambda published no new version of {name}, so its next call would not be a cold start"
    )]
    #[diagnostic(help("is `aws.endpoint_url` an emulator that does not know versions?"))]
    NotPublished {
        /// The copy's name.
        name: String,
    },
    /// Not one invocation of a round has a report in its log.
    #[error("the log of {name} has no REPORT of its invocations")]
    #[diagnostic(help(
        "a function that logs JSON reports at the system log level INFO and below: set that with `aws lambda update-function-configuration --logging-config`"
    ))]
    NoReport {
        /// The copy's name.
        name: String,
    },
    /// A copy could not be deleted.
    #[error("the copy {name}, made for this benchmark, is still in Lambda")]
    #[diagnostic(help(
        "delete it: aws lambda delete-function --function-name {name}; a later `jot bench --remote` does it after a day"
    ))]
    Left {
        /// The copy's name.
        name: String,
        /// Why.
        #[source]
        cause: Box<remote::Error>,
    },
}
