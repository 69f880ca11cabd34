//! Errors of an observation.

use miette::Diagnostic;
use thiserror::Error as ThisError;

use crate::remote;

/// Why an observation failed.
#[derive(Debug, ThisError, Diagnostic)]
#[allow(missing_docs)] // The messages name the fields.
pub enum Error {
    #[error("the credentials belong to account {account}, and jot.toml allows only {meant}")]
    #[diagnostic(help(
        "choose other credentials (AWS_PROFILE, `aws.profile`), or another `--target`; the guard \
         is `aws.account_id`"
    ))]
    WrongAccount {
        /// The account that the manifest allows.
        meant: String,
        /// The account of the credentials.
        account: String,
    },
    #[error("`--images-from {target}` cannot read the repository of target {target}")]
    #[diagnostic(help(
        "credentials must be those of its account, which `targets.{target}.aws.profile` names, or \
         of one that its `aws.pull_accounts` names; `jot iam-policy --images-from {target}` prints \
         what they need"
    ))]
    Source {
        /// Name of the target.
        target: String,
        #[source]
        cause: Box<Error>,
    },
    /// A request to AWS failed.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Remote(#[from] remote::Error),
}
