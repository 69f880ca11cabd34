//! A running container with a function in it, for one test after the other.

use std::time::{Duration, Instant};

use super::{
    call::{Answer, CallError, Way, call},
    explain::{INIT_S, Limits, Seen, broken},
    log::{Initialisation, ended_calls, how_it_ended, initialisation, own_lines},
    outcome::{Reply, judge},
    reach::{Unreached, reach},
    request::{Local, container_result, environment},
    start::Start,
    trace,
};
use crate::{
    model::{Test, TestOutcome, TestResult},
    remote::{
        Docker, Error,
        docker::{Container, Sandbox},
    },
};

/// How long a container may take until AWS's emulator listens in it.
const START: Duration = Duration::from_secs(60);
/// How many last lines of a container's log to read; the emulator writes a dozen for each call.
const SEARCHED: usize = 2000;
/// The same where every compiled method is a line.
const TRACED: usize = 100_000;
/// How long a line may take from the container into Docker's log, and how often to look for it.
const LOGGED: Duration = Duration::from_secs(10);
const LOOK: Duration = Duration::from_millis(20);

/// A container that is removed when it is dropped.
pub(super) struct Running<'a> {
    docker: Docker,
    container: Container,
    /// How it is called, once known.
    way: Option<Way>,
    request: &'a Local<'a>,
    /// How often it has been called: the first call includes initialisation.
    calls: usize,
    /// Methods that were compiled so far, if they are counted.
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
        let relayed = self.may_be_relayed();
        runtime.spawn(async move {
            if let Err(error) = remove(&docker, &id, relayed).await {
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
            harness: Some(request.start.clone()),
        };
        let container = docker.start(&sandbox).await?;
        Ok(Self {
            docker: docker.clone(),
            container,
            way: None,
            request,
            calls: 0,
            compiled: 0,
            removed: false,
        })
    }

    pub(super) async fn remove(mut self) -> Result<(), Error> {
        remove(&self.docker, &self.container.id, self.may_be_relayed()).await?;
        self.removed = true;
        Ok(())
    }

    fn may_be_relayed(&self) -> bool {
        !matches!(self.way, Some(Way::Port(_)))
    }

    fn limits(&self) -> Limits<'_> {
        Limits {
            memory_mb: self.request.memory_mb,
            timeout_s: self.request.timeout_s,
            hints: self.request.hints,
        }
    }

    /// Waits until it listens; returns the outcome for a container that does not.
    pub(super) async fn failed_start(&mut self) -> Result<Option<TestOutcome>, Error> {
        if self.calls > 0 {
            return Ok(None);
        }
        let its_own = (self.request.image, self.request.run);
        let ended = self.docker.wait(&self.container.id, START * 2);
        let (state, why) = tokio::select! {
            reached = reach(&self.docker, &self.container, its_own, START) => match reached {
                Ok(way) => {
                    self.way = Some(way);
                    return Ok(None);
                }
                Err(why) => (self.docker.state(&self.container.id).await?, why),
            },
            state = ended => (state?, Unreached::Deaf),
        };
        Ok(Some(match (state.exit_code, why) {
            (Some(code), _) => self.ended(code, state.out_of_memory).await?,
            (None, Unreached::Docker(error)) => return Err(error),
            (None, why) => broken(why.to_string(), Some(why.help().to_owned())),
        }))
    }

    /// Runs one test; returns the container if the next test may use it.
    pub(super) async fn test(self, test: &Test) -> Result<(TestResult, Option<Self>), Error> {
        let (result, _, container) = self.timed(test).await?;
        Ok((result, container))
    }

    /// Runs one test as [`Running::test`] does, and also returns the time of its call.
    pub(super) async fn timed(
        mut self,
        test: &Test,
    ) -> Result<(TestResult, Duration, Option<Self>), Error> {
        let timeout = Duration::from_secs(self.request.timeout_s.into());
        self.calls += 1;
        let first = self.calls == 1;
        let init = Duration::from_secs(if first { INIT_S.into() } else { 0 });
        let payload = test.argument.as_bytes();
        let answer = match &self.way {
            Some(way) => call(way, payload, timeout + init).await,
            None => Err(CallError::Cut("it was not waited for".into())),
        };
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
            (_, true) => own_lines(&self.lines_of_calls().await?, !first, self.request.trace()),
            (_, false) => own_lines(&self.lines().await?, !first, self.request.trace()),
        };
        let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let mut result = container_result(self.request, &test.name, outcome, millis, log);
        if let Some(trace) = self.request.trace() {
            let all = trace::compiled(&self.lines_of_calls().await?, trace);
            let new = all.iter().skip(self.compiled).cloned();
            let (own, others): (Vec<String>, Vec<String>) =
                new.partition(|name| trace::is_own(name, trace));
            result.compiled = Some(own);
            result.compiled_beside = others.len();
            self.compiled = all.len();
        }
        let mut notes = if first {
            self.container.notes.clone()
        } else {
            Vec::new()
        };
        notes.extend(start.note(&result, self.limits()));
        result.note = (!notes.is_empty()).then(|| notes.join("; "));
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

    /// How the function started, if the first call took long enough for that to matter.
    async fn start_of(&self, took: Duration) -> Result<Start, Error> {
        let matters = self.request.timeout_s.min(INIT_S);
        if took <= Duration::from_secs(matters.into()) {
            return Ok(Start::Quick);
        }
        Ok(match self.initialisation().await? {
            None => Start::Quick,
            Some(Initialisation::Ended(init)) if self.too_long(init) => Start::TooLong(init),
            Some(Initialisation::Ended(init)) => Start::Slow(init),
            Some(Initialisation::Cut(_)) if !self.request.snapstart => Start::NeverBegan,
            Some(Initialisation::Cut(_)) => Start::Quick,
        })
    }

    /// Whether Lambda ends an initialisation of this length.
    ///
    /// A snapshot's may take 130 s and more:
    /// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib>
    fn too_long(&self, init: Duration) -> bool {
        !self.request.snapstart && init > Duration::from_secs(INIT_S.into())
    }

    fn late(&self, start: Start) -> TestOutcome {
        match (start, &self.request.hints.idle) {
            (Start::NeverBegan, Some((message, help))) => {
                broken(message.clone(), Some(help.clone()))
            }
            (Start::NeverBegan, None) => self.limits().never_began(),
            (Start::TooLong(init), _) => self.limits().initialised_too_long(init),
            (Start::Quick | Start::Slow(_), _) => self.limits().timed_out(),
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

    /// Observations on a function that ended.
    ///
    /// Memory counts as the cause only if the function was killed: otherwise another process in its
    /// container may have run out of it.
    async fn seen(&self, killed: bool) -> Result<Seen, Error> {
        let state = self.docker.state(&self.container.id).await?;
        Ok(Seen {
            out_of_memory: killed && state.out_of_memory,
            log: own_lines(&self.lines_of_calls().await?, false, self.request.trace()),
        })
    }

    /// The outcome for a container that ended with this status.
    async fn ended(&self, code: i64, out_of_memory: bool) -> Result<TestOutcome, Error> {
        let lines = self.lines_with(|lines| !lines.is_empty()).await?;
        let log = own_lines(&lines, false, self.request.trace());
        let seen = Seen { out_of_memory, log };
        Ok(self.limits().ended(&format!("exit status {code}"), &seen))
    }

    /// The outcome of a function that ended during initialisation: the emulator does not answer,
    /// and its log says how.
    async fn ended_early(&self, status: u16) -> Result<TestOutcome, Error> {
        let has_ended = |lines: &[String]| lines.iter().any(|line| how_it_ended(line).is_some());
        let lines = self.lines_with(has_ended).await?;
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
        let searched = match self.request.trace() {
            Some(_) => TRACED,
            None => SEARCHED,
        };
        let mut lines = self.docker.logs(&self.container.id, searched).await?;
        let notices = &self.request.hints.notices;
        lines.retain(|line| !notices.iter().any(|notice| line.starts_with(notice)));
        Ok(lines)
    }

    /// Its log, once it contains the emulator's last lines on every call.
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

    /// The failure of a function that compiled code while it ran, or declared so itself where
    /// compiled code is not counted.
    ///
    /// In Lambda it would do so at every cold start. An image without a shell cannot be checked.
    pub(super) async fn compiled_something(&self) -> Result<Option<TestResult>, Error> {
        let Some(stale) = &self.request.hints.stale_cache else {
            return Ok(None);
        };
        self.lines_of_calls().await?;
        let all = self.docker.logs(&self.container.id, TRACED).await?;
        let what = match refused(&all, &stale.line) {
            Some(names) => Some(format!("loaded without a cache: {names}")),
            None => self.compiled_into(&stale.path).await?,
        };
        let Some(what) = what else {
            return Ok(None);
        };
        let outcome = broken(
            format!("{what}: {}", stale.message),
            Some(stale.help.clone()),
        );
        let log = own_lines(&self.lines().await?, true, self.request.trace());
        Ok(Some(container_result(
            self.request,
            "compiled code is used",
            outcome,
            0,
            log,
        )))
    }

    /// The failure where code was compiled into a path of the container.
    async fn compiled_into(&self, path: &str) -> Result<Option<String>, Error> {
        let test = ["/bin/sh", "-c", "test -e \"$0\"", path];
        let found = self.docker.exec(&self.container.id, &test).await? == 0;
        Ok(found.then(|| format!("code was compiled into {path} at run time")))
    }
}

/// What follows `prefix` in the first line of the log that has it.
fn refused<'a>(log: &'a [String], prefix: &str) -> Option<&'a str> {
    if prefix.is_empty() {
        return None;
    }
    log.iter().find_map(|line| line.strip_prefix(prefix))
}

/// Removes a container, and the relay to it.
async fn remove(docker: &Docker, id: &str, relayed: bool) -> Result<(), Error> {
    if relayed {
        docker.remove_relays(id).await?;
    }
    docker.remove(id).await
}

/// Whether a body is the emulator's for a call that exceeded the timeout.
pub fn timed_out(body: &[u8]) -> bool {
    body.starts_with(b"Task timed out after ")
}
