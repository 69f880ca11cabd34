//! A function's tags: the user's, and jot's own, which explain but never decide.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use crate::model::{
    Action, Change, Step, StepId,
    desired::{RELEASE_LATEST, TAG_DIGEST, TAG_FINGERPRINT, TAG_FUNCTION, TAG_HELD, TAG_RELEASE},
    observed::LATEST,
    recipe::INPUT_VERSION,
    value::{Shown, Value},
};

use super::{
    builder::{PlanBuilder, id},
    context::FunctionContext,
    managed::{self, Key},
    ownership,
    parts::{self, INPUTS},
    reasons, record,
};

/// The step that writes the tags that differ, if any.
///
/// It comes after everything that the tags record.
pub(super) fn plan(
    context: &FunctionContext,
    after: Vec<StepId>,
    builder: &mut PlanBuilder,
) -> Option<StepId> {
    let nothing = context.wanted.ownership.clone();
    let current = context
        .found
        .latest
        .as_ref()
        .map_or(&nothing, |latest| &latest.tags);
    let left = managed::left(context.wanted, current).contains(&Key::Tags);
    let users = users(context, current);
    let mut changes = missing(&users, current);
    let mut remove = Vec::new();
    if context.wanted.tags.is_some() || left {
        let current = context.wanted.lifecycle.managed_tags(current);
        let gone = current
            .into_iter()
            .filter(|(key, _)| is_users(key) && !users.contains_key(key));
        for (key, value) in gone {
            remove.push(key.clone());
            changes.push(Change::new(
                format!("tags.{key}"),
                Shown::Value(json!(value)),
                Shown::Absent,
            ));
        }
    }
    // jot's own tags belong to the last successful apply.
    let mut set = match context.stays() {
        true => BTreeMap::new(),
        false => own(context),
    };
    if !context.stays() && current.contains_key(TAG_HELD) && !holds(context, builder) {
        remove.push(TAG_HELD.to_owned());
    }
    if ownership::moved(context.wanted, current) {
        let owner = &context.wanted.ownership[TAG_FUNCTION];
        let key = BTreeMap::from([(TAG_FUNCTION.to_owned(), owner.clone())]);
        changes.extend(missing(&key, current));
        set.insert(TAG_FUNCTION.to_owned(), Value::Known(owner.clone()));
    }
    let changes = context.attribution().tags(changes, current);
    set.extend(
        users
            .into_iter()
            .map(|(key, value)| (key, Value::Known(value))),
    );
    set.retain(
        |key, value| !matches!(value, Value::Known(value) if current.get(key) == Some(value)),
    );
    if let Some(release) = release(context, &set, builder) {
        set.insert(TAG_RELEASE.to_owned(), release);
    }
    if set.is_empty() && remove.is_empty() {
        return None;
    }
    Some(builder.add(Step {
        id: id("tags", &context.wanted.key),
        resource: format!("function {}", context.wanted.name),
        action: Action::TagFunction {
            function: context.wanted.key.clone(),
            set,
            remove,
        },
        reasons: reasons(context, &after, &changes),
        after,
        changes,
    }))
}

/// The new value of [`TAG_RELEASE`]; `None` if it is current.
///
/// A function that never had the tag gets it with other tags or with a new version, and not by a
/// step of its own.
fn release(
    context: &FunctionContext,
    set: &BTreeMap<String, Value<String>>,
    builder: &PlanBuilder,
) -> Option<Value<String>> {
    if context.stays() {
        return None;
    }
    if context.wanted.deploy.alias.is_none() {
        let changed = set.contains_key(TAG_FINGERPRINT) || set.contains_key(record::CONFIG);
        return changed.then(|| Value::Known(RELEASE_LATEST.to_owned()));
    }
    let published = id("version", &context.wanted.key);
    if builder.steps.iter().any(|step| step.id == published) {
        return Some(Value::From(published));
    }
    let current = context.found.latest.as_ref()?.tags.get(TAG_RELEASE);
    if current.is_none() && set.is_empty() {
        return None;
    }
    let recorded = current.and_then(|recorded| recorded.split(' ').next());
    let version = &context.found.alias.as_ref()?.version;
    let differs = recorded != Some(version) && version != LATEST;
    differs.then(|| Value::Known(version.clone()))
}

/// Whether the alias continues to record a held release: no step gives it another one.
fn holds(context: &FunctionContext, builder: &PlanBuilder) -> bool {
    let key = &context.wanted.key;
    let released = builder
        .steps
        .iter()
        .any(|step| matches!(&step.action, Action::SetAlias { function, .. } if function == key));
    let record = context
        .found
        .alias
        .as_ref()
        .and_then(|alias| alias.releases());
    !released && record.is_some_and(|record| !record.held.is_empty())
}

/// The user's tags to set.
///
/// Tags that are left to others are set at creation only: until an apply has succeeded, which jot's
/// own tags show, and if the tag is unset.
fn users(
    context: &FunctionContext,
    current: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let all = context.wanted.tags.clone().unwrap_or_default();
    let mut users = context.wanted.lifecycle.managed_tags(&all);
    if !current.contains_key(managed::TAG) {
        let unset = all
            .into_iter()
            .filter(|(key, _)| !current.contains_key(key));
        users.extend(unset);
    }
    users
}

/// Changes for tags that are missing or have another value; other tags are ignored.
pub(super) fn missing(
    wanted: &BTreeMap<String, String>,
    current: &BTreeMap<String, String>,
) -> Vec<Change> {
    let differing = wanted
        .iter()
        .filter(|(key, value)| current.get(*key) != Some(value));
    let change = |(key, value): (&String, &String)| {
        let old = current.get(key);
        Change::new(
            format!("tags.{key}"),
            old.map_or(Shown::Absent, |old| Shown::Value(json!(old))),
            Shown::Value(json!(value)),
        )
    };
    differing.map(change).collect()
}

/// jot's own tags, except for those of ownership.
fn own(context: &FunctionContext) -> BTreeMap<String, Value<String>> {
    let digest = match &context.digest {
        Value::Known(digest) => Value::Known(digest.as_str().to_owned()),
        Value::From(push) => Value::From(push.clone()),
    };
    let known = [
        (TAG_FINGERPRINT, context.wanted.code.tag().to_owned()),
        (INPUTS, inputs(context)),
        (managed::TAG, managed::encode(&set(context))),
    ];
    let known = known
        .into_iter()
        .chain(record::write(context.wanted, context.repository_wanted));
    let mut own: BTreeMap<_, _> = known
        .map(|(tag, value)| (tag.to_owned(), Value::Known(value)))
        .collect();
    own.insert(TAG_DIGEST.to_owned(), digest);
    own
}

/// The keys that jot has set.
///
/// A key with an unknown value is excluded, unless it was included before.
fn set(context: &FunctionContext) -> BTreeSet<Key> {
    let mut keys = managed::of(context.wanted);
    let set = managed::set(context.wanted);
    keys.retain(|key| set.contains(key) || context.record.managed.contains(key));
    keys
}

/// The value of [`INPUTS`].
///
/// If it differs only in jot's version, the old one stays, because that version does not affect the
/// image.
fn inputs(context: &FunctionContext) -> String {
    let mut now = context.inputs.clone();
    if let Some(before) = &context.record.inputs {
        let version = |inputs: &BTreeMap<String, String>| inputs.get(INPUT_VERSION).cloned();
        let recorded = version(before);
        let mut same = parts::decode(&parts::encode(&now));
        same.remove(INPUT_VERSION);
        same.extend(
            recorded
                .clone()
                .map(|recorded| (INPUT_VERSION.to_owned(), recorded)),
        );
        if let Some(recorded) = recorded
            && same == *before
        {
            now.insert(INPUT_VERSION.to_owned(), recorded);
        }
    }
    parts::encode(&now)
}

fn reasons(context: &FunctionContext, after: &[StepId], changes: &[Change]) -> Vec<String> {
    let latest = context.found.latest.as_ref();
    let moved = latest.is_some_and(|latest| ownership::moved(context.wanted, &latest.tags));
    if latest.is_some() && !changes.is_empty() && !moved {
        return reasons::sentences(changes, "Lambda");
    }
    let reason = match after {
        _ if moved => reasons::MOVED,
        [] => "jot's own tags record an earlier state",
        _ => "records what was applied",
    };
    vec![reason.to_owned()]
}

/// Whether a tag is neither AWS's nor jot's.
fn is_users(key: &str) -> bool {
    !key.starts_with("aws:") && !key.starts_with("jot:")
}
