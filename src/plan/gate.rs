//! The gate before traffic: tests in Lambda.

use crate::model::{Action, Step, StepId, observed::LATEST, value::Value};

use super::{
    builder::{PlanBuilder, id},
    concurrency,
    context::FunctionContext,
};

/// Whether the gate before traffic can never pass: Lambda does not run the function.
pub(super) fn untestable(context: &FunctionContext) -> bool {
    concurrency::stopped(context) && !context.wanted.tests.is_empty()
}

/// The tests of `$LATEST`, if it is what the alias's version will be; `None` if no test can run.
pub(super) fn on_latest(
    context: &FunctionContext,
    after: &[StepId],
    builder: &mut PlanBuilder,
) -> Option<StepId> {
    if untestable(context) {
        return None;
    }
    let gate = test(context, Value::Known(LATEST.to_owned()), None, builder)?;
    let step = builder.steps.iter_mut().find(|step| step.id == gate)?;
    step.after = after.to_vec();
    step.reasons = vec!["$LATEST runs on it first".to_owned()];
    Some(gate)
}

/// The tests against a version, if the function has any.
pub(super) fn test(
    context: &FunctionContext,
    version: Value<String>,
    after: Option<StepId>,
    builder: &mut PlanBuilder,
) -> Option<StepId> {
    if context.wanted.tests.is_empty() {
        return None;
    }
    let reason = match &version {
        Value::Known(_) => "$LATEST has the traffic",
        Value::From(_) => "no version takes traffic untested",
    };
    Some(builder.add(Step {
        id: id("test-remote", &context.wanted.key),
        resource: format!("function {}", context.wanted.name),
        action: Action::TestRemote {
            function: context.wanted.key.clone(),
            version,
        },
        after: after.into_iter().collect(),
        reasons: vec![reason.to_owned()],
        changes: Vec::new(),
    }))
}
