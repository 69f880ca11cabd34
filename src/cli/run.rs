//! `jot run`.

use std::{
    collections::BTreeMap, io::ErrorKind, net::Ipv4Addr, process::ExitCode, sync::Arc,
    time::Duration,
};

use clap::Args;
use tokio::net::TcpListener;

use super::{
    Error, FAILED, Global, carry,
    output::{self, Print},
    runs, session,
    signals::Signals,
    wanted,
};
use crate::{
    apply,
    model::{Desired, Function, redacted},
    plan::{self, Local},
    remote::{
        self, Docker,
        docker::{Container, Sandbox},
    },
    report::{
        self,
        json::{self, Serving},
        wording,
    },
    verify::{self, Way},
};

/// How long a container may take until it answers.
const START: Duration = Duration::from_secs(60);
/// How often `--watch` looks at the sources.
const EVERY: Duration = Duration::from_secs(1);

/// Runs a function in the local Docker as Lambda would, until Ctrl-C; builds its image first where that is missing.
#[derive(Debug, Args)]
pub struct Run {
    /// The function's key, or a glob that matches one; the only function of jot.toml need not be
    /// named.
    #[arg(value_name = "FUNCTION")]
    function: Option<String>,
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
pub async fn run(global: &Global, arguments: &Run, signals: &Signals) -> Result<ExitCode, Error> {
    let print = Print::new(global);
    loop {
        let desired = look(global, arguments)?;
        for function in desired.functions.values() {
            wanted::is_built_here(function)?;
        }
        let (docker, found) = session::local(&desired.project).await?;
        let plan = plan::local(&desired, &found, Local::Build)?;
        if !plan.is_empty() {
            let clients = (None, Some(docker.clone()));
            let carried =
                carry::carry_out(plan, Arc::clone(&desired), clients, (&print.err, signals))
                    .await?;
            if carried.status != ExitCode::SUCCESS {
                return Ok(carried.status);
            }
        }
        let Some(function) = desired.functions.values().next() else {
            return Ok(ExitCode::SUCCESS);
        };
        match serve(global, arguments, (&desired, &docker, function), signals).await? {
            Ended::Changed => print.note("A source changed: building anew."),
            Ended::Signal => return Ok(signals.exit_code().unwrap_or(ExitCode::SUCCESS)),
            Ended::Stopped => return Ok(ExitCode::from(FAILED)),
        }
    }
}

async fn serve(
    global: &Global,
    arguments: &Run,
    (desired, docker, function): (&Desired, &Docker, &Function),
    signals: &Signals,
) -> Result<Ended, Error> {
    let project = &desired.project;
    signals.mind();
    let this = runs::Run::begin(project, Some(docker));
    is_free(arguments.port)?;
    let origin = (this.id(), &BTreeMap::new());
    let mut silent = |_| {};
    let harness = tokio::select! {
        harness = apply::harness(docker, desired, origin, function, &mut silent) => harness?,
        () = signals.stopped() => return Ok(Ended::Signal),
    };
    let sandbox = Sandbox {
        image: harness.reference,
        run: this.id().to_owned(),
        memory_mb: function.memory_mb(),
        tmp_mb: function.tmp_mb(),
        environment: apply::container_environment(function, desired.aws.region.as_deref()),
        port: Some(arguments.port),
        restricted: true,
        harness: Some(function.start()),
    };
    let container = docker.start(&sandbox).await;
    let container = container.map_err(|error| taken(error, arguments.port))?;
    let print = Print::new(global);
    container.notes.iter().for_each(|note| print.note(note));
    let ended = tokio::select! {
        never = answer((docker, &container, &sandbox), function, arguments.port, &print) => never,
        () = signals.stopped() => Ok(Ended::Signal),
        ended = follow(docker, &container) => ended,
        changed = changed(global, arguments, function), if arguments.watch => changed,
    };
    // In any case: no error leaves the container.
    this.end(Some(docker)).await?;
    ended
}

/// Says where the function answers once it does, and leads calls to it where its daemon is not at this machine. Does not return,
/// unless the function cannot be called.
async fn answer(
    (docker, container, sandbox): (&Docker, &Container, &Sandbox),
    function: &Function,
    port: u16,
    print: &Print,
) -> Result<Ended, Error> {
    match verify::reach(docker, container, (&sandbox.image, &sandbox.run), START).await {
        Ok(Way::Port(port)) => output::print(&serving(function, port, print))?,
        Ok(Way::Relay(relay)) => {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
            let listener = listener.map_err(|_| in_use(port))?;
            output::print(&serving(function, port, print))?;
            relay.serve(listener).await;
        }
        // `follow` shows a container that ends before it answers, with what it wrote.
        Err(_) if !docker.state(&container.id).await?.running => {}
        Err(why) => {
            return Err(Error::Remote(remote::Error::Failed {
                resource: function.key.clone(),
                reason: why.to_string(),
                help: Some(why.help().to_owned()),
            }));
        }
    }
    std::future::pending().await
}

/// Nothing, if nothing listens at the port: whatever answers there later is the function.
fn is_free(port: u16) -> Result<(), Error> {
    match std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Err(error) if error.kind() == ErrorKind::AddrInUse => Err(in_use(port)),
        // Docker may take ports that jot may not.
        _ => Ok(()),
    }
}

fn in_use(port: u16) -> Error {
    Error::Usage {
        message: format!("port {port} of 127.0.0.1 is in use"),
        help: "stop what listens there, or choose another with `--port PORT`".to_owned(),
    }
}

/// The error of a start, said so that the option is named where it is about the port.
fn taken(error: remote::Error, port: u16) -> Error {
    match remote::docker::is_taken(&error) {
        true => in_use(port),
        false => error.into(),
    }
}

/// Where the function answers, and how to call it.
fn serving(function: &Function, port: u16, print: &Print) -> String {
    let url = format!("http://127.0.0.1:{port}/2015-03-31/functions/function/invocations");
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
        "{} answers at {url}\n  curl -d '{argument}' {url}\nCtrl-C ends it.\n",
        function.key
    )
}

/// Prints what the container writes until it ends.
async fn follow(docker: &Docker, container: &Container) -> Result<Ended, Error> {
    docker
        .follow(&container.id, &mut |line| {
            report::output::err(&format!("{}\n", wording::plain(&redacted(line))))
        })
        .await?;
    Ok(Ended::Stopped)
}

/// Returns once the function's recipe is another one. While the sources are broken, the error is shown once they can be read again.
async fn changed(global: &Global, arguments: &Run, function: &Function) -> Result<Ended, Error> {
    loop {
        tokio::time::sleep(EVERY).await;
        let now = look(global, arguments);
        let differs = |desired: &Desired| {
            desired
                .functions
                .values()
                .any(|one| one.code != function.code)
        };
        if now.is_ok_and(|desired| differs(&desired)) {
            return Ok(Ended::Changed);
        }
    }
}

fn look(global: &Global, arguments: &Run) -> Result<Arc<Desired>, Error> {
    let loaded = wanted::load(global)?;
    let key = wanted::one(&loaded, arguments.function.as_deref())?;
    wanted::desired_offline(&loaded, &[key])
}
