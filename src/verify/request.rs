//! What is asked of a function's tests in a container, and their results.

use std::collections::BTreeMap;

use crate::model::{
    Hints, ImageOverrides, Secret, Test, TestOutcome, TestResult, desired::Jit, hints::Trace,
};

/// A function's tests, and the image to run them on.
#[derive(Clone, Debug)]
pub struct Local<'a> {
    /// The function's key, for the results.
    pub function: &'a str,
    /// Image id or reference; it must hold AWS's emulator, as a harness does.
    pub image: &'a str,
    /// What the function's architecture asks of it, such as `linux/amd64`.
    pub platform: &'a str,
    /// Value of the label `dev.jot.run`; whoever gave it removes what an interruption left.
    pub run: &'a str,
    /// MB.
    pub memory_mb: u32,
    /// Seconds.
    pub timeout_s: u32,
    /// MB of /tmp.
    pub tmp_mb: u32,
    /// Whether it starts from snapshots, for which Lambda allows a longer initialisation.
    pub snapstart: bool,
    /// Lambda's variables (see [`lambda_environment`]) and the function's own.
    pub environment: BTreeMap<String, Secret>,
    /// The tests, in order.
    pub tests: &'a [Test],
    /// What is asked about code that is compiled at run time.
    pub jit: Jit,
    /// What the function starts instead of what its image says.
    pub start: ImageOverrides,
    /// What there is to know of the source's language.
    pub hints: &'a Hints,
}

pub(super) fn container_result(
    request: &Local<'_>,
    test: &str,
    outcome: TestOutcome,
    millis: u64,
    log: Vec<String>,
) -> TestResult {
    TestResult {
        function: request.function.to_owned(),
        test: test.to_owned(),
        outcome,
        millis,
        log,
        compiled: None,
        compiled_beside: 0,
        note: None,
    }
    .redacted()
}

impl Local<'_> {
    /// How to list what is compiled at run time, where that is asked and can be done.
    pub(super) fn trace(&self) -> Option<&Trace> {
        let asked = self.jit.listed || self.jit.budget.is_some();
        self.hints.trace.as_ref().filter(|_| asked)
    }
}

/// The container's environment. It is asked to prove that it uses what was prepared, and where what
/// is compiled is counted,
/// to list that.
pub(super) fn environment(request: &Local<'_>) -> BTreeMap<String, Secret> {
    let mut all = request.environment.clone();
    if let Some((key, value)) = &request.hints.proof {
        all.insert(key.clone(), Secret::new(value.as_str()));
    }
    if let Some(trace) = request.trace() {
        let (key, value) = &trace.variable;
        all.insert(key.clone(), Secret::new(value.as_str()));
    }
    all
}
