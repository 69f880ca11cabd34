//! Tests against an image, in a container that is restricted as Lambda restricts it.

use std::collections::BTreeMap;

use super::{
    explain::{INIT_S, other_platform},
    log::own_lines,
    running::Running,
    trace,
};
use crate::{
    model::{
        Hints, ImageOverrides, Secret, Test, TestOutcome, TestResult, desired::Jit, hints::Trace,
    },
    remote::{Docker, Error},
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

/// The environment variables that Lambda sets for a function of this name, as far as they make sense outside it.
/// The emulator counts initialisation into the timeout that it is given here, so Lambda's ten seconds are added.
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime>
pub fn lambda_environment(
    name: &str,
    memory_mb: u32,
    timeout_s: u32,
    region: Option<&str>,
) -> BTreeMap<String, Secret> {
    let mut pairs = vec![
        ("AWS_LAMBDA_FUNCTION_NAME", name.to_owned()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", memory_mb.to_string()),
        (
            "AWS_LAMBDA_FUNCTION_TIMEOUT",
            (timeout_s + INIT_S).to_string(),
        ),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".to_owned()),
        ("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{name}")),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "local".to_owned()),
        ("TZ", ":UTC".to_owned()),
    ];
    if let Some(region) = region {
        pairs.push(("AWS_REGION", region.to_owned()));
        pairs.push(("AWS_DEFAULT_REGION", region.to_owned()));
    }
    let secret = |(key, value): (&str, String)| (key.to_owned(), Secret::new(value));
    pairs.into_iter().map(secret).collect()
}

/// Runs the tests one after the other in one container, tells each result to `on_result` as it comes, and gives them
/// all. A container that a test leaves unusable is replaced for the next. Containers are removed in every case; where
/// the future is dropped, in the background.
///
/// An error is one of Docker; whatever the function does is a result.
pub async fn local(
    docker: &Docker,
    request: &Local<'_>,
    on_result: &mut (dyn FnMut(TestResult) + Send),
) -> Result<Vec<TestResult>, Error> {
    let mut results = Vec::new();
    let mut running: Option<Running<'_>> = None;
    let mut tell = |result: TestResult| {
        on_result(result.clone());
        results.push(result);
    };
    let platform = docker.image_platform(request.image).await?;
    if platform != request.platform {
        for test in request.tests {
            let outcome = other_platform(&platform, request.platform);
            tell(container_result(request, &test.name, outcome, 0, vec![]));
        }
        return Ok(results);
    }
    for (index, test) in request.tests.iter().enumerate() {
        let mut container = match running.take() {
            Some(container) => container,
            None => Running::start(docker, request).await?,
        };
        if let Some(why) = container.failed_start().await? {
            let log = own_lines(&container.lines().await?, false, request.trace());
            container.remove().await?;
            // The other tests would fare no better.
            for test in &request.tests[index..] {
                tell(container_result(
                    request,
                    &test.name,
                    why.clone(),
                    0,
                    log.clone(),
                ));
            }
            return Ok(results);
        }
        let (result, container) = container.test(test).await?;
        tell(result);
        running = container;
    }
    if let Some(container) = running {
        if let Some(result) = container.compiled_something().await? {
            tell(result);
        }
        container.remove().await?;
    }
    if let Some(result) = over_budget(request, &results) {
        on_result(result.clone());
        results.push(result);
    }
    Ok(results)
}

/// The failure of a function whose tests had more compiled at run time than its budget allows.
fn over_budget(request: &Local<'_>, results: &[TestResult]) -> Option<TestResult> {
    let counts = results
        .iter()
        .filter_map(|result| Some(result.compiled.as_ref()?.len()));
    let trace = request.trace()?;
    let outcome = trace::judge(counts.sum(), request.jit.budget?, trace)?;
    Some(container_result(
        request,
        &trace.budget,
        outcome,
        0,
        Vec::new(),
    ))
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

/// The container's environment. It is asked to prove that it uses what was prepared, and where what is compiled is counted,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_emulators_timeout_includes_initialisation() {
        let environment = lambda_environment("f", 512, 30, Some("eu-west-1"));
        let value = |key: &str| environment.get(key).map(Secret::reveal);
        assert_eq!(value("AWS_LAMBDA_FUNCTION_TIMEOUT"), Some("40"));
        assert_eq!(value("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"), Some("512"));
        assert_eq!(value("AWS_DEFAULT_REGION"), Some("eu-west-1"));
        assert!(!lambda_environment("f", 512, 30, None).contains_key("AWS_REGION"));
    }
}
