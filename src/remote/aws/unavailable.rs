//! Missing credentials, as plain data.

/// Why credentials are missing; contains nothing that a program wrote.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(super) struct Unavailable {
    pub message: String,
    /// Advice; `None` for the general advice.
    pub help: Option<String>,
}
