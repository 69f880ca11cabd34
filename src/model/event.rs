//! What apply, build and test say while they work.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{plan::StepId, problem::Problem, test::TestResult};

/// Something that happened while a plan was carried out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "event")]
// `step` is the step that it happened in, `millis` and `wait_ms` are milliseconds, in every variant.
#[allow(missing_docs)]
pub enum Event {
    /// A step began.
    Started { step: StepId },
    /// How far it is. `total` is absent while unknown.
    Progress {
        step: StepId,
        /// What it is doing, such as `[2/5] RUN julia ...` or `layer 3f2a`.
        doing: String,
        done: u64,
        total: Option<u64>,
        /// `bytes` or `steps`.
        unit: Unit,
    },
    /// A line that the build wrote.
    Output { step: StepId, line: String },
    /// A call is tried again.
    Retry {
        step: StepId,
        why: String,
        attempt: u32,
        wait_ms: u64,
    },
    /// AWS takes long to carry something out.
    Waiting {
        step: StepId,
        /// For what, such as `waiting for Lambda to publish version 3`.
        what: String,
        /// How long so far.
        millis: u64,
    },
    /// One test ended.
    Tested { step: StepId, result: TestResult },
    /// The step succeeded.
    Finished {
        step: StepId,
        /// What came of it, such as `version 3` or `1 layer, 12.3 kB`; may be empty.
        result: String,
        millis: u64,
    },
    /// The step failed.
    Failed { step: StepId, problem: Problem },
    /// Something failed that is no step, such as clearing up after the last one.
    Error { error: Problem },
    /// The end; always the last event.
    Summary(Summary),
}

/// Unit of [`Event::Progress`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Bytes.
    Bytes,
    /// Steps of a Dockerfile.
    Steps,
}

/// What was done, what failed, what was stopped, what was never begun: every step stands once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// Steps that succeeded.
    pub done: Vec<StepId>,
    /// Steps that failed.
    pub failed: Vec<StepId>,
    /// Steps that had begun and were stopped half-way by a signal.
    pub stopped: Vec<StepId>,
    /// Steps that were never begun.
    pub not_started: Vec<StepId>,
    /// Whether a signal ended it early.
    pub interrupted: bool,
    /// Whether a failed step is a failed test (exit status 3).
    pub tests_failed: bool,
    /// Whether something failed that is no step: an `error` event says what.
    pub error: bool,
}

impl Summary {
    /// Whether every step was done.
    pub fn complete(&self) -> bool {
        let Self {
            done: _,
            failed,
            stopped,
            not_started,
            interrupted,
            tests_failed: _,
            error,
        } = self;
        failed.is_empty() && stopped.is_empty() && not_started.is_empty() && !interrupted && !error
    }
}
