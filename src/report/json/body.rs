//! What documents hold beside their version. The comments are the schema's text.

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

/// What `jot plan` prints: the ordered difference, and how much it is.
#[derive(Serialize, JsonSchema)]
pub(super) struct Plan<'a> {
    /// The version of jot that made it.
    pub jot_version: &'a str,
    /// Project.
    pub project: &'a str,
    /// Target, if one was chosen.
    pub target: Option<&'a str>,
    /// Account that it was made for.
    pub account: &'a str,
    /// Region that it was made for.
    pub region: &'a str,
    /// Whether it creates and updates, or destroys.
    pub purpose: Purpose,
    /// What becomes of functions that the manifest does not declare.
    pub undeclared: Undeclared,
    /// Whether what is held is released all the same.
    pub retry: bool,
    /// The target whose repository images and archives are copied from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub images_from: Option<&'a str>,
    /// How much it does.
    pub counts: Counts,
    /// Every step stands after those that it names in `after`.
    pub steps: &'a [Step],
    /// What the reader should know although nothing is done about it, in words.
    pub notes: &'a [String],
    /// Functions, by key, that stay at an earlier release: what the manifest asks for was refused or rolled back.
    pub held: &'a BTreeMap<String, Held>,
    /// Functions, by key, whose traffic another apply is moving.
    pub shifting: &'a BTreeMap<String, Shift>,
    /// Environment variables of this machine that a step needs and that are not set here, sorted.
    pub unknown: &'a [String],
    /// Values that a step needs and that were not read, each with its key, where it stands and the reason, sorted.
    pub unread: &'a [String],
}

/// What `jot show` prints: a plan that `jot plan --out` saved.
#[derive(Serialize, JsonSchema)]
pub(super) struct SavedPlan<'a> {
    /// When it was saved, in UTC.
    pub saved_at: &'a str,
    /// When an apply began to carry it out, in UTC; a plan is carried out once.
    pub used_at: Option<&'a str>,
    #[serde(flatten)]
    pub plan: Plan<'a>,
}

/// What `jot test --remote` prints. Without `--remote` the results stand in the stream.
#[derive(Serialize, JsonSchema)]
pub(super) struct Tests<'a> {
    /// How many passed.
    pub passed: usize,
    /// How many did not.
    pub failed: usize,
    /// Every test that ran.
    pub tests: &'a [TestResult],
}

/// What `jot status` prints.
#[derive(Serialize, JsonSchema)]
pub(super) struct Status<'a> {
    /// By manifest key.
    pub functions: &'a [StatusRow],
}

/// What `jot releases` prints.
#[derive(Serialize, JsonSchema)]
pub(super) struct Releases<'a> {
    /// By manifest key, and newest first.
    pub releases: &'a [ReleaseRow],
}

/// What `jot init` and `jot build --context` print.
#[derive(Serialize, JsonSchema)]
pub(super) struct Files<'a> {
    /// The files or folders that were written.
    pub files: &'a [String],
}

/// The error that a command ended in. Where the command prints a stream, it is an event of that instead.
#[derive(Serialize, JsonSchema)]
pub(super) struct Failure {
    /// The error.
    pub error: Problem,
}

/// What `jot check` prints of a good manifest.
#[derive(Serialize, JsonSchema)]
pub struct Checked<'a> {
    /// The manifest's path.
    pub manifest: String,
    /// Target, if one was chosen.
    pub target: Option<&'a str>,
    /// Keys of the functions that were checked.
    pub functions: Vec<&'a str>,
}

/// What `jot invoke` prints.
#[derive(Serialize, JsonSchema)]
pub struct Answer<'a> {
    /// The function's key.
    pub function: &'a str,
    /// Version or alias that was called.
    pub qualifier: Option<&'a str>,
    /// Whether the answer is an error.
    pub failed: bool,
    /// What the function answered, byte for byte; as a string where it is not JSON.
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
    /// Where they went, as far as the log tells.
    pub breakdown: Breakdown,
}

/// Where the time of a call went; what the log does not tell is absent.
#[derive(Clone, Default, Serialize, JsonSchema)]
pub struct Breakdown {
    /// Milliseconds that are neither the function's nor its start's: the network, and waiting for Lambda.
    pub overhead_ms: Option<f64>,
    /// Milliseconds of the start before the call, where it was the first of an environment.
    pub init_ms: Option<f64>,
    /// Milliseconds of the snapshot's restoring, where it was the first of an environment.
    pub restore_ms: Option<f64>,
    /// Milliseconds of the call itself.
    pub duration_ms: Option<f64>,
    /// Milliseconds that are billed.
    pub billed_ms: Option<f64>,
    /// MB that the function has.
    pub memory_mb: Option<f64>,
    /// MB that its environment has used at most so far.
    pub max_memory_mb: Option<f64>,
    /// The places in the source that it came to: lines `JOT_MARK name` of its log.
    pub marks: Vec<Mark>,
}

impl Breakdown {
    /// Of a call that took so many milliseconds as seen here.
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

/// What `jot invoke --async` prints once Lambda accepted the call.
#[derive(Serialize, JsonSchema)]
pub struct Accepted<'a> {
    /// The function's key.
    pub function: &'a str,
    /// Version or alias that is to be called.
    pub qualifier: Option<&'a str>,
    /// Lambda's id of the request, which the function's log has too.
    pub request_id: Option<&'a str>,
}

impl<'a> Answer<'a> {
    /// The answer that is no error, `payload` being what Lambda handed over.
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

/// What `jot clean` prints.
#[derive(Serialize, JsonSchema)]
pub(super) struct Cleaned<'a> {
    /// What was removed.
    pub removals: &'a [Removal],
}

/// What `jot prune` prints.
#[derive(Serialize, JsonSchema)]
pub(super) struct Pruning<'a> {
    /// The repository's name.
    pub repository: &'a str,
    /// What was deleted, and what stays.
    pub images: &'a [Pruned],
}

/// A line of what `jot logs` prints: a call.
#[derive(Serialize, JsonSchema)]
pub struct Logged<'a> {
    /// The function's key.
    pub function: &'a str,
    #[serde(flatten)]
    pub call: &'a LoggedCall,
}

/// What `jot run` prints once the function answers, after the stream of the build where there was one.
#[derive(Serialize, JsonSchema)]
pub struct Serving<'a> {
    /// The function's key.
    pub function: &'a str,
    /// Where it answers.
    pub url: &'a str,
}
