//! Waits until Lambda has applied a change.
//!
//! The conditions are those of the SDK's waiters FunctionActiveV2, FunctionUpdatedV2 and
//! PublishedVersionActive, <https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html>.

use std::time::Duration;

use tokio::time::Instant;

use crate::{
    model::{LastUpdate, State, observed::FunctionState},
    remote::{Aws, Error, aws::service::Service},
};

/// The wait before the first request, and between the first two: the interval of the SDK's waiters
/// for functions.
///
/// AWS says of images only that optimising them "can take a few seconds",
/// <https://docs.aws.amazon.com/lambda/latest/dg/invocation-images.html>, so an earlier request
/// would be useless.
const FIRST: Duration = Duration::from_secs(1);
/// The first wait if this apply did not make the last change: another change may be about to end.
const AT_ONCE: Duration = Duration::from_millis(200);
/// Each further wait is half as long again, up to this.
const LAST: Duration = Duration::from_secs(5);
/// Waits longer than this are reported, and again after each further interval.
const REPORT_INTERVAL: Duration = Duration::from_secs(5);

/// How long a new resource or change may be missing in Lambda's answers.
const SHOWS_UP: Duration = Duration::from_secs(20);

/// The change in progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The creation of a function.
    Create,
    /// An update of code or configuration.
    Update,
    /// The publication of a version, including its snapshot with SnapStart.
    Publish,
}

impl Change {
    /// How long it may take.
    ///
    /// A version: as PublishedVersionActive waits, 312 times 5 s; SnapStart alone may take 15
    /// minutes. A function: twice the limit of the SDK's waiters, because an image of 10 GB or a
    /// first network interface takes long.
    fn limit(self) -> Duration {
        Duration::from_secs(match self {
            Self::Create | Self::Update => 600,
            Self::Publish => 312 * 5,
        })
    }

    /// Description of the change.
    fn words(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Publish => "publish",
        }
    }
}

/// What to wait for.
#[derive(Clone, Debug)]
pub struct Waited<'a> {
    /// The function's name in Lambda.
    pub name: &'a str,
    /// A version; `None`: `$LATEST`.
    pub qualifier: Option<&'a str>,
    /// The change in progress.
    pub change: Change,
    /// The revision before the change.
    ///
    /// GetFunction may still return it for a moment after the change, with the old code.
    pub before: Option<&'a str>,
    /// Whether a request of this apply started it a moment ago.
    pub begun: bool,
}

impl Waited<'_> {
    fn is_stale(&self, state: &FunctionState) -> bool {
        self.before == Some(state.revision.as_str())
    }
}

impl Aws {
    /// The function once its state is not `Pending` and its last update not `InProgress`.
    ///
    /// `Failed` is returned as data.
    ///
    /// # Errors
    ///
    /// [`Error::Missing`] where it does not exist, [`Error::Failed`] where it takes too long.
    pub async fn settled(
        &self,
        name: &str,
        qualifier: Option<&str>,
    ) -> Result<FunctionState, Error> {
        let change = match qualifier {
            Some(_) => Change::Publish,
            None => Change::Update,
        };
        let waited = Waited {
            name,
            qualifier,
            change,
            before: None,
            begun: false,
        };
        self.settled_after(&waited, &mut |_, _| ()).await
    }

    /// As [`Aws::settled`], after a change.
    ///
    /// Long waits are reported: what is waited for, and how long so far.
    ///
    /// # Errors
    ///
    /// As [`Aws::settled`].
    pub async fn settled_after(
        &self,
        waited: &Waited<'_>,
        report: &mut (dyn FnMut(&str, Duration) + Send),
    ) -> Result<FunctionState, Error> {
        let start = Instant::now();
        let mut wait = AT_ONCE;
        if waited.begun {
            wait = FIRST;
            self.pause(FIRST).await?;
        }
        let mut reported = Duration::ZERO;
        loop {
            let found = self.function(waited.name, waited.qualifier).await?;
            let passed = start.elapsed();
            match found {
                Some(state)
                    if is_settled(&state) && (passed > SHOWS_UP || !waited.is_stale(&state)) =>
                {
                    return Ok(state);
                }
                Some(state) if passed > waited.change.limit() => {
                    return Err(unsettled(waited, &state));
                }
                None if !waited.begun || passed > SHOWS_UP => return Err(missing(waited)),
                _ => {}
            }
            if passed >= reported + REPORT_INTERVAL {
                reported = passed;
                report(&doing(waited), passed);
            }
            self.pause(wait).await?;
            wait = (wait * 3 / 2).min(LAST);
        }
    }
}

/// Whether Lambda has finished with the function: nothing of it is being created, updated or
/// prepared.
pub fn is_settled(state: &FunctionState) -> bool {
    // A version with SnapStart is Pending while its snapshot is created; the snapshot's own status
    // shows that it is used. <https://docs.aws.amazon.com/lambda/latest/dg/snapstart-activate.html>
    let snapshot = !state.config.snapstart || state.version == "$LATEST" || state.optimised;
    let failed = state.state == State::Failed;
    state.state != State::Pending
        && state.last_update != LastUpdate::InProgress
        && (snapshot || failed)
}

fn doing(waited: &Waited<'_>) -> String {
    let what = waited.change.words();
    match waited.qualifier {
        Some(version) => format!("waiting for Lambda to {what} version {version}"),
        None => format!("waiting for Lambda to {what} the function"),
    }
}

fn missing(waited: &Waited<'_>) -> Error {
    let resource = match waited.qualifier {
        Some(qualifier) => format!("function {}:{qualifier}", waited.name),
        None => format!("function {}", waited.name),
    };
    Error::Missing {
        service: Service::Lambda.name().to_owned(),
        resource,
    }
}

fn unsettled(waited: &Waited<'_>, state: &FunctionState) -> Error {
    Error::Failed {
        resource: format!("function {}", waited.name),
        reason: format!(
            "after {} minutes its state is still {} and its last update {}",
            waited.change.limit().as_secs() / 60,
            state.state,
            state.last_update
        ),
        help: Some("run `jot apply` again later".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_change_is_given_what_lambda_may_take() {
        let minutes = |change: Change| change.limit().as_secs() / 60;
        assert_eq!(minutes(Change::Update), 10);
        assert_eq!(
            minutes(Change::Publish),
            26,
            "SnapStart alone may take 15 minutes"
        );
    }

    #[test]
    fn a_wait_says_for_what() {
        let waited = |qualifier, change| Waited {
            name: "double",
            qualifier,
            change,
            before: None,
            begun: true,
        };
        let version = waited(Some("3"), Change::Publish);
        assert_eq!(doing(&version), "waiting for Lambda to publish version 3");
        let function = waited(None, Change::Create);
        assert_eq!(
            doing(&function),
            "waiting for Lambda to create the function"
        );
    }
}
