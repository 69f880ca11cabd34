//! Reserved concurrency.
//!
//! It belongs to the function, not to a version:
//! <https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html>.

use serde_json::{Value as Json, json};

use crate::model::{Action, Change, Step, StepId, observed::FunctionState, value::Shown};

use super::{
    builder::{PlanBuilder, id},
    context::FunctionContext,
    managed::{self, Key},
    reasons,
};

/// Whether Lambda refuses every call after this plan: a function with a reservation of zero runs
/// nothing, not even a test.
pub(super) fn stopped(context: &FunctionContext) -> bool {
    let latest = context.found.latest.as_ref();
    let stays = latest.filter(|latest| !left(context, latest));
    let stays = stays.and_then(|latest| latest.reserved_concurrency);
    wanted(context).or(stays) == Some(0)
}

/// Whether Lambda refuses every call until this plan is executed.
pub(super) fn was_stopped(context: &FunctionContext) -> bool {
    let latest = context.found.latest.as_ref();
    latest.is_some_and(|latest| latest.reserved_concurrency == Some(0))
}

/// The step that sets the reservation, or removes it if the key left the manifest.
pub(super) fn plan(
    context: &FunctionContext,
    after: &[StepId],
    builder: &mut PlanBuilder,
) -> Option<StepId> {
    if context.found.from_tags {
        // No list has it. A change in the manifest shows in the tags, and then the function is
        // requested itself.
        return None;
    }
    let latest = context.found.latest.as_ref();
    let current = latest.and_then(|latest| latest.reserved_concurrency);
    let wanted = wanted(context);
    let reset = latest.is_some_and(|latest| left(context, latest));
    if wanted == current || (wanted.is_none() && !reset) {
        return None;
    }
    let old = current.map_or(Shown::Absent, |number| Shown::Value(json!(number)));
    let new = wanted.map_or(Shown::Default(Json::Null), |number| {
        Shown::Value(json!(number))
    });
    let cause = context.attribution().concurrency(current);
    let changes = vec![Change::new(Key::Concurrency.word(), old, new).because(cause)];
    let reasons = match latest {
        Some(_) => reasons::sentences(&changes, "Lambda"),
        None => vec!["a new function has none".to_owned()],
    };
    Some(builder.add(Step {
        id: id("concurrency", &context.wanted.key),
        resource: format!("function {}", context.wanted.name),
        action: Action::SetConcurrency {
            function: context.wanted.key.clone(),
            reserved: wanted,
        },
        after: after.to_vec(),
        reasons,
        changes,
    }))
}

/// What the manifest asks for, unless `lifecycle` leaves it to others by now.
fn wanted(context: &FunctionContext) -> Option<u32> {
    let theirs = context.wanted.lifecycle.ignores(Key::Concurrency.word());
    let wanted = context.wanted.reserved_concurrency;
    wanted.filter(|_| context.found.latest.is_none() || !theirs)
}

fn left(context: &FunctionContext, latest: &FunctionState) -> bool {
    managed::left(context.wanted, &latest.tags).contains(&Key::Concurrency)
}
