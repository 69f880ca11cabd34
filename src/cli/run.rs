//! `jot run`.

use std::{process::ExitCode, sync::Arc, time::Duration};

use clap::Args;

use super::{Error, FAILED, Global, carry, session, session::Session, signals::Signals};
use crate::{
    model::{Desired, Function, image::local_name},
    plan,
    remote::{Docker, docker::Container},
    report, verify,
};

/// How often `--watch` looks at the sources.
const EVERY: Duration = Duration::from_secs(1);

/// Runs a function in the local Docker as Lambda would, until Ctrl-C; builds its image first where that is missing.
#[derive(Debug, Args)]
pub struct Run {
    /// The function's key.
    #[arg(value_name = "FUNCTION")]
    function: String,
    /// Port on 127.0.0.1 to answer at.
    #[arg(long, default_value_t = 9000, value_name = "PORT")]
    port: u16,
    /// Build and start anew whenever a source file changes.
    #[arg(long)]
    watch: bool,
}

/// What ended a run.
enum Ended {
    Signal,
    Changed,
    Stopped,
}

/// Builds, starts, prints where it answers and what it writes.
pub async fn run(global: &Global, arguments: &Run) -> Result<ExitCode, Error> {
    let signals = Signals::listen();
    loop {
        let session = Session::open(global).await?;
        let desired = session.desired(std::slice::from_ref(&arguments.function))?;
        let docker = Docker::connect().await?;
        let plan = plan::build(&desired, &docker.observed(&desired.project).await?)?;
        if !plan.is_empty() {
            let clients = (session.aws.clone(), Some(docker.clone()));
            let carried = carry::carry_out(plan, Arc::clone(&desired), clients, &session.style).await?;
            if carried.status != ExitCode::SUCCESS {
                return Ok(carried.status);
            }
        }
        let Some(function) = desired.functions.values().next() else {
            return Ok(ExitCode::SUCCESS);
        };
        match serve(global, arguments, (&session, &docker, function), &signals).await? {
            Ended::Changed => report::note("a source changed: building anew", &session.style),
            Ended::Signal => return Ok(signals.exit_code().unwrap_or(ExitCode::SUCCESS)),
            Ended::Stopped => return Ok(ExitCode::from(FAILED)),
        }
    }
}

async fn serve(
    global: &Global,
    arguments: &Run,
    (session, docker, function): (&Session, &Docker, &Function),
    signals: &Signals,
) -> Result<Ended, Error> {
    let project = &session.loaded.manifest.project.name;
    let image = format!("{}:{}", local_name(project), function.image.tag());
    let mut sandbox = verify::Local::new(function, image, &carry::run_id(project)).sandbox();
    sandbox.port = Some(arguments.port);
    let container = docker.start(&sandbox).await?;
    session::print(&report::serving(&function.key, container.port, function.tests.first(), &session.style))?;
    let ended = tokio::select! {
        () = signals.stopped() => Ended::Signal,
        ended = follow(docker, &container) => ended?,
        changed = changed(global, arguments, function), if arguments.watch => changed?,
    };
    docker.remove(&container.id).await?;
    Ok(ended)
}

/// Prints what the container writes until it ends.
async fn follow(docker: &Docker, container: &Container) -> Result<Ended, Error> {
    docker.follow(&container.id, &mut |line| report::plain(line)).await?;
    Ok(Ended::Stopped)
}

/// Returns once the function's recipe is another one. While the sources are broken, the error is shown once they can be read again.
async fn changed(global: &Global, arguments: &Run, function: &Function) -> Result<Ended, Error> {
    loop {
        tokio::time::sleep(EVERY).await;
        let now = look(global, arguments);
        let differs = |desired: &Desired| desired.functions.values().any(|one| one.image != function.image);
        if now.is_ok_and(|desired| differs(&desired)) {
            return Ok(Ended::Changed);
        }
    }
}

fn look(global: &Global, arguments: &Run) -> Result<Arc<Desired>, Error> {
    let loaded = session::load(global)?;
    session::desired(&loaded, loaded.manifest.aws.region.as_deref(), std::slice::from_ref(&arguments.function))
}
