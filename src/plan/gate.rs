//! The gate before traffic: tests in Lambda.

use crate::model::{Action, Step, StepId, observed::LATEST, value::Value};

use super::{
    concurrency,
    draft::{Draft, id},
    site::Site,
};

/// Whether the gate before traffic can never pass: Lambda does not run the function.
pub(super) fn untestable(site: &Site) -> bool {
    concurrency::stopped(site) && !site.wanted.tests.is_empty()
}

/// The tests of `$LATEST`, where it is what the alias's version will be; `None` if no test can run.
pub(super) fn on_latest(site: &Site, after: &[StepId], draft: &mut Draft) -> Option<StepId> {
    if untestable(site) {
        return None;
    }
    let gate = test(site, Value::Known(LATEST.to_owned()), None, draft)?;
    let step = draft.steps.iter_mut().find(|step| step.id == gate)?;
    step.after = after.to_vec();
    step.reasons = vec!["$LATEST runs on it first".to_owned()];
    Some(gate)
}

/// The tests against a version, if the function has any.
pub(super) fn test(
    site: &Site,
    version: Value<String>,
    after: Option<StepId>,
    draft: &mut Draft,
) -> Option<StepId> {
    if site.wanted.tests.is_empty() {
        return None;
    }
    let reason = match &version {
        Value::Known(_) => "$LATEST has the traffic",
        Value::From(_) => "no version takes traffic untested",
    };
    Some(draft.add(Step {
        id: id("test-remote", &site.wanted.key),
        resource: format!("function {}", site.wanted.name),
        action: Action::TestRemote {
            function: site.wanted.key.clone(),
            version,
        },
        after: after.into_iter().collect(),
        reasons: vec![reason.to_owned()],
        changes: Vec::new(),
    }))
}
