//! Errors that end a benchmark in Lambda early.

use miette::Diagnostic;
use thiserror::Error;

use crate::remote;

/// Why a benchmark has no result.
#[derive(Debug, Error, Diagnostic)]
#[allow(missing_docs)] // The messages name the fields.
pub enum Error {
    #[error(transparent)]
    #[diagnostic(transparent)]
    Remote(#[from] remote::Error),
    /// The user asked to stop; the copies are deleted.
    #[error("interrupted")]
    Interrupted,
    #[error("Lambda cannot run the copy {name}: {reason}")]
    #[diagnostic(help("`jot status` shows whether the function itself runs"))]
    Broken { name: String, reason: String },
    #[error(
        "Lambda published no new version of {name}, so its next call would not be a cold start"
    )]
    #[diagnostic(help("check whether `aws.endpoint_url` is an emulator without versions"))]
    NotPublished { name: String },
    /// No invocation of a round has a report in its log.
    #[error("the log of {name} has no REPORT of its invocations")]
    #[diagnostic(help(
        "a function with JSON logs needs the system log level INFO: set it with \
         `aws lambda update-function-configuration --logging-config`"
    ))]
    NoReport { name: String },
    #[error("the copy {name}, made for this benchmark, is still in Lambda")]
    #[diagnostic(help(
        "delete it: aws lambda delete-function --function-name {name}; otherwise a later \
         `jot bench --remote` deletes it after a day"
    ))]
    Left {
        name: String,
        #[source]
        cause: Box<remote::Error>,
    },
}
