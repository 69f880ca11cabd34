//! Why there is no observation.

use miette::Diagnostic;
use thiserror::Error as ThisError;

use crate::remote;

/// Why there is no observation.
#[derive(Debug, ThisError, Diagnostic)]
pub enum Error {
    /// The credentials belong to another account than the manifest allows.
    #[error("the credentials belong to account {account}, and jot.toml allows only {meant}")]
    #[diagnostic(help(
        "choose other credentials (AWS_PROFILE, `aws.profile`), or another `--target`; the guard is `aws.account_id`"
    ))]
    WrongAccount {
        /// The manifest's.
        meant: String,
        /// The credentials'.
        account: String,
    },
    /// The repository that images are copied from cannot be read.
    #[error("`--images-from {target}` cannot read the repository of target {target}")]
    #[diagnostic(help(
        "credentials must be those of its account: `targets.{target}.aws.profile` names them; `jot iam-policy --images-from {target}` prints what they need"
    ))]
    Source {
        /// The target.
        target: String,
        /// Why.
        #[source]
        cause: Box<Error>,
    },
    /// A question was not answered.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Remote(#[from] remote::Error),
}
