//! Event source mappings of a function's alias.
//!
//! A mapping belongs to the manifest's trigger of the same queue, stream or topic; one of another
//! source is deleted only if its tags show that it is this function's.
//! <https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html>

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use crate::model::{
    Action, Cause, Change, Mapping, MappingState, Step, StepId,
    desired::{TAG_FUNCTION, owned},
    value::Shown,
};

use super::{
    named, role,
    shared::{Intent, intent},
    waiting,
};
use crate::plan::{
    builder::{PlanBuilder, id},
    context::FunctionContext,
    managed::Key,
    reasons,
};

/// Why a mapping is deleted and created again.
const AGAIN: &str = "Lambda cannot change the source, starting position or consumer group of a \
                     mapping: it is deleted and created again, and its position is lost";

/// What the role needs to read the triggers: wanted ones, and existing ones that are not managed.
pub(super) fn needed(context: &FunctionContext) -> Vec<Json> {
    let existing = || {
        context
            .found
            .reach
            .mappings
            .values()
            .map(|one| &one.mapping)
    };
    let all: Vec<&Mapping> = match fate(context) {
        Intent::Leave => existing().collect(),
        Intent::Reset => Vec::new(),
        Intent::Set(wanted) => {
            let known = wanted.iter().filter(|(name, _)| is_known(context, name));
            known.map(|(_, one)| one).collect()
        }
    };
    all.into_iter().flat_map(role::source).collect()
}

/// What the role may need for triggers that are only partly known: it keeps what it has.
pub(super) fn kept(context: &FunctionContext) -> Vec<Json> {
    let Intent::Set(wanted) = fate(context) else {
        return Vec::new();
    };
    let stays = |existing: &&MappingState| {
        let of = wanted.iter().find(|(_, one)| one.is_of(&existing.mapping));
        match of {
            Some((name, _)) => !is_known(context, name),
            None => waiting::may_be_mapped(context.wanted, existing),
        }
    };
    let existing = context.found.reach.mappings.values().filter(stays);
    existing
        .flat_map(|one| role::source(&one.mapping))
        .collect()
}

/// Whether all of a trigger is known; others are not compared.
fn is_known(context: &FunctionContext, name: &str) -> bool {
    context.wanted.unknown_of(name).next().is_none()
}

/// What to do with the mappings.
///
/// Those of a function that is created again still exist, but its tags do not.
fn fate<'a>(context: &FunctionContext<'a>) -> Intent<'a, BTreeMap<String, Mapping>> {
    let (wanted, found) = (
        &context.wanted.reach.triggers,
        &context.found.reach.mappings,
    );
    match intent(context, Key::Triggers, wanted.as_ref()) {
        Intent::Leave if context.found.latest.is_none() && !found.is_empty() => Intent::Reset,
        intent => intent,
    }
}

/// The steps that create, change and delete mappings.
pub(super) fn plan(
    context: &FunctionContext,
    after: &[StepId],
    builder: &mut PlanBuilder,
) -> Vec<StepId> {
    let nothing = BTreeMap::new();
    let wanted = match fate(context) {
        Intent::Leave => return Vec::new(),
        Intent::Reset => &nothing,
        Intent::Set(wanted) => wanted,
    };
    let found = context.found.reach.mappings.iter();
    let mut left: BTreeMap<&String, &MappingState> =
        found.filter(|(_, one)| !one.is_going()).collect();
    let cause = named::cause(context);
    let mut steps = Vec::new();
    for (name, mapping) in wanted {
        let of = left.iter().find(|(_, one)| one.mapping.is_of(mapping));
        let of = of.map(|(uuid, one)| (*uuid, *one));
        if !is_known(context, name) {
            of.map(|(uuid, _)| left.remove(uuid));
            continue;
        }
        let trigger = Trigger {
            context,
            name,
            mapping,
            cause,
        };
        let Some((uuid, existing)) = of else {
            steps.push(builder.add(trigger.create(after.to_vec(), None)));
            continue;
        };
        left.remove(uuid);
        if is_replaced(mapping, &existing.mapping) {
            let deleted = builder.add(delete(context.place(), (uuid, existing), AGAIN, &[]));
            let mut after = after.to_vec();
            after.push(deleted.clone());
            steps.push(deleted);
            steps.push(builder.add(trigger.create(after, Some(&existing.mapping))));
        } else if let Some(step) = trigger.update(uuid, &existing.mapping, after) {
            steps.push(builder.add(step));
        }
    }
    left.retain(|_, existing| !waiting::may_be_mapped(context.wanted, existing));
    for (uuid, existing) in left {
        if named::is_ours(context, existing) {
            let why = reasons::sentences(&[removed(existing, cause)], "Lambda").join(", ");
            steps.push(builder.add(delete(context.place(), (uuid, existing), &why, &[])));
        } else {
            let (name, source) = (&context.wanted.name, &existing.mapping.source);
            builder.notes.push(format!(
                "function {name}: {source} calls it too, and is not managed: jot did not set it up"
            ));
        }
    }
    steps
}

fn removed(existing: &MappingState, cause: Cause) -> Change {
    let old = Shown::Value(json!(existing.mapping.source));
    Change::new(Key::Triggers.word(), old, Shown::Absent).because(cause)
}

/// Mappings of a function that is deleted: those that are jot's by its tags or by the manifest.
pub(in crate::plan) fn theirs<'a>(
    mappings: &'a BTreeMap<String, MappingState>,
    ownership: &BTreeMap<String, String>,
    wanted: Option<&BTreeMap<String, Mapping>>,
) -> Vec<(&'a String, &'a MappingState)> {
    let declared = |one: &MappingState| {
        let mut wanted = wanted.into_iter().flat_map(BTreeMap::values);
        wanted.any(|mapping| mapping.is_of(&one.mapping))
    };
    let ours = |one: &MappingState| owned(&one.tags, ownership) || declared(one);
    let all = mappings.iter().filter(|(_, one)| !one.is_going());
    all.filter(|(_, one)| ours(one)).collect()
}

/// The step that deletes a mapping of the function with this key and name.
pub(in crate::plan) fn delete(
    (key, function): (&str, &str),
    (uuid, existing): (&str, &MappingState),
    why: &str,
    after: &[StepId],
) -> Step {
    Step {
        id: id("untrigger", uuid),
        resource: format!("trigger {} of {function}", existing.mapping.source),
        action: Action::DeleteMapping {
            function: key.to_owned(),
            uuid: uuid.to_owned(),
        },
        after: after.to_vec(),
        reasons: vec![why.to_owned()],
        changes: Vec::new(),
    }
}

/// Whether Lambda cannot change the existing mapping into the wanted one.
fn is_replaced(wanted: &Mapping, existing: &Mapping) -> bool {
    // Kafka's default window of half a second cannot be restored.
    let window =
        wanted.topic.is_some() && wanted.batch_window_s == 0 && existing.batch_window_s > 0;
    !existing.reads_as(wanted) || window
}

/// A trigger of the manifest.
struct Trigger<'a> {
    context: &'a FunctionContext<'a>,
    name: &'a str,
    mapping: &'a Mapping,
    cause: Cause,
}

impl Trigger<'_> {
    fn create(&self, after: Vec<StepId>, before: Option<&Mapping>) -> Step {
        let context = self.context;
        let reason = match (before, &context.found.latest) {
            (Some(_), _) => AGAIN,
            (None, None) => "a new function has none",
            (None, Some(_)) => "not in Lambda",
        };
        Step {
            id: id("trigger", &format!("{}/{}", context.wanted.key, self.name)),
            resource: format!("trigger {} of {}", self.name, context.wanted.name),
            action: Action::CreateMapping {
                function: context.wanted.key.clone(),
                trigger: self.name.to_owned(),
                mapping: self.mapping.clone(),
            },
            after,
            reasons: vec![reason.to_owned()],
            changes: self.changes(before),
        }
    }

    fn update(&self, uuid: &str, existing: &Mapping, after: &[StepId]) -> Option<Step> {
        let context = self.context;
        let mut changes = self.changes(Some(existing));
        let tag = named::key_before(context).map(|key| {
            let side = |key: &str| Shown::Value(json!(key));
            let (old, new) = (side(key), side(&context.wanted.key));
            Change::new(format!("tags.{TAG_FUNCTION}"), old, new).because(Cause::Manifest)
        });
        let tags = tag.is_some();
        changes.extend(tag);
        if changes.is_empty() {
            return None;
        }
        Some(Step {
            id: id("trigger", &format!("{}/{}", context.wanted.key, self.name)),
            resource: format!("trigger {} of {}", self.name, context.wanted.name),
            action: Action::UpdateMapping {
                function: context.wanted.key.clone(),
                uuid: uuid.to_owned(),
                mapping: self.mapping.clone(),
                tags,
            },
            after: after.to_vec(),
            reasons: reasons::sentences(&changes, "Lambda"),
            changes,
        })
    }

    /// Every field that differs, with its cause; a consumer group that Lambda chose matches any.
    fn changes(&self, existing: Option<&Mapping>) -> Vec<Change> {
        let fields = |one: Option<&Mapping>| match one.map(|one| json!(one)) {
            Some(Json::Object(fields)) => fields,
            _ => serde_json::Map::new(),
        };
        let (old, mut new) = (fields(existing), fields(Some(self.mapping)));
        if let (Some(group), None) = (old.get(GROUP), new.get(GROUP)) {
            new.insert(GROUP.to_owned(), group.clone());
        }
        let mut names: Vec<&String> = old.keys().chain(new.keys()).collect();
        names.sort();
        names.dedup();
        let side = |fields: &serde_json::Map<String, Json>, name: &String| {
            fields
                .get(name)
                .map_or(Shown::Absent, |value| Shown::Value(value.clone()))
        };
        let changes = names.into_iter().filter_map(|name| {
            let (old, new) = (side(&old, name), side(&new, name));
            (old != new).then(|| Change::new(name.clone(), old, new).because(self.cause))
        });
        changes.collect()
    }
}

/// The name of a field of [`Mapping`].
const GROUP: &str = "consumer_group";
