//! Who may call a function, and where the results of its asynchronous calls go.
//!
//! All of it belongs to the function's alias, and changes once the alias points where it should:
//! statements of its policy, then the URL, asynchronous calls, event source mappings, provisioned
//! concurrency, and last the statements that are no longer wanted.

mod asynchronous;
mod buckets;
mod former;
mod named;
mod permissions;
mod provisioned;
mod pushes;
mod role;
mod shared;
mod triggers;
mod url;
mod waiting;

pub(super) use buckets::{Part, of as buckets_of, plan as buckets, touches as touches_a_bucket};
pub(super) use provisioned::is_in_progress;
pub(super) use pushes::end;
pub(super) use shared::{Around, has_alias};
pub(super) use triggers::{delete, theirs};

use crate::model::{
    StepId,
    pairs::{Entry, short},
};

use super::{builder::PlanBuilder, context::FunctionContext, managed::Key, record};

/// The step that lets other services call the function's alias, if it has one.
pub(super) fn grant(
    context: &FunctionContext,
    around: &Around,
    settled: &[StepId],
    builder: &mut PlanBuilder,
) -> Option<StepId> {
    match context.found.from_tags || !has_alias(context, builder) {
        true => None,
        false => pushes::grant(context, around, settled, builder),
    }
}

/// The steps that set who may call the function, and where its results go.
///
/// `pushed` are those among them that exist already: the step of [`grant`], and the steps of its
/// buckets.
pub(super) fn plan(
    context: &FunctionContext,
    around: &Around,
    (settled, pushed): (&[StepId], &[StepId]),
    builder: &mut PlanBuilder,
) -> Vec<StepId> {
    if context.found.from_tags {
        // No list has it. A change in the manifest shows in the tags, and then the function is
        // requested itself.
        return Vec::new();
    }
    if !has_alias(context, builder) {
        if !context.wanted.reach.is_empty() {
            let name = &context.wanted.name;
            builder.notes.push(format!(
                "function {name}: what may call it is set up once its alias exists"
            ));
        }
        return Vec::new();
    }
    old_alias(context, builder);
    // Lambda takes one change of a policy at a time.
    let ready: Vec<StepId> = settled.iter().chain(pushed).cloned().collect();
    let granted = permissions::add(context, &ready, builder);
    let after: Vec<StepId> = ready.iter().chain(&granted).cloned().collect();
    let url = url::plan(context, &after, builder);
    let mut needed = triggers::needed(context);
    let destinations = asynchronous::destinations(context, around);
    needed.extend(destinations.iter().flat_map(|arn| role::destination(arn)));
    let policy = role::Policy::new(context, needed, &triggers::kept(context));
    // The role gets new permissions before they are needed, and loses old ones after.
    let allowed = policy.grow(settled, builder);
    let ready: Vec<StepId> = settled.iter().chain(&allowed).cloned().collect();
    let pushing: Vec<StepId> = settled.iter().chain(pushed).cloned().collect();
    let called = pushes::plan(context, around, &pushing, builder);
    let mut steps: Vec<StepId> = asynchronous::plan(context, around, &ready, builder)
        .into_iter()
        .collect();
    steps.extend(triggers::plan(context, &ready, builder));
    if !steps.is_empty() {
        policy.note(builder);
    }
    let replaced: Vec<StepId> = ready.iter().chain(&steps).chain(&called).cloned().collect();
    steps.extend(former::callers(context, &replaced, builder));
    let done: Vec<StepId> = ready.iter().chain(&steps).cloned().collect();
    let reduced = policy.shrink(&done, builder);
    let provisioned = provisioned::plan(context, settled, builder);
    let after: Vec<StepId> = after.iter().chain(&url).chain(&called).cloned().collect();
    let revoked = pushes::revoke(context, around, &after, builder);
    let after: Vec<StepId> = after.iter().chain(&revoked).cloned().collect();
    let removed = permissions::remove(context, &after, builder);
    let all = granted.into_iter().chain(url).chain(allowed).chain(steps);
    let all = all
        .chain(reduced)
        .chain(provisioned)
        .chain(called)
        .chain(revoked)
        .chain(removed)
        .chain(pushed.iter().cloned());
    let mut all: Vec<StepId> = all.collect();
    let after: Vec<StepId> = settled.iter().chain(&all).cloned().collect();
    all.extend(former::end(context, &after, builder));
    all
}

/// Notes that an alias of another name keeps what jot gave it: Lambda moves none of it, and a URL
/// has another address.
fn old_alias(context: &FunctionContext, builder: &mut PlanBuilder) {
    let (record, alias) = (&context.record, &context.wanted.deploy.alias);
    let fields = record.fields.as_ref();
    let Some(Entry::Digest(recorded)) = fields.map(|fields| fields.of(record::ALIAS)) else {
        return;
    };
    let same = alias.as_ref().is_some_and(|alias| short(alias) == recorded);
    if context.found.reach.former.is_some() {
        return;
    }
    let kept = Key::OF_ALIAS
        .iter()
        .filter(|key| record.managed.contains(key));
    let kept: Vec<&str> = kept.map(|key| key.word()).collect();
    if !same && !kept.is_empty() {
        let (name, kept) = (&context.wanted.name, kept.join(", "));
        builder.notes.push(format!(
            "function {name}: the alias had another name, which keeps {kept}; delete that alias \
             once nothing calls it"
        ));
    }
}
