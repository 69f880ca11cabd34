//! Rate limits: a token bucket for each group of operations that AWS counts together.
//!
//! Many functions at once stay below AWS's rates instead of being throttled. A burst of one
//! second's tokens is never delayed.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use super::service::{Call, Service};

/// The buckets of one account and region.
#[derive(Debug)]
pub(super) struct Limits {
    lambda_reads: Bucket,
    lambda: Bucket,
    ecr: Bucket,
    events: Bucket,
    iam: Bucket,
    logs: Bucket,
    metrics: Bucket,
    scheduler: Bucket,
    sns: Bucket,
    ssm: Bucket,
    cloudformation: Bucket,
    tagging: Bucket,
}

impl Limits {
    /// Full buckets.
    ///
    /// Lambda's rates are
    /// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>: GetFunction
    /// 100/s, every other control-plane operation 15/s combined. The others' are below their
    /// published quotas.
    pub fn new() -> Self {
        Self {
            lambda_reads: Bucket::new(100.0),
            lambda: Bucket::new(15.0),
            ecr: Bucket::new(10.0),
            events: Bucket::new(5.0),
            iam: Bucket::new(15.0),
            logs: Bucket::new(10.0),
            metrics: Bucket::new(5.0),
            scheduler: Bucket::new(20.0),
            sns: Bucket::new(20.0),
            ssm: Bucket::new(10.0),
            cloudformation: Bucket::new(5.0),
            tagging: Bucket::new(10.0),
        }
    }

    /// Waits until the operation may be sent.
    pub async fn admit(&self, call: &Call<'_>) {
        let Some(bucket) = self.bucket(call) else {
            return;
        };
        let wait = bucket.take(Instant::now());
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
    }

    fn bucket(&self, call: &Call<'_>) -> Option<&Bucket> {
        match (call.service, call.operation) {
            // The data plane has no rate of its own, and those of S3, Secrets Manager and STS are
            // out of reach.
            (Service::Lambda, "Invoke") | (Service::S3 | Service::Secrets | Service::Sts, _) => {
                None
            }
            (Service::CloudFormation, _) => Some(&self.cloudformation),
            (Service::Lambda, "GetFunction") => Some(&self.lambda_reads),
            (Service::Lambda, _) => Some(&self.lambda),
            (Service::Ecr, _) => Some(&self.ecr),
            (Service::Events, _) => Some(&self.events),
            (Service::Iam, _) => Some(&self.iam),
            (Service::Logs, _) => Some(&self.logs),
            (Service::Metrics, _) => Some(&self.metrics),
            (Service::Scheduler, _) => Some(&self.scheduler),
            (Service::Sns, _) => Some(&self.sns),
            (Service::Ssm, _) => Some(&self.ssm),
            (Service::Tagging, _) => Some(&self.tagging),
        }
    }
}

#[derive(Debug)]
struct Bucket {
    /// Tokens per second, and the capacity.
    rate: f64,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// Below zero: promised to waiting calls.
    tokens: f64,
    at: Option<Instant>,
}

impl Bucket {
    fn new(rate: f64) -> Self {
        let state = State {
            tokens: rate,
            at: None,
        };
        Self {
            rate,
            state: Mutex::new(state),
        }
    }

    /// Takes a token; returns the wait until it exists.
    fn take(&self, now: Instant) -> Duration {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = state
            .at
            .map_or(0.0, |at| now.saturating_duration_since(at).as_secs_f64());
        state.tokens = (state.tokens + passed * self.rate).min(self.rate) - 1.0;
        state.at = Some(now);
        Duration::from_secs_f64((-state.tokens / self.rate).max(0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_s_worth_is_not_delayed_and_the_next_waits_its_turn() {
        let bucket = Bucket::new(15.0);
        let now = Instant::now();
        for _ in 0..15 {
            assert_eq!(bucket.take(now), Duration::ZERO);
        }
        let waits: Vec<u128> = (0..3).map(|_| bucket.take(now).as_millis()).collect();
        assert_eq!(waits, [66, 133, 200]);
        let later = now + Duration::from_secs(60);
        assert_eq!(bucket.take(later), Duration::ZERO, "it fills up again");
        for _ in 0..14 {
            assert_eq!(bucket.take(later), Duration::ZERO);
        }
        assert!(
            bucket.take(later) > Duration::ZERO,
            "but holds no more than a second's worth"
        );
    }

    #[test]
    fn reading_a_function_does_not_use_up_what_changes_need() {
        let limits = Limits::new();
        let call = |operation| Call {
            service: Service::Lambda,
            operation,
            resource: "",
        };
        let rate = |operation| limits.bucket(&call(operation)).map(|bucket| bucket.rate);
        assert_eq!(rate("GetFunction"), Some(100.0));
        assert_eq!(rate("GetAlias"), Some(15.0));
        assert_eq!(rate("Invoke"), None);
    }
}
