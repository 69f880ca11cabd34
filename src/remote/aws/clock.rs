//! The difference between this machine's clock and AWS's.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use aws_sdk_sts::config::{
    ConfigBag, Intercept, RuntimeComponents,
    interceptors::BeforeDeserializationInterceptorContextRef,
};
use aws_smithy_types::{DateTime, date_time::Format};

use super::Aws;

/// Stores the date of any answer.
#[derive(Clone, Debug, Default)]
struct Dated(Arc<Mutex<Option<i64>>>);

impl Intercept for Dated {
    fn name(&self) -> &'static str {
        "Dated"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), aws_sdk_sts::error::BoxError> {
        let date = context.response().headers().get("date");
        let date = date.and_then(|date| DateTime::from_str(date, Format::HttpDate).ok());
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = date.map(|date| date.secs());
        Ok(())
    }
}

impl Aws {
    /// The time by AWS's clock, as `2026-11-28T15:10:05Z`; `None` where no answer has a date.
    ///
    /// One request, which need not succeed.
    pub async fn now(&self) -> Option<String> {
        let now = self.now_s().await?;
        DateTime::from_secs(now).fmt(Format::DateTime).ok()
    }

    /// The same in seconds since 1970.
    pub async fn now_s(&self) -> Option<i64> {
        let dated = Dated::default();
        let request = self.shared.sts().get_caller_identity().customize();
        // An answer that refuses the request has a date too.
        let _ = request.interceptor(dated.clone()).send().await;
        *dated.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Seconds that this machine's clock is ahead of AWS's, negative where it is behind; `None`
    /// where no answer has a date.
    ///
    /// One request, which need not succeed.
    pub async fn clock_ahead_s(&self) -> Option<i64> {
        let then = self.now_s().await?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
        Some(i64::try_from(now.as_secs()).ok()? - then)
    }
}
