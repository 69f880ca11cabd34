//! Listeners for retries and waits.

use std::sync::Arc;

use super::retry::Retry;

/// Is called before the wait of every call that will be sent again.
pub type RetryListener = Arc<dyn Fn(Retry) + Send + Sync>;

/// Receives a description of a longer wait: `Waiting for the credentials of the profile ...`.
pub type WaitListener = Arc<dyn Fn(&str) + Send + Sync>;
