//! Notes for slow operations.

use std::{future::Future, pin::pin, time::Duration};

use super::output::Print;

/// How long an operation may take without a note.
pub const PATIENCE: Duration = Duration::from_millis(250);

/// Awaits the future; prints `waiting` on stderr if it takes longer than a moment.
pub async fn patient<T>(print: &Print, waiting: &str, future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    tokio::select! {
        biased;
        done = &mut future => return done,
        () = tokio::time::sleep(PATIENCE) => print.note(waiting),
    }
    future.await
}
