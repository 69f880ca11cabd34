//! Executes a plan: a graph of steps on a `JoinSet`, events over a channel, no decisions.

mod archives;
mod collected;
mod copies;
mod error;
mod exemplar;
mod faults;
mod function;
mod gate;
mod harness;
mod images;
mod infrastructure;
mod login;
mod looks;
mod memory;
mod packed;
mod panics;
mod pushes;
mod reach;
mod replace;
mod results;
mod run;
mod scheduler;
mod settling;
mod shared;
#[cfg(test)]
mod tests;
mod traffic;
mod transfer;
mod triggers;

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Instant,
};

use tokio::{
    sync::{Semaphore, mpsc::UnboundedSender, watch},
    task::JoinSet,
};

pub use collected::collected;
pub use error::Error;
pub use gate::{container_environment, remote_tests};
pub use harness::{Harness, harness};
use results::Results;
pub use shared::Clients;
use shared::{CURRENT, Shared};
pub use traffic::MINUTE;

use crate::{
    model::{Desired, Event, Plan, Step, StepId, Summary},
    remote::{Aws, aws::RetryListener},
};

/// The highest number of concurrent builds: each may use every core.
const BUILDS_AT_ONCE: usize = 2;

/// Runs the steps of `plan`, concurrently if they do not depend on each other; returns a
/// summary.
///
/// A failure stops only the steps that depend on it. Once `stop` holds true, no step is started;
/// builds, pushes and tests are dropped, and running calls that change AWS finish. Every event goes
/// to `events`, the summary last.
pub async fn apply(
    plan: Arc<Plan>,
    desired: Arc<Desired>,
    mut clients: Clients,
    events: UnboundedSender<Event>,
    stop: watch::Receiver<bool>,
) -> Summary {
    let with_listener = |aws: Aws| {
        aws.with_retry_listener(retries(events.clone()))
            .until(stop.clone())
    };
    clients.aws = clients.aws.map(with_listener);
    panics::quieten();
    let shared = Arc::new(Shared {
        desired,
        plan: plan.clone(),
        clients,
        events,
        results: Mutex::new(Results::default()),
        builds: Semaphore::new(BUILDS_AT_ONCE),
        stop,
    });
    let summary = Schedule::new(&plan).run(&shared).await;
    shared.send(Event::Summary(summary.clone()));
    summary
}

/// Which steps are waiting, running and finished.
struct Schedule {
    waiting: Vec<Step>,
    running: JoinSet<(StepId, Result<(), Error>)>,
    done: BTreeSet<StepId>,
    summary: Summary,
}

impl Schedule {
    fn new(plan: &Plan) -> Self {
        Self {
            waiting: plan.steps.clone(),
            running: JoinSet::new(),
            done: BTreeSet::new(),
            summary: Summary::default(),
        }
    }

    async fn run(mut self, shared: &Arc<Shared>) -> Summary {
        self.start_ready(shared);
        while let Some(ended) = self.running.join_next().await {
            match ended {
                Ok((id, Ok(()))) => {
                    self.done.insert(id.clone());
                    self.summary.done.push(id);
                }
                Ok((id, Err(error))) => self.fail(id, &error),
                // Steps are never aborted, and panics are caught where they happen.
                Err(_) => self.summary.interrupted = true,
            }
            self.start_ready(shared);
        }
        self.summary.interrupted |= *shared.stop.borrow();
        let ended: BTreeSet<&StepId> = self
            .summary
            .done
            .iter()
            .chain(&self.summary.failed)
            .chain(&self.summary.stopped)
            .collect();
        let not_started = shared.plan.steps.iter().map(|step| &step.id);
        let not_started = not_started
            .filter(|id| !ended.contains(id))
            .cloned()
            .collect();
        let summary = Summary {
            not_started,
            ..self.summary
        };
        Summary {
            kept: summary.left_behind(&shared.plan.steps),
            ..summary
        }
    }

    fn fail(&mut self, id: StepId, error: &Error) {
        match error {
            Error::Interrupted => {
                self.summary.interrupted = true;
                self.summary.stopped.push(id);
            }
            Error::TestsFailed { .. } => {
                self.summary.tests_failed = true;
                self.summary.failed.push(id);
            }
            _ => self.summary.failed.push(id),
        }
    }

    fn start_ready(&mut self, shared: &Arc<Shared>) {
        if *shared.stop.borrow() {
            return;
        }
        let done = &self.done;
        let ready = |step: &Step| step.after.iter().all(|before| done.contains(before));
        let (start, wait): (Vec<_>, Vec<_>) = std::mem::take(&mut self.waiting)
            .into_iter()
            .partition(ready);
        self.waiting = wait;
        for step in start {
            let shared = shared.clone();
            self.running.spawn(async move {
                let result = one(&shared, &step).await;
                (step.id, result)
            });
        }
    }
}

/// Reports retries as events of the step that they happen in.
fn retries(events: UnboundedSender<Event>) -> RetryListener {
    Arc::new(move |retry| {
        let Ok(step) = CURRENT.try_with(StepId::clone) else {
            return;
        };
        let why = format!("{}: {}", retry.operation, retry.why);
        // The work goes on without a reader.
        let _ = events.send(Event::Retry {
            step,
            why,
            attempt: retry.attempt,
            wait_ms: retry.wait_ms,
        });
    })
}

async fn one(shared: &Shared, step: &Step) -> Result<(), Error> {
    shared.send(Event::Started {
        step: step.id.clone(),
    });
    let began = Instant::now();
    let work = panics::caught(async {
        #[cfg(test)]
        tests::strike(step);
        run::run(shared, step).await
    });
    match CURRENT.scope(step.id.clone(), work).await {
        Ok(result) => {
            let millis = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
            shared.send(Event::Finished {
                step: step.id.clone(),
                result,
                millis,
            });
            Ok(())
        }
        Err(error) => {
            if !matches!(error, Error::Interrupted) {
                let mut problem = crate::model::Problem::from_diagnostic(&error);
                problem.whole = matches!(error, Error::Fault(_) | Error::Faults { .. });
                shared.send(Event::Failed {
                    step: step.id.clone(),
                    problem,
                });
            }
            Err(error)
        }
    }
}
