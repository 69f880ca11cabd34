//! What is waited for is said, once it takes longer than a moment.

use std::{future::Future, pin::pin, time::Duration};

use super::output::Print;

/// How long something may take without a word.
pub const PATIENCE: Duration = Duration::from_millis(250);

/// What the future gives. Where that takes longer than a moment, `waiting` is said on stderr.
pub async fn patient<T>(print: &Print, waiting: &str, future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    tokio::select! {
        biased;
        done = &mut future => return done,
        () = tokio::time::sleep(PATIENCE) => print.note(waiting),
    }
    future.await
}
