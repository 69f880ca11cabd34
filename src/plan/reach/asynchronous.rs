//! What Lambda does with asynchronous calls of a function, and what its role needs for their outcomes.
//! <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-configuring.html>

use serde_json::json;

use crate::model::{
    Action, Cause, Change, StepId,
    reach::{Asynchronous, Destination},
    value::Shown,
};

use super::{
    role,
    shared::{Around, Wish, step, wish},
};
use crate::plan::{draft::Draft, managed::Key, record, site::Site};

/// The steps that configure it, or go back to Lambda's defaults. The role may reach a new destination before, and
/// an old one until after; a function that is called has its alias before.
pub(super) fn plan(
    site: &Site,
    around: &Around,
    settled: &[StepId],
    draft: &mut Draft,
) -> Vec<StepId> {
    let declared = site.wanted.reach.asynchronous.as_ref();
    let (wanted, reset) = match wish(site, Key::Async, declared) {
        Wish::Leave => return Vec::new(),
        Wish::Reset => (None, true),
        Wish::Want(wanted) => (Some(wanted), false),
    };
    if let Some(key) = called(wanted).find(|key| !around.answers(key)) {
        let name = &site.wanted.name;
        draft.notes.push(format!(
            "function {name}: its outcomes go to {key} once that function has its alias"
        ));
        return Vec::new();
    }
    let arn = |to: &Destination| to.arn(around.region, around.account);
    let resolved = wanted.map(|wanted| wanted.map(arn));
    let there = site.found.reach.asynchronous.as_ref();
    let policy = role::Policy::new(site, resolved.as_ref());
    let allowed = policy.grow(settled, draft);
    let mut steps: Vec<StepId> = allowed.into_iter().collect();
    let differs = match reset {
        true => there.is_some(),
        false => resolved.as_ref() != there,
    };
    if differs {
        policy.note(draft);
        let function = site.wanted.key.clone();
        let action = match &resolved {
            Some(config) => Action::SetAsync {
                function,
                config: config.clone(),
            },
            None => Action::ResetAsync { function },
        };
        let mut after: Vec<StepId> = settled.iter().chain(&steps).cloned().collect();
        let called = called(wanted).filter_map(|key| around.settled.get(key));
        after.extend(called.flatten().cloned());
        let there_as_written = there.map(|there| there.map(|arn| around.destination(arn)));
        let text = there_as_written.map(|one| record::text(&json!(one)));
        let cause = site.witness().key(Key::Async, text);
        let changes = changes(cause, there, resolved.as_ref());
        steps.push(draft.add(step(site, "async", action, (after, changes))));
    }
    let after: Vec<StepId> = settled.iter().chain(&steps).cloned().collect();
    steps.extend(policy.shrink(&after, draft));
    steps
}

/// The keys of the functions that are called.
fn called(wanted: Option<&Asynchronous>) -> impl Iterator<Item = &str> {
    let destinations = wanted.into_iter().flat_map(Asynchronous::destinations);
    destinations.filter_map(|to| match to {
        Destination::Function { key, .. } => Some(key.as_str()),
        Destination::Arn(_) => None,
    })
}

/// Every field that differs, with its cause.
fn changes(
    cause: Cause,
    there: Option<&Asynchronous<String>>,
    wanted: Option<&Asynchronous<String>>,
) -> Vec<Change> {
    let fields = |one: Option<&Asynchronous<String>>| {
        [
            one.map(|one| json!(one.retries)),
            one.map(|one| json!(one.max_age_s)),
            one.and_then(|one| one.on_success.as_ref())
                .map(|arn| json!(arn)),
            one.and_then(|one| one.on_failure.as_ref())
                .map(|arn| json!(arn)),
        ]
    };
    let shown = |value: Option<serde_json::Value>| value.map_or(Shown::Absent, Shown::Value);
    let names = ["retries", "max_age_s", "on_success", "on_failure"];
    let sides = fields(there).into_iter().zip(fields(wanted));
    let named = names.into_iter().zip(sides);
    let differing = named.filter(|(_, (old, new))| old != new);
    differing
        .map(|(name, (old, new))| {
            let new = match wanted {
                None => Shown::Default(serde_json::Value::Null),
                Some(_) => shown(new),
            };
            let field = format!("{}.{name}", Key::Async.word());
            Change::new(field, shown(old), new).because(cause)
        })
        .collect()
}
