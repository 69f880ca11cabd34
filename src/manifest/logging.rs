//! Where the log of a function goes, and what it contains.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    limits,
    reference::{self, Text},
    shape,
};

/// Logging.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Logging {
    /// Days that CloudWatch keeps the log; only certain numbers are possible. Not with `group`.
    #[schemars(extend("enum" = limits::RETENTION_DAYS))]
    pub retention_days: Option<u32>,
    /// Format of log lines.
    pub format: Option<LogFormat>,
    /// Lowest level of the function's own lines that is kept; only with `format = "json"`.
    pub level: Option<LogLevel>,
    /// Lowest level of Lambda's own lines that is kept; only with `format = "json"`.
    pub system_level: Option<SystemLogLevel>,
    /// An existing log group to write to, instead of `/aws/lambda/<name>`: 1 to 512 letters, digits
    /// and `. - _ / #`. jot neither creates it nor sets its retention.
    #[schemars(transform = reference::limited(shape::LOG_GROUP))]
    pub group: Option<Text>,
}

/// Format of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// Lines of text.
    Text,
    /// JSON objects, one a line.
    Json,
}

/// Level of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum LogLevel {
    Trace,
    Debug,
    Info,
    Warn,
    Error,
    Fatal,
}

/// Level of a log line of Lambda's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum SystemLogLevel {
    Debug,
    Info,
    Warn,
}
