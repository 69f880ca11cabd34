//! Timed calls of one fresh container.

use std::time::Duration;

use super::{
    log::own_lines,
    request::{Local, container_result},
    running::Running,
};
use crate::{
    model::{Test, TestResult},
    remote::{Docker, Error},
};

/// The times of one container's calls, as their caller sees them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Round {
    /// The first call, which initialises.
    pub first: Duration,
    /// Initialisation, as part of the first call, if the emulator reports it.
    pub init: Option<Duration>,
    /// The calls after it, in order.
    pub later: Vec<Duration>,
}

/// Starts a container, calls it with the test's argument once and then `later` times more, and
/// removes it.
///
/// If the future is dropped, it is removed in the background. Every answer is compared with what
/// the test expects: a wrong one ends the round, and its result is in `Err`.
///
/// # Errors
///
/// The outer one is one of Docker; whatever the function does is a result.
pub async fn round(
    docker: &Docker,
    request: &Local<'_>,
    test: &Test,
    later: u32,
) -> Result<Result<Round, TestResult>, Error> {
    let mut container = Running::start(docker, request).await?;
    if let Some(why) = container.failed_start().await? {
        let log = own_lines(&container.lines().await?, false, request.trace());
        container.remove().await?;
        return Ok(Err(container_result(request, &test.name, why, 0, log)));
    }
    let (result, first, container) = container.timed(test).await?;
    let (container, init) = match passed(result, container).await? {
        Ok(container) => {
            let init = container.initialised().await?;
            (container, init)
        }
        Err(failed) => return Ok(Err(failed)),
    };
    let mut round = Round {
        first,
        init,
        later: Vec::new(),
    };
    let mut container = container;
    for _ in 0..later {
        let (result, took, left) = container.timed(test).await?;
        container = match passed(result, left).await? {
            Ok(container) => container,
            Err(failed) => return Ok(Err(failed)),
        };
        round.later.push(took);
    }
    container.remove().await?;
    Ok(Ok(round))
}

/// The container, if its test passed; otherwise the result, and the container is removed.
async fn passed<'a>(
    result: TestResult,
    container: Option<Running<'a>>,
) -> Result<Result<Running<'a>, TestResult>, Error> {
    match container {
        Some(container) if result.passed() => Ok(Ok(container)),
        Some(container) => {
            container.remove().await?;
            Ok(Err(result))
        }
        // A container that a call leaves unusable is removed, and its test failed.
        None => Ok(Err(result)),
    }
}
