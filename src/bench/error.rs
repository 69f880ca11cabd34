//! Errors that end a benchmark in Lambda early.

use miette::Diagnostic;
use thiserror::Error;

use crate::remote;

/// Why a benchmark has no result.
#[derive(Debug, Error, Diagnostic)]
pub enum Error {
    /// An AWS request failed.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Remote(#[from] remote::Error),
    /// The user asked to stop; the copies are deleted.
    #[error("interrupted")]
    Interrupted,
    /// Lambda cannot run the copy.
    #[error("Lambda cannot run the copy {name}: {reason}")]
    #[diagnostic(help("`jot status` shows whether the function itself runs"))]
    Broken {
        /// The copy's name.
        name: String,
        /// Lambda's reason.
        reason: String,
    },
    /// A cold start cannot be forced.
    #[error(
        "Lambda published no new version of {name}, so its next call would not be a cold start"
    )]
    #[diagnostic(help("check whether `aws.endpoint_url` is an emulator without versions"))]
    NotPublished {
        /// The copy's name.
        name: String,
    },
    /// No invocation of a round has a report in its log.
    #[error("the log of {name} has no REPORT of its invocations")]
    #[diagnostic(help(
        "a function with JSON logs needs the system log level INFO: set it with \
         `aws lambda update-function-configuration --logging-config`"
    ))]
    NoReport {
        /// The copy's name.
        name: String,
    },
    /// A copy could not be deleted.
    #[error("the copy {name}, made for this benchmark, is still in Lambda")]
    #[diagnostic(help(
        "delete it: aws lambda delete-function --function-name {name}; otherwise a later \
         `jot bench --remote` deletes it after a day"
    ))]
    Left {
        /// The copy's name.
        name: String,
        /// The cause.
        #[source]
        cause: Box<remote::Error>,
    },
}
