//! Execution of a plan: shows events on the terminal, handles signals, and cleans up afterwards.

mod tidy;

use std::{collections::BTreeMap, process::ExitCode, sync::Arc};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::{
    Error, FAILED, TESTS_FAILED, environment, provenance, runs::Run, signals::Signals, trial::Trial,
};
use crate::{
    apply::{self, Clients},
    model::{Action, Desired, Event, Plan, Problem, Step, Summary, TestResult},
    remote::{Aws, Docker},
    report::{self, Reporter, Style},
};

/// The outcome of an executed plan.
pub struct Executed {
    pub status: ExitCode,
    pub tests: Vec<TestResult>,
    /// The outcome of each step.
    pub summary: Summary,
}

/// Executes the plan and reports it, then cleans up: local images that newer ones supersede, and
/// log groups that were recreated.
pub async fn execute(
    plan: Plan,
    desired: Arc<Desired>,
    (aws, docker): (Option<Aws>, Option<Docker>),
    watching: (&Style, &Signals),
) -> Result<Executed, Error> {
    execute_and_test(plan, desired, (aws, docker), watching, None).await
}

/// Like [`execute`], with a trial; its outcome is an event before the summary.
pub async fn execute_and_test(
    plan: Plan,
    desired: Arc<Desired>,
    (aws, docker): (Option<Aws>, Option<Docker>),
    (style, signals): (&Style, &Signals),
    trial: Option<Trial>,
) -> Result<Executed, Error> {
    let clients = (aws.clone(), docker.clone());
    let steps = plan.steps.clone();
    let carried = carry(plan, desired.clone(), clients, (style, signals), trial).await?;
    if signals.exit_code().is_some() {
        return Ok(carried);
    }
    if let Some(docker) = &docker {
        tidy::images(docker, &desired, &steps, &carried.summary).await;
    }
    if let Some(aws) = &aws {
        tidy::logs(aws, &steps, &carried.summary, style).await;
    }
    Ok(carried)
}

/// Executes the plan and reports it; removes the containers of this run, or names those that
/// remain.
pub async fn execute_only(
    plan: Plan,
    desired: Arc<Desired>,
    clients: (Option<Aws>, Option<Docker>),
    watching: (&Style, &Signals),
) -> Result<Executed, Error> {
    carry(plan, desired, clients, watching, None).await
}

async fn carry(
    plan: Plan,
    desired: Arc<Desired>,
    (aws, docker): (Option<Aws>, Option<Docker>),
    (style, signals): (&Style, &Signals),
    trial: Option<Trial>,
) -> Result<Executed, Error> {
    signals.mind();
    let (sender, receiver) = unbounded_channel();
    let (shown, to_show) = unbounded_channel();
    let run = Run::begin(&plan.project, docker.as_ref());
    let clients = Clients {
        aws,
        docker: docker.clone(),
        run: run.id().to_owned(),
        labels: origin(&plan, &desired),
        cache: environment::cache_folder().unwrap_or_else(std::env::temp_dir),
        minute: environment::minute(),
    };
    let desired = match plan.steps.iter().any(|step| records(&step.action)) {
        true => provenance::revised(desired),
        false => desired,
    };
    let plan = Arc::new(plan);
    let reporter = Reporter::new(style, &plan.steps).toward(plan.purpose);
    let reporting = tokio::spawn(report::drive(to_show, reporter));
    let collecting = tokio::spawn(collect_tests(receiver, shown.clone()));
    let stop = signals.stop.clone();
    let mut summary = apply::apply(plan, desired, clients.clone(), sender, stop).await;
    // The collector ends after the summary. If it failed, the work is done all the same.
    let tests = collecting.await.unwrap_or_default();
    if let Some(trial) = trial.filter(|_| !summary.interrupted) {
        for verdict in trial.run(clients, signals.stop.clone()).await {
            let _ = shown.send(verdict);
        }
    }
    if let Err(error) = run.end(docker.as_ref()).await {
        summary.error = true;
        let error = Problem::from_diagnostic(&error);
        let _ = shown.send(Event::Error { error });
    }
    let _ = shown.send(Event::Summary(summary.clone()));
    let _ = reporting.await;
    let status = signals.exit_code().unwrap_or_else(|| status(&summary));
    Ok(Executed {
        status,
        tests,
        summary,
    })
}

/// Provenance labels for the images that the plan builds; empty if it builds none, because git
/// takes time.
fn origin(plan: &Plan, desired: &Desired) -> BTreeMap<String, String> {
    let builds = |step: &Step| matches!(step.action, Action::Build { .. });
    if !plan.steps.iter().any(builds) {
        return BTreeMap::new();
    }
    provenance::labels(&desired.root)
}

/// Whether a step records the commit of a function's source.
fn records(action: &Action) -> bool {
    matches!(
        action,
        Action::PublishVersion { .. } | Action::TagFunction { .. }
    )
}

/// Passes events on and collects test results; holds the summary back until the cleanup is done.
async fn collect_tests(
    mut events: UnboundedReceiver<Event>,
    shown: UnboundedSender<Event>,
) -> Vec<TestResult> {
    let mut tests = Vec::new();
    while let Some(event) = events.recv().await {
        if let Event::Tested { result, .. } = &event {
            tests.push(result.clone());
        }
        if matches!(event, Event::Summary(_)) {
            break;
        }
        // The work goes on without a reader.
        let _ = shown.send(event);
    }
    tests
}

fn status(summary: &Summary) -> ExitCode {
    if summary.tests_failed {
        return ExitCode::from(TESTS_FAILED);
    }
    if summary.complete() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(FAILED)
    }
}
