//! What apply, build and test say while they work.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    plan::{Action, Step},
    problem::Problem,
    step::StepId,
    test::TestResult,
};

/// Something that happened while a plan was carried out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "event")]
// An event of a run. In every variant, `step` is its step, and `millis` and `wait_ms` are
// milliseconds.
#[allow(missing_docs)]
pub enum Event {
    /// A step began.
    Started { step: StepId },
    /// How far it is. `total` is absent while unknown.
    Progress {
        step: StepId,
        /// What it is doing, such as `compiling packages`, `layer 3f2a`, or `[2/5] RUN make` of a
        /// user's Dockerfile.
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
        /// The number of attempts.
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
    /// The state of traffic steps.
    Looked {
        step: StepId,
        /// The result of a check of calls and alarms, such as `10%: 0 of 120 calls failed, below
        /// 2.5% at 95%`.
        says: String,
    },
    /// One test ended.
    Tested { step: StepId, result: TestResult },
    /// The step succeeded.
    Finished {
        step: StepId,
        /// The result, such as `version 3` or `1 layer, 12.3 kB`; may be empty.
        result: String,
        millis: u64,
    },
    /// The step failed.
    Failed { step: StepId, problem: Problem },
    /// Something failed that is no step, such as clearing up after the last one.
    Error { error: Problem },
    /// A function was built in another mode than its own, to find out whether that works; the image
    /// is not run.
    Tried {
        /// The function's key.
        function: String,
        /// The way, as jot.toml has it, such as `compile = "trim"`.
        way: String,
        /// Why it cannot be; null where it can.
        problem: Option<Problem>,
    },
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

/// The steps that were done, failed, were stopped and were never begun: every step is listed once.
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
    /// What an incomplete apply created and keeps, such as `role jot-sum-1a2b3c4d`: the next apply
    /// continues from it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<String>,
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
            kept: _,
        } = self;
        failed.is_empty() && stopped.is_empty() && not_started.is_empty() && !interrupted && !error
    }

    /// The resources that `done` created for steps that were not done, in the order of the steps,
    /// named as in the plan.
    pub fn left_behind(&self, steps: &[Step]) -> Vec<String> {
        let done: BTreeSet<&StepId> = self.done.iter().collect();
        // Every step comes after those that it needs.
        let mut needed: BTreeSet<&StepId> = BTreeSet::new();
        for step in steps.iter().rev() {
            if !done.contains(&step.id) || needed.contains(&step.id) {
                needed.extend(&step.after);
            }
        }
        let stays = |step: &&Step| {
            let waited_for = done.contains(&step.id) && needed.contains(&step.id);
            waited_for && creates(&step.action)
        };
        let resources = steps.iter().filter(stays).map(|step| {
            let idle = is_function(&step.action) && awaits_traffic(step, steps, &done);
            match idle {
                true => format!("{} (takes no traffic yet)", step.resource),
                false => step.resource.clone(),
            }
        });
        resources.collect()
    }
}

/// Whether the alias of a function that was created was not set.
fn awaits_traffic(created: &Step, steps: &[Step], done: &BTreeSet<&StepId>) -> bool {
    let function = created.action.function();
    steps.iter().any(|step| {
        matches!(step.action, Action::SetAlias { .. })
            && step.action.function() == function
            && !done.contains(&step.id)
    })
}

/// Whether the action creates a resource in AWS that exists until it is destroyed.
fn creates(action: &Action) -> bool {
    let creates_other = matches!(
        action,
        Action::CreateRepository
            | Action::CreateRole { .. }
            | Action::CreateLogGroup { .. }
            | Action::Push { .. }
            | Action::Copy { .. }
    );
    creates_other || is_function(action)
}

fn is_function(action: &Action) -> bool {
    matches!(
        action,
        Action::CreateFunction { .. } | Action::ReplaceFunction { .. }
    )
}
