//! Tests against a version of a function in Lambda.

use std::time::{Duration, Instant};

use super::{
    explain::{Limits, Seen},
    outcome::{Reply, judge},
};
use crate::{
    model::{Hints, Test, TestOutcome, TestResult},
    remote::{Aws, Error, aws::Invocation},
};

/// A function's tests, and the version to run them on.
#[derive(Clone, Debug)]
pub struct Remote<'a> {
    /// The function's key, for the results.
    pub function: &'a str,
    /// The Lambda function's name.
    pub name: &'a str,
    /// A version or alias; none: `$LATEST`.
    pub qualifier: Option<&'a str>,
    /// Memory size in MB, for explanations only.
    pub memory_mb: u32,
    /// Timeout in seconds, for explanations only.
    pub timeout_s: u32,
    /// Hints of the source's language.
    pub hints: &'a Hints,
    /// The tests, in order.
    pub tests: &'a [Test],
}

/// A second attempt for the first test that the function answers with an error.
///
/// Its role may be so new that parts of AWS do not know all of it yet.
pub struct SecondChance<'a> {
    /// How long to wait before it.
    pub wait: Duration,
    /// Is called before the wait, with the name of the test and the wait.
    pub on_wait: &'a mut (dyn FnMut(&str, Duration) + Send),
}

/// Runs the tests one after the other, reports each result to `on_result`, and returns them all.
///
/// A call without an answer is repeated: tests are safe to repeat. An error is one of AWS; whatever
/// the function does is a result.
pub async fn remote(
    aws: &Aws,
    request: &Remote<'_>,
    mut chance: Option<SecondChance<'_>>,
    on_result: &mut (dyn FnMut(TestResult) + Send),
) -> Result<Vec<TestResult>, Error> {
    let mut results = Vec::new();
    for test in request.tests {
        let (mut result, failed) = tested(aws, request, test).await?;
        if failed
            && !result.passed()
            && let Some(SecondChance { wait, on_wait }) = chance.take()
        {
            on_wait(&test.name, wait);
            tokio::time::sleep(wait).await;
            (result, _) = tested(aws, request, test).await?;
        }
        on_result(result.clone());
        results.push(result);
    }
    Ok(results)
}

/// Runs one test; returns its result, and whether the function answered with an error.
async fn tested(aws: &Aws, request: &Remote<'_>, test: &Test) -> Result<(TestResult, bool), Error> {
    let begin = Instant::now();
    let payload = test.argument.as_bytes();
    let answer = aws
        .invoke_again(request.name, request.qualifier, payload)
        .await?;
    let failed = answer.function_error.is_some();
    Ok((result(request, test, answer, millis(begin)), failed))
}

/// Runs one test with a single call; returns its result, and the last 4 KB of the log, in which
/// Lambda reports times.
pub async fn remote_call(
    aws: &Aws,
    request: &Remote<'_>,
    test: &Test,
) -> Result<(TestResult, String), Error> {
    let begin = Instant::now();
    let payload = test.argument.as_bytes();
    let answer = aws
        .invoke(request.name, request.qualifier, payload, true)
        .await?;
    let log = answer.log.clone();
    Ok((result(request, test, answer, millis(begin)), log))
}

fn millis(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}

fn result(request: &Remote<'_>, test: &Test, answer: Invocation, millis: u64) -> TestResult {
    let limits = Limits {
        memory_mb: request.memory_mb,
        timeout_s: request.timeout_s,
        hints: request.hints,
    };
    let body = String::from_utf8_lossy(&answer.payload).into_owned();
    let reply = match answer.function_error {
        Some(_) => Reply::error(body),
        None => Reply::Value(body),
    };
    let seen = Seen {
        out_of_memory: false,
        log: answer.log.lines().map(str::to_owned).collect(),
    };
    let outcome = judge(test, &reply, limits, &seen);
    let log = match outcome {
        TestOutcome::Passed => Vec::new(),
        _ => seen.log,
    };
    TestResult {
        function: request.function.to_owned(),
        test: test.name.clone(),
        outcome,
        millis,
        log,
        compiled: None,
        compiled_beside: 0,
        note: None,
    }
    .redacted()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Expected;

    fn run(expected: Expected, payload: &str, function_error: Option<&str>) -> TestResult {
        let test = Test {
            name: "t".to_owned(),
            argument: "1".to_owned(),
            expected,
            tolerance: None,
            exemplar: true,
        };
        let request = Remote {
            function: "f",
            name: "f-prod",
            qualifier: Some("3"),
            memory_mb: 128,
            timeout_s: 3,
            hints: &Hints::default(),
            tests: &[],
        };
        let answer = Invocation {
            payload: payload.as_bytes().to_vec(),
            function_error: function_error.map(str::to_owned),
            version: None,
            request_id: None,
            log: "one\ntwo\n".to_owned(),
        };
        result(&request, &test, answer, 7)
    }

    #[test]
    fn lambda_says_what_is_an_error() {
        let looks = "{\"errorType\":\"E\",\"errorMessage\":\"m\"}";
        let value = run(Expected::Anything, looks, None);
        assert_eq!((value.passed(), value.log.len()), (true, 0));
        let error = run(Expected::Anything, looks, Some("Unhandled"));
        assert!(matches!(
            &error.outcome,
            TestOutcome::Broken { message, .. } if message.ends_with("E: m")
        ));
        assert_eq!(error.log, ["one", "two"]);
        assert!(run(Expected::Error("E".to_owned()), looks, Some("Unhandled")).passed());
        assert!(!run(Expected::Error("E".to_owned()), looks, None).passed());
    }
}
