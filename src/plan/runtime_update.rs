//! Runtime updates of functions that run zip archives.
//!
//! `$LATEST` and every published version have a setting of their own. AWS does not document that a
//! version inherits that of `$LATEST`, so jot sets both:
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtime-management-configure-settings.html>.

use serde_json::json;

use crate::model::{
    Action, Change, RuntimeUpdate, Step, StepId,
    observed::{FunctionState, LATEST},
    value::{Shown, Value},
};

use super::{
    builder::{PlanBuilder, id},
    context::FunctionContext,
    gate,
    managed::{self, Key},
    reasons,
};

/// Why a function leaves its pinned runtime version.
const FREED: &str = "Lambda cannot change the runtime or architecture of a function that is pinned \
                     to a runtime version";

/// The step before code and settings change, if one is needed.
///
/// It sets the wanted mode, unless that pins a runtime version, and unpins the function if its
/// runtime or architecture changes.
/// <https://docs.aws.amazon.com/lambda/latest/dg/runtime-management-rollback.html>
pub(super) fn before(
    context: &FunctionContext,
    after: Option<&StepId>,
    builder: &mut PlanBuilder,
) -> Option<StepId> {
    let (current, wanted) = (current(context)?, wanted(context)?);
    let what = match wanted.is_manual() {
        false if *current != wanted => "runtime",
        true if is_freed(context, current) => "runtime-free",
        _ => return None,
    };
    let update = match wanted {
        RuntimeUpdate::Manual(_) => RuntimeUpdate::Auto,
        wanted => wanted,
    };
    let mut step = step(context, what, (None, update), Some(current));
    if what == "runtime-free" {
        step.reasons = vec![FREED.to_owned()];
    }
    step.after.extend(after.cloned());
    Some(builder.add(step))
}

/// The step after code and settings changed, if one is needed.
///
/// A new function has Lambda's default, and a pinned version may belong to the runtime in the new
/// settings.
pub(super) fn after(
    context: &FunctionContext,
    after: &[StepId],
    builder: &mut PlanBuilder,
) -> Option<StepId> {
    let wanted = wanted(context)?;
    let current = match &context.found.latest {
        None => &RuntimeUpdate::Auto,
        Some(_) => current(context)?,
    };
    let new = context.found.latest.is_none();
    let needed = (new || wanted.is_manual()) && (*current != wanted || is_freed(context, current));
    needed.then(|| {
        let mut step = step(context, "runtime", (None, wanted), Some(current));
        if new {
            step.reasons = vec!["a new function has Lambda's default".to_owned()];
        }
        step.after = after.to_vec();
        builder.add(step)
    })
}

/// The step for a version that the plan publishes, before its tests.
pub(super) fn of_published(
    context: &FunctionContext,
    version: &StepId,
    builder: &mut PlanBuilder,
) -> Option<StepId> {
    let wanted = wanted(context).filter(|wanted| *wanted != RuntimeUpdate::Auto)?;
    let given = Value::From(version.clone());
    let mut step = step(context, "runtime-version", (Some(given), wanted), None);
    step.reasons = vec!["each version has its own".to_owned()];
    step.after = vec![version.clone()];
    Some(builder.add(step))
}

/// The step for the alias's version, if the plan publishes none.
///
/// It is pinned to a runtime version only after `$LATEST` has passed its tests on that.
pub(super) fn of_live(
    context: &FunctionContext,
    after: &[StepId],
    builder: &mut PlanBuilder,
) -> Option<StepId> {
    let live = context
        .found
        .live
        .as_ref()
        .filter(|live| live.version != LATEST)?;
    let (current, wanted) = (update(live)?, wanted(context)?);
    let published = id("version", &context.wanted.key);
    if *current == wanted || builder.steps.iter().any(|step| step.id == published) {
        return None;
    }
    let gate = wanted
        .is_manual()
        .then(|| gate::on_latest(context, after, builder));
    let version = Value::Known(live.version.clone());
    let mut step = step(
        context,
        "runtime-version",
        (Some(version), wanted),
        Some(current),
    );
    step.after = gate
        .flatten()
        .map_or_else(|| after.to_vec(), |gate| vec![gate]);
    Some(builder.add(step))
}

fn step(
    context: &FunctionContext,
    what: &str,
    (version, update): (Option<Value<String>>, RuntimeUpdate),
    current: Option<&RuntimeUpdate>,
) -> Step {
    let reset = context
        .found
        .latest
        .as_ref()
        .is_some_and(|latest| left(context, latest));
    let side = if reset { Shown::Default } else { Shown::Value };
    let cause = context.attribution().runtime_update(current);
    let change = |current: &RuntimeUpdate| {
        let (old, new) = (json!(current.to_string()), json!(update.to_string()));
        Change::new(Key::RuntimeUpdate.word(), Shown::Value(old), side(new)).because(cause)
    };
    let changes: Vec<Change> = current.map(change).into_iter().collect();
    Step {
        id: id(what, &context.wanted.key),
        resource: format!("function {}", context.wanted.name),
        reasons: reasons::sentences(&changes, "Lambda"),
        action: Action::SetRuntimeUpdate {
            function: context.wanted.key.clone(),
            version,
            update,
        },
        after: Vec::new(),
        changes,
    }
}

/// What the manifest asks for, unless `lifecycle` leaves it to others by now; Lambda's default
/// if the key left the manifest.
fn wanted(context: &FunctionContext) -> Option<RuntimeUpdate> {
    if context.found.from_tags {
        // No list has it. A change in the manifest shows in the tags, and then the function is
        // requested itself.
        return None;
    }
    let Some(latest) = &context.found.latest else {
        return context.wanted.runtime_update.clone();
    };
    if left(context, latest) {
        return Some(RuntimeUpdate::Auto);
    }
    let theirs = context.wanted.lifecycle.ignores(Key::RuntimeUpdate.word());
    context.wanted.runtime_update.clone().filter(|_| !theirs)
}

fn left(context: &FunctionContext, latest: &FunctionState) -> bool {
    managed::left(context.wanted, &latest.tags).contains(&Key::RuntimeUpdate)
}

/// The setting of `$LATEST`; `None` if it was not requested, or it runs an image.
fn current<'a>(context: &FunctionContext<'a>) -> Option<&'a RuntimeUpdate> {
    update(context.found.latest.as_ref()?)
}

fn update(state: &FunctionState) -> Option<&RuntimeUpdate> {
    state.zip.as_ref()?.update.as_ref()
}

/// Whether this plan changes something for which the function must leave its pinned runtime
/// version.
fn is_freed(context: &FunctionContext, current: &RuntimeUpdate) -> bool {
    let Some(latest) = context
        .found
        .latest
        .as_ref()
        .filter(|_| current.is_manual())
    else {
        return false;
    };
    let runtime = Key::Runtime.word();
    let config = &context.differences(&latest.tags, &latest.config).changes;
    latest.architecture != context.wanted.architecture
        || config.iter().any(|change| change.field == runtime)
}
