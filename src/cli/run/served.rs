//! A container that serves the function.

use std::{
    collections::{BTreeMap, hash_map::RandomState},
    hash::BuildHasher,
    sync::Arc,
    time::Duration,
};

use tokio::{sync::watch, task::JoinHandle, time::timeout};

use super::{
    faults::Faults,
    front::Behind,
    timed::{Clock, Heard},
};
use crate::{
    apply,
    cli::{Error, output::Print, runs::Run, signals::Signals},
    model::{Desired, Fingerprint, Function, Hints, Recipe, Secret, redacted},
    remote::{
        self, Docker,
        docker::{Container, Sandbox},
    },
    report::{self, wording},
    verify,
};

/// How long a container may take to become ready.
const START: Duration = Duration::from_secs(60);

/// A ready container and its log.
pub struct Served {
    /// The function that runs in it.
    pub function: Function,
    pub behind: Behind,
    /// The secret that authorises a reload of files in the container.
    pub token: String,
    /// Whether a call that timed out still runs in it: only a new container can answer.
    pub overdue: bool,
    base: Option<Fingerprint>,
    run: Run,
    container: Container,
    following: JoinHandle<()>,
}

impl Served {
    /// Starts a container of the function from its local image, and waits until it is ready; `None`
    /// if a signal came first.
    ///
    /// The function's output is always kept, and also shown at once if `live` is set.
    ///
    /// # Errors
    /// Docker failed, or the container ended or does not answer; it is removed then.
    pub async fn start(
        docker: &Docker,
        desired: &Arc<Desired>,
        function: &Function,
        (print, signals, live): (&Print, &Signals, bool),
    ) -> Result<Option<Self>, Error> {
        let run = Run::begin(&desired.project, Some(docker));
        let token = token();
        let starting = started(docker, desired, (function, &token, run.id()), (print, live));
        let started = tokio::select! {
            started = starting => started.map(Some),
            () = signals.stopped() => Ok(None),
        };
        let Ok(Some((container, behind, following))) = started else {
            run.end(Some(docker)).await?;
            return started.map(|_| None);
        };
        let recipe = function.code.recipe();
        let recipe = recipe.and_then(|id| desired.recipes.get(id));
        Ok(Some(Self {
            function: function.clone(),
            base: recipe.and_then(|recipe| recipe.base.clone()),
            behind,
            token,
            overdue: false,
            run,
            container,
            following,
        }))
    }

    /// Whether the functions differ only in files that the container can load.
    pub fn can_load(&self, function: &Function, recipe: &Recipe) -> bool {
        let rest = |function: &Function| Some(function.hints.reload.as_ref()?.rest.clone());
        let rest = [&self.function, function].map(rest);
        !self.overdue
            && rest[0].is_some()
            && rest[0] == rest[1]
            && self.base == recipe.base
            && self.function.config == function.config
            && self.function.name == function.name
            && self.function.architecture == function.architecture
    }

    /// Records that the container has loaded this function's files.
    pub fn loaded(&mut self, desired: &Arc<Desired>, function: &Function) {
        self.function = function.clone();
        self.behind.faults = Faults::of(desired, function);
    }

    /// Waits until the container ends.
    pub async fn ended(&mut self) {
        // A failed task has ended too.
        let _ = (&mut self.following).await;
    }

    /// Removes the container after its present call has ended, or after `patience`.
    ///
    /// # Errors
    /// Docker failed.
    pub async fn end(self, docker: &Docker, patience: Duration) -> Result<(), Error> {
        // Remove it in either case.
        let _ = timeout(patience, self.behind.turn.lock()).await;
        tracing::debug!(id = self.container.id, "the container is removed");
        self.run.end(Some(docker)).await
    }
}

/// A text that no other process can guess: only jot may reload files.
fn token() -> String {
    // The system seeds each hasher.
    let parts = [0, 1].map(|part: u8| RandomState::new().hash_one(part));
    parts.map(|part| format!("{part:016x}")).concat()
}

async fn started(
    docker: &Docker,
    desired: &Arc<Desired>,
    (function, token, run): (&Function, &str, &str),
    (print, live): (&Print, bool),
) -> Result<(Container, Behind, JoinHandle<()>), Error> {
    let origin = (run, &BTreeMap::new());
    let harness = apply::harness(docker, desired, origin, function, &mut |_| {}).await?;
    let region = desired.aws.region.as_deref();
    let mut environment = apply::container_environment(function, region);
    if let Some(reload) = &function.hints.reload {
        environment.insert(reload.variable.clone(), Secret::new(token));
    }
    let sandbox = Sandbox {
        image: harness.reference,
        run: run.to_owned(),
        memory_mb: function.memory_mb(),
        tmp_mb: function.tmp_mb(),
        environment,
        port: None,
        restricted: true,
        harness: Some(function.start()),
    };
    let container = docker.start(&sandbox).await?;
    container.notes.iter().for_each(|note| print.note(note));
    let all = print.err.verbosity > 0;
    let hints = function.hints.clone();
    let (sender, heard) = watch::channel(Heard::default());
    let shown = Shown { live, all, sender };
    let following = tokio::spawn(follow(docker.clone(), container.id.clone(), hints, shown));
    match verify::reach(docker, &container, (&sandbox.image, run), START).await {
        Ok(way) => {
            let limit = Duration::from_secs(function.timeout_s().into()) + START;
            let behind = Behind {
                way,
                limit,
                clock: Clock::new(function, heard.clone()),
                heard,
                overdue: Arc::default(),
                hints: function.hints.clone(),
                faults: Faults::of(desired, function),
                print: print.clone(),
                turn: Arc::default(),
            };
            Ok((container, behind, following))
        }
        Err(why) => {
            // The container's output explains more.
            if !docker.state(&container.id).await?.running {
                let _ = following.await;
            }
            if !live {
                let lines = heard.borrow().lines.clone();
                report::output::err(&report::human::log(&lines, &print.err));
            }
            Err(Error::Remote(remote::Error::Failed {
                resource: function.key.clone(),
                reason: why.to_string(),
                help: Some(why.help().to_owned()),
            }))
        }
    }
}

/// Settings for the output of a container.
struct Shown {
    /// Whether to print the output at once.
    live: bool,
    /// Whether to print the emulator's output too.
    all: bool,
    /// Where the state of the container is sent.
    sender: watch::Sender<Heard>,
}

/// Shows and records the function's output until the container ends.
async fn follow(docker: Docker, container: String, hints: Hints, shown: Shown) {
    let mut line = |line: &str| {
        let text = wording::plain(&hints.with_own_paths(&redacted(line)));
        if shown.all || (shown.live && !verify::is_the_emulators(line)) {
            report::output::err(&format!("{text}\n"));
        }
        shown.sender.send_modify(|heard| heard.take(line, text));
    };
    if let Err(error) = docker.follow(&container, &mut line).await {
        tracing::debug!(%error, "the container's log is not followed any more");
    }
}
