//! How a function is released, and what of it jot does not manage.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{either::Alias, limits::pattern};

/// How a new version takes traffic.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Deploy {
    /// The alias that traffic uses, default `live`: 1 to 128 letters, digits, `-` and `_`, not
    /// digits alone. `false`: no versions, the tests run on `$LATEST`.
    pub alias: Option<Alias>,
    /// Published versions to keep, 1 or more; default 5.
    #[schemars(range(min = 1, max = u32::MAX))]
    pub keep_versions: Option<u32>,
    /// Executions that Lambda keeps initialised for the alias, 1 or more, which AWS charges for.
    /// Absent: not managed.
    #[schemars(range(min = 1, max = i32::MAX))]
    pub provisioned_concurrency: Option<u32>,
    /// The steps in which a new version takes traffic. Absent: all of it once its tests pass.
    pub traffic: Option<Traffic>,
}

/// The steps in which a new version takes traffic, and what returns all of it to the previous
/// version.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Traffic {
    /// Percent of the traffic at each step, increasing, such as `[10, 50]`; 100 follows
    /// automatically.
    #[schemars(length(min = 1, max = 20), inner(range(min = 1, max = 99)))]
    pub steps: Vec<u8>,
    /// Minutes of a step, 1 to 1440; default 5. At least 3 more than the timeout, because metrics
    /// arrive late.
    #[schemars(range(min = 1, max = 1440))]
    pub step_minutes: Option<u32>,
    /// Minutes that a step waits beyond its end for `min_calls`, 0 to 1440; default 30. Then the
    /// traffic returns.
    #[schemars(range(min = 0, max = 1440))]
    pub hold_minutes: Option<u32>,
    /// Names of CloudWatch alarms: one in state ALARM returns the traffic.
    #[schemars(inner(length(min = 1, max = 255)), extend("uniqueItems" = true))]
    pub alarms: Vec<String>,
    /// Share of the new version's calls that may fail, 0 to 1; default 0.01.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub max_error_rate: Option<f64>,
    /// Calls of the new version that each step needs to pass, 1 or more; default 50.
    #[schemars(range(min = 1, max = u32::MAX))]
    pub min_calls: Option<u32>,
    /// Minutes that alarms and errors are watched once it has all traffic, 0 to 1440; default 10.
    #[schemars(range(min = 0, max = 1440))]
    pub watch_minutes: Option<u32>,
}

/// What jot does not manage, must not delete, and the previous key.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Lifecycle {
    /// Keys of this function that apply only when it is created, such as `memory_mb`,
    /// `environment.LOG_LEVEL` or `tags.cost-center`: later they are neither compared, nor reset,
    /// nor removed.
    #[schemars(inner(length(min = 1)), extend("uniqueItems" = true))]
    pub ignore: Vec<String>,
    /// Whether a plan that would delete the function is refused. Default false.
    pub prevent_destroy: bool,
    /// The previous key of this function: 1 to 64 letters, digits, `-` and `_`. What jot created
    /// under it is moved, or removed once this function takes traffic.
    #[schemars(regex(pattern = pattern::FUNCTION))]
    pub moved_from: Option<String>,
}
