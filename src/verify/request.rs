//! Requests for tests of a function in a container, and their results.

use std::collections::BTreeMap;

use crate::model::{
    Hints, ImageOverrides, Secret, Test, TestOutcome, TestResult, desired::Jit, hints::Trace,
};

/// A function's tests, and the image to run them on.
#[derive(Clone, Debug)]
pub struct Local<'a> {
    /// The function's key, for the results.
    pub function: &'a str,
    /// Image id or reference; it must contain AWS's emulator, as a harness does.
    pub image: &'a str,
    /// The platform of the function's architecture, such as `linux/amd64`.
    pub platform: &'a str,
    /// Value of the label `dev.jot.run`; the caller removes what an interruption left behind.
    pub run: &'a str,
    /// Memory limit of the container in MB.
    pub memory_mb: u32,
    /// Timeout of each call in seconds.
    pub timeout_s: u32,
    /// Size of /tmp in MB.
    pub tmp_mb: u32,
    /// Whether it starts from snapshots, for which Lambda allows a longer initialisation.
    pub snapstart: bool,
    /// Lambda's variables (see [`lambda_environment`](super::local::lambda_environment)) and the
    /// function's own.
    pub environment: BTreeMap<String, Secret>,
    /// The tests, in order.
    pub tests: &'a [Test],
    /// Checks of code that is compiled at run time.
    pub jit: Jit,
    /// The function's overrides of the image's command.
    pub start: ImageOverrides,
    /// Hints of the source's language.
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
    /// How to list what is compiled at run time, if it is checked and can be listed.
    pub(super) fn trace(&self) -> Option<&Trace> {
        let asked = self.jit.listed || self.jit.budget.is_some();
        self.hints.trace.as_ref().filter(|_| asked)
    }
}

/// The container's environment.
///
/// It requests a proof that prepared code is used, and where compiled code is counted, a list of
/// it.
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
