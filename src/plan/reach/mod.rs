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
    pairs::{Told, short},
};

use super::{draft::Draft, managed::Key, record, site::Site};

/// The step that lets other services call the function's alias, if it has one.
pub(super) fn grant(
    site: &Site,
    around: &Around,
    settled: &[StepId],
    draft: &mut Draft,
) -> Option<StepId> {
    match site.found.from_tags || !has_alias(site, draft) {
        true => None,
        false => pushes::grant(site, around, settled, draft),
    }
}

/// The steps that set who may call the function, and where its results go.
///
/// `pushed` are those among them that exist already: the step of [`grant`], and the steps of its
/// buckets.
pub(super) fn plan(
    site: &Site,
    around: &Around,
    (settled, pushed): (&[StepId], &[StepId]),
    draft: &mut Draft,
) -> Vec<StepId> {
    if site.found.from_tags {
        // No list has it. A change in the manifest shows in the tags, and then the function is
        // requested itself.
        return Vec::new();
    }
    if !has_alias(site, draft) {
        if !site.wanted.reach.is_empty() {
            let name = &site.wanted.name;
            draft.notes.push(format!(
                "function {name}: what may call it is set up once its alias exists"
            ));
        }
        return Vec::new();
    }
    old_alias(site, draft);
    // Lambda takes one change of a policy at a time.
    let ready: Vec<StepId> = settled.iter().chain(pushed).cloned().collect();
    let granted = permissions::add(site, &ready, draft);
    let after: Vec<StepId> = ready.iter().chain(&granted).cloned().collect();
    let url = url::plan(site, &after, draft);
    let mut needed = triggers::needed(site);
    let destinations = asynchronous::destinations(site, around);
    needed.extend(destinations.iter().flat_map(|arn| role::destination(arn)));
    let policy = role::Policy::new(site, needed, &triggers::kept(site));
    // The role gets new permissions before they are needed, and loses old ones after.
    let allowed = policy.grow(settled, draft);
    let ready: Vec<StepId> = settled.iter().chain(&allowed).cloned().collect();
    let pushing: Vec<StepId> = settled.iter().chain(pushed).cloned().collect();
    let called = pushes::plan(site, around, &pushing, draft);
    let mut steps: Vec<StepId> = asynchronous::plan(site, around, &ready, draft)
        .into_iter()
        .collect();
    steps.extend(triggers::plan(site, &ready, draft));
    if !steps.is_empty() {
        policy.note(draft);
    }
    let replaced: Vec<StepId> = ready.iter().chain(&steps).chain(&called).cloned().collect();
    steps.extend(former::callers(site, &replaced, draft));
    let done: Vec<StepId> = ready.iter().chain(&steps).cloned().collect();
    let reduced = policy.shrink(&done, draft);
    let provisioned = provisioned::plan(site, settled, draft);
    let after: Vec<StepId> = after.iter().chain(&url).chain(&called).cloned().collect();
    let revoked = pushes::revoke(site, around, &after, draft);
    let after: Vec<StepId> = after.iter().chain(&revoked).cloned().collect();
    let removed = permissions::remove(site, &after, draft);
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
    all.extend(former::end(site, &after, draft));
    all
}

/// Notes that an alias of another name keeps what jot gave it: Lambda moves none of it, and a URL
/// has another address.
fn old_alias(site: &Site, draft: &mut Draft) {
    let (record, alias) = (&site.record, &site.wanted.deploy.alias);
    let fields = record.fields.as_ref();
    let Some(Told::Digest(told)) = fields.map(|fields| fields.of(record::ALIAS)) else {
        return;
    };
    let same = alias.as_ref().is_some_and(|alias| short(alias) == told);
    if site.found.reach.former.is_some() {
        return;
    }
    let kept = Key::OF_ALIAS
        .iter()
        .filter(|key| record.managed.contains(key));
    let kept: Vec<&str> = kept.map(|key| key.word()).collect();
    if !same && !kept.is_empty() {
        let (name, kept) = (&site.wanted.name, kept.join(", "));
        draft.notes.push(format!(
            "function {name}: the alias had another name, which keeps {kept}; delete that alias once nothing calls it"
        ));
    }
}
