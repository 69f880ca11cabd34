//! What finished steps gave, for those that come after them.

use std::{collections::BTreeMap, sync::Arc};

use tokio::sync::OnceCell;

use super::{
    Error, Shared,
    archives::{Cells, Packed},
    transfer::Login,
};
use crate::model::{Fingerprint, StepId, observed::FunctionState, value::Value};

/// Results by step, and the newest state of every function that this apply wrote.
#[derive(Debug, Default)]
pub struct Results {
    given: BTreeMap<StepId, String>,
    states: BTreeMap<String, FunctionState>,
    /// The login to the registry, asked for once for all pushes and pulls.
    login: Arc<OnceCell<Login>>,
    /// Revisions of the aliases that this apply set, by function.
    aliases: BTreeMap<String, String>,
    archives: Cells,
}

impl Shared {
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

/// A value that is text in a request.
pub trait AsText {
    /// The text.
    fn as_text(&self) -> &str;
}

impl AsText for String {
    fn as_text(&self) -> &str {
        self
    }
}

impl AsText for crate::model::Digest {
    fn as_text(&self) -> &str {
        self.as_str()
    }
}
