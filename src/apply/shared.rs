//! What the steps of one apply share.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::sync::{OnceCell, Semaphore, mpsc::UnboundedSender, watch};

use crate::{
    model::{Desired, Event, Fingerprint, Plan, StepId, observed::FunctionState, value::Value},
    remote::{Aws, Docker},
};

use super::{
    Error,
    login::Login,
    packed::Packed,
    results::{AsText, Results},
};

/// What a plan is carried out with.
#[derive(Clone, Debug)]
pub struct Clients {
    /// AWS; none for a plan that acts on Docker alone, which so needs neither a region nor
    /// credentials.
    pub aws: Option<Aws>,
    /// Docker, where a daemon answers.
    pub docker: Option<Docker>,
    /// Value of the label `dev.jot.run` on every container of this run.
    pub run: String,
    /// Labels of the images that are built, beside those of the recipe.
    pub labels: BTreeMap<String, String>,
    /// jot's cache folder, which holds archives.
    pub cache: PathBuf,
    /// How long a minute of traffic steps takes: [`MINUTE`](super::MINUTE), and less in tests.
    pub minute: Duration,
}

/// What every step shares.
pub(super) struct Shared {
    pub desired: Arc<Desired>,
    pub plan: Arc<Plan>,
    pub clients: Clients,
    pub events: UnboundedSender<Event>,
    pub results: Mutex<Results>,
    pub builds: Semaphore,
    pub stop: watch::Receiver<bool>,
}

tokio::task_local! {
    /// The step that the running task carries out, so that a retry deep in `remote` is reported as
    /// that step's.
    pub(super) static CURRENT: StepId;
}

impl Shared {
    /// Sends an event; a reader that is gone is no reason to stop the work.
    pub fn send(&self, event: Event) {
        let _ = self.events.send(event);
    }

    /// Runs work that may be dropped at any moment; `Interrupted` once the user asked to stop.
    pub async fn droppable<T>(
        &self,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let mut stop = self.stop.clone();
        tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => Err(Error::Interrupted),
            result = work => result,
        }
    }

    /// Keeps what a step gave: an ARN, a digest or a version.
    pub fn give(&self, step: &StepId, result: impl Into<String>) {
        self.lock().given.insert(step.clone(), result.into());
    }

    /// The value as text, taken from the step that gives it where it was not known before.
    pub fn resolve<T: AsText>(&self, value: &Value<T>) -> Result<String, Error> {
        match value {
            Value::Known(known) => Ok(known.as_text().to_owned()),
            Value::From(step) => self
                .lock()
                .given
                .get(step)
                .cloned()
                .ok_or_else(|| Error::Stale {
                    what: format!("the result of `{step}`"),
                }),
        }
    }

    /// Keeps the state of a function after this apply changed it.
    pub fn remember(&self, function: &str, state: FunctionState) {
        self.lock().states.insert(function.to_owned(), state);
    }

    /// The state of a function that this apply last saw, or none if it did not touch it yet.
    pub fn remembered(&self, function: &str) -> Option<FunctionState> {
        self.lock().states.get(function).cloned()
    }

    /// Where the login to the registry is kept.
    pub fn login_cell(&self) -> Arc<OnceCell<Login>> {
        self.lock().login.clone()
    }

    /// Where the archive of a recipe is kept.
    pub fn archive_cell(&self, image: &Fingerprint) -> Arc<OnceCell<Packed>> {
        self.lock()
            .archives
            .entry(image.clone())
            .or_default()
            .clone()
    }

    /// Keeps the revision that a function's alias has after this apply set it.
    pub fn remember_alias(&self, function: &str, revision: String) {
        self.lock().aliases.insert(function.to_owned(), revision);
    }

    /// The revision of a function's alias that this apply set, or none if it did not touch it yet.
    pub fn seen_alias(&self, function: &str) -> Option<String> {
        self.lock().aliases.get(function).cloned()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Results> {
        self.results
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
