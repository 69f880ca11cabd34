//! The manifest's names of event sources, and the cause of their changes.

use std::collections::BTreeMap;

use crate::model::{
    Cause, Mapping, MappingState, Push,
    desired::owned,
    mapping::TAG_TRIGGER,
    push::{Source, Wanted},
};

use crate::plan::{context::FunctionContext, managed::Key, ownership, taken};

/// The cause of changes of triggers: the record has the table as a whole.
pub(super) fn cause(context: &FunctionContext) -> Cause {
    let nothing = BTreeMap::new();
    let wanted = context.wanted.reach.triggers.as_ref().unwrap_or(&nothing);
    let found = context.found.reach.mappings.iter();
    let found = found.filter(|(_, one)| !one.is_going());
    let name = |uuid: &String, existing: &MappingState| {
        let of = wanted.iter().find(|(_, one)| one.is_of(&existing.mapping));
        let tagged = || existing.tags.get(TAG_TRIGGER).unwrap_or(uuid).clone();
        of.map_or_else(tagged, |(name, _)| name.clone())
    };
    let ours = |existing: &MappingState| {
        let declared = wanted.values().any(|one| one.is_of(&existing.mapping));
        declared || is_ours(context, existing)
    };
    let existing: BTreeMap<String, &Mapping> = found
        .filter(|(_, existing)| ours(existing))
        .map(|(uuid, existing)| (name(uuid, existing), &existing.mapping))
        .collect();
    let pushes = pushes(context);
    let some = !existing.is_empty() || !pushes.is_empty();
    let cause_of = |text: String| {
        context
            .attribution()
            .key(Key::Triggers, Some(text).filter(|_| some))
    };
    match cause_of(taken::triggers(context.wanted, &existing, &pushes)) {
        // The record is of a manifest that had literal values where it has references now.
        Cause::Both => cause_of(taken::plain(&existing, &pushes)),
        cause => cause,
    }
}

/// Whether the tags of a mapping show that jot made it for the function, under its present or
/// former key.
pub(super) fn is_ours(context: &FunctionContext, existing: &MappingState) -> bool {
    owned(&existing.tags, &context.wanted.ownership)
        || ownership::moved(context.wanted, &existing.tags)
}

/// The function's former key, if its own tags still show it.
pub(super) fn key_before<'a>(context: &FunctionContext<'a>) -> Option<&'a str> {
    let latest = context.found.latest.as_ref()?;
    let moved = ownership::moved(context.wanted, &latest.tags);
    context
        .wanted
        .lifecycle
        .moved_from
        .as_deref()
        .filter(|_| moved)
}

/// The manifest's name of what has this id: `<prefix><name>`, or `<prefix><name>-<6 hex digits>`.
pub(super) fn name(context: &FunctionContext, id: &str) -> String {
    let mut prefixes = context.wanted.reach.push_prefixes();
    let prefix = prefixes.find(|prefix| id.starts_with(prefix));
    in_id(id, prefix.unwrap_or_default()).to_owned()
}

pub(super) fn in_id<'a>(id: &'a str, prefix: &str) -> &'a str {
    let rest = id.strip_prefix(prefix).unwrap_or(id);
    let cut = rest
        .rsplit_once('-')
        .filter(|(_, end)| end.len() == 6 && end.bytes().all(|byte| byte.is_ascii_hexdigit()));
    cut.map_or(rest, |(name, _)| name)
}

/// All existing event sources by the manifest's names, for the record.
fn pushes<'a>(context: &FunctionContext<'a>) -> BTreeMap<String, &'a Push> {
    let found = context.found.reach.pushes.iter();
    let named = found.map(|(id, existing)| {
        let wanted = context.wanted.reach.pushes.iter();
        let mut same = wanted.filter(|(_, one)| is_of(one, id, &existing.push));
        let name = same.next().map(|(name, _)| name.clone());
        let subscribed = || match &existing.push {
            Push::Subscription(_) => subscribed(context, &existing.push.source(id)),
            _ => None,
        };
        let name = name.or_else(subscribed);
        (
            name.unwrap_or_else(|| self::name(context, id)),
            &existing.push,
        )
    });
    named.collect()
}

/// The manifest's name of the subscription at this source, by the policy statement that lets it
/// call.
fn subscribed(context: &FunctionContext, source: &Source) -> Option<String> {
    let of_jot = |id: &String| {
        let mut prefixes = context.wanted.reach.push_prefixes();
        prefixes.any(|prefix| id.starts_with(prefix))
    };
    let mut statements = context.found.reach.statements.iter();
    let found = statements.find(|(id, one)| of_jot(id) && Source::of(one).as_ref() == Some(source));
    found.map(|(id, _)| name(context, id))
}

/// Whether this is the wanted event source.
///
/// SNS has at most one subscription per topic and function.
pub(super) fn is_of(wanted: &Wanted, id: &str, existing: &Push) -> bool {
    match (&wanted.push, existing) {
        (Push::Subscription(one), Push::Subscription(existing)) => one.topic == existing.topic,
        _ => wanted.id == id,
    }
}
