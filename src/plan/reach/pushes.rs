//! Event sources at other services: rules of EventBridge, subscriptions of SNS, schedules.
//!
//! Notifications of S3 are in `buckets`. The statement that lets a source call is added before the
//! source and removed after it, because event sources that left the manifest are found by the
//! statements.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use crate::model::{
    Action, Cause, Change, Push, PushState, Step, StepId,
    push::{Wanted, bucket_of},
    reach::{Destination, Statement},
    value::Shown,
};

use super::{
    named::{self, in_id, is_of, name},
    permissions::in_words,
    shared::{Around, Intent, intent, step},
    waiting,
};
use crate::plan::{
    builder::{PlanBuilder, id},
    context::FunctionContext,
    managed::Key,
    reasons,
};

/// What to do with the event sources.
///
/// Those of a function that is created again still exist, but its tags do not.
pub(super) fn fate<'a>(context: &FunctionContext<'a>) -> Intent<'a, BTreeMap<String, Wanted>> {
    let (reach, found) = (&context.wanted.reach, &context.found.reach.pushes);
    let wanted = reach.triggers.is_some().then_some(&reach.pushes);
    match intent(context, Key::Triggers, wanted) {
        Intent::Leave if context.found.latest.is_none() && !found.is_empty() => Intent::Reset,
        intent => intent,
    }
}

/// The ARN that event sources call.
pub(super) fn called(context: &FunctionContext, around: &Around) -> String {
    let function = Destination::Function {
        key: context.wanted.key.clone(),
        name: context.wanted.name.clone(),
        alias: context.wanted.deploy.alias.clone(),
    };
    function.arn(around.region, around.account)
}

/// The step that adds missing statements, and replaces those with a wanted id and other content.
pub(super) fn grant(
    context: &FunctionContext,
    around: &Around,
    after: &[StepId],
    builder: &mut PlanBuilder,
) -> Option<StepId> {
    let Intent::Set(wanted) = fate(context) else {
        return None;
    };
    let existing = &context.found.reach.statements;
    let known = |name: &String| context.wanted.unknown_of(name).next().is_none();
    let known = wanted.iter().filter(|(name, _)| known(name));
    let mut statements = statements(known.map(|(_, one)| one), around);
    statements.retain(|id, one| existing.get(id) != Some(one));
    if statements.is_empty() {
        return None;
    }
    let replace = statements.keys().filter(|id| existing.contains_key(*id));
    let replace: Vec<String> = replace.cloned().collect();
    let changes = statements
        .iter()
        .map(|(id, one)| permission(context, id, existing.get(id), Some(one)));
    let changes = changes.collect();
    let action = Action::AddPermissions {
        function: context.wanted.key.clone(),
        statements,
        replace,
    };
    let step = step(
        context,
        "permit-triggers",
        action,
        (after.to_vec(), changes),
    );
    Some(builder.add(step))
}

/// The step that removes the statements of deleted event sources.
pub(super) fn revoke(
    context: &FunctionContext,
    around: &Around,
    after: &[StepId],
    builder: &mut PlanBuilder,
) -> Option<StepId> {
    let wanted = match fate(context) {
        Intent::Leave => return None,
        Intent::Reset => BTreeMap::new(),
        Intent::Set(wanted) => {
            let known = waiting::known(context.wanted, wanted);
            statements(known.map(|(_, one)| one), around)
        }
    };
    let of_jot = |id: &String| {
        let mut prefixes = context.wanted.reach.push_prefixes();
        prefixes.any(|prefix| id.starts_with(prefix))
    };
    let ours = context.found.reach.statements.iter();
    let ours = ours.filter(|(id, _)| of_jot(id));
    let may_be = |one: &Statement| {
        let service = one.principal.split('.').next().unwrap_or_default();
        waiting::may_be_of(context.wanted, service)
    };
    let stale = ours.filter(|(id, one)| !wanted.contains_key(*id) && !may_be(one));
    let stale: Vec<_> = stale.collect();
    if stale.is_empty() {
        return None;
    }
    let changes = stale
        .iter()
        .map(|(id, one)| permission(context, id, Some(one), None));
    let changes = changes.collect();
    let action = Action::RemovePermissions {
        function: context.wanted.key.clone(),
        ids: stale.into_iter().map(|(id, _)| id.clone()).collect(),
    };
    let step = step(
        context,
        "forbid-triggers",
        action,
        (after.to_vec(), changes),
    );
    Some(builder.add(step))
}

fn statements<'a>(
    wanted: impl Iterator<Item = &'a Wanted>,
    around: &Around,
) -> BTreeMap<String, Statement> {
    let place = (around.region, around.account);
    let statement =
        |one: &Wanted| Some((one.statement.clone(), one.push.statement(&one.id, place)?));
    wanted.filter_map(statement).collect()
}

fn permission(
    context: &FunctionContext,
    id: &str,
    old: Option<&Statement>,
    new: Option<&Statement>,
) -> Change {
    let shown = |one: Option<&Statement>| {
        one.map_or(Shown::Absent, |one| Shown::Value(json!(in_words(one))))
    };
    let field = format!("{}.{}", Key::Triggers.word(), name(context, id));
    Change::new(field, shown(old), shown(new)).because(named::cause(context))
}

/// The steps that create, change and delete rules, subscriptions and schedules.
pub(super) fn plan(
    context: &FunctionContext,
    around: &Around,
    after: &[StepId],
    builder: &mut PlanBuilder,
) -> Vec<StepId> {
    let nothing = BTreeMap::new();
    let wanted = match fate(context) {
        Intent::Leave => return Vec::new(),
        Intent::Reset => &nothing,
        Intent::Set(wanted) => wanted,
    };
    let is_elsewhere = |push: &Push| !matches!(push, Push::Notification(_));
    let found = context.found.reach.pushes.iter();
    let mut left: BTreeMap<&String, &PushState> =
        found.filter(|(_, one)| is_elsewhere(&one.push)).collect();
    let calls = called(context, around);
    silent(context, wanted, builder);
    let mut steps = Vec::new();
    let known = waiting::known(context.wanted, wanted);
    for (name, one) in known.filter(|(_, one)| is_elsewhere(&one.push)) {
        let existing = left
            .iter()
            .find(|(id, existing)| is_of(one, id, &existing.push));
        let existing = existing.map(|(id, existing)| (*id, *existing));
        if let Some((id, _)) = existing {
            left.remove(id);
        }
        if context.wanted.unknown_of(name).next().is_some() {
            // Unknown parts are not compared.
            continue;
        }
        if let Some(step) = put(context, (name, one), existing, &calls) {
            let shared = match &one.push {
                Push::Schedule(_) => around.scheduled,
                _ => &[],
            };
            let step = Step {
                after: after.iter().chain(shared).cloned().collect(),
                ..step
            };
            steps.push(builder.add(step));
        }
    }
    left.retain(|_, existing| !waiting::may_be(context.wanted, &existing.push));
    for (id, existing) in left {
        let changes = fields(Some(&existing.push), None, named::cause(context));
        let why = reasons::sentences(&changes, "AWS").join(", ");
        let place = (context.wanted.key.as_str(), context.wanted.name.as_str());
        steps.push(builder.add(delete(place, (id, &existing.push), &why, after)));
    }
    steps
}

/// Notes buckets that have rules for their events but send nothing to EventBridge.
fn silent(context: &FunctionContext, wanted: &BTreeMap<String, Wanted>, builder: &mut PlanBuilder) {
    for (name, one) in waiting::known(context.wanted, wanted) {
        let Push::Rule(rule) = &one.push else {
            continue;
        };
        let Some(bucket) = bucket_of(&rule.pattern) else {
            continue;
        };
        let found = context.found.reach.buckets.get(&bucket);
        if found.is_some_and(|found| !found.eventbridge) {
            let function = &context.wanted.name;
            builder.notes.push(format!(
                "function {function}: bucket {bucket} sends no events to EventBridge, so trigger \
                 {name} never fires: enable it in the bucket's properties"
            ));
        }
    }
}

/// The step that creates what is wanted, or updates what exists; `None` if they agree.
fn put(
    context: &FunctionContext,
    (name, one): (&String, &Wanted),
    existing: Option<(&String, &PushState)>,
    calls: &str,
) -> Option<Step> {
    let mut changes = fields(
        existing.map(|(_, existing)| &existing.push),
        Some(&one.push),
        named::cause(context),
    );
    if existing.is_some_and(|(_, existing)| !existing.calls) {
        let old = Shown::Value(json!("something else"));
        let new = Shown::Value(json!(calls));
        changes.push(Change::new("calls", old, new).because(named::cause(context)));
    }
    if changes.is_empty() {
        return None;
    }
    let existing_id = match (&one.push, existing) {
        (Push::Subscription(_), Some((id, _))) => id.clone(),
        (Push::Subscription(_), None) => String::new(),
        _ => one.id.clone(),
    };
    let reasons = match (existing, &context.found.latest) {
        (Some(_), _) => reasons::sentences(&changes, "AWS"),
        (None, None) => vec!["a new function has none".to_owned()],
        (None, Some(_)) => vec!["does not exist".to_owned()],
    };
    Some(Step {
        id: id("trigger", &format!("{}/{name}", context.wanted.key)),
        resource: format!("trigger {name} of {}", context.wanted.name),
        action: Action::PutPush {
            function: context.wanted.key.clone(),
            trigger: name.clone(),
            id: existing_id,
            push: one.push.clone(),
            calls: calls.to_owned(),
            creates: existing.is_none(),
        },
        after: Vec::new(),
        reasons,
        changes,
    })
}

/// The steps that remove all event sources of a function before it is deleted.
///
/// Buckets are written one at a time.
pub(in crate::plan) fn end(
    place: (&str, &str),
    pushes: &BTreeMap<String, PushState>,
    (why, after): (&str, &[StepId]),
    builder: &mut PlanBuilder,
) -> Vec<StepId> {
    let mut steps = Vec::new();
    let mut buckets: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (one, existing) in pushes {
        match &existing.push {
            Push::Notification(notification) => buckets
                .entry(&notification.bucket)
                .or_default()
                .push(one.clone()),
            push => steps.push(builder.add(delete(place, (one, push), why, after))),
        }
    }
    for (name, mut remove) in buckets {
        // A function that takes over has removed what overlapped already.
        let gone = |id: &String| {
            builder.steps.iter().any(|step| match &step.action {
                Action::SetNotifications { remove, .. } => remove.contains(id),
                _ => false,
            })
        };
        remove.retain(|id| !gone(id));
        let before = builder.ends(|step| match &step.action {
            Action::SetNotifications { bucket, .. } => bucket == name,
            _ => false,
        });
        if remove.is_empty() {
            steps.extend(before);
            continue;
        }
        steps.push(builder.add(Step {
            id: id("unnotify", &format!("{}/{name}", place.1)),
            resource: format!("notifications of bucket {name} to {}", place.1),
            action: Action::SetNotifications {
                bucket: name.to_owned(),
                put: BTreeMap::new(),
                remove,
                granted: false,
            },
            after: after.iter().cloned().chain(before).collect(),
            reasons: vec![why.to_owned()],
            changes: Vec::new(),
        }));
    }
    steps
}

/// The step that deletes a rule, subscription or schedule of the function with this key and name.
fn delete(
    (key, function): (&str, &str),
    (one, push): (&str, &Push),
    why: &str,
    after: &[StepId],
) -> Step {
    Step {
        id: id("untrigger", one),
        resource: format!("trigger {} of {function}", in_short(one, push)),
        action: Action::DeletePush {
            function: key.to_owned(),
            id: one.to_owned(),
            push: push.clone(),
        },
        after: after.to_vec(),
        reasons: vec![why.to_owned()],
        changes: Vec::new(),
    }
}

/// A topic, or the manifest's name in `jot-<8 hex digits>-<name>`.
fn in_short(id: &str, push: &Push) -> String {
    match push {
        Push::Subscription(one) => one.topic.clone(),
        Push::Rule(_) | Push::Schedule(_) | Push::Notification(_) => {
            in_id(id, id.get(..PREFIX).unwrap_or_default()).to_owned()
        }
    }
}

/// Length of `jot-<8 hex digits>-`.
const PREFIX: usize = 13;

/// Every field that differs.
pub(super) fn fields(old: Option<&Push>, new: Option<&Push>, cause: Cause) -> Vec<Change> {
    let fields = |one: Option<&Push>| {
        let json = match one {
            None => return serde_json::Map::new(),
            Some(Push::Notification(one)) => json!(one),
            Some(Push::Rule(one)) => json!(one),
            Some(Push::Subscription(one)) => json!(one),
            Some(Push::Schedule(one)) => json!(one),
        };
        match json {
            Json::Object(fields) => fields,
            _ => serde_json::Map::new(),
        }
    };
    let (old, new) = (fields(old), fields(new));
    let mut names: Vec<&String> = old.keys().chain(new.keys()).collect();
    names.sort();
    names.dedup();
    let side = |fields: &serde_json::Map<String, Json>, name: &String| {
        let value = fields.get(name).cloned();
        value.map_or(Shown::Absent, Shown::Value)
    };
    let changes = names.into_iter().filter_map(|name| {
        let (old, new) = (side(&old, name), side(&new, name));
        (old != new).then(|| Change::new(name.clone(), old, new).because(cause))
    });
    changes.collect()
}
