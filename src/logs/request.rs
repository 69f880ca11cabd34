//! Search for one call in the log.

use std::time::Duration;

use super::{calls::Calls, tail::Tail};
use crate::{
    model::LoggedCall,
    remote::{Aws, Error},
};

/// How often to read the log, and the interval; CloudWatch delivers a line a few seconds after it
/// was written.
const TIMES: u32 = 8;
const EVERY: Duration = Duration::from_secs(1);

/// The call of a request with the times of its lines, which the tail in Lambda's answer lacks.
///
/// `None` if CloudWatch does not have all of it within a few seconds.
///
/// # Errors
/// CloudWatch Logs failed.
pub async fn of_request(
    aws: &Aws,
    (group, function): (&str, &str),
    request_id: &str,
    since_ms: i64,
) -> Result<Option<LoggedCall>, Error> {
    let mut tail = Tail::new(group, since_ms, None).of(function);
    let mut calls = Calls::default();
    for _ in 0..TIMES {
        let ended = calls.take(&tail.next(aws).await?);
        let is_meant = |call: &LoggedCall| call.request_id.as_deref() == Some(request_id);
        if let Some(found) = ended.into_iter().find(is_meant) {
            return Ok(Some(found));
        }
        tokio::time::sleep(EVERY).await;
    }
    Ok(None)
}
