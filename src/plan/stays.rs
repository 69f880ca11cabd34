//! Functions that stay at their release, or go back to it first.

use crate::model::{
    StepId,
    release::{Held, Shift},
    value::Value,
};

use super::{
    builder::{PlanBuilder, id},
    context::FunctionContext,
    held::Shifting,
    traffic::{self, NewAlias},
};

/// Keeps a function at its release; returns the step that moves its alias back, if it was moved
/// outside jot.
pub(super) fn hold(
    context: &FunctionContext,
    held: &Held,
    builder: &mut PlanBuilder,
) -> Option<StepId> {
    let (wanted, alias) = (context.wanted, context.found.alias.as_ref()?);
    let (name, record) = (wanted.deploy.alias.as_ref()?, alias.releases()?);
    let release = record.versions.first()?;
    builder.held.insert(wanted.key.clone(), held.clone());
    builder.notes.push(format!(
        "function {} stays at version {release}: what jot.toml asks for, version {}, is held by \
         {}; other code or `jot apply --retry` ends that",
        wanted.name,
        held.version,
        held.by.words(),
    ));
    if alias.version == *release && alias.weights.is_empty() {
        return None;
    }
    let new = NewAlias {
        reason: format!("moved outside jot since version {} was held", held.version),
        record: record.clone(),
        ..NewAlias::new(context, name, Value::Known(release.clone()))
    };
    Some(traffic::set_alias(context, new, builder))
}

/// The step that returns all traffic to the previous version after an apply died in a traffic
/// shift.
pub(super) fn give_back(context: &FunctionContext, builder: &mut PlanBuilder) -> Option<StepId> {
    let Some(Shifting::Left(shift)) = &context.shifting else {
        return None;
    };
    let (wanted, alias) = (context.wanted, context.found.alias.as_ref()?);
    let name = wanted.deploy.alias.as_ref()?;
    let new = NewAlias {
        step: id("return", &wanted.key),
        reason: format!(
            "an apply ended while version {} had {}% of the traffic",
            shift.to, shift.step
        ),
        record: alias.releases()?,
        ..NewAlias::new(context, name, Value::Known(alias.version.clone()))
    };
    Some(traffic::set_alias(context, new, builder))
}

/// Notes that another apply is moving the function's traffic; this plan does not touch it.
pub(super) fn wait(context: &FunctionContext, shift: &Shift, builder: &mut PlanBuilder) {
    let key = &context.wanted.key;
    builder.shifting.insert(key.clone(), shift.clone());
    builder.notes.push(format!(
        "function {}: another apply is moving its traffic to version {}, {}% so far, until {} at \
         least; `jot rollback {key}` takes over",
        context.wanted.name, shift.to, shift.step, shift.until
    ));
}
