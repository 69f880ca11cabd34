//! A call of a function, as its log reports it.

use schemars::JsonSchema;
use serde::Serialize;

/// One call. Fields that the log does not report are absent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct LoggedCall {
    /// When its first line was written, UTC (RFC 3339).
    pub at: String,
    /// Lambda's id of the request.
    pub request_id: Option<String>,
    /// The version that answered.
    pub version: Option<String>,
    /// Milliseconds of the call itself.
    pub duration_ms: Option<f64>,
    /// Milliseconds of the initialisation before it, if it was the first call of an environment.
    pub init_ms: Option<f64>,
    /// Milliseconds of restoring the snapshot, if it was the first call of an environment.
    pub restore_ms: Option<f64>,
    /// Milliseconds that are billed.
    pub billed_ms: Option<f64>,
    /// MB that the function has.
    pub memory_mb: Option<f64>,
    /// MB that its environment has used at most so far.
    pub max_memory_mb: Option<f64>,
    /// Why it failed, where the log says that it did.
    pub error: Option<String>,
    /// What the function wrote, in order; Lambda's own lines are not among them.
    pub lines: Vec<LoggedLine>,
    /// The lines among them that mark a place in the source: `JOT_MARK name`.
    pub marks: Vec<Mark>,
}

impl LoggedCall {
    /// Milliseconds of a call, as the caller saw it, outside of the function and its start; `None`
    /// if the log does not report those.
    pub fn overhead_ms(&self, seen_ms: f64) -> Option<f64> {
        let start = self.init_ms.or(self.restore_ms).unwrap_or(0.0);
        Some((seen_ms - start - self.duration_ms?).max(0.0))
    }
}

/// When a call reached a place in the source.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct Mark {
    /// What the source calls the place.
    pub name: String,
    /// Milliseconds since the call began, negative during the initialisation before it; absent if
    /// the time is unknown.
    pub at_ms: Option<f64>,
}

/// A line that a function wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LoggedLine {
    /// When it was written, UTC (RFC 3339).
    pub at: String,
    /// The line.
    pub message: String,
}
