//! Tests against an image, in a container that is restricted as Lambda restricts it.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use super::{
    call::{Answer, CallError, call, wait_until_ready},
    explain::{INIT_S, Limits, Seen, broken, other_platform},
    jit,
    log::{Initialisation, ended_calls, initialisation, own_lines},
    outcome::{Reply, judge},
};
use crate::{
    model::{Secret, Test, TestOutcome, TestResult, desired::Jit},
    remote::{
        Docker, Error,
        docker::{Container, Sandbox},
    },
};

/// How long a container may take until AWS's emulator listens in it.
const START: Duration = Duration::from_secs(60);
/// Last lines of a container's log that are read; the emulator writes a dozen for each call.
const SEARCHED: usize = 2000;
/// The same where every compiled method is a line.
const TRACED: usize = 100_000;
/// How long a line may take from the container into Docker's log, and how often to look for it.
const LOGGED: Duration = Duration::from_secs(10);
const LOOK: Duration = Duration::from_millis(20);

/// A function's tests, and the image to run them on.
#[derive(Clone, Debug)]
pub struct Local<'a> {
    /// The function's key, for the results.
    pub function: &'a str,
    /// Image id or reference; it must answer at port 8080 as AWS's runtime interface emulator does.
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
    /// What is asked about methods that are compiled at run time.
    pub jit: Jit,
    /// A path that shows, if it is there after the tests, that code was compiled which the image should have held.
    pub stale_cache_path: Option<&'a str>,
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
        let container = match running.take() {
            Some(container) => container,
            None => Running::start(docker, request).await?,
        };
        if let Some(why) = container.failed_start().await? {
            let log = own_lines(&container.lines().await?, false);
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

/// The failure of a function whose tests had more methods compiled at run time than `jit_budget` allows.
fn over_budget(request: &Local<'_>, results: &[TestResult]) -> Option<TestResult> {
    let counts = results
        .iter()
        .filter_map(|result| Some(result.compiled.as_ref()?.len()));
    let outcome = jit::judge(counts.sum(), request.jit.budget?)?;
    Some(container_result(
        request,
        "jit_budget",
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
}

fn traces(request: &Local<'_>) -> bool {
    request.jit.listed || request.jit.budget.is_some()
}

/// The container's environment; jot's entry point is asked to trace where methods are counted.
fn environment(request: &Local<'_>) -> BTreeMap<String, Secret> {
    let mut all = request.environment.clone();
    if traces(request) {
        let (key, value) = jit::TRACE;
        all.insert(key.to_owned(), Secret::new(value));
    }
    all
}

/// A container that is removed when it is dropped.
pub(super) struct Running<'a> {
    docker: Docker,
    container: Container,
    request: &'a Local<'a>,
    /// How often it has been called: the first call includes initialisation.
    calls: usize,
    /// Methods that were compiled so far, where that is asked.
    compiled: usize,
    removed: bool,
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        let Some(runtime) = tokio::runtime::Handle::try_current()
            .ok()
            .filter(|_| !self.removed)
        else {
            return;
        };
        let (docker, id) = (self.docker.clone(), self.container.id.clone());
        runtime.spawn(async move {
            if let Err(error) = docker.remove(&id).await {
                tracing::warn!(%error, "a container of a test is left behind");
            }
        });
    }
}

impl<'a> Running<'a> {
    pub(super) async fn start(docker: &Docker, request: &'a Local<'a>) -> Result<Self, Error> {
        let sandbox = Sandbox {
            image: request.image.to_owned(),
            run: request.run.to_owned(),
            memory_mb: request.memory_mb,
            tmp_mb: request.tmp_mb,
            environment: environment(request),
            port: None,
            restricted: true,
        };
        let container = docker.start(&sandbox).await?;
        Ok(Self {
            docker: docker.clone(),
            container,
            request,
            calls: 0,
            compiled: 0,
            removed: false,
        })
    }

    pub(super) async fn remove(mut self) -> Result<(), Error> {
        self.docker.remove(&self.container.id).await?;
        self.removed = true;
        Ok(())
    }

    fn limits(&self) -> Limits {
        Limits {
            memory_mb: self.request.memory_mb,
            timeout_s: self.request.timeout_s,
        }
    }

    /// Waits until it listens; gives the outcome for a container that does not.
    pub(super) async fn failed_start(&self) -> Result<Option<TestOutcome>, Error> {
        if self.calls > 0 {
            return Ok(None);
        }
        let ended = self.docker.wait(&self.container.id, START);
        let state = tokio::select! {
            ready = wait_until_ready(self.container.port, START) => match ready {
                Ok(()) => return Ok(None),
                Err(_) => self.docker.state(&self.container.id).await?,
            },
            state = ended => state?,
        };
        let outcome = match state.exit_code {
            Some(code) => self.ended(code, state.out_of_memory).await?,
            None => broken(
                "nothing listens at port 8080 in the container".to_owned(),
                Some(
                    "leave AWS's runtime interface emulator in the image: `build.rie = true`"
                        .to_owned(),
                ),
            ),
        };
        Ok(Some(outcome))
    }

    /// Runs one test; gives the container back if the next test may use it.
    async fn test(self, test: &Test) -> Result<(TestResult, Option<Self>), Error> {
        let (result, _, container) = self.timed(test).await?;
        Ok((result, container))
    }

    /// Runs one test as [`Running::test`] does, and gives the time of its call beside.
    pub(super) async fn timed(
        mut self,
        test: &Test,
    ) -> Result<(TestResult, Duration, Option<Self>), Error> {
        let timeout = Duration::from_secs(self.request.timeout_s.into());
        self.calls += 1;
        let first = self.calls == 1;
        let init = Duration::from_secs(if first { INIT_S.into() } else { 0 });
        let answer = call(
            self.container.port,
            test.argument.as_bytes(),
            timeout + init,
        )
        .await;
        let took = answer.as_ref().map_or(timeout + init, |answer| answer.took);
        let start = match first {
            true => self.start_of(took).await?,
            false => Start::Quick,
        };
        let (outcome, usable) = match answer {
            Err(CallError::Cut(error)) => (self.cut(&error.to_string()).await?, false),
            Err(CallError::Late(_)) => (self.late(start), false),
            Ok(answer) if timed_out(&answer.body) => (self.late(start), true),
            Ok(_) if start.overruns(took, timeout) => (self.late(start), true),
            Ok(answer) => (self.judge(test, answer).await?, true),
        };
        let log = match (&outcome, usable) {
            (TestOutcome::Passed, _) => Vec::new(),
            (_, true) => own_lines(&self.lines_of_calls().await?, !first),
            (_, false) => own_lines(&self.lines().await?, !first),
        };
        let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let mut result = container_result(self.request, &test.name, outcome, millis, log);
        if traces(self.request) {
            let all = jit::compiled(&self.lines_of_calls().await?);
            result.compiled = Some(all.iter().skip(self.compiled).cloned().collect());
            self.compiled = all.len();
        }
        result.note = start.note(&result, self.limits());
        if usable {
            return Ok((result, took, Some(self)));
        }
        self.remove().await?;
        Ok((result, took, None))
    }

    /// How long the last initialisation took, once the emulator has logged it.
    pub(super) async fn initialised(&self) -> Result<Option<Duration>, Error> {
        Ok(match self.initialisation().await? {
            Some(Initialisation::Ended(took)) => Some(took),
            Some(Initialisation::Cut(_)) | None => None,
        })
    }

    async fn initialisation(&self) -> Result<Option<Initialisation>, Error> {
        let lines = self
            .lines_with(|lines| initialisation(lines).is_some())
            .await?;
        Ok(initialisation(&lines))
    }

    /// How the function began, where the first call took so long that it matters.
    async fn start_of(&self, took: Duration) -> Result<Start, Error> {
        let matters = self.request.timeout_s.min(INIT_S);
        if took <= Duration::from_secs(matters.into()) {
            return Ok(Start::Quick);
        }
        Ok(match self.initialisation().await? {
            None => Start::Quick,
            Some(Initialisation::Ended(init)) if self.too_long(init) => Start::TooLong(init),
            Some(Initialisation::Ended(init)) => Start::Slow(init),
            Some(Initialisation::Cut(init)) if self.too_long(init) => Start::Cut(init),
            Some(Initialisation::Cut(_)) => Start::Quick,
        })
    }

    /// Whether Lambda ends an initialisation of this length. A snapshot's may take 130 s and more:
    /// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib>
    fn too_long(&self, init: Duration) -> bool {
        !self.request.snapstart && init > Duration::from_secs(INIT_S.into())
    }

    fn late(&self, start: Start) -> TestOutcome {
        match start {
            Start::TooLong(init) | Start::Cut(init) => self.limits().initialised_too_long(init),
            Start::Quick | Start::Slow(_) => self.limits().timed_out(),
        }
    }

    async fn judge(&self, test: &Test, answer: Answer) -> Result<TestOutcome, Error> {
        let body = String::from_utf8_lossy(&answer.body).into_owned();
        if answer.status != 200 && body.is_empty() {
            return self.ended_early(answer.status).await;
        }
        let reply = Reply::guess(body);
        let mut seen = Seen::default();
        if let Reply::Failure { kind, message, .. } = &reply
            && kind.starts_with("Runtime.")
        {
            let killed = message.contains("signal: killed");
            seen = self.seen(killed).await?;
        }
        Ok(judge(test, &reply, self.limits(), &seen))
    }

    /// What is to be seen of a function that ended. That memory ran out is believed of one that was killed only: its container's
    /// other processes may have.
    async fn seen(&self, killed: bool) -> Result<Seen, Error> {
        let state = self.docker.state(&self.container.id).await?;
        Ok(Seen {
            out_of_memory: killed && state.out_of_memory,
            log: own_lines(&self.lines_of_calls().await?, false),
        })
    }

    /// The outcome for a container that ended with this status.
    async fn ended(&self, code: i64, out_of_memory: bool) -> Result<TestOutcome, Error> {
        let lines = self.lines_with(|lines| !lines.is_empty()).await?;
        let log = own_lines(&lines, false);
        let seen = Seen { out_of_memory, log };
        Ok(self.limits().ended(&format!("exit status {code}"), &seen))
    }

    /// The emulator answers nothing for a function that ends while it initialises; its log says how.
    async fn ended_early(&self, status: u16) -> Result<TestOutcome, Error> {
        let told = |lines: &[String]| lines.iter().any(|line| how_it_ended(line).is_some());
        let lines = self.lines_with(told).await?;
        let how = lines.iter().rev().find_map(|line| how_it_ended(line));
        let how = how.unwrap_or_else(|| format!("HTTP status {status}"));
        let seen = self.seen(how == "signal: killed").await?;
        Ok(self.limits().ended(&how, &seen))
    }

    async fn cut(&self, error: &str) -> Result<TestOutcome, Error> {
        let state = self
            .docker
            .wait(&self.container.id, Duration::from_secs(1))
            .await?;
        Ok(match state.exit_code {
            Some(code) => self.ended(code, state.out_of_memory).await?,
            None => broken(format!("it cut the connection: {error}"), None),
        })
    }

    pub(super) async fn lines(&self) -> Result<Vec<String>, Error> {
        let searched = if traces(self.request) {
            TRACED
        } else {
            SEARCHED
        };
        self.docker.logs(&self.container.id, searched).await
    }

    /// Its log, once the emulator's last words on every call are in it.
    async fn lines_of_calls(&self) -> Result<Vec<String>, Error> {
        self.lines_with(|lines| ended_calls(lines) >= self.calls)
            .await
    }

    /// Its log once it is `complete`: Docker writes it some time after the container does.
    async fn lines_with(&self, complete: impl Fn(&[String]) -> bool) -> Result<Vec<String>, Error> {
        let limit = Instant::now() + LOGGED;
        loop {
            let lines = self.lines().await?;
            if complete(&lines) || Instant::now() > limit {
                return Ok(lines);
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// The failure of a function that compiled code while it ran: in Lambda it would do so at every cold start. An
    /// image without a shell cannot be asked.
    async fn compiled_something(&self) -> Result<Option<TestResult>, Error> {
        let Some(path) = self.request.stale_cache_path else {
            return Ok(None);
        };
        let test = ["/bin/sh", "-c", "test -e \"$0\"", path];
        if self.docker.exec(&self.container.id, &test).await? != 0 {
            return Ok(None);
        }
        let outcome = broken(
            format!("code was compiled into {path} at run time: Julia rejected the image's own, as it would at every cold start in Lambda"),
            Some("a cache is stale where a file that it depends on (`include_dependency`) is another one at run time; `compile = \"none\"` makes none"
                .to_owned()),
        );
        let log = own_lines(&self.lines().await?, true);
        Ok(Some(container_result(
            self.request,
            "compiled code is used",
            outcome,
            0,
            log,
        )))
    }
}

/// How a function began, as far as it matters to its first call.
#[derive(Clone, Copy, Debug)]
enum Start {
    /// Fast enough, or nothing is known of it.
    Quick,
    /// Within the time that Lambda allows.
    Slow(Duration),
    /// Beyond it.
    TooLong(Duration),
    /// It had not begun when the call was ended.
    Cut(Duration),
}

impl Start {
    /// Whether Lambda would have ended a first call that took so long.
    fn overruns(self, took: Duration, timeout: Duration) -> bool {
        match self {
            Self::Quick => false,
            Self::Slow(init) => took.saturating_sub(init) > timeout,
            Self::TooLong(_) | Self::Cut(_) => took > timeout,
        }
    }

    /// What to say of a test that passed all the same.
    fn note(self, result: &TestResult, limits: Limits) -> Option<String> {
        match self {
            Self::TooLong(init) if result.passed() => Some(limits.initialised_twice(init)),
            _ => None,
        }
    }
}

/// Whether a body is the emulator's for a call that took longer than the function may.
fn timed_out(body: &[u8]) -> bool {
    body.starts_with(b"Task timed out after ")
}

/// What a line of the emulator's says about the end of the function. The fields of a line come in any order.
fn how_it_ended(line: &str) -> Option<String> {
    let exited = line.split_once("Runtime exited with error: ");
    let failed = || {
        line.split_once("] (rapid) Init failed ")?
            .1
            .split_once("error=")
    };
    let (_, how) = exited.or_else(failed)?;
    Some(how.split(" InvokeID").next().unwrap_or(how).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_told_in_any_order_of_the_fields() {
        let exec = "fork/exec /program: exec format error";
        for (line, how) in [
            (
                "[ERROR] (rapid) Init failed error=fork/exec /program: exec format error InvokeID=",
                exec,
            ),
            (
                "[ERROR] (rapid) Init failed InvokeID= error=fork/exec /program: exec format error",
                exec,
            ),
            (
                "[WARNING] (rapid) Init failed InvokeID= error=Runtime exited with error: signal: killed",
                "signal: killed",
            ),
        ] {
            assert_eq!(how_it_ended(line).as_deref(), Some(how), "{line}");
        }
        assert_eq!(how_it_ended("Init failed error=mine"), None);
    }

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
