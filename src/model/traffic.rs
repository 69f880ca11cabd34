//! How a new version takes traffic step by step.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a new version takes traffic step by step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Traffic {
    /// Percent of traffic at each step, rising.
    pub steps: Vec<u8>,
    /// Minutes of a step, at least [`Traffic::interval_min`]'s.
    pub step_minutes: u32,
    /// Minutes that a step without a verdict is held beyond its end, at most.
    pub hold_minutes: u32,
    /// Names of CloudWatch alarms that return the traffic when one is in state ALARM.
    pub alarms: Vec<String>,
    /// Share of calls that may fail, between 0 and 1.
    pub max_error_rate: f64,
    /// Calls of the new version without which no step is passed.
    pub min_calls: u32,
    /// Minutes that a version with all traffic is watched.
    pub watch_minutes: u32,
}

/// Minutes after which CloudWatch has the calls of a minute.
const LAG_MIN: u32 = 2;
/// Minutes after which credentials of unknown lifetime may have ended.
pub const LONG_MIN: u32 = 45;

impl Traffic {
    /// Minutes between two checks: a call is counted in the minute in which it began, after it
    /// ended, so an interval is at least a whole minute, the function's timeout, and the delay of
    /// metrics.
    pub fn interval_min(&self, timeout_s: u32) -> u32 {
        self.step_minutes.max(1 + lag_min(timeout_s))
    }

    /// The most checks: one at the end of each step, those while it waits, and those afterwards.
    pub fn looks(&self, timeout_s: u32) -> u32 {
        let interval = self.interval_min(timeout_s);
        let steps = u32::try_from(self.steps.len()).unwrap_or(u32::MAX);
        let held = self.hold_minutes / interval;
        steps.saturating_mul(1 + held) + self.watch_minutes / interval
    }

    /// Minutes that a release takes if every step passes at its end.
    pub fn minutes(&self, timeout_s: u32) -> u32 {
        let steps = u32::try_from(self.steps.len()).unwrap_or(u32::MAX);
        steps.saturating_mul(self.interval_min(timeout_s)) + self.watch_minutes
    }
}

/// Minutes after which all calls of a minute are counted.
pub fn lag_min(timeout_s: u32) -> u32 {
    timeout_s.div_ceil(60) + LAG_MIN
}

/// Calls of one version, and how many of them failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Calls {
    /// All calls, those that failed included.
    pub all: u64,
    /// Those that ended in an error.
    pub failed: u64,
}
