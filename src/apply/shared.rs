//! State that the steps of one apply share.

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

/// The connections and settings that executing a plan needs.
#[derive(Clone, Debug)]
pub struct Clients {
    /// AWS; `None` for a plan that uses only Docker and so needs neither a region nor credentials.
    pub aws: Option<Aws>,
    /// Docker, if a daemon answers.
    pub docker: Option<Docker>,
    /// Value of the label `dev.jot.run` on every container of this run.
    pub run: String,
    /// Labels of built images, in addition to those of the recipe.
    pub labels: BTreeMap<String, String>,
    /// jot's cache folder, which contains archives.
    pub cache: PathBuf,
    /// How long a minute of a traffic shift takes: [`MINUTE`](super::MINUTE), less in tests.
    pub minute: Duration,
}

/// State that every step shares.
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
    /// The step of the running task, so that a retry deep in `remote` is reported as that step's.
    pub(super) static CURRENT: StepId;
}

impl Shared {
    /// Sends an event; the work goes on if the reader is gone.
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

    /// Records the result of a step: an ARN, a digest or a version.
    pub fn give(&self, step: &StepId, result: impl Into<String>) {
        self.lock().given.insert(step.clone(), result.into());
    }

    /// The value as text, from the step that yields it if it was not known before.
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

    /// Records the state of a function after this apply changed it.
    pub fn remember(&self, function: &str, state: FunctionState) {
        self.lock().states.insert(function.to_owned(), state);
    }

    /// The state of a function that this apply last saw, or `None` if it has not changed it.
    pub fn remembered(&self, function: &str) -> Option<FunctionState> {
        self.lock().states.get(function).cloned()
    }

    /// The cell for the login to the registry.
    pub fn login_cell(&self) -> Arc<OnceCell<Login>> {
        self.lock().login.clone()
    }

    /// The cell for the archive of a recipe.
    pub fn archive_cell(&self, image: &Fingerprint) -> Arc<OnceCell<Packed>> {
        self.lock()
            .archives
            .entry(image.clone())
            .or_default()
            .clone()
    }

    /// Records the revision of a function's alias after this apply set it.
    pub fn remember_alias(&self, function: &str, revision: String) {
        self.lock().aliases.insert(function.to_owned(), revision);
    }

    /// The revision of a function's alias that this apply set, or `None` if it did not set it.
    pub fn seen_alias(&self, function: &str) -> Option<String> {
        self.lock().aliases.get(function).cloned()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Results> {
        self.results
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
