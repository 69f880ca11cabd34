//! The lack of credentials, as plain data.

/// Why there are no credentials; holds nothing that a program wrote.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(super) struct Unavailable {
    pub message: String,
    /// What to do; `None`: no more than for any.
    pub help: Option<String>,
}
