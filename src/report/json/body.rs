//! The bodies of documents. Their comments are the descriptions in the schema.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use crate::model::{
    LoggedCall, Mark, Problem, Step, TestResult,
    clean::Removal,
    desired::Undeclared,
    plan::Purpose,
    prune::Pruned,
    release::{Held, Shift},
};

use super::super::{Counts, ReleaseRow, StatusRow};

/// Output of `jot plan`: the ordered steps, and their counts.
#[derive(Serialize, JsonSchema)]
pub(super) struct Plan<'a> {
    /// The version of jot that made it.
    pub jot_version: &'a str,
    /// The project's name.
    pub project: &'a str,
    /// Target, if one was chosen.
    pub target: Option<&'a str>,
    /// The account that the plan was made for.
    pub account: &'a str,
    /// The region that the plan was made for.
    pub region: &'a str,
    /// Whether the plan creates and updates, or destroys.
    pub purpose: Purpose,
    /// What happens to functions that the manifest does not declare.
    pub undeclared: Undeclared,
    /// Whether held releases are released again.
    pub retry: bool,
    /// The target that images and archives are copied from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub images_from: Option<&'a str>,
    /// The numbers of resources that it changes.
    pub counts: Counts,
    /// Every step comes after those that it names in `after`.
    pub steps: &'a [Step],
    /// Notes for the reader that need no step.
    pub notes: &'a [String],
    /// Functions, by key, that stay at an earlier release because the wanted one was refused or
    /// rolled back.
    pub held: &'a BTreeMap<String, Held>,
    /// Functions, by key, that have traffic which another apply is moving.
    pub shifting: &'a BTreeMap<String, Shift>,
    /// Environment variables that a step needs and that are not set on this machine, sorted.
    pub unknown: &'a [String],
    /// Values that a step needs and that could not be read, each with its key, its reference and
    /// the reason, sorted.
    pub unread: &'a [String],
}

/// Output of `jot show`: a plan that `jot plan --out` saved.
#[derive(Serialize, JsonSchema)]
pub(super) struct SavedPlan<'a> {
    /// When the plan was saved, in UTC.
    pub saved_at: &'a str,
    /// When an apply began to execute it, in UTC; a plan is applied at most once.
    pub used_at: Option<&'a str>,
    #[serde(flatten)]
    pub plan: Plan<'a>,
}

/// Output of `jot test --remote`. Without `--remote` the results are in the stream.
#[derive(Serialize, JsonSchema)]
pub(super) struct Tests<'a> {
    /// The number of passed tests.
    pub passed: usize,
    /// The number of failed tests.
    pub failed: usize,
    /// Every test that ran.
    pub tests: &'a [TestResult],
}

/// Output of `jot status`.
#[derive(Serialize, JsonSchema)]
pub(super) struct Status<'a> {
    /// By manifest key.
    pub functions: &'a [StatusRow],
}

/// Output of `jot releases`.
#[derive(Serialize, JsonSchema)]
pub(super) struct Releases<'a> {
    /// By manifest key, newest first.
    pub releases: &'a [ReleaseRow],
}

/// Output of `jot init` and `jot build --context`.
#[derive(Serialize, JsonSchema)]
pub(super) struct Files<'a> {
    /// The files or folders that were written.
    pub files: &'a [String],
}

/// The error that ended a command. A command that prints a stream reports it as an event instead.
#[derive(Serialize, JsonSchema)]
pub(super) struct Failure {
    /// The error.
    pub error: Problem,
}

/// Output of `jot check` for a valid manifest.
#[derive(Serialize, JsonSchema)]
pub struct Checked<'a> {
    /// The manifest's path.
    pub manifest: String,
    /// Target, if one was chosen.
    pub target: Option<&'a str>,
    /// Keys of the functions that were checked.
    pub functions: Vec<&'a str>,
}

/// Output of `jot invoke`.
#[derive(Serialize, JsonSchema)]
pub struct Answer<'a> {
    /// The function's key.
    pub function: &'a str,
    /// The version or alias that was called.
    pub qualifier: Option<&'a str>,
    /// Whether the answer is an error.
    pub failed: bool,
    /// The answer, byte for byte; a string if it is not JSON.
    #[schemars(with = "serde_json::Value")]
    answer: Box<RawValue>,
    /// The last lines of its log.
    pub log: Vec<&'a str>,
    /// The version that answered.
    pub version: Option<&'a str>,
    /// Lambda's id of the request.
    pub request_id: Option<&'a str>,
    /// Milliseconds from the request to the answer.
    pub millis: u64,
    /// The phases of this time, as far as the log has them.
    pub breakdown: Breakdown,
}

/// The phases of a call; those missing from the log are absent.
#[derive(Clone, Default, Serialize, JsonSchema)]
pub struct Breakdown {
    /// Milliseconds outside the function and its start: the network, and waiting for Lambda.
    pub overhead_ms: Option<f64>,
    /// Milliseconds of initialisation, if the call was the first of an environment.
    pub init_ms: Option<f64>,
    /// Milliseconds of restoring a snapshot, if the call was the first of an environment.
    pub restore_ms: Option<f64>,
    /// Milliseconds of the call itself.
    pub duration_ms: Option<f64>,
    /// Billed milliseconds.
    pub billed_ms: Option<f64>,
    /// Memory size of the function in MB.
    pub memory_mb: Option<f64>,
    /// Largest memory use of its environment so far, in MB.
    pub max_memory_mb: Option<f64>,
    /// The marks of the call: lines `JOT_MARK name` in its log.
    pub marks: Vec<Mark>,
}

impl Breakdown {
    /// The phases of a call that took this many milliseconds for the caller.
    pub fn of(call: &LoggedCall, seen: u64) -> Self {
        // Calls last minutes at most.
        #[expect(clippy::cast_precision_loss)]
        let seen = seen as f64;
        Self {
            overhead_ms: call.overhead_ms(seen),
            init_ms: call.init_ms,
            restore_ms: call.restore_ms,
            duration_ms: call.duration_ms,
            billed_ms: call.billed_ms,
            memory_mb: call.memory_mb,
            max_memory_mb: call.max_memory_mb,
            marks: call.marks.clone(),
        }
    }
}

/// Output of `jot invoke --async` after Lambda accepted the call.
#[derive(Serialize, JsonSchema)]
pub struct Accepted<'a> {
    /// The function's key.
    pub function: &'a str,
    /// The version or alias to call.
    pub qualifier: Option<&'a str>,
    /// Lambda's id of the request, which is also in the function's log.
    pub request_id: Option<&'a str>,
}

impl<'a> Answer<'a> {
    /// An answer that is not an error; `payload` is Lambda's.
    pub fn new(
        function: &'a str,
        qualifier: Option<&'a str>,
        payload: &str,
        log: Vec<&'a str>,
    ) -> Self {
        let raw = RawValue::from_string(payload.to_owned());
        let answer = raw.or_else(|_| to_raw_value(payload)).unwrap_or_default();
        Self {
            function,
            qualifier,
            failed: false,
            answer,
            log,
            version: None,
            request_id: None,
            millis: 0,
            breakdown: Breakdown::default(),
        }
    }
}

/// Output of `jot clean`.
#[derive(Serialize, JsonSchema)]
pub(super) struct Cleaned<'a> {
    /// What was removed.
    pub removals: &'a [Removal],
}

/// Output of `jot prune`.
#[derive(Serialize, JsonSchema)]
pub(super) struct Pruning<'a> {
    /// The repository's name.
    pub repository: &'a str,
    /// The deleted and the remaining images.
    pub images: &'a [Pruned],
}

/// One line of the output of `jot logs`: a call.
#[derive(Serialize, JsonSchema)]
pub struct Logged<'a> {
    /// The function's key.
    pub function: &'a str,
    #[serde(flatten)]
    pub call: &'a LoggedCall,
}

/// Output of `jot run` once the function is ready, after the stream of a build.
#[derive(Serialize, JsonSchema)]
pub struct Serving<'a> {
    /// The function's key.
    pub function: &'a str,
    /// The address of the function.
    pub url: &'a str,
}
