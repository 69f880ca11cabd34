//! Listeners, for what is said while a call waits.

use std::sync::Arc;

use super::retry::Retry;

/// Hears of every call that is going to be sent again, before the wait.
pub type RetryListener = Arc<dyn Fn(Retry) + Send + Sync>;

/// Hears what is waited for, once that has taken a while: `Waiting for the credentials of the
/// profile ...`.
pub type WaitListener = Arc<dyn Fn(&str) + Send + Sync>;
