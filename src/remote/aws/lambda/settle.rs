//! Waiting until Lambda has taken a change in: what the SDK's waiters FunctionActiveV2, FunctionUpdatedV2 and
//! PublishedVersionActive wait for, <https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html>.

use std::time::Duration;

use tokio::time::Instant;

use crate::{
    model::observed::FunctionState,
    remote::{Aws, Error, aws::service::Service},
};

/// The first wait; each further one is half as long again, up to the last.
const FIRST: Duration = Duration::from_millis(100);
const LAST: Duration = Duration::from_secs(2);
/// The SDK's waiters give up after 5 minutes too.
const LIMIT: Duration = Duration::from_secs(300);

impl Aws {
    /// The function once neither its state is `Pending` nor its last update `InProgress`. `Failed` is returned as data.
    ///
    /// # Errors
    /// [`Error::Missing`] where it is not there, [`Error::Failed`] after 5 minutes.
    pub async fn settled(
        &self,
        name: &str,
        qualifier: Option<&str>,
    ) -> Result<FunctionState, Error> {
        let begun = Instant::now();
        let mut wait = FIRST;
        loop {
            let found = self.function(name, qualifier).await?;
            let state = found.ok_or_else(|| missing(name, qualifier))?;
            if is_settled(&state) {
                return Ok(state);
            }
            if begun.elapsed() > LIMIT {
                return Err(unsettled(name, &state));
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 3 / 2).min(LAST);
        }
    }
}

fn is_settled(state: &FunctionState) -> bool {
    // A version with SnapStart is Pending while its snapshot is made; the snapshot's own status says that it is used.
    // <https://docs.aws.amazon.com/lambda/latest/dg/snapstart-activate.html>
    let snapshot = !state.config.snapstart || state.version == "$LATEST" || state.optimised;
    let failed = state.state == "Failed";
    state.state != "Pending" && state.last_update != "InProgress" && (snapshot || failed)
}

fn missing(name: &str, qualifier: Option<&str>) -> Error {
    let resource = match qualifier {
        Some(qualifier) => format!("function {name}:{qualifier}"),
        None => format!("function {name}"),
    };
    Error::Missing {
        service: Service::Lambda.name().to_owned(),
        resource,
    }
}

fn unsettled(name: &str, state: &FunctionState) -> Error {
    Error::Failed {
        resource: format!("function {name}"),
        reason: format!(
            "after {} minutes its state is still {} and its last update {}",
            LIMIT.as_secs() / 60,
            state.state,
            state.last_update
        ),
        help: Some("run `jot apply` again later".to_owned()),
    }
}
