//! `jot run`.

mod faults;
mod front;
mod served;
mod timed;

use std::{
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use clap::Args;

use super::{
    Error, FAILED, Global, execute,
    output::{self, Print},
    patience::patient,
    session,
    signals::Signals,
    wanted, watch,
};
use crate::{
    model::{Desired, Function},
    plan::{self, Local},
    recipe::{fault::Drawn, language},
    remote::Docker,
    report::{
        self,
        json::{self, Serving},
        wording,
    },
    verify::{self, Unloaded},
};
use front::Front;
pub use served::Served;
pub use timed::{Called, call};

/// How long a call may take before its container is replaced.
const LAST_CALL: Duration = Duration::from_secs(10);

/// Printed if new code could not be loaded.
const GOES_ON: &str = "the previous code still answers; jot tries again at the next save";

/// Runs a function in the local Docker as Lambda would, until Ctrl-C; builds a missing image first.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Run {
    /// The function's key, or a glob that matches one; optional if jot.toml has only one function
    #[arg(value_name = "FUNCTION")]
    function: Option<String>,
    /// Port on 127.0.0.1 to listen on
    #[arg(long, default_value_t = 9000, value_name = "PORT")]
    port: u16,
    /// Load the new code whenever a source or jot.toml changes; if it is broken, the old code still
    /// answers. Builds with `compile = "none"`
    #[arg(long)]
    watch: bool,
}

const EXAMPLES: &str = "\
Examples:
  jot run increment-vector
  jot run increment-vector --watch --port 9001";

/// An event that `jot run` reacts to.
enum Waited {
    /// The manifest or a source changed.
    Changed(Arc<Desired>),
    /// A call timed out, but the container still works on it: start another one.
    Overdue,
    /// The command ends with this status.
    End(ExitCode),
}

struct Runner<'a> {
    global: &'a Global,
    arguments: &'a Run,
    signals: &'a Signals,
    print: Print,
    front: Front,
    docker: Docker,
    served: Option<Served>,
}

/// Builds and starts the function, and prints its address and its output.
pub async fn run(global: &Global, arguments: &Run, signals: &Signals) -> Result<ExitCode, Error> {
    let wanted = look(global, arguments)?;
    for function in wanted.functions.values() {
        wanted::is_built_here(function)?;
    }
    let front = Front::listen(arguments.port).await?;
    let (docker, _) = session::local(&wanted.project).await?;
    signals.mind();
    let mut runner = Runner {
        global,
        arguments,
        signals,
        print: Print::new(global),
        front,
        docker,
        served: None,
    };
    let status = runner.serve(wanted).await;
    // Remove the container even after an error.
    if let Some(served) = runner.served.take() {
        served.end(&runner.docker, Duration::ZERO).await?;
    }
    status
}

impl Runner<'_> {
    async fn serve(&mut self, mut wanted: Arc<Desired>) -> Result<ExitCode, Error> {
        loop {
            match self.bring_up(&wanted).await {
                Ok(None) => {}
                Ok(Some(status)) => return Ok(status),
                Err(error) if !self.arguments.watch => return Err(error),
                Err(error) => report::problem::show(&error, &self.print.err),
            }
            match self.wait(&wanted).await? {
                Waited::Changed(next) => wanted = next,
                Waited::Overdue => {
                    if let Some(served) = &mut self.served {
                        served.overdue = true;
                    }
                }
                Waited::End(status) => return Ok(status),
            }
        }
    }

    /// Starts the wanted code, by a reload or in a new container; returns the status of a command
    /// that has to end.
    async fn bring_up(&mut self, wanted: &Arc<Desired>) -> Result<Option<ExitCode>, Error> {
        let Some(function) = wanted.functions.values().next() else {
            return Ok(Some(ExitCode::SUCCESS));
        };
        let begin = Instant::now();
        if self.load(wanted, function).await? {
            self.note_ready(function, "Loaded", begin)?;
            return Ok(None);
        }
        let (docker, found) = session::local(&wanted.project).await?;
        let plan = plan::local(wanted, &found, Local::Build)?;
        if !plan.is_empty() {
            let clients = (None, Some(docker.clone()));
            let style = (&self.print.err, self.signals);
            let carried = execute::execute(plan, Arc::clone(wanted), clients, style).await?;
            let done = carried.status == ExitCode::SUCCESS;
            if !done && (!self.arguments.watch || self.signals.exit_code().is_some()) {
                return Ok(Some(carried.status));
            }
            if !done {
                self.print
                    .note("Watching: jot tries again at the next save; press Ctrl-C to stop.");
                return Ok(None);
            }
        }
        let started = Served::start(&docker, wanted, function, (&self.print, self.signals, true));
        let starting = format!("Starting a container of {}.", function.key);
        let Some(served) = patient(&self.print, &starting, started).await? else {
            return Ok(None);
        };
        self.front.lead_to(Some(served.behind.clone()));
        if let Some(before) = self.served.replace(served) {
            before.end(&self.docker, LAST_CALL).await?;
            self.note_ready(function, "Started", begin)?;
        } else {
            output::print(&serving(function, self.arguments.port, &self.print))?;
        }
        Ok(None)
    }

    /// Loads the changed files into the container; `false` if it cannot.
    async fn load(&mut self, wanted: &Arc<Desired>, function: &Function) -> Result<bool, Error> {
        let Some(served) = &mut self.served else {
            return Ok(false);
        };
        let recipe = function.code.recipe().and_then(|id| wanted.recipes.get(id));
        let Some((recipe, reload)) = recipe.zip(function.hints.reload.as_ref()) else {
            return Ok(false);
        };
        if !served.can_load(function, recipe) {
            return Ok(false);
        }
        let behind = served.behind.clone();
        let _turn = tokio::select! {
            turn = behind.turn.clone().lock_owned() => turn,
            () = self.signals.stopped() => return Ok(true),
        };
        let loading = verify::reload(&behind.way, &served.token, (recipe, reload), behind.limit);
        let loaded = tokio::select! {
            loaded = loading => loaded,
            () = self.signals.stopped() => return Ok(true),
        };
        match loaded {
            Ok(()) => {
                served.loaded(wanted, function);
                self.front.lead_to(Some(served.behind.clone()));
                Ok(true)
            }
            Err(Unloaded::Refused(fault)) if reload.decides => {
                let drawn = Drawn::of(&fault, &recipe.context, &function.hints);
                Err(Box::new(drawn.or_help(GOES_ON)).into())
            }
            Err(error) => {
                tracing::debug!(%error, "the container cannot load the change");
                Ok(false)
            }
        }
    }

    /// Prints that the new code answers.
    fn note_ready(&self, function: &Function, how: &str, begin: Instant) -> Result<(), Error> {
        if self.print.json() {
            return output::print(&serving(function, self.arguments.port, &self.print));
        }
        let millis = u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX);
        let took = wording::duration(millis);
        self.print
            .note(&format!("{how} {} again in {took}.", function.key));
        Ok(())
    }

    /// Waits for the next event.
    async fn wait(&mut self, wanted: &Desired) -> Result<Waited, Error> {
        loop {
            let look = || look(self.global, self.arguments);
            let watching = watch::changed(&look, wanted, differs, &self.print);
            let overdue = self.served.as_ref().map(|one| one.behind.overdue.clone());
            let overdue = async move {
                match overdue {
                    Some(overdue) => overdue.notified().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = self.signals.stopped() => {
                    let status = self.signals.exit_code().unwrap_or(ExitCode::SUCCESS);
                    return Ok(Waited::End(status));
                }
                () = ended(&mut self.served) => {}
                () = overdue => return Ok(Waited::Overdue),
                next = watching, if self.arguments.watch => return Ok(Waited::Changed(next)),
            }
            self.front.lead_to(None);
            if let Some(served) = self.served.take() {
                served.end(&self.docker, Duration::ZERO).await?;
            }
            if !self.arguments.watch {
                return Ok(Waited::End(ExitCode::from(FAILED)));
            }
            self.print
                .note("The container ended. The next save starts a new one.");
        }
    }
}

/// Waits until the container ends; forever without one.
async fn ended(served: &mut Option<Served>) {
    match served {
        Some(served) => served.ended().await,
        None => std::future::pending().await,
    }
}

/// Whether the running code would differ.
fn differs(one: &Function, other: &Function) -> bool {
    one.code != other.code || one.config != other.config || one.name != other.name
}

fn look(global: &Global, arguments: &Run) -> Result<Arc<Desired>, Error> {
    let mut loaded = wanted::load(global)?;
    let key = wanted::one(&loaded, arguments.function.as_deref())?;
    let function = loaded.manifest.functions.get_mut(&key);
    if let Some(function) = function.filter(|_| arguments.watch) {
        language::watch(function);
    }
    wanted::desired_offline(&loaded, &[key])
}

/// The address of the function, and how to call it.
fn serving(function: &Function, port: u16, print: &Print) -> String {
    let url = format!("http://127.0.0.1:{port}/");
    if print.json() {
        let function = &function.key;
        return json::serving(&Serving {
            function,
            url: &url,
        });
    }
    let argument = function
        .tests
        .first()
        .map_or("null", |test| test.argument.as_str());
    format!(
        "{} answers at {url}\n  curl -d '{argument}' {url}\nPress Ctrl-C to stop.\n",
        function.key
    )
}
