//! Sends operations: the only way to call AWS.

use std::{error::Error as StdError, future::Future, time::Duration};

use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use tokio::time::Instant;

use super::{
    Aws,
    failure::Failure,
    question::ATTEMPTS,
    retry::{Cause, Met, Retry},
    service::Call,
};
use crate::remote::Error;

/// How long one attempt may take; for an invocation, Lambda's 15 minutes and a cold start.
const ATTEMPT: Duration = Duration::from_secs(60);
const INVOCATION: Duration = Duration::from_secs(900 + 60);
/// The lowest expected bandwidth in bytes per second: half a Mbit.
const SLOWEST: u64 = 64 * 1024;
/// How long a call without an answer is repeated after its first repetition: attempts may last a
/// minute each.
const PATIENCE: Duration = Duration::from_secs(180);

impl Aws {
    /// Calls `send` for each attempt at an operation, and returns its answer.
    ///
    /// Waits for the rate limit of the service first, and repeats the operation where that may
    /// help.
    pub(super) async fn call<T, E, S, F>(&self, call: Call<'_>, send: S) -> Result<T, Error>
    where
        S: Fn() -> F,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + StdError + 'static,
    {
        let again = !call.once();
        self.repeated(call, again, send).await
    }

    /// As [`Aws::call`], for a request with a large body: `bytes` extends the time for an attempt.
    pub(super) async fn sending<T, E, S, F>(
        &self,
        call: Call<'_>,
        bytes: u64,
        send: S,
    ) -> Result<T, Error>
    where
        S: Fn() -> F,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + StdError + 'static,
    {
        self.within(call, (true, time_for(bytes)), send).await
    }

    /// As [`Aws::call`]; `again` says whether it may be sent again where it may already have been
    /// executed.
    pub(super) async fn repeated<T, E, S, F>(
        &self,
        call: Call<'_>,
        again: bool,
        send: S,
    ) -> Result<T, Error>
    where
        S: Fn() -> F,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + StdError + 'static,
    {
        let limit = match () {
            () if call.once() => INVOCATION,
            () if call.asks() => self.shared.question,
            () => ATTEMPT,
        };
        self.within(call, (again, limit), send).await
    }

    /// Calls an operation with attempts that may take up to `limit` each.
    async fn within<T, E, S, F>(
        &self,
        call: Call<'_>,
        (again, limit): (bool, Duration),
        send: S,
    ) -> Result<T, Error>
    where
        S: Fn() -> F,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + StdError + 'static,
    {
        let mut tries = Tries {
            attempt: 1,
            begun: Instant::now(),
            met: Met::default(),
        };
        loop {
            // Signing in may take longer than an attempt.
            if let Err(why) = self.shared.keys.ready().await {
                return Err(Failure::Credentials(why).into_error(&call, &self.shared.place()));
            }
            // The SDK's futures are large: a dozen at once would overflow a thread's stack.
            let failure = match self.attempt(&call, limit, Box::pin(send())).await {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            let wait = Cause::of(&failure, again)
                .and_then(|cause| self.wait_before_retry(&call, &failure, cause, &mut tries));
            let Some(wait) = wait else {
                return Err(failure.into_error(&call, &self.shared.place()));
            };
            self.pause(wait).await?;
            tries.attempt += 1;
        }
    }

    /// Waits, unless the user asks to stop.
    ///
    /// # Errors
    /// [`Error::Interrupted`].
    pub(super) async fn pause(&self, wait: Duration) -> Result<(), Error> {
        let Some(mut stop) = self.stop.clone() else {
            tokio::time::sleep(wait).await;
            return Ok(());
        };
        tokio::select! {
            biased;
            Ok(_) = stop.wait_for(|stop| *stop) => Err(Error::Interrupted),
            () = tokio::time::sleep(wait) => Ok(()),
        }
    }

    async fn attempt<T, E>(
        &self,
        call: &Call<'_>,
        limit: Duration,
        sent: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> Result<T, Failure>
    where
        E: ProvideErrorMetadata + StdError + 'static,
    {
        self.shared.limits.admit(call).await;
        // Log only names: requests and answers may contain secrets.
        tracing::debug!(action = %call.action(), resource = call.resource, "asking");
        // Invocations may take long: they must not block other calls.
        let slot = if call.once() {
            None
        } else {
            self.shared.slots.acquire().await.ok()
        };
        let answer = tokio::time::timeout(limit, sent).await;
        drop(slot);
        match answer {
            Ok(answer) => answer.map_err(|error| Failure::of(&error)),
            Err(_) => Err(Failure::Unanswered {
                endpoint: None,
                cause: format!("no answer within {} s", limit.as_secs_f32()),
                unreachable: false,
                late: true,
            }),
        }
    }

    /// Wait before the next attempt, reported to the listener; `None` where the call is not
    /// repeated.
    fn wait_before_retry(
        &self,
        call: &Call<'_>,
        failure: &Failure,
        cause: Cause,
        tries: &mut Tries,
    ) -> Option<Duration> {
        let met = tries.met.count(cause);
        let long = cause == Cause::Passing && met > 1 && tries.begun.elapsed() > PATIENCE;
        let late = call.asks() && failure.is_late() && met >= ATTEMPTS;
        if met >= cause.attempts() || long || late {
            return None;
        }
        let wait = match failure.retry_after() {
            Some(asked) => asked.min(ATTEMPT),
            None => cause.wait(met),
        };
        let retry = Retry {
            operation: call.operation.to_owned(),
            why: cause.words().to_owned(),
            attempt: tries.attempt,
            wait_ms: u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
        };
        tracing::debug!(?retry, "trying again");
        if let Some(listener) = &self.listener {
            listener(retry);
        }
        Some(wait)
    }
}

/// How long an attempt may take that transfers this many bytes.
pub(in crate::remote) fn time_for(bytes: u64) -> Duration {
    ATTEMPT + Duration::from_secs(bytes / SLOWEST)
}

/// The attempts of one call so far.
struct Tries {
    attempt: u32,
    begun: Instant,
    met: Met,
}

/// `None` for a resource that does not exist.
pub(super) fn absent<T>(answer: Result<T, Error>) -> Result<Option<T>, Error> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(Error::Missing { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Success where the resource to delete does not exist.
pub(super) fn gone<T>(answer: Result<T, Error>) -> Result<(), Error> {
    absent(answer).map(drop)
}
