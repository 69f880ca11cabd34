//! Tests against an image, in a container with Lambda's limits.

use std::collections::BTreeMap;

use super::{
    explain::{INIT_S, other_platform},
    log::own_lines,
    request::{Local, container_result},
    running::Running,
    trace,
};
use crate::{
    model::{Secret, TestResult},
    remote::{Docker, Error},
};

/// The environment variables that Lambda sets for a function of this name, as far as they make
/// sense outside it.
///
/// The emulator counts initialisation as part of this timeout, so Lambda's ten seconds are added.
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

/// Runs the tests one after the other in one container, reports each result to `on_result`, and
/// returns them all.
///
/// A single test is called twice; only a failure of the second call is reported. A container that a
/// test leaves unusable is replaced for the next. Containers are always removed; if the future is
/// dropped, in the background.
///
/// An error is one of Docker; whatever the function does is a result.
pub async fn local(
    docker: &Docker,
    request: &Local<'_>,
    on_result: &mut (dyn FnMut(TestResult) + Send),
) -> Result<Vec<TestResult>, Error> {
    let mut results = Vec::new();
    let mut running: Option<Running<'_>> = None;
    let mut passed = false;
    let mut report = |result: TestResult| {
        on_result(result.clone());
        results.push(result);
    };
    let platform = docker.image_platform(request.image).await?;
    if platform != request.platform {
        for test in request.tests {
            let outcome = other_platform(&platform, request.platform);
            report(container_result(request, &test.name, outcome, 0, vec![]));
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
            // The other tests would fail in the same way.
            for test in &request.tests[index..] {
                report(container_result(
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
        passed = result.passed();
        report(result);
        running = container;
    }
    // Some faults appear only at the second call of a process, and one test makes one call.
    if let ([test], true) = (request.tests, passed)
        && let Some(container) = running.take()
    {
        let (again, container) = container.test(test).await?;
        if !again.passed() {
            let name = format!("{}, called again", test.name);
            report(TestResult {
                test: name,
                ..again
            });
        }
        running = container;
    }
    if let Some(container) = running {
        if let Some(result) = container.compiled_something().await? {
            report(result);
        }
        container.remove().await?;
    }
    if let Some(result) = over_budget(request, &results) {
        on_result(result.clone());
        results.push(result);
    }
    Ok(results)
}

/// The failure of a function with tests that compiled more at run time than its budget allows.
fn over_budget(request: &Local<'_>, results: &[TestResult]) -> Option<TestResult> {
    let counts = results
        .iter()
        .filter_map(|result| Some(result.compiled.as_ref()?.len() + result.compiled_beside));
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
