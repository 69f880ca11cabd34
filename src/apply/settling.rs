//! The outcome of changes to a function: waits for Lambda, and distinguishes this apply's changes
//! from changes outside jot.

use std::time::Duration;

use super::{CURRENT, Error, Shared};
use crate::{
    model::{
        Config, Digest, Event, Function, LastUpdate, State, StepId,
        observed::{FunctionState, Settings},
    },
    remote::{
        self, Aws,
        aws::{Change, Waited, ZipCode, is_settled, state_help},
    },
};

/// How often to send an update again that fails on a new revision although nothing differs.
const ROUNDS: u32 = 3;

/// An update of a function.
pub(super) enum Update<'a> {
    /// Code: an image, as `host/repository@sha256:...`.
    Code(&'a str),
    /// Code: an archive, and the digest of its bytes.
    Archive(&'a ZipCode, &'a str),
    /// Settings and role; and the log group to keep, if it is not the default one.
    Config(&'a Config, &'a str, Option<&'a str>),
}

impl Update<'_> {
    async fn send(
        &self,
        aws: &Aws,
        function: &Function,
        revision: &str,
    ) -> Result<FunctionState, remote::Error> {
        let name = &function.name;
        match self {
            Self::Code(image_uri) => {
                aws.update_code(name, image_uri, function.architecture.as_str(), revision)
                    .await
            }
            Self::Archive(code, _) => {
                aws.update_zip_code(name, code, function.architecture.as_str(), revision)
                    .await
            }
            Self::Config(config, role, log_group) => {
                aws.update_config_logging_to(name, (config, *log_group), role, revision)
                    .await
            }
        }
    }

    /// Whether the function is already as the update makes it.
    fn is_met_by(&self, state: &FunctionState, function: &Function) -> bool {
        match self {
            Self::Code(image_uri) => {
                let digest = image_uri.rsplit_once('@').map(|(_, digest)| digest);
                digest.is_none_or(|digest| runs(state, function, digest))
            }
            Self::Archive(_, digest) => runs(state, function, digest),
            Self::Config(config, role, _) => state.role == *role && config.is_met_by(&state.config),
        }
    }
}

impl Shared {
    /// Sends an update, and waits until Lambda has applied it.
    ///
    /// Whether a request succeeded is decided by the resulting state, because its answer may be
    /// lost. Where the function has an unexpected revision although nothing differs, the update is
    /// sent again.
    pub(super) async fn update(
        &self,
        key: &str,
        update: &Update<'_>,
        what: &str,
    ) -> Result<(), Error> {
        let function = self.function(key)?;
        let mut base = self.current(key).await?;
        for _ in 0..ROUNDS {
            let sent = update.send(self.aws()?, function, &base.revision).await;
            let answer = unless_changed(sent)?;
            // An answer with the revision that was sent says nothing about older changes.
            let same = answer.as_ref().map(|answer| &answer.revision) == Some(&base.revision);
            let state = match answer {
                Some(answer) if is_settled(&answer) => self.took(key, function, answer, what)?,
                answer => {
                    let waited = Waited {
                        name: &function.name,
                        qualifier: None,
                        change: Change::Update,
                        before: (!same).then_some(&base.revision),
                        begun: answer.is_some(),
                    };
                    let state = self.wait(&waited).await?;
                    self.took(key, function, state, what)?
                }
            };
            if update.is_met_by(&state, function) {
                return Ok(());
            }
            unless_differs(function, &base, &state)?;
            base = state;
        }
        Err(changed(function, "it keeps changing"))
    }

    /// The function as this apply or else the plan last saw it, once no change is in progress.
    ///
    /// # Errors
    ///
    /// [`Error::Changed`] if a change in progress made it differ from what the plan saw.
    pub(super) async fn current(&self, key: &str) -> Result<FunctionState, Error> {
        if let Some(state) = self.remembered(key) {
            return Ok(state);
        }
        let function = self.function(key)?;
        let seen = self.plan.seen.get(key);
        if let Some(seen) = seen
            && is_settled(seen)
        {
            return Ok(seen.clone());
        }
        let waited = Waited {
            name: &function.name,
            qualifier: None,
            change: Change::Update,
            before: None,
            begun: false,
        };
        let state = self.wait(&waited).await.map_err(|error| match error {
            Error::Remote(remote::Error::Missing { resource, .. }) => Error::Gone { resource },
            error => error,
        })?;
        if let Some(seen) = seen {
            unless_differs(function, seen, &state)?;
        }
        self.remember(key, state.clone());
        Ok(state)
    }

    /// The function, if only its revision changed: publishing may give it a new one.
    pub(super) async fn unchanged(
        &self,
        key: &str,
        before: &FunctionState,
    ) -> Result<FunctionState, Error> {
        let function = self.function(key)?;
        let waited = Waited {
            name: &function.name,
            qualifier: None,
            change: Change::Update,
            before: Some(&before.revision),
            begun: false,
        };
        let now = self.wait(&waited).await?;
        let now = self.took(key, function, now, "publish a version of")?;
        unless_differs(function, before, &now)?;
        Ok(now)
    }

    /// The function or version once Lambda has finished with it.
    ///
    /// Long waits are shown, and can be interrupted at any moment.
    pub(super) async fn wait(&self, waited: &Waited<'_>) -> Result<FunctionState, Error> {
        let mut report = |what: &str, passed: Duration| {
            if let Ok(step) = CURRENT.try_with(StepId::clone) {
                let millis = u64::try_from(passed.as_millis()).unwrap_or(u64::MAX);
                let what = what.to_owned();
                self.send(Event::Waiting { step, what, millis });
            }
        };
        let settled = async { Ok(self.aws()?.settled_after(waited, &mut report).await?) };
        self.droppable(settled).await
    }

    /// Records the state that Lambda reports after a change, unless the change failed.
    pub(super) fn took(
        &self,
        key: &str,
        function: &Function,
        state: FunctionState,
        what: &str,
    ) -> Result<FunctionState, Error> {
        fail_if_failed(&state, &function.name, what)?;
        self.remember(key, state.clone());
        Ok(state)
    }
}

/// The answer, or `None` if the resource has another revision than the request named.
pub(super) fn unless_changed<T>(answer: Result<T, remote::Error>) -> Result<Option<T>, Error> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(remote::Error::Changed { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Whether the function runs this image; a digest that Lambda does not report counts as equal.
pub(super) fn runs(state: &FunctionState, function: &Function, digest: &str) -> bool {
    let same = |found: &Digest| found.as_str() == digest;
    state.code().is_none_or(same) && state.architecture == function.architecture
}

/// Succeeds if the function is as before, except for its revision.
fn unless_differs(
    function: &Function,
    before: &FunctionState,
    now: &FunctionState,
) -> Result<(), Error> {
    let described = before.config.description == now.config.description;
    match difference(before, now) {
        Some(what) => Err(changed(function, what)),
        None if described => Ok(()),
        None => Err(changed(function, "it has another description")),
    }
}

/// What differs between the two, if anything; a version has its own description.
pub(super) fn difference(before: &FunctionState, now: &FunctionState) -> Option<&'static str> {
    let config = Settings {
        description: before.config.description.clone(),
        ..now.config.clone()
    };
    let known = before.code().zip(now.code());
    let other_code = known.is_some_and(|(before, now)| before != now);
    if other_code || before.architecture != now.architecture {
        Some("it runs other code")
    } else if before.role != now.role {
        Some("it has another role")
    } else if before.config != config {
        Some("it has other settings")
    } else {
        None
    }
}

pub(super) fn changed(function: &Function, what: &str) -> Error {
    Error::Changed {
        name: function.name.clone(),
        what: what.to_owned(),
    }
}

/// Fails if Lambda reports that the function or version cannot run.
pub(super) fn fail_if_failed(state: &FunctionState, name: &str, what: &str) -> Result<(), Error> {
    if state.state != State::Failed && state.last_update != LastUpdate::Failed {
        return Ok(());
    }
    let reason = state
        .reason
        .clone()
        .unwrap_or_else(|| "Lambda gave no reason".to_owned());
    Err(Error::Failed {
        what: what.to_owned(),
        name: name.to_owned(),
        help: state_help(&reason).to_owned(),
        reason,
    })
}
