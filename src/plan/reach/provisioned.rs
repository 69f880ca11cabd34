//! Provisioned concurrency of a function's alias.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html>

use serde_json::{Value as Json, json};

use crate::model::{Action, Change, StepId, reach::Provisioned, value::Shown};

use super::shared::{Intent, intent, step};
use crate::plan::{builder::PlanBuilder, context::FunctionContext, managed::Key};

/// Whether Lambda is still moving it to the alias's version; until then Lambda itself sets weights
/// on the alias.
pub(in crate::plan) fn is_in_progress(context: &FunctionContext) -> bool {
    let found = context.found.reach.provisioned.as_ref();
    found.is_some_and(Provisioned::is_in_progress)
}

/// The step that requests the wanted number, or removes the setting.
pub(super) fn plan(
    context: &FunctionContext,
    after: &[StepId],
    builder: &mut PlanBuilder,
) -> Option<StepId> {
    let found = context.found.reach.provisioned.as_ref();
    let current = found.map(|found| found.requested);
    let declared = context.wanted.reach.provisioned_concurrency.as_ref();
    let wanted = match intent(context, Key::Provisioned, declared) {
        Intent::Leave => return None,
        Intent::Reset => None,
        Intent::Set(number) => Some(*number),
    };
    let failed = found.filter(|found| wanted.is_some() && found.has_failed());
    if wanted == current && failed.is_none() {
        return None;
    }
    let old = current.map_or(Shown::Absent, |number| Shown::Value(json!(number)));
    let new = wanted.map_or(Shown::Default(Json::Null), |number| {
        Shown::Value(json!(number))
    });
    let text = current.map(|number| number.to_string());
    let cause = context.attribution().key(Key::Provisioned, text);
    let change = Change::new(Key::Provisioned.word(), old, new).because(cause);
    let action = Action::SetProvisioned {
        function: context.wanted.key.clone(),
        number: wanted,
    };
    let changes = match failed {
        Some(_) if wanted == current => Vec::new(),
        _ => vec![change],
    };
    let mut step = step(context, "provision", action, (after.to_vec(), changes));
    if let Some(found) = failed {
        let why = found.reason.as_deref().unwrap_or("Lambda gives no reason");
        step.reasons = vec![format!("Lambda could not prepare them: {why}")];
    }
    Some(builder.add(step))
}
