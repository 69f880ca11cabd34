//! The function's alias under its former name.
//!
//! What called it calls the new one, and then it is deleted with its URL, its policy and its
//! settings.

use serde_json::{Value as Json, json};

use crate::model::{Action, Change, MappingState, Step, StepId, reach::FormerAlias, value::Shown};

use super::triggers;
use crate::plan::{
    builder::{PlanBuilder, id},
    context::FunctionContext,
    managed::Key,
};

/// The steps that delete jot's event sources of the former alias; the new one is already called by
/// then.
pub(super) fn callers(
    context: &FunctionContext,
    after: &[StepId],
    builder: &mut PlanBuilder,
) -> Vec<StepId> {
    let Some((former, reason)) = former(context) else {
        return Vec::new();
    };
    if context.wanted.lifecycle.ignores(Key::Triggers.word()) {
        return Vec::new();
    }
    let reach = &former.reach;
    let mappings = theirs(context, former).into_iter();
    let mut steps: Vec<StepId> = mappings
        .map(|(uuid, existing)| {
            let position = existing.mapping.starting_position.as_ref();
            let lost = position.map(|_| ", and its position is lost");
            let why = format!("{reason}{}", lost.unwrap_or_default());
            builder.add(triggers::delete(
                context.place(),
                (uuid, existing),
                &why,
                after,
            ))
        })
        .collect();
    let pushes = &reach.pushes;
    steps.extend(super::end(
        context.place(),
        pushes,
        (&reason, after),
        builder,
    ));
    steps
}

/// The step that deletes the former alias, unless something is bound to it that is not jot's.
pub(super) fn end(
    context: &FunctionContext,
    after: &[StepId],
    builder: &mut PlanBuilder,
) -> Option<StepId> {
    let (former, reason) = former(context)?;
    let function = &context.wanted.name;
    if let Some(what) = foreign(context, former) {
        let name = &former.name;
        builder.notes.push(format!(
            "function {function}: alias {name} stays, since {what}: delete it once nothing calls it"
        ));
        return None;
    }
    let reach = &former.reach;
    let url = reach.url.as_ref().map(|one| json!(one.address));
    if let Some(address) = url.as_ref().and_then(Json::as_str) {
        builder.notes.push(format!(
            "function {function}: its URL changes with the alias's name; {address} no longer \
             answers"
        ));
    }
    let parts = [
        (Key::Url, url),
        (
            Key::Async,
            reach.asynchronous.as_ref().map(|one| json!(one)),
        ),
        (
            Key::Provisioned,
            reach.provisioned.as_ref().map(|one| json!(one.requested)),
        ),
        (
            Key::Permissions,
            some(&reach.statements.keys().collect::<Vec<_>>()),
        ),
    ];
    let changes = parts
        .into_iter()
        .filter_map(|(key, old)| Some(Change::new(key.word(), Shown::Value(old?), Shown::Absent)));
    let step = Step {
        id: id("unalias", &context.wanted.key),
        resource: format!("alias {} of {function}", former.name),
        action: Action::DeleteAlias {
            function: context.wanted.key.clone(),
            alias: former.name.clone(),
        },
        after: after.to_vec(),
        reasons: vec![reason],
        changes: changes.collect(),
    };
    Some(builder.add(step))
}

/// The former alias, and why it is deleted.
fn former<'a>(context: &FunctionContext<'a>) -> Option<(&'a FormerAlias, String)> {
    let former = context.found.reach.former.as_deref()?;
    let name = context.wanted.deploy.alias.as_ref()?;
    Some((former, format!("the alias is named {name} now")))
}

fn theirs<'a>(
    context: &FunctionContext<'a>,
    former: &'a FormerAlias,
) -> Vec<(&'a String, &'a MappingState)> {
    let declared = context.wanted.reach.triggers.as_ref();
    triggers::theirs(&former.reach.mappings, &context.wanted.ownership, declared)
}

/// Why the alias has to stay: what is bound to it and is not jot's.
fn foreign(context: &FunctionContext, former: &FormerAlias) -> Option<String> {
    let (wanted, reach) = (&context.wanted.reach, &former.reach);
    let of_jot = |id: &String| {
        let mut prefixes = wanted.prefixes().chain(wanted.push_prefixes());
        prefixes.any(|prefix| id.starts_with(prefix))
    };
    let statement = reach.statements.keys().find(|id| !of_jot(id));
    let ours = theirs(context, former);
    let mut mappings = reach.mappings.iter().filter(|(_, one)| !one.is_going());
    let mapping = mappings.find(|(uuid, _)| ours.iter().all(|(one, _)| one != uuid));
    let ignored = |key: Key| context.wanted.lifecycle.ignores(key.word());
    let left = [
        (Key::Permissions, !reach.statements.is_empty()),
        (
            Key::Triggers,
            !reach.mappings.is_empty() || !reach.pushes.is_empty(),
        ),
    ];
    let left = left.into_iter().find(|(key, some)| *some && ignored(*key));
    let left = left.map(|(key, _)| format!("`lifecycle.ignore` has `{}`", key.word()));
    let managed = |key: Key| context.record.managed.contains(&key) && !ignored(key);
    let statement = statement.map(|id| format!("statement {id} of its policy"));
    let mapping = mapping.map(|(_, one)| format!("the mapping of {}", one.mapping.source));
    let url = reach.url.as_ref().filter(|_| !managed(Key::Url));
    let url = url.map(|_| "its URL".to_owned());
    let outcomes = reach.asynchronous.as_ref().filter(|_| !managed(Key::Async));
    let outcomes = outcomes.map(|_| "its settings of asynchronous calls".to_owned());
    let kept = reach.provisioned.as_ref();
    let kept = kept.filter(|_| !managed(Key::Provisioned));
    let kept = kept.map(|_| "its provisioned concurrency".to_owned());
    let others = statement.or(mapping).or(url).or(outcomes).or(kept);
    left.or(others.map(|what| format!("{what} is not jot's")))
}

fn some(ids: &[&String]) -> Option<Json> {
    (!ids.is_empty()).then(|| json!(ids))
}
